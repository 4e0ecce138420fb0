//! Which resources there are may hang on what a data source says: it is read before they are planned.

use crate::process::Project;

const SOURCE: &str = "\
environment dev {
  param folder: string = \"in\"
  data local.file names { path = \"${folder}/names\" }
  let all = std.strings.lines(names.content)
  resource local.file f[name in all] { path = \"out/${name}\", content = \"${name} of ${length(all)}\" }
  resource local.file more if length(all) > 2 { path = \"out/more\", content = names.content }
  output count = length(all)
}
";

fn project(names: &str) -> Project {
    let project = Project::with(SOURCE);
    std::fs::create_dir_all(project.path("in")).unwrap();
    std::fs::create_dir_all(project.path("out")).unwrap();
    std::fs::write(project.path("in/names"), names).unwrap();
    project
}

#[test]
fn keys_and_conditions_follow_a_data_source() {
    let project = project("a\nb\n");
    project.run(&["plan", "dev"]).exits(0).says("2 to add").says("\"a of 2\"");
    project.run(&["apply", "dev", "--yes"]).exits(0).says("2 added").says("count = 2");
    project.run(&["plan", "dev"]).exits(0).says("No changes");
    project.run(&["plan", "dev", "--refresh", "none"]).exits(0).says("No changes");
    let run = project.run(&["diff", "dev", "dev"]).exits(0).says("They are declared alike.");
    assert!(!run.stdout.contains("not applied yet"), "{}", run.stdout);
    project.run(&["graph", "dev"]).exits(0);
    project.run(&["eval", "dev"]).exits(0).says("f/a");
    project.run(&["plan", "dev", "--out", "dev.plan"]).exits(0);
    std::fs::write(project.path("in/names"), "b\nc\nd\n").unwrap();
    let stale = project.run(&["apply", "--plan", "dev.plan", "--yes"]);
    assert_eq!(stale.code, Some(3), "{}", stale.stderr);
    let run = project.run(&["apply", "dev", "--yes"]).exits(0);
    run.says("3 added, 1 changed, 1 destroyed");
    assert!(!project.path("out/a").exists());
    assert_eq!(std::fs::read_to_string(project.path("out/more")).unwrap(), "b\nc\nd\n");
    // Where nobody can tell any more what there is to be, what is recorded goes.
    std::fs::remove_file(project.path("in/names")).unwrap();
    project.run(&["apply", "dev", "--yes"]).exits(1).says("E0311");
    let run = project.run(&["destroy", "dev", "--yes"]).exits(0).says("warning[E0311]");
    run.says("4 destroyed");
}

#[test]
fn what_is_only_checked_asks_no_provider() {
    let project = project("a\n");
    std::fs::remove_file(project.path("in/names")).unwrap();
    project.run(&["check"]).exits(0).says("1 environment, resources that only a plan knows: ok");
    let run = project.run(&["plan", "dev"]).exits(1);
    let run = run.says("E0311").says("`names` cannot be read").says("in/names");
    assert_eq!(run.stderr.matches("error[").count(), 2, "{}", run.stderr);
}

#[test]
fn what_a_data_source_waits_for_is_told() {
    let project = Project::with(
        "environment dev {\n  resource random.id r { byte_length = 2 }\n  \
         data local.file names { path = \"in/${r.hex}\" }\n  \
         resource local.file f[name in [names.content]] { path = name }\n}\n",
    );
    for command in [&["check"][..], &["plan", "dev"]] {
        project.run(command).exits(1).says("E0311").says("the keys wait for `names`");
    }
}
