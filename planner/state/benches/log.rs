//! How fast a log is: `cargo bench -p syncline-state`.
//!
//! Prints the time to append an intent and an outcome for each of 10,000 resources, as an apply
//! with 10 at once does, and the time to read 100,000 outcomes.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints its numbers")]

use std::sync::Arc;
use std::time::Instant;

use syncline_model::{Address, Digest, EnvironmentName, Lifecycle, ProviderId, Value};
use syncline_planner::plan::{Bytes, Operation};
use syncline_planner::record::{Body, Log, Outcome, OutcomeResult, Recorded};
use syncline_state::{KeySeal, SqliteLog, verify};

fn outcome(number: usize) -> Body {
    let _ = Operation::Create;
    Body::Outcome(Box::new(Outcome {
        operation: format!("1.{number}").into(),
        address: Address::parse(&format!("file_{number}")).unwrap(),
        result: OutcomeResult::Present(Box::new(Recorded {
            kind: "file".into(),
            provider: ProviderId { name: "local".into(), alias: None },
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
        })),
        millis: 7,
    }))
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let open = |environment: &str| {
        let seal = Arc::new(KeySeal::new(&[1; 32]));
        let environment = EnvironmentName(environment.into());
        Arc::new(SqliteLog::open(&path, &environment, seal, Arc::new(|| 5)).unwrap())
    };
    let only_read = std::env::args().any(|argument| argument == "read");
    for parallelism in if only_read { &[][..] } else { &[1, 10, 100] } {
        let parallelism = *parallelism;
        let log = open(&format!("apply{parallelism}"));
        let start = Instant::now();
        runtime.block_on(async {
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
        });
        println!("append 2 x 10,000, {parallelism} at once: {:?}", start.elapsed());
    }
    let log = open("read");
    runtime.block_on(log.append((0..100_000).map(outcome).collect(), Some(0))).unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    println!("the file has {} MB", size >> 20);
    for _ in 0..3 {
        let start = Instant::now();
        let read = runtime.block_on(log.read(0)).unwrap();
        println!("read {}: {:?}", read.len(), start.elapsed());
    }
    let start = Instant::now();
    let verified = verify(&path, &EnvironmentName("read".into())).unwrap();
    println!("verify {}: {:?}", verified.records, start.elapsed());
}
