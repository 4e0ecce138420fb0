//! Cases as text, the runner, the in-memory provider, end-to-end runs, the tidy check.
//!
//! Takes case files (see `tests/README.md`) and returns what the stages make of them as text;
//! cases never call a stage's functions themselves: there is one `check_*` for each stage.

pub mod back;
pub mod case;
mod dump;
mod dump_expression;
pub mod front;
pub mod memory;
mod render;
pub mod scale;
pub mod sim;
pub mod suite;
