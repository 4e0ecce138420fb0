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

/// Returns the lines of a type.
fn of_type<'a>(all: &'a [Json], kind: &str) -> Vec<&'a Json> {
    all.iter().filter(|own| own["type"] == kind).collect()
}

#[test]
fn a_check_tells_diagnostics_and_a_summary() {
    let project = Project::with(SOURCE);
    let all = documents(&project.run(&["check", "--json"]).exits(0));
    let [one] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(one["type"], "check_summary");
    assert_eq!(one["@message"], "1 environment, 1 resource: ok");
    let expected = serde_json::json!({
        "valid": true, "errors": 0, "warnings": 0, "environments": ["dev"], "resources": 1, "open": [],
    });
    assert_eq!(one["check_summary"], expected);
    // Warnings are told as well, and so is what may be written in place of a mistake.
    let source =
        "environment dev {\n  param sizes: int = 1\n  let size = sizse\n  output o = size\n}\n";
    project.write("main.sync", source);
    let run = project.run(&["check", "--json"]).exits(1).says("Did you mean");
    let all = documents(&run);
    let told = &of_type(&all, "diagnostic")[0]["diagnostic"];
    assert_eq!(told["labels"][0]["range"], told["range"]);
    let mend = &told["suggestions"][0];
    assert_eq!((&mend["replacement"], &mend["certain"]), (&"size".into(), &false.into()));
    assert_eq!(mend["range"]["start"]["line"], 3);
    let summary = &of_type(&all, "check_summary")[0]["check_summary"];
    assert_eq!((&summary["valid"], &summary["errors"]), (&false.into(), &1.into()));
    assert_eq!(summary["resources"], Json::Null);
    // So it is where what was given is wrong.
    project.write("main.sync", SOURCE);
    let all = documents(&project.run(&["check", "--json", "--set", "=1"]).exits(1));
    assert!(!of_type(&all, "diagnostic").is_empty());
    assert_eq!(of_type(&all, "check_summary").len(), 1);
}

#[test]
fn tests_tell_what_came_of_each() {
    let project = Project::with("environment dev {\n  param n: int = 1\n}\n");
    project.write(
        "main_test.sync",
        "test \"fine\" {\n  environment = dev\n  expect n == 1\n}\n\
         test \"wrong\" {\n  environment = dev\n  expect n == 2\n}\n",
    );
    let run = project.run(&["test", "--json"]).exits(1);
    let all = documents(&run);
    let kinds: Vec<&str> = all.iter().map(|own| own["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["test_run", "test_run", "diagnostic", "test_summary"]);
    assert_eq!(all[0]["test_run"]["status"], "pass");
    let expected = serde_json::json!({
        "path": "main_test.sync", "run": "wrong", "line": 5, "progress": "complete", "status": "fail",
        "expectations": 1,
    });
    assert_eq!(all[1]["test_run"], expected);
    assert_eq!(
        (&all[2]["@testfile"], &all[2]["@testrun"]),
        (&"main_test.sync".into(), &"wrong".into())
    );
    assert_eq!(all[2]["diagnostic"]["range"]["start"]["line"], 7);
    let summary = serde_json::json!({ "status": "fail", "passed": 1, "failed": 1 });
    assert_eq!(all[3]["test_summary"], summary);
    assert!(run.stderr.contains("FAIL main_test.sync:5 wrong"), "{}", run.stderr);
    let all = documents(&project.run(&["test", "fine", "--json"]).exits(0));
    assert_eq!(all.last().unwrap()["@message"], "1 passed, 0 failed");
}

#[test]
fn environments_that_an_apply_does_not_come_to_are_named() {
    let project = Project::with(
        "environment a {\n  resource local.command x { create = \"false\" }\n}\n\
         environment b {\n  resource local.file y { path = \"b\", content = \"b\" }\n}\n\
         environment c extends b {}\n",
    );
    let run = project.run(&["apply", "--yes", "--json"]).exits(1).says("Not applied: `b`, `c`.");
    let all = documents(&run);
    let left = of_type(&all, "environment_skipped");
    let left: Vec<&Json> = left.iter().map(|own| &own["environment"]).collect();
    assert_eq!(left, ["b", "c"]);
    // What is told of one that cannot be planned names it, and the others are planned.
    project.write(
        "main.sync",
        "environment a {\n  data local.command x { command = \"false\" }\n  output o = x.stdout\n}\n\
         environment b {\n  resource local.file y { path = \"b\", content = \"b\" }\n}\n",
    );
    let all = documents(&project.run(&["plan", "--json"]).exits(1));
    assert_eq!(of_type(&all, "diagnostic")[0]["environment"], "a");
    assert!(all.iter().any(|own| own["syncline"]["environment"] == "b"));
}
