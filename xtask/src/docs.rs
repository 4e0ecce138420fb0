//! The generated documents: `docs/commands.md`, from the command line's own help, and
//! `docs/diagnostics.md`, from the headers of the diagnostics' files; `docs/functions.md`, from those
//! of the standard library.
//!
//! Takes what `syncline` prints about itself and writes or compares the files; it never edits what
//! people wrote.

use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, cargo, functions, say};

/// Each document with the hidden command of `syncline` that prints it as Markdown.
const DOCUMENTS: [(&str, &[&str]); 2] =
    [("commands.md", &["reference"]), ("diagnostics.md", &["reference", "diagnostics"])];

/// The document that is made from the library's own text.
const FUNCTIONS: &str = "functions.md";

/// Writes the documents.
///
/// # Errors
/// When the command line does not build, or a file cannot be written.
pub(crate) fn write() -> Result<(), Failure> {
    for (name, arguments) in DOCUMENTS {
        let text = generate(arguments)?;
        let path = path(name);
        std::fs::write(&path, text)
            .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
        say(&format!("wrote {}", path.display()));
    }
    let path = path(FUNCTIONS);
    std::fs::write(&path, functions::generate(&cargo::root())?)
        .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    say(&format!("wrote {}", path.display()));
    Ok(())
}

/// Compares the documents with what would be written.
///
/// # Errors
/// When one differs.
pub(crate) fn check() -> Result<(), Failure> {
    let found = std::fs::read_to_string(path(FUNCTIONS))
        .map_err(|error| format!("docs/{FUNCTIONS} could not be read: {error}"))?;
    if found != functions::generate(&cargo::root())? {
        return Err(format!("docs/{FUNCTIONS} is not what stdlib says: run `cargo xtask docs`"));
    }
    for (name, arguments) in DOCUMENTS {
        let path = path(name);
        let found = std::fs::read_to_string(&path)
            .map_err(|error| format!("{} could not be read: {error}", path.display()))?;
        if found != generate(arguments)? {
            return Err(format!(
                "docs/{name} is not what the command line says: run `cargo xtask docs`"
            ));
        }
    }
    Ok(())
}

fn path(name: &str) -> PathBuf {
    cargo::root().join("docs").join(name)
}

fn generate(arguments: &[&str]) -> Result<String, Failure> {
    let binary = cargo::build_syncline(false)?;
    let output = Command::new(&binary)
        .args(arguments)
        .output()
        .map_err(|error| format!("{} could not be started: {error}", binary.display()))?;
    let shown = arguments.join(" ");
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`syncline {shown}` failed: {said}"));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("`syncline {shown}` printed something else than text"))
}
