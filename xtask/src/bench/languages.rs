//! `cargo xtask bench lang`: the language alone beside other languages, and its parser.
//!
//! Takes sizes; writes the same program in every language that is on the PATH, runs each as a
//! process, compares what they print as JSON, and prints wall time, peak memory and the ratios to
//! ours. Nothing is installed: what is not there is left out, and said.

mod programs;

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Folder;
use super::measure::{Measurement, measure_into};
use super::table::{Shown, grouped};
use crate::{Failure, cargo, complain, say};
use programs::Workload;

/// Up to this size the other languages run too.
const OTHERS_UP_TO: usize = 10_000;
/// The best of so many runs counts.
const TIMES: usize = 7;

/// A language and how its program is run.
struct Language {
    name: &'static str,
    program: &'static str,
    /// The arguments before the file, and how a file's name ends.
    arguments: &'static [&'static str],
    ending: &'static str,
    has_loop: bool,
    write: fn(Workload) -> String,
}

const OTHERS: [Language; 7] = [
    Language {
        name: "jrsonnet",
        program: "jrsonnet",
        arguments: &[],
        ending: "jsonnet",
        has_loop: true,
        write: programs::jsonnet,
    },
    Language {
        name: "jsonnet",
        program: "jsonnet",
        arguments: &[],
        ending: "jsonnet",
        has_loop: true,
        write: programs::jsonnet,
    },
    Language {
        name: "Nickel",
        program: "nickel",
        arguments: &["export"],
        ending: "ncl",
        has_loop: true,
        write: programs::nickel,
    },
    Language {
        name: "KCL",
        program: "kcl",
        arguments: &["run", "--format", "json"],
        ending: "k",
        has_loop: true,
        write: programs::kcl,
    },
    Language {
        name: "CUE",
        program: "cue",
        arguments: &["export"],
        ending: "cue",
        has_loop: true,
        write: programs::cue,
    },
    Language {
        name: "Pkl",
        program: "pkl",
        arguments: &["eval", "-f", "json"],
        ending: "pkl",
        has_loop: true,
        write: programs::pkl,
    },
    Language {
        name: "Dhall",
        program: "dhall-to-json",
        arguments: &["--file"],
        ending: "dhall",
        has_loop: false,
        write: programs::dhall,
    },
];

/// Measures and prints.
///
/// # Errors
/// When something does not build, ours fails, or outputs differ.
pub(super) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let sizes = match arguments {
        [] => vec![10_000, 100_000],
        ["--size", size] => {
            let size = size.replace([',', '_'], "");
            vec![size.parse().map_err(|_| format!("`{size}` is no size"))?]
        }
        [other, ..] => return Err(format!("`{other}` is no option of bench lang: see --help")),
    };
    let example = ["build", "--release", "--package", "syncline-lang", "--example", "workload"];
    cargo::succeed(&mut cargo::cargo(&example))?;
    let ours = cargo::target_dir().join("release").join("examples").join("workload");
    let others: Vec<&Language> = OTHERS.iter().filter(|own| is_there(own)).collect();
    for missing in OTHERS.iter().filter(|own| !is_there(own)) {
        complain(&format!("no `{}` is on the PATH: {} is left out", missing.program, missing.name));
    }
    let folder = Folder::new()?;
    say("| | wall time and peak memory | times as long | times the memory |");
    say("| --- | ---: | ---: | ---: |");
    for &size in &sizes {
        for looped in [false, true] {
            let work = Workload { size, looped };
            compare(&ours, if size <= OTHERS_UP_TO { &others } else { &[] }, work, &folder.0)?;
        }
    }
    for &size in &sizes {
        parsing(&ours, size, &folder.0)?;
    }
    Ok(())
}

fn is_there(language: &Language) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(language.program).is_file())
}

