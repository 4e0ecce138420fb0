//! E0129: the name of what is changed is computed.
//!
//! What is changed must be named outright, so that it can be read off the source.
//!
//! ```sync
//! "tag-${n}" = 1
//! ```
//!
//! Write a map, whose keys may be computed:
//!
//! ```sync
//! tags = { "tag-${n}" = 1 }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0129", summary: "the name of what is changed is computed" };

/// Returns the report about a name with `${}`.
#[must_use]
pub fn computed_target(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a name here cannot be computed")
        .label(span, "this has `${}`")
        .help("Only keys of a map may have `${}`.")
}
