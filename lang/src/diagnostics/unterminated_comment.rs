//! E0103: a comment is never closed.
//!
//! A comment that starts with `/*` goes on to the next `*/`.
//!
//! ```sync
//! /* to be done
//! let a = 1
//! ```
//!
//! Close it, or use `//`, which ends with the line:
//!
//! ```sync
//! // to be done
//! let a = 1
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0103", summary: "a comment is never closed" };

/// Returns the report about a `/*`.
#[must_use]
pub fn unterminated_comment(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this comment is never closed")
        .label(span, "opened here")
        .help("Add `*/`, or start the comment with `//`.")
}
