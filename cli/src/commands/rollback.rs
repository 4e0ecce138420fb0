//! `syncline rollback ENV [--to N]`: back to what a run was configured with.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use syncline_model::{EnvironmentName, Span};
use syncline_planner::configuration::Configuration;
use syncline_planner::history::{self, Summary};
use syncline_planner::record::{Body, Log as _};
use syncline_planner::{PlanOptions, State, call_as_now};

use crate::commands::environments::one_recorded;
use crate::commands::interrupts::listen;
use crate::commands::plan::{ShownFlags, save, saved, show};
use crate::commands::planning::Workbench;
use crate::commands::running::{RunFlags, Target, run_target};
use crate::exit::{Exit, Failure};
use crate::project::{Loaded, Records};
use crate::report::json::Source;
use crate::session::Session;

/// Arguments of `rollback`.
#[derive(clap::Args, Clone, Debug)]
pub struct RollbackArguments {
    /// The environment
    env: String,
    /// The run to go back to; the last one before the newest that succeeded, when left out (`--to 12`)
    #[arg(long, value_name = "RUN")]
    to: Option<u64>,
    /// Save the plan in place of executing it (`--out back.plan`)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The most calls to providers that are under way at once (`--parallelism 4`)
    #[arg(long, value_name = "N", default_value = "10", value_parser = crate::arguments::parallelism)]
    parallelism: NonZeroUsize,
    #[command(flatten)]
    run: RunFlags,
    /// Print one line a change (`--concise`)
    #[arg(long, conflicts_with = "json")]
    concise: bool,
    /// Print JSON lines, or with --out one document (`--json`)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, arguments: &RollbackArguments) -> Result<Exit, Failure> {
    let mut loaded = Loaded::load(session)?;
    // What the source says now is not what is gone back to: its mistakes do not matter.
    loaded.diagnostics.clear();
    let shown =
        ShownFlags { json: arguments.json, concise: arguments.concise, ..ShownFlags::default() };
    super::block_on(async {
        let records = Records::open(&loaded.root, &session.output)?;
        let recorded = records.environments().await?;
        let environment = one_recorded(session, recorded, &arguments.env)?;
        let state = records.state(&environment).await?;
        let to = target(&state, &environment, arguments.to)?;
        let configuration = configuration(&records, &environment, &to).await?;
        session.output.note(&goes_back(&environment, &to));
        let page = loaded.sources.add_page(format!("run {}", to.run), configuration.page());
        let mut desired = configuration.desired(&environment, page);
        let place = Span::new(page, 0, 0);
        let all = records.log(&environment)?.read(0).await?;
        desired.handovers = history::moves_back(&all, to.run, place);
        let options = PlanOptions {
            goal: to.goal,
            back_to: Some(to.run),
            parallelism: arguments.parallelism.get(),
            syncline: env!("CARGO_PKG_VERSION").into(),
            ..PlanOptions::default()
        };
        let workbench = Workbench::new(session, loaded, (options, None)).await?;
        call_as_now(&mut desired, &workbench.registry);
        if let Some(path) = &arguments.out {
            let planned = workbench.plan(session, &environment, Some(&desired)).await?;
            show(session, &planned, Source { desired: &desired, params: &[] }, shown);
            save(session, &workbench, path, &planned)?;
            saved(session, path);
            return Ok(Exit::Done);
        }
        let (session, cancel) = (&session.in_lines(), listen());
        let target = Target { environment: &environment, desired: Some(desired), shown };
        run_target(session, &workbench, &arguments.run, target, &cancel).await
    })
}

/// Says what the places of the plan are: those of the run, since the source may not be at hand any more.
fn goes_back(environment: &EnvironmentName, to: &Summary) -> String {
    let number = to.run;
    let commit = match to.commit.as_str() {
        "" => String::new(),
        commit => format!("; its source is that of the commit {commit}"),
    };
    format!("`syncline history {environment} {number}` shows what run {number} did{commit}.")
}

/// Returns the run to go back to.
fn target(
    state: &State,
    environment: &EnvironmentName,
    to: Option<u64>,
) -> Result<Summary, Failure> {
    let runs = history::runs(state);
    let found = match to {
        Some(number) => runs.into_iter().find(|run| run.run == number),
        None => runs.into_iter().rev().skip(1).find(|run| run.success == Some(true)),
    };
    found.ok_or_else(|| {
        let message = match to {
            Some(number) => format!("`{environment}` has no run {number}"),
            None => format!("`{environment}` has no earlier run that succeeded"),
        };
        Failure::new(message).help(format!("`syncline history {environment}` lists the runs."))
    })
}

/// Reads what a run was configured with.
pub(super) async fn configuration(
    records: &Records,
    environment: &EnvironmentName,
    run: &Summary,
) -> Result<Configuration, Failure> {
    let missing = || {
        Failure::new(format!("the configuration of run {} was not kept", run.run)).help(
            "Only runs of this version of Syncline or a later one can be gone back to. Take the \
             source of its commit, and apply that.",
        )
    };
    let sequence = run.configured.ok_or_else(missing)?;
    let found = records.log(environment)?.read(sequence.saturating_sub(1)).await?;
    match found.into_iter().next().map(|record| record.body) {
        Some(Body::Configured(configuration)) => Ok(*configuration),
        _ => Err(missing()),
    }
}
