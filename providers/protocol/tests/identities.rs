//! What identifies a resource: declared with its attributes, told with each answer, and asked for by an import.

use std::sync::Arc;

use syncline_model::{
    ApplyRequest, HandedOver, ImportRequest, PlanRequest, Provider, ReadRequest, Response, Str,
    Value,
};
use syncline_protocol::sdk::conformance::{Case, check};
use syncline_protocol::sdk::{
    Attributes, BuiltProvider, Failure, HandedOver as Other, Instance, Problem, ProviderBuilder,
    Resource, Schema, async_trait, attribute,
};

/// A box in a room, which is no attribute of it.
struct Crate {
    /// The version of its identity: before 1 the name was its label, and before 2 there was one room.
    version: u32,
    /// It does not say where it is.
    forgets: bool,
}

#[async_trait]
impl Resource for Crate {
    fn schema(&self) -> Schema {
        let room = attribute::string().required().describe("The room.");
        let named = attribute::string().required().identifies().describe("Its name.");
        Schema::new("A box.")
            .attribute("name", named)
            .attribute("content", attribute::string().describe("What is in it."))
            .identity("room", room)
            .identity("shelf", attribute::integer().describe("The shelf."))
            .identity_version(self.version)
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        assert!(planned.identity.is_null("room"), "what is not made is nowhere");
        if !self.forgets {
            planned.identity.set("room", "cellar");
        }
        if planned.get("content").as_str() == Some("water") {
            return Err(Failure::partial(planned, Problem::error("it leaks", "")));
        }
        Ok(planned)
    }

    async fn read(&self, mut recorded: Instance) -> Result<Option<Instance>, Failure> {
        let room = recorded.identity.get("room").clone();
        recorded.set("content", room);
        Ok(Some(recorded))
    }

    /// Returns an instance that knows nothing of its identity.
    async fn update(&self, prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        assert_eq!(prior.identity, planned.identity);
        Ok(planned.attributes.into())
    }

    async fn delete(&self, recorded: Instance) -> Result<(), Failure> {
        assert_eq!(recorded.identity.get("room").as_str(), Some("cellar"));
        Ok(())
    }

    fn take_over(&self, _: &Other, attributes: Attributes) -> Result<Instance, Failure> {
        Ok(attributes.into())
    }

    fn upgrade_identity(&self, version: u32, mut own: Attributes) -> Result<Attributes, Problem> {
        match version {
            0 => own.set("name", own.get("label").clone()),
            1 => own.set("room", "cellar"),
            _ => return Err(Problem::error("there is no such version", "")),
        }
        Ok(own)
    }
}

fn provider(version: u32, forgets: bool) -> BuiltProvider {
    ProviderBuilder::new("store", "1.0.0").resource("crate", Crate { version, forgets }).build()
}

fn named(name: &str) -> Value {
    Value::map([("name", Value::from(name)), ("content", Value::Null)])
}

async fn made(provider: &BuiltProvider) -> (Value, Vec<u8>) {
    let config = named("a");
    let kind = || Str::from("crate");
    let request = PlanRequest {
        kind: kind(),
        prior: Value::Null,
        proposed: config.clone(),
        config: config.clone(),
        private: Vec::new(),
    };
    let planned = provider.plan(request).await.answer.expect("it is planned");
    // A part of it is known only when it is made.
    assert!(planned.private.is_empty());
    let private = planned.private;
    let request =
        ApplyRequest { kind: kind(), prior: Value::Null, planned: planned.state, config, private };
    let applied = provider.apply(request).await.answer.expect("it is made");
    (applied.state, applied.private)
}

