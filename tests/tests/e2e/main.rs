//! The wiring, with the real binary and real files: a few runs from end to end.
//!
//! Takes the `syncline` that `cargo xtask test` names in `SYNCLINE_BIN`, or builds one; every test
//! works in a folder of its own. Nothing waits for time to pass: tests wait for what a run says,
//! and a run that hangs is ended and fails.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod attached;
mod comparison;
mod crash;
mod data_keys;
mod environments;
mod ephemeral;
mod examples;
mod explaining;
mod external;
mod faults;
mod going_back;
mod health;
mod hostile;
mod lock;
mod lsp;
mod mends;
mod migrate;
mod mirrored;
mod mistakes;
mod moves;
mod naming;
mod outputs;
mod peer;
mod process;
mod programs;
mod providers;
mod saved_plan;
mod secrets;
mod state;
mod testing;
mod torture;

use syncline_tests::scale;
