//! A log that is written so far and no further, as when a process dies.
//!
//! An append that would go beyond the limit writes nothing and fails, and so does every later one:
//! what a run then still does is what a run without a log may do, which is nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{Body, Log, LogError, Record};
use syncline_state::StoredLog;

/// A log with room for so many more records.
#[derive(Debug)]
pub(super) struct Dying<'a> {
    log: &'a StoredLog,
    left: AtomicUsize,
}

impl<'a> Dying<'a> {
    /// Returns the log, with room for `left` more records.
    pub(super) const fn new(log: &'a StoredLog, left: usize) -> Self {
        Self { log, left: AtomicUsize::new(left) }
    }
}

#[async_trait]
impl Log for Dying<'_> {
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        self.log.read(after).await
    }

    async fn append(
        &self,
        bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<StateMark, LogError> {
        let left = self.left.load(Ordering::SeqCst);
        if bodies.len() > left {
            self.left.store(0, Ordering::SeqCst);
            let reason = "the process has died".to_owned();
            return Err(LogError::Storage { doing: "written", reason });
        }
        self.left.store(left - bodies.len(), Ordering::SeqCst);
        self.log.append(bodies, expected).await
    }
}
