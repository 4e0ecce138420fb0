//! E0105: the text is nested too deeply.
//!
//! Brackets and conditionals may nest 128 deep, and an expression may be 256 operations high, so that
//! no text can exhaust the machine.
//!
//! ```sync
//! let n = 1 + 1 + 1 // and several hundred more
//! ```
//!
//! Name a part with `let`, or use a function such as `sum([...])`.

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0105", summary: "the text is nested too deeply" };

/// Returns the report about brackets and conditionals.
#[must_use]
pub fn brackets(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, format!("brackets and conditionals nest more than {limit} deep"))
        .label(span, "one too many")
        .help("Name an inner part with `let`.")
}

/// Returns the report about a long chain of operations.
#[must_use]
pub fn operations(span: Span, limit: u32) -> Diagnostic {
    Diagnostic::error(CODE, format!("this expression is more than {limit} operations deep"))
        .label(span, "too many operations in one expression")
        .help("Name a part with `let`, or put the operands into a list and use a function on it.")
}
