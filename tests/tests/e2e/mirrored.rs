//! Whatever providers stand in the mirror that `SYNCLINE_TEST_MIRROR` names, unmodified.
//!
//! Each is locked and says what it offers. Those that do no harm anywhere live through a create, a change and a
//! destruction; so does an object of S3 with the provider of AWS, on the server that `cargo xtask test` starts.

use std::path::Path;

use crate::process::{Project, Run, finish};

/// What is made at first and what then, by the provider's type.
const LIVES: [(&str, &str, &str); 6] = [
    ("random", "string x { length = 8 }", "string x { length = 9 }"),
    ("null", "resource x { triggers = { a = \"1\" } }", "resource x { triggers = { a = \"2\" } }"),
    (
        "local",
        "file x { filename = \"out\", content = \"one\" }",
        "file x { filename = \"out\", content = \"two\" }",
    ),
    ("time", "static x { triggers = { a = \"1\" } }", "static x { triggers = { a = \"2\" } }"),
    (
        "tls",
        "private_key x { algorithm = \"ED25519\" }",
        "private_key x { algorithm = \"ECDSA\", ecdsa_curve = \"P256\" }",
    ),
    (
        "aws",
        "s3_object x { bucket = \"mirrored\", key = \"a\", content = \"one\", tags = { a = \"1\" } }",
        "s3_object x { bucket = \"mirrored\", key = \"b\", content = \"two\", tags = { a = \"2\" } }",
    ),
];

/// Returns what a provider has to be set up with; nothing for one that cannot be tried here.
fn set_up(kind: &str, name: &str) -> Option<String> {
    if kind != "aws" {
        return Some(String::new());
    }
    let endpoint = std::env::var("SYNCLINE_TEST_S3").ok()?;
    Some(format!(
        "  provider {name} {{\n    region = \"us-east-1\", access_key = \"x\", secret_key = \"x\"\n    \
         s3_use_path_style = true, skip_credentials_validation = true\n    \
         skip_requesting_account_id = true, skip_metadata_api_check = \"true\"\n    \
         endpoints = [{{ s3 = \"{endpoint}\" }}]\n  }}\n"
    ))
}

/// Returns the names of the folders in a folder, sorted.
fn folders(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

#[test]
fn what_somebody_has_in_a_mirror_runs() {
    let Some(mirror) = std::env::var_os("SYNCLINE_TEST_MIRROR") else {
        // Nobody can set up what only somebody has: this is no skip that CI would count.
        eprintln!("no mirror is named by SYNCLINE_TEST_MIRROR, so no provider of one is tried");
        return;
    };
    let mirror = Path::new(&mirror).canonicalize().unwrap();
    for host in folders(&mirror) {
        for namespace in folders(&mirror.join(&host)) {
            for kind in folders(&mirror.join(&host).join(&namespace)) {
                lives(&mirror, &format!("{host}/{namespace}/{kind}"), &kind);
            }
        }
    }
}

/// Leads a provider through what can be done with it.
fn lives(mirror: &Path, source: &str, kind: &str) {
    // Another name than the types' prefix, which does not matter.
    let name = format!("own_{}", kind.replace('-', "_"));
    let project = Project::empty();
    let run = |arguments: &[&str]| -> Run {
        let mut command = project.command(arguments);
        command.env("SYNCLINE_PLUGIN_DIR", mirror);
        finish(command.spawn().unwrap())
    };
    let head =
        format!("project \"p\" {{\n  providers = {{ {name} = {{ source = \"{source}\" }} }}\n}}\n");
    let write = |resource: &str| {
        let own = set_up(kind, &name).unwrap_or_default();
        let text = format!("{head}environment dev {{\n{own}  resource {name}.{resource}\n}}\n");
        project.write("main.sync", text);
    };
    project.write("main.sync", format!("{head}environment dev {{}}\n"));
    run(&["providers", "lock"]).exits(0).says(&name);
    run(&["providers", "docs", &name]).exits(0).says(&format!("{name}."));
    let Some((_, first, then)) = LIVES.iter().find(|life| life.0 == kind) else { return };
    if set_up(kind, &name).is_none() {
        return;
    }
    for resource in [first, then] {
        write(resource);
        run(&["apply", "dev", "--yes"]).exits(0).says("1 added");
        run(&["plan", "dev", "--refresh", "all"]).exits(0).says("No changes");
    }
    run(&["destroy", "dev", "--yes"]).exits(0).says("1 destroyed");
}
