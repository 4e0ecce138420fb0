//! OpenTofu runs our providers, where there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{plugin, tofu};
use crate::versions::{by_hand, end};

/// A project of OpenTofu's that uses our providers.
struct Project {
    tofu: PathBuf,
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Option<Self> {
        let project = Self { tofu: tofu()?, folder: tempfile::tempdir().unwrap() };
        let programs = plugin("local");
        let programs = programs.parent().unwrap().display();
        let overrides: String = ["local", "random", "time"]
            .map(|name| format!("    \"example.com/syncline/{name}\" = \"{programs}\"\n"))
            .concat();
        let settings =
            format!("provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n}}\n");
        project.write("settings.tfrc", &settings);
        let sources: String = ["local", "random", "time"]
            .map(|name| format!("    {name} = {{ source = \"example.com/syncline/{name}\" }}\n"))
            .concat();
        let required = format!("terraform {{\n  required_providers {{\n{sources}  }}\n}}\n");
        project.write("providers.tf", &required);
        Some(project)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.at(path), text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.tofu);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("TF_CLI_CONFIG_FILE", self.at("settings.tfrc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let ran = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "tofu {arguments:?}\n{said}{errors}");
        said
    }

    #[track_caller]
    fn apply(&self) -> String {
        self.run(&["apply", "-auto-approve", "-no-color"])
    }

    /// Returns the actions of a plan by address.
    #[track_caller]
    fn actions(&self) -> Vec<(String, String)> {
        self.run(&["plan", "-no-color", "-out=plan"]);
        let plan: Value = serde_json::from_str(&self.run(&["show", "-json", "plan"])).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap();
        let text = |one: &Value| one.as_str().unwrap().to_owned();
        changes
            .iter()
            .map(|one| {
                let actions = one["change"]["actions"].as_array().unwrap();
                let actions: Vec<String> = actions.iter().map(text).collect();
                (text(&one["address"]), actions.join("+"))
            })
            .collect()
    }
}

fn main_file(content: &str, path: &str, days: u32, length: u32) -> String {
    format!(
        "resource \"random_string\" \"name\" {{ length = {length} }}\n\
         resource \"time_offset\" \"later\" {{ offset_days = {days} }}\n\
         resource \"local_directory\" \"out\" {{ path = \"out\" }}\n\
         resource \"local_file\" \"note\" {{\n\
           path    = \"${{local_directory.out.path}}/{path}\"\n\
           content = \"{content} ${{length(random_string.name.result)}}\"\n\
         }}\n\
         resource \"local_symlink\" \"link\" {{\n\
           path   = \"link\"\n\
           target = local_file.note.id\n\
         }}\n\
         data \"local_file\" \"back\" {{ path = local_file.note.path }}\n\
         output \"back\" {{ value = data.local_file.back.content }}\n"
    )
}

#[test]
fn opentofu_runs_our_providers() {
    let Some(project) = Project::new() else { return };
    project.write("main.tf", &main_file("one", "a", 1, 8));
    assert!(project.apply().contains("5 added, 0 changed, 0 destroyed"));
    assert_eq!(project.text("out/a"), "one 8");
    assert_eq!(std::fs::read_link(project.at("link")).unwrap(), Path::new("out/a"));
    assert!(project.apply().contains("No changes"));
    // In place, then anew.
    project.write("main.tf", &main_file("two", "a", 2, 8));
    assert!(project.apply().contains("0 added, 2 changed, 0 destroyed"));
    assert_eq!(project.text("out/a"), "two 8");
    project.write("main.tf", &main_file("two", "b", 2, 9));
    let actions = project.actions();
    let of = |address: &str| {
        actions.iter().find(|(own, _)| own == address).map(|(_, actions)| actions.as_str())
    };
    assert_eq!(of("local_file.note"), Some("delete+create"));
    assert_eq!(of("random_string.name"), Some("delete+create"));
    assert_eq!(of("local_symlink.link"), Some("update"));
    assert_eq!(of("time_offset.later"), Some("no-op"));
    project.apply();
    assert_eq!(project.text("out/b"), "two 9");
    assert!(!project.at("out/a").exists());
    // What somebody changed is put right.
    project.write("out/b", "theirs");
    assert!(project.apply().contains("1 changed"));
    assert_eq!(project.text("out/b"), "two 9");
    // What is there is taken over.
    project.run(&["state", "rm", "local_file.note"]);
    project.run(&["import", "local_file.note", "out/b"]);
    assert!(!project.actions().iter().any(|(_, actions)| actions.contains("create")));
    let state = project.run(&["show", "-json"]);
    assert!(state.contains("\"two 9\""), "{state}");
    project.run(&["destroy", "-auto-approve", "-no-color"]);
    assert!(!project.at("out").exists() && !project.at("link").exists());
}

#[test]
fn opentofu_shows_our_diagnostics() {
    let Some(project) = Project::new() else { return };
    let twice = "resource \"local_file\" \"a\" {\n  path = \"a\"\n  content = \"x\"\n  \
                 content_base64 = \"eA==\"\n}\n";
    project.write("main.tf", twice);
    let ran = project.command(&["plan", "-no-color"]).output().unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(!ran.status.success());
    assert!(errors.contains("Error: The content is given twice"), "{errors}");
    assert!(errors.contains("on main.tf line 4"), "{errors}");
}

#[test]
fn opentofu_attaches_to_our_providers() {
    let Some(tofu) = tofu() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut child, told) = by_hand("notes", folder.path());
    let text = "terraform {\n  required_providers {\n    notes = { source = \"example.com/me/notes\" }\n  }\n}\n\
                resource \"notes_note\" \"a\" {\n  title = \"a\"\n  text = \"one\"\n}\n";
    std::fs::write(folder.path().join("main.tf"), text).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&tofu);
        command.args(arguments).current_dir(folder.path()).env("TF_REATTACH_PROVIDERS", &told);
        command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        let ran = command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "tofu {arguments:?}\n{said}{errors}");
        said
    };
    let apply = ["apply", "-auto-approve", "-no-color"];
    assert!(run(&apply).contains("1 added"));
    assert!(run(&apply).contains("No changes"));
    assert!(child.try_wait().unwrap().is_none(), "it goes on");
    assert_eq!(std::fs::read_to_string(folder.path().join("notes/a")).unwrap(), "one");
    run(&["destroy", "-auto-approve", "-no-color"]);
    end(&mut child);
}
