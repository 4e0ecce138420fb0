//! Where a log is kept, behind one small trait.
//!
//! A backend keeps records as bytes. It seals nothing, parses nothing and knows no lease: chaining,
//! sealing, group commit and checkpoints are [`StoredLog`](crate::StoredLog)'s, the same for all.
//!
//! Laws, checked by one suite on every backend:
//! * [`Backend::append`] adds all of its records or none, only right behind the mark that it is
//!   given, and returns when they are durable. Of two that append behind the same mark at most one
//!   succeeds: so a lease is a record, and the mark is its fence.
//! * What [`Backend::read`] returns is what was appended, in order and without gaps, or an error.
//! * A checkpoint may be lost, old or of another log at any time: whoever reads one checks it.

use async_trait::async_trait;
use syncline_model::EnvironmentName;
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;

use crate::chain::Stored;

/// A place for logs: one for each environment.
#[async_trait]
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// Returns where it is, for people, without secrets: `.syncline/state.db`.
    fn place(&self) -> String;

    /// Returns the records after a sequence number: at least one where there is one, and about as
    /// many as `limit`. Damage is an error only when nothing stands before it.
    ///
    /// # Errors
    /// [`LogError::Corrupt`], [`LogError::Format`] or [`LogError::Storage`].
    async fn read(
        &self,
        environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError>;

    /// Returns the mark of the last record; [`START`](crate::START) for an empty log.
    ///
    /// # Errors
    /// As [`Backend::read`].
    async fn tail(&self, environment: &EnvironmentName) -> Result<StateMark, LogError>;

    /// Appends records, unless the last one is not `after`: then returns false and has written
    /// nothing.
    ///
    /// # Errors
    /// [`LogError::Storage`] when it is not known whether they were written.
    async fn append(
        &self,
        environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError>;

    /// Returns the environments that have a log, sorted.
    ///
    /// # Errors
    /// As [`Backend::read`].
    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError>;

    /// Returns the bytes of the last checkpoint that was kept, where there is one.
    ///
    /// # Errors
    /// As [`Backend::read`].
    async fn checkpoint(&self, environment: &EnvironmentName) -> Result<Option<Vec<u8>>, LogError>;

    /// Keeps a checkpoint in place of the one before, or removes that.
    ///
    /// # Errors
    /// [`LogError::Storage`].
    async fn set_checkpoint(
        &self,
        environment: &EnvironmentName,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError>;
}
