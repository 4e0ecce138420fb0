//! The command line.
//!
//! Takes the arguments of the process; runs one command and returns the exit code. This crate
//! alone owns the two output streams, the exit codes, the disk and the environment of the process:
//! every other crate gets what it needs through traits.
//!
//! | module | what it has |
//! | --- | --- |
//! | [`arguments`] | the command line's grammar |
//! | [`commands`] | one file a command |
//! | [`lsp`] | the language server |
//! | [`pages`] | the page of each diagnostic |
//! | [`project`] | sources, inputs, providers and state as found on the disk |
//! | [`report`] | plans and diagnostics as text, JSON, Markdown: pure functions |
//! | [`reference`](mod@reference) | the command reference, from the grammar |

pub mod arguments;
pub mod commands;
pub mod exit;
mod habits;
pub mod lsp;
pub mod output;
pub mod pages;
pub mod progress;
pub mod project;
pub mod reference;
pub mod report;
pub mod session;

use std::process::ExitCode;

use syncline_model::{Code, Diagnostic, Sources};

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// Runs the command line of the process.
#[must_use]
pub fn main() -> ExitCode {
    let exit = match Arguments::read() {
        Ok(arguments) => {
            let output = Output::process(arguments.global.no_color);
            run(arguments, output)
        }
        Err(error) => usage(&error),
    };
    ExitCode::from(exit.code())
}

/// Runs one command and says on `output` what went wrong, if something did.
#[must_use]
pub fn run(arguments: Arguments, output: Output) -> Exit {
    let session = Session::new(arguments.global, output);
    let done = commands::run(&session, arguments.command);
    match done.and_then(|exit| all_written(&session.output, exit)) {
        Ok(exit) => exit,
        Err(failure) => {
            session.tell_failure(&failure);
            failure.exit
        }
    }
}

/// Fails when a command has printed something that could not be written: half a document is none.
fn all_written(output: &Output, exit: Exit) -> Result<Exit, Failure> {
    match output.lost() {
        Some(reason) if matches!(exit, Exit::Done | Exit::Changes) => {
            Err(Failure::new(format!("what was printed could not be written: {reason}"))
                .note("Everything else that the command does was done."))
        }
        _ => Ok(exit),
    }
}

/// Prints what clap has to say. Its own exit code for a wrong command line is 2, which here
/// means that there are changes.
fn usage(error: &clap::Error) -> Exit {
    let output = Output::process(false);
    let text = error.render();
    if error.use_stderr() {
        let text =
            if output.notes_paint.enabled { text.ansi().to_string() } else { text.to_string() };
        output.prompt(&text);
        let instead = habits::instead(error);
        if let Some(instead) = instead {
            output.prompt(&format!("\nhelp: {instead}\n"));
        }
        // Nobody knows what the command would have been: what is written like the flag is taken for it.
        if std::env::args_os().any(|argument| argument == "--json") {
            progress::Lines::new(&output).diagnostic(&misused(error, instead), &Sources::default());
        }
        Exit::Error
    } else {
        let text =
            if output.data_paint.enabled { text.ansi().to_string() } else { text.to_string() };
        output.data(&text);
        Exit::Done
    }
}

/// Returns what is wrong with a command line.
fn misused(error: &clap::Error, instead: Option<&str>) -> Diagnostic {
    let text = error.render().to_string();
    let (message, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let message = message.strip_prefix("error: ").unwrap_or(message).trim();
    let mut diagnostic = Diagnostic::error(Code { id: "", summary: "" }, message);
    let rest = rest.trim();
    diagnostic.notes.extend((!rest.is_empty()).then(|| rest.to_owned()));
    diagnostic.help = instead.map(str::to_owned);
    diagnostic
}
