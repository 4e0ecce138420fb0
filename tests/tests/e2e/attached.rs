//! A provider that somebody else has started: it is attached to, and left running.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::external::built;
use crate::process::{Project, Run, finish, signal};

fn source(size: u32) -> String {
    format!(
        "project \"p\" {{\n  providers = {{ fixture = {{ source = \"example.com/syncline/fixture\" }} }}\n}}\n\
         environment dev {{\n  resource fixture.thing a {{ name = \"a\", size = {size} }}\n}}\n"
    )
}

fn run(project: &Project, arguments: &[&str], attach: &str) -> Run {
    let mut command = project.command(arguments);
    command.env("TF_REATTACH_PROVIDERS", attach);
    finish(command.spawn().unwrap())
}

#[test]
fn a_provider_that_runs_already_is_attached_to() {
    let Some(program) = built("fixture") else { return };
    let mut child = Command::new(program)
        .arg("-debug")
        .env_remove("TF_PLUGIN_MAGIC_COOKIE")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It goes on writing there, and ends where nobody reads.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.find_map(|line| {
        let text = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='")?.strip_suffix('\'')?;
        Some(text.to_owned())
    });
    let told = told.unwrap();
    let project = Project::empty();
    project.write("main.sync", source(1));
    run(&project, &["apply", "dev", "--yes"], &told)
        .exits(0)
        .says("W0810")
        .says("a process that runs already")
        .says("1 added");
    project.write("main.sync", source(2));
    run(&project, &["apply", "dev", "--yes"], &told).exits(0).says("1 changed");
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    assert!(!project.path("syncline.lock").exists());
    run(&project, &["plan", "dev"], "{").exits(1).says("TF_REATTACH_PROVIDERS cannot be read");
    signal(child.id(), "INT");
    child.wait().unwrap();
    run(&project, &["plan", "dev"], &told).exits(1).says("does not take a connection");
}