fn read_request(state: Value, private: Vec<u8>) -> ReadRequest {
    ReadRequest { kind: "crate".into(), state, private }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(response: Response<T>) -> String {
    assert!(response.answer.is_none());
    format!("{}: {}", response.problems[0].summary, response.problems[0].detail)
}

#[tokio::test]
async fn it_is_declared_with_the_attributes() {
    let schema = provider(2, false).schema().await.unwrap();
    let identity = schema.resources["crate"].identity.clone().unwrap();
    let attributes = &identity.block.attributes;
    let needed = attributes.iter().map(|(name, own)| (name.as_str(), own.required));
    assert_eq!(identity.version, 2);
    assert_eq!(needed.collect::<Vec<_>>(), [("name", true), ("room", true), ("shelf", false)]);
    assert_eq!(attributes["name"].description, "Its name.");
}

#[tokio::test]
async fn what_an_author_has_said_stays() {
    let provider = provider(2, false);
    let (state, private) = made(&provider).await;
    assert!(!private.is_empty());
    let read = provider.read(read_request(state.clone(), private.clone())).await.answer.unwrap();
    assert_eq!(read.state.attribute("content").as_str(), Some("cellar"));
    assert_eq!(read.private, private);
    let request = ApplyRequest {
        kind: "crate".into(),
        prior: state.clone(),
        planned: state.clone(),
        config: state.clone(),
        private: private.clone(),
    };
    assert_eq!(provider.apply(request.clone()).await.answer.unwrap().private, private);
    let destroyed = provider.apply(ApplyRequest { planned: Value::Null, ..request }).await;
    assert!(destroyed.answer.unwrap().private.is_empty());
}

#[tokio::test]
async fn what_is_made_by_half_is_identified() {
    let provider = provider(2, false);
    let config = Value::map([("name", Value::from("a")), ("content", "water".into())]);
    let request = ApplyRequest {
        kind: "crate".into(),
        prior: Value::Null,
        planned: config.clone(),
        config,
        private: Vec::new(),
    };
    let half = provider.apply(request).await;
    assert_eq!(half.problems[0].summary, "it leaks");
    assert_eq!(half.answer.unwrap().private, made(&provider).await.1);
}

#[tokio::test]
async fn an_import_takes_what_identifies() {
    let provider = provider(2, false);
    let import = async |identity: Value| {
        let id = Str::new();
        provider.import(ImportRequest { kind: "crate".into(), id, identity }).await
    };
    let name = || ("name", Value::from("a"));
    let found = import(Value::map([name(), ("room", "cellar".into())])).await.answer.unwrap();
    assert_eq!((&found.state, &found.private), (&named("a"), &made(&provider).await.1));
    let missing = refused(import(Value::map([name()])).await);
    assert_eq!(missing, "the identity has no `room`: It is made of `name`, `room`, `shelf`.");
    let strange = [name(), ("room", "cellar".into()), ("rom", "attic".into())];
    assert!(refused(import(Value::map(strange)).await).contains("no attribute `rom`"));
    let wrong = [name(), ("room", "cellar".into()), ("shelf", "top".into())];
    assert!(refused(import(Value::map(wrong)).await).contains("the identity's `shelf`"));
}

#[tokio::test]
async fn an_older_identity_is_brought_up_to_date() {
    let (state, private) = made(&provider(1, false)).await;
    let read = provider(2, false).read(read_request(state.clone(), private)).await;
    assert_eq!(read.answer.unwrap().state.attribute("content").as_str(), Some("cellar"));
    let older = Value::map([("label", Value::from("a"))]);
    let upgraded = provider(2, false).upgrade_identity("crate", 0, older.clone()).await;
    assert_eq!(upgraded.answer.unwrap().attribute("name").as_str(), Some("a"));
    let newer = provider(2, false).upgrade_identity("crate", 7, older).await;
    assert!(refused(newer).contains("no such version"));
    // Without a record of it nothing is known, and nothing is told.
    let (state, private) = (state, Vec::new());
    let read = provider(2, false).read(read_request(state, private)).await.answer.unwrap();
    assert!(read.private.is_empty());
}

#[tokio::test]
async fn another_types_bytes_are_its_own() {
    let provider = provider(2, false);
    let (_, private) = made(&provider).await;
    let record = HandedOver {
        kind: "store_chest".into(),
        json: r#"{"name":"b"}"#.to_owned(),
        private,
        ..HandedOver::default()
    };
    let taken = provider.take_over("crate", record).await.answer.unwrap();
    assert_eq!((taken.state.attribute("name").as_str(), taken.private.len()), (Some("b"), 0));
}

#[tokio::test]
async fn conformance_finds_an_identity_that_is_not_told() {
    let provider = Arc::new(provider(2, true));
    let case = Case { kind: "crate", config: named("a"), update: None, replace: None };
    let found = check(&*provider, &case).await.unwrap_err();
    assert_eq!(found, "create tells no whole identity");
}
