//! Carrying plans out: asking, taking the environment, progress, and what is said at the end.

use std::time::Duration;

use syncline_lang::ops::Resolver;
use syncline_model::{Address, Desired, Diagnostic, Digest, EnvironmentName, Sources, Span};
use syncline_planner::lease::{self, Held, LeaseError, LeaseRequest};
use syncline_planner::plan::{Goal, Plan};
use syncline_planner::record::{Holder, Log, Millis};
use syncline_planner::{
    CancelToken, Execution, Executor, Failure as Failed, RunInfo, Stage, State,
};

use crate::commands::commit::Commit;
use crate::commands::interrupts::{interrupted, tell, unless};
use crate::commands::plan::{ShownFlags, show_text};
use crate::commands::planning::{Planned, Workbench};
use crate::commands::state::moved_to;
use crate::exit::{Exit, Failure};
use crate::output::Style;
use crate::progress::{Applying, Lines};
use crate::project::{FromHere, SystemClock, holder, is_alive};
use crate::report::table::time;
use crate::session::Session;

/// Flags of everything that changes an environment.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct RunFlags {
    /// Do not ask (`--yes`)
    #[arg(long, short = 'y')]
    pub(super) yes: bool,
    /// How long to wait for another run of the same environment (`--lock-timeout 5m`)
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::arguments::duration)]
    pub(super) lock_timeout: Duration,
    /// Whether questions may be asked (`--input=false`)
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub(super) input: bool,
}

/// How long a lease holds when it is not renewed, in milliseconds.
const LEASE: u64 = 60_000;

/// An environment and where it shall go.
pub(super) struct Target<'a> {
    pub(super) environment: &'a EnvironmentName,
    /// It is given away, since nobody needs it when the run has ended.
    pub(super) desired: Option<Desired>,
    pub(super) shown: ShownFlags,
}

/// Plans, shows, asks and executes.
pub(super) async fn run_target(
    session: &Session,
    workbench: &Workbench,
    flags: &RunFlags,
    target: Target<'_>,
    cancel: &CancelToken,
) -> Result<Exit, Failure> {
    let environment = target.environment;
    let commit = Commit::ask(&workbench.loaded.root);
    let planning = workbench.plan(session, environment, target.desired.as_ref());
    let mut planned = unless(session, environment, cancel, planning).await?;
    present(session, &planned, target.shown);
    if has_nothing(&planned.plan) {
        return Ok(Exit::Done);
    }
    if !approved(session, flags, &planned.plan, cancel).await? {
        return Ok(Exit::Error);
    }
    let log = workbench.records.log(environment)?;
    let wanted = (&mut planned.state, purpose(&planned.plan), cancel);
    let mut held = acquire_unless(session, (&log, environment), flags, wanted).await?;
    if planned.state.mark != planned.plan.state || planned.plan.contested {
        let replanning = replan(session, workbench, flags, (&target, planned, cancel));
        let again = unless(session, environment, cancel, replanning).await;
        match again {
            Ok(Some(again)) => planned = again,
            Ok(None) => {
                lease::release(&log, &held).await?;
                return Ok(Exit::Done);
            }
            Err(failure) => {
                lease::release(&log, &held).await?;
                return Err(failure);
            }
        }
    }
    let after = (target.desired, target.shown, commit);
    execute(session, workbench, planned, (&log, &mut held, cancel), after).await
}

