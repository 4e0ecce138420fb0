//! E0304: there is no such attribute.
//!
//! A resource has the attributes of its provider's schema: `syncline providers schema` prints them.
//!
//! ```sync
//! resource local.file motd {
//!   path    = "motd"
//!   contnet = "hello"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource local.file motd {
//!   path    = "motd"
//!   content = "hello"
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::near::nearest;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0304", summary: "there is no such attribute" };

/// Returns the report about an attribute's name.
pub(crate) fn diagnostic<'a>(
    name: &str,
    span: Span,
    type_name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let diagnostic = Diagnostic::error(CODE, format!("`{type_name}` has no attribute `{name}`"))
        .label(span, "not found");
    match nearest(name, known.iter().copied()) {
        None if habit(name).is_some() => diagnostic.help(habit(name).unwrap_or_default()),
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None if known.is_empty() => diagnostic.help("It has none."),
        None => {
            let more = if known.len() > 20 { ", ..." } else { "" };
            let shown = &known[..known.len().min(20)];
            diagnostic.help(format!("It has: {}{more}.", shown.join(", ")))
        }
    }
}

/// Returns what stands for a meta-argument of other tools.
fn habit(name: &str) -> Option<&'static str> {
    Some(match name {
        "count" => "Several are made by keys behind the name: `web[i in range(3)] { ... }`.",
        "for_each" => "Several are made by keys behind the name: `web[key in keys] { ... }`.",
        "depends_on" | "dependsOn" => "What comes first is named by `@after(other)`.",
        "lifecycle" => {
            "Write an annotation: `@protect`, `@ignore(attribute)` or `@replace(create_first)`."
        }
        "provider" => "A provider's alias is chosen by `@provider(name.alias)`.",
        _ => return None,
    })
}

/// Returns the report about an attribute that only the provider sets.
pub(crate) fn read_only(name: &str, span: Span, type_name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` of `{type_name}` is set by the provider alone"))
        .label(span, "cannot be configured")
        .help("Take it out; other members may read it.")
}
