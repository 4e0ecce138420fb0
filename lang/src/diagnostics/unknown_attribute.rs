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

use crate::near::{longer, nearest};

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
    let near = nearest(name, known.iter().copied()).or_else(|| longer(name, known.iter().copied()));
    match (near, habit(name)) {
        (Some(near), habit) => {
            let meant = format!("Did you mean `{near}`?");
            let help = habit.map_or(meant.clone(), |habit| format!("{meant} {habit}"));
            diagnostic.help(help).suggest(span, near)
        }
        (None, Some(habit)) => diagnostic.help(habit),
        (None, None) if known.is_empty() => diagnostic.help("It has none."),
        (None, None) => {
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

#[cfg(test)]
mod tests {
    use syncline_model::FileId;

    use super::*;

    #[test]
    fn an_attribute_comes_before_what_the_name_means_elsewhere() {
        let help = |name: &str, known: &[&str]| {
            let span = Span::new(FileId(0), 0, 0);
            diagnostic(name, span, "a.b", known.iter().copied()).help.unwrap_or_default()
        };
        let keys = "Several are made by keys behind the name: `web[i in range(3)] { ... }`.";
        assert_eq!(help("count", &["input"]), keys);
        let both = format!("Did you mean `result_count`? {keys}");
        assert_eq!(help("count", &["input", "result_count"]), both);
        assert_eq!(help("fail", &["fail_on", "name"]), "Did you mean `fail_on`?");
        assert_eq!(help("on", &["fail_on", "log_on"]), "It has: fail_on, log_on.");
    }
}
