//! One run at a time on one environment, and an interruption that loses nothing.

use std::io::{BufRead as _, BufReader};

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
    let project = Project::with(SLOW);
    project.pipe("gate");
    let mut run = project.command(&["apply", "dev", "--yes", "--json"]).spawn().unwrap();
    let process = run.id();
    let rest = until_started(&mut run);
    assert!(signal(process, "INT").success());
    project.release("gate");
    let run = finish(run);
    rest.join().unwrap();
    run.exits(130);
    assert!(!project.path("last").exists(), "what had not started is not started");
    let list = project.run(&["state", "list", "dev"]).exits(0);
    assert_eq!(list.stdout.matches("slow").count(), 1, "what ran is recorded");
    project.run(&["apply", "dev", "--yes"]).exits(0);
    assert!(project.path("last").exists());
}
