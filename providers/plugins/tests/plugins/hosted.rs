//! Over the wire a provider keeps to the same rules as in process.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use syncline_model::{
    HandOverRequest, HandedOver, ImportRequest, Mode, OpenRequest, Provider as _, ReadRequest, Str,
    ValidateRequest, Value,
};
use syncline_protocol::host::{Host, HostOptions};
use syncline_protocol::sdk::conformance::{Case, check};

use crate::support::plugin;

async fn hosted(name: &str, folder: &Path) -> Arc<Host> {
    let mut options = HostOptions::new(name, plugin(name));
    options.directory = Some(folder.to_owned());
    let host = Host::new(options);
    assert!(host.configure(Value::Map(Arc::default())).await.is_empty());
    host
}

fn case<'a, const N: usize>(
    kind: &'a str,
    create: [(&str, Value); N],
    update: Option<Value>,
    replace: Option<Value>,
) -> Case<'a> {
    Case { kind, config: Value::map(create), update, replace }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Option<Value> {
    Some(Value::map(entries))
}

#[tokio::test]
async fn local_keeps_to_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("local", folder.path()).await;
    let path = |path: &str| ("path", Value::from(path));
    let cases = [
        case(
            "file",
            [path("out/deep/a.txt"), ("content", "one".into())],
            map([path("out/deep/a.txt"), ("content_base64", "AP8=".into())]),
            map([path("out/b.txt")]),
        ),
        case(
            "directory",
            [path("out/here")],
            map([path("out/here"), ("mode", "0700".into())]),
            map([path("out/there")]),
        ),
        case(
            "symlink",
            [path("link"), ("target", "a".into())],
            map([path("link"), ("target", "b".into())]),
            map([path("other"), ("target", "b".into())]),
        ),
    ];
    for case in cases {
        check(&*host, &case).await.unwrap_or_else(|rule| panic!("{}: {rule}", case.kind));
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn random_keeps_to_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("random", folder.path()).await;
    let keepers = || ("keepers", Value::map([("a", Value::from("1"))]));
    let length = |length: i64| ("length", Value::from(length));
    let texts = |items: [&str; 2]| Value::list(items.map(Value::from));
    let cases = [
        case("id", [("byte_length", 4.into())], None, map([("byte_length", 4.into()), keepers()])),
        case("string", [length(8), ("special", false.into())], None, map([length(8)])),
        case("password", [length(8)], None, map([length(9)])),
        case("uuid", [], None, map([keepers()])),
        case(
            "integer",
            [("min", 1.into()), ("max", 6.into())],
            None,
            map([("min", 1.into()), ("max", 7.into())]),
        ),
        case(
            "choice",
            [("options", texts(["a", "b"]))],
            None,
            map([("options", texts(["b", "a"]))]),
        ),
        case("shuffle", [("input", texts(["a", "b"]))], None, map([("input", texts(["b", "c"]))])),
    ];
    for case in cases {
        check(&*host, &case).await.unwrap_or_else(|rule| panic!("{}: {rule}", case.kind));
    }
}

#[tokio::test]
async fn time_keeps_to_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("time", folder.path()).await;
    let triggers = || ("triggers", Value::map([("a", Value::from("1"))]));
    let cases = [
        case("static", [], None, map([triggers()])),
        case(
            "offset",
            [("offset_days", 1.into())],
            map([("offset_months", (-1).into())]),
            map([("offset_months", (-1).into()), triggers()]),
        ),
        case(
            "rotating",
            [("rotation_days", 1.into())],
            map([("rotation_hours", 1.into())]),
            map([("rotation_hours", 1.into()), triggers()]),
        ),
    ];
    for case in cases {
        check(&*host, &case).await.unwrap_or_else(|rule| panic!("{}: {rule}", case.kind));
    }
}

#[tokio::test]
async fn the_example_for_authors_keeps_to_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("notes", folder.path()).await;
    let title = |title: &str| ("title", Value::from(title));
    let case = case(
        "note",
        [title("a"), ("text", "one".into())],
        map([title("a"), ("text", "two".into())]),
        map([title("b"), ("text", "two".into())]),
    );
    check(&*host, &case).await.unwrap();
    let config = Value::map([title("a/b")]);
    let request = ValidateRequest { mode: Mode::Managed, kind: "note".into(), config };
    assert_eq!(host.validate(request).await[0].path.to_string(), "title");
}

