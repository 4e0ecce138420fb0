//! The rules that the SDK keeps for every author, and those that conformance finds broken.

use std::sync::atomic::{AtomicI64, Ordering};

use syncline_model::{
    Applied, ApplyRequest, DataRequest, ImportRequest, Mode, PlanRequest, Planned, Problem,
    Provider, Residual, Response, Type, Unknown, ValidateRequest, Value,
};
use syncline_protocol::sdk::conformance::{Case, check};
use syncline_protocol::sdk::{
    Attributes, BuiltProvider, DataSource, Failure, Instance, Plan, ProviderBuilder, Resource,
    Schema, async_trait, attribute, invalid, schema::AttributeBuilder,
};

/// What the author of [`Thing`] gets wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Panic,
    Partial,
    LeavesUnknown,
    OtherThanPlanned,
    StrangeAttribute,
    NeverSettles,
}

struct Thing {
    fault: Fault,
    count: AtomicI64,
}

#[async_trait]
impl Resource for Thing {
    fn schema(&self) -> Schema {
        Schema::new("A thing of no use.")
            .version(1)
            .attribute("name", attribute::string().required().describe("Its name."))
            .attribute(
                "zone",
                attribute::string().default("here").requires_replace().describe("Where it is."),
            )
            .attribute("note", attribute::string().describe("What to say of it."))
            .attribute("token", attribute::string().write_only().describe("Who may make it."))
            .attribute("address", attribute::string().optional_computed().describe("Its address."))
            .attribute("id", attribute::integer().computed().stable().describe("Its number."))
            .attribute("changes", attribute::integer().computed().describe("Counts changes."))
            .attribute("length", attribute::integer().computed().describe("The name's bytes."))
    }

    fn validate(&self, config: &Attributes) -> Vec<Problem> {
        match config.get("zone").as_str() {
            Some("nowhere") => vec![invalid("zone", "there is no such zone", "Use `here`.")],
            Some(_) | None => Vec::new(),
        }
    }

    async fn plan(&self, plan: &mut Plan) -> Result<(), Failure> {
        match plan.planned.known("name").and_then(Value::as_str) {
            Some(name) => {
                let length = name.len() as i64;
                plan.planned.set_from("length", length, &["name"]);
            }
            None => plan.forget("length", Type::Int),
        }
        Ok(())
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        assert!(self.fault != Fault::Panic, "the author forgot something");
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        planned.set("id", count);
        if self.fault == Fault::Partial {
            return Err(Failure::partial(planned, Problem::error("half of it failed", "")));
        }
        self.finish(planned)
    }

    async fn read(&self, mut recorded: Instance) -> Result<Option<Instance>, Failure> {
        if self.fault == Fault::NeverSettles {
            let changes = recorded.integer("changes")?;
            recorded.set("changes", changes + 1);
        }
        Ok(Some(recorded))
    }

    async fn update(&self, prior: Instance, planned: Instance) -> Result<Instance, Failure> {
        assert!(prior.get("id") == planned.get("id"), "what is stable is planned as it was");
        self.finish(planned)
    }

    async fn delete(&self, _recorded: Instance) -> Result<(), Failure> {
        Ok(())
    }

    fn upgrade(&self, version: u32, mut attributes: Attributes) -> Result<Attributes, Problem> {
        attributes.set("note", format!("of version {version}"));
        Ok(attributes)
    }
}

impl Thing {
    fn finish(&self, mut planned: Instance) -> Result<Instance, Failure> {
        let name = planned.string("name")?.to_owned();
        planned.set("length", name.len() as i64);
        if planned.is_unknown("address") {
            let address = planned.optional_string("token")?.unwrap_or("open").to_owned();
            planned.set("address", address);
        }
        if self.fault != Fault::LeavesUnknown {
            planned.set("changes", 1);
        }
        if self.fault == Fault::OtherThanPlanned {
            planned.set("name", "another");
        }
        if self.fault == Fault::StrangeAttribute {
            planned.set("colour", "red");
        }
        planned.warn("name", "names are hard", "");
        Ok(planned)
    }
}

struct Echo;

#[async_trait]
impl DataSource for Echo {
    fn schema(&self) -> Schema {
        Schema::new("Says it again.")
            .attribute("text", attribute::string().default("hello").describe("What to say."))
            .attribute("twice", attribute::string().computed().describe("The text twice."))
    }

    async fn read(&self, mut config: Attributes) -> Result<Attributes, Failure> {
        let text = config.string("text")?.to_owned();
        config.set_from("twice", text.repeat(2), &["text"]);
        Ok(config)
    }
}

fn provider(fault: Fault) -> BuiltProvider {
    ProviderBuilder::new("test", "1.0.0")
        .resource("thing", Thing { fault, count: AtomicI64::new(0) })
        .data("echo", Echo)
        .build()
}

