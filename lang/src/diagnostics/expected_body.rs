//! E0123: a body is missing.
//!
//! Resources, providers, environments, overlays and projects have a body in braces, which opens on
//! the line where the declaration ends.
//!
//! ```sync
//! resource local.file motd
//! {
//! }
//! ```
//!
//! ```sync
//! resource local.file motd {
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0123", summary: "a body is missing" };

/// Returns the report that a word stands before the `{` that is no `extends` and no `with`; `near` is
/// the one that is meant.
#[must_use]
pub fn misspelled(span: Span, found: &str, near: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected a body in braces, found {found}"))
        .label(span, "expected `{`")
        .help(format!("Did you mean `{near}`?"))
        .suggest(span, near)
}

/// Returns the report that no `{` follows; `next_line` when it stands on a line of its own.
#[must_use]
pub fn expected_body(span: Span, found: &str, next_line: bool) -> Diagnostic {
    if next_line {
        return Diagnostic::error(CODE, "the `{` belongs at the end of the line before")
            .label(span, "move it up")
            .help("A body opens on the line where its declaration ends.");
    }
    Diagnostic::error(CODE, format!("expected a body in braces, found {found}"))
        .label(span, "expected `{`")
        .help("Write `{ ... }`; an empty body is `{}`.")
}
