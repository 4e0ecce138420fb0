//! E0305: a required attribute is missing.
//!
//! The provider's schema requires it.
//!
//! ```sync
//! resource local.file motd {
//!   content = "hello"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! resource local.file motd {
//!   path    = "motd"
//!   content = "hello"
//! }
//! ```

use syncline_model::{Attribute, Code, Diagnostic};

use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0305", summary: "a required attribute is missing" };

/// Returns the report about a resource that lacks an attribute.
pub(crate) fn diagnostic(
    name: &str,
    attribute: &Attribute,
    resource: &ast::Ident,
    type_name: &str,
) -> Diagnostic {
    let message = format!("`{}` needs `{name}`", resource.name);
    let mut diagnostic = Diagnostic::error(CODE, message)
        .label(resource.span, format!("`{type_name}` requires `{name}: {}`", attribute.ty))
        .help(format!("Add `{name} = ...`."));
    if !attribute.description.is_empty() {
        diagnostic = diagnostic.note(format!("{name}: {}", attribute.description));
    }
    diagnostic
}
