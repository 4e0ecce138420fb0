//! E0101: a bracket is never closed.
//!
//! A `{`, `[`, `(` or `${` has no partner. It is reported where it stands; where several could be
//! meant, the indentation decides.
//!
//! ```sync
//! environment dev extends base {
//!   tags = { owner = "web"
//! }
//! ```
//!
//! Close it:
//!
//! ```sync
//! environment dev extends base {
//!   tags = { owner = "web" }
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0101", summary: "a bracket is never closed" };

/// Returns the report about an opener; `opener` is its text.
#[must_use]
pub fn unclosed_delimiter(span: Span, opener: &str) -> Diagnostic {
    let closer = match opener {
        "[" => "]",
        "(" => ")",
        _ => "}",
    };
    Diagnostic::error(CODE, format!("this `{opener}` is never closed"))
        .label(span, "opened here")
        .help(format!("Add the `{closer}` that closes it."))
}
