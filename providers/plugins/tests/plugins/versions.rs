//! Both versions of the protocol, and providers that are started by hand.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use syncline_model::{Mode, OpenRequest, Provider as _, Value};
use syncline_protocol::host::{Attached, Host, HostOptions};
use syncline_protocol::sdk::conformance::{Case, check};

use crate::support::plugin;

const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Returns a host whose provider believes that its client speaks version 5 alone.
async fn older(name: &str, folder: &Path) -> Arc<Host> {
    let script = folder.join("provider.sh");
    let text = format!(
        "#!/bin/sh\nexport PLUGIN_PROTOCOL_VERSIONS=5\nexec '{}'\n",
        plugin(name).display()
    );
    let mut file = std::fs::File::create(&script).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    drop(file);
    let mut options = HostOptions::new(name, script);
    options.directory = Some(folder.to_owned());
    let host = Host::new(options);
    assert!(host.configure(Value::Map(Arc::default())).await.is_empty());
    host
}

fn note(title: &str, text: &str) -> Value {
    Value::map([("title", Value::from(title)), ("text", Value::from(text))])
}

#[tokio::test]
async fn version_5_keeps_to_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let host = older("notes", folder.path()).await;
    let case = Case {
        kind: "note",
        config: note("a", "one"),
        update: Some(note("a", "two")),
        replace: Some(note("b", "two")),
    };
    check(&*host, &case).await.unwrap();
    let title = Value::map([("title", Value::from("a"))]);
    let opened = host.open(OpenRequest { kind: "lock".into(), config: title }).await;
    let lease = opened.answer.unwrap().lease;
    assert!(host.close("lock", lease.private).await.is_empty());
    // The flags of attributes have other numbers there.
    let own = Host::new(HostOptions::new("notes", plugin("notes"))).schema().await.unwrap();
    let there = host.schema().await.unwrap();
    assert_eq!(there.resources, own.resources);
    assert_eq!((&there.data, &there.ephemeral), (&own.data, &own.ephemeral));
    assert!(there.get(Mode::Ephemeral, "lock").unwrap().block.get("key").unwrap().sensitive);
}

#[tokio::test]
async fn version_5_has_functions() {
    let folder = tempfile::tempdir().unwrap();
    let host = older("time", folder.path()).await;
    let moment = vec![Value::from("2030-01-01T00:00:00Z")];
    let parsed = host.call("rfc3339_parse", moment).await.answer.unwrap();
    assert_eq!(parsed.attribute("year"), &Value::from(2030));
    let wrong = host.call("rfc3339_parse", vec![Value::from("never")]).await;
    assert_eq!(wrong.problems[0].path.to_string(), "[0]");
}

/// Starts a provider as a client does that speaks some versions, and returns its first line.
fn first_line(versions: Option<&str>) -> String {
    let mut command = Command::new(plugin("random"));
    command.env(COOKIE.0, COOKIE.1).env_remove("PLUGIN_CLIENT_CERT");
    match versions {
        Some(versions) => command.env("PLUGIN_PROTOCOL_VERSIONS", versions),
        None => command.env_remove("PLUGIN_PROTOCOL_VERSIONS"),
    };
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let folder = line.split('|').nth(3).and_then(|socket| Path::new(socket).parent());
    std::fs::remove_dir_all(folder.unwrap()).unwrap();
    line
}

#[test]
fn the_newest_version_that_both_speak_is_spoken() {
    for (versions, spoken) in [
        (None, 6),
        (Some("5"), 5),
        (Some("6"), 6),
        (Some("5,6"), 6),
        (Some("4,5"), 5),
        (Some("7"), 5),
    ] {
        let line = first_line(versions);
        assert!(line.starts_with(&format!("1|{spoken}|unix|/")), "{versions:?}: {line}");
    }
}

/// Starts a provider by hand, and returns what it says to attach to it.
pub(crate) fn by_hand(name: &str, folder: &Path) -> (Child, String) {
    let mut child = Command::new(plugin(name))
        .args(["--debug", "example.com/me/notes"])
        .current_dir(folder)
        .env_remove(COOKIE.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).find_map(|line| {
        let text = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='")?.strip_suffix('\'')?;
        Some(text.to_owned())
    });
    (child, told.unwrap())
}

/// Ends it as its user does.
pub(crate) fn end(child: &mut Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_provider_that_was_started_by_hand_is_attached_to_and_left_running() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, told) = by_hand("notes", folder.path());
    for title in ["a", "b"] {
        let mut options = HostOptions::new("notes", "/nowhere");
        options.attached = Attached::read(&told).unwrap().remove("example.com/me/notes");
        let host = Host::new(options);
        assert!(host.configure(Value::Map(Arc::default())).await.is_empty());
        let (config, update) = (note(title, "one"), Some(note(title, "two")));
        let case = Case { kind: "note", config, update, replace: None };
        check(&*host, &case).await.unwrap();
        host.end().await;
        assert!(child.try_wait().unwrap().is_none(), "it goes on");
    }
    end(&mut child);
    let mut options = HostOptions::new("notes", "/nowhere");
    options.attached = Attached::read(&told).unwrap().remove("example.com/me/notes");
    let problem = Host::new(options).schema().await.unwrap_err();
    assert!(problem.detail.contains("does not take a connection"), "{problem:?}");
}
