//! What a provider has to say of a configuration before it plans with it.
//!
//! Takes a configuration; returns whether it may be planned with, and reports the rest. What the schema says of an
//! attribute that should not be used any more has been told where the source was evaluated, and is not told again.

use syncline_model::{
    Attribute, Block, DesiredResource, Path, Problem, Provider, ResourceSchema, Step,
    ValidateRequest,
};

use super::context::Context;
use super::subject::{Job, said};
use super::walk::Considered;

/// Lets a provider check a configuration; `doing` is what cannot be done where it is refused.
pub(super) async fn validate(
    context: &Context<'_>,
    job: &Job,
    (desired, schema, provider): (&DesiredResource, &ResourceSchema, &dyn Provider),
    doing: &str,
    considered: &mut Considered,
) -> Option<()> {
    let (mode, kind, config) = (desired.mode, desired.kind.clone(), job.config.clone());
    let mut problems = provider.validate(ValidateRequest { mode, kind, config }).await;
    problems.retain(|problem| !is_told(&schema.block, problem));
    said(context, job, doing, &problems, considered)
}

/// Tells whether a warning only says again what the schema says of an attribute.
fn is_told(block: &Block, problem: &Problem) -> bool {
    let instead = attribute(block, &problem.path).and_then(|own| own.deprecated.as_deref());
    let repeats = |instead: &str| {
        let instead = instead.trim().trim_end_matches('.');
        problem.detail.contains(instead) || problem.summary.contains(instead)
    };
    !problem.is_error && instead.is_some_and(repeats)
}

/// Returns the attribute that a path leads to, through nested blocks.
fn attribute<'a>(mut block: &'a Block, path: &Path) -> Option<&'a Attribute> {
    let mut found = None;
    for step in &path.0 {
        let Step::Key(name) = step else { continue };
        let own = block.get(name)?;
        found = Some(own);
        if let Some(nested) = &own.nested {
            block = &nested.1;
        }
    }
    found
}
