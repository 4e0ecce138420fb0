//! E0118: an operator is written as a word.
//!
//! The logical operators are `&&`, `||` and `!`.
//!
//! ```sync
//! ensure a and not b else "no"
//! ```
//!
//! ```sync
//! ensure a && !b else "no"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0118", summary: "an operator is written as a word" };

/// Returns the report about a word, and the operator that it means.
#[must_use]
pub fn word_operator(span: Span, word: &str, operator: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{word}` is written `{operator}`"))
        .label(span, format!("write `{operator}`"))
        .help("The logical operators are `&&`, `||` and `!`.")
        .mend(span, operator)
}
