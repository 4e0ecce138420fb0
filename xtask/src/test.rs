//! `cargo xtask test`: everything that CI runs, with one line at the end.
//!
//! Takes an optional filter of test names; streams what cargo prints, counts the results, and
//! fails when a test failed, when nothing ran, or, in CI, when something was skipped.
//!
//! A test that cannot set up what it needs appends a line that says so to the file named by
//! `SYNCLINE_SKIPPED`, and passes.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use crate::services::Services;
use crate::{Failure, cargo, complain, docs, editors, providers, say};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Runs everything.
///
/// # Errors
/// When anything failed.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let skipped = SkipFile::new()?;
    let binary = cargo::build_syncline(false)?;
    let services = Services::start();
    skipped.add(&services.skipped);
    let mut command = cargo::cargo(&["test", "--workspace", "--no-fail-fast"]);
    command
        .args(arguments)
        .env("SYNCLINE_BIN", &binary)
        .env("SYNCLINE_SKIPPED", &skipped.0)
        .envs(services.variables.iter().map(|(name, value)| (name, value)))
        .env("SYNCLINE_TEST_PROVIDERS", providers::build())
        .stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cargo did not start: {error}"))?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            say(&line);
            tally.count(&line);
        }
    }
    let status = child.wait().map_err(|error| format!("cargo was lost: {error}"))?;
    if !status.success() && tally.failed == 0 {
        complain("something did not build, or a test ended its process");
        tally.failed += 1;
    }
    if arguments.is_empty() {
        match docs::check() {
            Ok(()) => tally.passed += 1,
            Err(failure) => {
                complain(&failure);
                tally.failed += 1;
            }
        }
        for ran in [editors::extension(), editors::grammar()] {
            match ran {
                Ok(editors::Ran::Passed(count)) => tally.passed += count,
                Ok(editors::Ran::Skipped(why)) => skipped.append(&why)?,
                Err(failure) => {
                    complain(&failure);
                    tally.failed += 1;
                }
            }
        }
    }
    let skips = skipped.lines();
    if !skips.is_empty() {
        say(&format!("skipped: {}", skips.join("; ")));
        if std::env::var("CI").is_ok_and(|value| value == "true" || value == "1") {
            tally.failed += skips.len() as u64;
        }
    }
    say(&format!("{} passed, {} failed", tally.passed, tally.failed));
    if tally.failed > 0 || tally.passed == 0 {
        Err("not everything passed".to_owned())
    } else {
        Ok(())
    }
}

impl Tally {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; ...`; any other counts nothing.
    fn count(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let number = |word: &str| {
            result
                .split([';', '.'])
                .find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<u64>().ok())
                .unwrap_or(0)
        };
        self.passed += number("passed");
        self.failed += number("failed");
    }
}

/// The file that tests tell their skips in.
struct SkipFile(PathBuf);

impl SkipFile {
    fn new() -> Result<Self, Failure> {
        let path = cargo::target_dir().join(format!("skipped-{}.txt", std::process::id()));
        let folder = cargo::target_dir();
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&path, ""))
            .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
        Ok(Self(path))
    }

    /// Adds what was skipped.
    fn add(&self, lines: &[String]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        // Without the file nothing could be skipped, and tests that try will say so.
        let _ = std::fs::write(&self.0, text);
    }

    /// Adds something that was skipped.
    fn append(&self, line: &str) -> Result<(), Failure> {
        let before = std::fs::read_to_string(&self.0).unwrap_or_default();
        std::fs::write(&self.0, format!("{before}{line}\n"))
            .map_err(|error| format!("{} could not be written: {error}", self.0.display()))
    }

    /// Returns each thing that was skipped, once, in order.
    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines.dedup();
        lines
    }
}

impl Drop for SkipFile {
    fn drop(&mut self) {
        let _already_gone = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_and_nothing_else_is() {
        let mut tally = Tally::default();
        tally.count("running 3 tests");
        tally.count(
            "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out",
        );
        tally.count("test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(tally, Tally { passed: 17, failed: 3 });
    }
}
