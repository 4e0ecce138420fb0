//! The `local` provider: files, directories, links and commands of this machine.
//!
//! Paths that are not absolute start at the root that the provider is made with, the project's
//! folder, and are recorded as they are written: a checkout may move.

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
use syncline_protocol::sdk::ProviderBuilder;

use self::place::Root;
use self::process::Processes;

/// Returns the provider; `root` is where relative paths start.
#[must_use]
pub fn provider(root: PathBuf) -> Arc<dyn Provider> {
    let root = Root::new(root);
    let processes = Processes::default();
    ProviderBuilder::new("local", env!("CARGO_PKG_VERSION"), DESCRIPTION)
        .resource("file", file::File::new(root.clone()))
        .resource("directory", directory::Directory::new(root.clone()))
        .resource("symlink", symlink::Symlink::new(root.clone()))
        .resource("command", command::Command::new(root.clone(), processes.clone()))
        .data("file", data::FileData::new(root.clone()))
        .data("command", data::CommandData::new(root, processes))
        .build()
}

const DESCRIPTION: &str = "Files, directories, links and commands of this machine.";