#[tokio::test]
async fn a_schema_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("local", folder.path()).await;
    let own = syncline_provider_local::provider(folder.path().to_owned()).schema().await.unwrap();
    let there = host.schema().await.unwrap();
    assert_eq!(there.description, own.description);
    assert!(own.resources.keys().eq(there.resources.keys()));
    assert!(own.data.keys().eq(there.data.keys()));
    assert!(own.ephemeral.keys().eq(there.ephemeral.keys()));
    for (name, own) in &own.resources {
        let there = &there.resources[name];
        assert_eq!((there.version, &there.description), (own.version, &own.description));
        assert_eq!(there.identity, own.identity);
        for (name, own) in &own.block.attributes {
            let there = there.block.get(name).unwrap();
            let flags = |one: &syncline_model::Attribute| {
                (one.required, one.optional, one.computed, one.sensitive, one.write_only)
            };
            assert_eq!((flags(there), &there.description), (flags(own), &own.description));
        }
    }
}

#[tokio::test]
async fn what_is_ephemeral_is_opened_renewed_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("notes", folder.path()).await;
    let title = |title: &str| Value::map([("title", Value::from(title))]);
    let open = async |config| host.open(OpenRequest { kind: "lock".into(), config }).await;
    let schema = host.schema().await.unwrap();
    let key = schema.get(Mode::Ephemeral, "lock").unwrap().block.get("key").unwrap();
    assert!(key.computed && key.sensitive);
    let opened = open(title("a")).await.answer.unwrap();
    assert_eq!(opened.result.attribute("key").as_str(), Some("key to a.lock"));
    let file = folder.path().join("notes/a.lock");
    assert!(file.exists());
    // Somebody else's lock is told at the attribute, over the wire too.
    let refused = open(title("a")).await.problems;
    assert_eq!((refused.len(), refused[0].path.to_string().as_str()), (1, "title"));
    let renewed = host.renew("lock", opened.lease.private.clone()).await.answer.unwrap();
    assert!(renewed.renew_at.unwrap() >= opened.lease.renew_at.unwrap());
    assert_eq!(renewed.private, opened.lease.private);
    assert!(host.close("lock", renewed.private.clone()).await.is_empty());
    assert!(!file.exists());
    let problems = host.close("lock", renewed.private).await;
    assert!(problems[0].summary.contains("annot unlock"), "{problems:?}");
    let request = ValidateRequest { mode: Mode::Ephemeral, kind: "lock".into(), config: title("") };
    assert!(host.validate(request).await.is_empty());
    let request = ValidateRequest {
        mode: Mode::Ephemeral,
        kind: "lock".into(),
        config: Value::Map(Arc::default()),
    };
    assert_eq!(host.validate(request).await[0].path.to_string(), "title");
}

#[tokio::test]
async fn a_record_of_another_type_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("notes", folder.path()).await;
    let local = hosted("local", folder.path()).await;
    std::fs::write(folder.path().join("notes/a"), "what it says").unwrap();
    let state = Value::map([("path", Value::from("notes/a")), ("content", "older".into())]);
    let request = HandOverRequest { kind: "file".into(), version: 0, state, private: vec![1] };
    let handed = local.hand_over(request).await.answer.unwrap();
    assert_eq!((handed.kind.as_str(), handed.private.as_slice()), ("local_file", &[1][..]));
    let taken = host.take_over("note", handed.clone()).await.answer.unwrap();
    assert_eq!(taken.state.attribute("title").as_str(), Some("a"));
    let (state, private) = (taken.state, taken.private);
    let read = host.read(ReadRequest { kind: "note".into(), state, private }).await.answer.unwrap();
    assert_eq!(read.state.attribute("text").as_str(), Some("what it says"));
    let other = HandedOver { kind: "time_static".into(), ..handed.clone() };
    let refused = host.take_over("note", other).await.problems;
    assert!(refused[0].summary.contains("`time_static`"), "{refused:?}");
    // What has no such call says so.
    let refused = local.take_over("file", handed).await.problems;
    assert!(refused[0].summary.contains("o record of `local_file`"), "{refused:?}");
}

