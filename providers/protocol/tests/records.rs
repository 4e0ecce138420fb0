//! Records with attributes of their own keep the rules that the SDK keeps for a resource's.

use syncline_model::{Mode, PlanRequest, Planned, Provider, ValidateRequest, Value};
use syncline_protocol::sdk::conformance::{Case, check};
use syncline_protocol::sdk::{
    Attributes, BuiltProvider, Failure, Instance, ProviderBuilder, Resource, Schema, async_trait,
    attribute,
};

/// A gateway with listeners, which leaves out what it is asked to.
struct Gateway {
    forgets: bool,
}

fn listeners() -> Schema {
    Schema::new("What it listens on.")
        .attribute("port", attribute::integer().required().describe("The port."))
        .attribute("protocol", attribute::string().default("tcp").describe("What is spoken."))
        .attribute("zone", attribute::string().requires_replace().describe("Where it is."))
        .attribute("token", attribute::string().sensitive().describe("Who may connect."))
        .attribute("id", attribute::string().computed().stable().describe("Its name."))
        .attribute("calls", attribute::integer().computed().describe("Counts changes."))
}

#[async_trait]
impl Resource for Gateway {
    fn schema(&self) -> Schema {
        let rule = Schema::new("Who may pass.")
            .attribute("from", attribute::string().required().describe("The source."))
            .attribute("allow", attribute::boolean().default(true).describe("Whether it may."));
        let limits = Schema::new("What it can bear.")
            .attribute("requests", attribute::integer().default(100).describe("For a second."))
            .attribute("rules", attribute::record_map(rule.clone()));
        Schema::new("A gateway.")
            .attribute("listeners", attribute::records(listeners()).required())
            .attribute("rules", attribute::record_set(rule))
            .attribute("limits", attribute::record(limits))
            .attribute("id", attribute::string().computed().stable().describe("Its name."))
    }

    async fn create(&self, mut planned: Instance) -> Result<Instance, Failure> {
        planned.set("id", "gateway");
        self.finish(planned)
    }

    async fn read(&self, recorded: Instance) -> Result<Option<Instance>, Failure> {
        Ok(Some(recorded))
    }

    async fn update(&self, _: Instance, planned: Instance) -> Result<Instance, Failure> {
        self.finish(planned)
    }

    async fn delete(&self, _: Instance) -> Result<(), Failure> {
        Ok(())
    }
}

impl Gateway {
    fn finish(&self, mut planned: Instance) -> Result<Instance, Failure> {
        let mut listeners = planned.records("listeners")?;
        for listener in &mut listeners {
            let port = listener.integer("port")?;
            listener.set("id", format!("listener-{port}"));
            if !self.forgets {
                listener.set("calls", 1);
            }
        }
        planned.set("listeners", Value::list(listeners.into_iter().map(Attributes::into_value)));
        Ok(planned)
    }
}

fn provider(forgets: bool) -> BuiltProvider {
    ProviderBuilder::new("test", "1.0.0").resource("gateway", Gateway { forgets }).build()
}

fn config(listeners: &[&[(&'static str, Value)]], others: &[(&'static str, Value)]) -> Value {
    let listeners = Value::list(listeners.iter().map(|own| Value::map(own.iter().cloned())));
    Value::map([("listeners", listeners)].into_iter().chain(others.iter().cloned()))
}

async fn plan(prior: Value, config: Value) -> Planned {
    let proposed = config.clone();
    let request = PlanRequest { kind: "gateway".into(), prior, proposed, config, private: vec![] };
    let response = provider(false).plan(request).await;
    assert_eq!(response.problems, []);
    response.answer.expect("a plan")
}

#[tokio::test]
async fn records_conform() {
    let rules = || Value::set([Value::map([("from", Value::from("a"))])]);
    let limits = Value::map([("rules", Value::map([("x", Value::map([("from", "b".into())]))]))]);
    let case = Case {
        kind: "gateway",
        config: config(&[&[("port", 80.into())]], &[("rules", rules())]),
        update: Some(config(
            &[&[("port", 80.into()), ("token", "t".into())], &[("port", 81.into())]],
            &[("limits", limits)],
        )),
        replace: Some(config(&[&[("port", 80.into()), ("zone", "b".into())]], &[])),
    };
    check(&provider(false), &case).await.unwrap();
    assert_eq!(
        check(&provider(true), &case).await,
        Err("create: the provider made a mistake: After the call, it left `listeners[0].calls` unknown."
            .to_owned())
    );
}

#[tokio::test]
async fn what_is_told_of_records_is_planned() {
    let made = plan(Value::Null, config(&[&[("port", 80.into())]], &[])).await;
    let unknown = "(known after apply)";
    assert_eq!(
        made.state.attribute("listeners").to_string(),
        format!(
            "[{{ calls = {unknown}, id = {unknown}, port = 80, protocol = \"tcp\", token = null, zone = null }}]"
        )
    );
    let listener = |port: i64| {
        let text = |own: &'static str| Value::from(own);
        Value::map([
            ("port", port.into()),
            ("id", text("a")),
            ("calls", 1.into()),
            ("protocol", text("tcp")),
            ("zone", Value::Null),
            ("token", Value::Null),
        ])
    };
    let prior = || config_of(listener(80));
    // Where nothing changes, everything stays.
    let same = plan(prior(), config(&[&[("port", 80.into())]], &[])).await;
    assert_eq!(same.state, prior());
    let changed = plan(prior(), config(&[&[("port", 81.into()), ("zone", "b".into())]], &[])).await;
    assert_eq!(
        changed.state.attribute("listeners").to_string(),
        format!(
            "[{{ calls = {unknown}, id = \"a\", port = 81, protocol = \"tcp\", token = null, zone = \"b\" }}]"
        )
    );
    let paths: Vec<String> = changed.requires_replace.iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["listeners[0].zone"]);
}

fn config_of(listener: Value) -> Value {
    Value::map([
        ("listeners", Value::list([listener])),
        ("rules", Value::Null),
        ("limits", Value::Null),
        ("id", "gateway".into()),
    ])
}

#[tokio::test]
async fn what_is_wrong_in_a_record_has_its_place() {
    let config = config(&[&[("port", 80.into())], &[("id", "x".into())]], &[]);
    let request = ValidateRequest { mode: Mode::Managed, kind: "gateway".into(), config };
    let problems = provider(false).validate(request).await;
    let told: Vec<String> =
        problems.iter().map(|own| format!("{}: {}", own.path, own.summary)).collect();
    assert_eq!(
        told,
        [
            "listeners[1].port: `listeners[1].port` must be set",
            "listeners[1].id: `listeners[1].id` cannot be configured",
        ]
    );
}
