//! The `syncline` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    syncline_cli::main()
}
