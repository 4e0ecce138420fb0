//! `syncline history ENV [show RUN]`.

mod show;

use serde_json::json;
use syncline_planner::history::{self, Summary};
use syncline_planner::plan::{Counts, Goal};
use syncline_planner::{Clock as _, State, lease};

use crate::commands::environments::one_recorded;
use crate::exit::{Exit, Failure};
use crate::project::{Records, SystemClock, is_alive};
use crate::report::table::{table, time};
use crate::session::Session;

/// Arguments of `history`.
#[derive(clap::Args, Clone, Debug)]
pub struct HistoryArguments {
    /// The environment, and perhaps `show` and the number of a run: `dev show 12`
    #[arg(required = true, num_args = 1..=3, value_name = "ENV [show RUN]")]
    what: Vec<String>,
    /// Print JSON (`--json`)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, arguments: &HistoryArguments) -> Result<Exit, Failure> {
    let (name, shown) = asked(&arguments.what)?;
    let root = crate::project::root(&session.folder)?;
    let records = Records::open(&root, &session.output)?;
    let environment = one_recorded(session, super::block_on(records.environments())?, name)?;
    let state = super::block_on(records.state(&environment))?;
    let running = running(&state);
    if let Some(number) = shown {
        let run = history::run(&state, number).ok_or_else(|| {
            Failure::new(format!("`{environment}` has no run {number}"))
                .help(format!("`syncline history {environment}` lists the runs."))
        })?;
        return show::run(session, &records, (&environment, &run, running), arguments.json);
    }
    let runs = history::runs(&state);
    if arguments.json {
        let list: Vec<_> = runs.iter().map(|run| as_json(run, running)).collect();
        session.output.line(&super::pretty(&json!(list)));
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        session.output.note("Nothing was applied yet.");
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = runs.iter().rev().map(|run| row(run, running)).collect();
    let headings =
        ["RUN", "WHEN", "WHO", "WHAT", "RESULT", "ADDED", "CHANGED", "DESTROYED", "TIME", "COMMIT"];
    session.output.data(&table(&headings, &rows));
    Ok(Exit::Done)
}

/// Returns the environment and the run that are asked for; `show` may come before or behind the
/// environment, or be left out.
fn asked(words: &[String]) -> Result<(&str, Option<u64>), Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (name, number) = match words.as_slice() {
        [name] => return Ok((*name, None)),
        ["show", name, number] | [name, "show", number] | [name, number] => (*name, *number),
        _ => return Err(Failure::new("that is no environment and no run of one").help(HELP)),
    };
    match number.parse() {
        Ok(number) => Ok((name, Some(number))),
        Err(_) => Err(Failure::new(format!("`{number}` is no number of a run")).help(HELP)),
    }
}

const HELP: &str = "`syncline history dev` lists the runs of `dev`, `syncline history dev show 12` \
                    shows one.";

const fn goal(run: &Summary) -> &'static str {
    match run.goal {
        Goal::Apply => "apply",
        Goal::Destroy => "destroy",
    }
}

/// Returns what a run was for.
fn what(run: &Summary) -> String {
    match run.back_to {
        Some(back_to) => format!("rollback to {back_to}"),
        None => goal(run).to_owned(),
    }
}

/// Returns the run that has the environment, if one does.
fn running(state: &State) -> Option<u64> {
    let lease = lease::holding(state, SystemClock::default().now(), &is_alive)?;
    let last = state.runs.last()?;
    (last.applied.is_none() && last.begin.holder == lease.holder).then_some(last.begin.run)
}

fn result(run: &Summary, running: Option<u64>) -> String {
    match run.success {
        None if running == Some(run.run) => "under way".to_owned(),
        _ if run.interrupted => "interrupted".to_owned(),
        Some(true) => "done".to_owned(),
        Some(false) => format!("{} failed", run.failed),
        None => "did not end".to_owned(),
    }
}

/// Returns the commit in short, and that the source differed from it.
fn commit(run: &Summary) -> String {
    match run.commit.strip_suffix("-dirty") {
        Some(commit) => format!("{}-dirty", commit.get(..7).unwrap_or(commit)),
        None if run.commit.is_empty() => "-".to_owned(),
        None => run.commit.get(..14).unwrap_or(&run.commit).to_owned(),
    }
}

fn row(run: &Summary, running: Option<u64>) -> Vec<String> {
    // What a run did that did not end is known step by step, and nobody has added it up.
    let count = |of: fn(&Counts) -> u64| {
        run.done.as_ref().map_or_else(|| "-".to_owned(), |done| of(done).to_string())
    };
    vec![
        run.run.to_string(),
        time(run.begun),
        format!("{}@{}", run.holder.user, run.holder.host),
        what(run),
        result(run, running),
        count(|done| done.add),
        count(|done| done.change),
        count(|done| done.destroy),
        run.millis
            .map_or_else(|| "-".to_owned(), |millis| format!("{:.1}s", millis as f64 / 1000.0)),
        commit(run),
    ]
}

fn as_json(run: &Summary, running: Option<u64>) -> serde_json::Value {
    json!({
        "run": run.run,
        "time": time(run.begun).replace(' ', "T"),
        "user": run.holder.user,
        "host": run.holder.host,
        "process": run.holder.process,
        "goal": goal(run),
        "back_to": run.back_to,
        "config": run.config,
        "can_be_gone_back_to": run.configured.is_some(),
        "result": result(run, running),
        "success": run.success,
        "interrupted": run.interrupted,
        "planned": run.planned,
        "done": run.done,
        "failed": run.failed,
        "skipped": run.skipped,
        "millis": run.millis,
        "commit": run.commit,
    })
}
