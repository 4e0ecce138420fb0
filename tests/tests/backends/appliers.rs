//! Several appliers at once: what each saw of the log is one history, in one order.
//!
//! Every append carries a text of its own. Laws that are checked, which together say that the log
//! is linearizable and that a fence holds:
//! * what succeeded is in the log, where it was told to be; what was refused is not;
//! * each sequence number has one winner;
//! * what began after another one had ended comes after it, appends and reads alike;
//! * an append that expected a sequence number follows it; one that expected its own tail follows
//!   its own;
//! * one that was refused had lost: somebody else's record stands where its own would be.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use syncline_model::Value;
use syncline_planner::record::{Body, Log as _, LogError, Record};
use syncline_tests::scale::{figure, full};

use crate::worlds::{World, names, runtime};

/// What one applier did, between two moments.
struct Done {
    begun: u64,
    ended: u64,
    applier: usize,
    what: What,
}

enum What {
    Read { last: u64 },
    Written { text: String, sequence: u64, expected: Option<u64> },
    Refused { text: String, expected: Option<u64> },
}

fn body(text: &str) -> Body {
    Body::Outputs { values: vec![("text".into(), Value::from(text))] }
}

fn text(record: &Record) -> String {
    let Body::Outputs { values } = &record.body else { panic!("{record:?}") };
    format!("{:?}", values[0].1).trim_matches('"').to_owned()
}

/// Reads, then appends behind what it read, then behind itself, until it has lost or done enough.
async fn apply(
    world: Arc<World>,
    (applier, rounds): (usize, usize),
    moments: Arc<AtomicU64>,
) -> Vec<Done> {
    let log = world.log();
    let now = || moments.fetch_add(1, Ordering::SeqCst);
    let mut history = Vec::new();
    let mut last = 0;
    for round in 0..rounds {
        let begun = now();
        // What is known is not read again, as in a run.
        last = log.read(last).await.unwrap().last().map_or(last, |record| record.sequence);
        history.push(Done { begun, ended: now(), applier, what: What::Read { last } });
        for step in 0..3 {
            let expected = (step == 0).then_some(last);
            let text = format!("{applier}.{round}.{step}");
            let begun = now();
            let answer = log.append(vec![body(&text)], expected).await;
            let what = match answer {
                Ok(mark) => What::Written { text, sequence: mark.sequence, expected },
                Err(LogError::Moved) => What::Refused { text, expected },
                Err(error) => panic!("{error}"),
            };
            let is_lost = matches!(what, What::Refused { .. });
            history.push(Done { begun, ended: now(), applier, what });
            if is_lost {
                break;
            }
        }
    }
    history
}

fn check(name: &str, history: &[Done], records: &[Record]) {
    let texts: BTreeMap<String, u64> =
        records.iter().map(|record| (text(record), record.sequence)).collect();
    assert_eq!(texts.len(), records.len(), "{name}: something was written twice");
    let mut written = 0;
    for done in history {
        match &done.what {
            What::Read { last } => assert!(*last as usize <= records.len(), "{name}"),
            What::Written { text, sequence, expected } => {
                written += 1;
                assert_eq!(texts.get(text), Some(sequence), "{name}: {text}");
                let before = match expected {
                    Some(expected) => *expected,
                    None => {
                        let own = text_before(records, *sequence);
                        assert!(own.starts_with(&format!("{}.", done.applier)), "{name}: {text}");
                        sequence - 1
                    }
                };
                assert_eq!(*sequence, before + 1, "{name}: {text}");
            }
            What::Refused { text, expected } => {
                assert_eq!(texts.get(text), None, "{name}: {text}");
                if let Some(expected) = expected {
                    let winner = text_before(records, expected + 2);
                    assert!(!winner.starts_with(&format!("{}.", done.applier)), "{name}: {text}");
                }
            }
        }
    }
    assert_eq!(written, records.len(), "{name}: something is there that nobody wrote");
    for earlier in history {
        for later in history.iter().filter(|later| later.begun > earlier.ended) {
            let fits = match (&earlier.what, &later.what) {
                (What::Written { sequence, .. }, What::Read { last }) => last >= sequence,
                (What::Read { last }, What::Written { sequence, .. }) => sequence > last,
                (What::Read { last }, What::Read { last: after }) => after >= last,
                (What::Written { sequence, .. }, What::Written { sequence: after, .. }) => {
                    after > sequence
                }
                (What::Refused { .. }, _) | (_, What::Refused { .. }) => true,
            };
            assert!(fits, "{name}: real time is not respected");
        }
    }
}

/// Returns the text of the record before a sequence number.
fn text_before(records: &[Record], sequence: u64) -> String {
    records.get(sequence as usize - 2).map(text).unwrap_or_default()
}

/// Lets appliers work at once on a fresh log, checks what they saw, and returns how many events it was.
async fn history(world: World, appliers: usize) -> usize {
    let (world, moments) = (Arc::new(world), Arc::new(AtomicU64::new(0)));
    let start =
        |applier| tokio::spawn(apply(Arc::clone(&world), (applier, 3), Arc::clone(&moments)));
    let tasks: Vec<_> = (0..appliers).map(start).collect();
    let mut history = Vec::new();
    for task in tasks {
        history.extend(task.await.unwrap());
    }
    check(world.name, &history, &world.log().read(0).await.unwrap());
    history.len()
}

#[test]
fn histories_of_two_and_eight_appliers_are_linearizable_and_fenced() {
    // One history is one log. Backends do not wait for one another: a store that answers one
    // request at a time takes a hundred times as long as a file.
    let total = full(2_000, 8);
    std::thread::scope(|scope| {
        for name in names() {
            scope.spawn(move || {
                let runtime = runtime();
                let appliers = |number| if number % 2 == 0 { 2 } else { 8 };
                let events: usize = (0..total)
                    .map(|number| runtime.block_on(history(World::fresh(name), appliers(number))))
                    .sum();
                figure(&format!(
                    "histories, {name}: {total} of two and eight appliers, {events} events, linearizable"
                ));
            });
        }
    });
}
