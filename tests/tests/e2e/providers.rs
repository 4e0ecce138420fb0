//! External providers: where they are looked for, what is pinned, and what is said when one is not
//! there, not trusted or not a provider.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::external::{External, PROVIDERS, tofu};
use crate::process::{Project, Run};

const SOURCE: &str = r#"project "p" {
  providers = { thing = { source = "example.com/team/thing", version = "~> 1.0" } }
}
environment dev {
  resource thing.box a {}
}
"#;

fn project() -> Project {
    let project = Project::empty();
    project.write("project.sync", SOURCE);
    project
}

/// Puts a program into a mirror of the project.
fn offer(project: &Project, version: &str, program: &str) -> PathBuf {
    let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let folder = format!("mirror/example.com/team/thing/{version}/{os}_{arch}");
    std::fs::create_dir_all(project.path(&folder)).unwrap();
    let path = project.path(format!("{folder}/terraform-provider-thing_v{version}"));
    std::fs::write(&path, program).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn run(project: &Project, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command.env("SYNCLINE_PLUGIN_DIR", project.path("mirror"));
    crate::process::finish(command.spawn().unwrap())
}

#[test]
fn a_provider_that_is_nowhere_is_one_diagnostic_that_says_where_was_looked() {
    let project = project();
    let run = run(&project, &["check"])
        .exits(1)
        .says("E0806")
        .says("example.com/team/thing ~> 1.0")
        .says("mirror: it does not have this provider")
        .says("the registry example.com: it was not asked: SYNCLINE_OFFLINE is set")
        .says("syncline providers mirror DIR");
    assert_eq!(run.stderr.matches("E0307").count(), 0, "{}", run.stderr);
    offer(&project, "2.0.0", "");
    self::run(&project, &["plan"])
        .exits(1)
        .says("no version fits; there are 2.0.0")
        .says("Allow one of the versions that are there");
    project.write(
        "syncline.lock",
        "provider \"example.com/team/thing\" {\n  version = \"1.5.0\"\n}\n",
    );
    self::run(&project, &["plan"]).exits(1).says("It is syncline.lock that pins 1.5.0");
}

#[test]
fn what_is_there_and_cannot_be_used_says_how_to_mend_it() {
    let project = project();
    let program = project.path(offer(&project, "1.2.0", "#!/nowhere/sh\n"));
    run(&project, &["check"]).exits(1).says("its interpreter");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o644)).unwrap();
    run(&project, &["check"]).exits(1).says("it is not executable: `chmod +x`");
    std::fs::remove_file(&program).unwrap();
    run(&project, &["check"])
        .exits(1)
        .says("holds no program named terraform-provider-thing")
        .says("or take the folder away");
    project.write("syncline.lock", "provider {");
    run(&project, &["check"]).exits(1).says("`syncline providers lock` writes it anew");
    std::fs::remove_file(project.path("syncline.lock")).unwrap();
    let folder = program.parent().unwrap();
    std::fs::rename(folder, folder.with_file_name("plan9_mips")).unwrap();
    run(&project, &["check"]).exits(1).says("it has this provider for plan9_mips");
}

