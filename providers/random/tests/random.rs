//! Every random resource through the rules that any provider keeps to, and what it makes.

use std::sync::Arc;

use syncline_model::{
    ApplyRequest, Map, Mode, PlanRequest, Planned, Provider, ReadRequest, ValidateRequest, Value,
};
use syncline_protocol::sdk::conformance::{Case, check};

fn config<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries)
}

fn texts(items: &[&str]) -> Value {
    Value::list(items.iter().map(|item| Value::from(*item)))
}

#[tokio::test]
async fn all_keep_to_the_rules() {
    let keepers = Value::map([("a", Value::from("1"))]);
    let cases = [
        (
            "id",
            config([("byte_length", Value::from(4)), ("keepers", keepers)]),
            config([("byte_length", Value::from(4)), ("prefix", Value::from("web-"))]),
        ),
        (
            "string",
            config([("length", Value::from(8)), ("special", Value::from(false))]),
            config([("length", Value::from(8))]),
        ),
        (
            "password",
            config([("length", Value::from(8)), ("min_special", Value::from(2))]),
            config([("length", Value::from(9)), ("min_special", Value::from(2))]),
        ),
        ("uuid", config([]), config([("keepers", Value::map([("a", Value::from("1"))]))])),
        (
            "integer",
            config([("min", Value::from(1)), ("max", Value::from(6))]),
            config([("min", Value::from(1)), ("max", Value::from(7))]),
        ),
        (
            "choice",
            config([("options", texts(&["a", "b"]))]),
            config([("options", texts(&["b", "a"]))]),
        ),
        (
            "shuffle",
            config([("input", texts(&["a", "b"])), ("result_count", Value::from(1))]),
            config([("input", texts(&["a", "b"]))]),
        ),
    ];
    let provider = syncline_provider_random::provider();
    for (kind, config, replace) in cases {
        let case = Case { kind, config, update: None, replace: Some(replace) };
        check(&*provider, &case).await.unwrap_or_else(|broken| panic!("{kind}: {broken}"));
    }
}

async fn made(provider: &Arc<dyn Provider>, kind: &str, config: Value) -> Value {
    let request = PlanRequest {
        kind: kind.into(),
        prior: Value::Null,
        proposed: config.clone(),
        config: config.clone(),
        private: Vec::new(),
    };
    let Planned { state: planned, private, .. } =
        provider.plan(request).await.answer.expect("a plan");
    let request = ApplyRequest { kind: kind.into(), prior: Value::Null, planned, config, private };
    let response = provider.apply(request).await;
    assert_eq!(response.problems, []);
    response.answer.expect("an answer").state
}

#[tokio::test]
async fn texts_have_the_length_and_the_characters_that_were_asked_for() {
    let provider = syncline_provider_random::provider();
    for _ in 0..50 {
        let asked = config([
            ("length", Value::from(12)),
            ("upper", Value::from(false)),
            ("min_numeric", Value::from(3)),
            ("min_special", Value::from(2)),
            ("override_special", Value::from("äö")),
        ]);
        let made = made(&provider, "string", asked).await;
        let text = made.attribute("result").as_str().unwrap();
        assert_eq!(text.chars().count(), 12, "{text}");
        assert!(text.chars().filter(char::is_ascii_digit).count() >= 3, "{text}");
        assert!(text.chars().filter(|c| "äö".contains(*c)).count() >= 2, "{text}");
        assert!(!text.contains(|c: char| c.is_ascii_uppercase() || c == '!'), "{text}");
    }
}

#[tokio::test]
async fn a_choice_of_secrets_is_secret() {
    let provider = syncline_provider_random::provider();
    let from = Value::list([Value::secret(Value::from("hunter2"))]);
    let made = made(&provider, "choice", config([("options", from)])).await;
    assert!(made.attribute("result").is_secret());
}

#[tokio::test]
async fn mistakes_are_told_before_anything_is_made() {
    let provider = syncline_provider_random::provider();
    let no = Value::from(false);
    let cases = [
        ("id", config([("byte_length", Value::from(0))])),
        ("id", config([])),
        ("id", config([("byte_length", Value::from(4)), ("bytes", Value::from(4))])),
        ("uid", config([])),
        ("string", config([("length", Value::from(2)), ("min_lower", Value::from(3))])),
        (
            "string",
            config([
                ("length", Value::from(2)),
                ("upper", no.clone()),
                ("lower", no.clone()),
                ("numeric", no.clone()),
                ("special", no.clone()),
            ]),
        ),
        (
            "password",
            config([("length", Value::from(8)), ("special", no), ("min_special", Value::from(1))]),
        ),
        ("password", config([("length", Value::from(8)), ("override_special", Value::from(""))])),
        ("integer", config([("min", Value::from(2)), ("max", Value::from(1))])),
        ("choice", config([("options", texts(&[]))])),
        ("shuffle", config([("input", texts(&["a"])), ("result_count", Value::from(2))])),
    ];
    let mut said = String::new();
    for (kind, config) in cases {
        let request = ValidateRequest { mode: Mode::Managed, kind: kind.into(), config };
        for problem in provider.validate(request).await {
            said.push_str(&format!("{kind}: {} | {}\n", problem.summary, problem.detail));
        }
    }
    assert_eq!(
        said,
        "\
id: `byte_length` must be from 1 to 1024 | It is 0.
id: `byte_length` must be set | 
id: `bytes` cannot be configured | 
uid: `random` has no resource `uid` | Did you mean `random.id`?
string: `length` is less than all the minimums | `length` is 2, and 3 characters are asked for.
string: there is no character to choose from | Leave at least one of `upper`, `lower`, `numeric` and `special` true.
password: `min_special` is set, and `special` is false | Set `min_special` to 0, or `special` to true.
password: `override_special` is empty | Leave it out for the usual ones, or set `special` to false.
integer: `min` is greater than `max` | `min` is 2, and `max` is 1. Swap them.
choice: `options` is empty | Give at least one item to choose from.
shuffle: `result_count` is greater than the number of items | `input` has 1 items, and `result_count` is 2.
"
    );
}

/// After an interrupted create, a planner asks for what was planned with unknowns as nulls.
#[tokio::test]
async fn an_interrupted_create_has_made_nothing() {
    let provider = syncline_provider_random::provider();
    let state: Map = [("byte_length".into(), Value::from(4))].into_iter().collect();
    let request = ReadRequest { kind: "id".into(), state: Value::from(state), private: Vec::new() };
    let read = provider.read(request).await;
    assert!(read.problems.is_empty());
    assert!(read.answer.unwrap().state.is_null());
}

#[tokio::test]
async fn what_was_called_count_is_called_otherwise() {
    let provider = syncline_provider_random::provider();
    let older = config([("input", texts(&["a", "b"])), ("count", Value::from(1))]);
    let upgraded = provider.upgrade("shuffle", 0, older).await.answer.unwrap();
    assert_eq!(upgraded.attribute("result_count"), &Value::from(1));
}
