//! `local` as a plugin. Relative paths start where the program is started.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    syncline_protocol::server::serve(syncline_provider_local::provider(root))
}
