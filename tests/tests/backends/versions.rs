//! Every format that was ever written is read: a test for each version, on what that version wrote.
//!
//! `format_1` is a log as objects, written by version 1 with the key `[1; 32]`; where it is missing,
//! `UPDATE_EXPECT=1` writes it, and never again: what was written once stays as it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_model::{Address, Digest, Lifecycle, ProviderId, Value};
use syncline_planner::State;
use syncline_planner::plan::{Action, Bytes, Counts, Goal, Operation};
use syncline_planner::record::{
    Applied, Begin, Body, Holder, Intent, Keys, Lease, Log as _, Outcome, OutcomeResult, Recorded,
    WrappedKey,
};
use syncline_state::{Backend, SqliteBackend, verify};
use syncline_state_objects::ObjectsBackend;

use crate::worlds::{dev, log_on};

/// The tables of the state file as version 1 makes them.
const FILE_1: &str = "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE records (
        environment TEXT NOT NULL, sequence INTEGER NOT NULL, previous BLOB NOT NULL,
        hash BLOB NOT NULL, time INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (environment, sequence)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('format', '1');
";

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backends/format_1")
}

fn recorded(number: i64) -> Box<Recorded> {
    Box::new(Recorded {
        kind: "password".into(),
        resource_type: "".into(),
        provider: ProviderId { name: "random".into(), alias: Some("b".into()) },
        source: "".into(),
        schema_version: 1,
        attributes: Value::map([
            ("result", Value::secret(Value::from("tiger"))),
            ("number", Value::from(number)),
            ("tags", Value::set([Value::from("x"), Value::Null])),
        ]),
        private: Bytes(b"panther".to_vec()),
        fingerprint: Digest::of(b"x"),
        depends_on: vec![Address::parse("site").unwrap()],
        lifecycle: Lifecycle::default(),
        tainted: number == 2,
        outdated: false,
        unseen: false,
    })
}

fn outcome(address: &str, result: OutcomeResult) -> Body {
    Body::Outcome(Box::new(Outcome {
        operation: "1.1".into(),
        address: Address::parse(address).unwrap(),
        result,
        millis: 7,
        outdates: Vec::new(),
    }))
}

fn intent() -> Intent {
    Intent {
        operation: "1.9".into(),
        address: Address::parse("hanging").unwrap(),
        does: Operation::Create,
        action: Action::Create,
        kind: "password".into(),
        provider: ProviderId { name: "random".into(), alias: None },
        source: "".into(),
        fingerprint: Digest::ZERO,
        planned: Value::secret(Value::from("lion")),
        private: Bytes::default(),
        schema_version: 1,
        depends_on: Vec::new(),
    }
}

/// One of each that a record can say, as version 1 knows them.
fn bodies() -> Vec<Body> {
    let holder = Holder { user: "ada".into(), host: "h".into(), process: 1, started: "9".into() };
    let wrapped = WrappedKey { key: "00000000".into(), recipient: "r".into(), text: "t".into() };
    vec![
        Body::Lease(Lease {
            holder: holder.clone(),
            since: 1,
            expires: 2,
            purpose: "apply".into(),
            lasts: 0,
            renews: None,
        }),
        Body::Begin(Box::new(Begin {
            run: 1,
            holder,
            goal: Goal::Apply,
            config: Digest::ZERO,
            plan: Digest::ZERO,
            commit: "c".into(),
            counts: Counts { add: 1, ..Counts::default() },
            syncline: "0.1.0".into(),
            back_to: None,
            configuration: None,
        })),
        outcome("jobs/mail", OutcomeResult::Present(recorded(1))),
        outcome("half", OutcomeResult::Partial { recorded: recorded(2), message: "no".into() }),
        outcome("jobs/mail", OutcomeResult::Replaced { recorded: recorded(3) }),
        outcome("gone", OutcomeResult::Present(recorded(4))),
        outcome("gone", OutcomeResult::Absent),
        outcome("half", OutcomeResult::Failed { message: "again".into() }),
        outcome("old", OutcomeResult::Present(recorded(5))),
        Body::Moved {
            from: Address::parse("old").unwrap(),
            to: Address::parse("unit.new").unwrap(),
        },
        outcome("left", OutcomeResult::Present(recorded(6))),
        Body::Forgotten { address: Address::parse("left").unwrap() },
        Body::Outputs { values: vec![("s".into(), Value::secret(Value::from("tiger")))] },
        Body::Keys(Box::new(Keys { current: "00000000".into(), wrapped: vec![wrapped] })),
        Body::Intent(Box::new(intent())),
        Body::Applied(Applied {
            run: 1,
            success: true,
            interrupted: false,
            counts: Counts::default(),
            failed: 0,
            skipped: 0,
            millis: 1,
        }),
        Body::Released { lease: 1, broken_by: None },
    ]
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(future)
}

