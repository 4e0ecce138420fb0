//! `local.command`: something that commands make, look at, change and take away.

use async_trait::async_trait;
use syncline_model::{Problem, Type};
use syncline_protocol::sdk::{Attributes, Failure, Instance, Plan, Resource, Schema, attribute};

use crate::process::{Shell, TIMEOUT, check};

/// What makes the thing another one: it is changed by the `update` command, or made anew.
const IDENTITY: [&str; 4] = ["create", "triggers", "environment", "working_directory"];

/// What is recorded is not mended by another source.
const STUCK: &str = "\nIt is the command that was applied last. If that can never work, let go of the resource with \
                     `state forget`: the next apply makes it anew, with the command of the source.";

/// The exit codes with which a shell says that there is no such command, or that it cannot run.
const BROKEN: [Option<i32>; 3] = [Some(126), Some(127), None];

/// The type `local.command`.
pub(crate) struct Command {
    shell: Shell,
}

impl Command {
    pub(crate) const fn new(shell: Shell) -> Self {
        Self { shell }
    }

    /// Runs a command that makes the thing or changes it.
    async fn make(&self, command: &str, mut planned: Instance) -> Result<Instance, Failure> {
        let output = self.shell.run(command, &planned).await?;
        if let Some(problem) = output.failure(command) {
            return Err(problem.into());
        }
        let from: Vec<&str> = IDENTITY.into_iter().chain([command]).collect();
        planned.set_from("stdout", output.stdout, &from);
        Ok(planned)
    }
}

#[async_trait]
impl Resource for Command {
    fn schema(&self) -> Schema {
        let command = |text| attribute::string().describe(text);
        Schema::new(
            "Something that commands make, look at, change and take away. Each command is a line \
             for `sh -c`.",
        )
        .attribute("create", command("Makes it.").required())
        .attribute(
            "read",
            command(
                "Looks whether it is there. Any exit code but 0 says that it is gone, but for \
                 126 and 127, which are errors.",
            ),
        )
        .attribute(
            "update",
            command(
                "Changes it in place when `create`, `triggers`, `environment` or \
                 `working_directory` change. Without it such a change makes it anew.",
            ),
        )
        .attribute("delete", command("Takes it away."))
        .attribute(
            "triggers",
            attribute::string_map().describe("Values that make it change when they do."),
        )
        .attribute(
            "environment",
            attribute::string_map().describe(
                "Variables for all commands, beside those of this process. Secrets among them \
                 are shown nowhere.",
            ),
        )
        .attribute(
            "working_directory",
            attribute::string()
                .describe("Where the commands run. It is the project's folder unless set."),
        )
        .attribute(
            "timeout_seconds",
            attribute::integer()
                .default(TIMEOUT)
                .describe("How many seconds each command may run. It is 300 unless set."),
        )
        .attribute(
            "stdout",
            attribute::string().computed().describe(
                "What the last `create` or `update` wrote to its standard output, of which the \
                 last MiB is kept.",
            ),
        )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        check(config)
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        if plan.is_create() {
            return Ok(());
        }
        let changed: Vec<&str> = IDENTITY.into_iter().filter(|name| plan.changes(name)).collect();
        if changed.is_empty() {
            plan.keep("stdout");
            return Ok(());
        }
        if plan.planned.is_null("update") {
            changed.into_iter().for_each(|name| plan.replace_for(name));
        }
        plan.forget("stdout", Type::String);
        Ok(())
    }

    async fn create(&self, planned: Instance) -> Result<Instance, Failure> {
        self.make("create", planned).await
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        if recorded.is_null("read") {
            return Ok(Some(recorded));
        }
        let output = self.shell.run("read", &recorded).await?;
        match output.failure("read") {
            None => Ok(Some(recorded)),
            Some(mut problem) if BROKEN.contains(&output.code) => {
                problem.detail.push_str(STUCK);
                Err(problem.into())
            }
            Some(_) => Ok(None),
        }
    }

    async fn update(&self, prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        let same =
            IDENTITY.iter().all(|name| prior.get(name).reveal() == planned.get(name).reveal());
        if same || planned.is_null("update") {
            return Ok(planned);
        }
        self.make("update", planned).await
    }

    async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
        if recorded.is_null("delete") {
            return Ok(());
        }
        let output = self.shell.run("delete", &recorded).await?;
        output.failure("delete").map_or(Ok(()), |problem| Err(problem.into()))
    }
}
