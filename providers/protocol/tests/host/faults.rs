//! Providers that crash, hang, flood and answer rubbish, in each call.

use std::time::Duration;

use syncline_model::{
    DataRequest, ImportRequest, Mode, OpenRequest, Problem, Provider as _, ReadRequest,
    ValidateRequest, Value,
};
use syncline_protocol::host::{Host, HostOptions};

use crate::support::{Driver, Record, attributes, options};

/// Returns the fixture, told to go wrong.
fn faulty(fault: &str) -> Option<HostOptions> {
    let mut options = options("fixture")?;
    options.source = "example.com/syncline/fixture".into();
    options.version = "1.2.3".into();
    options.environment.push(("FIXTURE_FAULT".into(), fault.into()));
    Some(options)
}

fn thing(name: &str) -> Value {
    attributes([("name", Value::from(name))])
}

fn state(name: &str) -> Value {
    attributes([("name", Value::from(name)), ("id", Value::from("id-1")), ("size", Value::from(1))])
}

/// Makes a call, and returns what was said.
async fn said(options: HostOptions, call: &str) -> Vec<Problem> {
    let host = Host::new(options);
    let driver = Driver { host: host.clone(), kind: "thing" };
    let record = Record { state: state("a"), private: Vec::new() };
    let kind = || "thing".into();
    match call {
        "GetProviderSchema" => host.schema().await.err().into_iter().collect(),
        "ConfigureProvider" => host.configure(Value::Map(std::sync::Arc::default())).await,
        "ValidateResourceConfig" => {
            let request = ValidateRequest { mode: Mode::Managed, kind: kind(), config: thing("a") };
            host.validate(request).await
        }
        "UpgradeResourceState" => host.upgrade("thing", 1, state("a")).await.problems,
        "ReadResource" => {
            let request = ReadRequest { kind: kind(), state: state("a"), private: Vec::new() };
            host.read(request).await.problems
        }
        "PlanResourceChange" => driver.plan(&record, &thing("a")).await.problems,
        "ApplyResourceChange" => {
            let nothing = Record::default();
            let planned = driver.plan(&nothing, &thing("a")).await.answer.unwrap();
            driver.apply(&nothing, &planned, &thing("a")).await.problems
        }
        "ImportResourceState" => host.import(ImportRequest::by_id("thing", "x")).await.problems,
        "ReadDataSource" => {
            let config = attributes([("name", Value::from("x"))]);
            host.read_data(DataRequest { kind: "lookup".into(), config }).await.problems
        }
        "CallFunction" => {
            host.call("join", vec![Value::from(","), Value::from("a")]).await.problems
        }
        "OpenEphemeralResource" => host.open(lease()).await.problems,
        "RenewEphemeralResource" => {
            let opened = host.open(lease()).await.answer.unwrap();
            host.renew("lease", opened.lease.private).await.problems
        }
        "CloseEphemeralResource" => {
            let opened = host.open(lease()).await.answer.unwrap();
            host.close("lease", opened.lease.private).await
        }
        other => panic!("{other}"),
    }
}

fn lease() -> OpenRequest {
    OpenRequest { kind: "lease".into(), config: attributes([("name", Value::from("a"))]) }
}

const CALLS: [&str; 13] = [
    "GetProviderSchema",
    "ConfigureProvider",
    "ValidateResourceConfig",
    "UpgradeResourceState",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
    "ReadDataSource",
    "CallFunction",
    "OpenEphemeralResource",
    "RenewEphemeralResource",
    "CloseEphemeralResource",
];

#[tokio::test]
async fn a_crash_in_any_call_is_told_with_its_last_words() {
    for call in CALLS {
        let Some(options) = faulty(&format!("crash:{call}")) else { return };
        let problems = said(options, call).await;
        let [problem] = problems.as_slice() else { panic!("{call}: {problems:?}") };
        let title = "the provider `fixture` (example.com/syncline/fixture 1.2.3) stopped";
        assert_eq!(problem.summary, title, "{call}: {}", problem.detail);
        assert!(problem.detail.contains(call), "{}", problem.detail);
        let words = format!("this provider crashes in {call}");
        assert!(problem.detail.contains(&words), "{call}: {}", problem.detail);
        assert!(problem.detail.contains("exit status: 2"), "{}", problem.detail);
    }
}

