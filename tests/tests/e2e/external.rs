//! External providers through the command line: real programs, unmodified, and the fixtures.
//!
//! `cargo xtask test` builds them; where they were not built, each test says so and passes.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Child;

use crate::process::{Project, Run, finish};

/// The providers with the versions that a mirror has them under.
pub(crate) const PROVIDERS: [(&str, &str); 5] = [
    ("time", "0.14.2"),
    ("null", "1.0.0"),
    ("random", "2.0.0"),
    ("fixture", "1.2.3"),
    ("legacy", "1.0.0"),
];

/// A project whose providers stand in a mirror beside it.
pub(crate) struct External(pub(crate) Project);

impl External {
    /// Returns a project with a source; none where a provider was not built, which is said.
    pub(crate) fn with(source: &str) -> Option<Self> {
        let project = Project::empty();
        let platform = platform();
        let mut text = String::from("project \"test\" {\n  providers = {\n");
        for (kind, version) in PROVIDERS {
            let program = built(kind)?;
            let folder = format!("mirror/example.com/test/{kind}/{version}/{platform}");
            std::fs::create_dir_all(project.path(&folder)).unwrap();
            let target = project.path(folder).join(format!("terraform-provider-{kind}"));
            if std::fs::hard_link(&program, &target).is_err() {
                std::fs::copy(&program, &target).unwrap();
            }
            let name = name_of(kind);
            text += &format!(
                "    {name} = {{ source = \"example.com/test/{kind}\", version = \"{version}\" }}\n"
            );
        }
        project.write("project.sync", text + "  }\n}\n");
        project.write("main.sync", source);
        Some(Self(project))
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    #[track_caller]
    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
        finish(self.start(arguments, environment))
    }

    /// Starts a run.
    pub(crate) fn start(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Child {
        let mut command = self.0.command(arguments);
        command
            .env("SYNCLINE_PLUGIN_DIR", self.0.path("mirror"))
            .env("SYNCLINE_OFFLINE", "1")
            .envs(environment.iter().copied());
        command.spawn().unwrap()
    }
}

/// Returns the name of the platform in a mirror.
pub(crate) fn platform() -> String {
    let system = std::env::consts::OS.replace("macos", "darwin");
    let machine = std::env::consts::ARCH.replace("x86_64", "amd64").replace("aarch64", "arm64");
    format!("{system}_{machine}")
}

/// Returns a provider's local name here: other ones than their types' prefixes, which do not matter
/// to the language.
fn name_of(kind: &str) -> &str {
    match kind {
        "time" => "clock",
        "null" => "nothing",
        "random" => "chance",
        other => other,
    }
}

/// Returns the program of a provider.
pub(crate) fn built(kind: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SYNCLINE_TEST_PROVIDERS").map(PathBuf::from).or_else(|| {
        let tests = std::env::current_exe().ok()?;
        Some(tests.parent()?.parent()?.parent()?.join("providers"))
    })?;
    let program = folder.join(format!("terraform-provider-{kind}"));
    if !program.exists() {
        skip(&format!("the provider `{kind}` was not built: `cargo xtask test` does, with Go"));
        return None;
    }
    Some(program)
}

/// Returns the OpenTofu that is named or on the path.
pub(crate) fn tofu() -> Option<PathBuf> {
    let named = std::env::var_os("SYNCLINE_TOFU").map(PathBuf::from);
    named.or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("tofu")).find(|file| file.is_file())
    })
}

/// Says that a test cannot run, where somebody counts.
pub(crate) fn skip(why: &str) {
    let Some(list) = std::env::var_os("SYNCLINE_SKIPPED") else { return };
    let list = std::fs::OpenOptions::new().append(true).open(list);
    writeln!(list.unwrap(), "{why}").unwrap();
}

#[test]
fn what_an_older_sdk_takes_where_nothing_is_configured_is_what_others_see() {
    let source = "environment dev {\n  resource chance.string s { length = 5 }\n  \
                  resource nothing.resource n { triggers = { text = \"${s.lower}, ${s.min_upper}\" } }\n  \
                  output whole = s.special\n}\n";
    let Some(project) = External::with(source) else { return };
    project.run(&["check"]).exits(0);
    project.run(&["plan", "dev"]).exits(0).says("text = \"true, 0\"");
    project.run(&["apply", "dev", "--yes"]).exits(0).says("whole = true");
    project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    project.run(&["destroy", "dev", "--yes"]).exits(0).says("2 destroyed");
}

