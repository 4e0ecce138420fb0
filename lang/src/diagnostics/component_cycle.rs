//! E0220: a component contains itself.
//!
//! A unit of a component stands in that component, or in one that it is made of: that would never
//! end.
//!
//! ```sync
//! component Web {
//!   unit behind = Web {}
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! component Web {
//!   unit behind = Cache {}
//! }
//! component Cache {
//!   param size: int = 1
//! }
//! ```

use syncline_model::{Code, Diagnostic};

use crate::resolve::{LayerId, Project};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0220", summary: "a component contains itself" };

/// Returns the report about a unit inside of what it is made of.
pub(crate) fn diagnostic(
    project: &Project,
    (around, component): (&[LayerId], LayerId),
    unit: &ast::Unit,
) -> Diagnostic {
    let start = around.iter().position(|own| *own == component);
    let name = |id: &LayerId| format!("`{}`", project.layer(*id).name);
    let Some(start) = start else {
        return Diagnostic::error(CODE, "units stand too deep in one another")
            .label(unit.name.span, format!("the {}th inside another", around.len()))
            .help("Make fewer components of other components.");
    };
    let circle: Vec<String> = around[start..].iter().chain([&component]).map(name).collect();
    Diagnostic::error(CODE, format!("a component contains itself: {}", circle.join(" -> ")))
        .label(unit.name.span, format!("a unit of {} inside of it", name(&component)))
        .help("Take the unit out, or make a component of what both share.")
}
