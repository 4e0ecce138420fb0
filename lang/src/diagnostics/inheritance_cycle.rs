//! E0205: environments extend one another in a circle.
//!
//! An environment stands on another one; at the bottom there is one that extends nothing.
//!
//! ```sync
//! environment a extends b {}
//! environment b extends a {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment a extends b {}
//! environment b {}
//! ```

use syncline_model::{Code, Diagnostic};

use crate::resolve::{LayerId, Project};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0205", summary: "environments extend one another in a circle" };

/// Returns the report about a circle; each layer extends the next, the last one the first.
pub(crate) fn diagnostic(project: &Project, circle: &[LayerId]) -> Diagnostic {
    let names: Vec<&str> = circle.iter().map(|id| project.layer(*id).name.as_str()).collect();
    let first = names.first().copied().unwrap_or_default();
    let message = if names.len() == 1 {
        format!("`{first}` extends itself")
    } else {
        format!("{}: `{}` -> `{first}`", CODE.summary, names.join("` -> `"))
    };
    let mut diagnostic = Diagnostic::error(CODE, message);
    for id in circle {
        let layer = project.ast(project.layer(*id));
        let target = match &layer.kind {
            ast::LayerKind::Environment { extends, .. } => extends.as_ref(),
            ast::LayerKind::Overlay { target } => Some(target),
            ast::LayerKind::Component | ast::LayerKind::Test => None,
        };
        if let Some(target) = target {
            let text = format!("`{}` stands on `{}`", layer.name.name, target.name);
            diagnostic = diagnostic.label(target.span, text);
        }
    }
    diagnostic.help("Let one of them extend nothing, or something outside of the circle.")
}
