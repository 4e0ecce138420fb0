//! The log in memory, for tests and benchmarks.
//!
//! It keeps records as they would be stored, sealed and chained, so that it behaves as the durable
//! log does; only that nothing outlives the process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{Body, Log, LogError, Record};

use crate::chain::{Known, START, Stored};
use crate::{Clock, Seal, codec};

/// One handle on a log in memory.
pub struct MemoryLog {
    records: Arc<Mutex<Vec<Stored>>>,
    known: Mutex<Known>,
    seal: Arc<dyn Seal>,
    clock: Clock,
}

impl std::fmt::Debug for MemoryLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryLog({} records)", lock(&self.records).len())
    }
}

impl MemoryLog {
    /// Returns an empty log.
    #[must_use]
    pub fn new(seal: Arc<dyn Seal>, clock: Clock) -> Self {
        Self { records: Arc::default(), known: Mutex::default(), seal, clock }
    }

    /// Returns another handle on the same log, as another process would have it.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            records: Arc::clone(&self.records),
            known: Mutex::default(),
            seal: Arc::clone(&self.seal),
            clock: Arc::clone(&self.clock),
        }
    }
}

/// Nothing panics while it holds one of these locks, so what is behind a poisoned one is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Log for MemoryLog {
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        let records = lock(&self.records).clone();
        let tail = records.last().map_or(START, Stored::mark);
        if after > tail.sequence {
            return Err(ends_before(after, tail.sequence));
        }
        let read = records[after as usize..]
            .iter()
            .map(|stored| stored.decode(&*self.seal))
            .collect::<Result<_, _>>()?;
        lock(&self.known).saw(tail);
        Ok(read)
    }

    async fn append(
        &self,
        bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<StateMark, LogError> {
        let bodies: Vec<Vec<u8>> = bodies
            .into_iter()
            .map(|body| codec::encode(body, &*self.seal))
            .collect::<Result<_, _>>()?;
        let mut records = lock(&self.records);
        let mut tail = records.last().map_or(START, Stored::mark);
        let mut known = lock(&self.known);
        known.admit(&tail, expected)?;
        for body in bodies {
            let stored = Stored::following(&tail, (self.clock)(), body);
            tail = stored.mark();
            records.push(stored);
            known.wrote(tail);
        }
        Ok(tail)
    }
}

/// The error of reading behind the end.
pub(crate) fn ends_before(after: u64, tail: u64) -> LogError {
    LogError::Corrupt {
        sequence: tail + 1,
        reason: format!("it is missing, although {after} records were there before"),
    }
}
