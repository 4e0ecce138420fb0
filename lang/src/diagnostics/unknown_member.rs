//! E0320: a unit has no such member.
//!
//! Behind a unit's name stand the members of its component: parameters, `let`s, resources, units
//! and outputs.
//!
//! ```sync
//! component Site {
//!   output url = "https://example.com"
//! }
//! environment dev {
//!   unit site = Site {}
//!   output url = site.uri
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! component Site {
//!   output url = "https://example.com"
//! }
//! environment dev {
//!   unit site = Site {}
//!   output url = site.url
//! }
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::{listed, nearest};
use crate::resolve::Table;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0320", summary: "a unit has no such member" };

/// Returns the report about a member that a component does not have.
pub(crate) fn diagnostic(component: &str, name: &ast::Ident, table: &Table<'_>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error(CODE, format!("`{component}` has no member `{}`", name.name))
            .label(name.span, "not found");
    let known = table.slots.keys().copied();
    match nearest(&name.name, known.clone()) {
        Some(near) => {
            diagnostic.help(format!("Did you mean `{near}`?")).suggest(name.span, near.to_owned())
        }
        None => diagnostic.help(format!("It has: {}.", listed(known))),
    }
}
