//! E0302: a value breaks its type's condition.
//!
//! A type with `where` takes only the values for which the condition holds.
//!
//! ```sync
//! environment dev {
//!   param replicas: int where it >= 1 = 0
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   param replicas: int where it >= 1 = 1
//! }
//! ```

use syncline_model::{Code, Diagnostic, Refinement, Span, Value};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0302", summary: "a value breaks its type's condition" };

/// Returns the report about a value; `condition` is where the condition stands.
pub(crate) fn diagnostic(
    value: &Value,
    refinement: &Refinement,
    span: Span,
    condition: Span,
    what: &Option<String>,
) -> Diagnostic {
    let subject = what.as_ref().map_or_else(|| "the value".to_owned(), |what| format!("`{what}`"));
    let text = &refinement.text;
    Diagnostic::error(CODE, format!("{subject} is `{value}`, which breaks `where {text}`"))
        .label(span, format!("`{value}`"))
        .label(condition, "must hold for `it`")
        .help("Give a value for which the condition holds.")
}
