//! History, rollback and drift, as a user meets them.

use crate::process::Project;

fn source(text: &str, more: &str) -> String {
    format!(
        "environment dev {{\n  resource local.file a {{ path = \"a\", content = \"{text}\" }}\n{more}  output text = \"{text}\"\n}}\n"
    )
}

const MORE: &str = "  resource local.file b { path = \"b\", content = a.sha256 }\n";

fn text(project: &Project, name: &str) -> String {
    std::fs::read_to_string(project.path(name)).unwrap()
}

#[test]
fn a_rollback_is_a_plan_to_what_a_run_was_configured_with() {
    let project = Project::with(&source("one", MORE));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let second = text(&project, "b");
    project.write("main.sync", source("two", ""));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    assert!(!project.path("b").exists());
    project
        .run(&["history", "dev", "show", "1"])
        .exits(0)
        .says("2 added")
        .says("create")
        .says("local.file")
        .says("rollback dev --to 1");
    project.run(&["history", "show", "dev", "7"]).exits(1).says("no run 7");
    // What a plan names can be looked up: its places are the run's, and not lines that nothing prints.
    let back = project.run(&["rollback", "dev", "--to", "1", "--out", "back.plan"]).exits(0);
    assert!(
        back.stdout.contains("   run 1\n") && !back.stdout.contains("run 1:"),
        "{}",
        back.stdout
    );
    back.says("`syncline history dev 1` shows what run 1 did");
    let back = ["rollback", "dev", "--to", "1", "--json", "--out", "back.plan"];
    project.run(&back).exits(0).says(r#""declared":{"file":"run 1","line":null,"overlay":""}"#);
    // The source need not even be sound.
    project.write("main.sync", "environment dev {\n  resource local.file a { path = }\n}\n");
    project.run(&["rollback", "dev", "--yes"]).exits(0).says("1 added, 1 changed, 0 destroyed");
    assert_eq!((text(&project, "a").as_str(), text(&project, "b")), ("one", second));
    project.run(&["history", "dev"]).exits(0).says("rollback to 1");
    project.run(&["rollback", "dev", "--to", "3", "--yes"]).exits(0).says("No changes");
    project.run(&["rollback", "dev", "--to", "9", "--yes"]).exits(1).says("no run 9");
    project.write("main.sync", source("one", MORE));
    project.run(&["plan", "dev", "--detailed-exitcode"]).exits(0).says("No changes");
}

#[test]
fn a_rollback_gives_what_was_moved_its_name_back() {
    let project = Project::with(&source("one", ""));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let renamed = |text: &str| {
        let more = format!(
            "  moved a -> b\n  resource local.file b {{ path = \"a\", content = \"{text}\" }}\n"
        );
        format!("environment dev {{\n{more}  output text = \"{text}\"\n}}\n")
    };
    project.write("main.sync", renamed("two"));
    project.run(&["apply", "dev", "--yes"]).exits(0).says("0 added, 1 changed, 0 destroyed");
    project.run(&["state", "mv", "dev:b", "c"]).exits(0);
    project.run(&["rollback", "dev", "--to", "1", "--out", "back"]).exits(0).says("c is a now");
    let back = project.run(&["apply", "--plan", "back", "--yes"]).exits(0);
    back.says("0 added, 1 changed, 0 destroyed");
    assert_eq!(text(&project, "a"), "one");
    project.run(&["state", "list", "dev"]).exits(0).says("a  local.file");
    project.write("main.sync", source("one", ""));
    project.run(&["plan", "dev", "--detailed-exitcode"]).exits(0).says("No changes");
}

#[test]
fn a_record_is_moved_within_its_environment() {
    let project = Project::with(&source("one", MORE));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project
        .run(&["state", "mv", "dev:a", "prod:a"])
        .exits(1)
        .says("`dev:a` stays in `dev`, and `prod` is another environment");
    project.run(&["state", "mv", "dev:a", "dev:a"]).exits(1).says("it is `dev:a` already");
    project.run(&["state", "mv", "dev:a", "dev:c"]).exits(0).says("dev:a is dev:c now");
}

#[test]
fn what_was_moved_there_and_back_is_not_moved_by_a_rollback() {
    let project = Project::with(&source("one", MORE));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    for (from, to) in [("dev:a", "c"), ("dev:b", "d"), ("dev:c", "a"), ("dev:d", "b")] {
        project.run(&["state", "mv", from, to]).exits(0);
    }
    project.run(&["rollback", "dev", "--to", "1", "--yes"]).exits(0).says("No changes");
    // What has changed places goes back through a third one.
    for (from, to) in [("dev:a", "c"), ("dev:b", "a"), ("dev:c", "b")] {
        project.run(&["state", "mv", from, to]).exits(0);
    }
    project.run(&["rollback", "dev", "--to", "1", "--yes"]).exits(0);
    project.run(&["plan", "dev", "--detailed-exitcode"]).exits(0).says("No changes");
}

#[test]
fn a_saved_rollback_is_executed_exactly_and_refused_when_stale() {
    let project = Project::with(&source("one", ""));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.write("main.sync", source("two", ""));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["rollback", "dev", "--to", "1", "--out", "back"]).exits(0).says("apply --plan");
    assert_eq!(text(&project, "a"), "two");
    project.run(&["apply", "--plan", "back", "--yes"]).exits(0).says("Apply complete");
    assert_eq!(text(&project, "a"), "one");
    project.run(&["apply", "--plan", "back", "--yes"]).exits(3).says("state has changed");
}

