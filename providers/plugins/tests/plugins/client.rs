//! The library that Terraform and OpenTofu run providers with runs ours.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{client, plugin, protocol};

/// Drives a provider through lives and returns what the client said.
fn drive(name: &str, folder: &Path, lives: &Value, plain: bool) -> Option<String> {
    drive_over(6, name, folder, lives, plain)
}

/// Does the same over a version of the protocol.
fn drive_over(
    version: u32,
    name: &str,
    folder: &Path,
    lives: &Value,
    plain: bool,
) -> Option<String> {
    let mut command = Command::new(client()?);
    command.arg(plugin(name)).arg(protocol(version)).current_dir(folder).env_remove("PLAIN");
    command.env("PROTOCOL", version.to_string());
    if plain {
        command.env("PLAIN", "1");
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lives.to_string().as_bytes()).unwrap();
    let ran = child.wait_with_output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    Some(said)
}

/// Returns the steps that were taken, as `type step`.
fn steps(said: &str) -> Vec<String> {
    said.lines().map(|line| line.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn local_lives() {
    let folder = tempfile::tempdir().unwrap();
    let lives = json!([
        {
            "type": "local_file",
            "create": { "path": "out/a", "content": "one" },
            "update": { "path": "out/a", "content": "two", "mode": "0600" },
            "replace": { "path": "out/b", "content": "three" },
            "import": "out/b",
        },
        {
            "type": "local_directory",
            "create": { "path": "folder" },
            "update": { "path": "folder", "mode": "0700" },
            "replace": { "path": "other" },
            "import": "other",
        },
        {
            "type": "local_symlink",
            "create": { "path": "link", "target": "a" },
            "update": { "path": "link", "target": "b" },
            "import": "link",
        },
    ]);
    for plain in [false, true] {
        let Some(said) = drive("local", folder.path(), &lives, plain) else { return };
        let all = ["create", "update", "replace", "import", "find", "destroy"];
        let mut expected: Vec<String> = ["local_file", "local_directory"]
            .iter()
            .flat_map(|kind| all.map(|step| format!("{kind} {step}")))
            .collect();
        let some = ["create", "update", "import", "find", "destroy"];
        expected.extend(some.map(|step| format!("local_symlink {step}")));
        expected.push("ended".to_owned());
        assert_eq!(steps(&said), expected);
        assert!(said.contains(r#""content":"two""#) && said.contains(r#""size":5"#), "{said}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn random_and_time_live() {
    let folder = tempfile::tempdir().unwrap();
    let lives = json!([
        {
            "type": "random_string",
            "create": { "length": 8 },
            "replace": { "length": 9, "min_numeric": 3 },
        },
        { "type": "random_password", "create": { "length": 20 }, "replace": { "length": 21 } },
        { "type": "random_integer", "create": { "min": 1, "max": 6 } },
        { "type": "random_password", "open": { "length": 20 } },
    ]);
    let Some(said) = drive("random", folder.path(), &lives, false) else { return };
    assert!(said.ends_with("random_password close\nended\n"), "{said}");
    let lives = json!([
        {
            "type": "time_offset",
            "create": { "offset_days": 1 },
            "update": { "offset_days": 2 },
            "replace": { "offset_days": 2, "triggers": { "a": "1" } },
        },
        { "type": "time_static", "create": {}, "replace": { "rfc3339": "2020-01-01T00:00:00Z" } },
    ]);
    let Some(said) = drive("time", folder.path(), &lives, false) else { return };
    assert!(said.contains("\"2020-01-01T00:00:00Z\"") && said.ends_with("ended\n"), "{said}");
}

#[test]
fn the_example_for_authors_lives() {
    let folder = tempfile::tempdir().unwrap();
    let lives = json!([
        {
            "type": "notes_note",
            "create": { "title": "a", "text": "one" },
            "update": { "title": "a", "text": "three" },
            "replace": { "title": "b" },
            "import": "b",
        },
        { "type": "notes_lock", "open": { "title": "a" } },
    ]);
    for version in [6, 5] {
        let Some(said) = drive_over(version, "notes", folder.path(), &lives, false) else { return };
        assert!(said.contains("\"length\":5") && said.ends_with("ended\n"), "{version}: {said}");
        assert!(said.contains("notes_note find "), "{version}: {said}");
    }
}
