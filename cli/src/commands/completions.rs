//! `syncline completions SHELL`.

use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Arguments of `completions`.
#[derive(clap::Args, Clone, Debug)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(session: &Session, arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "syncline", &mut script);
    session.output.bytes(&script);
    Ok(Exit::Done)
}
