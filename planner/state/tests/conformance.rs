//! What every log must do, run on each implementation.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use syncline_model::{Address, Digest, EnvironmentName, ProviderId, Value};
use syncline_planner::plan::{Bytes, StateMark};
use syncline_planner::record::{Body, Log, LogError, Outcome, OutcomeResult, Recorded};
use syncline_state::{
    Backend, Clock, KeySeal, MemoryBackend, SqliteBackend, StoredLog, record_hash,
};

/// A log, of which there may be several handles.
struct World(StoredLog, #[expect(dead_code, reason = "it goes with the log")] tempfile::TempDir);

impl World {
    fn handle(&self) -> Box<dyn Log> {
        Box::new(self.0.another())
    }
}

fn clock() -> Clock {
    let now = AtomicU64::new(1_000);
    Arc::new(move || now.fetch_add(1, Ordering::Relaxed))
}

fn worlds() -> Vec<World> {
    let folder = tempfile::tempdir().unwrap();
    let file = SqliteBackend::new(&folder.path().join(".syncline/state.db"));
    let backends: [Arc<dyn Backend>; 2] = [Arc::new(MemoryBackend::default()), Arc::new(file)];
    let mut folders = [tempfile::tempdir().unwrap(), folder].into_iter();
    let log = |backend| {
        let seal = Arc::new(KeySeal::new(&[1; 32]));
        let log = StoredLog::new(backend, EnvironmentName("dev".into()), seal, clock());
        World(log, folders.next().unwrap())
    };
    backends.into_iter().map(log).collect()
}

fn forgotten(name: &str) -> Body {
    Body::Forgotten { address: Address::parse(name).unwrap() }
}

fn outcome(number: u64) -> Body {
    Body::Outcome(Box::new(Outcome {
        operation: format!("1.{number}").into(),
        address: Address::instance("jobs", &number.to_string()),
        result: OutcomeResult::Present(Box::new(Recorded {
            kind: "password".into(),
            provider: ProviderId { name: "random".into(), alias: None },
            schema_version: 1,
            attributes: Value::map([
                ("result", Value::secret(Value::from("tiger"))),
                ("length", Value::from(5)),
            ]),
            private: Bytes(b"panther".to_vec()),
            fingerprint: Digest::of(b"x"),
            depends_on: vec![Address::parse("site").unwrap()],
            lifecycle: syncline_model::Lifecycle::default(),
            tainted: false,
        })),
        millis: 7,
    }))
}

fn run<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for world in worlds() {
        runtime.block_on(test(world));
    }
}

