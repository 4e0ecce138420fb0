//! What every backend must do, run on each: in memory, SQLite, objects in a folder, and, where
//! `cargo xtask test` has set them up, PostgreSQL and S3.

mod appliers;
mod conformance;
mod damage;
mod paused;
mod worlds;
