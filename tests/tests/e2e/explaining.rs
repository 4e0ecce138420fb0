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
