//! The examples and a new project, as their readers run them.

use crate::process::{Project, tree};

/// Applies each environment, finds nothing to do, destroys, and finds the folder as it was.
fn round_trip(project: &Project, environments: &[&str]) {
    let before = tree(&project.path("."));
    project.run(&["check"]).exits(0);
    project.run(&["fmt", "--check"]).exits(0);
    for environment in environments {
        project.run(&["plan", environment, "--detailed-exitcode"]).exits(2);
        project.run(&["apply", environment, "--yes"]).exits(0).says("Apply complete");
        project
            .run(&["plan", environment, "--detailed-exitcode", "--refresh", "all"])
            .exits(0)
            .says("No changes");
        project.run(&["apply", environment, "--yes"]).exits(0).says("No changes");
    }
    assert_ne!(tree(&project.path(".")), before, "something was made");
    for environment in environments {
        project.run(&["destroy", environment, "--yes"]).exits(0);
        let left = project.run(&["state", "list", environment]).exits(0);
        assert_eq!(left.stdout.trim(), "", "nothing is recorded any more");
    }
    // The folder that holds the environments' folders is nobody's resource.
    let after: Vec<String> =
        tree(&project.path(".")).into_iter().filter(|name| name != "out").collect();
    assert_eq!(after, before, "destroy leaves nothing behind");
}

#[test]
fn quickstart() {
    round_trip(&Project::example("quickstart"), &["dev", "staging", "prod"]);
}

#[test]
fn shop() {
    round_trip(&Project::example("shop"), &["dev", "staging", "prod"]);
}

#[test]
fn regions() {
    round_trip(&Project::example("regions"), &["dev", "staging"]);
    let project = Project::example("regions");
    project.run(&["test"]).exits(0).says("7 passed, 0 failed");
    project.run(&["plan", "prod"]).exits(0).says("prod/eu-west-1").says("prod/us-east-1");
    project.run(&["destroy", "prod", "--yes"]).exits(1).says("has keys");
    project.run(&["explain", "prod/us-east-1:storefront.web.replicas"]).exits(0).says("12");
    across(&project);
}

/// `entry` reads what the regions give, and those what `shared` gives.
fn across(project: &Project) {
    let entry = project.run(&["apply", "entry", "--yes"]).exits(1);
    entry.says("syncline apply prod/eu-west-1 entry");
    let run = project.run(&["apply", "entry", "prod", "shared", "--yes"]).exits(0);
    let at = |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("{text}\n{}", run.stdout));
    assert!(at("actions in shared") < at("actions in prod/eu-west-1"));
    assert!(at("actions in prod/us-east-1") < at("actions in entry"));
    let text = |name: &str| std::fs::read_to_string(project.path(name)).unwrap();
    let release = project.run(&["output", "shared", "release", "--raw"]).exits(0).stdout;
    assert!(text("out/entry/routes.conf").contains(release.trim()));
    assert!(
        text("out/entry/routes.conf")
            .contains("route us-east-1 to https://us-east-1.shop.example;")
    );
    let keys = ["eu-west-1", "us-east-1"].map(|one| text(&format!("out/prod-{one}/signing.key")));
    assert_eq!(keys[0], keys[1]);
    assert!(!run.stdout.contains(&keys[0]) && !run.stderr.contains(&keys[0]), "a secret is shown");
    project.run(&["plan", "--detailed-exitcode", "prod", "entry"]).exits(0);
    // A new release reaches every region, and says where it is from.
    project.write("shared.sync", text("shared.sync").replace("2024.", "2025."));
    project.run(&["apply", "shared", "--yes"]).exits(0);
    project.run(&["explain", "entry:routes.content"]).exits(0).says("(shared, run 2)");
    project.run(&["apply", "prod", "entry", "--yes"]).exits(0);
    assert!(text("out/entry/routes.conf").starts_with("# Release 2025."));
}

#[test]
fn a_difference_as_json_says_what_sets_each_value() {
    let project = Project::with(
        "environment staging {\n  param size: int = 1\n  secret param key: string = \"one\"\n  \
         resource local.file f { path = \"f-${environment.name}\", content = \"${size}\" }\n  \
         resource local.file k { path = \"k\", content = key }\n  output size_was = size\n}\n\
         environment prod extends staging {\n  size = 2\n  key = \"two\"\n  remove k\n  \
         resource local.file g { path = \"g\", content = \"g\" }\n}\n",
    );
    let run = project.run(&["diff", "staging", "prod", "--json"]).exits(0);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let list = |path: &str| document[path].as_array().unwrap().clone();
    let size = list("parameters").into_iter().find(|own| own["name"] == "size").unwrap();
    assert_eq!((&size["before"], &size["after"]), (&1.into(), &2.into()));
    assert_eq!(size["set_by"][0], "main.sync:9 (prod)");
    let changes: Vec<String> = list("resources")
        .iter()
        .map(|own| format!("{} {}", own["address"], own["change"]).replace('"', ""))
        .collect();
    assert_eq!(changes, ["f changed", "g added", "k removed"]);
    assert_eq!(list("outputs")[0]["after"], 2);
    assert!(document["pending"]["prod"].is_null(), "never applied");
    assert!(!run.stdout.contains("two") && run.stdout.contains("(secret)"), "{}", run.stdout);
}

