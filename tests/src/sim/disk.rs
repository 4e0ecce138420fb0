//! The log's backend on a simulated disk.
//!
//! Takes appends through the handle of a process; keeps records in the order in which they were
//! written and knows how many are synced: the rest is lost when power fails. An append takes time,
//! and may fail before it is written or after: then nobody knows. The handle of a dead process
//! never answers and never writes.

use std::sync::Arc;

use async_trait::async_trait;
use syncline_model::EnvironmentName;
use syncline_planner::State;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{LogError, Record};
use syncline_state::{Backend, START, Stored};

use super::process::Process;
use super::{Mutant, Sim, laws, lock};

/// A disk with one log.
#[derive(Debug, Default)]
pub struct Disk {
    /// The records that were written, and the process that did.
    pub(super) records: Vec<(Stored, u64)>,
    /// How many of them are synced.
    pub(super) synced: usize,
    /// What the synced ones add up to.
    pub(super) durable: State,
    /// Which process has the environment, as the synced records tell.
    pub(super) holder: Option<u64>,
    /// How often power has failed.
    failures: u64,
}

impl Disk {
    /// Power fails: what was not synced is gone.
    pub fn lose_power(&mut self) {
        self.records.truncate(self.synced);
        self.failures += 1;
    }

    fn tail(&self) -> StateMark {
        self.records.last().map_or(START, |(stored, _)| stored.mark())
    }

    /// Returns records that have become durable with this sync, with who wrote them.
    fn sync(&mut self) -> Vec<(Record, u64)> {
        let mut fresh = Vec::new();
        for (stored, writer) in &self.records[self.synced..] {
            let body = serde_json::from_slice(&stored.body);
            let Ok(body) = body else { continue };
            let record = Record {
                sequence: stored.sequence,
                previous: stored.previous,
                hash: stored.hash,
                time: stored.time,
                body,
            };
            self.durable.apply(record.clone());
            fresh.push((record, *writer));
        }
        self.synced = self.records.len();
        fresh
    }
}

/// A process's handle on the disk.
#[derive(Debug)]
pub struct Handle {
    pub(super) sim: Arc<Sim>,
    pub(super) process: Arc<Process>,
}

fn failed(doing: &'static str) -> LogError {
    LogError::Storage { doing, reason: "input/output error".to_owned() }
}

impl Handle {
    /// Returns whether this append fails, and whether it does so after it was written.
    fn fault(&self) -> Option<bool> {
        let rate = self.sim.faults().disk;
        (self.sim.below(100) < rate).then(|| self.sim.below(2) == 0)
    }
}

#[async_trait]
impl Backend for Handle {
    fn place(&self) -> String {
        "a simulated disk".to_owned()
    }

    async fn read(
        &self,
        _environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError> {
        self.process.point("read the log", 3).await;
        self.process.reach("read").await?;
        let disk = lock(&self.sim.disk);
        let records = disk.records.iter().filter(|(own, _)| own.sequence > after);
        Ok(records.take(limit).map(|(stored, _)| stored.clone()).collect())
    }

    async fn tail(&self, _environment: &EnvironmentName) -> Result<StateMark, LogError> {
        self.process.point("look at the log's end", 3).await;
        self.process.reach("read").await?;
        Ok(lock(&self.sim.disk).tail())
    }

    async fn append(
        &self,
        _environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError> {
        self.process.point("write", 4).await;
        self.process.reach("written").await?;
        let fault = self.fault();
        if fault == Some(false) {
            return Err(failed("written"));
        }
        let mutant = self.sim.faults().mutant;
        let failures = {
            let mut disk = lock(&self.sim.disk);
            if disk.tail() != *after && mutant != Mutant::NoFence {
                return Ok(false);
            }
            let own = records.iter().map(|stored| (stored.clone(), self.process.number));
            disk.records.extend(own);
            disk.failures
        };
        self.process.point("sync", 8).await;
        if lock(&self.sim.disk).failures != failures && mutant != Mutant::NoSync {
            return Err(failed("written"));
        }
        if mutant != Mutant::NoSync {
            let fresh = lock(&self.sim.disk).sync();
            laws::recorded(&self.sim, &fresh);
        }
        self.process.point("answer of the disk", 2).await;
        if fault == Some(true) { Err(failed("written")) } else { Ok(true) }
    }

    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError> {
        Ok(Vec::new())
    }

    async fn checkpoint(
        &self,
        _environment: &EnvironmentName,
    ) -> Result<Option<Vec<u8>>, LogError> {
        Ok(None)
    }

    async fn set_checkpoint(
        &self,
        _environment: &EnvironmentName,
        _checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError> {
        Ok(())
    }
}
