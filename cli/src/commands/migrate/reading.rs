//! Reading a Terraform project from the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syncline_migrate::{Migrated, Sources, backend, is_override, is_source, is_variables};

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

/// How many modules from elsewhere are read.
const MOST_MODULES: usize = 1_000;

/// A project as it was read.
pub(super) struct Read {
    /// Its files.
    pub(super) sources: Sources,
    /// Where the states of its workspaces are.
    pub(super) states: BTreeMap<String, PathBuf>,
    /// Where modules from outside of it were found, by the folders that they were put to.
    pub(super) elsewhere: BTreeMap<String, PathBuf>,
    /// The kind of the backend that it sets.
    pub(super) backend: Option<String>,
}

/// Reads everything in a project's folder that is translated, and where the states of its
/// workspaces are.
pub(super) fn read(folder: &Path) -> Result<Read, Failure> {
    let whole = folder.canonicalize().map_err(|error| {
        Failure::new(format!("the folder {} cannot be read: {error}", folder.display()))
    })?;
    let name = whole.file_name().map_or("project".to_owned(), |n| n.to_string_lossy().into_owned());
    let place = whole.to_string_lossy().into_owned();
    let mut sources = Sources { name, place, ..Sources::default() };
    walk(&whole, "", 0, &mut sources)?;
    installed(&whole, &mut sources)?;
    let elsewhere = outside(&whole, &mut sources)?;
    let mut states = BTreeMap::new();
    let root = sources.files.iter().filter(|(path, _)| !path.contains('/') && !is_variables(path));
    let (overrides, others): (Vec<_>, Vec<_>) = root.partition(|(path, _)| is_override(path));
    // What overrides counts, and of several the last.
    let mut all = overrides.into_iter().rev().chain(others);
    let (backend, path) = all.find_map(|(path, text)| backend(path, text)).unzip();
    let default = whole.join(path.flatten().unwrap_or_else(|| "terraform.tfstate".to_owned()));
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
    Ok(Read { sources, states, elsewhere, backend })
}

/// Reads the modules that lie outside of the project; returns where each was found.
///
/// Each gets a folder of its own, as those do that `terraform init` fetches.
fn outside(root: &Path, sources: &mut Sources) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let mut found: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut elsewhere: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut waiting: Vec<String> = sources.files.keys().cloned().collect();
    while let Some(path) = waiting.pop() {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let real = elsewhere.get(&folder).cloned().unwrap_or_else(|| root.join(&folder));
        for source in syncline_migrate::local_calls(&path, &sources.files[&path]) {
            let Ok(module) = real.join(&source).canonicalize() else { continue };
            if let Ok(inside) = module.strip_prefix(root)
                && inside.to_str().is_some_and(|own| own.is_empty() || !own.starts_with('.'))
            {
                let inside = inside.to_string_lossy().into_owned();
                if elsewhere.contains_key(&folder) {
                    sources.links.insert((folder.clone(), source), inside);
                }
                continue;
            }
            let to = match found.get(&module) {
                Some(to) => to.clone(),
                None if found.len() < MOST_MODULES => {
                    let to = free(&module, sources);
                    found.insert(module.clone(), to.clone());
                    elsewhere.insert(to.clone(), module.clone());
                    let shown = match sources.outside.get(&folder) {
                        Some(own) => format!("{own}/{source}"),
                        None if folder.is_empty() => source.clone(),
                        None => format!("{folder}/{source}"),
                    };
                    sources.outside.insert(to.clone(), shown);
                    waiting.extend(module_files(&module, &to, sources)?);
                    to
                }
                None => continue,
            };
            sources.links.insert((folder.clone(), source), to);
        }
    }
    Ok(elsewhere)
}

/// Returns a folder for a module from elsewhere that nothing has yet.
fn free(module: &Path, sources: &Sources) -> String {
    let name = module.file_name().map_or("module".into(), |own| own.to_string_lossy());
    let is_taken = |name: &str| {
        let inside = [format!(".terraform/modules/{name}/"), format!("modules/{name}/")];
        let mut files = sources.files.keys();
        files.any(|path| inside.iter().any(|own| path.starts_with(own.as_str())))
    };
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut all = std::iter::once(name.to_string()).chain(numbered);
    let name = all.find(|name| !is_taken(name)).unwrap_or_default();
    format!(".terraform/modules/{name}")
}

/// Reads a module from elsewhere; returns the paths of its sources.
fn module_files(module: &Path, to: &str, sources: &mut Sources) -> Result<Vec<String>, Failure> {
    let mut read = Sources::default();
    walk(module, "", 0, &mut read)?;
    let is_own = |path: &String| !path.contains('/') && !is_variables(path);
    let own: Vec<(String, String)> =
        read.files.into_iter().filter(|(path, _)| is_own(path)).collect();
    let mut paths = Vec::new();
    for (path, text) in own {
        let path = format!("{to}/{path}");
        sources.files.insert(path.clone(), text);
        paths.push(path);
    }
    let room = MOST.saturating_sub(sources.others.len());
    let others = read.others.into_iter().take(room);
    sources.others.extend(others.map(|(path, text)| (format!("{to}/{path}"), text)));
    Ok(paths)
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
        if is_source(&name) {
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
            if is_source(&name) && !is_variables(&name) {
                add(root, &path, sources)?;
            } else if entry.path().is_file() && sources.others.len() < MOST {
                sources.others.insert(path, other(&entry.path()));
            }
        }
    }
    Ok(())
}

/// Returns where each environment's state is, and its text: what the flags say, else what was found.
pub(super) fn states(
    session: &Session,
    arguments: &MigrateArguments,
    migrated: &Migrated,
    found: BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, (PathBuf, String)>, Failure> {
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
        let path = session.folder.join(path);
        // One state is of one environment.
        paths.retain(|_, own| !is_one(own, &path));
        paths.insert(name, path);
    }
    let read = |(name, path): (String, PathBuf)| match std::fs::read_to_string(&path) {
        Ok(text) => Ok((name, (path, text))),
        Err(error) => Err(Failure::new(format!("{}: {error}", path.display()))),
    };
    paths.into_iter().map(read).collect()
}

fn is_one(left: &Path, right: &Path) -> bool {
    left.canonicalize().is_ok_and(|left| right.canonicalize().is_ok_and(|right| left == right))
}

/// Returns a line about each state that was found and belongs to no environment.
pub(super) fn left(
    migrated: &Migrated,
    found: &BTreeMap<String, PathBuf>,
    taken: &BTreeMap<String, (PathBuf, String)>,
) -> Vec<String> {
    let is_taken = |path: &Path| taken.values().any(|(own, _)| is_one(own, path));
    let names: Vec<String> =
        migrated.environments.iter().map(|(name, _)| format!("`{name}`")).collect();
    let names = names.join(" or ");
    let line = |(workspace, path): (&String, &PathBuf)| {
        format!(
            "The state of the workspace `{workspace}` was not taken over: no file gives it values. Where it is that of \
             {names}, `--state ENV={}` says so.",
            path.display()
        )
    };
    found.iter().filter(|(_, path)| !is_taken(path)).map(line).collect()
}
