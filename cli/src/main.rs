//! The `syncline` binary.

use std::process::ExitCode;

/// Trees of small parts are what this program makes: an allocator that is good at those.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    syncline_cli::main()
}
