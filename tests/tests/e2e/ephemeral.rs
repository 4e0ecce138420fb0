//! Ephemeral resources of external providers: opened, renewed and closed, and written nowhere.
//!
//! The fixtures write their calls into a file, with what they got; it stands outside of the project, in which
//! nothing of it may be found.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::external::External;
use crate::process::{Run, finish, signal};
use crate::secrets::{files, search_for};

/// A token that another provider keeps, and that a third one is set up with.
const SOURCE: &str = r#"environment dev {
  ephemeral fixture.lease door { name = "door" }
  provider fixture as inner { token = door.token }
  resource legacy.vault v { name = "v", password = "<${door.token}>" }
  resource fixture.thing a { @provider(fixture.inner), name = "a" }
}
"#;

/// What the lease of [`SOURCE`] gives out.
const TOKEN: &str = "token~of~door";

/// A project, and the file that its providers write their calls into.
struct Watched {
    project: External,
    notes: tempfile::TempDir,
}

impl Watched {
    fn with(source: &str) -> Option<Self> {
        Some(Self { project: External::with(source)?, notes: tempfile::tempdir().unwrap() })
    }

    fn file(&self) -> PathBuf {
        self.notes.path().join("calls")
    }

    fn environment(&self) -> [(String, String); 1] {
        [("FIXTURE_LOG".to_owned(), self.file().display().to_string())]
    }

    /// Runs, and looks for the token in all that was said and written.
    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) -> Run {
        let _gone = std::fs::remove_file(self.file());
        let [(name, file)] = self.environment();
        let log = if arguments.contains(&"--json") { "trace" } else { "" };
        let log = [(name.as_str(), file.as_str()), ("SYNCLINE_LOG", log)];
        let run = self.project.run_with(arguments, &log).exits(code);
        self.search(&arguments.join(" "), &run);
        run
    }

    #[track_caller]
    fn search(&self, what: &str, run: &Run) {
        search_for(TOKEN, &format!("stdout of {what}"), run.stdout.as_bytes());
        search_for(TOKEN, &format!("stderr of {what}"), run.stderr.as_bytes());
        for file in files(&self.project.0.path("")) {
            // The programs themselves are large, and not ours.
            if !file.starts_with(self.project.0.path("mirror")) {
                search_for(TOKEN, &file.display().to_string(), &std::fs::read(&file).unwrap());
            }
        }
    }

    /// Returns the calls so far that are about what is ephemeral, and what got the token.
    fn calls(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        let is_told = |line: &&str| {
            ["Ephemeral", "closed", "got", "set up"].iter().any(|part| line.contains(part))
                && !line.starts_with("Validate")
        };
        text.lines().filter(is_told).map(str::to_owned).collect()
    }

    fn count(&self, call: &str) -> usize {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().filter(|line| line.starts_with(call)).count()
    }

    fn wait_for(&self, call: &str) {
        let begun = Instant::now();
        while self.count(call) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "{call} does not come");
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

const OPEN: &str = "OpenEphemeralResource fixture_lease";
const CLOSE: &str = "CloseEphemeralResource fixture_lease";

#[test]
fn a_token_is_handed_on_and_written_nowhere() {
    let Some(watched) = Watched::with(SOURCE) else { return };
    // A plan opens it for the provider that is set up with it.
    let planned = watched.run(&["plan", "dev", "--out", "saved.plan"], 0);
    planned.says("2 to add").says("for this run, and recorded nowhere");
    let set_up = format!("set up with {TOKEN}");
    let closed = "closed door after 0 renewals";
    assert_eq!(watched.calls(), [OPEN, &set_up, CLOSE, closed]);
    watched.run(&["plan", "dev", "--json"], 0);
    // So does the apply, which hands it to another provider as well.
    watched.run(&["apply", "--plan", "saved.plan", "--yes", "--json"], 0);
    let calls = watched.calls();
    assert_eq!(calls[0], OPEN, "{calls:?}");
    assert!(calls.contains(&format!("v got <{TOKEN}>")), "{calls:?}");
    assert!(calls.contains(&set_up), "{calls:?}");
    assert_eq!(calls[calls.len() - 2..], [CLOSE, closed], "{calls:?}");
    assert_eq!(watched.count(OPEN), 1, "{calls:?}");
    watched.run(&["plan", "dev", "--refresh", "all"], 0).says("No changes");
    for arguments in [
        &["state", "export", "dev"][..],
        &["state", "show", "dev:v", "--json"],
        &["output", "dev", "--json"],
        &["history", "dev", "--json"],
        &["eval", "dev", "--json"],
    ] {
        watched.run(arguments, 0);
    }
    watched.run(&["destroy", "dev", "--yes"], 0).says("2 destroyed");
}

