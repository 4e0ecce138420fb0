//! One run at a time on one environment, and an interruption that loses nothing.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::process::{Project, finish, signal};

/// A command that waits on a pipe, and a file that waits for the command.
const SLOW: &str = "\
environment dev {
  resource local.command slow { create = \"echo started > started; cat gate > /dev/null\" }
  resource local.file last { path = \"last\", content = \"done\", @after(slow) }
}
";

/// Waits until a run has said that it starts on the slow command.
fn until_started(child: &mut std::process::Child) -> std::thread::JoinHandle<String> {
    let stdout = child.stdout.take().unwrap();
    let mut lines = BufReader::new(stdout);
    let mut text = String::new();
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line).unwrap();
        text.push_str(&line);
        assert_ne!(read, 0, "the run ended before it started the command:\n{text}");
        if line.contains("apply_start") {
            break;
        }
    }
    std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            text.push_str(&line);
            text.push('\n');
        }
        text
    })
}

#[test]
fn the_second_run_names_who_holds_the_environment() {
    let project = Project::with(SLOW);
    project.pipe("gate");
    let mut first = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
    let process = first.id().to_string();
    let rest = until_started(&mut first);
    project
        .run(&["apply", "dev", "--yes", "--lock-timeout", "1s"])
        .exits(3)
        .says(&process)
        .says("unlock");
    project.run(&["history", "dev"]).exits(0).says("under way");
    project.run(&["state", "unlock", "dev"]).exits(1).says("That process runs, on this machine.");
    // Reading is no run: a plan is possible all the while.
    project.run(&["plan", "dev", "--refresh", "none"]).exits(0);
    project.release("gate");
    let run = finish(first);
    rest.join().unwrap();
    run.exits(0);
    project.run(&["apply", "dev", "--yes", "--lock-timeout", "1s"]).exits(0).says("No changes");
}

#[test]
fn the_second_run_waits_for_the_first() {
    let project = Project::with(SLOW);
    project.pipe("gate");
    let mut first = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
    let rest = until_started(&mut first);
    let second =
        project.command(&["apply", "dev", "--yes", "--lock-timeout", "60s"]).spawn().unwrap();
    project.release("gate");
    let run = finish(first);
    rest.join().unwrap();
    run.exits(0);
    finish(second).exits(0);
    project.run(&["plan", "dev"]).exits(0).says("No changes");
}

#[test]
fn the_first_interrupt_lets_what_runs_end() {
    for name in ["INT", "TERM", "HUP"] {
        let project = Project::with(SLOW);
        project.pipe("gate");
        let mut run = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
        let process = run.id();
        let rest = until_started(&mut run);
        assert!(signal(process, name).success());
        project.release("gate");
        let run = finish(run);
        rest.join().unwrap();
        run.exits(130).says("Stopping");
        assert!(!project.path("last").exists(), "what had not started is not started");
        let list = project.run(&["state", "list", "dev"]).exits(0);
        assert_eq!(list.stdout.matches("slow").count(), 1, "what ran is recorded");
        project.run(&["apply", "dev", "--yes"]).exits(0);
        assert!(project.path("last").exists());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_shall_outlive_its_terminal_does() {
    let project = Project::with(SLOW);
    project.pipe("gate");
    let own = project.command(&["apply", "dev", "--yes", "--json"]);
    let mut command = Command::new("nohup");
    command.arg(own.get_program()).args(own.get_args()).current_dir(project.path(""));
    command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut run = command.spawn().unwrap();
    let rest = until_started(&mut run);
    assert!(signal(run.id(), "HUP").success());
    project.release("gate");
    let run = finish(run);
    rest.join().unwrap();
    run.exits(0);
    assert!(project.path("last").exists());
}

/// Waits until a run has said something.
fn until_said(run: &mut Child, text: &str) {
    let mut said = String::new();
    let stderr = run.stderr.as_mut().unwrap();
    while !said.contains(text) {
        let mut byte = [0];
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "the run ended:\n{said}");
        said.push(char::from(byte[0]));
    }
}

#[test]
fn an_interrupt_at_the_question_is_an_answer() {
    for name in ["INT", "TERM", "HUP"] {
        let project = Project::with(SLOW);
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let inside = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let inside = std::fs::File::open(inside).unwrap();
        let mut run = project.command(&["apply", "dev"]).stdin(inside).spawn().unwrap();
        until_said(&mut run, "Only 'yes' is accepted: ");
        assert!(signal(run.id(), name).success());
        finish(run).exits(130).says("Interrupted: nothing was done in dev.");
        assert!(!project.path(".syncline").exists(), "nothing was done");
    }
}

#[test]
fn an_interrupt_ends_the_wait_for_another_run() {
    let project = Project::with(SLOW);
    project.pipe("gate");
    let mut first = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
    let rest = until_started(&mut first);
    let waiting = ["apply", "dev", "--yes", "--lock-timeout", "1h"];
    let mut second = project.command(&waiting).spawn().unwrap();
    until_said(&mut second, "Waiting for");
    assert!(signal(second.id(), "INT").success());
    finish(second).exits(130).says("Interrupted: nothing was done in dev.");
    project.release("gate");
    let first = finish(first);
    rest.join().unwrap();
    first.exits(0);
}

#[test]
fn an_interrupt_ends_planning() {
    let project = Project::with(
        "environment dev {\n  resource local.command a {\n    create = \"true\"\n    \
         read = \"cat gate > /dev/null; cat gate > /dev/null\"\n  }\n}\n",
    );
    project.pipe("gate");
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let run = project.command(&["apply", "dev", "--yes"]).spawn().unwrap();
    // It reads, and what it reads does not end.
    project.release("gate");
    assert!(signal(run.id(), "INT").success());
    finish(run).exits(130).says("Interrupted: nothing was done in dev.");
    let history = project.run(&["history", "dev", "--json"]).exits(0);
    assert_eq!(history.stdout.matches("\"goal\"").count(), 1, "it has not become a run");
}

#[test]
fn a_run_that_was_killed_has_no_numbers() {
    let project = Project::with(SLOW);
    project.pipe("gate");
    let mut run = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
    let rest = until_started(&mut run);
    assert!(signal(run.id(), "KILL").success());
    finish(run);
    rest.join().unwrap();
    // The command may have outlived the run: it shall not wait for ever.
    let mut release = Command::new("timeout");
    release.args(["5", "sh", "-c", "echo go > gate"]).current_dir(project.path(""));
    release.status().unwrap();
    let history = project.run(&["history", "dev"]).exits(0).says("did not end");
    let last = history.stdout.lines().last().unwrap_or_default().to_owned();
    let ends = last.split("did not end").nth(1).unwrap_or_default();
    assert!(ends.split_whitespace().all(|cell| cell == "-"), "{last}");
}
