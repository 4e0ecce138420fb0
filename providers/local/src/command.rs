//! `local.command`: something that commands make, look at, change and take away.

use std::time::Duration;

use async_trait::async_trait;
use syncline_model::{Path, Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{
    Call, Proposal, Resource, State, attribute, resource_schema, unknown,
};

use crate::place::Root;
use crate::process::{Line, Output, Processes, environment};

/// How long a command may run unless more is said, in seconds.
pub(crate) const TIMEOUT: i64 = 300;

/// The type `local.command`.
pub(crate) struct Command {
    root: Root,
    processes: Processes,
}

impl Command {
    pub(crate) const fn new(root: Root, processes: Processes) -> Self {
        Self { root, processes }
    }

    /// Runs the command of an attribute; nothing when it is unset.
    async fn run(
        &self,
        attribute: &'static str,
        state: &Value,
    ) -> Result<Option<(Output, Option<Problem>)>, Problem> {
        let Some(text) = state.attribute(attribute).as_str() else { return Ok(None) };
        let (environment, secrets) = environment(state.attribute("environment"));
        let line = Line {
            attribute,
            line: text,
            folder: folder(&self.root, state),
            environment,
            timeout: timeout(state),
        };
        let output = self.processes.run(&line).await?;
        let failure = output.failure(&line, &secrets);
        Ok(Some((output, failure)))
    }

    async fn make(&self, attribute: &'static str, call: Call) -> Result<State, Problem> {
        let state = State::of(call.planned).private(call.private);
        match self.run(attribute, &state.value).await? {
            Some((_, Some(problem))) => Err(problem),
            Some((output, None)) => {
                let text = Value::from(output.stdout);
                let secret = state.value.has_secret();
                Ok(state.with("stdout", if secret { Value::secret(text) } else { text }))
            }
            None => Ok(state),
        }
    }
}

/// Returns the folder that a command runs in.
pub(crate) fn folder(root: &Root, state: &Value) -> std::path::PathBuf {
    root.resolve(state.attribute("working_directory").as_str().unwrap_or(""))
}

/// Returns how long a command may run.
pub(crate) fn timeout(state: &Value) -> Duration {
    let seconds = state.attribute("timeout_seconds").as_i64().unwrap_or(TIMEOUT);
    Duration::from_secs(seconds.max(1).unsigned_abs())
}

/// Checks the limit of time.
pub(crate) fn check_timeout(config: &Value) -> Option<Problem> {
    let seconds = config.attribute("timeout_seconds").as_i64().filter(|seconds| *seconds < 1)?;
    let summary = format!("a command cannot have {seconds} seconds");
    let problem = Problem::error(summary, "Give it one second at least.");
    Some(problem.at(Path::attribute("timeout_seconds")))
}

/// What makes the thing another one: it is changed by the `update` command, or made anew.
const IDENTITY: [&str; 4] = ["create", "triggers", "environment", "working_directory"];

#[async_trait]
impl Resource for Command {
    fn schema(&self) -> ResourceSchema {
        let texts = || Type::map(Type::String);
        resource_schema(1, "Something that commands make, look at, change and take away. Each is a line for `sh -c`.", [
            ("create", attribute(Type::String, "Makes it.").required()),
            ("read", attribute(Type::String, "Looks whether it is there: any exit code but 0 says that it is gone.")),
            ("update", attribute(Type::String, "Changes it in place. Without it a change of `create`, `triggers`, `environment` or `working_directory` makes it anew.")),
            ("delete", attribute(Type::String, "Takes it away.")),
            ("triggers", attribute(texts(), "Values that make it change when they do.")),
            ("environment", attribute(texts(), "Variables for all commands, beside those of the process. Secrets among them are shown nowhere.")),
            ("working_directory", attribute(Type::String, "Where the commands run: the project's folder unless set.")),
            ("timeout_seconds", attribute(Type::Int, "How long each command may run, in seconds. 300 unless set.").default(TIMEOUT)),
            ("stdout", attribute(Type::String, "What the last `create` or `update` wrote to its standard output: the last MiB of it.").computed()),
        ])
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        check_timeout(config).into_iter().collect()
    }

    fn plan(&self, proposal: &mut Proposal) -> Result<(), Problem> {
        if proposal.creates() {
            return Ok(());
        }
        let changed: Vec<&str> =
            IDENTITY.into_iter().filter(|name| proposal.changes(name)).collect();
        if changed.is_empty() {
            return Ok(());
        }
        if proposal.get("update").is_null() {
            changed.into_iter().for_each(|name| proposal.replace_for(name));
        }
        proposal.set("stdout", unknown(Type::String));
        Ok(())
    }

    async fn create(&self, call: Call) -> Result<State, Problem> {
        self.make("create", call).await
    }

    async fn read(&self, state: State) -> Result<State, Problem> {
        match self.run("read", &state.value).await? {
            Some((_, Some(_))) => Ok(State::of(Value::Null)),
            Some((_, None)) | None => Ok(state),
        }
    }

    async fn update(&self, call: Call) -> Result<State, Problem> {
        if IDENTITY.into_iter().any(|name| call.changes(name)) {
            return self.make("update", call).await;
        }
        Ok(State::of(call.planned).private(call.private))
    }

    async fn delete(&self, call: Call) -> Result<(), Problem> {
        match self.run("delete", &call.prior).await? {
            Some((_, Some(problem))) => Err(problem),
            Some((_, None)) | None => Ok(()),
        }
    }

    fn stop(&self) {
        self.processes.stop();
    }
}
