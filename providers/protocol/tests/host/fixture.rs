//! What real providers seldom have all at once: the fixture on the plugin framework (protocol 6).

use std::sync::Arc;

use syncline_model::{
    DataRequest, ImportRequest, Mode, Nesting, Provider as _, Residual, Step, Type, Unknown,
    ValidateRequest, Value,
};
use syncline_protocol::host::HostOptions;

use crate::support::{Driver, Record, answer, attributes, configured, options};

fn nothing() -> Value {
    Value::Map(Arc::default())
}

fn waiting(ty: Type) -> Value {
    Value::Unknown(Arc::new(Unknown { ty, residual: Residual::Local(7) }))
}

/// Returns the fixture, which writes its calls into a file.
fn logged(log: &std::path::Path) -> Option<HostOptions> {
    let mut options = options("fixture")?;
    options.environment.push(("FIXTURE_LOG".into(), log.to_owned().into()));
    Some(options)
}

async fn driver() -> Option<Driver> {
    let host = configured(options("fixture")?, nothing()).await;
    Some(Driver { host, kind: "thing" })
}

fn whole(name: &str) -> Value {
    let port = |port: i64| Value::map([("port", Value::from(port))]);
    attributes([
        ("name", Value::from(name)),
        ("ratio", Value::from(syncline_model::Number::parse("0.1").unwrap())),
        ("extra", Value::map([("list", Value::list([Value::from(1), Value::from("two")]))])),
        ("secret", Value::secret(Value::from("hush"))),
        ("labels", Value::map([("a", Value::map([("value", Value::from("x"))]))])),
        ("rule", Value::set([port(80), port(443)])),
        ("disk", Value::list([Value::map([("gb", Value::from(5))])])),
    ])
}

#[tokio::test]
async fn a_schema_has_everything() {
    let Some(driver) = driver().await else { return };
    let schema = driver.host.schema().await.unwrap();
    let thing = schema.get(Mode::Managed, "thing").unwrap();
    assert_eq!((thing.version, thing.description.as_str()), (1, "Something of every kind."));
    let get = |name: &str| thing.block.get(name).unwrap();
    assert!(get("name").required && get("size").optional && get("size").computed);
    assert!(get("secret").write_only && get("secret").sensitive);
    assert_eq!(get("fail").deprecated.as_deref(), Some("only for tests"));
    assert_eq!(get("extra").ty, Type::Any);
    let nesting = |name: &str| get(name).nested.as_ref().unwrap().0;
    assert_eq!((nesting("labels"), get("labels").is_block), (Nesting::Map, false));
    assert_eq!((nesting("rule"), get("rule").is_block), (Nesting::Set, true));
    assert_eq!((nesting("disk"), get("disk").is_block), (Nesting::List, true));
    let text = "[{ dev?: string?, gb: number }]";
    assert_eq!(get("disk").ty.to_string(), text);
    assert_eq!(schema.config.get("assume").unwrap().nested.as_ref().unwrap().0, Nesting::List);
    assert!(schema.data.contains_key("lookup"));
    assert_eq!(schema.functions["join"].variadic.as_ref().unwrap().ty, Type::String);
}

#[tokio::test]
async fn a_thing_lives() {
    let Some(driver) = driver().await else { return };
    let config = whole("a");
    let planned = answer(driver.plan(&Record::default(), &config).await);
    assert!(planned.state.attribute("secret").is_null());
    assert!(!planned.is_lenient);
    let record = driver.make(&Record::default(), &config).await;
    assert_eq!(record.state.attribute("id"), &Value::from("id-a"));
    assert_eq!(record.state.attribute("ratio"), config.attribute("ratio"));
    assert_eq!(record.state.attribute("extra"), config.attribute("extra"));
    assert!(record.state.attribute("secret").is_null());
    let rules = record.state.attribute("rule").as_items().unwrap();
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|rule| rule.attribute("id").as_str().is_some()));
    let read = driver.read(&record).await;
    assert_eq!((&read.state, &read.private), (&record.state, &record.private));
    assert_eq!(driver.destroy(&read).await, Value::Null);
}

