//! Logs in memory, for tests and benchmarks.
//!
//! Records are kept as they would be stored, sealed and chained, so that it behaves as a durable
//! backend does; only that nothing outlives the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use syncline_model::EnvironmentName;
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;

use crate::Backend;
use crate::chain::{START, Stored};

/// Logs in memory.
#[derive(Default)]
pub struct MemoryBackend {
    logs: Mutex<BTreeMap<EnvironmentName, Kept>>,
}

#[derive(Default)]
struct Kept {
    records: Vec<Stored>,
    checkpoint: Option<Vec<u8>>,
}

impl std::fmt::Debug for MemoryBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryBackend({} logs)", self.lock().len())
    }
}

impl MemoryBackend {
    /// Nothing panics while it holds the lock, so what is behind a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<EnvironmentName, Kept>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Backend for MemoryBackend {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    async fn read(
        &self,
        environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError> {
        let logs = self.lock();
        let records = logs.get(environment).map_or(&[][..], |kept| &kept.records);
        let from = usize::try_from(after).unwrap_or(usize::MAX).min(records.len());
        Ok(records[from..].iter().take(limit).cloned().collect())
    }

    async fn tail(&self, environment: &EnvironmentName) -> Result<StateMark, LogError> {
        let logs = self.lock();
        let last = logs.get(environment).and_then(|kept| kept.records.last());
        Ok(last.map_or(START, Stored::mark))
    }

    async fn append(
        &self,
        environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError> {
        let mut logs = self.lock();
        let kept = logs.entry(environment.clone()).or_default();
        if kept.records.last().map_or(START, Stored::mark) != *after {
            return Ok(false);
        }
        kept.records.extend_from_slice(records);
        Ok(true)
    }

    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError> {
        let logs = self.lock();
        let used = logs.iter().filter(|(_, kept)| !kept.records.is_empty());
        Ok(used.map(|(name, _)| name.clone()).collect())
    }

    async fn checkpoint(&self, environment: &EnvironmentName) -> Result<Option<Vec<u8>>, LogError> {
        Ok(self.lock().get(environment).and_then(|kept| kept.checkpoint.clone()))
    }

    async fn set_checkpoint(
        &self,
        environment: &EnvironmentName,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError> {
        self.lock().entry(environment.clone()).or_default().checkpoint = checkpoint;
        Ok(())
    }
}
