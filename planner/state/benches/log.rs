//! How fast a log is: `cargo xtask bench --filter log`.
//!
//! Prints a line for each measurement: appending an intent and an outcome for each of 10,000
//! resources, as an apply with so many at once does; then opening, replaying and verifying a log of
//! 1,000,000 records (or as many as the first argument says) of 1,000 resources.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints its numbers")]

use std::sync::Arc;
use std::time::Instant;

use syncline_model::{Address, Digest, EnvironmentName, Lifecycle, ProviderId, Value};
use syncline_planner::State;
use syncline_planner::plan::Bytes;
use syncline_planner::record::{Body, Log as _, Outcome, OutcomeResult, Recorded};
use syncline_state::{KeySeal, SqliteBackend, StoredLog, verify};

/// How many resources the long log is about.
const RESOURCES: usize = 1_000;

fn outcome(number: usize) -> Body {
    Body::Outcome(Box::new(Outcome {
        operation: format!("1.{number}").into(),
        address: Address::parse(&format!("file_{}", number % RESOURCES)).unwrap(),
        result: OutcomeResult::Present(Box::new(Recorded {
            kind: "file".into(),
            resource_type: "".into(),
            provider: ProviderId { name: "local".into(), alias: None },
            source: "".into(),
            schema_version: 0,
            attributes: Value::map([
                ("path", Value::from(format!("out/{number}"))),
                ("content", Value::from("0123456789".repeat(10))),
                ("size", Value::from(number as i64)),
                ("id", Value::from(Digest::of(b"x").to_string())),
                ("password", Value::secret(Value::from("tiger"))),
                ("tags", Value::map([("a", Value::from("b")), ("c", Value::Null)])),
            ]),
            private: Bytes::default(),
            fingerprint: Digest::of(b"y"),
            depends_on: vec![Address::parse("base").unwrap()],
            lifecycle: Lifecycle::default(),
            tainted: false,
            outdated: false,
            unseen: false,
        })),
        millis: 7,
        outdates: Vec::new(),
    }))
}

async fn append_all(log: StoredLog, parallelism: usize) {
    let log = Arc::new(log);
    let tasks: Vec<_> = (0..parallelism)
        .map(|task| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for number in (task..10_000).step_by(parallelism) {
                    log.append(vec![outcome(number)], None).await.unwrap();
                    log.append(vec![outcome(number)], None).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn main() {
    let records: usize =
        std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    // Each time a fresh handle on a fresh connection, as a process has it.
    let open = |environment: &str| {
        let seal = Arc::new(KeySeal::new(&[1; 32]));
        SqliteBackend::new(&path).log(&EnvironmentName(environment.into()), seal, Arc::new(|| 5))
    };
    for parallelism in [10, 100] {
        let log = open(&format!("apply{parallelism}"));
        let start = Instant::now();
        runtime.block_on(append_all(log, parallelism));
        println!("log: append 2 x 10,000, {parallelism} at once: {:.2?}", start.elapsed());
    }
    let before = std::fs::metadata(&path).unwrap().len();
    let log = open("long");
    for first in (0..records).step_by(20_000) {
        let bodies = (first..records.min(first + 20_000)).map(outcome).collect();
        runtime.block_on(log.append(bodies, Some(first as u64))).unwrap();
    }
    drop(log);
    let size = std::fs::metadata(&path).unwrap().len() - before;
    println!("log: {records} records: {} MB, {} bytes each", size >> 20, size / records as u64);
    let measure_open = |what: &str| -> State {
        let start = Instant::now();
        let state = runtime.block_on(open("long").state()).unwrap();
        println!("log: open {what}: {:.1?}", start.elapsed());
        state
    };
    let replayed = measure_open("by replaying all");
    let start = Instant::now();
    runtime.block_on(open("long").write_checkpoint()).unwrap();
    println!("log: write a checkpoint: {:.1?}", start.elapsed());
    for _ in 0..3 {
        assert!(measure_open("by the checkpoint") == replayed, "a checkpoint is a shortcut");
    }
    let more = (0..1_000).map(outcome).collect();
    runtime.block_on(open("long").append(more, Some(records as u64))).unwrap();
    measure_open("by the checkpoint and 1,000 more");
    let start = Instant::now();
    let backend = SqliteBackend::new(&path);
    let verified = runtime.block_on(verify(&backend, &EnvironmentName("long".into()))).unwrap();
    println!("log: verify {}: {:.1?}", verified.records, start.elapsed());
}
