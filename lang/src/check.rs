//! Checks every environment against the schemas of its providers.
//!
//! Takes a resolved [`Project`] and returns everything that is wrong with any environment, each
//! mistake once, however many environments inherit it. It evaluates with the given inputs and
//! touches neither state nor provider. An environment that nothing concrete stands on, and an overlay
//! that nothing takes in, are evaluated too, with a value that is not known for each parameter that
//! nobody gives.

use syncline_model::{Diagnostic, Str};

use crate::eval::{Evaluated, Exchange, Inputs, World, each, evaluate_partly, rehearse};
use crate::resolve::{LayerId, Project};

/// Checks every environment and every overlay.
#[must_use]
pub fn check(project: &Project, inputs: &Inputs, world: &dyn World) -> Vec<Diagnostic> {
    examine(project, inputs, world, &mut |_, _| true)
}

/// Checks every environment and every overlay, and hands over what could be made of each
/// environment. Ends early, with what it has, when `keep` returns false.
pub(crate) fn examine(
    project: &Project,
    inputs: &Inputs,
    world: &dyn World,
    keep: &mut dyn FnMut(Str, Evaluated) -> bool,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let concrete = project.environments().filter(|environment| !environment.is_abstract);
    let together: Vec<String> = concrete.map(|own| own.name.to_string()).collect();
    let another = || Exchange::new(project, inputs, world).with(&together).lenient();
    let exchange = another();
    let mut covered = vec![false; project.layers.len()];
    for (index, covered) in covered.iter_mut().enumerate() {
        *covered = project.is_cut(LayerId(index as u32));
    }
    let mut wanted = Vec::new();
    for environment in project.environments().filter(|environment| !environment.is_abstract) {
        let Some(id) = project.find(&environment.group) else { continue };
        if covered[id.0 as usize] && project.is_cut(id) {
            continue;
        }
        wanted.push(environment.name.to_string());
        for id in project.stages(id).into_iter().flatten() {
            covered[id.0 as usize] = true;
        }
    }
    let mut goes_on = true;
    each(&wanted, &exchange, &another, &evaluate_partly, &mut |name, (evaluated, found)| {
        diagnostics.extend(found);
        goes_on = evaluated.is_none_or(|evaluated| keep(name.into(), evaluated));
        goes_on
    });
    if !goes_on {
        return diagnostics;
    }
    // The later ones stand on the earlier ones: from the top down each is looked at once.
    for index in (0..project.layers.len()).rev() {
        if !covered[index] {
            let id = LayerId(index as u32);
            diagnostics.extend(rehearse(&exchange, id));
            for id in project.stages(id).into_iter().flatten() {
                covered[id.0 as usize] = true;
            }
        }
    }
    crate::diagnostics::deduplicate(&mut diagnostics);
    diagnostics
}
