//! E0100: the text does not fit the language.
//!
//! Something stands where nothing of its kind can stand.
//!
//! ```sync
//! let total = 1 2
//! ```
//!
//! Remove it, or put between the two what joins them:
//!
//! ```sync
//! let total = 1 + 2
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0100", summary: "the text does not fit the language" };

/// Returns the report that `found` stands where only `expected` can; both in the user's words.
#[must_use]
pub fn unexpected(span: Span, expected: &str, found: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected {expected}, found {found}"))
        .label(span, format!("expected {expected}"))
}

/// Returns the report about what can stand nowhere near; in the user's words.
#[must_use]
pub fn out_of_place(span: Span, found: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("{found} has no meaning here")).label(span, "out of place")
}
