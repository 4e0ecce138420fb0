//! Terraform projects, migrated: the first plan of each environment is empty.
//!
//! The projects in `migrate/` are in the style of public ones, each of another kind. Their states were written
//! by Terraform 1.11 with the providers that the test runs; those of `stages` are what `terraform show -json`
//! printed. `releases` was stopped half-way: there the first plan is that of Terraform.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::external::{self, built, skip};
use crate::process::{Project, Run, finish};

/// The providers and the versions that the projects may take.
const PROVIDERS: [(&str, &str); 6] = [
    ("hashicorp/http", "1.2.0"),
    ("hashicorp/local", "1.4.0"),
    ("hashicorp/null", "1.0.0"),
    ("hashicorp/random", "2.0.0"),
    ("hashicorp/time", "0.14.0"),
    ("test/fixture", "1.0.0"),
];

/// Where the state of a project without workspaces is.
const STATE: &str = "terraform.tfstate";

/// A project of the folder `migrate/`.
struct Case {
    name: &'static str,
    /// Its environments, each with its state and how many resources that has.
    environments: &'static [(&'static str, &'static str, usize)],
    /// What the first plan says.
    plan: &'static str,
    /// What is not translated.
    missing: &'static [&'static str],
    /// What is said on the way.
    says: &'static [&'static str],
    /// What has to be there before.
    prepare: fn(&Project),
}

/// Nothing is left to do.
const CASE: Case = Case {
    name: "",
    environments: &[],
    plan: "No changes.",
    missing: &[],
    says: &[],
    prepare: |_| {},
};

/// Serves a notice on this machine, and writes its place into the project's variable file.
fn serve_notice(project: &Project) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _read = stream.read(&mut request);
            let notice = "The lift is out of order.\n\n  Take the stairs.\n";
            let _gone = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{notice}",
                notice.len(),
            );
        }
    });
    let value = format!("source_url = \"http://127.0.0.1:{port}\" # where it is today\n");
    std::fs::write(project.path("old/terraform.tfvars"), value).unwrap();
}

/// Puts the providers into a mirror; tells whether all of them were built.
fn mirror(project: &Project) -> bool {
    PROVIDERS.iter().all(|(source, version)| {
        let (space, name) = source.split_once('/').unwrap();
        let host = if space == "test" { "example.com" } else { "registry.opentofu.org" };
        let folder = format!("mirror/{host}/{source}/{version}/{}", external::platform());
        std::fs::create_dir_all(project.path(&folder)).unwrap();
        let to = project.path(folder).join(format!("terraform-provider-{name}"));
        built(name).is_some_and(|from| {
            std::fs::hard_link(&from, &to).is_ok() || std::fs::copy(from, to).is_ok()
        })
    })
}

