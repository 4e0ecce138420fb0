//! E0131: an arm is never reached.
//!
//! The first arm that fits is taken, so one behind `_`, or one for a literal that has been, never is.
//!
//! ```sync
//! let size = match tier { _ => 1, "gold" => 4 }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! let size = match tier { "gold" => 4, _ => 1 }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0131", summary: "an arm is never reached" };

/// Returns the report about an arm behind `_`.
pub(crate) fn behind_all(span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this arm is never reached")
        .label(span, "never taken")
        .label(first, "`_` takes everything")
        .help("Move `_` to the end, or take the arm out.")
}

/// Returns the report about a literal that has an arm already.
pub(crate) fn twice(text: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{text}` has an arm already"))
        .label(span, "never taken")
        .label(first, "taken here")
        .help("Take one of them out.")
}
