//! `syncline plan [ENV...]`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syncline_lang::{Evaluated, Export};
use syncline_model::{Str, Value};
use syncline_planner::plan::{Goal, Plan};

use crate::commands::environments::{note_none, several};
use crate::commands::planning::{
    PlanFlags, Planned, Workbench, complete, evaluate_in_order, load, reads, reads_of, with_exports,
};
use crate::exit::{Exit, Failure};
use crate::project::{Ahead, Inputs};
use crate::report::text::{self, TextOptions};
use crate::report::{json, markdown};
use crate::session::Session;

/// Arguments of `plan`.
#[derive(clap::Args, Clone, Debug)]
pub struct PlanArguments {
    /// The environments; all when none is named
    env: Vec<String>,
    #[command(flatten)]
    flags: PlanFlags,
    #[command(flatten)]
    shown: ShownFlags,
    /// Plan to destroy everything (`--destroy`)
    #[arg(long)]
    destroy: bool,
    /// Save the plan of one environment, to be applied with `apply --plan` (`--out dev.plan`)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 when there are changes (`--detailed-exitcode`)
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Flags that say how a plan is shown.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(super) struct ShownFlags {
    /// Print JSON in the shape of Terraform's plan, one document a line (`--json`)
    #[arg(long, conflicts_with_all = ["markdown", "concise"])]
    pub(super) json: bool,
    /// Print a comment for a pull request (`--markdown`)
    #[arg(long, conflicts_with = "concise")]
    pub(super) markdown: bool,
    /// Print one line a change (`--concise`)
    #[arg(long)]
    pub(super) concise: bool,
    /// Whether parameters were given: who goes on needs them again.
    #[arg(skip)]
    pub(super) has_inputs: bool,
}

pub(super) fn run(session: &Session, arguments: &PlanArguments) -> Result<Exit, Failure> {
    let goal = if arguments.destroy { Goal::Destroy } else { Goal::Apply };
    let options = arguments.flags.options(goal)?;
    let ahead = Ahead::start(&session.folder, &arguments.env);
    let (mut loaded, inputs) = load(session, &arguments.flags.inputs)?;
    let names = several(session, &mut loaded, Vec::new(), &arguments.env)?;
    let mut inputs = with_exports(session, &loaded, &names, inputs)?;
    let mut all = evaluate_in_order(session, &mut loaded, &names, &inputs)?;
    if arguments.out.is_some() && all.len() != 1 {
        return Err(Failure::new("a plan file holds the plan of one environment")
            .help("Name it: `syncline plan dev --out dev.plan`."));
    }
    if let (Some(_), [evaluated]) = (&arguments.out, all.as_slice()) {
        // Nothing fills it in later: such a plan could not be applied.
        complete(&evaluated.desired)?;
    }
    let (workbench, plans) = super::block_on(async {
        let workbench = Workbench::new(session, loaded, (options, Some(ahead))).await?;
        let mut plans: Vec<Planned> = Vec::with_capacity(all.len());
        let mut failure = None;
        let mut taken = BTreeSet::new();
        for evaluated in &mut all {
            let session = session.about(&evaluated.desired.environment);
            if reads_of(&evaluated.desired, &taken) {
                workbench.again(&session, &inputs, evaluated)?;
            }
            let desired = &evaluated.desired;
            if goal == Goal::Apply {
                session.tell(&reads(desired, &taken), &workbench.loaded.sources)?;
            }
            match workbench.plan(&session, &desired.environment, Some(desired)).await {
                Ok(planned) => {
                    if goal == Goal::Apply {
                        offer(&mut inputs, &planned);
                    }
                    taken.insert(desired.environment.clone());
                    plans.push(planned);
                }
                // The others are planned all the same.
                Err(other) => failure = Some(session.settle(&other)),
            }
        }
        if let (Some(path), [planned]) = (&arguments.out, plans.as_slice()) {
            save(session, &workbench, path, planned)?;
        }
        show_all(session, &plans, &all, arguments.shown);
        failure.map_or(Ok((workbench, plans)), Err)
    })?;
    note_none(session, &names);
    if let Some(path) = &arguments.out {
        saved(session, path);
    }
    let changes = plans.iter().any(|planned| !planned.plan.is_empty());
    // The process ends now: to give back what a large project took, piece by piece, takes time
    // that nobody gains from.
    std::mem::forget((workbench, plans, all));
    let exits = arguments.detailed_exitcode && changes;
    Ok(if exits { Exit::Changes } else { Exit::Done })
}

/// Notes what an environment will give to others once its plan is applied.
fn offer(inputs: &mut Inputs, planned: &Planned) {
    let outputs = planned.plan.outputs.iter().filter(|output| output.ty.is_some());
    let values: BTreeMap<Str, Value> =
        outputs.map(|output| (output.name.clone(), output.after.clone())).collect();
    // What does not change is known by the run that made it.
    if values != planned.state.outputs {
        let export = Export { source: "planned".into(), values, prevails: false };
        inputs.exports.insert(planned.plan.environment.0.clone(), export);
    }
}

/// Saves a plan.
pub(super) fn save(
    session: &Session,
    workbench: &Workbench,
    path: &Path,
    planned: &Planned,
) -> Result<(), Failure> {
    let path = session.folder.join(path);
    let keys = workbench.records.keys(&planned.plan.environment);
    syncline_state::plan_file::write(&path, &planned.plan, planned.fingerprint, &*keys)
        .map_err(|error| Failure::new(error.to_string()))
}

/// Says how to go on from a saved plan.
pub(super) fn saved(session: &Session, path: &Path) {
    let path = path.display();
    session.output.note(&format!("Saved the plan. To apply it: syncline apply --plan {path}"));
}

/// Prints plans; those of the evaluated environments that could not be planned are not among them.
fn show_all(session: &Session, plans: &[Planned], all: &[Evaluated], flags: ShownFlags) {
    if flags.markdown {
        let plans: Vec<_> = plans.iter().map(|own| (&own.plan, own.fingerprint)).collect();
        session.output.data(&markdown::plans(&plans));
        return;
    }
    let mut all = all.iter();
    for (index, planned) in plans.iter().enumerate() {
        let own = all.find(|own| own.desired.environment == planned.plan.environment);
        if index > 0 && !flags.json {
            session.output.line("");
        }
        if let Some(evaluated) = own {
            show(session, planned, evaluated.into(), flags);
        }
    }
}

/// Prints one plan as text or JSON.
pub(super) fn show(
    session: &Session,
    planned: &Planned,
    source: json::Source<'_>,
    flags: ShownFlags,
) {
    if flags.json {
        session.output.json(&json::plan(&planned.plan, &planned.state, source));
    } else if flags.markdown {
        session.output.data(&markdown::plans(&[(&planned.plan, planned.fingerprint)]));
    } else {
        show_text(session, &planned.plan, flags.concise, Some(planned.seconds));
    }
}

/// Prints one plan as text.
pub(super) fn show_text(session: &Session, plan: &Plan, concise: bool, seconds: Option<f64>) {
    let options = TextOptions { concise, paint: session.output.data_paint, seconds };
    text::plan_in_pieces(plan, options, &mut |piece| session.output.data(piece));
}