fn check(state: &State) {
    let addresses: Vec<&str> = state.resources.keys().map(Address::as_str).collect();
    assert_eq!(addresses, ["half", "hanging", "jobs/mail", "unit.new"]);
    let mail = &state.resources[&Address::parse("jobs/mail").unwrap()];
    assert_eq!((mail.recorded.clone(), mail.deposed.len()), (Some(recorded(3)), 1));
    assert_eq!(mail.deposed[0], *recorded(1));
    let hanging = &state.resources[&Address::parse("hanging").unwrap()];
    let planned = &hanging.in_flight.as_deref().unwrap().planned;
    assert_eq!(*planned, Value::secret(Value::from("lion")));
    assert_eq!(state.outputs["s"], Value::secret(Value::from("tiger")));
    assert_eq!((state.runs.len(), state.runs[0].failed, state.sequence), (1, 2, 17));
    assert!(state.lease.is_none() && state.runs[0].applied.is_some() && state.keys.is_some());
}

#[test]
fn format_1_as_objects() {
    if !fixture().join("dev").exists() && std::env::var_os("UPDATE_EXPECT").is_some() {
        let backend = Arc::new(ObjectsBackend::folder(&fixture()).unwrap());
        block_on(log_on(backend).append(bodies(), Some(0))).unwrap();
    }
    let backend: Arc<dyn Backend> = Arc::new(ObjectsBackend::folder(&fixture()).unwrap());
    let log = log_on(Arc::clone(&backend));
    check(&block_on(log.state()).unwrap());
    let records = block_on(log.read(0)).unwrap();
    assert!(records.iter().map(|record| &record.body).eq(&bodies()));
    let verified = block_on(verify(&*backend, &dev())).unwrap();
    assert_eq!(verified.head.to_string(), HEAD_1);
}

#[test]
fn format_1_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let source = ObjectsBackend::folder(&fixture()).unwrap();
    let stored = block_on(source.read(&dev(), 0, 100)).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(FILE_1).unwrap();
    for own in &stored {
        let sql = "INSERT INTO records VALUES ('dev', ?1, ?2, ?3, ?4, ?5)";
        let sequence = own.sequence.cast_signed();
        let (previous, hash) = (&own.previous.0[..], &own.hash.0[..]);
        let time = own.time.cast_signed();
        let values = rusqlite::params![sequence, previous, hash, time, &*own.body];
        connection.execute(sql, values).unwrap();
    }
    connection.close().unwrap();
    let backend: Arc<dyn Backend> = Arc::new(SqliteBackend::new(&path));
    check(&block_on(log_on(Arc::clone(&backend)).state()).unwrap());
    // It is written on as it is, and a checkpoint finds its place.
    let log = log_on(Arc::clone(&backend));
    block_on(log.append(vec![bodies().remove(0)], Some(17))).unwrap();
    block_on(log.write_checkpoint()).unwrap();
    let verified = block_on(verify(&*backend, &dev())).unwrap();
    assert_eq!((verified.records, verified.checkpoint), (18, Some(18)));
}

const HEAD_1: &str = "b6b3e6c63be217fb7b73abe2b931da4e5bfb533e930debeb53b7573b5915627b";
