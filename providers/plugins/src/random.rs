//! `random` as a plugin.

use std::process::ExitCode;

fn main() -> ExitCode {
    syncline_protocol::server::serve(syncline_provider_random::provider())
}
