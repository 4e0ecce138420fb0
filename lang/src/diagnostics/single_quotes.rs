//! E0111: single quotes do not quote.
//!
//! Strings stand in double quotes.
//!
//! ```sync
//! let owner = 'web'
//! ```
//!
//! ```sync
//! let owner = "web"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0111", summary: "single quotes do not quote" };

/// Returns the report about a `'`; `content` is what it quotes when it is closed on its line.
#[must_use]
pub fn single_quotes(span: Span, content: Option<&str>) -> Diagnostic {
    let report = Diagnostic::error(CODE, "strings stand in double quotes")
        .label(span, "single quotes do not quote");
    match content {
        Some(content) if !content.contains(['"', '\\']) => {
            let string = format!("\"{content}\"");
            report.help(format!("Write `{string}`.")).mend(span, string)
        }
        Some(_) | None => report.help("Use `\"`."),
    }
}
