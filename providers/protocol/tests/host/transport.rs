//! From the start of a process to its end, whatever it does in between.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use syncline_model::{Mode, Problem, Provider as _, Value};
use syncline_protocol::host::{Host, HostOptions};

use crate::support::{configured, executable, options};

/// Makes a program of a shell script, in which `$P` is the fixture.
fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("provider.sh");
    let provider = executable("fixture").unwrap_or_default();
    let text = format!("#!/bin/sh\nP='{}'\n{body}\n", provider.display());
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

async fn start(body: &str, change: impl FnOnce(&mut HostOptions)) -> Result<(), Problem> {
    let folder = tempfile::tempdir().unwrap();
    let mut options = HostOptions::new("fixture", script(folder.path(), body));
    change(&mut options);
    Host::new(options).schema().await.map(|_| ())
}

fn is_alive(pid: &str) -> bool {
    // A process that has ended and that nobody has asked about is a zombie, and as good as gone.
    match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
        Err(_) => false,
    }
}

fn wait_until(what: &str, limit: Duration, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < limit, "{what} took longer than {limit:?}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_program_that_explains_itself_is_quoted() {
    if executable("fixture").is_none() {
        return;
    }
    let problem = start("unset TF_PLUGIN_MAGIC_COOKIE; exec \"$P\"", |_| {}).await.unwrap_err();
    assert_eq!(problem.summary, "the provider `fixture` does not start");
    assert!(problem.detail.contains("This binary is a plugin"), "{}", problem.detail);
}

#[tokio::test]
async fn both_ways_of_talking_work() {
    if executable("fixture").is_none() {
        return;
    }
    start("exec \"$P\"", |_| {}).await.unwrap();
    start("unset PLUGIN_CLIENT_CERT; exec \"$P\"", |_| {}).await.unwrap();
}

#[tokio::test]
async fn another_certificate_than_the_announced_one_is_refused() {
    if executable("fixture").is_none() {
        return;
    }
    let other = "QUJD".repeat(40);
    let body = format!("\"$P\" | {{ IFS= read -r line; echo \"${{line%|*}}|{other}\"; cat; }}");
    let problem = start(&body, |_| {}).await.unwrap_err();
    assert!(problem.detail.contains("does not take a connection"), "{}", problem.detail);
    assert!(problem.detail.contains("certificate"), "{}", problem.detail);
}

#[tokio::test]
async fn what_is_no_provider_is_told_in_time() {
    let junk = start("echo hello; echo 'I am no provider' >&2; exit 3", |_| {}).await.unwrap_err();
    assert!(junk.detail.contains("`hello`"), "{}", junk.detail);
    assert!(junk.detail.contains("I am no provider"), "{}", junk.detail);
    let early = start("echo 'no licence' >&2; exit 7", |_| {}).await.unwrap_err();
    assert!(early.detail.contains("exit status: 7"), "{}", early.detail);
    assert!(early.detail.contains("no licence"), "{}", early.detail);
    let begun = Instant::now();
    let silent = start("echo 'thinking' >&2; exec sleep 1000", |options| {
        options.limits.start = Duration::from_millis(300);
    });
    let silent = silent.await.unwrap_err();
    assert!(silent.detail.contains("within 300 ms"), "{}", silent.detail);
    assert!(silent.detail.contains("thinking"), "{}", silent.detail);
    assert!(begun.elapsed() < Duration::from_secs(20));
    let nowhere = Host::new(HostOptions::new("fixture", "/nowhere/at/all")).schema().await;
    assert!(nowhere.unwrap_err().detail.contains("`/nowhere/at/all` cannot be run"));
    let older = start("echo '1|4|tcp|127.0.0.1:1|grpc'", |_| {}).await.unwrap_err();
    assert!(older.detail.contains("version 4"), "{}", older.detail);
    let flood = start("yes", |_| {}).await.unwrap_err();
    assert!(flood.detail.contains("`y`"), "{}", flood.detail);
    let endless = start("exec cat /dev/zero", |_| {}).await.unwrap_err();
    assert!(endless.detail.len() < 20_000);
}