#[test]
fn a_type_that_is_none_is_told_with_what_there_is() {
    let project = Project::new();
    for (name, says) in [
        ("local_file", "Did you mean `local.file`?"),
        ("local.local_file", "Did you mean `local.file`?"),
        ("local.file.path", "`syncline providers docs local.file` tells what there is in it"),
        ("time.stat", "There is `time.static`."),
        ("random.zebra", "`syncline providers schema random` lists what there is."),
        ("rndom", "Did you mean `random`?"),
    ] {
        project.run(&["providers", "docs", name]).exits(1).says(says);
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let project = project();
    let folder = "mirror/example.com/team/thing";
    std::fs::create_dir_all(project.path(folder)).unwrap();
    let name = format!("terraform-provider-thing_1.0.0_{}.zip", crate::external::platform());
    // An archive with nothing in it.
    let empty = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    std::fs::write(project.path(format!("{folder}/{name}")), empty).unwrap();
    project.write("cache", "a file");
    let mut command = project.command(&["check"]);
    command.env("SYNCLINE_PLUGIN_DIR", project.path("mirror"));
    command.env("SYNCLINE_CACHE_DIR", project.path("cache"));
    crate::process::finish(command.spawn().unwrap())
        .exits(1)
        .says("E0808")
        .says("SYNCLINE_CACHE_DIR names another folder");
}

#[test]
fn a_program_that_is_no_provider_is_told_with_what_it_said() {
    let project = project();
    offer(&project, "1.2.0", "#!/bin/sh\necho 'this is no plugin' >&2\nexit 1\n");
    run(&project, &["check"]).exits(1).says("E0809").says("this is no plugin");
}

#[test]
fn the_lock_file_pins_versions_and_checksums() {
    let project = project();
    let program = offer(&project, "1.2.0", "one");
    run(&project, &["providers", "lock", "--check"]).exits(1).says("`thing` is not locked");
    run(&project, &["providers", "lock"])
        .exits(0)
        .says("Installed example.com/team/thing 1.2.0 from the folder")
        .says("syncline.lock is new")
        .says("thing 1.2.0 example.com/team/thing");
    let lock = std::fs::read_to_string(project.path("syncline.lock")).unwrap();
    assert!(lock.contains("version     = \"1.2.0\"") && lock.contains("\"h1:"), "{lock}");
    run(&project, &["providers", "lock", "--check"]).exits(0);

    // A newer version does not matter until it is asked for.
    offer(&project, "1.3.0", "two");
    run(&project, &["providers", "lock"]).exits(0).says("thing 1.2.0");
    std::fs::write(program, "changed").unwrap();
    run(&project, &["check"]).exits(1).says("E0807").says("is not what the lock file pins");
    run(&project, &["providers", "lock", "--upgrade"])
        .exits(0)
        .says("thing 1.3.0")
        .says("syncline.lock has changed");
}

#[test]
fn a_mirror_is_filled_and_used() {
    let project = project();
    offer(&project, "1.2.0", "one");
    run(&project, &["providers", "mirror", "packed"]).exits(0).says("thing 1.2.0");
    let index = project.path("packed/example.com/team/thing/index.json");
    assert!(std::fs::read_to_string(index).unwrap().contains("1.2.0"));
    std::fs::rename(project.path("packed"), project.path("mirror2")).unwrap();
    std::fs::remove_dir_all(project.path("mirror")).unwrap();
    std::fs::rename(project.path("mirror2"), project.path("mirror")).unwrap();
    // The archive has the same contents, so the lock file accepts it.
    run(&project, &["providers", "lock"]).exits(0).says("thing 1.2.0");
}

#[test]
fn opentofu_takes_a_mirror_that_we_filled() {
    let Some(tofu) = tofu() else {
        eprintln!("skipped: no `tofu` is on the path or named by SYNCLINE_TOFU");
        return;
    };
    let Some(project) = External::with("environment dev {}\n") else { return };
    project.run(&["providers", "mirror", "packed"]).exits(0).says("fixture 1.2.3");
    let ours = project.0;
    let theirs = Project::empty();
    let mut text = String::from("terraform {\n  required_providers {\n");
    for (kind, version) in PROVIDERS {
        text += &format!(
            "    {kind} = {{\n      source = \"example.com/test/{kind}\"\n      version = \"{version}\"\n    }}\n"
        );
    }
    text += "  }\n}\nresource \"time_static\" \"t\" {}\nresource \"fixture_thing\" \"a\" {\n  name = \"a\"\n}\n";
    theirs.write("main.tf", text);
    let mirror = ours.path("packed").canonicalize().unwrap();
    let settings = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        mirror.display()
    );
    theirs.write("rc", settings);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&tofu);
        command.args(arguments).arg("-no-color").current_dir(theirs.path("."));
        command.env("TF_CLI_CONFIG_FILE", theirs.path("rc")).env("CHECKPOINT_DISABLE", "1");
        let ran = command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "tofu {arguments:?}: {said}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let said = run(&["init", "-input=false"]);
    assert!(said.contains("Installed example.com/test/fixture v1.2.3"), "{said}");
    // Both pin the same bytes.
    let lock = |file: PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let hashes = text.lines().map(str::trim).filter(|line| line.starts_with("\"h1:"));
        let mut hashes: Vec<String> =
            hashes.map(|hash| hash.trim_end_matches(',').to_owned()).collect();
        hashes.sort();
        hashes
    };
    let pinned = lock(theirs.path(".terraform.lock.hcl"));
    assert_eq!((pinned.len(), &pinned), (PROVIDERS.len(), &lock(ours.path("syncline.lock"))));
    assert!(run(&["apply", "-auto-approve", "-input=false"]).contains("2 added"));
    run(&["destroy", "-auto-approve", "-input=false"]);
}

#[test]
fn configuration_that_is_not_well_formed_is_told() {
    let project = project();
    project.write("rc", "provider_installation { carrier_pigeon {} }\n");
    let mut command = project.command(&["check"]);
    command.env("SYNCLINE_CONFIG_FILE", project.path("rc"));
    let run = crate::process::finish(command.spawn().unwrap());
    run.exits(1).says("E0808").says("carrier_pigeon");
}

#[test]
fn a_developed_provider_is_overridden_and_not_locked() {
    let project = project();
    let program = offer(&project, "1.2.0", "#!/bin/sh\nexit 1\n");
    let rc = format!(
        "provider_installation {{\n dev_overrides {{ \"example.com/team/thing\" = \"{}\" }}\n}}\n",
        program.parent().unwrap().display()
    );
    project.write("rc", rc);
    let mut command = project.command(&["check"]);
    command.env("SYNCLINE_CONFIG_FILE", project.path("rc"));
    crate::process::finish(command.spawn().unwrap()).exits(1).says("W0810").says("E0809");
    assert!(!project.path("syncline.lock").exists());
}

#[test]
fn a_lock_file_that_cannot_be_read_is_an_error() {
    let project = project();
    offer(&project, "1.2.0", "one");
    std::fs::create_dir(project.path("syncline.lock")).unwrap();
    run(&project, &["check"]).exits(1).says("E0808");
}

#[test]
fn the_reference_of_a_provider_is_markdown() {
    let project = Project::with("environment dev {}\n");
    project
        .run(&["providers", "docs", "local"])
        .exits(0)
        .says("## resource local.file")
        .says("- `path`: `string` (required");
    project.run(&["providers", "docs", "nothing"]).exits(1).says("nothing");
    let one =
        project.run(&["providers", "docs", "time.static"]).exits(0).says("## resource time.static");
    assert!(
        !one.stdout.contains("time.offset") && !one.stdout.contains("## function"),
        "{}",
        one.stdout
    );
    project.run(&["providers", "docs", "time.nothing"]).exits(1).says("time.nothing");
}

#[test]
fn a_type_that_is_misspelled_has_a_near_one() {
    let project = Project::with("environment dev {}\n");
    for (name, near) in
        [("local.fil", "local.file"), ("local.local_file", "local.file"), ("locl", "local")]
    {
        let run = project.run(&["providers", "docs", name]).exits(1);
        run.says(&format!("Did you mean `{near}`?"));
    }
    project
        .run(&["providers", "schema", "void.x"])
        .exits(1)
        .says("The providers are local, random, terraform, time.");
}
