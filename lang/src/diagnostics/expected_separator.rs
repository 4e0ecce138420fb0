//! E0110: a separator is missing.
//!
//! Elements, entries and members are separated by a `,` or by the end of a line.
//!
//! ```sync
//! let sizes = [1 2]
//! ```
//!
//! Separate them:
//!
//! ```sync
//! let sizes = [1, 2]
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0110", summary: "a separator is missing" };

/// Returns the report that `found` follows without a separator.
///
/// `gap` is the empty place behind what stands before it.
#[must_use]
pub fn expected_separator(span: Span, gap: Span, found: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected `,` or a new line, found {found}"))
        .label(span, "this must be separated from what stands before it")
        .help("Put a `,` before it, or start a new line.")
        .mend(gap, ",")
}
