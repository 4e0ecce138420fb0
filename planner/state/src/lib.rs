//! The log and where it is kept.
//!
//! Takes the planner's records and keeps them, durably and chained by hash; gives them back
//! verified. It seals every secret on the way in and opens it on the way out. It never interprets
//! what records mean (that is `replay` in the planner), never shows anything, and reads no clock or
//! environment variable: both come from the caller.
//!
//! | module | what it has |
//! | --- | --- |
//! | [`Backend`] | the trait of what keeps logs |
//! | [`SqliteBackend`] | logs in `.syncline/state.db` |
//! | [`MemoryBackend`] | the same in memory, for tests and benchmarks |
//! | [`StoredLog`] | the log of one environment on a backend |
//! | [`verify`] | checks a whole log, without a key |
//! | [`Seal`], [`KeySeal`] | how secrets are sealed, and the key file |
//! | [`Keyring`] | the data keys of an environment, wrapped for recipients |
//! | [`seal_value`], [`seal_plan`], ... | sealing of whole nouns |
//! | [`plan_file`] | saved plans |

mod backend;
mod chain;
mod checkpoint;
mod codec;
mod key;
mod keyring;
mod log;
mod memory;
pub mod plan_file;
mod private;
mod read;
mod seal;
mod sealing;
mod sqlite;
mod store;
mod verify;

pub use backend::Backend;
pub use chain::{START, Stored, record_hash};
pub use checkpoint::covers as checkpoint_covers;
pub use key::KeyError;
pub use keyring::{Key, Keyring, Recipients};
pub use log::StoredLog;
pub use memory::MemoryBackend;
pub use seal::{KeySeal, Seal, SealError};
pub use sealing::{open_body, open_plan, open_state, open_value, seal_body, seal_plan, seal_value};
pub use sqlite::SqliteBackend;
pub use verify::{Verified, VerifyError, verify};

/// Tells the time of a record, in milliseconds since 1970-01-01 UTC.
pub type Clock = std::sync::Arc<dyn Fn() -> syncline_planner::record::Millis + Send + Sync>;
