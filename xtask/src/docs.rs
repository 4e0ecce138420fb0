//! The generated documents: `docs/commands.md`, from the command line's own help.
//!
//! Takes what `syncline` prints about itself and writes or compares the file; it never edits what
//! people wrote.

use std::path::PathBuf;
use std::process::Command;

use crate::{Failure, cargo, say};

/// The hidden command of `syncline` that prints the reference as Markdown.
const REFERENCE: &[&str] = &["reference"];

/// Writes the document.
///
/// # Errors
/// When the command line does not build, or the file cannot be written.
pub(crate) fn write() -> Result<(), Failure> {
    let text = generate()?;
    let path = path();
    std::fs::write(&path, text)
        .map_err(|error| format!("{} could not be written: {error}", path.display()))?;
    say(&format!("wrote {}", path.display()));
    Ok(())
}

/// Compares the document with what would be written.
///
/// # Errors
/// When it differs.
pub(crate) fn check() -> Result<(), Failure> {
    let path = path();
    let found = std::fs::read_to_string(&path)
        .map_err(|error| format!("{} could not be read: {error}", path.display()))?;
    if found == generate()? {
        Ok(())
    } else {
        Err("docs/commands.md is not what the command line says: run `cargo xtask docs`".to_owned())
    }
}

fn path() -> PathBuf {
    cargo::root().join("docs").join("commands.md")
}

fn generate() -> Result<String, Failure> {
    let binary = cargo::build_syncline(false)?;
    let output = Command::new(&binary)
        .args(REFERENCE)
        .output()
        .map_err(|error| format!("{} could not be started: {error}", binary.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`syncline reference` failed: {said}"));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| "`syncline reference` printed something else than text".to_owned())
}
