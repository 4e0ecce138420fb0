//! The type of the provider lives as the protocol says, with values of any type.

use syncline_model::Value;
use syncline_protocol::sdk::conformance::{Case, check};
use syncline_provider_terraform::provider;

#[tokio::test]
async fn what_is_kept_lives_as_the_protocol_says() {
    let text = || ("input", Value::from("a"));
    let mixed = || Value::map([("a", Value::list([1.into(), "b".into()])), ("n", Value::Null)]);
    let config = |all: Vec<(&'static str, Value)>| Value::map(all);
    for (first, update, replace) in [
        (vec![], vec![text()], vec![("triggers_replace", Value::from(1))]),
        (
            vec![text()],
            vec![("input", mixed())],
            vec![text(), ("triggers_replace", Value::set(["x".into(), "y".into()]))],
        ),
    ] {
        let case = Case {
            kind: "data",
            config: config(first),
            update: Some(config(update)),
            replace: Some(config(replace)),
        };
        check(&*provider(".".into()), &case).await.unwrap();
    }
}
