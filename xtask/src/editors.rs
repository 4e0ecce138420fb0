//! The tests of what is written for editors: the extension of VS Code and the tree-sitter grammar.
//!
//! Takes the checkout; installs the few packages that the extension's tests need and runs them with
//! `node`; tests the grammar with a cargo workspace of its own. Where there is no `node`, or packages
//! cannot be had, that is told as skipped.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Failure, cargo, say};

/// What came of the tests.
pub(crate) enum Ran {
    /// So many passed.
    Passed(u64),
    /// Why they did not run.
    Skipped(String),
}

/// Runs the tests of the grammar.
///
/// # Errors
/// When one fails.
pub(crate) fn grammar() -> Result<Ran, Failure> {
    let manifest = cargo::root().join("editors").join("tree-sitter").join("Cargo.toml");
    let target = cargo::target_dir().join("tree-sitter");
    let prepare = |command: &mut Command| {
        command.arg("--manifest-path").arg(&manifest).env("CARGO_TARGET_DIR", &target);
    };
    let mut fetch = cargo::cargo(&["fetch", "--quiet"]);
    prepare(&mut fetch);
    if !succeeds(&mut fetch) {
        return Ok(Ran::Skipped("the tree-sitter grammar: its crates cannot be had".to_owned()));
    }
    let mut run = cargo::cargo(&["test", "--quiet", "--tests"]);
    prepare(&mut run);
    cargo::succeed(&mut run)?;
    Ok(Ran::Passed(3))
}

/// Runs the tests of the extension.
///
/// # Errors
/// When one fails.
pub(crate) fn extension() -> Result<Ran, Failure> {
    let folder = cargo::root().join("editors").join("vscode");
    if !succeeds(Command::new("node").arg("--version")) {
        return Ok(Ran::Skipped("the extension of VS Code: there is no `node`".to_owned()));
    }
    if !folder.join("node_modules").is_dir()
        && !succeeds(npm(&folder).args(["ci", "--silent", "--ignore-scripts"]))
    {
        return Ok(Ran::Skipped("the extension of VS Code: `npm ci` fails".to_owned()));
    }
    let output = npm(&folder)
        .args(["test", "--silent"])
        .output()
        .map_err(|error| format!("`npm test` did not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        say(&said);
        return Err("the tests of editors/vscode failed".to_owned());
    }
    let passed = said
        .lines()
        .find_map(|line| line.trim_start_matches(['#', ' ', 'ℹ']).strip_prefix("pass "));
    Ok(Ran::Passed(passed.and_then(|number| number.trim().parse().ok()).unwrap_or(1)))
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|own| own.success())
}