#[tokio::test]
async fn a_process_ends_with_its_host_and_leaves_nothing() {
    if executable("fixture").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (pid, socket) = (folder.path().join("pid"), folder.path().join("socket"));
    let body = format!(
        "echo $$ > '{}'; echo \"$PLUGIN_UNIX_SOCKET_DIR\" > '{}'; exec \"$P\"",
        pid.display(),
        socket.display()
    );
    let host = Host::new(HostOptions::new("fixture", script(folder.path(), &body)));
    host.schema().await.unwrap();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap().trim().to_owned();
    let (pid, socket) = (read(&pid), read(&socket));
    assert!(is_alive(&pid) && Path::new(&socket).exists());
    let begun = Instant::now();
    host.end().await;
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(!is_alive(&pid) && !Path::new(&socket).exists());
}

#[tokio::test]
async fn a_deaf_process_is_killed() {
    if executable("fixture").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let body = format!("echo $$ > '{}'; \"$P\"; exec sleep 1000", pid.display());
    let mut options = HostOptions::new("fixture", script(folder.path(), &body));
    options.limits.stop = Duration::from_millis(300);
    let host = Host::new(options);
    host.schema().await.unwrap();
    let pid = std::fs::read_to_string(pid).unwrap().trim().to_owned();
    assert!(is_alive(&pid));
    host.end().await;
    assert!(!is_alive(&pid));
}

#[test]
fn what_a_script_around_a_provider_has_started_ends_with_us() {
    if executable("fixture").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let body = format!("\"$P\" & echo $! > '{}'; wait; sleep 1000", pid.display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let host = Host::new(HostOptions::new("fixture", script(folder.path(), &body)));
    runtime.block_on(host.schema()).unwrap();
    let pid = std::fs::read_to_string(pid).unwrap().trim().to_owned();
    assert!(is_alive(&pid));
    // Nobody ends the host in order: the runtime goes away beneath it.
    drop(runtime);
    wait_until("the end of the provider", Duration::from_secs(10), || !is_alive(&pid));
    drop(host);
}

#[tokio::test]
async fn unconfigured_processes_are_handed_on() {
    let Some(options) = options("fixture") else { return };
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut options = options;
    options.environment.push(("FIXTURE_LOG".into(), log.clone().into()));
    Host::new(options.clone()).schema().await.unwrap();
    let host = configured(options, Value::Map(std::sync::Arc::default())).await;
    host.schema().await.unwrap();
    let calls = std::fs::read_to_string(log).unwrap();
    assert_eq!(calls, "GetProviderSchema\nConfigureProvider\n");
}

#[tokio::test]
async fn schemas_are_kept_between_runs() {
    let Some(mut options) = options("fixture") else { return };
    let folder = tempfile::tempdir().unwrap();
    options.cache = Some(folder.path().to_owned());
    let asked = Host::new(options.clone()).schema().await.unwrap();
    // A second run has other options and the same executable; it starts nothing.
    let mut again = HostOptions::new("fixture", options.executable);
    again.cache = Some(folder.path().to_owned());
    again.environment.push(("FIXTURE_FAULT".into(), "crash:GetProviderSchema".into()));
    let kept = Host::new(again).schema().await.unwrap();
    assert_eq!(asked, kept);
}

#[tokio::test]
async fn a_schema_of_many_megabytes_is_read() {
    let Some(mut options) = options("fixture") else { return };
    options.environment.push(("FIXTURE_FAULT".into(), "huge:GetProviderSchema".into()));
    let schema = Host::new(options).schema().await.unwrap();
    assert!(schema.resources.len() > 20_000);
    assert!(schema.get(Mode::Managed, "thing_20000").is_some());
}

/// Not a test by itself: the process that `a_process_dies_with_syncline` kills.
#[tokio::test]
async fn held_by_a_process_that_is_killed() {
    let Some(script) = std::env::var_os("SYNCLINE_TEST_HOLD") else { return };
    let host = Host::new(HostOptions::new("fixture", script));
    host.schema().await.unwrap();
    std::future::pending::<()>().await;
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_dies_with_syncline() {
    if executable("fixture").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = script(folder.path(), &format!("echo $$ > '{}'; exec \"$P\"", pid.display()));
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["transport::held_by_a_process_that_is_killed", "--exact"])
        .env("SYNCLINE_TEST_HOLD", script)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let read = || std::fs::read_to_string(&pid).unwrap_or_default().trim().to_owned();
    wait_until("the start", Duration::from_secs(60), || !read().is_empty());
    let pid = read();
    assert!(is_alive(&pid));
    holder.kill().unwrap();
    holder.wait().unwrap();
    wait_until("the end", Duration::from_secs(1), || !is_alive(&pid));
}
