//! Pages of diagnostics, and mends that are applied.

use crate::process::Project;

const WRONG: &str = "\
# The smallest.
environment dev {
  let a = 1; let b = 'two'
  output c: string = b
  output d = replcias
}
";

const MENDED: &str = "\
// The smallest.
environment dev {
  let a = 1, let b = \"two\"
  output c: string = b
  output d = replcias
}
";

#[test]
fn certain_mends_are_applied_and_guesses_only_on_request() {
    let project = Project::with(WRONG);
    let read = || std::fs::read_to_string(project.path("main.sync")).unwrap();
    project.run(&["fix", "--check"]).exits(1).says("3 can be mended, 1 left.");
    project.run(&["fix", "--diff"]).exits(0).says("+// The smallest.");
    assert_eq!(read(), WRONG);
    project.run(&["fix"]).exits(0).says("main.sync:3:12: E0113").says("3 mended, 1 left.");
    assert_eq!(read(), MENDED);
    project.run(&["fix"]).exits(0).says("0 mended, 1 left.");
    project.write("main.sync", "environment dev {\n  let replicas = 1\n  output d = replcias\n}\n");
    project.run(&["fix"]).exits(0).says("0 mended, 1 left.");
    project.run(&["fix", "--guess"]).exits(0).says("1 mended, 0 left.");
    project.run(&["check"]).exits(0);
}

#[test]
fn only_what_is_named_is_mended_and_formatted() {
    let project = Project::with("use \"./team\"\nenvironment dev { let a = 'one' }\n");
    std::fs::create_dir_all(project.path("team/deep")).unwrap();
    project.write("team/a.sync", "fn a()   -> string = 'a'\n");
    project.write("team/deep/b.sync", "fn b()   -> string = \"b\"\n");
    project
        .run(&["fix", "nothing.sync"])
        .exits(1)
        .says("nothing.sync is no source of this project");
    project.run(&["fix", "team"]).exits(0).says("team/a.sync:1:22").says("1 mended, 0 left.");
    let read = |path: &str| std::fs::read_to_string(project.path(path)).unwrap();
    assert_eq!(read("team/a.sync"), "fn a()   -> string = \"a\"\n");
    assert!(read("main.sync").contains("'one'"));
    project.run(&["fix", "main.sync"]).exits(0).says("1 mended, 0 left.");
    // Also what no `use` leads to.
    project.run(&["fmt", "--check", "team"]).exits(1).says("team/a.sync").says("team/deep/b.sync");
    project.run(&["fmt", "."]).exits(0).says("main.sync");
    project.run(&["fmt", "--check", ".", "main.sync"]).exits(0);
    assert_eq!(read("team/deep/b.sync"), "fn b() -> string = \"b\"\n");
    project.run(&["fmt", "nowhere"]).exits(1).says("nowhere cannot be read");
}

/// Wrong in ways of which nobody can tell what was meant.
const DOUBTFUL: &[&str] = &[
    "environment dev { param m: map(string) = {} }\n",
    "environment dev { param image string = \"x\" }\n",
    "use std.strings text\n",
    "type T = \"a\" \"b\"\n",
    "environment dev {\n  let x = 1\n  let f = x x\n}\n",
    "environment dev { let a = 7% 2 }\n",
    "environment dev {\n  param t: int = 1\n  let a = match -t { 1 => 2, _ => 3 }\n}\n",
    "environment dev {\n  list: [int]? = null\n}\n",
    "environment b { param m: [bool] = [] }\nenvironment dev extends b {\n  m += q = 1\n}\n",
];

#[test]
fn what_may_mean_several_things_is_left_as_it_is() {
    for wrong in DOUBTFUL {
        let project = Project::with(wrong);
        project.run(&["fix"]).exits(0).says("0 mended, 1 left.");
        assert_eq!(std::fs::read_to_string(project.path("main.sync")).unwrap(), *wrong);
    }
}

#[test]
fn every_code_is_explained() {
    let project = Project::empty();
    let page = project.run(&["explain", "E0201"]).exits(0);
    assert!(page.stdout.starts_with("E0201: nothing has this name.\n"), "{}", page.stdout);
    project.run(&["explain", "e0605"]).exits(0).says("@protect");
    project.run(&["explain", "E0299"]).exits(1).says("no diagnostic has the code");
}