#[test]
fn a_new_project_applies_at_once() {
    let project = Project::empty();
    project.run(&["new", "site"]).exits(0);
    // Beside sources there is no room for another project, whatever they are called.
    std::fs::create_dir(project.path("taken")).unwrap();
    for source in ["project.sync", "environments.sync", "other.sync"] {
        project.write(&format!("taken/{source}"), "environment dev {}\n");
        let refused = project.run(&["new", "taken"]).exits(1);
        refused.says(&format!("taken/{source} is there already"));
        std::fs::remove_file(project.path("taken").join(source)).unwrap();
    }
    let here = Project::empty().run(&["new", "."]).exits(0);
    assert!(here.stdout.starts_with("wrote project.sync\n"), "{}", here.stdout);
    project.run(&["-C", "site", "check"]).exits(0);
    project.run(&["-C", "site", "fmt", "--check"]).exits(0);
    project.run(&["-C", "site", "plan"]).exits(0);
    let environments = project.run(&["-C", "site", "plan", "dev", "--detailed-exitcode"]);
    environments.exits(2);
    project.run(&["-C", "site", "apply", "dev", "--yes"]).exits(0);
    project.run(&["-C", "site", "plan", "dev"]).exits(0).says("No changes");
}

#[test]
fn the_commands_that_only_look() {
    let project = Project::example("quickstart");
    project.run(&["plan", "staging", "prod"]).exits(0).says("staging").says("prod");
    project.run(&["diff", "staging", "prod"]).exits(0).says("domain");
    project.run(&["explain", "prod:config.mode"]).exits(0).says("environments.sync");
    project.run(&["eval", "prod", "workers"]).exits(0).says("8");
    project.run(&["graph", "prod"]).exits(0).says("config");
    project.run(&["plan", "dev", "--json"]).exits(0).says("\"format_version\"");
    project.run(&["plan", "dev", "--markdown"]).exits(0);
    project.run(&["providers", "list"]).exits(0).says("local");
    project.run(&["providers", "schema"]).exits(0).says("byte_length");
    project.run(&["completions", "bash"]).exits(0).says("syncline");
    project.run(&["version"]).exits(0).says("0.1.0");
    project.run(&["--version"]).exits(0).says("syncline 0.1.0");
    project.run(&["plan", "prdo"]).exits(1).says("prod");
}

#[test]
fn a_changed_parameter_shows_where_it_comes_from() {
    let project = Project::example("quickstart");
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let source = std::fs::read_to_string(project.path("environments.sync")).unwrap();
    let changed = source.replace("domain = \"localhost\"", "domain = \"127.0.0.1\"");
    assert_ne!(source, changed);
    project.write("environments.sync", changed);
    project
        .run(&["plan", "dev", "--detailed-exitcode"])
        .exits(2)
        .says("environments.sync:")
        .says("(site)")
        .says("127.0.0.1");
}

#[test]
fn two_runs_print_the_same_bytes() {
    for example in ["quickstart", "shop"] {
        let project = Project::example(example);
        let first = project.run(&["plan", "--json"]).exits(0);
        let second = project.run(&["plan", "--json"]).exits(0);
        assert_eq!(first.stdout, second.stdout, "before an apply of {example}");
        project.run(&["apply", "dev", "--yes"]).exits(0);
        let first = project.run(&["plan", "--json"]).exits(0);
        let second = project.run(&["plan", "--json"]).exits(0);
        assert_eq!(first.stdout, second.stdout, "after an apply of {example}");
    }
}

#[test]
fn no_secret_is_shown_or_kept_in_clear() {
    let project = Project::with(
        "environment dev {\n  secret param key: string\n  resource local.file f { path = \"f\", content = key }\n  output again = key\n}\n",
    );
    let secret = "kept-from-everyone";
    for arguments in [
        vec!["plan", "dev", "--out", "saved"],
        vec!["plan", "dev", "--json"],
        vec!["plan", "dev", "--markdown"],
        vec!["eval", "dev"],
        vec!["apply", "dev", "--yes"],
        vec!["output", "dev"],
        vec!["state", "show", "dev:f"],
        vec!["state", "export", "dev"],
        vec!["history", "dev"],
    ] {
        let mut command = project.command(&arguments);
        command.env("SYNCLINE_VAR_key", secret);
        let run = crate::process::finish(command.spawn().unwrap()).exits(0);
        let shown = format!("{}{}", run.stdout, run.stderr);
        assert!(!shown.contains(secret), "{arguments:?} shows it:\n{shown}");
    }
    assert_eq!(std::fs::read_to_string(project.path("f")).unwrap(), secret);
    let clear = secret.as_bytes();
    let mut folders = vec![project.path(".syncline")];
    let mut kept = vec![project.path("saved")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { kept.push(path) }
        }
    }
    for path in kept {
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(clear.len()).any(|window| window == clear);
        assert!(!found, "{} has it in clear", path.display());
    }
}
