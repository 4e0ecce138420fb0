//! `syncline version`.

use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Arguments of `version`.
#[derive(clap::Args, Clone, Debug)]
pub struct VersionArguments {
    /// Print JSON (`--json`)
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &Session, arguments: &VersionArguments) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if arguments.json {
        session.output.line(&format!("{{\"version\":\"{version}\"}}"));
    } else {
        session.output.line(&format!("syncline {version}"));
    }
    Ok(Exit::Done)
}
