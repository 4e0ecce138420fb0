//! `syncline history ENV`.

use serde_json::json;
use syncline_planner::history::{self, Summary};
use syncline_planner::plan::Goal;

use crate::exit::{Exit, Failure};
use crate::project::Records;
use crate::report::table::{table, time};
use crate::session::Session;

/// Arguments of `history`.
#[derive(clap::Args, Clone, Debug)]
pub struct HistoryArguments {
    /// The environment
    env: String,
    /// Print JSON (`--json`)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, arguments: &HistoryArguments) -> Result<Exit, Failure> {
    let root = crate::project::root(&session.folder)?;
    let records = Records::open(&root, &session.output)?;
    super::block_on(super::state::known(session, &records, &arguments.env))?;
    let environment = syncline_model::EnvironmentName(arguments.env.as_str().into());
    let state = super::block_on(records.state(&environment))?;
    let runs = history::runs(&state);
    if arguments.json {
        let list: Vec<_> = runs.iter().map(as_json).collect();
        session.output.line(&super::pretty(&json!(list)));
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        session.output.note("Nothing was applied yet.");
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = runs.iter().rev().map(row).collect();
    let headings =
        ["RUN", "WHEN", "WHO", "WHAT", "RESULT", "ADDED", "CHANGED", "DESTROYED", "TIME", "COMMIT"];
    session.output.data(&table(&headings, &rows));
    Ok(Exit::Done)
}

const fn goal(run: &Summary) -> &'static str {
    match run.goal {
        Goal::Apply => "apply",
        Goal::Destroy => "destroy",
    }
}

fn result(run: &Summary) -> String {
    match run.success {
        _ if run.interrupted => "interrupted".to_owned(),
        Some(true) => "done".to_owned(),
        Some(false) => format!("{} failed", run.failed),
        None => "did not end".to_owned(),
    }
}

fn row(run: &Summary) -> Vec<String> {
    let done = run.done.unwrap_or_default();
    vec![
        run.run.to_string(),
        time(run.begun),
        format!("{}@{}", run.holder.user, run.holder.host),
        goal(run).to_owned(),
        result(run),
        done.add.to_string(),
        done.change.to_string(),
        done.destroy.to_string(),
        run.millis
            .map_or_else(|| "-".to_owned(), |millis| format!("{:.1}s", millis as f64 / 1000.0)),
        if run.commit.is_empty() { "-".to_owned() } else { run.commit.chars().take(14).collect() },
    ]
}

fn as_json(run: &Summary) -> serde_json::Value {
    json!({
        "run": run.run,
        "time": time(run.begun),
        "user": run.holder.user,
        "host": run.holder.host,
        "process": run.holder.process,
        "goal": goal(run),
        "result": result(run),
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