#[test]
fn what_is_appended_is_read_in_order_and_chained() {
    run(async |world| {
        let log = world.handle();
        assert_eq!(log.read(0).await.unwrap(), []);
        let bodies = vec![forgotten("a"), outcome(1), outcome(2)];
        let mark = log.append(bodies.clone(), Some(0)).await.unwrap();
        let records = world.handle().read(0).await.unwrap();
        assert_eq!(records.iter().map(|record| record.sequence).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(records.iter().map(|record| &record.body).eq(&bodies));
        assert!(records[0].previous == Digest::ZERO && records[1].previous == records[0].hash);
        assert!(records.is_sorted_by_key(|record| record.time) && records[0].time >= 1_000);
        assert_eq!(mark, StateMark { sequence: 3, hash: records[2].hash });
        let body = serde_json::to_vec(&records[0].body).unwrap();
        assert_eq!(records[0].hash, record_hash(&Digest::ZERO, 1, records[0].time, &body));
    });
}

#[test]
fn a_suffix_is_read_by_itself() {
    run(async |world| {
        let log = world.handle();
        log.append((0..9).map(outcome).collect(), Some(0)).await.unwrap();
        let all = log.read(0).await.unwrap();
        for after in 0..=9 {
            let read = world.handle().read(after).await.unwrap();
            assert!(read == all[after as usize..], "after {after}");
        }
        assert!(matches!(log.read(10).await, Err(LogError::Corrupt { sequence: 10, .. })));
    });
}

#[test]
fn an_expected_sequence_must_be_the_last() {
    run(async |world| {
        let log = world.handle();
        log.append(vec![forgotten("a")], Some(0)).await.unwrap();
        for wrong in [0, 2, u64::MAX] {
            let refused = log.append(vec![forgotten("b")], Some(wrong)).await;
            assert_eq!(refused, Err(LogError::Moved), "{wrong}");
        }
        assert_eq!(log.append(vec![forgotten("b")], Some(1)).await.unwrap().sequence, 2);
        assert_eq!(log.read(0).await.unwrap().len(), 2);
    });
}

#[test]
fn without_one_the_tail_must_be_ones_own() {
    run(async |world| {
        let (log, other) = (world.handle(), world.handle());
        log.append(vec![forgotten("a")], None).await.unwrap();
        log.append(vec![forgotten("b")], None).await.unwrap();
        assert_eq!(other.append(vec![forgotten("c")], None).await, Err(LogError::Moved));
        other.read(0).await.unwrap();
        assert_eq!(other.append(vec![forgotten("c")], None).await, Err(LogError::Moved));
        other.append(vec![forgotten("c")], Some(2)).await.unwrap();
        other.append(vec![forgotten("d")], None).await.unwrap();
        assert_eq!(log.append(vec![forgotten("e")], None).await, Err(LogError::Moved));
        assert_eq!(log.read(0).await.unwrap().len(), 4);
    });
}

#[test]
fn an_empty_append_tells_the_tail_or_that_it_moved() {
    run(async |world| {
        let log = world.handle();
        assert_eq!(log.append(vec![], Some(0)).await.unwrap().sequence, 0);
        let mark = log.append(vec![forgotten("a")], None).await.unwrap();
        assert_eq!(log.append(vec![], None).await, Ok(mark));
        assert_eq!(world.handle().append(vec![], None).await, Err(LogError::Moved));
    });
}

#[test]
fn of_two_handles_that_race_exactly_one_wins_each_sequence() {
    run(async |world| {
        let contenders: Vec<Arc<dyn Log>> = (0..4).map(|_| Arc::from(world.handle())).collect();
        for round in 0..20 {
            let tasks: Vec<_> = contenders
                .iter()
                .map(|log| {
                    let log = Arc::clone(log);
                    tokio::spawn(async move { log.append(vec![outcome(round)], Some(round)).await })
                })
                .collect();
            let mut winners = 0;
            for task in tasks {
                match task.await.unwrap() {
                    Ok(mark) => {
                        assert_eq!(mark.sequence, round + 1);
                        winners += 1;
                    }
                    Err(error) => assert_eq!(error, LogError::Moved),
                }
            }
            assert_eq!(winners, 1, "round {round}");
        }
        assert_eq!(world.handle().read(0).await.unwrap().len(), 20);
    });
}

#[test]
fn appends_at_once_stay_whole_and_are_all_there() {
    run(async |world| {
        let log: Arc<dyn Log> = Arc::from(world.handle());
        let tasks: Vec<_> = (0..200u64)
            .map(|number| {
                let log = Arc::clone(&log);
                let bodies = vec![outcome(number), forgotten("a"), outcome(number)];
                tokio::spawn(async move { log.append(bodies, None).await.unwrap().sequence })
            })
            .collect();
        let mut ends = BTreeSet::new();
        for task in tasks {
            ends.insert(task.await.unwrap());
        }
        assert!(ends.iter().copied().eq((1..=200).map(|number| number * 3)));
        let records = world.handle().read(0).await.unwrap();
        for unit in records.chunks(3) {
            assert!(unit[0].body == unit[2].body && unit[1].body == forgotten("a"));
        }
    });
}

#[test]
fn one_who_is_refused_does_not_hinder_its_neighbours() {
    run(async |world| {
        let log: Arc<dyn Log> = Arc::from(world.handle());
        log.append(vec![forgotten("a")], Some(0)).await.unwrap();
        let tasks: Vec<_> = (0..100u64)
            .map(|number| {
                let (log, expected) = (Arc::clone(&log), (number % 2 == 0).then_some(u64::MAX));
                tokio::spawn(async move { log.append(vec![outcome(number)], expected).await })
            })
            .collect();
        let mut written = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => written += 1,
                Err(error) => assert_eq!(error, LogError::Moved),
            }
        }
        assert_eq!(written, 50);
        assert_eq!(log.read(0).await.unwrap().len(), 51);
    });
}

#[test]
fn deep_values_come_back_and_deeper_ones_are_refused() {
    run(async |world| {
        let log = world.handle();
        let nested = |levels| {
            let value = (0..levels).fold(Value::Null, |value, _| Value::list([value]));
            Body::Outputs { values: vec![("deep".into(), value)] }
        };
        log.append(vec![nested(900)], Some(0)).await.unwrap();
        let refused = log.append(vec![nested(1100)], None).await.unwrap_err();
        assert!(refused.to_string().contains("nested"), "{refused}");
        assert!(log.read(0).await.unwrap()[0].body == nested(900));
    });
}
