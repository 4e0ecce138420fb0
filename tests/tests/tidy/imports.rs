//! The import table of the architecture, against each crate's dependencies and its source.

use std::collections::BTreeMap;

use crate::{files, report, root};

/// What a crate may and may not import.
struct Rule {
    /// The crate's folder.
    folder: &'static str,
    /// The siblings that it may import, without `syncline-`; `*` for any.
    siblings: &'static [&'static str],
    /// Other crates that it must not import.
    never: &'static [&'static str],
    /// Other crates that it may import; empty for any that is not forbidden.
    only: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        folder: "lang/model",
        siblings: &[],
        never: &[],
        only: &[
            "async-trait",
            "bigdecimal",
            "blake3",
            "ecow",
            "indexmap",
            "itoa",
            "num-bigint",
            "rustc-hash",
            "serde",
            "serde_json",
            "thiserror",
        ],
    },
    Rule {
        folder: "lang",
        siblings: &["model"],
        never: &["tokio", "async-trait", "rusqlite", "tonic", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "planner",
        siblings: &["model"],
        never: &["pest", "pest_meta", "rusqlite", "tonic", "miette", "clap"],
        only: &[],
    },
    Rule {
        folder: "planner/state",
        siblings: &["model", "planner"],
        never: &["pest", "pest_meta", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "planner/state/objects",
        siblings: &["model", "planner", "state"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "planner/state/postgres",
        siblings: &["model", "planner", "state"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "providers/protocol",
        siblings: &["model"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "providers/install",
        siblings: &[],
        never: &["pest", "pest_meta", "rusqlite", "tonic", "miette", "clap", "petgraph", "tokio"],
        only: &[],
    },
    Rule {
        folder: "providers/local",
        siblings: &["model", "protocol"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "providers/random",
        siblings: &["model", "protocol"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "providers/terraform",
        siblings: &["model", "protocol"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "providers/time",
        siblings: &["model", "protocol"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "providers/plugins",
        siblings: &["model", "protocol", "provider-local", "provider-random", "provider-time"],
        never: &["pest", "pest_meta", "rusqlite", "miette", "clap", "petgraph"],
        only: &[],
    },
    Rule {
        folder: "cli/migrate",
        siblings: &["lang", "model"],
        never: &["pest", "pest_meta", "rusqlite", "tonic", "miette", "clap", "petgraph", "tokio"],
        only: &[],
    },
    Rule {
        folder: "cli",
        siblings: &["*"],
        never: &["pest", "pest_meta", "petgraph", "rusqlite"],
        only: &[],
    },
];

/// What only tests of a crate may need, whatever the crate is.
const FOR_TESTS: &[&str] =
    &["insta", "libtest-mimic", "proptest", "tempfile", "tokio", "async-trait"];

/// Returns the names of a crate's dependencies by section.
fn dependencies(folder: &str) -> BTreeMap<String, Vec<String>> {
    let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut section = String::new();
    for line in manifest.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        } else if section.ends_with("dependencies") && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['.', '=', ' ']).next().unwrap();
            sections.entry(section.clone()).or_default().push(name.to_owned());
        }
    }
    sections
}

#[test]
fn the_import_table_holds() {
    let mut offences = Vec::new();
    for rule in RULES {
        for (section, names) in dependencies(rule.folder) {
            let tests = section == "dev-dependencies";
            for name in names {
                let allowed = match name.strip_prefix("syncline-") {
                    Some(sibling) => {
                        rule.siblings.contains(&"*") || rule.siblings.contains(&sibling)
                    }
                    None if tests && FOR_TESTS.contains(&name.as_str()) => true,
                    None => {
                        !rule.never.contains(&name.as_str())
                            && (rule.only.is_empty() || rule.only.contains(&name.as_str()))
                    }
                };
                if !allowed {
                    offences.push(format!("{}/Cargo.toml: [{section}] {name}", rule.folder));
                }
            }
        }
    }
    report("imports that the architecture forbids", &offences);
}

#[test]
fn every_crate_has_a_rule() {
    let known: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.folder)
        .chain(["tests", "xtask", "editors/tree-sitter"])
        .collect();
    let offences: Vec<String> = files(&["Cargo.toml"])
        .iter()
        .filter(|file| file.text.contains("[package]"))
        .map(|file| file.path.trim_end_matches("/Cargo.toml").to_owned())
        .filter(|folder| !known.contains(&folder.as_str()))
        .collect();
    report("crates without a rule in the import table", &offences);
}

#[test]
fn only_the_syntax_names_pest() {
    let mut offences = Vec::new();
    for file in files(&[".rs"]) {
        if file.path.starts_with("lang/src/syntax/") || file.path.starts_with("tests/tests/tidy/") {
            continue;
        }
        for (number, line) in file.lines() {
            let code = line.trim_start();
            if !code.starts_with("//") && (code.contains("pest::") || code.contains("pest_vm")) {
                offences.push(format!("{}:{number}: {code}", file.path));
            }
        }
    }
    report("pest outside of lang/src/syntax", &offences);
}

/// The front end and the planner are hermetic: the world comes in through traits.
#[test]
fn the_pure_crates_touch_nothing() {
    let pure = ["lang/src/", "lang/model/src/", "planner/src/"];
    let banned = [
        "std::fs",
        "std::env",
        "std::net::Tcp",
        "UdpSocket",
        "ToSocketAddrs",
        "std::process",
        "SystemTime",
        "Instant::now",
        "std::io::stdin",
        "std::io::stdout",
        "std::io::stderr",
        "tokio::fs",
        "tokio::net",
        "tokio::process",
        "tokio::signal",
    ];
    let mut offences = Vec::new();
    for file in files(&[".rs"]) {
        let is_pure = pure.iter().any(|folder| file.path.starts_with(folder));
        if !is_pure || file.path.ends_with("/tests.rs") {
            continue;
        }
        for (number, line) in file.lines() {
            let code = line.trim_start();
            if code.starts_with("#[cfg(test)]") {
                break;
            }
            if code.starts_with("//") {
                continue;
            }
            for word in banned {
                if code.contains(word) {
                    offences.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    report("file system, environment, clock or processes in a pure crate", &offences);
}
