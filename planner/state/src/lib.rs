//! The log and where it is kept.
//!
//! Takes the planner's records and keeps them, durably and chained by hash; gives them back
//! verified. It seals every secret on the way in and opens it on the way out. It never interprets
//! what records mean (that is `replay` in the planner), never shows anything, and reads no clock or
//! environment variable: both come from the caller.
//!
//! | module | what it has |
//! | --- | --- |
//! | [`SqliteLog`] | the log of an environment in `.syncline/state.db` |
//! | [`MemoryLog`] | the same in memory, for tests and benchmarks |
//! | [`Seal`], [`KeySeal`] | how secrets are sealed, and the key file |
//! | [`seal_value`], [`seal_plan`], ... | sealing of whole nouns |
//! | [`plan_file`] | saved plans |

mod chain;
mod codec;
mod key;
mod memory;
pub mod plan_file;
mod private;
mod read;
mod seal;
mod sealing;
mod sqlite;
mod store;
mod writer;

pub use chain::record_hash;
pub use key::KeyError;
pub use memory::MemoryLog;
pub use read::Verified;
pub use seal::{KeySeal, Seal, SealError};
pub use sealing::{open_body, open_plan, open_value, seal_body, seal_plan, seal_value};
pub use sqlite::{SqliteLog, environments, verify};

/// Tells the time of a record, in milliseconds since 1970-01-01 UTC.
pub type Clock = std::sync::Arc<dyn Fn() -> syncline_planner::record::Millis + Send + Sync>;
