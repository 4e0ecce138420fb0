//! E0119: a choice is written with `? :`.
//!
//! A choice between two values is `if ... then ... else ...`.
//!
//! ```sync
//! let size = big ? 10 : 1
//! ```
//!
//! ```sync
//! let size = if big then 10 else 1
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0119", summary: "a choice is written with `? :`" };

/// Returns the report about a `?`; `mended` is the whole expression, when its parts are plain.
#[must_use]
pub fn ternary(span: Span, mended: Option<&str>) -> Diagnostic {
    let mended = mended.unwrap_or("if condition then a else b");
    Diagnostic::error(CODE, "there is no `? :` in this language")
        .label(span, "expected an operator or the end of the expression")
        .help(format!("Write `{mended}`."))
}
