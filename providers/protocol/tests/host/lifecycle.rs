//! Real providers: create, keep, change, replace, destroy.

use syncline_model::{Mode, Provider as _, Residual, Value};

use crate::support::{Driver, Record, answer, attributes, configured, options};

fn is_open(value: &Value) -> bool {
    matches!(value, Value::Unknown(unknown) if unknown.residual == Residual::Provider)
}

#[tokio::test]
async fn time_static_lives() {
    let Some(options) = options("time") else { return };
    let host = configured(options, Value::Map(std::sync::Arc::default())).await;
    let schema = host.schema().await.unwrap();
    assert!(schema.get(Mode::Managed, "static").is_some(), "{:?}", schema.resources.keys());
    assert!(schema.functions.contains_key("rfc3339_parse"));
    let driver = Driver { host, kind: "static" };
    let config = attributes([("triggers", Value::map([("a", Value::from("1"))]))]);
    let nothing = Record::default();
    let planned = answer(driver.plan(&nothing, &config).await);
    assert!(is_open(planned.state.attribute("id")));
    assert_eq!(planned.state.attribute("triggers"), config.attribute("triggers"));
    let record = driver.make(&nothing, &config).await;
    assert!(record.state.attribute("id").as_str().is_some());
    assert!(record.state.is_known());

    let read = driver.read(&record).await;
    assert_eq!(read.state, record.state);
    let again = answer(driver.plan(&read, &config).await);
    assert_eq!(again.state, record.state);

    let changed = attributes([("triggers", Value::map([("a", Value::from("2"))]))]);
    let replaced = answer(driver.plan(&read, &changed).await);
    let paths: Vec<String> = replaced.requires_replace.iter().map(ToString::to_string).collect();
    assert!(paths.contains(&"triggers".to_owned()), "{paths:?}");
    assert_eq!(driver.destroy(&read).await, Value::Null);
}
