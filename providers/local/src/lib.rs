//! The `local` provider: files, directories, links and commands of this machine.
//!
//! Paths that are not absolute start at the root that the provider is made with, the project's
//! folder, and are recorded as they are written: a checkout may move.
//!
//! Laws: a file or a link is there whole or not at all, whenever the process dies; what was not made
//! here is neither overwritten nor removed unless it is asked for; a problem names the path, the
//! operating system's reason and a way out.

mod command;
mod data;
mod directory;
mod file;
mod parents;
mod place;
mod process;
mod symlink;

use std::path::PathBuf;
use std::sync::Arc;

use syncline_model::Provider;
use syncline_protocol::sdk::{ProviderBuilder, Stop};

use self::place::Root;
use self::process::Shell;

/// Returns the provider; `root` is where relative paths start.
#[must_use]
pub fn provider(root: PathBuf) -> Arc<dyn Provider> {
    let root = Root::new(root);
    let stop = Stop::new();
    let shell = Shell::new(root.clone(), stop.clone());
    let provider = ProviderBuilder::new("local", env!("CARGO_PKG_VERSION"))
        .describe("Files, directories, links and commands of this machine.")
        .stop(stop)
        .resource("command", command::Command::new(shell.clone()))
        .resource("directory", directory::Directory::new(root.clone()))
        .resource("file", file::File::new(root.clone()))
        .resource("symlink", symlink::Symlink::new(root.clone()))
        .data("command", data::CommandData::new(shell))
        .data("file", data::FileData::new(root))
        .build();
    Arc::new(provider)
}
