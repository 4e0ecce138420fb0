//! E0208: an overlay stands on the wrong environment.
//!
//! `overlay NAME for TARGET` may only be used by what extends the target, and once in a line of
//! inheritance.
//!
//! ```sync
//! overlay hardened for base {}
//! environment lonely with hardened {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! overlay hardened for base {}
//! environment staging extends base with hardened {}
//! ```

use syncline_model::{Code, Diagnostic};

use crate::resolve::{LayerId, Project};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0208", summary: "an overlay stands on the wrong environment" };

fn with(project: &Project, user: LayerId, overlay: LayerId) -> syncline_model::Span {
    let layer = project.ast(project.layer(user));
    let name = &project.layer(overlay).name;
    match &layer.kind {
        ast::LayerKind::Environment { with, .. } => {
            with.iter().find(|ident| ident.name == *name).map_or(layer.name.span, |own| own.span)
        }
        ast::LayerKind::Overlay { .. } | ast::LayerKind::Component | ast::LayerKind::Test => {
            layer.name.span
        }
    }
}

/// Returns the report about an overlay whose target the environment does not extend.
pub(crate) fn diagnostic(project: &Project, user: LayerId, overlay: LayerId) -> Diagnostic {
    let span = with(project, user, overlay);
    let user = &project.layer(user).name;
    let overlay = project.layer(overlay);
    let target = overlay.parent.map_or("", |target| project.layer(target).name.as_str());
    Diagnostic::error(
        CODE,
        format!("`{}` is for `{target}`, which `{user}` does not extend", overlay.name),
    )
    .label(span, format!("needs something that extends `{target}`"))
    .help(format!("Let `{user}` extend `{target}`, or make an overlay for what it extends."))
}

/// Returns the report about an overlay that one `with` names twice.
pub(crate) fn named_twice(project: &Project, user: LayerId, overlay: LayerId) -> Diagnostic {
    let span = with(project, user, overlay);
    let user = &project.layer(user).name;
    let overlay = &project.layer(overlay).name;
    Diagnostic::error(CODE, format!("`{user}` names `{overlay}` twice"))
        .label(span, "named again")
        .help("Take one of them out.")
}

/// Returns the report about an overlay that what the environment extends has taken in already.
pub(crate) fn twice(project: &Project, user: LayerId, overlay: LayerId) -> Diagnostic {
    let span = with(project, user, overlay);
    let user = &project.layer(user).name;
    let overlay = &project.layer(overlay).name;
    Diagnostic::error(CODE, format!("`{user}` stands on `{overlay}` already"))
        .label(span, "taken in by what it extends")
        .help("Take it out of this `with`.")
}
