//! E0102: a string is never closed.
//!
//! A string in `"` ends on the line where it starts, and so does every `${` in it. A block of text
//! in `"""` ends with `"""`.
//!
//! ```sync
//! let greeting = "hello
//! ```
//!
//! Close it, or write a block of text:
//!
//! ```sync
//! let greeting = "hello"
//! let poem = """
//!   Two
//!   lines
//!   """
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0102", summary: "a string is never closed" };

/// Returns the report about a string that the line's end cuts off.
#[must_use]
pub fn unterminated_string(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this string is not closed on its line")
        .label(span, "the string starts here")
        .help("Add the closing `\"`; for text of several lines use `\"\"\"`.")
}

/// Returns the report about `${` in a string that the line's end cuts off; `has_texts` where a quote stands behind it.
#[must_use]
pub fn unclosed_interpolation(open: Span, string: Span, has_texts: bool) -> Diagnostic {
    let quote = Span::new(string.file, string.start, string.start + 1);
    let report = Diagnostic::error(CODE, "this `${` is not closed on its line")
        .label(open, "opened here")
        .label(quote, "in the string that starts here")
        .help("Put a `}` before the closing `\"`; write `\\${` for the two characters themselves.");
    if !has_texts {
        return report;
    }
    report.note(
        "Up to its `}` an expression goes on: a `\"` in it starts or ends a string of its own.",
    )
}

/// Returns the report about a block of text without an end.
#[must_use]
pub fn unterminated_block(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this block of text is never closed")
        .label(span, "opened here")
        .help("Add a line with `\"\"\"`.")
}
