//! E0110: a separator is missing.
//!
//! Elements, entries and members are separated by a `,` or by the end of a line.
//!
//! ```sync
//! let sizes = [1 2]
//! ```
//!
//! Separate them:
//!
//! ```sync
//! let sizes = [1, 2]
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0110", summary: "a separator is missing" };

/// Returns the report that `found` follows without a separator between brackets.
///
/// `gap` is the empty place behind what stands before it.
#[must_use]
pub fn inside(span: Span, gap: Span, found: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected `,` or a new line, found {found}"))
        .label(span, LABEL)
        .help("Put a `,` before it, or start a new line.")
        .mend(gap, ",")
}

/// Returns the report that a member starts on the line where another one stands.
#[must_use]
pub fn between_members(span: Span, gap: Span, found: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected `,` or a new line, found {found}"))
        .label(span, LABEL)
        .help("Put a `,` before it, or start a new line.")
        .suggest(gap, ",")
}

/// Returns the report that a declaration at the top of a file starts on the line of another one.
#[must_use]
pub fn between_items(span: Span, gap: Span, found: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected a new line, found {found}"))
        .label(span, LABEL)
        .help("Start a new line.")
        .suggest(gap, "\n")
}

const LABEL: &str = "this must be separated from what stands before it";
