//! Checks every concrete environment against the schemas of its providers.
//!
//! Takes a resolved [`Project`] and returns everything that is wrong with any environment, each
//! mistake once, however many environments inherit it. It evaluates with the given inputs and
//! touches neither state nor provider.

use syncline_model::Diagnostic;

use crate::eval::{Inputs, World, evaluate};
use crate::resolve::Project;

/// Checks every environment that is not abstract.
#[must_use]
pub fn check(project: &Project, inputs: &Inputs, world: &dyn World) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for environment in project.environments().filter(|environment| !environment.is_abstract) {
        let (_, found) = evaluate(project, &environment.name, inputs, world);
        diagnostics.extend(found);
    }
    crate::diagnostics::deduplicate(&mut diagnostics);
    diagnostics
}
