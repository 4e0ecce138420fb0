//! The only task runner: tests, benchmarks, generated documents.
//!
//! Takes a command line, runs cargo and the built `syncline` as processes of their own, and
//! returns an exit code. It never links a crate of the project, so that it builds at once and
//! that what it measures and tests is what users run.

mod bench;
mod cargo;
mod docs;
mod editors;
mod functions;
mod fuzz;
mod order;
mod providers;
mod services;
mod test;
mod torture;

use std::io::Write as _;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask COMMAND

Commands:
  test [FILTER]     Builds the command line and, where there is Go, external providers, runs every
                    test of the workspace (tidy, text cases, properties, end-to-end runs among
                    them) and checks the generated documents.
                    Starts PostgreSQL and S3 from packages in the target folder for the tests of logs.
                    Ends with the line `N passed, N failed`. With CI=true a skipped test is a failure.
                    UPDATE_EXPECT=1 rewrites the expectations of the text cases.
  providers         Builds the external providers that tests run, where there is Go, and prints
                    their folder.
  bench [--quick]   Measures time and peak memory on generated projects of 10, 1,000, 10,000 and
        [--size N]  100,000 resources; --quick stops at 1,000, --size takes one size alone.
        [--filter W]  Only rows whose name contains W; `log` is the log of records alone.
  bench providers   Measures external providers under Syncline and OpenTofu
                    (--size to choose one size)
  bench lang        Measures the language alone beside jrsonnet, jsonnet, Nickel, KCL, CUE, Pkl and
        [--size N]  Dhall, as far as they are on the PATH: one program in all of them, whose outputs
                    must agree; and how fast our parser is. 10,000 resources, and 100,000 for ours.
  fuzz [10m | INPUTS]
       [--seed N]   Gives made and mutated programs to parser, formatter, checker and evaluator: no
                    panic, no stage over 2 s, no more than 512 MB, a stable format. One minute when
                    nothing is said. What fails is kept, small, in the target folder's `fuzz`.
  torture [PERCENT] [FILTER]
                    Runs what proves the promises of docs/reliability.md in full, or so many percent
                    of it, and prints the figures. 100 percent take hours.
  order             Runs plans and applies under a tracer and writes which functions they need into
                    cli/order.ld, which the linker then puts side by side. Before a release.
  docs [--check]    Writes docs/commands.md and docs/diagnostics.md from what the command line says of
                    itself, docs/functions.md from stdlib/*.sync; --check only compares.
  help              This text.
";

/// A failure that is told to the user in one line.
pub(crate) type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        [bench::MEASURED, rest @ ..] => bench::between(rest),
        ["help" | "--help" | "-h", ..] | [_, "--help" | "-h", ..] => {
            say(HELP);
            Ok(())
        }
        ["test", rest @ ..] => test::run(rest),
        ["torture", rest @ ..] => torture::run(rest),
        ["providers"] => {
            say(&providers::build().display().to_string());
            Ok(())
        }
        ["bench", rest @ ..] => bench::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["order"] => order::write(),
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        [] => Err(format!("a command is missing\n\n{HELP}")),
        [other, ..] => Err(format!("`{other}` is no command, or has arguments too many\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Prints a line on stdout. A reader that went away is no error of ours.
pub(crate) fn say(line: &str) {
    let _gone = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a line on stderr.
pub(crate) fn complain(line: &str) {
    let _gone = writeln!(std::io::stderr().lock(), "xtask: {line}");
}
