//! E0501: an operation failed on the values it was given.
//!
//! The types fit, as far as they are known, but these values do not: a key that a map does not
//! have, a division by zero, a text that is no number, a sum of two maps with a key in common.
//! An operation on values that are known only after an apply fails then, and has no place in the
//! source any more.
//!
//! ```sync
//! environment dev {
//!   let ports = { http = 80 }
//!   let port  = ports["htp"]
//! }
//! ```
//!
//! ```sync
//! environment dev {
//!   let ports = { http = 80 }
//!   let port  = ports["http"]
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::ops::OpError;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0501", summary: "an operation failed" };

/// Returns the report about an operation that stands at a place.
#[must_use]
pub fn diagnostic(error: &OpError, span: Span) -> Diagnostic {
    without_place(error).label(span, "")
}

/// Returns the report about an operation whose place is not known: one of a residual.
#[must_use]
pub fn without_place(error: &OpError) -> Diagnostic {
    let diagnostic = Diagnostic::error(CODE, error.message.clone());
    match &error.help {
        Some(help) => diagnostic.help(help.clone()),
        None => diagnostic,
    }
}
