//! Every type of the provider lives as the protocol says, and draws what it is asked for.

use syncline_model::{ApplyRequest, Mode, PlanRequest, ValidateRequest, Value};
use syncline_protocol::sdk::conformance::{Life, live};
use syncline_provider_random::provider;

type Config = Vec<(&'static str, Value)>;

fn texts(texts: &[&str]) -> Value {
    Value::list(texts.iter().map(|text| Value::from(*text)))
}

fn lives() -> Vec<(&'static str, Config, Config)> {
    let keepers = || ("keepers", Value::map([("a", Value::from("1"))]));
    let (ab, abc) = (texts(&["a", "b"]), texts(&["a", "b", "c"]));
    vec![
        ("uuid", vec![], vec![keepers()]),
        (
            "id",
            vec![("byte_length", 8.into()), ("prefix", "web-".into())],
            vec![("byte_length", 9.into()), ("prefix", "web-".into())],
        ),
        (
            "integer",
            vec![("min", i64::MIN.into()), ("max", i64::MAX.into())],
            vec![("min", 3.into()), ("max", 3.into())],
        ),
        ("string", vec![("length", 20.into())], vec![("length", 20.into()), keepers()]),
        (
            "password",
            vec![("length", 20.into()), ("special", false.into())],
            vec![("length", 20.into())],
        ),
        ("choice", vec![("options", ab)], vec![("options", abc.clone())]),
        (
            "shuffle",
            vec![("input", abc.clone()), ("count", 2.into())],
            vec![("input", abc), ("count", 3.into())],
        ),
    ]
}

#[tokio::test]
async fn every_type_lives_as_the_protocol_says() {
    let lives = lives();
    let schema = provider().schema().await.unwrap();
    assert_eq!(lives.len(), schema.resources.len());
    for (kind, create, replace) in lives {
        live(provider(), Life { kind, create, update: None, replace: Some(replace) }).await;
    }
}

/// Returns what a type comes to with a configuration.
async fn made(kind: &str, config: &[(&'static str, Value)]) -> Value {
    let provider = provider();
    let config = Value::map(config.iter().cloned());
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
        .unwrap();
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
    response.answer.unwrap().state
}

#[tokio::test]
async fn a_password_holds_what_it_must_and_is_secret() {
    let config = [
        ("length", 12.into()),
        ("min_numeric", 3.into()),
        ("min_special", 4.into()),
        ("upper", false.into()),
        ("override_special", "__".into()),
    ];
    for _ in 0..20 {
        let state = made("password", &config).await;
        assert!(state.attribute("result").is_secret());
        let text = state.attribute("result").as_str().unwrap().to_owned();
        assert_eq!(text.chars().count(), 12);
        assert!(text.chars().filter(char::is_ascii_digit).count() >= 3, "{text}");
        assert!(text.chars().filter(|own| *own == '_').count() >= 4, "{text}");
        assert!(!text.chars().any(|own| own.is_ascii_uppercase()), "{text}");
    }
}

#[tokio::test]
async fn values_have_their_form() {
    let id = made("id", &[("byte_length", 4.into()), ("prefix", "p".into())]).await;
    assert_eq!(id.attribute("hex").as_str().unwrap().len(), 9);
    assert!(id.attribute("base64_url").as_str().unwrap().starts_with('p'));
    let uuid = made("uuid", &[]).await;
    let uuid = uuid.attribute("result").as_str().unwrap().to_owned();
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert_eq!(&uuid[14..15], "4");
    let integer = made("integer", &[("min", (-2).into()), ("max", 2.into())]).await;
    assert!((-2..=2).contains(&integer.attribute("result").as_i64().unwrap()));
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused() {
    let cases: [(&str, Config, &str); 7] = [
        ("id", vec![("byte_length", 0.into())], "`byte_length` must be from 1 to 1024"),
        ("integer", vec![("min", 2.into()), ("max", 1.into())], "`max` is less than `min`"),
        ("choice", vec![("options", texts(&[]))], "there is nothing to choose from"),
        (
            "shuffle",
            vec![("input", texts(&["a"])), ("count", 2.into())],
            "`count` is more than can be taken",
        ),
        (
            "password",
            vec![("length", 3.into()), ("min_lower", 4.into())],
            "`length` is too small for what must be in it",
        ),
        (
            "string",
            vec![("length", 3.into()), ("upper", false.into()), ("min_upper", 1.into())],
            "`min_upper` asks for what is ruled out",
        ),
        ("string", vec![("length", 9000.into())], "`length` must be from 1 to 4096"),
    ];
    for (kind, config, summary) in cases {
        let config = Value::map(config);
        let request = ValidateRequest { mode: Mode::Managed, kind: kind.into(), config };
        let problems = provider().validate(request).await;
        let said: Vec<&str> = problems.iter().map(|own| own.summary.as_str()).collect();
        assert_eq!(said, [summary], "{kind}");
        assert!(problems.iter().all(|own| own.path.root().is_some()), "{kind}");
    }
}
