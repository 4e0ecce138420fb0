//! E0222: a component cannot have this member.
//!
//! A component's resources are made by the provider that the environment sets up, so that one place
//! says which account and region that is.
//!
//! ```sync
//! component Site {
//!   provider local {}
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! component Site {}
//! environment dev {
//!   provider local {}
//!   unit site = Site {}
//! }
//! ```

use syncline_model::{Code, Diagnostic};

use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0222", summary: "a component cannot have this member" };

/// Returns the report about a provider in a component.
pub(crate) fn provider(name: &ast::Ident) -> Diagnostic {
    Diagnostic::error(CODE, "a component does not set providers up")
        .label(name.span, format!("`{}` is set up here", name.name))
        .help("Move it to the environment; `@provider(name.alias)` on the unit chooses one of several.")
}