const ALL: &str = r#"environment dev {
  resource clock.static t { triggers = { a = "1" } }
  resource chance.string s { length = 12, special = false }
  resource nothing.resource n { triggers = { s = s.result, t = t.id } }
  resource fixture.thing f {
    name = "f"
    secret = "hush"
    ratio = 0.1
    labels = { a = { value = s.result } }
    rule = [{ port = 80 }, { port = 443 }]
    disk = [{ gb = 5 }]
    extra = { list = [1, "two"] }
  }
  resource legacy.thing l { name = "l", tags = ["x", "y"], disk = [{ gb = 5 }] }
}
"#;

#[test]
fn published_providers_live_through_the_command_line() {
    let Some(project) = External::with(ALL) else { return };
    project.run(&["check"]).exits(0);
    project.run(&["plan", "dev"]).exits(0).says("Plan: 5 to add, 0 to change, 0 to destroy.");
    project.run(&["apply", "dev", "--yes"]).exits(0).says("5 added, 0 changed, 0 destroyed");
    let again = ["plan", "dev", "--refresh", "all"];
    project.run(&again).exits(0).says("No changes").says("Read 5 of 5");
    let shown = project.run(&["state", "export", "dev"]);
    assert!(!shown.stdout.contains("hush"), "what is write-only is recorded nowhere");

    let changed =
        ALL.replace("a = \"1\"", "a = \"2\"").replace("443", "444").replace("gb = 5", "gb = 6");
    project.0.write("main.sync", changed);
    let planned = project.run(&["plan", "dev"]).exits(0);
    planned
        .says("clock.static t")
        .says("# forces replacement")
        .says("2 to add, 2 to change, 2 to destroy");
    project.run(&["apply", "dev", "--yes"]).exits(0).says("2 added, 2 changed, 2 destroyed");
    project.run(&again).exits(0).says("No changes");
    project.run(&["destroy", "dev", "--yes"]).exits(0).says("5 destroyed");
}

#[test]
fn what_was_made_by_half_is_recorded_and_replaced() {
    for kind in ["fixture", "legacy"] {
        let source = format!(
            "environment dev {{\n  resource {kind}.thing a {{ name = \"a\", fail = \"create\" }}\n  \
             resource {kind}.thing b {{ name = \"b\" }}\n}}\n"
        );
        let Some(project) = External::with(&source) else { return };
        project.run(&["apply", "dev", "--yes"]).exits(1).says("1 added");
        project.0.write("main.sync", source.replace(", fail = \"create\"", ""));
        project
            .run(&["plan", "dev"])
            .exits(0)
            .says("tainted")
            .says("1 to add, 0 to change, 1 to destroy");
        project.run(&["apply", "dev", "--yes"]).exits(0);
        project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    }
}

#[test]
fn a_provider_that_goes_wrong_is_told_and_the_state_is_true() {
    let Some(project) = External::with(ALL) else { return };
    let title = "the provider `fixture` (example.com/test/fixture 1.2.3)";
    let fault = |fault: &'static str| [("FIXTURE_FAULT", fault)];
    for (mode, said) in [("crash", "stopped"), ("rubbish", "gave an answer that cannot be used")] {
        for call in ["PlanResourceChange", "ApplyResourceChange"] {
            let wrong = format!("{mode}:{call}");
            let environment = [("FIXTURE_FAULT", wrong.as_str())];
            let run = project.run_with(&["apply", "dev", "--yes"], &environment).exits(1);
            run.says(&format!("{title} {said}")).says(call).says("`f`");
            if call == "ApplyResourceChange" {
                // Whether it was made cannot be asked: it is read by the identity that the answer would have had.
                let strict = [("FIXTURE_STRICT", "1")];
                let stuck = project.run_with(&["apply", "dev", "--yes"], &strict).exits(1);
                stuck.says("To make it now might be to make it twice").says("state forget");
                project.run(&["state", "forget", "dev:f"]).exits(0);
            }
        }
    }
    let crashed = project.run_with(&["plan", "dev"], &fault("crash:GetProviderSchema"));
    // What a provider offers is known from its cached schema, and it need not be asked again.
    crashed.exits(0);
    project.run(&["apply", "dev", "--yes"]).exits(0);
    let read = ["plan", "dev", "--refresh", "all"];
    let run = project.run_with(&read, &fault("crash:ReadResource")).exits(1);
    run.says("cannot read `f`").says("this provider crashes in ReadResource");
    project.run_with(&read, &fault("flood:ReadResource")).exits(0).says("No changes");
    project.run(&["destroy", "dev", "--yes"]).exits(0);
}

