//! E0330: a `match` does not fit what it looks at.
//!
//! One arm of a `match` is taken, whatever the value: every literal of the subject's type has an arm,
//! or `_` stands for all else. A literal that the type does not have is a mistake, too.
//!
//! ```sync
//! environment dev {
//!   param tier: "free" | "gold" = "free"
//!   let size = match tier { "free" => 1 }
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   param tier: "free" | "gold" = "free"
//!   let size = match tier { "free" => 1, "gold" => 4 }
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span, Type, Value};

use crate::near::nearest;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0330", summary: "a `match` does not fit what it looks at" };

fn listed(values: &[&Value]) -> String {
    let shown: Vec<String> = values.iter().take(8).map(|value| format!("`{value}`")).collect();
    let more = if values.len() > 8 { ", ..." } else { "" };
    shown.join(", ") + more
}

/// Returns the report about values of the subject's type that no arm takes.
pub(crate) fn missing(values: &[&Value], subject: Span, span: Span) -> Diagnostic {
    let arms: Vec<String> =
        values.iter().take(8).map(|value| format!("`{value} => ...`")).collect();
    Diagnostic::error(CODE, format!("no arm takes {}", listed(values)))
        .label(subject, "may be that")
        .label(span, "of this `match`")
        .help(format!("Add {}, or `_ => ...` for all else.", arms.join(" and ")))
}

/// Returns the report about a `match` without `_` on a type that has any number of values.
pub(crate) fn open(ty: Option<&Type>, subject: Span, span: Span) -> Diagnostic {
    let message = match ty {
        Some(ty) => format!("`{ty}` may be anything, and not all of it has an arm"),
        None => "what this may be cannot be told, and not all of it has an arm".to_owned(),
    };
    Diagnostic::error(CODE, message)
        .label(subject, "may be anything")
        .label(span, "of this `match`")
        .help("Add `_ => ...` for all else, or give it a type of few values: `\"a\" | \"b\"`.")
}

/// Returns the report about a literal that the subject never is; `left` are the values that it may
/// be and that have no arm.
pub(crate) fn never(pattern: &Value, left: &[&Value], span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(CODE, format!("it is never `{pattern}`"))
        .label(span, "not among its values");
    let texts = left.iter().filter_map(|value| value.as_str());
    match pattern.as_str().and_then(|text| nearest(text, texts)) {
        Some(near) => diagnostic
            .help(format!("Did you mean `\"{near}\"`?"))
            .suggest(span, format!("\"{near}\"")),
        None if left.is_empty() => {
            diagnostic.help("Take it out: every value that it may be has an arm.")
        }
        None => diagnostic.help(format!("No arm takes {} yet.", listed(left))),
    }
}

/// Returns the report about a value that no arm takes.
pub(crate) fn no_arm(value: &Value, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("no arm takes `{value}`"))
        .label(span, "is that")
        .help("Add an arm for it, or `_ => ...` for all else.")
}
