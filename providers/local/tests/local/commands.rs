//! Commands, run by a real shell.

use std::time::{Duration, Instant};

use syncline_model::Value;
use syncline_protocol::sdk::conformance::{Case, check};

use crate::support::{Desk, said, text_of};

/// Returns a map of texts.
fn texts(entries: &[(&str, &str)]) -> Value {
    Value::map(entries.iter().map(|(key, text)| (*key, Value::from(*text))))
}

#[tokio::test]
async fn commands_live_as_the_protocol_says() {
    let desk = Desk::new();
    let config = |version: &str, more: &[(&'static str, Value)]| {
        let own = [
            ("create", Value::from("echo made $VERSION | tee thing")),
            ("read", "test -e thing".into()),
            ("delete", "rm -f thing".into()),
            ("environment", texts(&[("VERSION", version)])),
        ];
        Value::map(own.into_iter().chain(more.iter().cloned()))
    };
    let update = ("update", Value::from("echo changed $VERSION | tee thing"));
    let case = Case {
        kind: "command",
        config: config("1", std::slice::from_ref(&update)),
        update: Some(config("2", std::slice::from_ref(&update))),
        replace: None,
    };
    check(&*desk.provider, &case).await.unwrap();
    let case = Case {
        kind: "command",
        config: config("1", &[]),
        update: Some(config("1", &[("timeout_seconds", 5.into())])),
        replace: Some(config("1", &[("triggers", texts(&[("a", "b")]))])),
    };
    check(&*desk.provider, &case).await.unwrap();
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_command_makes_is_read_again() {
    let desk = Desk::new();
    let entries = [
        ("create", Value::from("printf hello > thing; cat thing")),
        ("read", "test -e thing".into()),
    ];
    let made = desk.create("command", &entries).await.unwrap();
    assert_eq!(text_of(&made, "stdout"), "hello");
    assert_eq!(desk.read("command", &made).await.unwrap().state, made.state);
    std::fs::remove_file(desk.at("thing")).unwrap();
    assert!(desk.read("command", &made).await.unwrap().state.is_null());
}

#[tokio::test]
async fn a_read_that_cannot_run_says_nothing_of_the_thing() {
    let desk = Desk::new();
    let entries = [("create", Value::from("true")), ("read", "no-such-program".into())];
    let made = desk.create("command", &entries).await.unwrap();
    let text = said(desk.read("command", &made).await);
    assert!(text.starts_with("read: the command ended with exit code 127\n"), "{text}");
    assert!(text.contains("`state forget`"), "{text}");
}

#[tokio::test]
async fn a_failure_shows_the_end_of_the_error_stream_and_no_secret() {
    let desk = Desk::new();
    let secret = Value::secret(Value::from("hunter2"));
    let entries = [
        ("create", Value::from("seq 100 >&2; echo \"password $PASSWORD\" >&2; exit 3")),
        ("environment", Value::map([("PASSWORD", secret)])),
    ];
    let text = said(desk.create("command", &entries).await);
    assert!(text.starts_with("create: the command ended with exit code 3\n"), "{text}");
    assert!(text.contains("\n82\n") && !text.contains("\n81\n"), "{text}");
    assert!(text.ends_with("password (secret)"), "{text}");
}

#[tokio::test]
async fn what_a_secret_makes_is_secret() {
    let desk = Desk::new();
    let secret = Value::secret(Value::from("hunter2"));
    let entries = [
        ("create", Value::from("echo $PASSWORD")),
        ("environment", Value::map([("PASSWORD", secret)])),
    ];
    let made = desk.create("command", &entries).await.unwrap();
    assert!(made.state.attribute("stdout").is_secret());
    assert_eq!(text_of(&made, "stdout"), "hunter2\n");
}

#[tokio::test]
async fn a_command_is_killed_with_what_it_started() {
    let desk = Desk::new();
    let entries = [
        ("create", Value::from("(sleep 3; touch late) & sleep 60")),
        ("timeout_seconds", 1.into()),
    ];
    let start = Instant::now();
    let text = said(desk.create("command", &entries).await);
    assert!(text.starts_with("create: the command did not end within 1 s\n"), "{text}");
    assert!(start.elapsed() < Duration::from_secs(10));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_ends_commands() {
    let desk = Desk::new();
    let entries = [("create", Value::from("trap 'touch stopped; exit 1' TERM; sleep 60 & wait"))];
    let start = Instant::now();
    let (made, ()) = tokio::join!(desk.create("command", &entries), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        desk.provider.stop().await;
    });
    assert!(said(made).starts_with("create: the command was stopped before its end\n"));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(desk.listing(), ["stopped"]);
}

#[tokio::test]
async fn a_process_in_the_background_is_not_waited_for() {
    let desk = Desk::new();
    let entries = [("create", Value::from("sleep 20 & echo started"))];
    let start = Instant::now();
    let made = desk.create("command", &entries).await.unwrap();
    assert_eq!(text_of(&made, "stdout"), "started\n");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn long_output_is_cut_at_its_start() {
    let desk = Desk::new();
    let entries = [("create", Value::from("yes line | head -n 1000000; echo end"))];
    let made = desk.create("command", &entries).await.unwrap();
    let text = text_of(&made, "stdout");
    assert_eq!(text.len(), 1024 * 1024);
    assert!(text.ends_with("line\nend\n"));
}

#[tokio::test]
async fn a_command_answers() {
    let desk = Desk::new();
    std::fs::create_dir(desk.at("here")).unwrap();
    let entries = [
        ("command", Value::from("basename $PWD; echo $A; exit $CODE")),
        ("working_directory", "here".into()),
        ("environment", texts(&[("A", "b"), ("CODE", "0")])),
    ];
    let state = desk.data("command", &entries).await.unwrap();
    assert_eq!(state.attribute("stdout"), &Value::from("here\nb\n"));
    let failing = [("command", Value::from("exit 4"))];
    let text = said(desk.data("command", &failing).await);
    assert!(text.starts_with("command: the command ended with exit code 4\n"), "{text}");
    let allowed = [failing[0].clone(), ("allow_failure", true.into())];
    let state = desk.data("command", &allowed).await.unwrap();
    assert_eq!(state.attribute("exit_code"), &Value::from(4));
    let lost = [failing[0].clone(), ("working_directory", "nowhere".into())];
    let text = said(desk.data("command", &lost).await);
    assert!(text.starts_with("command: the command cannot be started\nIn `nowhere`: "), "{text}");
}
