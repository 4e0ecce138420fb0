//! Where state is kept: each place in the `project` block, moving between them, and what came from
//! Terraform.

use crate::process::{Project, finish};

const SOURCE: &str = "\
environment dev {
  resource local.file a { path = \"a\", content = \"1\" }
  resource random.password p { length = 20 }
}
";

fn project(state: &str) -> Project {
    let project = Project::with(SOURCE);
    set_state(&project, state);
    project
}

fn set_state(project: &Project, state: &str) {
    project.write("project.sync", format!("project \"test\" {{\n  state = {state}\n}}\n"));
}

/// Returns the places there are: as in the source, and as on the command line.
fn places() -> Vec<(String, String)> {
    let fresh = format!("e2e{}", std::process::id());
    let mut places =
        vec![("local { path = \"other.db\" }".to_owned(), "local path=other.db".to_owned())];
    if let Ok(url) = std::env::var("SYNCLINE_TEST_POSTGRES") {
        places.push((
            format!("postgres {{ url = \"{url}\", schema = \"{fresh}\" }}"),
            format!("postgres url={url} schema={fresh}"),
        ));
    }
    if let Ok(endpoint) = std::env::var("SYNCLINE_TEST_S3") {
        places.push((
            format!(
                "s3 {{ bucket = \"syncline\", prefix = \"{fresh}\", region = \"us-east-1\", \
                 endpoint = \"{endpoint}\" }}"
            ),
            format!("s3 bucket=syncline prefix={fresh} region=us-east-1 endpoint={endpoint}"),
        ));
    }
    places
}

#[test]
fn what_is_in_a_unit_whose_key_has_a_dot_is_itself_once_it_is_recorded() {
    let project = Project::with(
        "component Site {\n  param name: string\n  \
         resource local.file page { path = \"out/${name}\", content = name }\n}\n\
         environment dev { unit site[k in [\"eu.west\"]] = Site { name = k } }\n",
    );
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["plan", "dev", "--detailed-exitcode"]).exits(0).says("No changes");
    project.run(&["state", "show", "dev:site/eu%2Ewest.page"]).exits(0).says("out/eu.west");
}

#[test]
fn a_log_moves_to_each_place_and_back() {
    for (written, named) in places() {
        let project = project("local {}");
        project.run(&["apply", "dev", "--yes"]).exits(0);
        let before = project.run(&["state", "export", "dev"]).exits(0).stdout;
        project.run(&["state", "migrate", "dev", "--to", &named]).exits(0).says("verified");
        // The old place is kept, and no run gets it.
        project.run(&["destroy", "dev", "--yes"]).exits(3).says("the log of `dev` has moved to ");
        project.run(&["plan", "dev"]).exits(0).says("has moved to ");
        project.run(&["drift", "dev"]).exits(0).says("has moved to ");
        project.run(&["state", "unlock", "dev"]).exits(1).says("there are two of it");
        set_state(&project, &written);
        project.run(&["plan", "dev"]).exits(0).says("No changes");
        project.run(&["state", "verify"]).exits(0).says("ok");
        project.run(&["state", "list", "dev"]).exits(0).says("local.file");
        let after = project.run(&["state", "export", "dev"]).exits(0).stdout;
        assert_eq!(before, after, "{named}");
        project.write("main.sync", SOURCE.replace("\"1\"", "\"2\""));
        project.run(&["apply", "dev", "--yes"]).exits(0).says("1 changed");
        project.run(&["history", "dev"]).exits(0).says("done");
        // A second move to where a log is already is refused.
        project
            .run(&["state", "migrate", "dev", "--from", "local", "--lock-timeout", "0s"])
            .exits(3)
            .says("the log of `dev` has moved to ");
        project.run(&["state", "migrate", "dev", "--to", "local path=back.db"]).exits(0);
        set_state(&project, "local { path = \"back.db\" }");
        project.run(&["plan", "dev"]).exits(0).says("No changes");
        project.run(&["destroy", "dev", "--yes"]).exits(0);
    }
}

#[test]
fn each_environment_may_have_its_own_place() {
    let project = Project::with(
        "environment dev {\n  resource local.file a { path = \"a\", content = \"1\" }\n}\n\
         environment prod extends dev {\n  a.path = \"b\"\n}\n",
    );
    set_state(&project, "{ prod = local(path = \"prod.db\"), test = local() }");
    project.run(&["apply", "dev", "prod", "--yes"]).exits(0);
    assert!(project.path("prod.db").exists() && project.path(".syncline/state.db").exists());
    project.run(&["state", "list"]).exits(0).says("dev:a").says("prod:a");
    project.run(&["state", "verify"]).exits(0).says("dev: ").says("prod: ");
}

