//! Logs in object stores: S3 and what speaks its protocol, those of Google and Azure, and a folder.
//!
//! | object | what |
//! | --- | --- |
//! | `PREFIX/ENVIRONMENT/log/FIRST` | a batch of records: see `batch`; `FIRST` is the first one's sequence number with 20 digits |
//! | `PREFIX/ENVIRONMENT/checkpoint` | the last checkpoint, after a line with the batch that it ends in |
//!
//! An append is one object, written only if there is none of its name: two that append behind the
//! same record want the same name, and the store lets one of them have it. So nothing else is
//! needed for locking. Appends that wait share an object, so the number of round trips grows with
//! time and not with records. Objects of the log are never changed and never removed.
//!
//! Opening costs three round trips and those of new batches, sixteen at a time: the checkpoint, the
//! batch in which it ends, and a list of what came after. It never interprets a record.

mod answers;
mod batch;
mod names;
mod services;
mod store;

pub use object_store;
pub use services::{Azure, Gcs, S3, is_address, is_name};
pub use store::ObjectsBackend;
