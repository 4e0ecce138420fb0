//! `syncline apply [ENV...]`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syncline_lang::Evaluated;
use syncline_model::{Desired, EnvironmentName, FileId};
use syncline_planner::plan::{Goal, Plan};
use syncline_planner::{CancelToken, State, history};
use syncline_state::plan_file::{PlanFile, PlanFileError};

use crate::commands::environments::{note_none, several};
use crate::commands::interrupts::listen;
use crate::commands::plan::ShownFlags;
use crate::commands::planning::{
    PlanFlags, Planned, Workbench, complete, evaluate_in_order, load, reads, reads_of, with_exports,
};
use crate::commands::running::{RunFlags, Target, run_saved, run_target};
use crate::exit::{Exit, Failure};
use crate::project::{Ahead, Inputs, Loaded};
use crate::session::Session;

/// Arguments of `apply`.
#[derive(clap::Args, Clone, Debug)]
pub struct ApplyArguments {
    /// The environments; all when none is named
    env: Vec<String>,
    #[command(flatten)]
    flags: PlanFlags,
    #[command(flatten)]
    run: RunFlags,
    /// Execute exactly a saved plan; refused when anything has moved since (`--plan dev.plan`)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "exclude", "replace"])]
    plan: Option<PathBuf>,
    /// Print JSON lines (`--json`)
    #[arg(long, conflicts_with = "concise")]
    json: bool,
    /// Print one line a change (`--concise`)
    #[arg(long)]
    concise: bool,
}

pub(super) fn run(session: &Session, arguments: &ApplyArguments) -> Result<Exit, Failure> {
    let session = &session.in_lines();
    let options = arguments.flags.options(Goal::Apply)?;
    let ahead = Ahead::start(&session.folder, &arguments.env);
    let (mut loaded, inputs) = load(session, &arguments.flags.inputs)?;
    let shown = ShownFlags {
        json: arguments.json,
        concise: arguments.concise,
        has_inputs: arguments.flags.inputs.are_given(),
        ..ShownFlags::default()
    };
    if let Some(path) = &arguments.plan {
        return saved(session, arguments, loaded, (inputs, path, shown));
    }
    let names = several(session, &mut loaded, Vec::new(), &arguments.env)?;
    note_none(session, &names);
    let mut inputs = with_exports(session, &loaded, &names, inputs)?;
    let all = evaluate_in_order(session, &mut loaded, &names, &inputs)?;
    super::block_on(async {
        let workbench = Workbench::new(session, loaded, (options, Some(ahead))).await?;
        let cancel = listen();
        let mut taken = BTreeSet::new();
        let mut rest = all.into_iter();
        while let Some(evaluated) = rest.next() {
            let about = session.about(&evaluated.desired.environment);
            let next = (evaluated, &mut inputs, &mut taken);
            let exit = one(&about, &workbench, (arguments, shown, &cancel), next).await;
            if !matches!(exit, Ok(Exit::Done)) {
                let left = rest.map(|own| own.desired.environment);
                return not_applied(&about, exit, &left.collect::<Vec<_>>());
            }
        }
        Ok(Exit::Done)
    })
}

/// Applies one of several environments.
async fn one(
    session: &Session,
    workbench: &Workbench,
    (arguments, shown, cancel): (&ApplyArguments, ShownFlags, &CancelToken),
    (mut evaluated, inputs, taken): (Evaluated, &mut Inputs, &mut BTreeSet<EnvironmentName>),
) -> Result<Exit, Failure> {
    if reads_of(&evaluated.desired, taken) {
        for environment in &*taken {
            workbench.export(inputs, environment).await?;
        }
        workbench.again(session, inputs, &mut evaluated)?;
    }
    complete(&evaluated.desired)?;
    session.tell(&reads(&evaluated.desired, taken), &workbench.loaded.sources)?;
    let environment = evaluated.desired.environment.clone();
    taken.insert(environment.clone());
    let target = Target { environment: &environment, desired: Some(evaluated.desired), shown };
    run_target(session, workbench, &arguments.run, target, cancel).await
}

/// Says which environments nothing was done for, since one before them did not end well.
fn not_applied(
    session: &Session,
    exit: Result<Exit, Failure>,
    left: &[EnvironmentName],
) -> Result<Exit, Failure> {
    let names: Vec<String> = left.iter().map(|own| format!("`{own}`")).collect();
    let mut note = (!left.is_empty()).then(|| format!("Not applied: {}.", names.join(", ")));
    let exit = match exit {
        Err(failure) if !failure.message.is_empty() => {
            Err(session.settle(&note.take().into_iter().fold(failure, Failure::note)))
        }
        exit => exit,
    };
    if let Some(note) = note {
        session.output.note(&note);
    }
    if session.json {
        left.iter().for_each(|own| session.about(own).lines().not_applied());
    }
    exit
}

