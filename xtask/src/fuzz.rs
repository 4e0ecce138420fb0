//! `cargo xtask fuzz`: made and mutated inputs to parser, formatter, checker and evaluator.
//!
//! Takes minutes or a number of inputs; builds the release program, runs one process for each core,
//! each with a seed of its own, and prints how many inputs each stage took. What fails is made smaller
//! and kept below `fuzz/` in the target folder; a failure fails the command.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, cargo, complain, say};

/// As good as for ever.
const ENDLESS: u64 = u64::MAX;

/// How long it runs.
enum Length {
    Minutes(u64),
    Inputs(u64),
}

/// Runs the fuzzer.
///
/// # Errors
/// When it does not build, or an input fails.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let (length, first) = parse(arguments)?;
    let example = ["build", "--release", "--package", "syncline-lang", "--example", "fuzz"];
    cargo::succeed(&mut cargo::cargo(&example))?;
    let program = cargo::target_dir().join("release").join("examples").join("fuzz");
    let folder = cargo::target_dir().join("fuzz");
    let processes = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let each = match length {
        Length::Minutes(_) => ENDLESS,
        Length::Inputs(inputs) => inputs.div_ceil(processes),
    };
    let mut running = Vec::new();
    for at in 0..processes {
        let own = folder.join(at.to_string());
        std::fs::create_dir_all(&own)
            .map_err(|error| format!("{} could not be made: {error}", own.display()))?;
        let _was_not_there = std::fs::remove_file(own.join("stop"));
        let mut command = Command::new(&program);
        command
            .arg((first + at).to_string())
            .arg(each.to_string())
            .arg(&own)
            .args(["tests/suite", "examples", "stdlib"])
            .current_dir(cargo::root())
            .stdin(Stdio::null());
        let child = command
            .spawn()
            .map_err(|error| format!("{} did not start: {error}", program.display()))?;
        running.push((own, child));
    }
    if let Length::Minutes(minutes) = length {
        stop_after(Duration::from_secs(minutes * 60), &running)?;
    }
    let mut failed = false;
    for (own, mut child) in running {
        let status = child.wait().map_err(|error| format!("a process was lost: {error}"))?;
        if !status.success() {
            failed = true;
            complain(&format!("{status}; the last input is in {}", own.join("running").display()));
        }
    }
    if failed { Err("an input failed".to_owned()) } else { Ok(()) }
}

/// Asks the processes to end after so long.
fn stop_after(
    length: Duration,
    running: &[(std::path::PathBuf, std::process::Child)],
) -> Result<(), Failure> {
    say(&format!("for {} minutes", length.as_secs() / 60));
    let end = Instant::now() + length;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
    for (own, _) in running {
        let path = own.join("stop");
        std::fs::write(&path, "")
            .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    }
    Ok(())
}

/// Reads `10m`, `1000000` and `--seed N`.
fn parse(arguments: &[&str]) -> Result<(Length, u64), Failure> {
    let mut length = Length::Minutes(1);
    let mut first = 1;
    let mut rest = arguments;
    loop {
        match rest {
            [] => return Ok((length, first)),
            ["--seed", seed, more @ ..] => {
                first = seed.parse().map_err(|_| format!("`{seed}` is no seed"))?;
                rest = more;
            }
            [word, more @ ..] => {
                let unreadable =
                    || format!("`{word}` is neither minutes (`10m`) nor a number of inputs");
                length = match word.strip_suffix('m') {
                    Some(minutes) => Length::Minutes(minutes.parse().map_err(|_| unreadable())?),
                    None => Length::Inputs(
                        word.replace([',', '_'], "").parse().map_err(|_| unreadable())?,
                    ),
                };
                rest = more;
            }
        }
    }
}
