//! Running a command to its end, with a limit of time and a way to stop it.
//!
//! A command is a line for `sh -c` in a process group of its own, so that what it starts ends with
//! it. Nothing is read from the standard input. Both streams are drained as they come; of each the
//! last [`KEPT`] bytes are kept. A process that the command leaves in the background is left alone,
//! and not waited for.

use std::collections::BTreeMap;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use syncline_model::{Problem, Value};
use syncline_protocol::sdk::{Attributes, Stop, invalid};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::place::Root;

/// How long a command may run unless more is said, in seconds.
pub(crate) const TIMEOUT: i64 = 300;
/// How much of a stream is kept, in bytes: 1 MiB.
const KEPT: usize = 1024 * 1024;
/// How many lines of the error stream a problem shows.
const SHOWN: usize = 20;
/// How long a stopped command has to end by itself.
const GRACE: Duration = Duration::from_secs(5);
/// How long the streams are read on after the command has ended.
const REST: Duration = Duration::from_millis(500);

/// What runs commands.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    root: Root,
    stop: Stop,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code; `None` after a signal.
    pub(crate) code: Option<i32>,
    /// What it wrote to its standard output.
    pub(crate) stdout: String,
    stderr: String,
    /// Secrets of the environment, which are left out of what is shown.
    secrets: Vec<String>,
    /// The command itself holds a secret: nobody knows which part of what it writes is one.
    is_secret: bool,
}

/// Checks what all that runs commands has in common.
pub(crate) fn check(config: &Attributes) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(seconds) = config.get("timeout_seconds").as_i64().filter(|seconds| *seconds < 1) {
        let summary = format!("a command cannot have {seconds} seconds");
        problems.push(invalid("timeout_seconds", summary, "Give it one second at least."));
    }
    let names = config.get("environment").as_map().into_iter().flat_map(syncline_model::Map::keys);
    for name in names.filter(|name| name.is_empty() || name.contains(['=', '\0'])) {
        let detail = "A name is not empty and holds neither `=` nor NUL.";
        problems.push(invalid("environment", format!("{name:?} is no variable"), detail));
    }
    problems
}

impl Shell {
    pub(crate) const fn new(root: Root, stop: Stop) -> Self {
        Self { root, stop }
    }

    /// Runs the command of an attribute to its end, in the folder and with the variables of others.
    pub(crate) async fn run(
        &self,
        attribute: &str,
        attributes: &Attributes,
    ) -> Result<Output, Problem> {
        if self.stop.is_requested() {
            return Err(invalid(attribute, "the command was not started: it is stopped", ""));
        }
        let variables = attributes.string_map("environment")?;
        let mut child = self.start(attribute, attributes, &variables)?;
        let mut group = Group { leader: child.id(), running: true };
        let (stdout, stderr) =
            (Stream::read(child.stdout.take()), Stream::read(child.stderr.take()));
        let status = self.wait(attribute, attributes, &mut child, &group).await?;
        group.running = false;
        let (stdout, stderr) = (stdout.finish().await, stderr.finish().await);
        let secrets = secrets(attributes.get("environment"));
        let is_secret = attributes.get(attribute).is_secret();
        Ok(Output { code: status.code(), stdout, stderr, secrets, is_secret })
    }

