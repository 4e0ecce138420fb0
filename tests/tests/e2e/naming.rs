//! Providers and types as programs know them, whatever the project calls them.

use serde_json::Value as Json;

use crate::external::{External, built, platform};
use crate::process::Run;

/// A source whose last part is not what the types begin with, as `google-beta` is none of `google_...`.
const SOURCE: &str = "example.com/test/random-beta";

fn documents(run: &Run) -> Vec<Json> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn project(name: &str, keepers: &str) -> String {
    format!(
        "project \"test\" {{\n  providers = {{ {name} = {{ source = \"{SOURCE}\", version = \"2.0.0\" }} }}\n}}\n\
         environment dev {{\n  resource {name}.integer a {{ min = 1, max = 6{keepers} }}\n  \
         resource {name}.integer b {{ min = 1, max = 6 }}\n}}\n"
    )
}

/// Returns a project with a provider of that source, called `cloud`.
fn set_up() -> Option<External> {
    let project_of = External::with("")?;
    let folder = format!("mirror/{SOURCE}/2.0.0/{}", platform());
    std::fs::create_dir_all(project_of.0.path(&folder)).unwrap();
    let target = project_of.0.path(folder).join("terraform-provider-random-beta");
    std::fs::copy(built("random")?, target).unwrap();
    project_of.0.write("main.sync", "");
    project_of.0.write("project.sync", project("cloud", ""));
    Some(project_of)
}

#[test]
fn programs_are_told_types_as_their_provider_calls_them() {
    let Some(external) = set_up() else { return };
    let planned = external.run(&["plan", "dev", "--json", "--out", "saved.plan"]).exits(0);
    let document = &documents(&planned)[0];
    for change in document["resource_changes"].as_array().unwrap() {
        assert_eq!(change["type"], "random_integer");
        assert_eq!(change["provider_name"], SOURCE);
    }
    assert_eq!(document["syncline"]["provenance"]["a"]["provider"], "cloud");
    let saved = std::fs::read_to_string(external.0.path("saved.plan")).unwrap();
    assert!(saved.contains("\"resource_type\":\"random_integer\""), "{saved}");
    let applied = external.run(&["apply", "--plan", "saved.plan", "--yes", "--json"]).exits(0);
    let all = documents(&applied);
    let mut told = all.iter().filter_map(|line| line.pointer("/hook/resource")).peekable();
    assert!(told.peek().is_some());
    for resource in told {
        assert_eq!(resource["resource_type"], "random_integer");
        assert_eq!(resource["implied_provider"], "random");
        assert_eq!(resource["provider"], "cloud");
    }
}

#[test]
fn what_is_recorded_keeps_the_type_whatever_becomes_of_the_name() {
    let Some(external) = set_up() else { return };
    external.run(&["apply", "dev", "--yes"]).exits(0);
    let export = || external.run(&["state", "export", "dev", "--format", "terraform"]).exits(0);
    let exported = export();
    exported
        .says("\"type\": \"random_integer\"")
        .says("provider[\\\"example.com/test/random-beta\\\"]");
    // One is changed under the other name, and one is left as it was.
    external.0.write("project.sync", project("other", ", keepers = { a = \"b\" }"));
    let planned = external.run(&["plan", "dev", "--json"]).exits(0);
    for part in ["resource_changes", "planned_values/root_module/resources"] {
        let document = &documents(&planned)[0];
        let all = document.pointer(&format!("/{part}")).unwrap().as_array().unwrap();
        assert!(all.iter().all(|own| own["type"] == "random_integer"), "{all:?}");
        assert!(all.iter().all(|own| own["provider_name"] == SOURCE), "{all:?}");
    }
    external.run(&["apply", "dev", "--yes"]).exits(0);
    let again = export();
    external.0.write("old.tfstate", &again.stdout);
    assert_eq!(again.stdout.matches("\"type\": \"random_integer\"").count(), 2);
    external.run(&["state", "show", "dev:a", "--json"]).exits(0).says("\"random_integer\"");
    // What comes from there is what its provider has made.
    let own = std::fs::read_to_string(external.0.path("project.sync")).unwrap();
    external.0.write("project.sync", own.replace("environment dev", "environment copy"));
    external.run(&["state", "import", "copy", "old.tfstate"]).exits(0);
    external.run(&["state", "list", "copy"]).exits(0).says("other.integer");
    external.run(&["plan", "copy"]).exits(0).says("No changes.");
}

#[test]
fn a_type_as_its_provider_calls_it_has_an_answer() {
    let Some(external) = External::with("") else { return };
    let settings = std::fs::read_to_string(external.0.path("project.sync")).unwrap();
    external.0.write("project.sync", settings.replacen("    fixture = {", "    other = {", 1));
    for written in ["fixture_thing", "fixture.thing"] {
        let source = format!("environment dev {{\n  resource {written} a {{ name = \"a\" }}\n}}\n");
        external.0.write("main.sync", source);
        let told = "A type is the provider's name here, a dot, and the rest: `other.thing`.";
        external.run(&["check"]).exits(1).says("E0307").says(told);
    }
    let docs = external.run(&["providers", "docs", "fixture_thing"]).exits(1);
    docs.says("Did you mean `other.thing`?");
}
