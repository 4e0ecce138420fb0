//! Where things are, and how cargo is called.
//!
//! Takes nothing but the environment that cargo itself sets; returns paths and prepared commands.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

/// Returns the root of the checkout.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or_else(|| own.to_path_buf(), Path::to_path_buf)
}

/// Returns the folder that cargo builds into.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Returns a cargo command that runs in the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Builds the command line and returns where it is.
///
/// # Errors
/// When it does not build.
pub(crate) fn build_syncline(release: bool) -> Result<PathBuf, Failure> {
    let mut command = cargo(&["build", "--package", "syncline-cli"]);
    if release {
        command.arg("--release");
    }
    succeed(&mut command)?;
    let profile = if release { "release" } else { "debug" };
    Ok(target_dir().join(profile).join(format!("syncline{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs a command that must succeed; its output goes where ours does.
///
/// # Errors
/// When it cannot be started or fails.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown} failed: {status}")),
        Err(error) => Err(format!("{shown} could not be started: {error}")),
    }
}
