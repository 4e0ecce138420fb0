//! `syncline check`.

use syncline_lang::Evaluated;
use syncline_planner::Dependencies;

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
    let all = syncline_lang::evaluate_all(&loaded.project, &environments, &inputs, &loaded.world);
    // What is put in order by annotations and by configurations of providers goes in circles that no value shows.
    let circles = |own: &Evaluated| Dependencies::of(&own.desired).err();
    let circles = all.iter().filter_map(|(own, _)| own.as_ref().and_then(circles));
    loaded.diagnostics = circles.flatten().collect();
    loaded.tell(session)?;
    let count = |evaluated: &Evaluated| evaluated.desired.resources.len();
    let counts: Vec<Option<usize>> =
        all.iter().map(|(evaluated, _)| evaluated.as_ref().map(count)).collect();
    let plural =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    // Where keys hang on data sources, nobody is asked for them.
    let open = counts.iter().filter(|own| own.is_none()).count();
    let resources = plural(counts.iter().flatten().sum(), "resource");
    let resources = match open {
        0 => resources,
        _ if open == counts.len() => "resources that only a plan knows".to_owned(),
        _ => format!("{resources} and those of {open} that only a plan knows"),
    };
    let environments = plural(environments.len(), "environment");
    session.output.line(&format!("{environments}, {resources}: ok"));
    Ok(Exit::Done)
}
