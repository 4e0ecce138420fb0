//! One process, from start to end: its wall time and its peak memory as the kernel accounts it.
//!
//! The kernel counts what the process that starts another one has at that moment as the other's. So a small process
//! stands between: this program once more, which starts what is measured and reports.
//!
//! What the kernel accounts at the end is that of the largest process of all that were started meanwhile. Where it
//! tells the peak of one process while that runs, this is looked at again and again, and the last of it is the answer.
//! Pages of program files are in it, which the kernel maps around whatever runs, shares and takes back at will; what a
//! process has for itself alone is measured beside it.

use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::Failure;

/// What a run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measurement {
    /// Wall time.
    pub(crate) seconds: f64,
    /// The largest resident set of the process itself.
    pub(crate) bytes: u64,
    /// The most that was its own alone: heap and stacks, and no page of a file. 0 where the system does not tell.
    pub(crate) own: u64,
}

/// Runs a command to its end with its output thrown away.
///
/// # Errors
/// When it cannot be started or fails; the message has the last lines that it said.
pub(crate) fn measure(command: &mut Command) -> Result<Measurement, Failure> {
    measure_into(command, Stdio::null())
}

/// Runs a command to its end, its output going where it is said.
///
/// # Errors
/// As [`measure`].
pub(crate) fn measure_into(command: &mut Command, output: Stdio) -> Result<Measurement, Failure> {
    let shown = format!("{command:?}");
    let errors = tempfile_of(&shown)?;
    let report = errors.1.with_extension("measured");
    let own = std::env::current_exe().map_err(|error| format!("where this runs: {error}"))?;
    let mut between = Command::new(own);
    between.arg(MEASURED).arg(&report).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => between.env(name, value),
            None => between.env_remove(name),
        };
    }
    command.get_current_dir().map(|folder| between.current_dir(folder));
    between.stdin(Stdio::null()).stdout(output).stderr(Stdio::from(errors.0));
    let status = between.status().map_err(|error| format!("{shown} did not start: {error}"))?;
    let said = std::fs::read_to_string(&errors.1).unwrap_or_default();
    let measured = std::fs::read_to_string(&report).unwrap_or_default();
    let _already_gone = (std::fs::remove_file(&errors.1), std::fs::remove_file(&report));
    if !status.success() {
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines[lines.len().saturating_sub(12)..].join("\n");
        return Err(format!("{shown} failed: {status}\n{tail}"));
    }
    let numbers: Vec<&str> = measured.split(' ').collect();
    if let [seconds, bytes, own] = numbers.as_slice()
        && let (Ok(seconds), Ok(bytes), Ok(own)) = (seconds.parse(), bytes.parse(), own.parse())
    {
        return Ok(Measurement { seconds, bytes, own });
    }
    Err(format!("{shown} was lost: no measurement came of it"))
}

/// How long it is until a running process is looked at again.
const LOOK: Duration = Duration::from_millis(1);

/// The command of the process between.
pub(crate) const MEASURED: &str = "measured";

/// Is the process between: runs a program, and writes what it took into a file.
///
/// # Errors
/// When the program cannot be started or fails.
pub(crate) fn between(arguments: &[&str]) -> Result<(), Failure> {
    let [report, program, arguments @ ..] = arguments else {
        return Err("nothing is to be measured".to_owned());
    };
    let start = Instant::now();
    let child = Command::new(program).args(arguments).spawn();
    let child = child.map_err(|error| format!("it did not start: {error}"))?;
    let status = format!("/proc/{}/status", child.id());
    let (ended, end) = channel();
    let watcher = std::thread::spawn(move || watch(&status, &end));
    let used = child.wait4().map_err(|error| format!("it was lost: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    drop(ended);
    let seen = watcher.join().unwrap_or_default();
    let bytes = if seen.0 == 0 { used.rusage.maxrss } else { seen.0 };
    std::fs::write(report, format!("{seconds} {bytes} {}", seen.1))
        .map_err(|error| format!("the report could not be written: {error}"))?;
    if used.status.success() { Ok(()) } else { Err(used.status.to_string()) }
}

/// Returns the largest resident set of a process once it has ended, and the largest part of it that was seen to be its
/// own alone; 0 where the system does not tell.
fn watch(status: &str, end: &Receiver<()>) -> (u64, u64) {
    let (mut peak, mut own) = (0, 0);
    while let Ok(text) = std::fs::read_to_string(status) {
        let Some(bytes) = line(&text, "VmHWM:") else { break };
        peak = bytes;
        own = own.max(line(&text, "RssAnon:").unwrap_or_default());
        if end.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    (peak, own)
}

/// Returns the bytes that a line of a status says; none of a process that has ended.
fn line(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

fn tempfile_of(shown: &str) -> Result<(std::fs::File, std::path::PathBuf), Failure> {
    let path = std::env::temp_dir().join(format!("syncline-bench-{}.stderr", std::process::id()));
    let file = std::fs::File::create(&path)
        .map_err(|error| format!("{shown}: {} could not be written: {error}", path.display()))?;
    Ok((file, path))
}