#[test]
fn a_rollback_to_a_destroyed_environment_destroys_it() {
    let project = Project::with(&source("one", ""));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["destroy", "dev", "--yes"]).exits(0);
    project.run(&["rollback", "dev", "--to", "1", "--yes"]).exits(0).says("1 added");
    project.run(&["rollback", "dev", "--to", "2", "--yes"]).exits(0).says("1 destroyed");
    assert!(!project.path("a").exists());
}

#[test]
fn secrets_of_an_earlier_run_are_kept_and_not_shown() {
    let source = |secret: &str| {
        format!(
            "environment dev {{\n  param key: secret string = \"{secret}\"\n  resource local.file a {{ path = \"a\", content = key }}\n}}\n"
        )
    };
    let project = Project::with(&source("canary-one"));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.write("main.sync", source("canary-two"));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let run = project.run(&["rollback", "dev", "--to", "1", "--yes"]).exits(0);
    assert!(!run.stdout.contains("canary") && !run.stderr.contains("canary"), "{}", run.stdout);
    assert_eq!(text(&project, "a"), "canary-one");
    let state = std::fs::read_dir(project.path(".syncline")).unwrap();
    for entry in state {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(
            !bytes.windows(6).any(|window| window == b"canary"),
            "a secret stands in the state"
        );
    }
}

#[test]
fn lines_for_programs_name_moves_and_what_a_run_was_for() {
    let project = Project::with(&source("one", ""));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["state", "mv", "dev:a", "b"]).exits(0);
    project
        .run(&["rollback", "dev", "--yes", "--json", "--to", "1"])
        .exits(0)
        .says(r#""action":"move","previous_resource":{"addr":"b"},"resource":{"addr":"a"}"#)
        .says("Apply complete: 0 added");
    let destroy = project.run(&["destroy", "dev", "--yes", "--json"]).exits(0);
    destroy.says("Destroy complete: 0 added").says(r#""operation":"destroy""#);
}

#[test]
fn drift_is_told_by_its_kind_and_changes_nothing() {
    let project = Project::with(&source("one", MORE));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["drift", "dev"]).exits(0).says("No drift");
    project.write("a", "other");
    std::fs::remove_file(project.path("b")).unwrap();
    project
        .run(&["drift", "dev", "--parallelism", "2"])
        .exits(2)
        .says("a was changed")
        .says("b is gone")
        .says("1 changed, 1 deleted, 0 left behind, 0 in flight, 0 unverifiable");
    let json = project.run(&["drift", "dev", "--json"]).exits(2);
    assert!(json.stdout.contains("\"class\": \"deleted\""), "{}", json.stdout);
    assert_eq!(text(&project, "a"), "other");
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["drift", "dev"]).exits(0);
}

#[test]
fn a_failed_apply_says_how_to_go_on() {
    let project = Project::with(&source("one", MORE));
    project.write("b", "somebody else's");
    project.run(&["apply", "dev", "--yes"]).exits(1).says("To go on: syncline apply dev");
    project.write("main.sync", source("one", MORE).replace("dev {", "dev {\n  param x: int = 1"));
    project
        .run(&["apply", "dev", "--yes", "--set", "x=2"])
        .exits(1)
        .says("To go on: syncline apply dev with the same --set and --vars");
    std::fs::remove_file(project.path("b")).unwrap();
    project.run(&["apply", "dev", "--yes"]).exits(0).says("1 added");
}
