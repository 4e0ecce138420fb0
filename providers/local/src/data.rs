//! The data sources `local.file` and `local.command`.

use std::os::unix::fs::MetadataExt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use syncline_model::{Problem, ResourceSchema, Type, Value};
use syncline_protocol::sdk::{DataSource, State, attribute, data_schema};

use crate::command::{check_timeout, folder, timeout};
use crate::file::{MAX_CONTENT, hex};
use crate::place::{Root, mode_text, problem};
use crate::process::{Line, Processes, environment};

/// The data source `local.file`.
pub(crate) struct FileData {
    root: Root,
}

impl FileData {
    pub(crate) const fn new(root: Root) -> Self {
        Self { root }
    }
}

#[async_trait]
impl DataSource for FileData {
    fn schema(&self) -> ResourceSchema {
        data_schema(
            "A file that is there.",
            [
                (
                    "path",
                    attribute(
                        Type::String,
                        "Where it is; relative to the project's folder unless it starts with `/`.",
                    )
                    .required(),
                ),
                (
                    "content",
                    attribute(
                        Type::String.optional(),
                        "What is in it; null when that is no UTF-8 text.",
                    )
                    .computed(),
                ),
                ("content_base64", attribute(Type::String, "What is in it, in base64.").computed()),
                (
                    "sha256",
                    attribute(Type::String, "The SHA-256 of the content, in hexadecimal.")
                        .computed(),
                ),
                ("size", attribute(Type::Int, "The length of the content in bytes.").computed()),
                ("mode", attribute(Type::String, "Its permissions, in octal digits.").computed()),
            ],
        )
    }

    async fn read(&self, config: Value) -> Result<Value, Problem> {
        let path = config.attribute("path").as_str().unwrap_or_default().to_owned();
        let place = self.root.resolve(&path);
        let fail = |error: std::io::Error| problem("read", &path, &error);
        let found = std::fs::metadata(&place).map_err(fail)?;
        if found.len() > MAX_CONTENT {
            let summary = format!("`{path}` is larger than 16 MiB");
            return Err(Problem::error(summary, "Read a smaller file.")
                .at(syncline_model::Path::attribute("path")));
        }
        let bytes = std::fs::read(&place).map_err(fail)?;
        let text = std::str::from_utf8(&bytes).map_or(Value::Null, Value::from);
        let state = State::of(config)
            .with("content", text)
            .with("content_base64", Value::from(STANDARD.encode(&bytes)))
            .with("sha256", Value::from(hex(&Sha256::digest(&bytes))))
            .with("size", Value::from(bytes.len() as i64))
            .with("mode", Value::from(mode_text(found.mode())));
        Ok(state.value)
    }
}

/// The data source `local.command`.
pub(crate) struct CommandData {
    root: Root,
    processes: Processes,
}

impl CommandData {
    pub(crate) const fn new(root: Root, processes: Processes) -> Self {
        Self { root, processes }
    }
}

#[async_trait]
impl DataSource for CommandData {
    fn schema(&self) -> ResourceSchema {
        data_schema(
            "What a command says. It runs for every plan, so it should change nothing.",
            [
                ("command", attribute(Type::String, "A line for `sh -c`.").required()),
                (
                    "environment",
                    attribute(
                        Type::map(Type::String),
                        "Variables for the command, beside those of the process.",
                    ),
                ),
                (
                    "working_directory",
                    attribute(Type::String, "Where it runs: the project's folder unless set."),
                ),
                (
                    "timeout_seconds",
                    attribute(Type::Int, "How long it may run, in seconds. 300 unless set."),
                ),
                (
                    "stdout",
                    attribute(
                        Type::String,
                        "What it wrote to its standard output: the last MiB of it.",
                    )
                    .computed(),
                ),
            ],
        )
    }

    fn validate(&self, config: &Value) -> Vec<Problem> {
        check_timeout(config).into_iter().collect()
    }

    async fn read(&self, config: Value) -> Result<Value, Problem> {
        let (environment, secrets) = environment(config.attribute("environment"));
        let line = Line {
            attribute: "command",
            line: config.attribute("command").as_str().unwrap_or_default(),
            folder: folder(&self.root, &config),
            environment,
            timeout: timeout(&config),
        };
        let output = self.processes.run(&line).await?;
        if let Some(problem) = output.failure(&line, &secrets) {
            return Err(problem);
        }
        let text = Value::from(output.stdout);
        let text = if config.has_secret() { Value::secret(text) } else { text };
        Ok(State::of(config).with("stdout", text).value)
    }

    fn stop(&self) {
        self.processes.stop();
    }
}
