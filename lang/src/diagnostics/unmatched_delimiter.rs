//! E0104: a bracket closes nothing.
//!
//! A `}`, `]` or `)` stands where no such bracket is open.
//!
//! ```sync
//! let sizes = [1, 2]]
//! ```
//!
//! Remove it, or add the bracket that it closes:
//!
//! ```sync
//! let sizes = [1, 2]
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0104", summary: "a bracket closes nothing" };

/// Returns the report about a closer.
#[must_use]
pub fn unmatched_delimiter(span: Span, closer: u8) -> Diagnostic {
    let (closer, opener) = match closer {
        b']' => (']', '['),
        b')' => (')', '('),
        _ => ('}', '{'),
    };
    Diagnostic::error(CODE, format!("this `{closer}` closes nothing"))
        .label(span, "no bracket of this kind is open here")
        .help(format!("Remove it, or add the `{opener}` that it closes."))
}
