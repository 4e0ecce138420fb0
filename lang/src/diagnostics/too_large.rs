//! E0315: a value is too large.
//!
//! Work is bounded, so that no source can exhaust a machine.
//!
//! ```sync
//! let all = [for i in range(100000000): i]
//! ```
//!
//! Mend it:
//!
//! ```sync
//! let all = [for i in range(1000): i]
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0315", summary: "a value is too large" };

/// Returns the report about too many elements.
pub(crate) fn elements(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, format!("this makes more than {limit} elements"))
        .label(span, "too many")
        .help("Split it up, or make fewer.")
}
