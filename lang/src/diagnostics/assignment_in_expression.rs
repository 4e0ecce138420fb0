//! E0120: a `=` stands inside an expression.
//!
//! Two values are compared with `==`; `=` gives a value to a name.
//!
//! ```sync
//! ensure tier = "gold" else "no"
//! ```
//!
//! ```sync
//! ensure tier == "gold" else "no"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0120", summary: "a `=` stands inside an expression" };

/// Returns the report about a `=`.
#[must_use]
pub fn assignment_in_expression(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "`=` does not compare")
        .label(span, "a value cannot be assigned here")
        .help("Compare with `==`.")
        .mend(span, "==")
}
