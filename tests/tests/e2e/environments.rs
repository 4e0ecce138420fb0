//! Which environments the command line names: one, all of those with keys, or what is only recorded.

use crate::process::Project;

const KEYED: &str = r#"environment prod[r in ["eu", "us"]] {
  resource local.file f { path = "out/${r}", content = r }
  output o = f.path
}
"#;

#[test]
fn what_environments_have_in_common_is_refused_where_one_is_meant() {
    let project = Project::with(KEYED);
    project.run(&["apply", "prod", "--yes"]).exits(0);
    let one: &[&[&str]] = &[
        &["output", "prod"],
        &["history", "prod"],
        &["state", "key", "list", "prod"],
        &["state", "key", "add", "prod", "age1x"],
        &["state", "export", "prod"],
        &["state", "show", "prod:f"],
        &["state", "unlock", "prod", "--yes"],
        &["state", "migrate", "prod", "--to", "local path=other.db"],
        &["eval", "prod", "r"],
        &["explain", "prod:f.path"],
        &["graph", "prod"],
        &["console", "prod"],
        &["diff", "prod", "prod/eu"],
        &["destroy", "prod", "--yes"],
        &["rollback", "prod", "--yes"],
    ];
    for arguments in one {
        let run = project.run(arguments).exits(1).says("`prod` has keys");
        let run = run.says("Name one of them: `prod/eu`, `prod/us`.");
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
    project.run(&["eval", "prod/us", "r"]).exits(0).says("\"us\"");
}

#[test]
fn what_environments_have_in_common_names_all_of_them_where_several_are_meant() {
    let project = Project::with(KEYED);
    project.run(&["apply", "prod", "--yes"]).exits(0);
    std::fs::remove_file(project.path("out/us")).unwrap();
    for arguments in [&["drift", "prod"][..], &["drift"]] {
        let run = project.run(arguments).exits(2).says("of 1 resources of prod/us.");
        run.says("All 1 resources of prod/eu are as recorded.");
    }
    let json = project.run(&["drift", "prod", "--json"]).exits(2).stdout;
    assert_eq!(json.matches("\"environment\"").count(), 2, "{json}");
    project.run(&["drift", "prod/eu"]).exits(0);
    let verified = project.run(&["state", "verify", "prod"]).exits(0);
    verified.says("prod/eu: ").says("prod/us: ");
    project.run(&["state", "list", "prod"]).exits(0).says("prod/eu:f").says("prod/us:f");
    // A name that says which is meant stands for one.
    let listed = project.run(&["state", "list", "prod/us"]).exits(0).stdout;
    assert!(!listed.contains("prod"), "{listed}");
    project.run(&["state", "verify", "prd"]).exits(1).says("there is no environment `prd`");
}

#[test]
fn what_is_recorded_is_named_though_the_source_does_not_have_it_any_more() {
    let project = Project::with(KEYED);
    project.run(&["apply", "prod", "--yes"]).exits(0);
    // One key is gone, then all of it, then the source does not even parse.
    for source in
        [KEYED.replace(", \"us\"", ""), "environment dev {}".into(), "environment {".into()]
    {
        project.write("main.sync", source);
        project.run(&["state", "list", "prod"]).exits(0).says("prod/eu:f").says("prod/us:f");
        project.run(&["state", "verify", "prod"]).exits(0).says("prod/us: ");
        project.run(&["output", "prod/us"]).exits(0).says("out/us");
        project.run(&["history", "prod/us"]).exits(0).says("done");
        project.run(&["state", "export", "prod/us"]).exits(0).says("out/us");
        project.run(&["output", "prod"]).exits(1);
    }
    project.write("main.sync", "environment dev {}\n");
    project.run(&["drift", "prod"]).exits(0).says("prod/eu").says("prod/us");
    project.run(&["history", "prod"]).exits(1).says("`prod` has keys").says("`prod/us`");
    project.run(&["destroy", "prod/us", "--yes"]).exits(0);
    assert!(!project.path("out/us").exists() && project.path("out/eu").exists());
    project.run(&["plan", "prod/eu"]).exits(1).says("there is no environment `prod/eu`");
}

#[test]
fn what_was_not_applied_since_another_one_failed_is_named() {
    let project = Project::with(
        "environment one { resource local.command a { create = \"false\" } }\n\
         environment two { output x = 1 }\nenvironment three { output x = 1 }\n",
    );
    let run = project.run(&["apply", "--yes"]).exits(1);
    run.says("Not applied: `two`, `three`.");
    let run = project.run(&["apply", "three", "one", "--yes"]).exits(1);
    assert!(!run.stderr.contains("Not applied"), "{}", run.stderr);
}

#[test]
fn where_there_is_no_environment_every_command_says_so() {
    let project = Project::with("abstract environment base {\n  param a: int\n}\n");
    for arguments in [&["plan"][..], &["apply", "--yes"], &["drift"]] {
        project.run(arguments).exits(0).says("no environment that can be planned");
    }
    project
        .run(&["apply", "base", "--yes"])
        .exits(1)
        .says("Declare one: `environment dev extends base {}`.");
}
