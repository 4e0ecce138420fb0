//! What every backend must do, run on each: in memory, SQLite, objects in a folder, and, where
//! `cargo xtask test` has set them up, PostgreSQL and S3.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails where it cannot go on, and shows what a failure needs"
)]

mod appliers;
mod conformance;
mod damage;
mod paused;
mod round_trips;
mod tls;
mod versions;
mod worlds;
