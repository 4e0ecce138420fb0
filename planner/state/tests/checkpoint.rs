//! Checkpoints: opening by one gives what replaying everything gives, and a bad one is as good as
//! none.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;

use syncline_model::{Address, Digest, EnvironmentName, Lifecycle, ProviderId, Value};
use syncline_planner::State;
use syncline_planner::plan::{Action, Bytes, Counts, Goal, Operation};
use syncline_planner::record::{
    Applied, Begin, Body, Holder, Intent, Lease, Log as _, Outcome, OutcomeResult, Recorded,
};
use syncline_state::{
    Backend, KeySeal, MemoryBackend, SqliteBackend, StoredLog, VerifyError, verify,
};

fn dev() -> EnvironmentName {
    EnvironmentName("dev".into())
}

fn log(backend: &Arc<dyn Backend>, key: u8) -> StoredLog {
    let seal = Arc::new(KeySeal::new(&[key; 32]));
    StoredLog::new(Arc::clone(backend), dev(), seal, Arc::new(|| 5))
}

fn memory() -> Arc<dyn Backend> {
    Arc::new(MemoryBackend::default())
}

fn holder() -> Holder {
    Holder { user: "ada".into(), host: "here".into(), process: 1, started: "".into() }
}

fn recorded(number: u64) -> Recorded {
    Recorded {
        kind: "password".into(),
        resource_type: "".into(),
        provider: ProviderId { name: "random".into(), alias: None },
        source: "".into(),
        schema_version: 1,
        attributes: Value::map([
            ("result", Value::secret(Value::from("tiger"))),
            ("number", Value::from(number as i64)),
        ]),
        private: Bytes(b"panther".to_vec()),
        fingerprint: Digest::of(&number.to_le_bytes()),
        depends_on: vec![Address::parse("site").unwrap()],
        lifecycle: Lifecycle::default(),
        tainted: number.is_multiple_of(5),
        outdated: false,
        unseen: false,
    }
}

fn intent(number: u64, address: Address) -> Body {
    Body::Intent(Box::new(Intent {
        operation: format!("1.{number}").into(),
        address,
        does: Operation::Create,
        action: Action::Create,
        kind: "password".into(),
        provider: ProviderId { name: "random".into(), alias: None },
        source: "".into(),
        fingerprint: Digest::ZERO,
        planned: Value::secret(Value::from("tiger")),
        private: Bytes::default(),
        schema_version: 1,
        depends_on: Vec::new(),
    }))
}

/// A log in which everything occurs that a record can say.
fn body(number: u64) -> Body {
    let address = Address::instance("jobs", &(number % 7).to_string());
    let result = match number % 23 {
        3 => OutcomeResult::Absent,
        7 => OutcomeResult::Failed { message: "no".into() },
        11 => OutcomeResult::Replaced { recorded: Box::new(recorded(number)) },
        15 => OutcomeResult::DeposedAbsent,
        _ => OutcomeResult::Present(Box::new(recorded(number))),
    };
    match number % 13 {
        0 => Body::Lease(Lease {
            holder: holder(),
            since: number,
            expires: number + 9,
            purpose: "apply".into(),
            lasts: number,
            renews: None,
        }),
        1 => Body::Begin(Box::new(Begin {
            configuration: None,
            back_to: None,
            run: number / 13 + 1,
            holder: holder(),
            goal: Goal::Apply,
            config: Digest::ZERO,
            plan: Digest::ZERO,
            commit: "".into(),
            counts: Counts::default(),
            syncline: "0.1.0".into(),
        })),
        2 => intent(number, address),
        9 => Body::Moved { from: address, to: Address::instance("jobs", "9") },
        10 => Body::Forgotten { address },
        11 => Body::Outputs { values: vec![("n".into(), Value::secret(Value::from("tiger")))] },
        12 => Body::Applied(Applied {
            run: number / 13 + 1,
            success: true,
            interrupted: false,
            counts: Counts::default(),
            failed: 0,
            skipped: 0,
            millis: 1,
        }),
        _ => Body::Outcome(Box::new(Outcome {
            operation: format!("1.{number}").into(),
            address,
            result,
            millis: 7,
            outdates: Vec::new(),
        })),
    }
}

async fn replayed(log: &StoredLog) -> State {
    State::replay(log.read(0).await.unwrap())
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(future)
}

#[test]
fn opening_by_a_checkpoint_is_replaying_everything() {
    block_on(async {
        let backend = memory();
        for number in 0..120 {
            let writer = log(&backend, 1);
            writer.append(vec![body(number)], Some(number)).await.unwrap();
            if number % 3 == 0 {
                writer.write_checkpoint().await.unwrap();
            }
            let reader = log(&backend, 1);
            assert_eq!(reader.state().await.unwrap(), replayed(&reader).await, "record {number}");
            let verified = verify(&*backend, &dev()).await.unwrap();
            assert_eq!(verified.checkpoint, Some(number - number % 3 + 1));
        }
    });
}

#[test]
fn a_handle_that_opened_by_a_checkpoint_may_go_on() {
    block_on(async {
        let backend = memory();
        let writer = log(&backend, 1);
        writer.append((0..9).map(body).collect(), Some(0)).await.unwrap();
        writer.write_checkpoint().await.unwrap();
        let other = log(&backend, 1);
        let state = other.state().await.unwrap();
        other.append(vec![body(9)], Some(state.sequence)).await.unwrap();
        other.append(vec![body(10)], None).await.unwrap();
        assert!(writer.append(vec![body(11)], None).await.is_err());
    });
}

