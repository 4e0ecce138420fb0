//! What programs read with `--json`, where something goes wrong as well.

use serde_json::Value as Json;

use crate::process::{Project, Run};

/// Returns what was printed: a document a line.
fn documents(run: &Run) -> Vec<Json> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the only diagnostic that was printed.
#[track_caller]
fn diagnostic(run: &Run) -> Json {
    let all = documents(run);
    let [one] = all.as_slice() else { panic!("one line is printed: {}", run.stdout) };
    assert_eq!(one["type"], "diagnostic");
    assert_eq!(one["@level"], "error");
    one["diagnostic"].clone()
}

const SOURCE: &str =
    "environment dev {\n  resource local.file a { path = \"a\", content = \"b\" }\n}\n";

#[test]
fn what_fails_before_a_run_is_a_diagnostic() {
    let project = Project::with(SOURCE);
    for (arguments, summary) in [
        (&["plan", "prod", "--json"][..], "there is no environment `prod`"),
        (&["apply", "prod", "--json", "--yes"], "there is no environment `prod`"),
        (&["apply", "dev", "--json"], "nobody is there to approve the plan of `dev`"),
        (&["history", "dev", "7", "--json"], "`dev` has no run 7"),
        (&["state", "show", "dev:a", "--json"], "nothing is recorded"),
        (&["plan", "dev", "--json", "--bad"], "unexpected argument '--bad' found"),
        (&["plan", "dev", "--json", "--markdown"], "cannot be used with"),
    ] {
        let run = project.run(arguments).exits(1);
        let last = documents(&run).pop().unwrap();
        let told = last["diagnostic"]["summary"].as_str().unwrap();
        assert!(told.contains(summary), "{arguments:?}: {told}");
        assert!(run.stderr.contains(told.lines().next().unwrap()), "{}", run.stderr);
    }
    let empty = Project::empty();
    let told = diagnostic(&empty.run(&["plan", "--json"]).exits(1));
    assert!(told["summary"].as_str().unwrap().starts_with("there is no project in"));
    assert!(told["help"].as_str().unwrap().contains("syncline new"));
}

#[test]
fn a_state_that_is_broken_is_a_diagnostic() {
    let project = Project::with(SOURCE);
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.write(".syncline/state.db", "none");
    for arguments in [&["plan", "dev", "--json"][..], &["output", "dev", "--json"]] {
        let told = diagnostic(&project.run(arguments).exits(1));
        assert!(told["summary"].as_str().unwrap().contains("is not a state file of Syncline"));
    }
}

#[test]
fn every_event_names_its_environment() {
    let source = "environment a {\n  resource local.file x { path = \"a\", content = \"b\" }\n}\n";
    let project = Project::with(source);
    project.write(
        "b.sync",
        source.replace("environment a", "environment b").replace("\"a\"", "\"b\""),
    );
    let applied = project.run(&["apply", "--yes", "--json"]).exits(0);
    let all = documents(&applied);
    let of = |name: &str| all.iter().filter(|own| own["environment"] == name).count();
    assert_eq!(of("a"), of("b"));
    assert_eq!(of("a") + of("b"), all.len(), "{}", applied.stdout);
    let history = project.run(&["history", "a", "--json"]).exits(0);
    let history: Json = serde_json::from_str(&history.stdout).unwrap();
    let time = history[0]["time"].as_str().unwrap();
    assert!(time.contains('T') && time.ends_with('Z'), "{time}");
}

#[test]
fn a_mistake_in_the_source_has_its_place() {
    let project = Project::with("environment dev {\n  resource local.fil a { }\n}\n");
    let told = diagnostic(&project.run(&["plan", "--json"]).exits(1));
    assert_eq!(told["code"], "E0306");
    assert_eq!(told["severity"], "error");
    assert_eq!(told["range"]["filename"], "main.sync");
    assert_eq!(told["range"]["start"]["line"], 2);
    assert_eq!(told["range"]["start"]["column"], 18);
    // What only warns is no part of a document that is whole.
    project.write("main.sync", SOURCE);
    assert_eq!(documents(&project.run(&["plan", "--json"]).exits(0)).len(), 1);
}
