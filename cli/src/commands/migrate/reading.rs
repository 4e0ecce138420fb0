//! Reading a Terraform project from the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syncline_migrate::{Migrated, Sources};

use super::MigrateArguments;
use crate::exit::Failure;
use crate::session::Session;

/// The most bytes of a file of HCL.
const LARGEST: u64 = 16 << 20;
/// The most bytes of a template.
const LARGEST_OTHER: u64 = 256 << 10;
/// How many files that are no sources are looked at.
const MOST: usize = 10_000;
/// How deep folders are looked into.
const DEEPEST: usize = 12;

/// Reads everything in a project's folder that is translated, and where the states of its
/// workspaces are.
pub(super) fn read(folder: &Path) -> Result<(Sources, BTreeMap<String, PathBuf>), Failure> {
    let whole = folder.canonicalize().map_err(|error| {
        Failure::new(format!("the folder {} cannot be read: {error}", folder.display()))
    })?;
    let name = whole.file_name().map_or("project".to_owned(), |n| n.to_string_lossy().into_owned());
    let mut sources = Sources { name, ..Sources::default() };
    walk(&whole, "", 0, &mut sources)?;
    installed(&whole, &mut sources)?;
    let mut states = BTreeMap::new();
    let default = whole.join("terraform.tfstate");
    if default.is_file() {
        states.insert("default".to_owned(), default);
    }
    let workspaces = std::fs::read_dir(whole.join("terraform.tfstate.d"));
    for entry in workspaces.into_iter().flatten().flatten() {
        let state = entry.path().join("terraform.tfstate");
        if state.is_file() {
            states.insert(entry.file_name().to_string_lossy().into_owned(), state);
        }
    }
    // A workspace that was never applied in is no environment.
    states.retain(|name, path| {
        name != "default" || std::fs::read_to_string(path).is_ok_and(|text| !is_empty(&text))
    });
    sources.workspaces = states.keys().cloned().collect();
    Ok((sources, states))
}

fn is_empty(text: &str) -> bool {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    json.get("resources").and_then(|own| own.as_array()).is_none_or(Vec::is_empty)
}

fn walk(root: &Path, below: &str, depth: usize, sources: &mut Sources) -> Result<(), Failure> {
    let folder = root.join(below);
    let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    for entry in std::fs::read_dir(&folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() {
            // What is installed is found by its list; examples and tests of modules are their own.
            let hidden = name.starts_with('.') || name == "terraform.tfstate.d";
            if !hidden && depth < DEEPEST {
                walk(root, &path, depth + 1, sources)?;
            }
            continue;
        }
        if [".tf", ".tofu", ".tfvars"].iter().any(|ending| name.ends_with(ending)) {
            add(root, &path, sources)?;
        } else if kind.is_file() && sources.others.len() < MOST {
            sources.others.insert(path.clone(), other(&root.join(&path)));
        }
    }
    Ok(())
}

/// Returns the text of a file that is no source: a template, perhaps.
fn other(path: &Path) -> Option<String> {
    let is_short = std::fs::metadata(path).is_ok_and(|own| own.len() <= LARGEST_OTHER);
    if is_short { std::fs::read_to_string(path).ok() } else { None }
}

fn add(root: &Path, path: &str, sources: &mut Sources) -> Result<(), Failure> {
    let whole = root.join(path);
    let fail = |why: String| Failure::new(format!("{}: {why}", whole.display()));
    let metadata = std::fs::metadata(&whole).map_err(|error| fail(error.to_string()))?;
    if metadata.len() > LARGEST {
        return Err(fail(format!("it has more than {} MiB", LARGEST >> 20)));
    }
    let text = std::fs::read_to_string(&whole).map_err(|error| fail(error.to_string()))?;
    sources.files.insert(path.to_owned(), text);
    Ok(())
}

/// Reads the modules that `terraform init` has fetched.
fn installed(root: &Path, sources: &mut Sources) -> Result<(), Failure> {
    let list = root.join(".terraform/modules/modules.json");
    let Ok(text) = std::fs::read_to_string(list) else { return Ok(()) };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    for own in json.get("Modules").and_then(|own| own.as_array()).into_iter().flatten() {
        let text = |name: &str| own.get(name).and_then(|own| own.as_str()).unwrap_or_default();
        let (source, folder) = (text("Source"), text("Dir"));
        if !folder.starts_with(".terraform/") || folder.contains("..") {
            continue;
        }
        for name in [source, source.trim_start_matches("registry.terraform.io/")] {
            sources.installed.insert(name.to_owned(), folder.to_owned());
        }
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}/{name}");
            if name.ends_with(".tf") || name.ends_with(".tofu") {
                add(root, &path, sources)?;
            } else if entry.path().is_file() && sources.others.len() < MOST {
                sources.others.insert(path, other(&entry.path()));
            }
        }
    }
    Ok(())
}

/// Returns the text of each environment's state: what the flags say, else what was found.
pub(super) fn states(
    session: &Session,
    arguments: &MigrateArguments,
    migrated: &Migrated,
    found: BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut paths = BTreeMap::new();
    for (environment, workspace) in &migrated.environments {
        if let Some(path) = workspace.as_ref().and_then(|workspace| found.get(workspace)) {
            paths.insert(environment.clone(), path.clone());
        }
    }
    for text in &arguments.state {
        let names = || migrated.environments.iter().map(|(name, _)| name);
        let (name, path) = match (text.split_once('='), migrated.environments.as_slice()) {
            (Some((name, path)), _) if names().any(|own| own == name) => (name.to_owned(), path),
            (_, [(only, _)]) => (only.clone(), text.as_str()),
            _ => {
                let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                return Err(Failure::new(format!("`--state {text}` names no environment"))
                    .help(format!("Write `ENV=FILE`; there are {}.", names.join(", "))));
            }
        };
        paths.insert(name, session.folder.join(path));
    }
    let read = |(name, path): (String, PathBuf)| match std::fs::read_to_string(&path) {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(Failure::new(format!("{}: {error}", path.display()))),
    };
    paths.into_iter().map(read).collect()
}
