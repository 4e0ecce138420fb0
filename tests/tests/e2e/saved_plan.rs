//! Saved plans: executed exactly, and refused when what they were made from has moved.

use crate::process::Project;

const SOURCE: &str = "environment dev {\n  param text: string = \"one\"\n  resource local.file f { path = \"f\", content = text }\n}\n";

#[test]
fn a_saved_plan_is_executed_exactly() {
    let project = Project::with(SOURCE);
    project.run(&["plan", "dev", "--out", "saved"]).exits(0);
    project.run(&["apply", "--plan", "saved", "--yes"]).exits(0).says("Apply complete");
    assert_eq!(std::fs::read_to_string(project.path("f")).unwrap(), "one");
}

#[test]
fn a_plan_is_stale_when_the_state_has_moved() {
    let project = Project::with(SOURCE);
    project.run(&["plan", "dev", "--out", "saved"]).exits(0);
    project.run(&["apply", "dev", "--yes", "--set", "text=two"]).exits(0);
    project.run(&["apply", "--plan", "saved", "--yes"]).exits(3).says("state");
    assert_eq!(std::fs::read_to_string(project.path("f")).unwrap(), "two");
}

#[test]
fn a_plan_is_stale_when_the_configuration_has_moved() {
    let project = Project::with(SOURCE);
    project.run(&["plan", "dev", "--out", "saved"]).exits(0);
    project.write("main.sync", SOURCE.replace("one", "two"));
    project.run(&["apply", "--plan", "saved", "--yes"]).exits(3).says("configuration");
    assert!(!project.path("f").exists());
}

#[test]
fn a_damaged_plan_is_refused() {
    let project = Project::with(SOURCE);
    project.run(&["plan", "dev", "--out", "saved"]).exits(0);
    let whole = std::fs::read(project.path("saved")).unwrap();
    let mut damaged =
        vec![Vec::new(), whole[..whole.len() / 2].to_vec(), b"{}".to_vec(), vec![0; 64]];
    for at in [whole.len() / 3, whole.len() / 2, whole.len() - 10] {
        let mut edited = whole.clone();
        edited[at] ^= 1;
        damaged.push(edited);
    }
    for bytes in damaged {
        project.write("damaged", &bytes);
        project.run(&["apply", "--plan", "damaged", "--yes"]).exits(1).says("damaged");
        assert!(!project.path("f").exists());
    }
}

#[test]
fn what_is_protected_is_not_destroyed() {
    let project = Project::with(
        "environment dev {\n  resource local.file f { @protect  path = \"f\", content = \"x\" }\n}\n",
    );
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["destroy", "dev", "--yes"]).exits(4);
    assert!(project.path("f").exists());
}

#[test]
#[cfg(unix)]
fn what_a_plan_is_saved_to_stays_what_it_is() {
    use std::os::unix::fs::FileTypeExt as _;
    let project = Project::with(SOURCE);
    // What a link leads to is written, and not put in the link's place.
    project.write("real", "old");
    std::os::unix::fs::symlink("real", project.path("link")).unwrap();
    project.run(&["plan", "dev", "--out", "link"]).exits(0);
    assert!(std::fs::symlink_metadata(project.path("link")).unwrap().is_symlink());
    let real = std::fs::read_to_string(project.path("real")).unwrap();
    assert!(real.starts_with("{\"syncline_plan\":"), "{real}");
    // Through a pipe it goes from one run to the next.
    project.pipe("pipe");
    let plan = project.command(&["plan", "dev", "--out", "pipe"]).spawn().unwrap();
    let apply = project.run(&["apply", "--plan", "pipe", "--yes"]);
    crate::process::finish(plan).exits(0);
    apply.exits(0).says("Apply complete");
    assert!(std::fs::metadata(project.path("pipe")).unwrap().file_type().is_fifo());
    // What has no end is not read to it.
    project.run(&["apply", "--plan", "/dev/zero", "--yes"]).exits(1).says("not a plan file");
}
