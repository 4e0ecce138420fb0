//! What an apply costs in round trips: appends that wait share one.
//!
//! Resources are made side by side, each with an intent before its call and an outcome after it. A backend is asked
//! once for all that wait, so that of many resources at once the number of round trips grows far less than theirs.
//! Prints a figure for each backend.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use syncline_model::{EnvironmentName, Value};
use syncline_planner::plan::StateMark;
use syncline_planner::record::{Body, Log as _, LogError};
use syncline_state::{Backend, Stored};
use syncline_tests::scale::{figure, full};

use crate::worlds::{log_on, on_each};

/// Counts what is asked of a backend.
#[derive(Debug)]
struct Counting {
    inner: Arc<dyn Backend>,
    asked: AtomicU64,
}

impl Counting {
    fn one(&self) -> &dyn Backend {
        self.asked.fetch_add(1, Ordering::Relaxed);
        &*self.inner
    }
}

#[async_trait]
impl Backend for Counting {
    fn place(&self) -> String {
        self.inner.place()
    }

    async fn read(
        &self,
        environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError> {
        self.one().read(environment, after, limit).await
    }

    async fn tail(&self, environment: &EnvironmentName) -> Result<StateMark, LogError> {
        self.one().tail(environment).await
    }

    async fn append(
        &self,
        environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError> {
        self.one().append(environment, after, records).await
    }

    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError> {
        self.one().environments().await
    }

    async fn checkpoint(&self, environment: &EnvironmentName) -> Result<Option<Vec<u8>>, LogError> {
        self.one().checkpoint(environment).await
    }

    async fn set_checkpoint(
        &self,
        environment: &EnvironmentName,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError> {
        self.one().set_checkpoint(environment, checkpoint).await
    }
}

fn body(text: &str) -> Body {
    Body::Outputs { values: vec![("text".into(), Value::from(text))] }
}

/// Writes an intent and an outcome for each resource, so many at once; returns how often the backend was asked.
async fn write(inner: Arc<dyn Backend>, resources: u64, at_once: u64) -> u64 {
    let backend = Arc::new(Counting { inner, asked: AtomicU64::new(0) });
    let log = Arc::new(log_on(Arc::clone(&backend) as _));
    let tasks: Vec<_> = (0..at_once)
        .map(|task| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for number in (task..resources).step_by(at_once as usize) {
                    log.append(vec![body(&format!("intent {number}"))], None).await.unwrap();
                    log.append(vec![body(&format!("outcome {number}"))], None).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let asked = backend.asked.load(Ordering::Relaxed);
    assert_eq!(log.read(0).await.unwrap().len() as u64, 2 * resources);
    asked
}

#[test]
fn records_that_wait_share_a_round_trip() {
    let resources = full(1_000, 100);
    let asked_before: Mutex<BTreeMap<&str, u64>> = Mutex::default();
    for at_once in [1, 10, 100] {
        on_each(async |world| {
            let start = Instant::now();
            let asked = write(world.backend(), resources, at_once).await;
            let (name, records) = (world.name, 2 * resources);
            figure(&format!(
                "round trips, {name}: {resources} resources, {at_once} at once: {records} records in {asked}, {:.2} s",
                start.elapsed().as_secs_f64()
            ));
            let before = asked_before.lock().unwrap().insert(name, asked);
            // Memory never lets anybody wait.
            if let Some(before) = before.filter(|_| name != "memory") {
                assert!(
                    asked * 2 < before,
                    "{name}: {asked} for {at_once} at once, fewer at once {before}"
                );
            }
        });
    }
}
