//! The plugin SDKs before the framework: protocol 5, with the leniency that they ask for.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use syncline_model::{DataRequest, ImportRequest, Provider as _, Value};

use crate::support::{Driver, Record, answer, attributes, configured, options};

async fn driver(provider: &str, kind: &'static str) -> Option<Driver> {
    let host = configured(options(provider)?, Value::Map(Arc::default())).await;
    Some(Driver { host, kind })
}

#[tokio::test]
async fn a_thing_on_the_sdk_lives() {
    let Some(driver) = driver("legacy", "thing").await else { return };
    let config = attributes([
        ("name", Value::from("a")),
        ("tags", Value::set([Value::from("y"), Value::from("x")])),
        ("disk", Value::list([Value::map([("gb", Value::from(5))])])),
    ]);
    let planned = answer(driver.plan(&Record::default(), &config).await);
    assert!(planned.is_lenient);
    assert!(planned.state.attribute("size").is_unknown());
    let record = driver.make(&Record::default(), &config).await;
    assert_eq!(record.state.attribute("id"), &Value::from("id-a"));
    assert_eq!(record.state.attribute("tags"), config.attribute("tags"));
    let again = answer(driver.plan(&driver.read(&record).await, &config).await);
    assert_eq!(again.state, record.state);
    let changed = attributes([("name", Value::from("b"))]);
    let replaced = answer(driver.plan(&record, &changed).await);
    assert!(replaced.requires_replace.iter().any(|path| path.to_string() == "name"));
    assert_eq!(driver.destroy(&record).await, Value::Null);
}

#[tokio::test]
async fn half_a_thing_on_the_sdk_is_told_with_the_error() {
    let Some(driver) = driver("legacy", "thing").await else { return };
    let config = attributes([("name", Value::from("a")), ("fail", Value::from("create"))]);
    let planned = answer(driver.plan(&Record::default(), &config).await);
    let applied = driver.apply(&Record::default(), &planned, &config).await;
    assert_eq!(applied.problems[0].summary, "it was made by half");
    assert_eq!(applied.answer.unwrap().state.attribute("id"), &Value::from("id-a"));
}

#[tokio::test]
async fn records_on_the_sdk_are_upgraded_and_imported() {
    let Some(driver) = driver("legacy", "thing").await else { return };
    let old = attributes([("id", Value::from("x")), ("title", Value::from("t"))]);
    let upgraded = answer(driver.host.upgrade("thing", 0, old).await);
    assert_eq!(upgraded.attribute("name"), &Value::from("t"));
    let request = ImportRequest::by_id("thing", "id-gone");
    let imported = answer(driver.host.import(request).await);
    let record = Record { state: imported.state, private: imported.private };
    assert_eq!(driver.read(&record).await.state, Value::Null);
}

#[tokio::test]
async fn the_null_provider_lives() {
    let Some(driver) = driver("null", "resource").await else { return };
    let config = attributes([("triggers", Value::map([("a", Value::from("1"))]))]);
    let record = driver.make(&Record::default(), &config).await;
    assert!(record.state.attribute("id").as_str().is_some());
    let again = answer(driver.plan(&driver.read(&record).await, &config).await);
    assert_eq!(again.state, record.state);
    let changed = attributes([("triggers", Value::map([("a", Value::from("2"))]))]);
    let replaced = answer(driver.plan(&record, &changed).await);
    assert!(replaced.requires_replace.iter().any(|path| path.to_string().starts_with("triggers")));
    assert_eq!(driver.destroy(&record).await, Value::Null);
}

#[tokio::test]
async fn the_random_provider_lives() {
    let Some(driver) = driver("random", "string").await else { return };
    let config = attributes([("length", Value::from(12)), ("special", Value::from(false))]);
    let record = driver.make(&Record::default(), &config).await;
    assert_eq!(record.state.attribute("result").as_str().unwrap().len(), 12);
    let again = answer(driver.plan(&driver.read(&record).await, &config).await);
    assert_eq!(again.state, record.state);
    assert_eq!(driver.destroy(&record).await, Value::Null);
}

#[tokio::test]
async fn the_local_provider_lives() {
    let Some(driver) = driver("local", "file").await else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let config = attributes([
        ("filename", Value::from(path.display().to_string())),
        ("content", Value::from("hello")),
    ]);
    let record = driver.make(&Record::default(), &config).await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello");
    let again = answer(driver.plan(&driver.read(&record).await, &config).await);
    assert_eq!(again.state, record.state);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(driver.read(&record).await.state, Value::Null);
}

#[tokio::test]
async fn the_http_provider_reads() {
    let Some(options) = options("http") else { return };
    let host = configured(options, Value::Map(Arc::default())).await;
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut client, _) = server.accept().unwrap();
        let asked = client.read(&mut [0; 4096]).unwrap();
        assert!(asked > 0);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8";
        write!(client, "{head}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").unwrap();
    });
    // The type is called as the provider is, with nothing behind it.
    let config = attributes([("url", Value::from(url))]);
    let read = answer(host.read_data(DataRequest { kind: "http".into(), config }).await);
    assert_eq!(read.attribute("body"), &Value::from("hello"));
}
