//! Logs in PostgreSQL.
//!
//! | table | columns |
//! | --- | --- |
//! | `meta` | `key` text, `value` text; `format` is [`FORMAT`] |
//! | `records` | `environment` text, `sequence` bigint, `previous`, `hash` and `body` bytea, `time` bigint, `batch` bytea (who wrote it: 16 random bytes); key (`environment`, `sequence`) |
//! | `checkpoints` | `environment` text, key; `body` bytea |
//!
//! They stand in a schema of their own, `syncline` by default, which the first append makes. An
//! append is one statement and one round trip: it inserts its records where the last one is the
//! expected one, and of two at once the key lets one through. A commit returns when the server has
//! it on disk (`synchronous_commit = on` is asked for).
//!
//! Where a connection breaks in the middle of an append, the next one looks whether the records
//! are there, by `batch`. It never interprets a record.

mod store;
mod tls;

pub use store::{FORMAT, Postgres, PostgresBackend};