#[test]
fn a_place_that_makes_no_sense_is_told_of_where_it_stands() {
    for (state, code, text) in [
        ("s4 {}", "E0820", "Did you mean `s3`?"),
        ("s3 {}", "E0821", "needs the setting `bucket`"),
        ("s3 { bucket = \"a\", region = 1 }", "E0821", "plain string"),
        ("gcs {}", "E0821", "needs the setting `bucket`"),
        ("azure { container = \"a\", key = \"b\" }", "E0821", "has no setting `key`"),
        ("local { folder = \"a\" }", "E0821", "has no setting `folder`"),
        ("s3 { bucket = \"\" }", "E0821", "`bucket` of `s3` has to be a name"),
        ("s3 { bucket = \"a b\" }", "E0821", "`bucket` of `s3` has to be a name"),
        ("s3 { bucket = \"a\", region = \"a b\" }", "E0821", "`region` of `s3` has to be a name"),
        (
            "s3 { bucket = \"a\", endpoint = \"db:90\" }",
            "E0821",
            "has to be an address such as https",
        ),
        ("gcs { bucket = \"a\", endpoint = \"http://\" }", "E0821", "has to be an address"),
        ("azure { container = \"a\", endpoint = \"http://h:x\" }", "E0821", "has to be an address"),
        ("local { path = \"\" }", "E0821", "`path` of `local` has to be a text"),
        ("5", "E0821", "a name and its settings"),
        ("{ prod = 5 }", "E0821", "a name and its settings"),
    ] {
        let project = project(state);
        project.run(&["check"]).exits(1).says(code).says(text).says("project.sync:2");
        project.run(&["state", "list"]).exits(1);
    }
}

#[test]
fn no_words_stand_for_a_secret_in_an_export_for_terraform() {
    let project = Project::with(&SOURCE.replace("\n}\n", "\n  output pass = p.result\n}\n"));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let run = project.run(&["state", "export", "dev", "--format", "terraform"]).exits(0);
    assert!(!run.stdout.contains("(secret)"), "{}", run.stdout);
    let run = run.says(r#""result": null"#).says(r#""sensitive": true"#);
    run.says("Secrets are left out, of `p`, the output `pass`: there is null in their place.");
}

#[test]
fn a_variable_that_makes_no_sense_is_told_of() {
    for (name, value) in [("AWS_ENDPOINT", "db:9000"), ("AWS_REGION", "a b")] {
        let project = project("s3 { bucket = \"a\" }");
        let mut command = project.command(&["state", "list"]);
        finish(command.env(name, value).spawn().unwrap())
            .exits(1)
            .says(&format!("`{value}` is not"));
    }
}

#[test]
fn what_was_exported_for_terraform_can_be_imported() {
    let project = Project::with(&format!("{SOURCE}{}", SOURCE.replace("dev", "copy")));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let state = project.run(&["state", "export", "dev", "--format", "terraform"]).exits(0).stdout;
    project.write("dev.tfstate", &state);
    project.run(&["state", "import", "copy", "dev.tfstate"]).exits(0).says("2 resources");
    project.run(&["state", "list", "copy"]).exits(0).says("random.password");
    project.run(&["state", "show", "copy:p"]).exits(0).says("(secret)");
    project.run(&["state", "import", "copy", "dev.tfstate"]).exits(1).says("already");
    project.write("other.json", "{\"version\": 3}");
    project.run(&["state", "import", "copy", "other.json"]).exits(1).says("only 4 is known");
    project.run(&["state", "verify", "copy"]).exits(0);
}

#[test]
fn an_export_for_terraform_has_modules_numbers_and_the_addresses_of_providers() {
    let source = |name: &str| {
        format!(
            "component Pair {{\n  param to: string\n  resource local.file one {{ path = to, content = \"\" }}\n  \
             resource local.file more[n in range(2)] {{ path = \"${{one.path}}-${{n}}\", content = \"\" }}\n}}\n\
             environment {name} {{\n  unit team[t in [\"red\", \"b.c\"]] = Pair {{ to = t }}\n  \
             provider local as other {{}}\n  \
             resource local.file own {{ path = \"own\", content = \"\", @provider(local.other), @after(team) }}\n}}\n"
        )
    };
    let project = Project::with(&format!(
        "{}{}",
        source("dev"),
        source("copy").split_once("\nenv").map(|(_, rest)| format!("env{rest}")).unwrap()
    ));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let state = project.run(&["state", "export", "dev", "--format", "terraform"]).exits(0).stdout;
    for text in [
        r#""module": "module.team[\"b.c\"]""#,
        r#""index_key": 1"#,
        r#""provider": "provider[\"registry.terraform.io/syncline/local\"].other""#,
        r#""module.team.local_file.one""#,
    ] {
        assert!(state.contains(text), "{text}\n{state}");
    }
    project.write("dev.tfstate", &state);
    project.run(&["state", "import", "copy", "dev.tfstate"]).exits(0).says("7 resources");
    let list = |name: &str| project.run(&["state", "list", name]).exits(0).stdout;
    assert_eq!(list("dev"), list("copy"));
    project.run(&["plan", "copy"]).exits(0).says("No changes.");
}

#[test]
fn a_dependency_of_a_state_is_one_on_every_instance() {
    let project = Project::with("environment dev {}\n");
    let provider = r#""provider": "provider[\"registry.terraform.io/syncline/local\"]""#;
    let one = |name: &str, more: &str, instances: &str| {
        format!(
            r#"{{ "mode": "managed", "type": "local_file", "name": "{name}", {more} {provider},
            "instances": [{instances}] }}"#
        )
    };
    let instance = |key: &str, path: &str, needs: &str| {
        format!(
            r#"{{ {key} "schema_version": 0, "attributes": {{ "path": "{path}" }}, "dependencies": [{needs}] }}"#
        )
    };
    let counted = [0, 1].map(|key| instance(&format!("\"index_key\": {key},"), "c", "")).join(",");
    let state = format!(
        r#"{{ "version": 4, "resources": [{}, {}, {}] }}"#,
        one("counted", "", &counted),
        one(
            "deep",
            r#""module": "module.m[\"k\"]","#,
            &instance("", "d", r#""module.m.local_file.deep""#)
        ),
        one(
            "after",
            "",
            &instance("", "a", r#""local_file.counted", "module.m.local_file.deep", "data.x.y""#)
        ),
    );
    project.write("old.tfstate", state);
    project.run(&["state", "import", "dev", "old.tfstate"]).exits(0).says("4 resources");
    let after = project.run(&["state", "show", "dev:after"]).exits(0).stdout;
    for need in ["counted/0", "counted/1", "m/k.deep"] {
        assert!(after.contains(&format!("# needs {need}\n")), "{after}");
    }
    let deep = project.run(&["state", "show", "dev:m/k.deep"]).exits(0).stdout;
    assert!(!deep.contains("# needs"), "{deep}");
}

#[test]
fn numbers_of_json_keep_their_digits() {
    let project = Project::with(
        "environment dev {\n  param big: number\n  param small: number\n  \
         output both = \"${big} ${small}\"\n}\n",
    );
    let (big, small) = ("12345678901234567890123", "0.12345678901234567891");
    project.write("dev.json", format!("{{ \"big\": {big}, \"small\": {small} }}"));
    project
        .run(&["eval", "dev", "both", "--vars", "dev.json"])
        .exits(0)
        .says(&format!("{big} {small}"));
    project.write("dev.json", "{ \"big\": 1, \"small\": 2, \"big\": 3 }");
    project
        .run(&["eval", "dev", "both", "--vars", "dev.json"])
        .exits(1)
        .says("the key `big` twice");
    let state = format!(
        r#"{{ "version": 4, "outputs": {{ "n": {{ "value": {big} }} }}, "resources": [{{ "mode": "managed",
            "type": "local_file", "name": "a", "provider": "provider[\"registry.terraform.io/syncline/local\"]",
            "instances": [{{ "schema_version": 0, "attributes": {{ "size": {small} }} }}] }}] }}"#
    );
    project.write("old.tfstate", state);
    project.run(&["state", "import", "dev", "old.tfstate"]).exits(0);
    project.run(&["state", "show", "dev:a"]).exits(0).says(small);
    project.run(&["state", "export", "dev"]).exits(0).says(big);
}

