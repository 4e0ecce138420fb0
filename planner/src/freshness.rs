//! Whether a plan still holds: what it was made from has not moved.

use syncline_model::Digest;

use crate::plan::Plan;
use crate::providers::Providers;
use crate::state::State;

/// Returns whether a plan may be carried out, given what is recorded now and, where the source is
/// at hand, the fingerprint of the configuration now.
///
/// # Errors
/// What has moved since, one sentence each.
pub fn check_fresh(
    plan: &Plan,
    state: &State,
    config: Option<Digest>,
    providers: &dyn Providers,
) -> Result<(), Vec<String>> {
    let mut moved = Vec::new();
    if plan.state != state.mark {
        moved.push(format!(
            "The state has changed: the plan was made from record {}, and the log is at record {}.",
            plan.state.sequence, state.mark.sequence
        ));
    }
    if plan.contested {
        let text = "Another run was at work in the environment when the plan was made.";
        moved.push(text.to_owned());
    }
    if let Some(config) = config.filter(|config| *config != plan.config) {
        moved.push(format!(
            "The configuration has changed: the plan was made from {}, and it is {} now.",
            plan.config.short(),
            config.short()
        ));
    }
    for provider in &plan.providers {
        let source = providers.source(&provider.id.name);
        if let Some(source) =
            source.filter(|own| !provider.source.is_empty() && **own != provider.source)
        {
            moved.push(format!(
                "The provider `{}` has changed: the plan was made with {}, and it is {source} now.",
                provider.id, provider.source
            ));
        }
        let now = providers.schema(&provider.id.name).map(|schema| schema.version.clone());
        match now {
            Some(version) if version == provider.version => {}
            Some(version) => moved.push(format!(
                "The provider `{}` has changed: the plan was made with version {}, and it is {} now.",
                provider.id, provider.version, version
            )),
            None => moved.push(format!("The provider `{}` is not there any more.", provider.id)),
        }
    }
    if moved.is_empty() { Ok(()) } else { Err(moved) }
}