/// Plans anew from the state that another run has left; `None` when there is nothing to do.
async fn replan(
    session: &Session,
    workbench: &Workbench,
    flags: &RunFlags,
    (target, planned, cancel): (&Target<'_>, Planned, &CancelToken),
) -> Result<Option<Planned>, Failure> {
    session.output.note("Another run was at work in the environment meanwhile. The plan is now:");
    // The lease in the state is this run's own; to planning it is nobody's.
    let state = State { lease: None, ..planned.state };
    let again =
        workbench.plan_from(session, target.environment, target.desired.as_ref(), state).await?;
    present(session, &again, target.shown);
    if has_nothing(&again.plan) {
        return Ok(None);
    }
    if !approved(session, flags, &again.plan, cancel).await? {
        return Err(Failure::told(Exit::Error));
    }
    Ok(Some(again))
}

/// Shows, asks and executes a saved plan that was found to be fresh.
pub(super) async fn run_saved(
    session: &Session,
    workbench: &Workbench,
    flags: &RunFlags,
    mut planned: Planned,
    (shown, config, cancel): (ShownFlags, Option<Digest>, &CancelToken),
    desired: Option<Desired>,
) -> Result<Exit, Failure> {
    if shown.json {
        lines(session, &planned.plan).plan(&planned.plan);
    } else {
        show_text(session, &planned.plan, shown.concise, None);
    }
    if has_nothing(&planned.plan) {
        return Ok(Exit::Done);
    }
    let commit = Commit::ask(&workbench.loaded.root);
    if !approved(session, flags, &planned.plan, cancel).await? {
        return Ok(Exit::Error);
    }
    let environment = &planned.plan.environment;
    let log = workbench.records.log(environment)?;
    let wanted = (&mut planned.state, purpose(&planned.plan), cancel);
    let mut held = acquire_unless(session, (&log, environment), flags, wanted).await?;
    if let Err(failure) = super::apply::fresh(&planned, workbench, config) {
        lease::release(&log, &held).await?;
        return Err(failure);
    }
    let after = (desired, shown, commit);
    execute(session, workbench, planned, (&log, &mut held, cancel), after).await
}

/// Returns a writer of lines about a plan.
fn lines(session: &Session, plan: &Plan) -> Lines {
    session.about(&plan.environment).lines()
}

fn present(session: &Session, planned: &Planned, shown: ShownFlags) {
    if shown.json {
        lines(session, &planned.plan).plan(&planned.plan);
    } else {
        show_text(session, &planned.plan, shown.concise, Some(planned.seconds));
    }
}

/// Tells whether there is not even something to record.
fn has_nothing(plan: &Plan) -> bool {
    plan.changes.is_empty() && plan.is_empty()
}

const fn purpose(plan: &Plan) -> &'static str {
    match plan.goal {
        Goal::Apply => "apply",
        Goal::Destroy => "destroy",
    }
}

/// Asks whether the plan shall be carried out; what only goes into the record needs no word.
async fn approved(
    session: &Session,
    flags: &RunFlags,
    plan: &Plan,
    cancel: &CancelToken,
) -> Result<bool, Failure> {
    if flags.yes || plan.is_empty() {
        return Ok(true);
    }
    let environment = &plan.environment;
    if !flags.input || !session.output.asks {
        return Err(Failure::new(format!(
            "nobody is there to approve the plan of `{environment}`"
        ))
        .note("The standard input is not a terminal, or --input=false was given.")
        .help(
            "Give --yes. To look at a plan before, save it with `syncline plan --out FILE`: `syncline apply \
             --plan FILE --yes` does exactly that.",
        ));
    }
    let question = match plan.goal {
        Goal::Apply => format!("Do you want to perform these actions in {environment}?"),
        Goal::Destroy => format!("Do you want to destroy all of this in {environment}?"),
    };
    let question = session.output.notes_paint.apply(Style::Bold, &question);
    session.output.prompt(&format!("\n{question} Only 'yes' is accepted: "));
    let answer = async { Ok(session.output.answered().await) };
    if unless(session, environment, cancel, answer).await?.as_deref() == Some("yes") {
        return Ok(true);
    }
    session.output.note("Nothing was done.");
    if session.json {
        session.about(environment).lines().not_applied();
    }
    Ok(false)
}

/// Takes the environment; says who has it while it waits.
pub(super) async fn acquire(
    session: &Session,
    own: (&dyn Log, &EnvironmentName),
    flags: &RunFlags,
    (state, purpose): (&mut State, &str),
) -> Result<Held, Failure> {
    acquire_unless(session, own, flags, (state, purpose, &CancelToken::new())).await
}