/// Runs one workload in every language and prints its rows.
fn compare(
    ours: &Path,
    others: &[&Language],
    work: Workload,
    folder: &Path,
) -> Result<(), Failure> {
    let shape = if work.looped { "loop" } else { "flat" };
    let title = |name: &str| format!("{name}, {} {shape}", grouped(work.size));
    let source = write(folder, &format!("w-{shape}-{}.sync", work.size), &programs::sync(work))?;
    let (own, expected) = ours_alone(ours, &[], &source, folder)?;
    say(&format!("| {} | {} | 1 | 1 |", title("Syncline"), Shown(own)));
    if !work.looped {
        // The first of these runs keeps the trees, the others read them.
        let trees = folder.join("kept.trees");
        let (warm, printed) =
            ours_alone(ours, &["--kept".as_ref(), trees.as_os_str()], &source, folder)?;
        if printed != expected {
            return Err("kept trees give something else".to_owned());
        }
        let (seconds, bytes) = (warm.seconds / own.seconds, warm.bytes as f64 / own.bytes as f64);
        say(&format!(
            "| {}, warm | {} | {seconds:.1} | {bytes:.1} |",
            title("Syncline"),
            Shown(warm)
        ));
    }
    for language in others.iter().filter(|language| language.has_loop || !work.looped) {
        let name = format!("w-{shape}-{}.{}", work.size, language.ending);
        let source = write(folder, &name, &(language.write)(work))?;
        let run = best(
            || {
                let mut command = Command::new(language.program);
                command.args(language.arguments).arg(&source);
                command
            },
            folder,
        );
        match run {
            Ok((theirs, printed)) => {
                say(&format!(
                    "| {} | {} | {:.1} | {:.1} |",
                    title(language.name),
                    Shown(theirs),
                    theirs.seconds / own.seconds,
                    theirs.bytes as f64 / own.bytes as f64
                ));
                if printed != expected {
                    return Err(format!("{} prints something else than ours", language.name));
                }
            }
            Err(failure) => complain(&format!("{} failed: {failure}", title(language.name))),
        }
    }
    Ok(())
}

/// Runs ours on a source, with options before it.
fn ours_alone(
    ours: &Path,
    options: &[&OsStr],
    source: &Path,
    folder: &Path,
) -> Result<(Measurement, serde_json::Value), Failure> {
    let prepare = || {
        let mut command = Command::new(ours);
        command.args(options).arg(source);
        command
    };
    best(prepare, folder)
}

/// Returns the fastest of several runs, and what the first printed, as sorted JSON.
fn best(
    prepare: impl Fn() -> Command,
    folder: &Path,
) -> Result<(Measurement, serde_json::Value), Failure> {
    let path = folder.join("printed.json");
    let unreadable = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut best: Option<Measurement> = None;
    for _ in 0..TIMES {
        let file = File::create(&path).map_err(|error| unreadable(&error))?;
        let found = measure_into(&mut prepare(), Stdio::from(file))?;
        // What takes that long is not measured again.
        let slow = found.seconds > 3.0;
        if best.is_none_or(|best| found.seconds < best.seconds) {
            best = Some(found);
        }
        if slow {
            break;
        }
    }
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
    let printed = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    best.map(|best| (best, printed)).ok_or_else(|| "nothing was measured".to_owned())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    let path = folder.join(name);
    std::fs::write(&path, text)
        .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    Ok(path)
}

/// Prints how fast the written-out program is parsed, on one core and on all.
fn parsing(ours: &Path, size: usize, folder: &Path) -> Result<(), Failure> {
    let source = folder.join(format!("w-flat-{size}.sync"));
    for (cores, name) in [(Some("0"), "one core"), (None, "all cores")] {
        let mut command = match cores {
            // The parser takes as many threads as it may run on.
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["-c", cores]).arg(ours);
                command
            }
            None => Command::new(ours),
        };
        let output = command.arg("--parse").arg(&source).output();
        let Ok(output) = output else {
            complain(&format!("no `taskset` is there: parsing on {name} is left out"));
            continue;
        };
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<f64> =
            printed.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [bytes, cold, warm, kept, grown] = numbers.as_slice() else {
            return Err(format!("parsing failed: {}", String::from_utf8_lossy(&output.stderr)));
        };
        say(&format!(
            "parsing {:.1} MB on {name}: cold {:.1} MB/s, warm {:.1} MB/s, {:.1} bytes a byte, \
             {:.2} of them kept",
            bytes / 1e6,
            bytes / 1e6 / cold,
            bytes / 1e6 / warm,
            grown / bytes,
            kept / bytes
        ));
    }
    Ok(())
}
