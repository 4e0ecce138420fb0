//! E0124: a part of a conditional is missing.
//!
//! A choice has three parts, and a check two.
//!
//! ```sync
//! let size = if big then 10
//! ensure size > 1
//! ```
//!
//! ```sync
//! let size = if big then 10 else 1
//! ensure size > 1 else "too small"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0124", summary: "a part of a conditional is missing" };

/// Returns the report that `word` (`then` or `else`) is missing.
#[must_use]
pub fn incomplete_conditional(span: Span, word: &str, found: &str, is_check: bool) -> Diagnostic {
    let form = if is_check {
        "A check is `ensure condition else \"message\"`."
    } else {
        "A choice is `if condition then a else b`; both values are needed."
    };
    Diagnostic::error(CODE, format!("expected `{word}`, found {found}"))
        .label(span, format!("expected `{word}`"))
        .help(form)
}
