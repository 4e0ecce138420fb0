//! W0316: a deprecated attribute is used.
//!
//! The provider's schema says that the attribute should not be used any more.
//!
//! ```sync
//! resource mem.thing web {
//!   label = "web"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource mem.thing web {
//!   name = "web"
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "W0316", summary: "a deprecated attribute is used" };

/// Returns the warning about a function of a provider; `instead` is what the schema says.
pub(crate) fn function(name: &str, instead: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(CODE, format!("the function `{name}` is deprecated"))
        .label(span, "called here")
        .help(instead)
}

/// Returns the warning about an attribute; `instead` is what the schema says.
pub(crate) fn diagnostic(name: &str, span: Span, type_name: &str, instead: &str) -> Diagnostic {
    Diagnostic::warning(CODE, format!("`{name}` of `{type_name}` is deprecated"))
        .label(span, "used here")
        .help(instead)
}