    fn start(
        &self,
        attribute: &str,
        attributes: &Attributes,
        variables: &BTreeMap<&str, &str>,
    ) -> Result<Child, Problem> {
        let folder = attributes.optional_string("working_directory")?.unwrap_or("");
        Command::new("sh")
            .arg("-c")
            .arg(attributes.string(attribute)?)
            .current_dir(self.root.resolve(folder))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                let folder = if folder.is_empty() { "." } else { folder };
                let detail = format!("In `{folder}`: {error}. Look at `working_directory`.");
                invalid(attribute, "the command cannot be started", detail)
            })
    }

    async fn wait(
        &self,
        attribute: &str,
        attributes: &Attributes,
        child: &mut Child,
        group: &Group,
    ) -> Result<ExitStatus, Problem> {
        let seconds = attributes.get("timeout_seconds").as_i64().unwrap_or(TIMEOUT).max(1);
        let limit = Duration::from_secs(seconds.unsigned_abs());
        let problem = tokio::select! {
            status = child.wait() => return status.map_err(|error| {
                invalid(attribute, "the command cannot be waited for", error.to_string())
            }),
            () = tokio::time::sleep(limit) => {
                let detail = "It was killed, with what it had started. Raise `timeout_seconds`.";
                invalid(attribute, format!("the command did not end within {seconds} s"), detail)
            }
            () = self.stop.requested() => {
                group.signal(Signal::TERM);
                // Whether it ends by itself or not, the group is killed next.
                let _ = tokio::time::timeout(GRACE, child.wait()).await;
                let detail = "It was ended, with what it had started.";
                invalid(attribute, "the command was stopped before its end", detail)
            }
        };
        group.signal(Signal::KILL);
        // The shell is reaped, so that no zombie stays.
        let _ = child.wait().await;
        Err(problem)
    }
}

/// A command's process group, which is killed when nobody waits for the command any more.
struct Group {
    leader: Option<u32>,
    running: bool,
}

impl Group {
    fn signal(&self, signal: Signal) {
        let leader = self.leader.and_then(|leader| i32::try_from(leader).ok());
        if let Some(leader) = leader.and_then(Pid::from_raw) {
            // One that has ended already is what is wanted.
            let _ = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.running {
            self.signal(Signal::KILL);
        }
    }
}

/// A stream that is read as it comes.
struct Stream {
    kept: Arc<Mutex<Vec<u8>>>,
    reading: JoinHandle<()>,
}

impl Stream {
    fn read(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let own = Arc::clone(&kept);
        let reading = tokio::spawn(async move {
            let Some(mut stream) = stream else { return };
            let mut buffer = vec![0; 16 * 1024];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                let mut kept = own.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..length]);
                if kept.len() > 2 * KEPT {
                    let surplus = kept.len() - KEPT;
                    kept.drain(..surplus);
                }
            }
        });
        Self { kept, reading }
    }

    /// Returns the last part as text.
    async fn finish(mut self) -> String {
        // A process in the background may hold the stream open: what has come by then is enough.
        if tokio::time::timeout(REST, &mut self.reading).await.is_err() {
            self.reading.abort();
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let start = kept.len().saturating_sub(KEPT);
        String::from_utf8_lossy(&kept[start..]).into_owned()
    }
}

impl Output {
    /// Returns the problem when the command failed. Secrets are not shown.
    pub(crate) fn failure(&self, attribute: &str) -> Option<Problem> {
        let summary = match self.code {
            Some(0) => return None,
            Some(code) => format!("the command ended with exit code {code}"),
            None => "the command was ended by a signal".to_owned(),
        };
        let lines: Vec<&str> = self.stderr.lines().collect();
        let mut detail = match &lines[lines.len().saturating_sub(SHOWN)..] {
            [_, ..] if self.is_secret => {
                "Its error stream is not shown, since the command holds a secret. Hand that over \
                 in `environment` instead: secrets from there are left out of what is shown."
                    .to_owned()
            }
            [] => "It wrote nothing to its error stream.".to_owned(),
            last => format!("Its error stream ends with:\n{}", last.join("\n")),
        };
        for secret in &self.secrets {
            detail = detail.replace(secret.as_str(), "(secret)");
        }
        Some(invalid(attribute, summary, detail))
    }
}

/// Returns the texts of the variables that are secret, the longest first.
fn secrets(environment: &Value) -> Vec<String> {
    let whole = environment.is_secret();
    let values = environment.as_map().into_iter().flat_map(syncline_model::Map::values);
    let mut secrets: Vec<String> = values
        .filter(|value| whole || value.is_secret())
        .filter_map(|value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned))
        .collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}