fn config(entries: &[(&'static str, Value)]) -> Value {
    Value::map(entries.iter().cloned())
}

async fn plan(provider: &BuiltProvider, prior: Value, config: &Value) -> Planned {
    let mut proposed = Attributes::new(config);
    for name in ["address", "id", "changes", "length", "zone"] {
        if proposed.is_null(name) {
            proposed.set(name, prior.attribute(name).clone());
        }
    }
    let request = PlanRequest {
        kind: "thing".into(),
        prior,
        proposed: proposed.into_value(),
        config: config.clone(),
        private: b"own".to_vec(),
    };
    let response = provider.plan(request).await;
    assert_eq!(response.problems, []);
    response.answer.expect("a plan")
}

async fn create(provider: &BuiltProvider, config: &Value) -> Response<Applied> {
    let planned = plan(provider, Value::Null, config).await;
    let request = ApplyRequest {
        kind: "thing".into(),
        prior: Value::Null,
        planned: planned.state,
        config: config.clone(),
        private: planned.private,
    };
    provider.apply(request).await
}

fn named(name: &str) -> Value {
    config(&[("name", name.into())])
}

fn case(kind: &str) -> Case<'_> {
    Case {
        kind,
        config: named("a"),
        update: Some(named("b")),
        replace: Some(config(&[("name", "b".into()), ("zone", "there".into())])),
    }
}

#[tokio::test]
async fn a_careful_author_conforms() {
    check(&provider(Fault::None), &case("thing")).await.unwrap();
}

#[tokio::test]
async fn conformance_finds_what_an_author_gets_wrong() {
    let cases = [
        (
            Fault::Panic,
            "create: the provider panicked, which is a mistake in it: the author forgot something",
        ),
        (
            Fault::LeavesUnknown,
            "create: the provider made a mistake: After the call, it left `changes` unknown.",
        ),
        (Fault::OtherThanPlanned, "after create, `name` is not as planned"),
        (
            Fault::StrangeAttribute,
            "create: the provider made a mistake: After the call, it returned `colour`, which its \
             schema does not have.",
        ),
        (Fault::NeverSettles, "`changes` reads differently than it was made"),
    ];
    for (fault, broken) in cases {
        assert_eq!(check(&provider(fault), &case("thing")).await, Err(broken.to_owned()));
    }
}

#[tokio::test]
async fn a_create_plans_defaults_and_unknowns_and_what_can_be_told() {
    let planned = plan(&provider(Fault::None), Value::Null, &named("abc")).await;
    assert_eq!(
        planned.state.to_string(),
        r#"{ address = (known after apply), changes = (known after apply), id = (known after apply), length = 3, name = "abc", note = null, token = null, zone = "here" }"#
    );
    assert_eq!(planned.requires_replace, []);
}

#[tokio::test]
async fn an_update_keeps_what_is_stable_and_forgets_the_rest() {
    let provider = provider(Fault::None);
    let made = create(&provider, &named("abc")).await.answer.unwrap();
    let same = plan(&provider, made.state.clone(), &named("abc")).await;
    assert_eq!(same.state, made.state, "nothing changes");
    assert_eq!(same.private, b"own");
    let other = plan(&provider, made.state.clone(), &named("defg")).await;
    assert_eq!(
        other.state.to_string(),
        r#"{ address = (known after apply), changes = (known after apply), id = 1, length = 4, name = "defg", note = null, token = null, zone = "here" }"#
    );
    let moved = config(&[("name", "abc".into()), ("zone", "there".into())]);
    let moved = plan(&provider, made.state, &moved).await;
    assert_eq!(
        moved.requires_replace.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["zone"]
    );
}

#[tokio::test]
async fn what_is_unknown_in_the_configuration_is_planned_as_it_is() {
    let residual = Residual::Attribute {
        address: syncline_model::Address::parse("other").unwrap(),
        path: syncline_model::Path::attribute("id"),
    };
    let unknown = Value::Unknown(Unknown { ty: Type::String, residual }.into());
    let config = config(&[("name", unknown.clone())]);
    let planned = plan(&provider(Fault::None), Value::Null, &config).await;
    assert_eq!(planned.state.attribute("name"), &unknown);
    assert!(planned.state.attribute("length").is_unknown());
}

#[tokio::test]
async fn write_only_attributes_reach_the_author_and_no_record() {
    let token = Value::secret(Value::from("t0ken"));
    let config = config(&[("name", "a".into()), ("token", token)]);
    let response = create(&provider(Fault::None), &config).await;
    assert!(response.problems.iter().all(|problem| !problem.is_error));
    assert_eq!(response.problems.len(), 1, "the warning is passed on");
    let state = response.answer.unwrap().state;
    assert_eq!(state.attribute("token"), &Value::Null);
    assert_eq!(state.attribute("address").as_str(), Some("t0ken"), "the author had it");
}

#[tokio::test]
async fn a_partial_answer_comes_with_the_error() {
    let response = create(&provider(Fault::Partial), &named("a")).await;
    assert!(response.failed());
    assert_eq!(response.problems.len(), 1);
    let state = response.answer.unwrap().state;
    assert_eq!(state.attribute("id"), &Value::from(1));
    assert_eq!(state.attribute("changes"), &Value::Null, "what is not known is null");
}

#[tokio::test]
async fn configurations_are_checked() {
    let provider = provider(Fault::None);
    let mut said = Vec::new();
    for (mode, kind, config) in [
        (Mode::Managed, "thing", config(&[])),
        (Mode::Managed, "thing", config(&[("name", "a".into()), ("zone", "nowhere".into())])),
        (Mode::Managed, "thing", config(&[("name", "a".into()), ("length", 1.into())])),
        (Mode::Managed, "thnig", config(&[])),
        (Mode::Data, "other", config(&[])),
    ] {
        let request = ValidateRequest { mode, kind: kind.into(), config };
        for problem in provider.validate(request).await {
            said.push(format!("{} | {} | {}", problem.path, problem.summary, problem.detail));
        }
    }
    assert_eq!(
        said,
        [
            "name | `name` must be set | ",
            "zone | there is no such zone | Use `here`.",
            "length | `length` cannot be configured | ",
            " | `test` has no resource `thnig` | Did you mean `test.thing`?",
            " | `test` has no data source `other` | It offers echo.",
        ]
    );
}

#[tokio::test]
async fn data_sources_have_their_defaults() {
    let request = DataRequest { kind: "echo".into(), config: config(&[("text", Value::Null)]) };
    let response = provider(Fault::None).read_data(request).await;
    assert_eq!(response.answer.unwrap().to_string(), r#"{ text = "hello", twice = "hellohello" }"#);
}

#[tokio::test]
async fn older_records_are_upgraded_and_made_whole() {
    let state = config(&[("name", "a".into())]);
    let upgraded = provider(Fault::None).upgrade("thing", 0, state).await.answer.unwrap();
    assert_eq!(upgraded.attribute("note").as_str(), Some("of version 0"));
    assert!(upgraded.as_map().unwrap().contains_key("zone"));
}

#[tokio::test]
async fn what_cannot_be_imported_says_what_to_do() {
    let request = ImportRequest::by_id("thing", "7");
    let response = provider(Fault::None).import(request).await;
    let problem = &response.problems[0];
    assert_eq!(problem.summary, "`7` cannot be imported: the type has no import");
}

/// A type of one attribute.
struct Odd(&'static str, AttributeBuilder);

#[async_trait]
impl Resource for Odd {
    fn schema(&self) -> Schema {
        Schema::new("Something odd.").attribute(self.0, self.1.clone().describe("It is odd."))
    }

    async fn create(&self, planned: Instance) -> Result<Instance, Failure> {
        Ok(planned)
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        Ok(Some(recorded))
    }

    async fn delete(&self, _: Instance) -> Result<(), Failure> {
        Ok(())
    }
}

#[tokio::test]
async fn what_others_do_not_take_is_found() {
    let integer = attribute::integer;
    let record = || Schema::new("One.").attribute("id", attribute::string().computed());
    for (name, own, found) in [
        ("count", integer(), "`count` means something else to OpenTofu"),
        ("Size", integer(), "`Size` is no name of small letters, digits and underscores"),
        (
            "tags",
            attribute::of(Type::map(Type::set(Type::list(Type::Any)))),
            "`tags` has a set of anything, which OpenTofu does not take",
        ),
        ("size", integer().default("big"), "`size` is int, and its default is a string"),
        (
            "size",
            attribute::one_of(&["s", "m"]).default("l"),
            "`size` is \"s\" | \"m\", and its default is a string",
        ),
        ("size", integer().required().default(1), "`size` is required, and has a default"),
        (
            "size",
            integer().required().computed(),
            "`size` is required and computed: it can only be one of both",
        ),
        (
            "key",
            attribute::string().computed().write_only(),
            "`key` is write-only, and computed or with a default",
        ),
        (
            "parts",
            attribute::record_set(record()),
            "`parts` is a set, and something in its records is computed",
        ),
        (
            "parts",
            attribute::records(record().attribute("Bad", integer())),
            "in `parts`: `Bad` is no name of small letters, digits and underscores",
        ),
    ] {
        let provider = ProviderBuilder::new("odd", "1.0.0").resource("one", Odd(name, own)).build();
        let problem = provider.schema().await.unwrap_err();
        assert_eq!(problem.summary, "the schema of the provider is wrong");
        assert_eq!(problem.detail, format!("resource `odd.one`: {found}."));
    }
    let provider = ProviderBuilder::new("my-odd", "1.0.0").build();
    let case = Case { kind: "one", config: Value::Null, update: None, replace: None };
    assert_eq!(
        check(&provider, &case).await.unwrap_err(),
        "the schema of the provider is wrong: Its name: `my-odd` is no name of small letters, digits and underscores."
    );
}
