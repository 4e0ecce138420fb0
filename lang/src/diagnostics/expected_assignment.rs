//! E0108: a `=` is missing.
//!
//! A name is followed by `=` and its value, by `+=` and what is added, or by `{` and what is amended
//! inside.
//!
//! ```sync
//! environment dev extends base {
//!   replicas 3
//! }
//! ```
//!
//! Write the `=`:
//!
//! ```sync
//! environment dev extends base {
//!   replicas = 3
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0108", summary: "a `=` is missing" };

/// Returns the report that nothing that gives a value follows `name`.
#[must_use]
pub fn expected_assignment(span: Span, name: &str, found: &str, can_amend: bool) -> Diagnostic {
    let expected = if can_amend { "`=`, `+=` or `{`" } else { "`=`" };
    let behind = if name.is_empty() { String::new() } else { format!(" after `{name}`") };
    Diagnostic::error(CODE, format!("expected {expected}{behind}, found {found}"))
        .label(span, format!("expected {expected}"))
}
