//! E0215: this is no value.
//!
//! A provider or a module has a name, but cannot be used as a value.
//!
//! ```sync
//! environment dev {
//!   output x = std.strings
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   output x = std.strings.upper("a")
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0215", summary: "this is no value" };

/// Returns the report about a provider that is used as a value.
pub(crate) fn provider(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` is a provider, and no value"))
        .label(span, "used as a value")
        .help("Put what both need into a `param` or a `let`, and use that in both places.")
}

/// Returns the report about a function that is used as a value.
pub(crate) fn function(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a function is no value")
        .label(span, "used as a value")
        .help("Call it here; only a parameter of a function can be a function.")
}

/// Returns the report about a module that is used as a value.
pub(crate) fn module(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` is a module, and no value"))
        .label(span, "used as a value")
        .help(format!("Call one of its functions: `{name}.function(...)`."))
}
