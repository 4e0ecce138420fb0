//! A project with every kind of mistake at once: one diagnostic each, and nothing is touched.

use crate::process::{Project, tree};

/// The mistakes, a file each, with a piece of the one diagnostic that each must get.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "attribute",
        "environment a1 {\n  resource local.file f { path = \"f\", contnet = \"x\" }\n}\n",
        "E0304",
    ),
    ("kind", "environment a2 {\n  resource local.fiel f { path = \"f\" }\n}\n", "E0306"),
    ("provider", "environment a3 {\n  resource locl.file f { path = \"f\" }\n}\n", "E0307"),
    ("name", "environment a4 {\n  let replicas = 1\n  output o = replcias\n}\n", "E0201"),
    (
        "amended",
        "environment a5 extends other {\n  szie = 2\n}\nenvironment other { param size: int = 1 }\n",
        "E0203",
    ),
    ("parent", "environment a6 extends othr {}\n", "E0204"),
    ("function", "environment a7 {\n  let a = std.strings.uper(\"a\")\n}\n", "E0310"),
    ("module", "use std.string\n", "E0214"),
    ("type", "environment a8 { param a: strng = \"x\" }\n", "E0209"),
    ("wrong_type", "environment a9 { param a: int = \"two\" }\n", "E0301"),
    ("missing_param", "environment b1 { param domain: string }\n", "E0303"),
    ("circle", "environment b2 {\n  let a = b\n  let b = a\n}\n", "E0211"),
    (
        "conflict",
        "abstract environment b3 { param n: int = 0 }\noverlay one for b3 { n = 1 }\noverlay two for b3 { n = 2 }\nenvironment b4 extends b3 with one, two {}\n",
        "E0207",
    ),
    (
        "final",
        "abstract environment b5 { final param owner = \"us\" }\nenvironment b6 extends b5 { owner = \"me\" }\n",
        "E0206",
    ),
    ("brace", "environment b7 {\n  let m = { a = 1\n}\n", "E0101"),
];

#[test]
fn every_mistake_gets_one_diagnostic_in_one_run() {
    let project = Project::new();
    for (name, source, _) in MISTAKES {
        project.write(&format!("{name}.sync"), source);
    }
    let before = tree(&project.path("."));
    for command in [vec!["check"], vec!["plan"], vec!["apply", "--yes"]] {
        let run = project.run(&command).exits(1);
        for (name, _, code) in MISTAKES {
            let count = run.stderr.matches(code).count();
            assert_eq!(count, 1, "{name}: {code} in `{command:?}`\n{}", run.stderr);
        }
        let others = run.stderr.matches("[E").count() + run.stderr.matches("E0").count();
        assert!(others >= MISTAKES.len());
    }
    assert_eq!(tree(&project.path(".")), before, "nothing is touched");
}

#[test]
fn a_diagnostic_shows_the_source_the_reason_and_the_way_out() {
    let project =
        Project::with("environment dev {\n  let replicas = 1\n  output o = replcias\n}\n");
    project
        .run(&["check"])
        .exits(1)
        .says("E0201")
        .says("main.sync:3")
        .says("output o = replcias")
        .says("Did you mean `replicas`?");
}

#[test]
fn wrong_command_lines_are_told_apart_from_wrong_sources() {
    let project = Project::with("environment dev {}\n");
    project.run(&["plna"]).says("plan");
    project.run(&["init"]).exits(1).says("There is no `init`");
    project.run(&["apply", "dev", "--auto-approve"]).exits(1).says("`--yes` does not ask");
    project.run(&["apply", "dev", "-auto-approve"]).exits(1).says("two dashes");
    project.run(&["plan", "dve"]).exits(1).says("dev");
    project.run(&["plan", "dev", "--set", "nothing=1"]).exits(1).says("nothing");
    project.run(&["plan", "dev", "--target", "nobody"]).exits(1).says("nobody");
    let empty = Project::empty();
    empty.run(&["plan"]).exits(1);
}

#[test]
fn what_is_outside_of_the_language_has_diagnostics_too() {
    let project = Project::empty();
    project.write(
        "project.sync",
        "project \"p\" { providers = { aws = { sauce = \"hashicorp/aws\" } } }\nenvironment dev { param a: int = 1 }\n",
    );
    project.run(&["check"]).exits(1).says("E0804").says("sauce");
    project.write(
        "project.sync",
        "project \"p\" { providers = { aws = { source = \"a/aws\" }, aws = { source = \"b/aws\" } } }\nenvironment dev { param a: int = 1 }\n",
    );
    project.run(&["check"]).exits(1).says("the provider `aws` is declared twice");
    let project = Project::with(
        "environment dev {\n  resource local.file a { path = \"a\", content = b.path }\n  \
         resource local.file b { path = \"b\", @after(a) }\n}\n",
    );
    project.run(&["check"]).exits(1).says("E0601").says("`a` -> `b` -> `a`");
    let project = Project::with("environment dev { param a: int = 1 }\n");
    project.write("values", "a = 1 + range(3)[0]\n");
    project.run(&["plan", "dev", "--vars", "values"]).exits(1).says("E0805");
    project.write("values", "a = 2\n");
    project.run(&["eval", "dev", "a", "--vars", "values"]).exits(0).says("2");
}

#[test]
fn files_of_values_are_read_as_they_come() {
    let project = Project::with(
        "environment dev {\n  param wait: duration? = null\n  param sizes: {string: bytes} = {}\n  \
         param n: int = 1\n  param text: string? = null\n}\n",
    );
    let all = ["eval", "dev", "--vars", "values"];
    let with = |text: &str| {
        project.write("values", text);
        project.run(&all)
    };
    // JSON has no quantities: their texts are taken where one is wanted, and nowhere else.
    let run = with(r#"{"wait": "1m30s", "sizes": {"a": "2GiB"}, "text": "30s"}"#).exits(0);
    run.says("wait = 1m30s").says("a = 2GiB").says("text = \"30s\"");
    let run = with(r#"{"wait": "soon"}"#).exits(1).says("E0301");
    run.says("Write a number with its unit: `30s`.");
    let run = with(r#"{"n": "3"}"#).exits(1);
    run.says("Write it without quotes: `3`.");
    with("[1]").exits(1).says("it is JSON, and no object");
    // A mark of the encoding is no part of a file.
    with("\u{feff}n = 4\n").exits(0).says("n = 4");
    with("\u{feff}{\"n\": 5}").exits(0).says("n = 5");
}

#[test]
fn a_text_that_is_given_is_the_value_also_where_it_may_be_null() {
    let project = Project::with("environment dev { param text: string? = \"t\" }\n");
    for (set, value) in [("\"x\"", "\"\\\"x\\\"\""), ("x", "\"x\""), ("null", "null")] {
        let set = format!("text={set}");
        let run = project.run(&["eval", "dev", "text", "--set", &set]).exits(0);
        assert_eq!(run.stdout, format!("{value}\n"));
    }
}