#[tokio::test]
async fn no_answer_in_any_call_is_told_in_time() {
    for call in CALLS {
        let Some(mut options) = faulty(&format!("hang:{call}")) else { return };
        let limit = Duration::from_millis(400);
        (options.limits.short, options.limits.long) = (limit, limit);
        options.limits.apply = Some(limit);
        // Only the call that hangs may take so long; on a busy machine any may.
        if call != "GetProviderSchema" {
            let _warm = Host::new(options.clone()).schema().await;
        }
        let problems = said(options, call).await;
        let [problem] = problems.as_slice() else { panic!("{call}: {problems:?}") };
        assert!(problem.summary.ends_with("does not answer"), "{call}: {}", problem.summary);
        assert!(problem.detail.contains("within 400 ms"), "{call}: {}", problem.detail);
        assert!(problem.detail.contains("hangs in"), "{call}: {}", problem.detail);
    }
}

#[tokio::test]
async fn floods_on_both_streams_block_nothing() {
    for call in CALLS {
        let Some(options) = faulty(&format!("flood:{call}")) else { return };
        let problems = said(options, call).await;
        assert!(problems.is_empty(), "{call}: {problems:?}");
    }
}

#[tokio::test]
async fn rubbish_and_hundreds_of_megabytes_are_errors() {
    let calls = [
        "ReadResource",
        "PlanResourceChange",
        "ApplyResourceChange",
        "ReadDataSource",
        "OpenEphemeralResource",
    ];
    for call in calls {
        for fault in ["rubbish", "huge"] {
            let Some(options) = faulty(&format!("{fault}:{call}")) else { return };
            let problems = said(options, call).await;
            let [problem] = problems.as_slice() else { panic!("{call}: {problems:?}") };
            let about = format!("{fault} {call}: {} {}", problem.summary, problem.detail);
            assert!(problem.summary.ends_with("gave an answer that cannot be used"), "{about}");
            assert!(problem.detail.contains(call), "{about}");
        }
    }
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused() {
    let Some(mut options) = faulty("huge:ReadResource") else { return };
    options.limits.message = 16 << 20;
    let problems = said(options, "ReadResource").await;
    assert!(problems[0].detail.contains("larger than 16 MiB"), "{problems:?}");
}

#[tokio::test]
async fn what_is_open_is_renewed_though_all_else_is_busy() {
    let Some(mut options) = faulty("hang:ApplyResourceChange") else { return };
    options.limits.calls = 1;
    let host = Host::new(options);
    let driver = Driver { host: host.clone(), kind: "thing" };
    let opened = host.open(lease()).await.answer.unwrap();
    let nothing = Record::default();
    let planned = driver.plan(&nothing, &thing("a")).await.answer.unwrap();
    let config = thing("a");
    let mut apply = std::pin::pin!(driver.apply(&nothing, &planned, &config));
    let waits = tokio::time::timeout(Duration::from_millis(100), apply.as_mut()).await;
    assert!(waits.is_err(), "it hangs");
    let renewed = host.renew("lease", opened.lease.private).await.answer.unwrap();
    assert!(host.close("lease", renewed.private).await.is_empty());
}

#[tokio::test]
async fn a_provider_that_does_not_hear_of_the_end_is_not_waited_for() {
    let Some(mut options) = faulty("hang:StopProvider") else { return };
    options.limits.stop = Duration::from_millis(200);
    let host = Host::new(options);
    host.schema().await.unwrap();
    // Far less than what an answer may take; the tests' own limit would be met else.
    tokio::time::timeout(Duration::from_secs(60), host.stop()).await.unwrap();
    host.end().await;
}
