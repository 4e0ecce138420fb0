//! Running a command to its end, with a limit of time and a way to stop it.
//!
//! A command is a line for `sh -c` in a process group of its own, so that what it starts ends with
//! it. Nothing is read from the standard input. Both streams are drained as they come; of each the
//! last [`KEPT`] bytes are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use syncline_model::{Path, Problem, Value};
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of a stream is kept, in bytes: 1 MiB.
const KEPT: usize = 1024 * 1024;
/// How many lines of the error stream a problem shows.
const SHOWN: usize = 20;

/// The process groups that run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Processes(Arc<Mutex<BTreeSet<u32>>>);

/// A command to run.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) attribute: &'static str,
    pub(crate) line: &'a str,
    pub(crate) folder: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) timeout: Duration,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    stderr: String,
}

impl Processes {
    /// Ends everything that runs.
    pub(crate) fn stop(&self) {
        for process in self.lock().iter() {
            end(*process, Signal::TERM);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, line: &Line<'_>) -> Result<Output, Problem> {
        let at = Path::attribute(line.attribute);
        let mut child = tokio::process::Command::new("sh")
            .arg("-c")
            .arg(line.line)
            .current_dir(&line.folder)
            .envs(&line.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                let folder = line.folder.display();
                let summary = format!("the command cannot be started in `{folder}`: {error}");
                Problem::error(summary, "Look at `working_directory`.").at(at.clone())
            })?;
        let process = child.id();
        if let Some(process) = process {
            self.lock().insert(process);
        }
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let work = async {
            let (stdout, stderr) = tokio::join!(drain(stdout), drain(stderr));
            (child.wait().await, stdout, stderr)
        };
        let ended = tokio::time::timeout(line.timeout, work).await;
        if let Some(process) = process {
            self.lock().remove(&process);
        }
        let Ok((status, stdout, stderr)) = ended else {
            if let Some(process) = process {
                end(process, Signal::KILL);
            }
            // The killed shell is reaped, so that no zombie stays.
            let _ = child.wait().await;
            let summary = format!("the command did not end within {} s", line.timeout.as_secs());
            let detail = "It was killed, with what it had started. Raise `timeout_seconds`.";
            return Err(Problem::error(summary, detail).at(at));
        };
        let code = status.ok().and_then(|status| status.code());
        Ok(Output { code, stdout, stderr })
    }
}

impl Output {
    /// Returns the problem when the command failed. What the environment holds is not shown.
    pub(crate) fn failure(&self, line: &Line<'_>, secrets: &[String]) -> Option<Problem> {
        if self.code == Some(0) {
            return None;
        }
        let how = match self.code {
            Some(code) => format!("the command ended with exit code {code}"),
            None => "the command was ended by a signal".to_owned(),
        };
        let lines: Vec<&str> = self.stderr.lines().collect();
        let last = &lines[lines.len().saturating_sub(SHOWN)..];
        let mut detail = match last {
            [] => "It wrote nothing to its error stream.".to_owned(),
            last => format!("Its last lines:\n{}", last.join("\n")),
        };
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            detail = detail.replace(secret.as_str(), "(secret)");
        }
        Some(Problem::error(how, detail).at(Path::attribute(line.attribute)))
    }
}

/// Returns the variables of a map, and the texts of those that are secret.
pub(crate) fn environment(value: &Value) -> (BTreeMap<String, String>, Vec<String>) {
    let whole = value.is_secret();
    let mut variables = BTreeMap::new();
    let mut secrets = Vec::new();
    for (name, value) in value.as_map().into_iter().flat_map(syncline_model::Map::iter) {
        let text = value.as_str().unwrap_or_default().to_owned();
        if whole || value.is_secret() {
            secrets.push(text.clone());
        }
        variables.insert(name.to_string(), text);
    }
    (variables, secrets)
}

fn end(process: u32, signal: Signal) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        // One that has ended already is what is wanted.
        let _ = kill_process_group(process, signal);
    }
}

/// Reads a stream to its end and returns the last part as text.
async fn drain(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let mut kept = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(length) => kept.extend_from_slice(&buffer[..length]),
        }
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    let start = kept.len().saturating_sub(KEPT);
    String::from_utf8_lossy(&kept[start..]).into_owned()
}
