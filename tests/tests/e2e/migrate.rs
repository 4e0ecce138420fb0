//! A Terraform project with two workspaces, migrated: the first plan of each is empty.
//!
//! The states in `migrate/` were written by Terraform 1.11 with the providers that the test runs.

use std::path::{Path, PathBuf};

use crate::process::{Project, Run, finish};

/// The providers and the versions that the project may take.
const PROVIDERS: [(&str, &str); 4] =
    [("local", "1.4.0"), ("null", "1.0.0"), ("random", "2.0.0"), ("time", "0.14.0")];

/// Puts the providers into a mirror; tells whether all of them were built.
fn mirror(project: &Project) -> bool {
    let Some(built) = std::env::var_os("SYNCLINE_TEST_PROVIDERS").map(PathBuf::from) else {
        return false;
    };
    let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    PROVIDERS.iter().all(|(name, version)| {
        let program = format!("terraform-provider-{name}");
        let folder = format!("mirror/registry.opentofu.org/hashicorp/{name}/{version}/{os}_{arch}");
        std::fs::create_dir_all(project.path(&folder)).unwrap();
        let from = built.join(&program);
        from.exists() && std::fs::copy(from, project.path(folder).join(program)).is_ok()
    })
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Makes the files that a state knows of.
fn files(project: &Project, state: &Path) {
    let state: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(state).unwrap()).unwrap();
    let resources = state["resources"].as_array().unwrap();
    for resource in resources.iter().filter(|own| own["type"] == "local_file") {
        for instance in resource["instances"].as_array().unwrap() {
            let text = |name: &str| instance["attributes"][name].as_str().unwrap().to_owned();
            let path = project.path("new").join(text("filename"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text("content")).unwrap();
        }
    }
}

fn run(project: &Project, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command
        .env("SYNCLINE_PLUGIN_DIR", project.path("mirror"))
        .env("XDG_CONFIG_HOME", project.path(".config"));
    finish(command.spawn().unwrap())
}

#[test]
fn the_first_plan_of_a_migrated_project_is_empty() {
    let project = Project::empty();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/migrate");
    copy(&fixture, &project.path("old"));
    if !mirror(&project) {
        eprintln!("skipped: the external providers were not built: `cargo xtask test` does");
        return;
    }
    run(&project, &["migrate", "old", "--into", "new"])
        .exits(0)
        .says("Took over 14 resources of `prod`")
        .says("Took over 12 resources of `staging`");
    for workspace in ["prod", "staging"] {
        files(
            &project,
            &fixture.join(format!("terraform.tfstate.d/{workspace}/terraform.tfstate")),
        );
    }
    run(&project, &["-C", "new", "check"]).exits(0).says("2 environments, 26 resources: ok");
    run(&project, &["-C", "new", "fmt", "--check"]).exits(0);
    for environment in ["prod", "staging"] {
        run(&project, &["-C", "new", "plan", environment, "--detailed-exitcode"])
            .exits(0)
            .says("No changes.");
    }
    // A second time it would write over what may have been changed meanwhile.
    run(&project, &["migrate", "old", "--into", "new"]).exits(1).says("is there already");
    run(&project, &["migrate", "old", "--into", "new", "--force"])
        .exits(1)
        .says("something is recorded of `prod` already");
    run(&project, &["migrate", "old", "--into", "new", "--force", "--no-state"]).exits(0);
}

#[test]
fn what_is_not_translated_fails_check() {
    let project = Project::empty();
    std::fs::create_dir(project.path("old")).unwrap();
    project.write(
        "old/main.tf",
        "resource \"local_file\" \"a\" {\n  filename = \"a\"\n  content = timestamp()\n}\n",
    );
    let run = run(&project, &["migrate", "old"])
        .exits(0)
        .says("not translated: main.tf:3: the function `timestamp` has no counterpart")
        .says("one thing was not");
    // Without the provider it is still written, and said.
    assert!(run.stderr.contains("E0806") && project.path("old/base.sync").exists());
    self::run(&project, &["migrate", "nowhere"]).exits(1).says("nowhere");
}