/// Makes the mirror one that Terraform has filled.
fn as_terraform_has_it(project: &Project) {
    let at = |host: &str| project.path(format!("mirror/{host}"));
    std::fs::rename(at("registry.opentofu.org"), at("registry.terraform.io")).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Makes the files that a state knows of, wherever in it they stand.
fn files(project: &Project, state: &Value) {
    match state {
        Value::Array(all) => all.iter().for_each(|own| files(project, own)),
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let content = text("content").or_else(|| text("sensitive_content"));
            if let (Some(path), Some(content)) = (text("filename"), content) {
                let path = project.path("new").join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            fields.values().for_each(|own| files(project, own));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn run(project: &Project, arguments: &[&str]) -> Run {
    let mut command = project.command(arguments);
    command
        .env("SYNCLINE_PLUGIN_DIR", project.path("mirror"))
        .env("XDG_CONFIG_HOME", project.path(".config"));
    finish(command.spawn().unwrap())
}

/// Takes the lines out that fail because something was not translated: somebody has seen to it.
fn mend(folder: &Path) {
    let path = folder.join("base.sync");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut kept: Vec<&str> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        goes_on = line.trim_start().starts_with("ensure false")
            || goes_on && line.trim_start().starts_with("else ");
        if !goes_on {
            kept.push(line);
        }
    }
    std::fs::write(path, kept.join("\n") + "\n").unwrap();
}

/// Migrates a project into its folder `new`; each environment's first plan says what it should. Returns
/// nothing where the providers were not built.
fn migrates(case: &Case) -> Option<Project> {
    let project = Project::empty();
    if !mirror(&project) {
        skip("the external providers were not built: `cargo xtask test` does");
        return None;
    }
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/migrate").join(case.name);
    copy(&fixture, &project.path("old"));
    (case.prepare)(&project);
    let mut arguments: Vec<String> = ["migrate", "old", "--into", "new"].map(str::to_owned).into();
    for (environment, state, _) in case.environments.iter().filter(|own| own.1.ends_with(".json")) {
        arguments.extend(["--state".to_owned(), format!("{environment}=old/{state}")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut said = run(&project, &arguments).exits(0);
    for text in case.says.iter().chain(case.missing) {
        said = said.says(text);
    }
    let missing = said.stderr.matches("not translated: ").count();
    assert_eq!(missing, case.missing.len(), "{}", said.stderr);
    for (environment, state, count) in case.environments {
        said = said.says(&format!("Took over {count} resources of `{environment}`"));
        let text = std::fs::read_to_string(fixture.join(state)).unwrap();
        files(&project, &serde_json::from_str(&text).unwrap());
    }
    run(&project, &["-C", "new", "fmt", "--check"]).exits(0);
    if missing > 0 {
        run(&project, &["-C", "new", "check"]).exits(1).says("E0401");
        mend(&project.path("new"));
    }
    run(&project, &["-C", "new", "check"]).exits(0);
    let code = if case.plan == CASE.plan { 0 } else { 2 };
    for (environment, ..) in case.environments {
        let plan = ["-C", "new", "plan", environment, "--detailed-exitcode"];
        run(&project, &plan).exits(code).says(case.plan);
    }
    Some(project)
}

/// Has a test for each project: its name, the resources of its state, and what else is to be said of it.
macro_rules! projects {
    ($($name:ident: $count:literal { $($field:ident: $value:expr),* })*) => {$(
        #[test]
        fn $name() {
            let name = stringify!($name);
            let environments = &[("default", STATE, $count)];
            let _project = migrates(&Case { name, environments, $($field: $value,)* ..CASE });
        }
    )*};
}

projects! {
    generated: 6 {}
    handbook: 3 {}
    joined: 4 {}
    kept: 8 {}
    moves: 7 { says: &["random_pet.retired: a `removed` block lets go of it"] }
    nodes: 22 {}
    notices: 2 { prepare: serve_notice }
    platform: 12 {}
    regions: 5 { missing: &["main.tf:61: a provisioner `local-exec` has no counterpart"] }
    releases: 5 { plan: "1 to add, 0 to change, 3 to destroy" }
    rotation: 10 {}
    subnets: 8 {
        prepare: as_terraform_has_it,
        says: &["The providers are named as they are found, at registry.terraform.io."]
    }
    teams: 18 {}
    vpc: 10 { says: &["main.tf:12: where the old project lies is written out"] }
}

#[test]
fn stages() {
    let environments = &[("dev", "states/dev.json", 3), ("prod", "states/prod.json", 5)];
    let _project = migrates(&Case { name: "stages", environments, ..CASE });
}

#[test]
fn what_terraform_shows_says_nothing_of_aliases() {
    let missing = &["main.tf:61: a provisioner `local-exec` has no counterpart"];
    let environments = &[("default", "shown.json", 5)];
    let _project = migrates(&Case { name: "regions", environments, missing, ..CASE });
}

#[test]
fn workspaces() {
    let environments = &[
        ("prod", "terraform.tfstate.d/prod/terraform.tfstate", 14),
        ("staging", "terraform.tfstate.d/staging/terraform.tfstate", 12),
    ];
    let case = Case { name: "workspaces", environments, ..CASE };
    let Some(project) = migrates(&case) else { return };
    // A second time it would write over what may have been changed meanwhile.
    let again = ["migrate", "old", "--into", "new", "--force", "--no-state"];
    run(&project, &again[..4]).exits(1).says("is there already");
    run(&project, &again[..5]).exits(1).says("something is recorded of `prod` already");
    run(&project, &again).exits(0);
}

#[test]
fn modules_beside_the_project_come_along() {
    let project = Project::empty();
    let module = "shared/modules/greeting";
    for folder in ["live/prod", "shared/modules/word", &format!("{module}/texts")] {
        std::fs::create_dir_all(project.path(folder)).unwrap();
    }
    project.write(
        "live/prod/main.tf",
        "module \"greeting\" {\n  source = \"../../shared/modules/greeting\"\n  to = null\n}\n\
         output \"text\" {\n  value = module.greeting.text\n}\n",
    );
    project.write(
        &format!("{module}/main.tf"),
        "variable \"to\" {\n  type = string\n  default = \"all\"\n}\nmodule \"word\" {\n  \
         source = \"../word\"\n}\noutput \"text\" {\n  value = format(\"%s %s\", \
         file(\"${path.module}/texts/hello.txt\"), coalesce(var.to, module.word.one))\n}\n",
    );
    project.write(&format!("{module}/texts/hello.txt"), "Hello");
    project.write("shared/modules/word/main.tf", "output \"one\" {\n  value = \"you\"\n}\n");
    run(&project, &["migrate", "live/prod", "--into", "new"])
        .exits(0)
        .says("modules/greeting/texts/hello.txt")
        .says("modules/word/module.sync");
    run(&project, &["-C", "new", "check"]).exits(0);
    run(&project, &["-C", "new", "eval", "default"]).exits(0).says("Hello you");
}

#[test]
fn what_is_not_translated_fails_check() {
    let project = Project::empty();
    std::fs::create_dir(project.path("old")).unwrap();
    project.write(
        "old/main.tf",
        "resource \"local_file\" \"a\" {\n  filename = \"a\"\n  content = timestamp()\n}\n",
    );
    let run = run(&project, &["migrate", "old"])
        .exits(0)
        .says("not translated: main.tf:3: the function `timestamp` has no counterpart")
        .says("one thing was not");
    // Without the provider it is still written, and said.
    assert!(run.stderr.contains("E0806") && project.path("old/base.sync").exists());
    self::run(&project, &["migrate", "nowhere"]).exits(1).says("nowhere");
}

#[test]
fn a_state_that_is_elsewhere_is_asked_for() {
    let project = Project::empty();
    std::fs::create_dir(project.path("old")).unwrap();
    let backend = |kind: &str| format!("terraform {{\n  backend {kind} {{\n  }}\n}}\n");
    project.write("old/main.tf", backend("\"s3\""));
    run(&project, &["migrate", "old", "--into", "new"])
        .exits(0)
        .says("No state was taken over: the backend `s3` keeps it");
    let local = backend("\"local\"").replace("{\n  }", "{\n    path = \"kept/own.tfstate\"\n  }");
    project.write("old/main.tf", &local);
    std::fs::create_dir(project.path("old/kept")).unwrap();
    let state = |kind: &str| {
        format!(
            "{{ \"version\": 4, \"resources\": [{{ \"mode\": \"managed\", \"type\": \"{kind}\", \
             \"name\": \"a\", \"instances\": [{{ \"attributes\": {{}} }}] }}] }}"
        )
    };
    project.write("old/kept/own.tfstate", state("random_id"));
    run(&project, &["migrate", "old", "--into", "local"])
        .exits(0)
        .says("random_id.a: it is not declared any more")
        .says("Took over 0 resources of `default`");
    project.write("plan.json", "{ \"format_version\": \"1.2\", \"planned_values\": {} }");
    run(&project, &["migrate", "old", "--into", "plan", "--state", "plan.json"])
        .exits(1)
        .says("plan.json")
        .says("it is a plan, and no state");
}

#[test]
fn what_cannot_be_parsed_is_an_error() {
    let project = Project::empty();
    std::fs::create_dir(project.path("old")).unwrap();
    project.write("old/main.tf", "variable \"a\" {\n");
    let run = run(&project, &["migrate", "old", "--into", "new"]).exits(1).says("main.tf:");
    assert!(!run.stderr.contains("there is no `.tf` file here"), "{}", run.stderr);
}

#[test]
fn a_provider_that_does_not_start_is_told_of() {
    let project = Project::empty();
    let folder = format!("registry.terraform.io/hashicorp/boom/1.0.0/{}", external::platform());
    let folder = format!("mirror/{folder}");
    for folder in [&folder, "old"] {
        std::fs::create_dir_all(project.path(folder)).unwrap();
    }
    let program = format!("{folder}/terraform-provider-boom");
    project.write(&program, "#!/bin/sh\necho 'boom: cannot start' >&2\nexit 1\n");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(project.path(&program), mode).unwrap();
    project.write("old/main.tf", "resource \"boom_thing\" \"a\" {\n  name = \"x\"\n}\n");
    run(&project, &["migrate", "old", "--into", "new"]).exits(0).says("boom: cannot start");
    let written = std::fs::read_to_string(project.path("new/project.sync")).unwrap();
    assert!(written.contains("registry.terraform.io/hashicorp/boom"), "{written}");
}

#[test]
fn a_state_that_belongs_to_no_environment_is_told_of_and_taken_once() {
    let project = Project::empty();
    std::fs::create_dir(project.path("old")).unwrap();
    let main = "variable \"stage\" {}\nresource \"local_file\" \"a\" {\n  path = var.stage\n}\n";
    project.write("old/main.tf", main);
    project.write("old/dev.tfvars", "stage = \"dev\"\n");
    project.write("old/prod.tfvars", "stage = \"prod\"\n");
    let state = r#"{ "version": 4, "resources": [{ "mode": "managed", "type": "local_file", "name": "a",
        "provider": "provider[\"registry.terraform.io/syncline/local\"]",
        "instances": [{ "schema_version": 0, "attributes": { "path": "dev" } }] }] }"#;
    project.write("old/terraform.tfstate", state);
    let run = project.run(&["migrate", "old", "--into", "new"]).exits(0);
    let told = "The state of the workspace `default` was not taken over";
    let run = run.says(told).says("`dev` or `prod`");
    assert!(!run.stderr.contains("Took over"), "{}", run.stderr);
    let with =
        ["migrate", "old", "--into", "new", "--force", "--state", "dev=old/terraform.tfstate"];
    let run = project.run(&with).exits(0).says("Took over 1 resources of `dev`");
    assert!(!run.stderr.contains("not taken over"), "{}", run.stderr);
    // An environment that needs no values may be that of the workspace; a state is of one alone all the same.
    project.write("old/main.tf", main.replace("{}", "{ default = \"x\" }"));
    let with = ["migrate", "old", "--into", "other", "--state", "dev=old/terraform.tfstate"];
    let run = project.run(&with).exits(0).says("Took over 1 resources of `dev`");
    assert!(!run.stderr.contains("`default`"), "{}", run.stderr);
}
