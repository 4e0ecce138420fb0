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

use syncline_model::{Code, Diagnostic, Span, nearest};

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
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near),
        None if known.is_empty() => diagnostic.help("It has none."),
        None => {
            let more = if known.len() > 20 { ", ..." } else { "" };
            let shown = &known[..known.len().min(20)];
            diagnostic.help(format!("It has: {}{more}.", shown.join(", ")))
        }
    }
}

/// Returns the report about an attribute that only the provider sets.
pub(crate) fn read_only(name: &str, span: Span, type_name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` of `{type_name}` is set by the provider alone"))
        .label(span, "cannot be configured")
        .help("Take it out; other members may read it.")
}