/// Executes a saved plan, when nothing that it was made from has moved.
fn saved(
    session: &Session,
    arguments: &ApplyArguments,
    mut loaded: Loaded,
    (inputs, path, shown): (Inputs, &Path, ShownFlags),
) -> Result<Exit, Failure> {
    let records = crate::project::Records::open(&loaded.root, &session.output)?;
    let path = session.folder.join(path);
    let failed = |error: PlanFileError| {
        Failure::new(error.to_string()).help(
            "`syncline plan ENV --out FILE` saves a plan, which `apply --plan FILE` carries out.",
        )
    };
    let file = PlanFile::open(&path).map_err(failed)?;
    // The log names the keys that the plan may be sealed with.
    super::block_on(records.state(&file.environment))?;
    let saved = file.read(&*records.keys(&file.environment)).map_err(failed)?;
    let plan = saved.plan;
    if arguments.env.iter().any(|name| *name != plan.environment.0.as_str()) {
        return Err(Failure::new(format!("the plan is of `{}`", plan.environment))
            .help("Leave the environment out: a saved plan knows its own."));
    }
    let names = [plan.environment.to_string()];
    let inputs = with_exports(session, &loaded, &names, inputs)?;
    let desired = match plan.back_to {
        Some(_) => None,
        None => Some(evaluated(session, &mut loaded, &plan, &inputs)?),
    };
    loaded.diagnostics.clear();
    let options = arguments.flags.options(plan.goal)?;
    super::block_on(async {
        let workbench = Workbench::new(session, loaded, (options, None)).await?;
        let state = workbench.records.state(&plan.environment).await?;
        let desired = match plan.back_to {
            Some(run) => Some(recorded(&workbench, &state, &plan, run).await?),
            None => desired.flatten(),
        };
        let key = workbench.records.digest_key(&plan.environment);
        let prints = desired
            .as_ref()
            .map(|desired| syncline_planner::fingerprints(desired, &workbench.registry, &key));
        let config = prints.and_then(Result::ok).map(|fingerprints| fingerprints.root);
        let planned = Planned { plan, state, fingerprint: saved.fingerprint, seconds: 0.0 };
        fresh(&planned, &workbench, config)?;
        let cancel = listen();
        let how = (shown, config, &cancel);
        run_saved(session, &workbench, &arguments.run, planned, how, desired).await
    })
}

/// Evaluates the environment of a saved plan; one that cannot be evaluated any more has moved.
fn evaluated(
    session: &Session,
    loaded: &mut Loaded,
    plan: &Plan,
    inputs: &Inputs,
) -> Result<Option<Desired>, Failure> {
    let (evaluated, found) =
        syncline_lang::evaluate(&loaded.project, &plan.environment.0, inputs, &loaded.world);
    loaded.diagnostics.extend(found);
    if loaded.has_errors() {
        // The errors say what has moved.
        let _ = loaded.tell(session);
        return Err(Failure::new("the plan is stale: the configuration has changed")
            .note("It cannot be evaluated any more.")
            .help(AGAIN)
            .exits(Exit::Stale));
    }
    Ok(evaluated.map(|evaluated| evaluated.desired))
}

/// Reads what the run was configured with that a saved plan goes back to.
async fn recorded(
    workbench: &Workbench,
    state: &State,
    plan: &Plan,
    run: u64,
) -> Result<Desired, Failure> {
    let environment = &plan.environment;
    let summary = history::run(state, run).ok_or_else(|| {
        Failure::new(format!(
            "the plan goes back to run {run}, which `{environment}` does not have"
        ))
    })?;
    let records = &workbench.records;
    let found = super::rollback::configuration(records, environment, &summary).await?;
    // The page is not among the sources: a plan knows its own places.
    Ok(found.desired(environment, FileId(u32::MAX)))
}

/// How to go on from a stale plan.
pub(super) const AGAIN: &str = "Make the plan again and review it. If it was made with --set or \
     --vars, give the same ones to apply.";

/// Refuses a plan when something that it was made from has moved.
pub(super) fn fresh(
    planned: &Planned,
    workbench: &Workbench,
    config: Option<syncline_model::Digest>,
) -> Result<(), Failure> {
    let checked =
        syncline_planner::check_fresh(&planned.plan, &planned.state, config, &workbench.registry);
    checked.map_err(|moved| {
        let mut failure = Failure::new("the plan is stale").help(AGAIN).exits(Exit::Stale);
        failure.notes = moved;
        failure
    })
}
