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

/// Returns the report about a `=`; `compares` where nothing but a comparison can be meant.
#[must_use]
pub fn assignment_in_expression(span: Span, compares: bool) -> Diagnostic {
    let report = Diagnostic::error(CODE, "`=` does not compare")
        .label(span, "a value cannot be assigned here")
        .help("Compare with `==`.");
    if compares { report.mend(span, "==") } else { report.suggest(span, "==") }
}
