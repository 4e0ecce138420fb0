//! What every log must do.

use std::collections::BTreeSet;
use std::sync::Arc;

use syncline_model::{Address, Digest, ProviderId, Value};
use syncline_planner::State;
use syncline_planner::plan::{Bytes, StateMark};
use syncline_planner::record::{Body, Log, LogError, Outcome, OutcomeResult, Recorded};
use syncline_state::{record_hash, verify};

use crate::worlds::{dev, log_on, on_each};

fn forgotten(name: &str) -> Body {
    Body::Forgotten { address: Address::parse(name).unwrap() }
}

fn outcome(number: u64) -> Body {
    Body::Outcome(Box::new(Outcome {
        operation: format!("1.{number}").into(),
        address: Address::instance("jobs", &number.to_string()),
        result: OutcomeResult::Present(Box::new(Recorded {
            kind: "password".into(),
            resource_type: "".into(),
            provider: ProviderId { name: "random".into(), alias: None },
            source: "".into(),
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
            outdated: false,
            unseen: false,
        })),
        millis: 7,
        outdates: Vec::new(),
    }))
}

#[test]
fn what_is_appended_is_read_in_order_and_chained() {
    on_each(async |world| {
        let log = world.log();
        assert_eq!(log.read(0).await.unwrap(), []);
        let bodies = vec![forgotten("a"), outcome(1), outcome(2)];
        let mark = log.append(bodies.clone(), Some(0)).await.unwrap();
        let records = world.log().read(0).await.unwrap();
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
    on_each(async |world| {
        let log = world.log();
        log.append((0..9).map(outcome).collect(), Some(0)).await.unwrap();
        let all = log.read(0).await.unwrap();
        for after in 0..=9 {
            let read = world.log().read(after).await.unwrap();
            assert!(read == all[after as usize..], "after {after}");
        }
        assert!(matches!(log.read(10).await, Err(LogError::Corrupt { sequence: 10, .. })));
    });
}

#[test]
fn an_expected_sequence_must_be_the_last() {
    on_each(async |world| {
        let log = world.log();
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
    on_each(async |world| {
        let (log, other) = (world.log(), world.log());
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
    on_each(async |world| {
        let log = world.log();
        assert_eq!(log.append(vec![], Some(0)).await.unwrap().sequence, 0);
        let mark = log.append(vec![forgotten("a")], None).await.unwrap();
        assert_eq!(log.append(vec![], None).await, Ok(mark));
        assert_eq!(world.log().append(vec![], None).await, Err(LogError::Moved));
    });
}

#[test]
fn of_two_handles_that_race_exactly_one_wins_each_sequence() {
    on_each(async |world| {
        let contenders: Vec<_> = (0..4).map(|_| Arc::new(world.log())).collect();
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
        assert_eq!(world.log().read(0).await.unwrap().len(), 20);
    });
}

#[test]
fn appends_at_once_stay_whole_and_are_all_there() {
    on_each(async |world| {
        let log: Arc<dyn Log> = Arc::new(world.log());
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
        let records = world.log().read(0).await.unwrap();
        for unit in records.chunks(3) {
            assert!(unit[0].body == unit[2].body && unit[1].body == forgotten("a"));
        }
    });
}

#[test]
fn one_who_is_refused_does_not_hinder_its_neighbours() {
    on_each(async |world| {
        let log: Arc<dyn Log> = Arc::new(world.log());
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
    on_each(async |world| {
        let log = world.log();
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

#[test]
fn a_checkpoint_is_kept_replaced_and_removed() {
    on_each(async |world| {
        let log = world.log();
        log.append((0..30).map(outcome).collect(), Some(0)).await.unwrap();
        log.write_checkpoint().await.unwrap();
        log.append((30..40).map(outcome).collect(), None).await.unwrap();
        let all = State::replay(world.log().read(0).await.unwrap());
        assert_eq!(world.log().state().await.unwrap(), all);
        let backend = world.backend();
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, Some(30));
        // One that claims to end in a batch that is not there leads nowhere, and nobody follows.
        backend.set_checkpoint(&dev(), Some(b"{}\n".to_vec())).await.unwrap();
        assert_eq!(world.log().state().await.unwrap(), all);
        world.log().write_checkpoint().await.unwrap();
        assert_eq!(verify(&*world.backend(), &dev()).await.unwrap().checkpoint, Some(40));
        backend.set_checkpoint(&dev(), None).await.unwrap();
        assert_eq!(world.backend().checkpoint(&dev()).await.unwrap(), None);
        assert_eq!(world.log().state().await.unwrap(), all);
    });
}

#[test]
fn environments_are_apart_and_listed() {
    on_each(async |world| {
        assert_eq!(world.backend().environments().await.unwrap(), []);
        assert_eq!(world.backend().checkpoint(&dev()).await.unwrap(), None);
        world.log().append(vec![forgotten("a")], Some(0)).await.unwrap();
        let prod = syncline_model::EnvironmentName("prod/eu 1".into());
        let seal = Arc::new(syncline_state::KeySeal::new(&[1; 32]));
        let clock: syncline_state::Clock = Arc::new(|| 5);
        let log = syncline_state::StoredLog::new(world.backend(), prod.clone(), seal, clock);
        log.append(vec![forgotten("a"), forgotten("b")], Some(0)).await.unwrap();
        let backend = world.backend();
        assert_eq!(backend.environments().await.unwrap(), [dev(), prod.clone()]);
        assert_eq!(verify(&*backend, &dev()).await.unwrap().records, 1);
        assert_eq!(verify(&*backend, &prod).await.unwrap().records, 2);
    });
}

#[test]
fn a_log_of_many_batches_is_read_from_anywhere() {
    on_each(async |world| {
        let log = world.log();
        for number in 0..40 {
            let bodies = (0..=number % 3).map(outcome).collect();
            log.append(bodies, None).await.unwrap();
        }
        let all = world.log().read(0).await.unwrap();
        assert_eq!(all.len(), 79);
        for after in [1, 2, 3, 40, 77, 78, 79] {
            assert!(world.log().read(after).await.unwrap() == all[after as usize..], "{after}");
        }
        world.log().write_checkpoint().await.unwrap();
        log.append(vec![outcome(1)], None).await.unwrap();
        let late = log_on(world.backend());
        assert_eq!(late.state().await.unwrap().sequence, 80);
        // Older records than the checkpoint leads to are still found.
        assert!(late.read(3).await.unwrap()[..76] == all[3..]);
    });
}
