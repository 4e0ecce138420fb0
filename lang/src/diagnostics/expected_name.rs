//! E0122: a name is missing.
//!
//! A declaration's keyword is followed by a name: letters, digits and `_`, with no digit first.
//!
//! ```sync
//! param 2nd: string
//! ```
//!
//! ```sync
//! param second: string
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0122", summary: "a name is missing" };

/// Returns the report that a name is missing `place`, such as "after `param`".
#[must_use]
pub fn expected_name(span: Span, place: &str, found: &str) -> Diagnostic {
    let gap = if place.is_empty() { "" } else { " " };
    Diagnostic::error(CODE, format!("expected a name{gap}{place}, found {found}"))
        .label(span, "expected a name")
        .help(match found {
            "`in`" | "`if`" | "`true`" | "`false`" | "`null`" | "`super`" => {
                "This is a word of the language: add a letter, or `_`, to make it a name."
            }
            _ => "A name has letters, digits and `_`, and starts with no digit.",
        })
}

/// Returns the report about a name with a `-` in it.
#[must_use]
pub fn hyphen(span: Span, name: &str) -> Diagnostic {
    let mended = name.replace('-', "_");
    Diagnostic::error(CODE, format!("a name has no `-`, and this is `{name}`"))
        .label(span, "`-` subtracts")
        .help(format!("Write `{mended}`; what the provider calls it is up to its attributes."))
        .suggest(span, mended)
}