#[test]
fn a_provider_is_set_up_with_what_another_one_made() {
    let source = r#"environment dev {
  resource clock.static t {}
  provider fixture { region = t.id, assume = [{ role = "r" }] }
  resource fixture.thing a { name = "a", disk = [{ gb = 1 }] }
}
"#;
    let Some(project) = External::with(source) else { return };
    project.run(&["plan", "dev"]).exits(0).says("2 to add");
    project.run(&["apply", "dev", "--yes"]).exits(0).says("2 added");
    project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    project.run(&["destroy", "dev", "--yes"]).exits(0).says("2 destroyed");
    let nowhere = source.replace("t.id", "\"nowhere\"");
    project.0.write("main.sync", nowhere);
    project.run(&["plan", "dev"]).exits(1).says("There is no such region").says("main.sync:3");
}

#[test]
fn functions_are_called_when_their_arguments_are_known() {
    let source = r#"environment dev {
  resource clock.static t { rfc3339 = "2026-01-31T12:00:00Z" }
  let parsed = clock::rfc3339_parse("2030-01-01T00:00:00+02:00")
  output year = parsed.year
  output joined = fixture::join(" ", parsed.month_name, "${parsed.day}")
  output later = fixture::join(" ", clock::rfc3339_parse(t.id).month_name, a.id)
  resource fixture.thing a { name = fixture::join("-", "a", t.id), disk = [{ gb = 1 }] }
}
"#;
    let Some(project) = External::with(source) else { return };
    project.run(&["check"]).exits(0);
    let planned = project.run(&["plan", "dev", "--out", "saved.plan"]).exits(0);
    planned.says("2030").says("January 1").says("later  = (known after apply)");
    project.run(&["apply", "--plan", "saved.plan", "--yes"]).exits(0).says("2 added");
    let outputs = project.run(&["output", "dev"]).exits(0);
    outputs.says("January 1").says("\"January ");
    project.run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    let crashed =
        project.run_with(&["plan", "dev"], &[("FIXTURE_FAULT", "crash:CallFunction")]).exits(1);
    crashed.says("`fixture::join` failed").says("CallFunction").says("main.sync:5");
    let wrong = "environment dev {\n  output a = fixture::refuse(\"a\", \"b\")\n  \
                 output b = clock::rfc3339_pars(\"a\")\n  output c = fixture::join(1)\n}\n";
    project.0.write("main.sync", wrong);
    let told = project.run(&["check"]).exits(1);
    let told = told.says("the second argument is never right").says("main.sync:2:35");
    told.says("Did you mean `rfc3339_parse`?").says("`between` must be `string`");
    let docs = project.run(&["providers", "docs", "fixture"]).exits(0);
    let docs = docs.says("## ephemeral fixture.lease").says("## resource fixture.other");
    docs.says("## function fixture::join").says("fixture::join(between: string, ...texts: string)");
}

#[test]
fn what_should_not_be_used_any_more_is_told_once() {
    let source =
        "environment dev {\n  resource fixture.thing a { name = \"a\", fail = \"none\" }\n}\n";
    let Some(project) = External::with(source) else { return };
    project.run(&["check"]).exits(0).says("W0316");
    let planned = project.run(&["plan", "dev"]).exits(0);
    assert_eq!(planned.stderr.matches("warning[").count(), 1, "{}", planned.stderr);
    planned.says("only for tests");
}
