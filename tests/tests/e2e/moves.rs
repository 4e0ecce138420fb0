//! Records that become ones of another type, and resources that are adopted by their identity.

use crate::external::External;
use crate::process::Project;

const BEFORE: &str = r#"environment dev {
  resource fixture.thing a { name = "a" }
  resource legacy.thing l { name = "l" }
}
"#;

const AFTER: &str = r#"environment dev {
  resource fixture.other b { name = "a" }
  moved a -> b
  resource fixture.other l { name = "l" }
  moved l -> l
}
"#;

#[test]
fn records_become_ones_of_another_type() {
    let Some(project) = External::with(BEFORE) else { return };
    project.run(&["apply", "dev", "--yes"]).exits(0).says("2 added");
    // Without `moved` the old ones go, and new ones are made.
    project
        .0
        .write("main.sync", AFTER.replace("  moved a -> b\n", "").replace("  moved l -> l\n", ""));
    project.run(&["plan", "dev"]).exits(0).says("2 to add, 0 to change, 2 to destroy");
    project.0.write("main.sync", AFTER);
    let nothing = "0 to add, 0 to change, 0 to destroy";
    let planned = project.run(&["plan", "dev", "--out", "saved.plan"]).exits(0).says(nothing);
    planned
        .says("# a is b now")
        .says("# b is a fixture.other now, and was a fixture.thing")
        .says("# l is a fixture.other now, and was a legacy.thing");
    let notes = tempfile::tempdir().unwrap();
    let file = notes.path().join("calls").display().to_string();
    let log = [("FIXTURE_LOG", file.as_str())];
    project.run_with(&["plan", "dev"], &log).exits(0);
    let calls = std::fs::read_to_string(&file).unwrap();
    assert!(calls.contains("moved example.com/test/fixture fixture_thing of version 1"), "{calls}");
    assert!(calls.contains("moved example.com/test/legacy legacy_thing of version 1"), "{calls}");
    project.run(&["apply", "--plan", "saved.plan", "--yes"]).exits(0);
    let shown = project.run(&["state", "show", "dev:l"]).exits(0);
    shown.says("fixture.other").says("was legacy_thing").says("id-l");
    // It has been done, and says nothing any more.
    let again = project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    assert!(!again.stdout.contains("is b now"), "{}", again.stdout);
    // A change goes with it as well.
    project.0.write("main.sync", AFTER.replace("\"l\" }", "\"m\" }"));
    project.run(&["apply", "dev", "--yes"]).exits(0).says("1 changed");
    project.run(&["destroy", "dev", "--yes"]).exits(0).says("2 destroyed");
}

#[test]
fn a_record_that_is_not_taken_over_is_an_error() {
    let before =
        "environment dev {\n  resource fixture.thing a { name = \"a\", fail = \"move\" }\n}\n";
    let Some(project) = External::with(before) else { return };
    project.run(&["apply", "dev", "--yes"]).exits(0).says("1 added");
    let after =
        |kind: &str| format!("environment dev {{\n  resource {kind} }}\n  moved a -> b\n}}\n");
    project.0.write("main.sync", after("fixture.other b { name = \"a\""));
    let run = project.run(&["plan", "dev"]).exits(1);
    run.says("cannot move `b`: It does not move").says("main.sync:2");
    // Of the plugin framework, of the plugin SDK, and of the SDK before it.
    for kind in ["clock.static b {", "legacy.thing b { name = \"a\"", "nothing.resource b {"] {
        project.0.write("main.sync", after(kind));
        project.run(&["plan", "dev"]).exits(1).says("cannot move `b`: ");
    }
    project.0.write("main.sync", after("fixture.other b { name = \"a\""));
    for (fault, said) in [("crash", "stopped"), ("rubbish", "gave an answer that cannot be used")] {
        let fault = format!("{fault}:MoveResourceState");
        let run = project.run_with(&["plan", "dev"], &[("FIXTURE_FAULT", fault.as_str())]).exits(1);
        if fault.starts_with("crash") {
            run.says("(example.com/test/fixture 1.2.3)").says(said).says("MoveResourceState");
        }
    }
    project.0.write("main.sync", before);
    project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
}