#[test]
fn damage_of_one_log_is_told_with_its_environment_and_the_others_are_looked_at() {
    let project =
        Project::with(&(SOURCE.replace("\"1\"", "\"canary\"") + &SOURCE.replace("dev", "prod")));
    project.run(&["apply", "dev", "--yes"]).exits(0);
    project.run(&["apply", "prod", "--yes", "--target", "p"]).exits(0);
    let file = project.path(".syncline/state.db");
    let mut bytes = std::fs::read(&file).unwrap();
    // A page that was moved is there twice.
    let at = |(at, part): (usize, &[u8])| (part == b"canary").then_some(at);
    let found: Vec<usize> = bytes.windows(6).enumerate().filter_map(at).collect();
    found.into_iter().for_each(|at| bytes[at] = b'C');
    std::fs::write(&file, bytes).unwrap();
    project
        .run(&["state", "verify"])
        .exits(1)
        .says("the log of `dev` does not hold: record")
        .says("prod: ");
    project.run(&["state", "verify", "prod"]).exits(0);
}

#[test]
fn a_log_that_cannot_be_read_says_what_helps() {
    let project = Project::with(SOURCE);
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let mut other = project.command(&["plan", "dev"]);
    finish(other.env("SYNCLINE_KEY_FILE", project.path("other")).spawn().unwrap())
        .exits(1)
        .says("cannot be opened: a secret was sealed with key")
        .says("It is the log of `dev`, in ")
        .says("syncline state key add");
    project.write(".syncline/state.db", "something else");
    let run = project.run(&["state", "verify", "dev"]).exits(1).says("is not a state file");
    assert!(!run.stderr.contains("state verify"), "{}", run.stderr);
}
