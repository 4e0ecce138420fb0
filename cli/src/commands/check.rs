//! `syncline check`.

use syncline_lang::Evaluated;

use crate::arguments::InputArguments;
use crate::commands::environments::several;
use crate::commands::planning::load;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Arguments of `check`.
#[derive(clap::Args, Clone, Debug)]
pub struct CheckArguments {
    #[command(flatten)]
    inputs: InputArguments,
}

pub(super) fn run(session: &Session, arguments: &CheckArguments) -> Result<Exit, Failure> {
    let (mut loaded, inputs) = load(session, &arguments.inputs)?;
    loaded.world.reads = false;
    loaded.diagnostics.extend(syncline_lang::check(&loaded.project, &inputs, &loaded.world));
    loaded.tell(session)?;
    let environments = several(session, &mut loaded, Vec::new(), &[])?;
    let project = &loaded.project;
    let all = syncline_lang::evaluate_all(project, &environments, &inputs, &loaded.world);
    let count = |evaluated: &Evaluated| evaluated.desired.resources.len();
    let resources = all.iter().filter_map(|(evaluated, _)| evaluated.as_ref().map(count)).sum();
    let plural =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    session.output.line(&format!(
        "{}, {}: ok",
        plural(environments.len(), "environment"),
        plural(resources, "resource")
    ));
    Ok(Exit::Done)
}