/// Does the same, and waits no more when the run is to end.
async fn acquire_unless(
    session: &Session,
    (log, environment): (&dyn Log, &EnvironmentName),
    flags: &RunFlags,
    (state, purpose, cancel): (&mut State, &str, &CancelToken),
) -> Result<Held, Failure> {
    let clock = SystemClock::default();
    let request = |timeout| LeaseRequest {
        holder: holder(),
        purpose: purpose.into(),
        duration: LEASE,
        timeout,
        cancel: cancel.clone(),
    };
    let first = lease::acquire(log, state, request(Duration::ZERO), &clock, &is_alive).await;
    let error = match first {
        Ok(held) if cancel.stage() > Stage::Run => {
            lease::release(log, &held).await?;
            return Err(interrupted(session, environment));
        }
        Ok(held) => return Ok(held),
        Err(LeaseError::Busy { holder, since, purpose, .. })
            if !flags.lock_timeout.is_zero() && moved_to(&holder).is_none() =>
        {
            session.output.note(&format!(
                "Waiting for {}@{} (process {}), who has the environment since {} for {purpose}.",
                holder.user,
                holder.host,
                holder.process,
                time(since)
            ));
            let request = request(flags.lock_timeout);
            match lease::acquire(log, state, request, &clock, &is_alive).await {
                Ok(held) => return Ok(held),
                Err(error) => error,
            }
        }
        Err(error) => error,
    };
    Err(match error {
        LeaseError::Busy { .. } if cancel.stage() > Stage::Run => interrupted(session, environment),
        LeaseError::Busy { holder, since, purpose, .. } => {
            busy(environment, &holder, (since, purpose.as_str()))
        }
        LeaseError::Log(error) => error.into(),
    })
}

/// Says who has an environment, or where its log has gone.
fn busy(
    environment: &EnvironmentName,
    holder: &Holder,
    (since, purpose): (Millis, &str),
) -> Failure {
    if let Some(place) = moved_to(holder) {
        return Failure::new(format!("the log of `{environment}` has moved to {place}"))
            .note(format!("What was here takes nothing any more, since {}.", time(since)))
            .help(format!(
                "Say under `state` in the `project` block where it is now; newer sources may do so already. \
                 `syncline state unlock {environment}` goes back to what is here, without what was done there."
            ))
            .exits(Exit::Stale);
    }
    let Holder { user, host, process, .. } = holder;
    let since = time(since);
    Failure::new(format!(
        "{user}@{host} (process {process}) has `{environment}` since {since} for {purpose}"
    ))
    .note("One run at a time changes an environment.")
    .help(format!(
        "Wait longer with --lock-timeout 10m. If that run is dead, `syncline state unlock {environment}` frees \
         the environment."
    ))
    .exits(Exit::Stale)
}

/// Executes a plan under a lease, gives the lease back and says what came of it.
async fn execute(
    session: &Session,
    workbench: &Workbench,
    planned: Planned,
    (log, held, cancel): (&dyn Log, &mut Held, &CancelToken),
    (desired, shown, commit): (Option<Desired>, ShownFlags, Commit),
) -> Result<Exit, Failure> {
    let clock = SystemClock::default();
    let plan = &planned.plan;
    let run = planned.state.next_run();
    let progress = Applying::new(&session.output, plan, shown.json);
    let executor = Executor {
        plan,
        desired: desired.as_ref(),
        state: planned.state,
        log,
        providers: &workbench.registry,
        resolve: &Resolver { functions: Some(&workbench.loaded.world) },
        prober: &FromHere::new(workbench.loaded.root.clone()),
        clock: &clock,
        observer: &progress,
        run: RunInfo {
            holder: holder(),
            commit: commit.get().into(),
            syncline: env!("CARGO_PKG_VERSION").into(),
        },
        parallelism: workbench.options.parallelism,
        cancel: cancel.clone(),
        secret_key: workbench.records.digest_key(&plan.environment),
    };
    let running = syncline_planner::execute(executor);
    let holding = lease::hold(log, held, &clock, cancel, running);
    let execution = tokio::select! {
        biased;
        execution = holding => execution,
        () = tell(session, cancel) => unreachable!("invariant: telling never ends"),
    };
    progress.finish();
    let exit = end(session, workbench, plan, (&execution, run, shown));
    // The log keeps a checkpoint when a run ends: what that takes shall not come on top of what the run took.
    drop((planned.plan, execution, desired));
    let released = lease::release(log, held).await;
    // What came of the run says more than that its lease could not be given back.
    let exit = exit?;
    released?;
    Ok(exit)
}

