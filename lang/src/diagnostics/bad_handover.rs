//! E0224: a `moved`, `forget` or `adopt` does not fit what is declared.
//!
//! `moved a -> b` says that what was recorded as `a` is `b` now: `b` is declared, `a` no longer.
//! `forget a` lets go what is no longer declared, and `adopt a = "id"` takes over what exists for a
//! resource that is: one with keys by a map from key to id, `adopt jobs = { mail = "id-1" }`.
//!
//! ```sync
//! environment dev {
//!   resource local.file page { path = "page" }
//!   moved site -> pages
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {
//!   resource local.file page { path = "page" }
//!   moved site -> page
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::near::nearest;
use crate::resolve::Table;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0224", summary: "a handover does not fit what is declared" };

/// Returns the report about a name that must be declared and is not.
pub(crate) fn undeclared(name: &ast::Ident, table: &Table<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::error(CODE, format!("nothing is called `{}` here", name.name))
        .label(name.span, "not declared");
    match nearest(&name.name, table.slots.keys().copied()) {
        Some(near) => {
            diagnostic.help(format!("Did you mean `{near}`?")).suggest(name.span, near.to_owned())
        }
        None => diagnostic.help("Name a resource or a unit that is declared."),
    }
}

/// Returns the report about a name that must no longer be declared and is.
pub(crate) fn still_declared(name: &ast::Ident, declared: Span, keyword: &str) -> Diagnostic {
    let help = if keyword == "moved" {
        "Take the declaration out: what was recorded as it belongs to the new name."
    } else {
        "Take the declaration out: what is declared is managed."
    };
    Diagnostic::error(CODE, format!("`{}` is still declared", name.name))
        .label(name.span, format!("`{keyword}` says that it is gone"))
        .label(declared, "declared here")
        .help(help)
}

/// Returns the report about something that is no resource, and so has no record.
pub(crate) fn no_resource(name: &ast::Ident, keyword: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` is a {keyword}, and has no record", name.name))
        .label(name.span, "no resource and no unit")
        .help("Name a resource, an instance of one, or a unit.")
}

/// Returns the report about an identity that is no text.
pub(crate) fn secret_id(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "what identifies a resource cannot be secret")
        .label(span, "secret")
        .help("Give the plain text: it will be recorded and shown.")
}

/// Returns the report about instances that are adopted without their keys.
pub(crate) fn no_keys(name: &ast::Ident, id: Span) -> Diagnostic {
    let name_text = &name.name;
    Diagnostic::error(CODE, format!("`{name_text}` has instances, and no key says which one is adopted"))
        .label(id, "no map of keys that are known")
        .label(name.span, "no key")
        .help(format!(
            "Write `{name_text}[\"key\"]` for one; for several the value is a map, such as `{{ for key, id in ids: key => id }}`."
        ))
}