#[tokio::test]
async fn what_the_configuration_waits_for_comes_back_from_a_plan() {
    let Some(driver) = driver().await else { return };
    let (name, ratio) = (waiting(Type::String), waiting(Type::Number));
    let gb = Value::map([("gb", ratio.clone())]);
    let config =
        attributes([("name", name.clone()), ("ratio", ratio.clone()), ("disk", Value::list([gb]))]);
    let request =
        ValidateRequest { mode: Mode::Managed, kind: "thing".into(), config: config.clone() };
    assert!(driver.host.validate(request).await.is_empty());
    let planned = answer(driver.plan(&Record::default(), &config).await);
    assert_eq!(planned.state.attribute("name"), &name);
    assert_eq!(planned.state.attribute("ratio"), &ratio);
    let disk = &planned.state.attribute("disk").as_items().unwrap()[0];
    assert_eq!(disk.attribute("gb"), &ratio);
    let Value::Unknown(own) = disk.attribute("dev") else { panic!("{disk}") };
    assert_eq!(own.residual, Residual::Provider);
}

#[tokio::test]
async fn a_mistake_is_told_where_it_is() {
    let Some(options) = options("fixture") else { return };
    let host = syncline_protocol::host::Host::new(options);
    let problems = host.configure(attributes([("region", Value::from("nowhere"))])).await;
    assert_eq!(problems[0].summary, "There is no such region");
    assert_eq!(problems[0].path.to_string(), "region");
    let config = attributes([("nonsense", Value::from(1))]);
    let request = ValidateRequest { mode: Mode::Managed, kind: "thing".into(), config };
    let problems = host.validate(request).await;
    assert!(problems[0].detail.contains("no attribute `nonsense`"), "{problems:?}");
    let config = attributes([("name", Value::from(1))]);
    let request = ValidateRequest { mode: Mode::Managed, kind: "thing".into(), config };
    let problems = host.validate(request).await;
    assert_eq!(problems[0].path.to_string(), "name");
    let request = ValidateRequest { mode: Mode::Managed, kind: "thnig".into(), config: nothing() };
    assert!(host.validate(request).await[0].detail.contains("`fixture.thing`"));
}

#[tokio::test]
async fn half_a_thing_is_told_with_the_error() {
    let Some(driver) = driver().await else { return };
    let config = attributes([("name", Value::from("a")), ("fail", Value::from("create"))]);
    let planned = answer(driver.plan(&Record::default(), &config).await);
    let applied = driver.apply(&Record::default(), &planned, &config).await;
    assert!(applied.failed());
    assert_eq!(applied.problems[0].path.to_string(), "fail");
    assert_eq!(applied.answer.unwrap().state.attribute("id"), &Value::from("id-a"));
    // What cannot be destroyed is still there.
    let config = attributes([("name", Value::from("b")), ("fail", Value::from("delete"))]);
    let record = driver.make(&Record::default(), &config).await;
    let planned = answer(driver.plan(&record, &Value::Null).await);
    let applied = driver.apply(&record, &planned, &Value::Null).await;
    assert!(applied.failed());
    assert_eq!(applied.answer.unwrap().state, record.state);
}

#[tokio::test]
async fn records_of_every_version_are_upgraded() {
    let Some(driver) = driver().await else { return };
    let old = attributes([("id", Value::from("x")), ("title", Value::from("t"))]);
    let upgraded = answer(driver.host.upgrade("thing", 0, old).await);
    assert_eq!(upgraded.attribute("name"), &Value::from("from 0"));
    assert_eq!(upgraded.attribute("size"), &Value::from(22));
    // Of the current version, what the schema lacks goes, and what is new is null.
    let same = attributes([("name", Value::from("n")), ("gone", Value::from(1))]);
    let upgraded = answer(driver.host.upgrade("thing", 1, same).await);
    assert_eq!(upgraded.attribute("name"), &Value::from("n"));
    assert!(!upgraded.as_map().unwrap().contains_key("gone"));
    assert_eq!(upgraded.attribute("disk"), &Value::list([]));
    let newer = driver.host.upgrade("thing", 2, nothing()).await;
    assert!(newer.problems[0].detail.contains("It has version 2"));
}