#[test]
fn nothing_is_opened_for_what_does_not_change() {
    let source = "environment dev {\n  ephemeral fixture.lease door { name = \"door\" }\n  \
                  resource legacy.vault v { name = \"v\", password = door.token }\n}\n";
    let Some(watched) = Watched::with(source) else { return };
    watched.run(&["plan", "dev"], 0).says("1 to add");
    assert_eq!(watched.count(OPEN), 0);
    watched.run(&["apply", "dev", "--yes"], 0).says("1 added");
    assert_eq!((watched.count(OPEN), watched.count(CLOSE)), (1, 1));
    watched.run(&["apply", "dev", "--yes", "--refresh", "all"], 0).says("No changes");
    assert_eq!(watched.count(OPEN), 0);
}

/// A lease of so many milliseconds, in use while something slow is made.
fn slow(more: &str) -> String {
    format!(
        "environment dev {{\n  ephemeral fixture.lease door {{ name = \"door\", renew_every = 200{more} }}\n  \
         resource fixture.thing a {{ name = \"a\", fail = \"slow\", secret = door.token }}\n}}\n"
    )
}

#[test]
fn a_lease_is_renewed_while_something_slow_runs() {
    let Some(watched) = Watched::with(&slow("")) else { return };
    watched.run(&["apply", "dev", "--yes"], 0).says("1 added");
    let renewals = watched.count("RenewEphemeralResource");
    assert!(renewals >= 3, "{:?}", watched.calls());
    let calls = watched.calls();
    // The notes of the latest renewal come with the close.
    assert_eq!(calls.last().unwrap(), &format!("closed door after {renewals} renewals"));
    assert_eq!(watched.count(CLOSE), 1);
}

#[test]
fn a_lease_is_renewed_while_a_plan_takes_long() {
    let slow = |more: &str| {
        let token = format!("name = \"door\", renew_every = 200{more}");
        let wait = "\n  data local.command wait { command = \"sleep 1\" }\n}\n";
        SOURCE.replace("name = \"door\"", &token).replace("\n}\n", wait)
    };
    let Some(watched) = Watched::with(&slow("")) else { return };
    watched.run(&["plan", "dev"], 0).says("2 to add");
    let renewals = watched.count("RenewEphemeralResource");
    assert!(renewals >= 3, "{:?}", watched.calls());
    let closed = format!("closed door after {renewals} renewals");
    assert_eq!(watched.calls().last(), Some(&closed));
    watched.project.0.write("main.sync", slow(", fail = \"renew\""));
    let run = watched.run(&["plan", "dev"], 0).says("2 to add");
    run.says("cannot renew `door`: The token runs out").says("main.sync:2");
    assert_eq!((watched.count("Renew"), watched.count(CLOSE)), (1, 1));
}

#[test]
fn a_lease_that_is_not_renewed_is_told_and_fails_nothing() {
    let Some(watched) = Watched::with(&slow(", fail = \"renew\"")) else { return };
    let run = watched.run(&["apply", "dev", "--yes"], 0).says("1 added");
    run.says("cannot renew `door`: The token runs out");
    assert_eq!((watched.count("Renew"), watched.count(CLOSE)), (1, 1));
}

