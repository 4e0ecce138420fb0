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
    dies: bool,
}

impl<'a> Dying<'a> {
    /// Returns the log, with room for as many more records as the arguments of a run say: `--crash N`.
    pub(super) fn of(log: &'a StoredLog, arguments: &[String]) -> Self {
        let crash = arguments.windows(2).find(|pair| pair[0] == "--crash");
        let left = crash.map_or(usize::MAX, |pair| pair[1].parse().unwrap_or_default());
        Self { log, left: AtomicUsize::new(left), dies: crash.is_some() }
    }

    /// Tells whether a run is meant to die.
    pub(super) const fn dies(&self) -> bool {
        self.dies
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
