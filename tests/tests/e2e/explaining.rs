//! `explain` and `eval`: what is there is found, a secret is not shown, and what is printed can be read again.

use crate::process::Project;

const CANARY: &str = "Kanarie-im-Quelltext";

fn source() -> String {
    r#"abstract environment base {
  param m: { a: int, b: string } = { a = 1, b = "x" }
  secret param pw: string where it != "" = "CANARY"
  secret param keys: {string: string} = { one = "CANARY" }
}
environment e extends base {
  m.a = 2
  let derived = "${pw}!"
  resource local.file f { path = "out/f", content = pw }
  resource local.file k[n in ["a b", "c"]] { path = "out/${n}", content = "x\n  \${y}\n" }
  output o = { p = f.path, q = m.b }
}
"#
    .replace("CANARY", CANARY)
}

#[test]
fn whatever_is_there_is_explained() {
    let project = Project::with(&source());
    let explain = |what: &str| project.run(&["explain", &format!("e:{what}")]);
    let both = explain("k").exits(0);
    both.says("local.file k/a%20b").says("local.file k/c").says("main.sync:10");
    let one = explain("k[\"a b\"]").exits(0).says("local.file k/a%20b").stdout;
    assert!(!one.contains("k/c"), "{one}");
    explain("k[\"c\"].path").exits(0).says("k/c.path = \"out/c\"").says("set by  path = ");
    explain("k.path").exits(0).says("k/a%20b.path").says("k/c.path");
    // A part is explained by what set it, which is not always what set the whole.
    explain("m.a").exits(0).says("m.a = 2").says("set by  m.a = 2").says("beats   param m");
    let untouched = explain("m.b").exits(0).says("m.b = \"x\"").says("set by  param m").stdout;
    assert!(!untouched.contains("m.a = 2"), "{untouched}");
    explain("o.p").exits(0).says("o.p = \"out/f\"").says("set by  output o");
    explain("f.id").exits(0).says("f.id = (known after apply)").says("computed by  local.file");
    for nothing in ["m.zz", "f.zz", "k[\"d\"]", "zz"] {
        explain(nothing).exits(1).says(&format!("`e` has no `{nothing}`"));
    }
}

#[test]
fn what_is_in_a_unit_is_explained() {
    let source = "component Site {\n  param size: int = 1\n  param tags: {string: string} = { a = \"1\" }\n  \
                  resource local.file page { path = \"out/${size}\", content = \"x\" }\n}\n\
                  environment e {\n  unit u[k in [\"eu.west\", \"us\"]] = Site { tags.b = k }\n}\n";
    let project = Project::with(source);
    let explain = |what: &str| project.run(&["explain", &format!("e:{what}")]).exits(0);
    explain("u").says("local.file u/eu%2Ewest.page").says("local.file u/us.page");
    for what in ["u[\"eu.west\"].page.path", "u/eu%2Ewest.page.path"] {
        explain(what).says("u/eu%2Ewest.page.path = \"out/1\"").says("main.sync:4 (Site)");
    }
    let part = explain("u[\"us\"].tags.b").says("u/us.tags.b = \"us\"");
    part.says("set by  tags.b = k").says("beats   param tags");
}

#[test]
fn the_source_of_a_secret_is_shown_without_it() {
    let project = Project::with(&source());
    for what in ["pw", "keys", "keys.one", "derived", "f", "f.content"] {
        let run = project.run(&["explain", &format!("e:{what}")]).exits(0).says("(secret)");
        assert!(!run.stdout.contains(CANARY), "{what}: {}", run.stdout);
    }
    let own = project.run(&["explain", "e:pw"]).exits(0);
    own.says("secret param pw: string where it != \"\" = (secret)").says("main.sync:3 (base)");
}

#[test]
fn a_block_of_text_is_printed_as_the_language_reads_it() {
    let project = Project::with(&source());
    let printed = project.run(&["eval", "e", "k/c"]).exits(0).stdout;
    let block = printed.split("path").next().unwrap().replace("content = ", "");
    project.write("main.sync", format!("environment again {{\n  let text = {block}\n}}\n"));
    project.run(&["eval", "again", "text"]).exits(0).says("\"x\\n  \\${y}\\n\"");
}

#[test]
fn an_expression_may_begin_with_a_minus() {
    let project = Project::with(&source());
    assert_eq!(project.run(&["eval", "e", "-30s"]).exits(0).stdout, "-30s\n");
    assert_eq!(project.run(&["eval", "e", "-m.a", "--json"]).exits(0).stdout, "-2\n");
    project.run(&["plan", "e", "--parallelism", "0"]).exits(1).says("a whole number from 1 up");
}