fn end(
    session: &Session,
    workbench: &Workbench,
    plan: &Plan,
    (execution, run, shown): (&Execution, u64, ShownFlags),
) -> Result<Exit, Failure> {
    let sources = &workbench.loaded.sources;
    let mut diagnostics: Vec<_> =
        execution.failed.iter().map(|failed| in_source(failed, plan, sources)).collect();
    diagnostics.extend(execution.diagnostics.iter().cloned());
    if shown.json {
        lines(session, plan).end(plan, execution, (&diagnostics, sources));
    }
    let told = session.say(&diagnostics, sources);
    let done = execution.done;
    let seconds = execution.millis as f64 / 1000.0;
    let verb = match plan.goal {
        Goal::Apply => "Apply",
        Goal::Destroy => "Destroy",
    };
    let numbers = format!(
        "{} added, {} changed, {} destroyed, {} unchanged in {seconds:.1}s.   run {run}",
        done.add, done.change, done.destroy, plan.unchanged
    );
    if let Some(error) = &execution.log_error {
        let failure = Failure::new(format!("what was done could not be recorded: {error}"))
            .note(format!("{verb} stopped: {numbers}"));
        return Err(not_done(execution)
            .into_iter()
            .fold(failure, Failure::note)
            .help("Apply again: what is not recorded is looked for before anything is made."));
    }
    if execution.success() && told.is_ok() && !execution.interrupted {
        if !shown.json && !plan.is_empty() {
            let line = format!("{verb} complete: {numbers}");
            session.output.line(&session.output.data_paint.apply(Style::Green, &line));
            outputs(session, execution);
        }
        return Ok(Exit::Done);
    }
    let word = if execution.interrupted { "interrupted" } else { "incomplete" };
    session.output.note(&format!("{verb} {word}: {numbers}"));
    not_done(execution).iter().for_each(|line| session.output.note(line));
    let environment = &plan.environment;
    let command = match (plan.back_to, plan.goal) {
        (Some(run), _) => format!("syncline rollback {environment} --to {run}"),
        (None, Goal::Apply) => format!("syncline apply {environment}"),
        (None, Goal::Destroy) => format!("syncline destroy {environment}"),
    };
    let again = if shown.has_inputs { " with the same --set and --vars" } else { "" };
    session.output.note(&format!("The state is saved. To go on: {command}{again}"));
    Ok(if execution.interrupted { Exit::Interrupted } else { Exit::Error })
}

/// Joins a failure to the source. A plan knows lines, not spans, and a saved one may be older than
/// the source: a line that is not there any more is left to the words.
fn in_source(failed: &Failed, plan: &Plan, sources: &Sources) -> Diagnostic {
    let diagnostic = failed.diagnostic.clone();
    if !diagnostic.labels.is_empty() {
        return diagnostic;
    }
    let at = plan.changes.binary_search_by(|change| change.address.cmp(&failed.address));
    let place = at.ok().and_then(|at| plan.changes[at].declared.as_ref());
    let span = place.and_then(|place| {
        let (file, source) = sources.iter().find(|(_, source)| source.name == place.file)?;
        let starts = source.line_starts();
        let start = *starts.get((place.line as usize).checked_sub(1)?)? as usize;
        let end = starts.get(place.line as usize).map_or(source.text.len(), |end| *end as usize);
        let line = &source.text[start..end];
        let begin = start + line.len() - line.trim_start().len();
        Some(Span::new(file, begin as u32, (start + line.trim_end().len()) as u32))
    });
    match span {
        Some(span) if span.start < span.end => {
            let mut diagnostic = diagnostic.label(span, "declared here");
            diagnostic.notes.retain(|note| !note.starts_with("It is declared at "));
            diagnostic
        }
        _ => diagnostic,
    }
}

/// Says what was not done.
fn not_done(execution: &Execution) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(names) = some(&execution.unfinished) {
        lines.push(format!(
            "Not finished: {names}. What became of it is not known: the next run asks the providers."
        ));
    }
    if let Some(names) = some(&execution.unseen) {
        lines.push(format!("Health still open: {names}. The next run asks again."));
    }
    if let Some(names) = some(&execution.skipped) {
        lines.push(format!("Not started: {names}."));
    }
    lines
}

/// Returns the first of some addresses, and how many more there are; nothing where there are none.
fn some(addresses: &[Address]) -> Option<String> {
    const NAMED: usize = 10;
    let names: Vec<&str> = addresses.iter().take(NAMED).map(Address::as_str).collect();
    let more = addresses.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("{}{more}", names.join(", ")))
}

fn outputs(session: &Session, execution: &Execution) {
    if execution.outputs.is_empty() {
        return;
    }
    let outputs = execution.outputs.iter().map(|(name, value)| (name.as_str(), value));
    session.output.line("\nOutputs:\n");
    session.output.data(&super::output::lines(outputs));
}
