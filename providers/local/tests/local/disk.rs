//! Files, directories and links, on a disk.

use std::os::unix::fs::{PermissionsExt, symlink};

use syncline_model::{ReadState, Value};
use syncline_protocol::sdk::conformance::{Case, check};

use crate::support::{Desk, nothing, said, text_of};

fn config(entries: &[(&'static str, Value)]) -> Value {
    Value::map(entries.iter().cloned())
}

#[tokio::test]
async fn every_type_lives_as_the_protocol_says() {
    let desk = Desk::new();
    let cases = [
        Case {
            kind: "file",
            config: config(&[("path", "out/deep/a.txt".into()), ("content", "one".into())]),
            update: Some(config(&[
                ("path", "out/deep/a.txt".into()),
                ("content_base64", "AP8=".into()),
                ("mode", "600".into()),
            ])),
            replace: Some(config(&[("path", "out/b.txt".into())])),
        },
        Case {
            kind: "directory",
            config: config(&[("path", "out/here".into())]),
            update: Some(config(&[("path", "out/here".into()), ("mode", "0700".into())])),
            replace: Some(config(&[("path", "out/there".into())])),
        },
        Case {
            kind: "symlink",
            config: config(&[("path", "out/link".into()), ("target", "a".into())]),
            update: Some(config(&[("path", "out/link".into()), ("target", "b".into())])),
            replace: Some(config(&[("path", "link".into()), ("target", "b".into())])),
        },
    ];
    for case in cases {
        let kept = check(&*desk.provider, &case).await;
        kept.unwrap_or_else(|rule| panic!("{}: {rule}", case.kind));
        assert_eq!(desk.listing(), Vec::<String>::new(), "{} leaves nothing", case.kind);
    }
}

#[tokio::test]
async fn a_secret_content_stays_secret() {
    let desk = Desk::new();
    let secret = Value::secret(Value::from("hunter2"));
    let made = desk.create("file", &[("path", "a".into()), ("content", secret)]).await.unwrap();
    let read = desk.read("file", &made).await.unwrap();
    assert_eq!(read.state, made.state);
    for name in ["content", "sha256", "size"] {
        assert!(read.state.attribute(name).is_secret(), "{name}");
    }
    desk.write("a", "hunter3");
    let read = desk.read("file", &made).await.unwrap();
    assert!(!read.state.to_string().contains("hunter"), "{}", read.state);
}

#[tokio::test]
async fn what_changed_on_the_disk_is_read() {
    let desk = Desk::new();
    let entries = [("path", Value::from("a")), ("content", "one".into())];
    let made = desk.create("file", &entries).await.unwrap();
    desk.write("a", "two");
    std::fs::set_permissions(desk.at("a"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let read = desk.read("file", &made).await.unwrap();
    assert_eq!((text_of(&read, "content"), text_of(&read, "mode")), ("two".into(), "0600".into()));
    let mended = desk.bring("file", &read, &entries).await.unwrap();
    assert_eq!(mended.state, made.state);
    assert_eq!(desk.text("a"), "one");
    std::fs::write(desk.at("a"), [0xff, 0x00]).unwrap();
    let read = desk.read("file", &made).await.unwrap();
    assert_eq!(text_of(&read, "content_base64"), "/wA=");
    std::fs::remove_file(desk.at("a")).unwrap();
    assert!(desk.read("file", &made).await.unwrap().state.is_null());
}

#[tokio::test]
async fn a_foreign_file_is_kept() {
    let desk = Desk::new();
    desk.write("a", "theirs");
    let ours = [("path", Value::from("a")), ("content", "ours".into())];
    assert_eq!(
        said(desk.create("file", &ours).await),
        "path: there is a file `a` already, and it differs\n\
         Move it away, or set `overwrite = true` to lose what is in it."
    );
    assert_eq!(desk.text("a"), "theirs");
    let same = [("path", Value::from("a")), ("content", "theirs".into())];
    desk.create("file", &same).await.unwrap();
    let forced = [ours[0].clone(), ours[1].clone(), ("overwrite", true.into())];
    desk.create("file", &forced).await.unwrap();
    assert_eq!(desk.text("a"), "ours");
}

#[tokio::test]
async fn what_a_crash_left_is_told_from_what_is_foreign() {
    let desk = Desk::new();
    let entries = [("path", Value::from("out/a")), ("content", "ours".into())];
    let planned = desk.plan("file", &nothing(), &entries).await;
    let intent = ReadState { state: planned.state, private: planned.private };
    // The apply died before it made anything, made the file, or somebody else made one.
    assert!(desk.read("file", &intent).await.unwrap().state.is_null());
    std::fs::create_dir(desk.at("out")).unwrap();
    desk.write("out/a", "theirs");
    assert!(desk.read("file", &intent).await.unwrap().state.is_null());
    desk.write("out/a", "ours");
    let found = desk.read("file", &intent).await.unwrap();
    assert_eq!(text_of(&found, "content"), "ours");
    desk.destroy("file", &found).await.unwrap();
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_in_the_way_is_said() {
    let desk = Desk::new();
    std::fs::create_dir(desk.at("folder")).unwrap();
    desk.write("folder/foreign", "");
    desk.write("plain", "");
    symlink("loop", desk.at("loop")).unwrap();
    let create = async |kind: &'static str, path: &'static str| {
        let target = (kind == "symlink").then(|| ("target", Value::from("x")));
        let entries: Vec<_> = [("path", Value::from(path))].into_iter().chain(target).collect();
        said(desk.create(kind, &entries).await)
    };
    let cases = [
        ("file", "folder", "path: cannot write `folder`: is a directory\n"),
        ("file", "plain/a", "path: cannot write `plain/a`: not a directory\n"),
        ("file", "loop", "path: there is a file `loop` already, and it differs\n"),
        ("file", "loop/a", "path: cannot look at `loop/a`: too many levels of symbolic links\n"),
        ("directory", "plain", "path: cannot make the directory `plain`: file exists\n"),
        ("symlink", "plain", "path: there is something at `plain` already\n"),
    ];
    for (kind, path, start) in cases {
        let text = create(kind, path).await;
        assert!(text.starts_with(start), "{kind} {path}: {text}");
        assert!(text.lines().nth(1).is_some_and(|way_out| !way_out.is_empty()), "{text}");
    }
    assert_eq!(desk.listing(), ["folder", "folder/foreign", "loop", "plain"]);
    let full = desk.create("directory", &[("path", "folder".into())]).await.unwrap();
    let text = said(desk.destroy("directory", &full).await);
    assert!(text.starts_with("path: the directory `folder` is not empty\n"), "{text}");
    let force = [("path", Value::from("folder")), ("force", true.into())];
    let full = desk.bring("directory", &full, &force).await.unwrap();
    desk.destroy("directory", &full).await.unwrap();
    assert_eq!(desk.listing(), ["loop", "plain"]);
}

#[tokio::test]
async fn a_link_leaves_what_took_its_place() {
    let desk = Desk::new();
    let entries = [("path", Value::from("link")), ("target", "x".into())];
    let made = desk.create("symlink", &entries).await.unwrap();
    std::fs::remove_file(desk.at("link")).unwrap();
    desk.write("link", "theirs");
    assert!(desk.read("symlink", &made).await.unwrap().state.is_null());
    desk.destroy("symlink", &made).await.unwrap();
    assert_eq!(desk.text("link"), "theirs");
}

#[tokio::test]
async fn the_last_to_leave_a_directory_removes_it() {
    let mut desk = Desk::new();
    let first = desk.create("file", &[("path", "out/deep/a".into())]).await.unwrap();
    let second = desk.create("file", &[("path", "out/b".into())]).await.unwrap();
    // Another process knows what it has read.
    desk.begin_anew();
    let first = desk.read("file", &first).await.unwrap();
    let third = desk.create("symlink", &[("path", "out/c".into()), ("target", "b".into())]).await;
    desk.destroy("file", &first).await.unwrap();
    desk.destroy("file", &second).await.unwrap();
    assert_eq!(desk.listing(), ["out", "out/c"]);
    desk.destroy("symlink", &third.unwrap()).await.unwrap();
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn a_directory_of_its_own_stays() {
    let desk = Desk::new();
    // The file makes it, and the directory takes it over.
    let file = desk.create("file", &[("path", "out/a".into())]).await.unwrap();
    let directory = desk.create("directory", &[("path", "out".into())]).await.unwrap();
    desk.destroy("file", &file).await.unwrap();
    assert_eq!(desk.listing(), ["out"]);
    desk.destroy("directory", &directory).await.unwrap();
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn many_files_come_and_go_at_once() {
    let desk = Desk::new();
    for _ in 0..10 {
        let paths: Vec<Value> = (0..16).map(|n| format!("out/{}/{n}", n % 3).into()).collect();
        let made = paths.into_iter().map(|path| {
            let desk = &desk;
            async move {
                let made = desk.create("file", &[("path", path)]).await.unwrap();
                desk.destroy("file", &made).await.unwrap();
            }
        });
        futures_util::future::join_all(made).await;
        assert_eq!(desk.listing(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_failed_create_leaves_nothing() {
    let desk = Desk::new();
    let long = "x".repeat(300);
    let text = said(desk.create("file", &[("path", format!("out/{long}").into())]).await);
    assert!(text.contains("file name too long"), "{text}");
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_killed_run_left_beside_a_file_goes() {
    let desk = Desk::new();
    let entries = [("path", Value::from("a")), ("target", "b".into())];
    let made = desk.create("symlink", &entries).await.unwrap();
    // The name beside it, as a run that is killed before the renaming leaves it.
    let left = desk.at(".syncline-ca978112ca1bbdca");
    std::fs::write(&left, "half").unwrap();
    let other = [("path", Value::from("a")), ("target", "c".into())];
    desk.bring("symlink", &made, &other).await.unwrap();
    assert_eq!(desk.listing(), ["a"]);
    std::fs::remove_file(desk.at("a")).unwrap();
    std::fs::write(&left, "half").unwrap();
    desk.create("file", &[("path", "a".into())]).await.unwrap();
    assert_eq!(desk.listing(), ["a"]);
}

#[tokio::test]
async fn directories_that_a_killed_run_made_go_with_what_it_made_them_for() {
    let mut desk = Desk::new();
    let entries = [("path", Value::from("out/deep/a")), ("content", "x".into())];
    let planned = desk.plan("file", &nothing(), &entries).await;
    // The run died between making the directories and writing the file.
    std::fs::create_dir_all(desk.at("out/deep")).unwrap();
    desk.begin_anew();
    let intent = ReadState { state: Value::Null, private: planned.private };
    let made = desk.bring("file", &intent, &entries).await.unwrap();
    assert_eq!(desk.listing(), ["out", "out/deep", "out/deep/a"]);
    desk.destroy("file", &made).await.unwrap();
    assert_eq!(desk.listing(), Vec::<String>::new());
}

#[tokio::test]
async fn unsound_configurations_are_refused() {
    type Entries = Vec<(&'static str, Value)>;
    let desk = Desk::new();
    let cases: [(&str, Entries, &str); 6] = [
        ("file", vec![("path", "".into())], "\"\" is no path to manage"),
        ("directory", vec![("path", "out/".into())], "\"out/\" is no path to manage"),
        ("file", vec![("path", "a".into()), ("mode", "9".into())], "`9` is no file mode"),
        (
            "file",
            vec![("path", "a".into()), ("content", "".into()), ("content_base64", "".into())],
            "the content is given twice",
        ),
        (
            "file",
            vec![("path", "a".into()), ("content_base64", "%".into())],
            "`content_base64` is no base64",
        ),
        ("symlink", vec![("path", "a".into()), ("target", "".into())], "a link cannot point there"),
    ];
    for (kind, entries, summary) in cases {
        let problems = desk.validate(kind, &entries).await;
        let said: Vec<&str> = problems.iter().map(|own| own.summary.as_str()).collect();
        assert_eq!(said, [summary]);
    }
}

#[tokio::test]
async fn a_file_is_looked_at() {
    let desk = Desk::new();
    desk.write("a", "text");
    let state = desk.data("file", &[("path", "a".into())]).await.unwrap();
    assert_eq!(state.attribute("content"), &Value::from("text"));
    assert_eq!(state.attribute("size"), &Value::from(4));
    let text = said(desk.data("file", &[("path", "b".into())]).await);
    assert_eq!(
        text,
        "path: cannot read `b`: no such file or directory\nLook whether the path is right."
    );
}
