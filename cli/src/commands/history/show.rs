//! One run of an environment, step by step.

use serde_json::{Value as Json, json};
use syncline_model::EnvironmentName;
use syncline_planner::history::{Step, Summary, steps};
use syncline_planner::plan::{Action, Operation};
use syncline_planner::record::Log as _;

use super::{as_json, result, what};
use crate::exit::{Exit, Failure};
use crate::project::Records;
use crate::report::table::{table, time};
use crate::session::Session;

/// Shows a run.
pub(super) fn run(
    session: &Session,
    records: &Records,
    (environment, run, running): (&EnvironmentName, &Summary, Option<u64>),
    as_document: bool,
) -> Result<Exit, Failure> {
    let log = records.log(environment)?;
    let all = crate::commands::block_on(async { Ok(log.read(0).await?) })?;
    let steps = steps(&all, run.run);
    if as_document {
        let mut document = as_json(run, running);
        document["steps"] = steps.iter().map(step_json).collect();
        session.output.line(&crate::commands::pretty(&document));
        return Ok(Exit::Done);
    }
    head(session, environment, run, &result(run, running));
    if steps.is_empty() {
        session.output.line("\nNothing was done.");
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = steps.iter().map(row).collect();
    session.output.line("");
    session.output.data(&table(&["STEP", "RESOURCE", "TYPE", "TIME", "RESULT"], &rows));
    Ok(Exit::Done)
}

fn head(session: &Session, environment: &EnvironmentName, run: &Summary, result: &str) {
    let output = &session.output;
    output.line(&format!("Run {} of {environment}: {}, {result}", run.run, what(run)));
    let who = format!("{}@{} (process {})", run.holder.user, run.holder.host, run.holder.process);
    output.line(&format!("  by       {who}"));
    output.line(&format!("  begun    {}", time(run.begun)));
    if let Some(millis) = run.millis {
        output.line(&format!("  took     {:.1}s", millis as f64 / 1000.0));
    }
    if !run.commit.is_empty() {
        output.line(&format!("  commit   {}", run.commit));
    }
    output.line(&format!("  config   {}", run.config.short()));
    let planned = run.planned;
    let plan = format!(
        "{} to add, {} to change, {} to destroy",
        planned.add, planned.change, planned.destroy
    );
    output.line(&format!("  planned  {plan}"));
    if let Some(done) = run.done {
        let done =
            format!("{} added, {} changed, {} destroyed", done.add, done.change, done.destroy);
        output.line(&format!(
            "  done     {done}, {} failed, {} not started",
            run.failed, run.skipped
        ));
    }
    if run.configured.is_some() {
        let back = format!("syncline rollback {environment} --to {}", run.run);
        output.line(&format!("  back     {back}"));
    }
}

const fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "destroy",
        Operation::Read => "read",
        Operation::Record => "record",
        Operation::Check => "check",
    }
}

fn row(step: &Step) -> Vec<String> {
    let replaces = matches!(step.action, Action::Replace | Action::ReplaceCreateFirst);
    let (time, result) = match &step.end {
        None => ("-".to_owned(), "not recorded".to_owned()),
        Some(end) => (
            format!("{:.1}s", end.millis as f64 / 1000.0),
            end.failure.as_ref().map_or_else(|| "done".to_owned(), |why| format!("failed: {why}")),
        ),
    };
    vec![
        format!("{}{}", verb(step.operation), if replaces { " (replace)" } else { "" }),
        step.address.to_string(),
        format!("{}.{}", step.provider.name, step.kind),
        time,
        result,
    ]
}

fn step_json(step: &Step) -> Json {
    json!({
        "address": step.address,
        "type": format!("{}.{}", step.provider.name, step.kind),
        "operation": verb(step.operation),
        "action": step.action,
        "millis": step.end.as_ref().map(|end| end.millis),
        "done": step.end.as_ref().map(|end| end.failure.is_none()),
        "failure": step.end.as_ref().and_then(|end| end.failure.clone()),
    })
}
