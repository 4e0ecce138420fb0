//! One process, from start to end: its wall time and its peak memory as the kernel accounts it.

use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

use crate::Failure;

/// What a run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measurement {
    /// Wall time.
    pub(crate) seconds: f64,
    /// The largest resident set.
    pub(crate) bytes: u64,
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
    command.stdin(Stdio::null()).stdout(output).stderr(Stdio::from(errors.0));
    let start = Instant::now();
    let child = command.spawn().map_err(|error| format!("{shown} did not start: {error}"))?;
    let used = child.wait4().map_err(|error| format!("{shown} was lost: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let said = std::fs::read_to_string(&errors.1).unwrap_or_default();
    let _already_gone = std::fs::remove_file(&errors.1);
    if !used.status.success() {
        let lines: Vec<&str> = said.lines().collect();
        let tail = lines[lines.len().saturating_sub(12)..].join("\n");
        return Err(format!("{shown} failed: {}\n{tail}", used.status));
    }
    Ok(Measurement { seconds, bytes: used.rusage.maxrss })
}

fn tempfile_of(shown: &str) -> Result<(std::fs::File, std::path::PathBuf), Failure> {
    let path = std::env::temp_dir().join(format!("syncline-bench-{}.stderr", std::process::id()));
    let file = std::fs::File::create(&path)
        .map_err(|error| format!("{shown}: {} could not be written: {error}", path.display()))?;
    Ok((file, path))
}
