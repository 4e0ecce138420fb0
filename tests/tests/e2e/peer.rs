//! The same kills with OpenTofu, where a `tofu` is on the PATH: what it forgets, beside what we do.
//!
//! Asserts nothing of it: its figures are told by `cargo xtask torture`, which is the only one to run this. Both
//! apply 200 files, with a provider of their own in the same process or beside it, are killed at random moments, and
//! then destroy everything that they know of: what is left on the disk was forgotten.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::external::built;
use crate::process::{Project, finish, signal};
use crate::scale::{figure, full, is_full};

const FILES: usize = 200;

/// Returns how many complete files there are: one that was being written has another name.
fn files(project: &Project) -> usize {
    let Ok(entries) = std::fs::read_dir(project.path("files")) else { return 0 };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.parse::<usize>().is_ok()).count()
}

/// Lets an apply make about so many files, kills it, lets `destroy` run, and returns how many files there were and
/// how many are left.
fn kill(project: &Project, apply: &mut Command, at: usize, destroy: impl Fn()) -> (usize, usize) {
    let child = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..60_000 {
        if files(project) >= at {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
    signal(child.id(), "KILL");
    finish(child);
    // A provider beside it may have one more file under way.
    std::thread::park_timeout(Duration::from_millis(500));
    let made = files(project);
    destroy();
    (made, files(project))
}

/// Prints what many kills came to.
fn kills(name: &str, one: impl Fn(usize) -> (usize, usize)) -> usize {
    let moments = full(100, 1) as usize;
    let results: Vec<_> = (0..moments).map(|moment| one(1 + moment * FILES / moments)).collect();
    let made: usize = results.iter().map(|(made, _)| made).sum();
    let left: usize = results.iter().map(|(_, left)| left).sum();
    figure(&format!(
        "killed, then destroyed, {name}: {moments} kills, {made} files made, {left} left behind by `destroy`"
    ));
    left
}

fn ours(at: usize) -> (usize, usize) {
    let mut text = String::from("environment dev {\n");
    for index in 0..FILES {
        text += &format!(
            "  resource local.file f{index} {{ path = \"files/{index}\", content = \"file {index}\" }}\n"
        );
    }
    let project = Project::with(&(text + "}\n"));
    kill(&project, &mut project.command(&["apply", "dev", "--yes"]), at, || {
        project.run(&["destroy", "dev", "--yes"]).exits(0);
    })
}

fn theirs(provider: &Path, at: usize) -> (usize, usize) {
    let project = Project::empty();
    let folder = provider.parent().unwrap().display();
    project.write(
        "cli.tfrc",
        format!("provider_installation {{\n  dev_overrides {{ \"hashicorp/local\" = \"{folder}\" }}\n  direct {{}}\n}}\n"),
    );
    let mut text = String::new();
    for index in 0..FILES {
        text += &format!(
            "resource \"local_file\" \"f{index}\" {{\n  filename = \"files/{index}\"\n  content = \"file {index}\"\n}}\n"
        );
    }
    project.write("main.tf", text);
    let tofu = |arguments: &[&str]| {
        let mut command = Command::new("tofu");
        command.args(arguments).args(["-auto-approve", "-input=false", "-lock=false"]);
        command.current_dir(project.path("")).env("TF_CLI_CONFIG_FILE", project.path("cli.tfrc"));
        command.stdin(Stdio::null());
        command
    };
    kill(&project, &mut tofu(&["apply"]), at, || {
        let destroyed = tofu(&["destroy"]).output().unwrap();
        let said = String::from_utf8_lossy(&destroyed.stderr);
        assert!(destroyed.status.success(), "tofu destroy failed: {said}");
    })
}

#[test]
fn what_is_made_before_a_kill_is_destroyed_afterwards() {
    assert_eq!(kills("syncline", ours), 0, "files were forgotten");
    let is_there = Command::new("tofu").arg("version").stdout(Stdio::null()).status();
    if !is_full() || !is_there.is_ok_and(|status| status.success()) {
        return;
    }
    if let Some(provider) = built("local") {
        kills("OpenTofu", |at| theirs(&provider, at));
    }
}