#[tokio::test]
async fn an_import_is_read_with_its_identity() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let Some(options) = logged(&log) else { return };
    let host = configured(options, nothing()).await;
    let import = |id: &str| host.import(ImportRequest::by_id("thing", id));
    let imported = answer(import("id-7").await);
    assert_eq!(imported.state.attribute("id"), &Value::from("id-7"));
    let driver = Driver { host: Arc::clone(&host), kind: "thing" };
    let record = Record { state: imported.state, private: imported.private };
    let read = driver.read(&record).await;
    assert_eq!(read.state.attribute("name"), &Value::from("imported"));
    let calls = std::fs::read_to_string(&log).unwrap();
    assert!(calls.contains("ImportResourceState id-7\nReadResource\n"), "{calls}");
    // The read told the identity, which is kept and sent from then on.
    assert!(String::from_utf8_lossy(&read.private).contains("id-7"));
    driver.read(&read).await;
    let calls = std::fs::read_to_string(&log).unwrap();
    assert!(calls.ends_with("ReadResource\nReadResource identity\n"), "{calls}");
    let gone = answer(import("id-gone").await);
    let gone = Record { state: gone.state, private: gone.private };
    assert_eq!(driver.read(&gone).await.state, Value::Null);
    assert!(import("nothing").await.failed());
}

#[tokio::test]
async fn functions_are_called_with_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let Some(options) = logged(&log) else { return };
    let host = configured(options, nothing()).await;
    let texts = || vec![Value::from(", "), Value::from("a"), Value::secret(Value::from("b"))];
    assert_eq!(answer(host.call("join", texts()).await), Value::from("a, b"));
    let refused = host.call("refuse", vec![Value::from("x"), Value::Null]).await;
    assert_eq!(refused.problems[0].summary, "the second argument is never right");
    assert_eq!(refused.problems[0].path.0, [Step::Index(1)]);
    let calls = std::fs::read_to_string(&log).unwrap();
    let open = answer(host.call("join", vec![Value::from(","), waiting(Type::String)]).await);
    assert!(open.is_unknown());
    assert!(host.call("join", vec![Value::Null]).await.failed());
    assert!(host.call("join", Vec::new()).await.failed());
    assert!(host.call("nothing", Vec::new()).await.failed());
    assert_eq!(std::fs::read_to_string(&log).unwrap(), calls, "nothing more was called");
}

#[tokio::test]
async fn data_is_read() {
    let Some(driver) = driver().await else { return };
    let config = attributes([("name", Value::from("x"))]);
    let request = DataRequest { kind: "lookup".into(), config };
    let read = answer(driver.host.read_data(request).await);
    assert_eq!(read.attribute("answer"), &Value::from("you asked for x"));
}

#[tokio::test]
async fn a_stop_lets_a_slow_apply_come_to_its_end() {
    let Some(driver) = driver().await else { return };
    let config = attributes([("name", Value::from("a")), ("fail", Value::from("slow"))]);
    let planned = answer(driver.plan(&Record::default(), &config).await);
    let nothing = Record::default();
    let slow = driver.apply(&nothing, &planned, &config);
    let (applied, ()) = tokio::join!(slow, driver.host.stop());
    assert_eq!(answer(applied).state.attribute("id"), &Value::from("id-a"));
    let config = attributes([("name", Value::from("b"))]);
    driver.make(&Record::default(), &config).await;
}
