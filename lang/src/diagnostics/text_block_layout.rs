//! E0126: text stands on the opening line of a block.
//!
//! A block of text starts on the line behind its `"""`.
//!
//! ```sync
//! let poem = """Two
//!   lines
//!   """
//! ```
//!
//! ```sync
//! let poem = """
//!   Two
//!   lines
//!   """
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0126", summary: "text stands on the opening line of a block" };

/// Returns the report about text behind the opening quotes.
#[must_use]
pub fn text_block_layout(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a block of text starts on the line behind its `\"\"\"`")
        .label(span, "move this to the next line")
        .help("Start a new line behind `\"\"\"`; for text of one line use `\"`.")
}