#[test]
fn a_checkpoint_that_was_changed_anywhere_is_as_good_as_none() {
    block_on(async {
        let backend = memory();
        let own = log(&backend, 1);
        own.append((0..30).map(body).collect(), Some(0)).await.unwrap();
        let expected = replayed(&own).await;
        own.write_checkpoint().await.unwrap();
        let sound = backend.checkpoint(&dev()).await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&sound).contains("tiger"));
        for at in (0..sound.len()).step_by(13) {
            let mut flipped = sound.clone();
            flipped[at] ^= 1 << (at % 8);
            backend.set_checkpoint(&dev(), Some(flipped)).await.unwrap();
            assert_eq!(own.another().state().await.unwrap(), expected, "byte {at}");
            backend.set_checkpoint(&dev(), Some(sound[..at].to_vec())).await.unwrap();
            assert_eq!(own.another().state().await.unwrap(), expected, "cut at {at}");
        }
    });
}

#[test]
fn a_checkpoint_of_another_log_is_as_good_as_none() {
    block_on(async {
        let (backend, other) = (memory(), memory());
        let own = log(&backend, 1);
        own.append((0..10).map(body).collect(), Some(0)).await.unwrap();
        let expected = replayed(&own).await;
        // Longer, of another history, and of another key.
        for (key, records) in [(1, 20), (1, 10), (1, 5), (2, 10)] {
            let foreign: Arc<dyn Backend> = if records == 10 { memory() } else { other.clone() };
            let start = foreign.tail(&dev()).await.unwrap().sequence;
            let bodies = (1..=records).map(body).collect();
            log(&foreign, key).append(bodies, Some(start)).await.unwrap();
            log(&foreign, key).write_checkpoint().await.unwrap();
            let bytes = foreign.checkpoint(&dev()).await.unwrap().unwrap();
            backend.set_checkpoint(&dev(), Some(bytes)).await.unwrap();
            assert_eq!(own.another().state().await.unwrap(), expected, "{key} {records}");
        }
    });
}

#[test]
fn verifying_replays_everything_and_finds_a_false_checkpoint() {
    block_on(async {
        let backend = memory();
        let own = log(&backend, 1);
        own.append((0..10).map(body).collect(), Some(0)).await.unwrap();
        own.write_checkpoint().await.unwrap();
        let bytes = backend.checkpoint(&dev()).await.unwrap().unwrap();
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, Some(10));
        let text = String::from_utf8(bytes).unwrap();
        let false_one = text.replace(r#""number":6"#, r#""number":7"#);
        assert_ne!(text, false_one);
        backend.set_checkpoint(&dev(), Some(false_one.into_bytes())).await.unwrap();
        let error = verify(&*backend, &dev()).await.unwrap_err();
        assert_eq!(error, VerifyError::Checkpoint { sequence: 10 });
        backend.set_checkpoint(&dev(), None).await.unwrap();
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, None);
    });
}

#[test]
fn a_run_that_ends_leaves_one_when_enough_has_come() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let backend: Arc<dyn Backend> = Arc::new(SqliteBackend::new(&path));
        let own = log(&backend, 1);
        let released = || Body::Released { lease: 1, broken_by: None };
        own.append(vec![body(0), released()], Some(0)).await.unwrap();
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, None);
        own.append((0..2500).map(body).collect(), None).await.unwrap();
        own.append(vec![released()], None).await.unwrap();
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, Some(2503));
        assert_eq!(own.another().state().await.unwrap(), replayed(&own).await);
        // A file from before there were checkpoints has no place for one: it is made.
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch("DROP TABLE checkpoint_parts")
            .unwrap();
        let backend: Arc<dyn Backend> = Arc::new(SqliteBackend::new(&path));
        assert_eq!(log(&backend, 1).state().await.unwrap(), replayed(&own).await);
        log(&backend, 1).write_checkpoint().await.unwrap();
        assert_eq!(verify(&*backend, &dev()).await.unwrap().checkpoint, Some(2503));
    });
}

/// Fails when the form of a state changes: then `State::REPLAY` has to be raised, and this with it.
#[test]
fn the_form_of_a_state_is_that_of_its_version() {
    let records = block_on(async {
        let backend = memory();
        let own = log(&backend, 1);
        own.append((0..40).map(body).collect(), Some(0)).await.unwrap();
        own.read(0).await.unwrap()
    });
    let names = |value: &serde_json::Value| -> String {
        fn walk(value: &serde_json::Value, into: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(map) => {
                    for (name, value) in map {
                        into.push(name.clone());
                        walk(value, into);
                    }
                }
                serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, into)),
                serde_json::Value::Null
                | serde_json::Value::Bool(_)
                | serde_json::Value::Number(_)
                | serde_json::Value::String(_) => {}
            }
        }
        let mut all = Vec::new();
        walk(value, &mut all);
        all.sort();
        all.dedup();
        all.join(" ")
    };
    let mut state = State::replay(records);
    for entry in state.resources.values_mut() {
        let recorded = entry.recorded.as_deref_mut().into_iter().chain(&mut entry.deposed);
        recorded.for_each(|recorded| recorded.attributes = Value::Null);
        entry.in_flight.iter_mut().for_each(|intent| intent.planned = Value::Null);
    }
    state.outputs.clear();
    let found = names(&serde_json::to_value(&state).unwrap());
    assert_eq!((State::REPLAY, found.as_str()), (7, EXPECTED));
}

const EXPECTED: &str = "action add address applied attributes begin begun call_millis change commit \
     config configuration configured counts create_first depends_on deposed destroy does expires \
     failed fingerprint goal hash holder host ignore in_flight interrupted jobs/3 jobs/4 jobs/5 \
     jobs/6 jobs/9 keys kind lasts lease lifecycle mark millis name operation outputs plan planned private \
     process protect provider providers purpose recorded resources run runs schema_version sequence \
     since skipped sources started succeeded success syncline tainted user";
