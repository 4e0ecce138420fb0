//! Every type of the provider lives as the protocol says, by a clock that stands still or is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use syncline_model::{
    ApplyRequest, Mode, PlanRequest, Provider, ReadRequest, ValidateRequest, Value,
};
use syncline_protocol::sdk::conformance::{Case, check};
use syncline_provider_time::{provider, provider_at};

type Config = Vec<(&'static str, Value)>;

/// 2024-02-29T12:30:45Z.
const LEAP: u64 = 1_709_209_845;

/// Returns a provider and the hand of its clock, in seconds since 1970.
fn set_to(second: u64) -> (Arc<dyn Provider>, Arc<AtomicU64>) {
    let hand = Arc::new(AtomicU64::new(second));
    let own = Arc::clone(&hand);
    let clock = move || {
        // What is less than a second is of no account.
        SystemTime::UNIX_EPOCH + Duration::from_millis(own.load(Ordering::Relaxed) * 1000 + 999)
    };
    (provider_at(clock), hand)
}

fn lives() -> Vec<(&'static str, Config, Option<Config>, Config)> {
    let triggers = || ("triggers", Value::map([("a", Value::from("1"))]));
    let new_year = || Value::from("2020-01-01T00:00:00Z");
    vec![
        ("static", vec![], None, vec![triggers()]),
        (
            "static",
            vec![("rfc3339", new_year())],
            None,
            vec![("rfc3339", "2021-01-01T00:00:00+01:00".into())],
        ),
        (
            "offset",
            vec![("offset_days", 1.into())],
            Some(vec![("offset_months", (-1).into())]),
            vec![("offset_months", (-1).into()), triggers()],
        ),
        (
            "offset",
            vec![("offset_days", 1.into()), ("base_rfc3339", new_year())],
            Some(vec![("offset_days", 2.into()), ("base_rfc3339", new_year())]),
            vec![("offset_days", 2.into()), ("base_rfc3339", "2021-01-01T00:00:00Z".into())],
        ),
        (
            "rotating",
            vec![("rotation_days", 1.into())],
            Some(vec![("rotation_hours", 1.into())]),
            vec![("rotation_hours", 1.into()), triggers()],
        ),
        (
            "rotating",
            vec![("rotation_months", 1.into()), ("rfc3339", new_year())],
            Some(vec![("rotation_years", 1.into()), ("rfc3339", new_year())]),
            vec![("rotation_years", 1.into()), ("rfc3339", "2021-01-01T00:00:00Z".into())],
        ),
    ]
}

#[tokio::test]
async fn every_type_lives_as_the_protocol_says() {
    for (kind, create, update, replace) in lives() {
        for provider in [provider(), set_to(LEAP).0] {
            let case = Case {
                kind,
                config: Value::map(create.clone()),
                update: update.clone().map(Value::map),
                replace: Some(Value::map(replace.clone())),
            };
            check(&*provider, &case).await.unwrap_or_else(|rule| panic!("{kind}: {rule}"));
        }
    }
}

/// Returns what a type comes to with a configuration.
async fn made(provider: &Arc<dyn Provider>, kind: &str, config: Config) -> Value {
    let config = Value::map(config);
    let planned = provider
        .plan(PlanRequest {
            kind: kind.into(),
            prior: Value::Null,
            proposed: config.clone(),
            config: config.clone(),
            private: Vec::new(),
        })
        .await
        .answer
        .unwrap_or_default();
    let response = provider
        .apply(ApplyRequest {
            kind: kind.into(),
            prior: Value::Null,
            planned: planned.state,
            config,
            private: planned.private,
        })
        .await;
    assert!(response.problems.is_empty(), "{:?}", response.problems);
    response.answer.unwrap_or_default().state
}

async fn is_there(provider: &Arc<dyn Provider>, kind: &str, state: &Value) -> bool {
    let (state, private) = (state.clone(), Vec::new());
    let request = ReadRequest { kind: kind.into(), state, private };
    provider.read(request).await.answer.is_some_and(|found| !found.state.is_null())
}

#[tokio::test]
async fn a_moment_has_its_parts() {
    let (provider, _) = set_to(LEAP);
    let state = made(&provider, "static", vec![]).await;
    assert_eq!(
        state.to_string(),
        "{ day = 29, hour = 12, minute = 30, month = 2, rfc3339 = \"2024-02-29T12:30:45Z\", \
         second = 45, triggers = null, unix = 1709209845, year = 2024 }"
    );
    let config = vec![("offset_years", 1.into()), ("offset_hours", 12.into())];
    let state = made(&provider, "offset", config).await;
    assert_eq!(state.attribute("rfc3339"), &Value::from("2025-03-01T00:30:45Z"));
}

#[tokio::test]
async fn a_rotation_that_is_due_is_gone() {
    let (provider, hand) = set_to(LEAP);
    let state = made(&provider, "rotating", vec![("rotation_days", 1.into())]).await;
    assert_eq!(state.attribute("rotation_rfc3339"), &Value::from("2024-03-01T12:30:45Z"));
    hand.store(LEAP + 86_399, Ordering::Relaxed);
    assert!(is_there(&provider, "rotating", &state).await);
    hand.store(LEAP + 86_400, Ordering::Relaxed);
    assert!(!is_there(&provider, "rotating", &state).await);
    // One that counts from a moment long ago is not due at once.
    let config = vec![("rotation_days", 7.into()), ("rfc3339", "2000-01-01T00:00:00Z".into())];
    let state = made(&provider, "rotating", config).await;
    assert_eq!(state.attribute("rotation_rfc3339"), &Value::from("2024-03-02T00:00:00Z"));
    assert!(is_there(&provider, "rotating", &state).await);
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let cases: [(&str, Config, &str); 4] = [
        ("static", vec![("rfc3339", "soon".into())], "`soon` is no moment"),
        ("offset", vec![], "no length of time is set"),
        (
            "rotating",
            vec![("rotation_days", 0.into())],
            "`rotation_days` must be from 1 to 100000000",
        ),
        (
            "rotating",
            vec![("rotation_days", 1.into()), ("rfc3339", "2024-13-01".into())],
            "`2024-13-01` is no moment",
        ),
    ];
    for (kind, config, summary) in cases {
        let config = Value::map(config);
        let request = ValidateRequest { mode: Mode::Managed, kind: kind.into(), config };
        let problems = provider().validate(request).await;
        let said: Vec<&str> = problems.iter().map(|own| own.summary.as_str()).collect();
        assert_eq!(said, [summary], "{kind}");
    }
}
