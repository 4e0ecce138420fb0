//! The commands, one file each.

mod apply;
mod check;
mod commit;
mod completions;
mod console;
mod deferred;
mod destroy;
mod diff;
mod drift;
mod environments;
mod eval;
mod explain;
mod fix;
mod fmt;
mod graph;
mod history;
mod interrupts;
mod lsp;
mod migrate;
mod new;
mod output;
mod plan;
mod planning;
mod providers;
mod rollback;
mod running;
mod state;
mod test;
mod version;

use clap::Subcommand;

use self::deferred::Deferred;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// A command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Write a small project that plans and applies at once
    New(Deferred<new::NewArguments>),
    /// Parse, resolve and type-check every environment; no state, no cloud
    Check(Deferred<check::CheckArguments>),
    /// Format sources in place; `-` formats standard input
    Fmt(Deferred<fmt::FmtArguments>),
    /// Apply the mends of diagnostics that are beyond doubt
    Fix(Deferred<fix::FixArguments>),
    /// Print evaluated values
    Eval(Deferred<eval::EvalArguments>),
    /// Evaluate expressions in an environment as they are typed
    Console(Deferred<console::ConsoleArguments>),
    /// Tell where a value came from, or what a diagnostic's code means
    Explain(Deferred<explain::ExplainArguments>),
    /// Show what apply would do; all environments when none is named
    Plan(Deferred<plan::PlanArguments>),
    /// Plan, show, ask, execute; `--plan FILE` executes exactly a saved plan
    Apply(Deferred<apply::ApplyArguments>),
    /// The same, toward nothing
    Destroy(Deferred<destroy::DestroyArguments>),
    /// Tell how two environments differ, and what of it is not applied yet
    Diff(Deferred<diff::DiffArguments>),
    /// Tell what was changed outside of Syncline, and what cannot be told; exit code 2 when there is any
    Drift(Deferred<drift::DriftArguments>),
    /// Print the outputs of an environment
    Output(Deferred<output::OutputArguments>),
    /// Print the dependencies of an environment
    Graph(Deferred<graph::GraphArguments>),
    /// Look at the recorded state, and mend it
    #[command(subcommand)]
    State(state::StateCommand),
    /// List every apply: who, what, how long; or show one of them
    History(Deferred<history::HistoryArguments>),
    /// Plan and apply what an earlier run was configured with
    Rollback(Deferred<rollback::RollbackArguments>),
    /// Tell which providers are there, and what they offer
    #[command(subcommand)]
    Providers(providers::ProvidersCommand),
    /// Translate a Terraform project and take over its state, without touching resources
    Migrate(Deferred<migrate::MigrateArguments>),
    /// Run the project's own tests: the `test` blocks of `*_test.sync`
    Test(Deferred<test::TestArguments>),
    /// Serve an editor: the Language Server Protocol on the standard streams
    Lsp(Deferred<lsp::LspArguments>),
    /// Print completions for a shell
    Completions(Deferred<completions::CompletionsArguments>),
    /// Print the version
    Version(Deferred<version::VersionArguments>),
    /// Print the command reference as Markdown, or all pages of diagnostics
    #[command(hide = true)]
    Reference {
        /// `diagnostics`
        what: Option<String>,
    },
}

/// Runs a command.
///
/// # Errors
/// Why it failed.
pub fn run(session: &Session, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::New(arguments) => new::run(session, &arguments),
        Command::Check(arguments) => check::run(session, &arguments),
        Command::Fmt(arguments) => fmt::run(session, &arguments),
        Command::Fix(arguments) => fix::run(session, &arguments),
        Command::Eval(arguments) => eval::run(session, &arguments),
        Command::Console(arguments) => console::run(session, &arguments),
        Command::Explain(arguments) => explain::run(session, &arguments),
        Command::Plan(arguments) => plan::run(session, &arguments),
        Command::Apply(arguments) => apply::run(session, &arguments),
        Command::Destroy(arguments) => destroy::run(session, &arguments),
        Command::Diff(arguments) => diff::run(session, &arguments),
        Command::Drift(arguments) => drift::run(session, &arguments),
        Command::Output(arguments) => output::run(session, &arguments),
        Command::Graph(arguments) => graph::run(session, &arguments),
        Command::State(command) => state::run(session, command),
        Command::History(arguments) => history::run(session, &arguments),
        Command::Rollback(arguments) => rollback::run(session, &arguments),
        Command::Providers(command) => providers::run(session, &command),
        Command::Migrate(arguments) => migrate::run(session, &arguments),
        Command::Test(arguments) => test::run(session, &arguments),
        Command::Lsp(arguments) => lsp::run(session, &arguments),
        Command::Completions(arguments) => completions::run(session, &arguments),
        Command::Version(arguments) => version::run(session, &arguments),
        Command::Reference { what } => {
            let text = match what.as_deref() {
                Some("diagnostics") => crate::pages::document(),
                _ => crate::reference::markdown(),
            };
            session.output.data(&text);
            Ok(Exit::Done)
        }
    }
}

/// Starts the runtime and runs a future on it. All of it is one thread: what a run does is to wait for
/// providers, and a call that went from thread to thread and back took a fifth longer.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("no runtime could be started: {error}")))?
        .block_on(future)
}

/// Returns JSON on several lines.
fn pretty(json: &serde_json::Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}
