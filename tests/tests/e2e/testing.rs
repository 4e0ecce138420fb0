//! `syncline test` on a small project.

use crate::process::Project;

const MAIN: &str = "\
abstract environment base {
  param replicas: int = 1
  param tier: string = \"free\"
  resource random.id release { byte_length = 4 }
  resource local.file note {
    path = \"note-${release.hex}\"
    content = \"${replicas}\"
  }
  ensure replicas < 10 else \"too many\"
  ensure release.hex != \"bad\" else \"a bad release\"
  output path = note.path
}
environment prod[r in [\"eu\", \"us\"]] extends base {
  replicas = 3
}
environment dev extends base {}
";

const PASSING: &str = "\
test \"values and what is made\" {
  environment = dev(replicas = 2)
  expect replicas == 2
  expect environment.name == \"dev\" else \"another name\"
  expect resources[\"note\"] == \"local.file\"
  expect note.content == \"2\"
}
test \"what providers compute is mocked\" {
  environment = prod[\"eu\"]
  mocks {
    random.id { hex = \"c0ffee\" }
    random.id.release { hex = \"cafe\" }
  }
  expect note.path == \"note-cafe\" && replicas == 3
}
test \"limits are kept\" {
  environment = dev(replicas = 10)
  fails = \"E0401\"
}
test \"late limits are kept\" {
  environment = dev
  mocks { random.id { hex = \"bad\" } }
  fails = \"E0401\"
}
";

#[test]
fn tests_see_values_mocks_and_mistakes() {
    let project = Project::with(MAIN);
    project.write("main_test.sync", PASSING);
    project
        .run(&["test"])
        .exits(0)
        .says("ok   main_test.sync:1 values and what is made")
        .says("4 passed, 0 failed");
    project.run(&["test", "limits"]).exits(0).says("2 passed, 0 failed");
    project.run(&["fmt", "--check"]).exits(1).says("main_test.sync");
    // Tests are no part of what is planned.
    project.run(&["check"]).exits(0).says("3 environments");
    project.write("main_test.sync", "test \"x\" {");
    project.run(&["check"]).exits(0);
    project.run(&["test"]).exits(1).says("E0101");
}

#[test]
fn failures_show_both_sides_and_are_written_for_machines() {
    let project = Project::with(MAIN);
    project.write(
        "main_test.sync",
        "test \"a < b\" {\n  environment = dev\n  expect replicas + 1 == 3\n  expect note.path == \"x\"\n}\n\
         test \"none\" {\n  expect true\n}\n\
         test \"fine\" {\n  environment = dev\n  fails = \"E0302\"\n}\n",
    );
    let run = project.run(&["test", "--junit", "results.xml"]).exits(1);
    let run =
        run.says("0 passed, 3 failed").says("E0702").says("waits for `release`").says("E0701");
    assert!(run.stdout.contains("should fail with E0302"), "{}", run.stdout);
    let xml = std::fs::read_to_string(project.path("results.xml")).unwrap();
    assert!(xml.contains("<testsuites tests=\"3\" failures=\"3\">"), "{xml}");
    assert!(xml.contains("name=\"a &lt; b\""), "{xml}");
    assert!(xml.contains("replicas + 1: 2"), "{xml}");
    project.write("main.sync", "environment dev { expect true }\n");
    project.run(&["check"]).exits(1).says("only a test can expect something");
}

#[test]
fn what_an_expectation_says_of_a_secret_is_not_shown() {
    let source = "environment e { secret param pw: string = \"canary\" + \"-bird\" }\n";
    let project = Project::with(source);
    project.write(
        "main_test.sync",
        "test \"leak\" {\n  environment = e\n  expect pw == \"x\" else \"no ${pw}\"\n}\n",
    );
    let run = project.run(&["test", "--junit", "results.xml"]).exits(1).says("(secret)");
    let xml = std::fs::read_to_string(project.path("results.xml")).unwrap();
    for text in [run.stdout, run.stderr, xml] {
        assert!(!text.contains("canary-bird"), "{text}");
    }
}

#[test]
fn the_console_evaluates_line_by_line() {
    use std::io::Write as _;
    let project = Project::with(MAIN);
    let mut command = project.command(&["console", "dev"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let lines = "replicas + 1\n:type tier\n:nonsense\nreplcias\nnote.content\n:quit\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let run = crate::process::finish(child).exits(1);
    assert_eq!(run.stdout, "2\nstring\n\"1\"\n");
    assert!(run.stderr.contains("`:nonsense` is not known") && run.stderr.contains("E0201"));
}

#[test]
fn what_lacks_its_end_goes_on_in_the_console() {
    use std::io::Write as _;
    let project = Project::with(MAIN);
    let mut command = project.command(&["console", "dev"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let lines = "[\n  1,\n]\n1 +\n2\n\"\"\"\n  a\n\n  b\n  \"\"\"\n[1,\n\nlet x = 3\n4\nexit\n5\n";
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let run = crate::process::finish(child).exits(1);
    assert_eq!(run.stdout, "[1]\n3\n\"a\\n\\nb\\n\"\n4\n");
    assert!(run.stderr.contains("E0101") && run.stderr.contains("nothing is declared here"));
}

#[test]
fn outputs_of_other_environments_are_mocked_or_what_their_source_says() {
    let project = Project::with(
        "environment network {\n  resource random.id made { byte_length = 4 }\n  \
         output id = made.hex\n  output zones = [\"a\", \"b\"]\n}\n\
         environment shop {\n  resource local.file zone[z in network.outputs.zones] {\n    \
         path = \"${z}-${network.outputs.id}\"\n  }\n}\n",
    );
    project.write(
        "shop_test.sync",
        "test \"by its source\" {\n  environment = shop\n  \
         expect keys(resources) == [\"zone/a\", \"zone/b\"]\n}\n\
         test \"mocked\" {\n  environment = shop\n  \
         mocks { network.outputs { id = \"c0ffee\", zones = [\"c\"] } }\n  \
         expect zone[\"c\"].path == \"c-c0ffee\"\n}\n",
    );
    project.run(&["test"]).exits(0);
}
