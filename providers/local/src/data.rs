//! The data sources `local.file` and `local.command`.

use std::io;
use std::os::unix::fs::MetadataExt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use syncline_model::{Problem, Type, Value};
use syncline_protocol::sdk::{Attributes, DataSource, Failure, Schema, attribute, invalid};

use crate::file::{MAX_CONTENT, hash};
use crate::place::{Root, blocking, check_path, mode_text, problem};
use crate::process::{Shell, TIMEOUT, check};

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
    fn schema(&self) -> Schema {
        let path = "Where it is; relative to the project's folder unless it starts with `/`.";
        let text = |text| attribute::string().computed().describe(text);
        Schema::new("A file that is there, of up to 16 MiB.")
            .attribute("path", attribute::string().required().describe(path))
            .attribute(
                "content",
                attribute::of(Type::String.optional())
                    .computed()
                    .describe("What is in it; null when that is no UTF-8 text."),
            )
            .attribute("content_base64", text("What is in it, in base64."))
            .attribute("mode", text("Its permissions, in octal digits."))
            .attribute("sha256", text("The SHA-256 of the content, in lower-case hexadecimal."))
            .attribute(
                "size",
                attribute::integer().computed().describe("The length of the content in bytes."),
            )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        check_path(config).into_iter().collect()
    }

    async fn read(&self, config: Attributes) -> Result<Attributes, Failure> {
        let root = self.root.clone();
        blocking(move || read(&root, config)).await
    }
}

fn read(root: &Root, mut config: Attributes) -> Result<Attributes, Problem> {
    let path = config.string("path")?.to_owned();
    let place = root.resolve(&path);
    let fail = |error: io::Error| problem("read", &path, &error);
    let found = std::fs::metadata(&place).map_err(fail)?;
    if found.is_dir() {
        return Err(fail(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if !found.is_file() || found.len() > MAX_CONTENT {
        let summary = format!("`{path}` is no file of up to 16 MiB");
        return Err(invalid("path", summary, "Read another file."));
    }
    let bytes = std::fs::read(&place).map_err(fail)?;
    config.set("content", std::str::from_utf8(&bytes).map_or(Value::Null, Value::from));
    config.set("content_base64", STANDARD.encode(&bytes));
    config.set("mode", mode_text(found.mode(), &Attributes::default()));
    config.set("sha256", hash(&bytes));
    config.set("size", i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    Ok(config)
}

/// The data source `local.command`.
pub(crate) struct CommandData {
    shell: Shell,
}

impl CommandData {
    pub(crate) const fn new(shell: Shell) -> Self {
        Self { shell }
    }
}

#[async_trait]
impl DataSource for CommandData {
    fn schema(&self) -> Schema {
        Schema::new("What a command says. It runs for every plan, so it should change nothing.")
            .attribute("command", attribute::string().required().describe("A line for `sh -c`."))
            .attribute(
                "environment",
                attribute::string_map().describe(
                    "Variables for the command, beside those of this process. Secrets among them \
                     are shown nowhere.",
                ),
            )
            .attribute(
                "working_directory",
                attribute::string()
                    .describe("Where it runs. It is the project's folder unless set."),
            )
            .attribute(
                "timeout_seconds",
                attribute::integer()
                    .default(TIMEOUT)
                    .describe("How many seconds it may run. It is 300 unless set."),
            )
            .attribute(
                "allow_failure",
                attribute::boolean().describe(
                    "Whether an exit code other than 0 is an answer. Otherwise it is an error.",
                ),
            )
            .attribute(
                "exit_code",
                attribute::integer().computed().describe("The code with which it ended."),
            )
            .attribute(
                "stdout",
                attribute::string().computed().describe(
                    "What it wrote to its standard output, of which the last MiB is kept.",
                ),
            )
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        check(config)
    }

    async fn read(&self, mut config: Attributes) -> Result<Attributes, Failure> {
        let output = self.shell.run("command", &config).await?;
        let allowed = config.get("allow_failure").as_bool() == Some(true) && output.code.is_some();
        if let Some(problem) = output.failure("command").filter(|_| !allowed) {
            return Err(problem.into());
        }
        config.set("exit_code", i64::from(output.code.unwrap_or_default()));
        config.set_from("stdout", output.stdout, &["command", "environment"]);
        Ok(config)
    }
}
