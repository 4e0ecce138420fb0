//! E0107: a type is missing.
//!
//! A type must follow `:` and, in a `type` declaration, `=`.
//!
//! ```sync
//! param domain:
//! ```
//!
//! Write the type, or leave the `:` out where there is a default:
//!
//! ```sync
//! param domain: string
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0107", summary: "a type is missing" };

/// Returns the report that a type is missing `place`, such as "after `:`".
#[must_use]
pub fn expected_type(span: Span, place: &str, found: &str) -> Diagnostic {
    let gap = if place.is_empty() { "" } else { " " };
    Diagnostic::error(CODE, format!("expected a type{gap}{place}, found {found}"))
        .label(span, "expected a type")
        .help("A type is for example `string`, `int`, `[string]` or `{ name: string, port: int }`.")
}
