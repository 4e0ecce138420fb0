//! The real binary, killed at its system calls, and told by them that the disk is full or broken.
//!
//! `strace` injects the signal or the error right at a call: the n-th write, sync, rename or removal
//! of a thread, so that the binary is the one that users run. Where there is no `strace`, or it may
//! not trace, the bounded run leaves this to `crash`; the full one (`cargo xtask torture`) fails.
//! Each proof prints a line that starts with `figure:`.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::{Command, Stdio};

use crate::process::{Project, Run, binary, finish};
use crate::scale::{figure, share, spread};

/// The calls by which something becomes durable, appears or goes.
const CALLS: [&str; 9] = [
    "pwrite64",
    "write",
    "fsync",
    "fdatasync",
    "renameat2",
    "linkat",
    "unlink",
    "mkdir",
    "ftruncate",
];

/// A moment: the n-th call of a kind in a thread.
#[derive(Clone, Copy, Debug)]
struct Moment {
    call: &'static str,
    number: u64,
}

fn source(files: usize) -> String {
    let mut text = String::from("environment dev {\n");
    for index in 0..files {
        let content = match index / 3 {
            _ if index < 6 => format!("\"file {index}\""),
            other => format!("\"after ${{f{other}.path}}\""),
        };
        let folder = index % 5;
        text.push_str(&format!(
            "  resource local.file f{index} {{ path = \"out/d{folder}/{index}\", content = {content} }}\n"
        ));
    }
    text + "}\n"
}

/// Returns each complete file with its inode: a file that is made again gets another one.
fn inodes(project: &Project) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for folder in 0..5 {
        let Ok(entries) = std::fs::read_dir(project.path(format!("out/d{folder}"))) else {
            continue;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            found.insert(name, entry.metadata().unwrap().ino());
        }
    }
    found
}

fn strace(arguments: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Tells whether calls can be traced here.
fn can_trace() -> bool {
    strace(&["-e", "trace=none", "true"]).status().is_ok_and(|status| status.success())
}

/// Applies with something injected at a moment; returns the exit code, none when it was killed.
fn apply(project: &Project, inject: &str) -> Option<i32> {
    let binary = binary().to_string_lossy().into_owned();
    let arguments = ["-e", inject, &binary, "apply", "dev", "--yes", "--parallelism", "2"];
    let mut command = strace(&arguments);
    command.current_dir(project.path("")).env("NO_COLOR", "1").env("TOKIO_WORKER_THREADS", "1");
    finish(command.spawn().unwrap()).code
}

/// Returns how often each call is made by the thread that makes it most.
fn counted(files: usize) -> Vec<Moment> {
    let project = Project::with(&source(files));
    let output = project.path("trace");
    let trace = format!("trace={}", CALLS.join(","));
    let binary = binary().to_string_lossy().into_owned();
    let path = output.to_string_lossy().into_owned();
    let arguments = ["-f", "-qq", "-o", &path, "-e", &trace, &binary, "apply", "dev", "--yes"];
    let mut command = Command::new("strace");
    command.args(arguments).args(["--parallelism", "2"]).current_dir(project.path(""));
    command.env("NO_COLOR", "1").env("TOKIO_WORKER_THREADS", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command.spawn().unwrap()).exits(0);
    moments(&std::fs::read_to_string(output).unwrap())
}

/// Returns every moment of a trace, by the thread that makes each call most.
fn moments(trace: &str) -> Vec<Moment> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in trace.lines() {
        let mut words = line.split_whitespace();
        let thread = words.next().unwrap_or_default().to_owned();
        let call = words.next().unwrap_or_default().split('(').next().unwrap_or_default();
        *counts.entry((call.to_owned(), thread)).or_default() += 1;
    }
    let mut moments = Vec::new();
    for call in CALLS {
        let most = counts.iter().filter(|((own, _), _)| own == call).map(|(_, count)| *count).max();
        moments.extend((1..=most.unwrap_or(0)).map(|number| Moment { call, number }));
    }
    moments
}

