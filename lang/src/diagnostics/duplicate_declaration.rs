//! E0210: a name is declared twice.
//!
//! All files of a project share their top level: environments, overlays and types each have a name
//! of their own, and there is one `project`.
//!
//! ```sync
//! environment dev {}
//! environment dev {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev {}
//! environment staging {}
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0210", summary: "a name is declared twice" };

fn twice(message: String, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, message).label(span, "declared again").label(first, "declared first")
}

/// Returns the report about a second environment or overlay of a name.
pub(crate) fn layer(name: &ast::Ident, first: Span) -> Diagnostic {
    twice(format!("there are two declarations called `{}`", name.name), name.span, first)
        .help("Give one of them another name, or join their bodies.")
}

/// Returns the report about a second type of a name.
pub(crate) fn named_type(name: &ast::Ident, first: Span) -> Diagnostic {
    twice(format!("there are two types called `{}`", name.name), name.span, first)
        .help("Give one of them another name, or take it out.")
}

/// Returns the report about a local name that two `use`s give to different modules.
pub(crate) fn local_name(alias: &ast::Ident, first: Span) -> Diagnostic {
    twice(format!("two modules are both called `{}` here", alias.name), alias.span, first)
        .help(format!("Give one of them another name: `use ... as other_{}`.", alias.name))
}

/// Returns the report about a second function of a name.
pub(crate) fn function(name: &ast::Ident, first: Span) -> Diagnostic {
    twice(format!("there are two functions called `{}`", name.name), name.span, first)
        .help("Give one of them another name, or take it out.")
}

/// Returns the report about a second `project`.
pub(crate) fn project(span: Span, first: Span) -> Diagnostic {
    twice("there are two `project` blocks".to_owned(), span, first)
        .help("Join them: a project has one.")
}
