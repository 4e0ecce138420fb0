//! E0112: `#` does not start a comment.
//!
//! Comments start with `//`.
//!
//! ```sync
//! # the web server
//! ```
//!
//! ```sync
//! // the web server
//! ```
//!
//! A colour, which starts with `#` elsewhere, is a string: `"#ff8800"`.

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0112", summary: "`#` does not start a comment" };

/// Returns the report about a `#`.
#[must_use]
pub fn hash_comment(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "comments start with `//`, not with `#`")
        .label(span, "write `//`")
        .help("Use `//` for a comment of one line, `/* */` for more.")
        .mend(span, "//")
}

/// Returns the report about a colour without quotes, where a value is expected.
#[must_use]
pub fn colour(span: Span, written: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{written}` stands without quotes"))
        .label(span, "no value")
        .help(format!("A colour is a string: `\"{written}\"`."))
        .suggest(span, format!("\"{written}\""))
}
