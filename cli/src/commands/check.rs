//! `syncline check`.

use crate::arguments::InputArguments;
use crate::exit::{Exit, Failure};
use crate::project::{Loaded, collect};
use crate::session::Session;

/// Arguments of `check`.
#[derive(clap::Args, Clone, Debug)]
pub struct CheckArguments {
    #[command(flatten)]
    inputs: InputArguments,
}

pub(super) fn run(session: &Session, arguments: &CheckArguments) -> Result<Exit, Failure> {
    let mut loaded = Loaded::load(session)?;
    let mut found = Vec::new();
    let inputs = collect(&arguments.inputs, &mut loaded.sources, &mut found)?;
    loaded.diagnostics.extend(found);
    loaded.diagnostics.extend(syncline_lang::check(&loaded.project, &inputs, &loaded.world));
    loaded.tell(session)?;
    let environments = loaded.environments(&[])?;
    let mut resources = 0;
    for environment in &environments {
        let (evaluated, _) =
            syncline_lang::evaluate(&loaded.project, environment, &inputs, &loaded.world);
        resources += evaluated.map_or(0, |evaluated| evaluated.desired.resources.len());
    }
    let plural =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    session.output.line(&format!(
        "{}, {}: ok",
        plural(environments.len(), "environment"),
        plural(resources, "resource")
    ));
    Ok(Exit::Done)
}
