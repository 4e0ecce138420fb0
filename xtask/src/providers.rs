//! Builds the external providers that tests run: fixtures in Go, and published ones, unmodified.
//!
//! Takes Go where there is one, returns the folder of the executables. What cannot be built is
//! said; the tests that need it skip, and say so too.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{cargo, complain};

/// Published providers that the Go module proxy serves as installable programs.
const PUBLISHED: [(&str, &str); 3] = [
    ("time", "github.com/hashicorp/terraform-provider-time@v0.14.2"),
    ("local", "github.com/terraform-providers/terraform-provider-local@v1.4.0"),
    ("http", "github.com/terraform-providers/terraform-provider-http@v1.2.0"),
];

/// Programs of ours: the folder of their module, their package there, and the provider's name.
/// (`null` and `random` are published ones from before Go had modules, with a `main` of ours.)
const OWN: [(&str, &str, &str); 4] = [
    ("", "./framework", "fixture"),
    ("", "./sdk", "legacy"),
    ("older", "./null", "null"),
    ("older", "./random", "random"),
];

/// A program of ours that drives providers, with the library that others drive them with.
const CLIENT: (&str, &str) = ("./client", "plugin-client");

/// Builds the providers and returns their folder.
pub(crate) fn build() -> PathBuf {
    let folder = cargo::target_dir().join("providers");
    let Some(go) = find_go() else {
        complain("there is no Go, so no external provider is built");
        return folder;
    };
    if let Err(error) = std::fs::create_dir_all(&folder) {
        complain(&format!("{} could not be made: {error}", folder.display()));
        return folder;
    }
    let fixtures = cargo::root().join("providers/protocol/fixtures");
    for (module, package, name) in OWN {
        let mut command = Command::new(&go);
        command.args(["build", "-o"]).arg(executable(&folder, name)).arg(package);
        run(command.current_dir(fixtures.join(module)));
    }
    let (package, name) = CLIENT;
    let mut command = Command::new(&go);
    let file = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    command.args(["build", "-o"]).arg(file).arg(package);
    run(command.current_dir(&fixtures));
    for (name, module) in PUBLISHED {
        if !executable(&folder, name).exists() {
            let mut command = Command::new(&go);
            run(command.args(["install", module]).env("GOBIN", &folder));
        }
    }
    folder
}

fn executable(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("terraform-provider-{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the Go command: the one that is named, on the path, or where it is usually installed.
fn find_go() -> Option<PathBuf> {
    let named = std::env::var_os("GO").map(PathBuf::from);
    let usual = ["go", "/usr/local/go/bin/go"].map(PathBuf::from);
    let works = |go: &PathBuf| {
        Command::new(go).arg("version").output().is_ok_and(|output| output.status.success())
    };
    named.into_iter().chain(usual).find(works)
}

fn run(command: &mut Command) {
    if let Err(failure) = cargo::succeed(command) {
        complain(&failure);
    }
}
