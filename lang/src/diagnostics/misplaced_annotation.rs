//! E0127: an annotation stands outside of a body.
//!
//! Annotations such as `@protect` stand inside the body that they are about.
//!
//! ```sync
//! environment prod extends base {
//!   @protect
//!   database { size = 3 }
//! }
//! ```
//!
//! ```sync
//! environment prod extends base {
//!   database { @protect  size = 3 }
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0127", summary: "an annotation stands outside of a body" };

/// Returns the report about an annotation.
#[must_use]
pub fn misplaced_annotation(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`@{name}` stands outside of a body"))
        .label(span, "annotations belong inside of braces")
        .help(format!("Write `name {{ @{name} ... }}`."))
}