/// Checks that one further apply brings everything to rest and makes nothing twice.
fn comes_to_rest(project: &Project, files: usize, context: &str) {
    comes_to_rest_by(project, (files, context), &|arguments| project.run(arguments));
}

/// The same, of a project that is run in a way of its own.
fn comes_to_rest_by(
    project: &Project,
    (files, context): (usize, &str),
    run: &dyn Fn(&[&str]) -> Run,
) {
    let found = inodes(project);
    let again = run(&["apply", "dev", "--yes"]).exits(0);
    let after = inodes(project);
    assert_eq!(after.len(), files, "{context}: lost or left behind: {after:?}\n{}", again.stderr);
    for (name, inode) in &found {
        // What was not complete has another name, and is gone.
        if !name.starts_with('.') {
            assert_eq!(after.get(name), Some(inode), "{context}: {name} was made twice");
        }
    }
    let list = run(&["state", "list", "dev"]).exits(0);
    assert_eq!(list.stdout.lines().count(), files, "{context}: {}", list.stdout);
    let plan = ["plan", "dev", "--detailed-exitcode", "--refresh", "all"];
    run(&plan).exits(0).says("No changes");
}

#[test]
fn killed_at_any_call_everything_comes_to_rest_in_one_further_apply() {
    if !can_trace() {
        assert!(!crate::scale::is_full(), "the full run needs strace");
        return;
    }
    let files = if crate::scale::is_full() { 60 } else { 20 };
    let moments = share(counted(files), 18);
    let killed = spread(moments.len() as u64, |at| {
        let Moment { call, number } = moments[at as usize];
        let project = Project::with(&source(files));
        let code = apply(&project, &format!("inject={call}:signal=KILL:when={number}"));
        comes_to_rest(&project, files, &format!("killed at {call} {number}"));
        u64::from(code.is_none() || code == Some(137))
    });
    let killed: u64 = killed.iter().sum();
    figure(&format!(
        "killed at system calls: {} points of {files} resources, {killed} kills, 0 lost, 0 made twice",
        moments.len()
    ));
    assert!(killed * 2 > moments.len() as u64, "most moments are reached: {killed}");
}

#[test]
fn where_the_disk_fails_nothing_is_claimed_and_the_next_apply_is_right() {
    if !can_trace() {
        assert!(!crate::scale::is_full(), "the full run needs strace");
        return;
    }
    let files = if crate::scale::is_full() { 60 } else { 20 };
    let durable = ["pwrite64", "fsync", "fdatasync", "renameat2", "ftruncate", "mkdir"];
    let mut moments = counted(files);
    moments.retain(|moment| durable.contains(&moment.call));
    let moments = share(moments, 14);
    let failed = spread(moments.len() as u64, |at| {
        let Moment { call, number } = moments[at as usize];
        // The disk is full from now on, or broken once.
        let (error, from) = if at % 2 == 0 { ("ENOSPC", "+") } else { ("EIO", "") };
        let project = Project::with(&source(files));
        let code = apply(&project, &format!("inject={call}:error={error}:when={number}{from}"));
        let context = format!("{error} at {call} {number}, exit {code:?}");
        assert!(code.is_some_and(|code| code < 128), "{context}: it ended by itself");
        if code == Some(0) {
            let list = project.run(&["state", "list", "dev"]).exits(0);
            assert_eq!(list.stdout.lines().count(), files, "{context}: it said that all was done");
        }
        comes_to_rest(&project, files, &context);
        u64::from(code != Some(0))
    });
    let failed: u64 = failed.iter().sum();
    figure(&format!(
        "full or broken disk: {} points of {files} resources, {failed} runs failed, 0 lost, 0 made twice",
        moments.len()
    ));
    assert!(failed > 0, "no fault was noticed");
}

/// Starts the real provider, traced as the variable says.
const WRAPPER: &str = r#"#!/bin/sh
if [ -n "$TORTURE_STRACE" ]; then
  exec strace -f -qq $TORTURE_STRACE REAL "$@"
fi
exec REAL "$@"
"#;