#[test]
fn what_exists_is_adopted_by_its_identity() {
    let source = |identity: &str| {
        format!(
            "environment dev {{\n  let region = \"here\"\n  resource fixture.other a {{ name = \"imported\" }}\n  \
             adopt a = {identity}\n}}\n"
        )
    };
    let Some(project) = External::with(&source("{ id = \"o-7\", region = region }")) else {
        return;
    };
    let planned = project.run(&["plan", "dev"]).exits(0);
    planned
        .says("a takes over what exists as { id = \"o-7\", region = \"here\" }")
        .says("0 to add, 0 to change, 0 to destroy");
    for (identity, said) in [
        ("{ region = region }", "the identity has no `id`"),
        ("{ id = \"o\", nme = 1 }", "nme"),
        ("{ id = [1] }", "id"),
        ("5", "E0301"),
    ] {
        project.0.write("main.sync", source(identity));
        project.run(&["plan", "dev"]).exits(1).says(said).says("adopt a =");
    }
    let other = source("{ id = \"o-7\" }")
        .replace("fixture.other a { name = \"imported\" }", "chance.id a { byte_length = 1 }");
    project.0.write("main.sync", other);
    project.run(&["plan", "dev"]).exits(1).says("the type has no identity of attributes");
    project.0.write("main.sync", source("{ id = \"o-7\", region = region }"));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["state", "show", "dev:a"]).exits(0).says("from here").says("o-7");
    project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
}

#[test]
fn what_is_linked_in_is_adopted_by_its_identity() {
    let source = |identity: &str| {
        format!(
            "environment dev {{\n  resource local.file page {{ path = \"page\", content = \"new\" }}\n  \
             adopt page = {identity}\n}}\n"
        )
    };
    let project = Project::with(&source("{ path = \"page\" }"));
    project.write("page", "old");
    project
        .run(&["plan", "dev"])
        .exits(0)
        .says("page takes over what exists as { path = \"page\" }");
    project.write("main.sync", source("{ file = \"page\" }"));
    let refused = project.run(&["plan", "dev"]).exits(1);
    refused.says("the identity has no `path`").says("It is made of `path`").says("adopt page =");
    project.write("main.sync", source("{ path = [1] }"));
    project.run(&["plan", "dev"]).exits(1).says("the identity's `path` cannot be used");
    project.write("main.sync", source("{ path = \"page\" }"));
    project.run(&["apply", "dev", "--yes"]).exits(0).says("1 changed");
    assert_eq!(std::fs::read_to_string(project.path("page")).unwrap(), "new");
    project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    project.run(&["destroy", "dev", "--yes"]).exits(0).says("1 destroyed");
    let docs = project.run(&["providers", "docs", "local"]).exits(0);
    docs.says("adopt name = { path = ... }");
}

/// One resource of the provider that is called so.
fn thing_of(name: &str) -> String {
    format!("environment dev {{\n  resource {name}.thing a {{ name = \"a\" }}\n}}\n")
}

#[test]
fn a_provider_gets_another_name_without_anything_being_made_anew() {
    let Some(project) = External::with(&thing_of("fixture")) else { return };
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let settings = std::fs::read_to_string(project.0.path("project.sync")).unwrap();
    project.0.write("project.sync", settings.replacen("    fixture = {", "    other = {", 1));
    project.0.write("main.sync", thing_of("other"));
    let told = "# the provider fixture is called other now: example.com/test/fixture";
    let planned = project.run(&["plan", "dev", "--out", "saved.plan"]).exits(0);
    planned.says(told).says("0 to add, 0 to change, 0 to destroy");
    project.run(&["drift", "dev"]).exits(0).says("No drift");
    project.run(&["apply", "--plan", "saved.plan", "--yes"]).exits(0);
    project.run(&["plan", "dev"]).exits(0).says("No changes.");
    // What it was configured with before is that provider's, too.
    project.0.write("main.sync", thing_of("other").replace("\"a\"", "\"b\""));
    project.run(&["apply", "dev", "--yes"]).exits(0).says("1 added, 0 changed, 1 destroyed");
    project
        .run(&["rollback", "dev", "--to", "1", "--yes"])
        .exits(0)
        .says("1 added, 0 changed, 1 destroyed");
    project.run(&["state", "show", "dev:a"]).exits(0).says("other.thing");
    // What is not declared any more goes by the name of now.
    project.0.write("project.sync", settings);
    project.0.write("main.sync", "environment dev {}\n");
    project.run(&["apply", "dev", "--yes"]).exits(0).says("1 destroyed");
}