#[tokio::test]
async fn what_exists_is_found_by_its_identity() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("notes", folder.path()).await;
    std::fs::write(folder.path().join("notes/a"), "what it says").unwrap();
    let import = async |identity: Value| {
        let request = ImportRequest { kind: "note".into(), id: Str::new(), identity };
        host.import(request).await
    };
    let identity = |folder: &str| Value::map([("title", "a"), ("folder", folder)].map(text));
    let found = import(identity("notes")).await.answer.unwrap();
    let (state, private) = (found.state, found.private);
    let read = host.read(ReadRequest { kind: "note".into(), state, private }).await.answer.unwrap();
    assert_eq!(read.state.attribute("text").as_str(), Some("what it says"));
    // What is missing is told by the provider.
    let title = import(Value::map([("title", "a")].map(text))).await.answer.unwrap();
    assert_eq!(title.state.attribute("title").as_str(), Some("a"));
    let refused = import(identity("elsewhere")).await.problems;
    assert_eq!(refused[0].summary, "The note is in another folder");
    let refused = import(Value::map([("folder", "notes")].map(text))).await.problems;
    assert_eq!(refused[0].summary, "the identity has no `title`");
    let upgraded = host.upgrade_identity("note", 0, identity("notes")).await.answer.unwrap();
    assert_eq!(upgraded, identity("notes"));
    let newer = host.upgrade_identity("note", 1, identity("notes")).await.problems;
    assert_eq!(newer[0].summary, "The identity is newer than the provider");
}

fn text<'a>((name, value): (&'a str, &str)) -> (&'a str, Value) {
    (name, Value::from(value))
}

#[tokio::test]
async fn an_ephemeral_password_is_another_one_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("random", folder.path()).await;
    let config = || Value::map([("length", Value::from(20))]);
    let open = async || {
        let request = OpenRequest { kind: "password".into(), config: config() };
        host.open(request).await.answer.unwrap().result.attribute("result").clone()
    };
    let (one, other) = (open().await, open().await);
    assert_ne!(one, other);
}

#[tokio::test]
async fn mistakes_are_told_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted("local", folder.path()).await;
    let validate = async |config: Value| {
        let request = ValidateRequest { mode: Mode::Managed, kind: "file".into(), config };
        host.validate(request).await
    };
    let twice = Value::map([
        ("path", Value::from("a")),
        ("content", "x".into()),
        ("content_base64", "eA==".into()),
    ]);
    let problems = validate(twice).await;
    assert_eq!(problems[0].path.to_string(), "content_base64");
    assert_eq!(problems[0].summary, "The content is given twice");
    let problems = validate(Value::map([("content", Value::from("x"))])).await;
    assert_eq!(problems[0].path.to_string(), "path");
}

#[test]
fn by_hand_it_says_what_it_is() {
    for name in ["local", "random", "time"] {
        let ran = Command::new(plugin(name)).env_remove("TF_PLUGIN_MAGIC_COOKIE").output().unwrap();
        assert_eq!((ran.status.code(), ran.stdout.len()), (Some(1), 0));
        assert!(String::from_utf8_lossy(&ran.stderr).starts_with("This program is a provider."));
    }
}

#[test]
fn an_interrupt_is_for_whoever_started_it() {
    let mut child = Command::new(plugin("random"))
        .env(
            "TF_PLUGIN_MAGIC_COOKIE",
            "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
        )
        .env_remove("PLUGIN_CLIENT_CERT")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    assert!(line.starts_with("1|6|unix|/") && line.ends_with("|grpc|\n"), "{line}");
    let interrupt = |signal: &str| {
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    };
    interrupt("-INT");
    // It goes on to answer: here, the beginning of a connection.
    let socket = line.split('|').nth(3).unwrap();
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    stream.read_exact(&mut [0; 9]).unwrap();
    interrupt("-KILL");
    // It was the second signal that ended it.
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    std::fs::remove_dir_all(Path::new(socket).parent().unwrap()).unwrap();
}

#[test]
fn it_ends_with_who_has_started_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = folder.path().join("line");
    // The shell ends once the provider listens, and leaves it behind.
    let started = Command::new("sh")
        .args(["-c", "\"$0\" > \"$1\" & until [ -s \"$1\" ]; do sleep 0.01; done"])
        .arg(plugin("random"))
        .arg(&line)
        .env(
            "TF_PLUGIN_MAGIC_COOKIE",
            "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
        )
        .env_remove("PLUGIN_CLIENT_CERT")
        .env("PLUGIN_UNIX_SOCKET_DIR", folder.path())
        .status();
    assert!(started.unwrap().success());
    let told = std::fs::read_to_string(&line).unwrap();
    let socket = told.split('|').nth(3).unwrap();
    let begun = std::time::Instant::now();
    while Path::new(socket).exists() {
        assert!(begun.elapsed().as_secs() < 60, "the end does not come");
        std::thread::park_timeout(std::time::Duration::from_millis(10));
    }
}