/// Returns a project whose files are made by our provider as a plugin, in a process of its own; none where that was
/// not built.
fn with_plugin(files: usize) -> Option<Project> {
    let program = binary().with_file_name("terraform-provider-local");
    if !program.exists() {
        crate::external::skip(
            "our provider `local` was not built as a plugin: `cargo xtask test` does",
        );
        return None;
    }
    let project = Project::empty();
    let platform = crate::external::platform();
    let folder = format!("mirror/example.com/test/local/0.1.0/{platform}");
    std::fs::create_dir_all(project.path(&folder)).unwrap();
    let wrapper = format!("{folder}/terraform-provider-local");
    project.write(&wrapper, WRAPPER.replace("REAL", &program.to_string_lossy()));
    std::fs::set_permissions(project.path(&wrapper), Permissions::from_mode(0o755)).unwrap();
    project.write(
        "project.sync",
        "project \"test\" {\n  providers = { disk = { source = \"example.com/test/local\", version = \"0.1.0\" } }\n}\n",
    );
    project.write("main.sync", source(files).replace("local.file", "disk.file"));
    Some(project)
}

/// Runs a command with the provider traced; returns how it ended.
fn with_traced(project: &Project, trace: &str, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command.env("SYNCLINE_PLUGIN_DIR", project.path("mirror")).env("SYNCLINE_OFFLINE", "1");
    command.env("TORTURE_STRACE", trace).env("TOKIO_WORKER_THREADS", "1");
    finish(command.spawn().unwrap())
}

/// The provider's process is killed in the place of ours: the run says so, and the next one goes on.
#[test]
fn killed_at_any_call_a_provider_takes_nothing_with_it() {
    let files = if crate::scale::is_full() { 60 } else { 20 };
    if !can_trace() {
        assert!(!crate::scale::is_full(), "the full run needs strace");
        return;
    }
    let Some(project) = with_plugin(files) else { return };
    let trace = format!("-o {} -e trace={}", project.path("trace").display(), CALLS.join(","));
    let apply = ["apply", "dev", "--yes", "--parallelism", "2"];
    with_traced(&project, &trace, &apply).exits(0);
    let all = moments(&std::fs::read_to_string(project.path("trace")).unwrap());
    let chosen = share(all, 12);
    let killed = spread(chosen.len() as u64, |at| {
        let Moment { call, number } = chosen[at as usize];
        let project = with_plugin(files).unwrap();
        let inject = format!("-o /dev/null -e inject={call}:signal=KILL:when={number}");
        let run = with_traced(&project, &inject, &apply);
        let context = format!("the provider was killed at {call} {number}");
        assert!(matches!(run.code, Some(0 | 1)), "{context}: {:?}\n{}", run.code, run.stderr);
        if run.code == Some(1) {
            assert!(run.stderr.contains("disk"), "{context}: it is not named\n{}", run.stderr);
        }
        let untraced = |arguments: &[&str]| with_traced(&project, "", arguments);
        comes_to_rest_by(&project, (files, &context), &untraced);
        u64::from(run.code == Some(1))
    });
    let killed: u64 = killed.iter().sum();
    figure(&format!(
        "provider killed at system calls: {} points of {files} resources, {killed} runs failed, 0 lost, 0 made twice",
        chosen.len()
    ));
    assert!(killed * 2 > chosen.len() as u64, "most moments are reached: {killed}");
}

#[test]
fn on_a_full_disk_what_is_recorded_is_read() {
    if !can_trace() {
        return;
    }
    let project = Project::with(&source(1));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let binary = binary().to_string_lossy().into_owned();
    // There is no room for the files that SQLite makes beside its own.
    let full = |arguments: &[&str]| {
        let inject = "inject=pwrite64,ftruncate,fallocate:error=ENOSPC";
        let mut command = strace(&["-e", inject, &binary]);
        command.args(arguments).current_dir(project.path("")).env("NO_COLOR", "1");
        finish(command.spawn().unwrap())
    };
    full(&["plan", "dev"]).exits(0).says("No changes");
    full(&["destroy", "dev", "--yes"]).exits(1).says("could not be written");
    project.run(&["destroy", "dev", "--yes"]).exits(0).says("1 destroyed");
}