#[test]
fn a_provider_in_the_place_of_another_one_takes_over_what_that_has_made_where_it_says_so() {
    let Some(project) = External::with(&thing_of("fixture")) else { return };
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let moved = project.0.path("mirror/example.com/team");
    std::fs::create_dir_all(&moved).unwrap();
    std::fs::rename(project.0.path("mirror/example.com/test/fixture"), moved.join("fixture"))
        .unwrap();
    let settings = std::fs::read_to_string(project.0.path("project.sync")).unwrap();
    let forked = settings.replacen("test/fixture\"", "team/fixture\"", 1);
    project.0.write("project.sync", &forked);
    let refused = project.run(&["plan", "dev"]).exits(1);
    refused
        .says("E0616")
        .says("`a` was made by example.com/test/fixture, and `fixture` is example.com/team/fixture now")
        .says("write `replaces =");
    project.run(&["destroy", "dev", "--yes"]).exits(1).says("E0616");
    let taken = |replaced: &str| {
        let with = format!("team/fixture\", replaces = {replaced}");
        project.0.write("project.sync", forked.replacen("team/fixture\"", &with, 1));
    };
    taken("[\"example.com/more/fixture\", 5]");
    project
        .run(&["plan", "dev"])
        .exits(1)
        .says("E0804")
        .says("the `replaces` of `fixture` is no text");
    taken("[\"example.com/more/fixture\", \"example.com/test/fixture\"]");
    project
        .run(&["plan", "dev"])
        .exits(0)
        .says("takes over what example.com/test/fixture has made")
        .says("0 to add, 0 to change, 0 to destroy");
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["state", "show", "dev:a"]).exits(0).says("# made by example.com/team/fixture");
    project.0.write("project.sync", &forked);
    project.run(&["plan", "dev"]).exits(0).says("No changes.");
    let exported = project.run(&["state", "export", "dev", "--format", "terraform"]).exits(0);
    assert!(
        exported.stdout.contains("provider[\\\"example.com/team/fixture\\\"]"),
        "{}",
        exported.stdout
    );
}

#[test]
fn what_comes_from_terraform_is_of_its_source() {
    let Some(project) = External::with(&thing_of("fixture")) else { return };
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let state = project.run(&["state", "export", "dev", "--format", "terraform"]).exits(0).stdout;
    project.0.write("old.tfstate", &state);
    let settings = std::fs::read_to_string(project.0.path("project.sync")).unwrap();
    let renamed = settings.replacen("    fixture = {", "    other = {", 1);
    project.0.write("project.sync", &renamed);
    let two = format!("{}{}", thing_of("other"), thing_of("other").replace("dev", "copy"));
    project.0.write("main.sync", &two);
    project.run(&["state", "import", "copy", "old.tfstate"]).exits(0);
    project.run(&["state", "list", "copy"]).exits(0).says("other.thing");
    project.run(&["plan", "copy"]).exits(0).says("No changes.");
    // What nobody stands for is told of, with what made it.
    project.0.write("main.sync", two.replace("copy", "third"));
    project.0.write("old.tfstate", state.replace("example.com/test", "example.com/gone"));
    project.run(&["state", "import", "third", "old.tfstate"]).exits(0);
    project
        .run(&["plan", "third"])
        .exits(1)
        .says("`a` was made by example.com/gone/fixture, which the project does not name");
    // States before Terraform 0.13 tell no source.
    let old = state.replace("provider[\\\"example.com/test/fixture\\\"]", "provider.other");
    project.0.write("old.tfstate", old.replace("fixture_thing", "other_thing"));
    project.0.write("main.sync", two.replace("copy", "fourth"));
    project.run(&["state", "import", "fourth", "old.tfstate"]).exits(0);
    project.run(&["plan", "fourth"]).exits(0).says("No changes.");
}