#[test]
fn what_fails_to_open_stops_what_needs_it() {
    let source = SOURCE.replace("name = \"door\"", "name = \"door\", fail = \"open\"");
    let Some(watched) = Watched::with(&source) else { return };
    watched.run(&["plan", "dev"], 1).says("There is no token today").says("main.sync:2");
    assert_eq!(watched.count(CLOSE), 0);
    let source = source.replace("  provider fixture as inner { token = door.token }\n", "");
    let source = source.replace("@provider(fixture.inner), ", "");
    watched.project.0.write("main.sync", source);
    watched.run(&["plan", "dev"], 0).says("2 to add");
    let run = watched.run(&["apply", "dev", "--yes"], 1);
    run.says("There is no token today").says("1 added").says("Not started: v");
    assert_eq!(watched.count(CLOSE), 0);
    assert_eq!(watched.count("v got"), 0);
}

#[test]
fn what_fails_to_close_is_told_and_fails_nothing() {
    let source = SOURCE.replace("name = \"door\"", "name = \"door\", fail = \"close\"");
    let Some(watched) = Watched::with(&source) else { return };
    let said = "cannot close `door`: The token cannot be taken back";
    watched.run(&["plan", "dev"], 0).says(said);
    watched.run(&["apply", "dev", "--yes"], 0).says("2 added").says(said);
    assert_eq!((watched.count(OPEN), watched.count(CLOSE)), (2, 2));
}

#[test]
fn a_lease_is_closed_after_a_failure() {
    let source = "environment dev {\n  ephemeral fixture.lease door { name = \"door\" }\n  \
                  resource fixture.thing a { name = \"a\", fail = \"create\", secret = door.token }\n}\n";
    let Some(watched) = Watched::with(source) else { return };
    watched.run(&["apply", "dev", "--yes"], 1).says("It was made by half");
    assert_eq!((watched.count(OPEN), watched.count(CLOSE)), (1, 1));
    // A provider that crashes with the token in its hands takes it with it.
    let [(name, file)] = watched.environment();
    let crash = [(name.as_str(), file.as_str()), ("FIXTURE_FAULT", "crash:ApplyResourceChange")];
    let run = watched.project.run_with(&["apply", "dev", "--yes"], &crash).exits(1);
    watched.search("a crash", &run);
    run.says("this provider crashes in ApplyResourceChange");
}

#[test]
fn a_lease_is_closed_after_an_interrupt() {
    for times in [1, 2] {
        let Some(watched) = Watched::with(&slow("")) else { return };
        let [(name, file)] = watched.environment();
        let environment = [(name.as_str(), file.as_str())];
        let child = watched.project.start(&["apply", "dev", "--yes"], &environment);
        watched.wait_for("a got");
        for _ in 0..times {
            signal(child.id(), "INT");
            std::thread::park_timeout(Duration::from_millis(100));
        }
        let run = finish(child).exits(130);
        watched.search("an interrupted apply", &run);
        assert_eq!(watched.count(CLOSE), 1, "{times}: {:?}", watched.calls());
        let again = watched.run(&["apply", "dev", "--yes"], 0);
        again.says(if times == 1 { "No changes" } else { "added" });
    }
}

#[test]
fn faults_of_the_calls_are_told_with_the_providers_name() {
    let Some(watched) = Watched::with(SOURCE) else { return };
    let title = "the provider `fixture` (example.com/test/fixture 1.2.3)";
    for (fault, said) in [
        ("crash:OpenEphemeralResource", "stopped"),
        ("rubbish:OpenEphemeralResource", "gave an answer that cannot be used"),
        ("huge:OpenEphemeralResource", "gave an answer that cannot be used"),
    ] {
        let run = watched.project.run_with(&["plan", "dev"], &[("FIXTURE_FAULT", fault)]).exits(1);
        run.says(&format!("{title} {said}")).says("OpenEphemeralResource").says("`door`");
    }
    let fault = [("FIXTURE_FAULT", "crash:CloseEphemeralResource")];
    let run = watched.project.run_with(&["plan", "dev"], &fault).exits(0);
    run.says("2 to add").says("this provider crashes in CloseEphemeralResource");
    let flood = [("FIXTURE_FAULT", "flood:OpenEphemeralResource")];
    watched.project.run_with(&["plan", "dev"], &flood).exits(0).says("2 to add");
}
