//! Saved plans: what is written is read, and what was changed is refused.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;

use syncline_model::{
    Address, Digest, EnvironmentName, Lifecycle, Mode, ProviderId, Residual, Type, Unknown, Value,
};
use syncline_planner::plan::{
    Action, Bytes, Change, Goal, Operation, OutputChange, Plan, PlanStep, PlannedProvider, Reads,
    Reason, StateMark,
};
use syncline_state::plan_file::{self, PlanFileError};
use syncline_state::{KeySeal, SealError};

fn seal() -> KeySeal {
    KeySeal::new(&[1; 32])
}

fn tiger() -> Value {
    Value::secret(Value::from("tiger"))
}

fn plan() -> Plan {
    let provider = ProviderId { name: "local".into(), alias: Some("b".into()) };
    let unknown = Value::Unknown(Arc::new(Unknown {
        ty: Type::String,
        residual: Residual::Apply { operation: "join".into(), operands: vec![tiger()] },
    }));
    Plan {
        format: Plan::FORMAT,
        syncline: "0.1.0".into(),
        environment: EnvironmentName("dev".into()),
        goal: Goal::Apply,
        back_to: None,
        config: Digest::of(b"config"),
        state: StateMark { sequence: 7, hash: Digest::of(b"state") },
        providers: vec![PlannedProvider {
            id: provider.clone(),
            source: "".into(),
            version: "0.1.0".into(),
            config: Value::map([("token", tiger())]),
        }],
        changes: vec![Change {
            address: Address::instance("page", "a b"),
            mode: Mode::Managed,
            kind: "file".into(),
            resource_type: "local_file".into(),
            provider,
            action: Action::Create,
            reason: Reason::New,
            before: Value::Null,
            after: Value::map([("content", unknown.clone())]),
            replace_paths: Vec::new(),
            config: Value::map([("content", unknown)]),
            private: Bytes(b"tiger".to_vec()),
            schema_version: 0,
            fingerprint: Digest::of(b"page"),
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
            health: Vec::new(),
            provenance: Vec::new(),
            declared: None,
        }],
        unchanged: 3,
        steps: vec![PlanStep { change: 0, operation: Operation::Create, after: Vec::new() }],
        handovers: Vec::new(),
        drift: Vec::new(),
        data: Vec::new(),
        outputs: vec![OutputChange {
            name: "password".into(),
            before: Value::Null,
            after: tiger(),
            ty: Some(Type::String.secret()),
            place: None,
        }],
        checks: Vec::new(),
        reads: Reads::default(),
        partial: false,
        contested: false,
    }
}

fn saved() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dev.plan");
    plan_file::write(&path, &plan(), Digest::of(b"plan"), &seal()).unwrap();
    (folder, path)
}

#[test]
fn a_saved_plan_comes_back_and_shows_no_secret() {
    let (folder, path) = saved();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("tiger") && !text.contains("dGlnZX"), "{text}");
    assert!(text.starts_with(r#"{"syncline_plan":1,"syncline":"0.1.0","environment":"dev","#));
    let read = plan_file::read(&path, &seal()).unwrap();
    assert!(read.plan == plan() && read.fingerprint == Digest::of(b"plan"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_plan_without_secrets_is_the_same_bytes_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dev.plan");
    let plan = Plan { providers: Vec::new(), changes: Vec::new(), outputs: Vec::new(), ..plan() };
    let bytes = [1, 2].map(|key| {
        plan_file::write(&path, &plan, Digest::ZERO, &KeySeal::new(&[key; 32])).unwrap();
        std::fs::read(&path).unwrap()
    });
    assert_eq!(bytes[0], bytes[1]);
}

#[test]
fn a_plan_cut_anywhere_is_refused() {
    let (_folder, path) = saved();
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() - 1 {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = plan_file::read(&path, &seal()).unwrap_err();
        let is_truncated = matches!(error, PlanFileError::Truncated { .. });
        assert_eq!(is_truncated, length > 0, "cut at {length}: {error}");
    }
}

#[test]
fn a_plan_with_any_byte_changed_is_refused() {
    let (_folder, path) = saved();
    let whole = std::fs::read(&path).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    // What stands before the fingerprint is for people, and is not what is executed.
    let from = text.find(r#""fingerprint""#).unwrap();
    for at in from..whole.len() - 2 {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        assert!(plan_file::read(&path, &seal()).is_err(), "byte {at}");
    }
    let edited = text.replace(r#""unchanged":3"#, r#""unchanged":4"#);
    std::fs::write(&path, edited).unwrap();
    let error = plan_file::read(&path, &seal()).unwrap_err();
    assert!(matches!(error, PlanFileError::Edited { .. }), "{error}");
}

#[test]
fn what_is_no_plan_is_refused_with_the_reason() {
    let (folder, path) = saved();
    for (content, reason) in [
        (&b"hello"[..], "not a plan file"),
        (b"{}", "not a plan file"),
        (b"\xff\xfe", "not a plan file"),
        (br#"{"syncline_plan":2}"#, "format 2"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = plan_file::read(&path, &seal()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let nested = format!("{{\"syncline_plan\":1,\"a\":{}", "[".repeat(1_000_000));
    std::fs::write(&path, nested).unwrap();
    assert!(plan_file::read(&path, &seal()).is_err());
    let error = plan_file::read(folder.path(), &seal()).unwrap_err();
    assert!(matches!(error, PlanFileError::File { .. }), "{error}");
}

#[test]
fn another_key_is_named() {
    let (_folder, path) = saved();
    let error = plan_file::read(&path, &KeySeal::new(&[2; 32])).unwrap_err();
    let PlanFileError::Seal { source: SealError::OtherKey { sealed_with, .. }, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(sealed_with, seal().id());
}
