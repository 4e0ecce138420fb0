//! Workspaces and variable files as environments.
//!
//! Takes the variable files and the names of workspaces; returns the environments, each with the
//! values that it gives. Laws: files that Terraform reads by itself hold for all, and so does what
//! every variable file sets alike; a workspace and a variable file of one name are one environment; the workspace
//! `default` is one beside variable files only where it needs none of them.

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;

use crate::source::{File, Parsed, Sources};
use crate::text;

/// A value and the file that gives it.
pub type Given<'a> = (&'a File, &'a Expression);

/// An environment and the values that it gives.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// Its name.
    pub name: String,
    /// The workspace whose state is its own.
    pub workspace: Option<String>,
    /// By the variable's name.
    pub values: BTreeMap<String, Given<'a>>,
}

/// The environments, and what holds for all of them.
#[derive(Clone, Debug, Default)]
pub struct Environments<'a> {
    /// By the variable's name.
    pub shared: BTreeMap<String, Given<'a>>,
    /// The environments, sorted by their names.
    pub all: Vec<Environment<'a>>,
}

impl Environments<'_> {
    /// Returns the workspaces that are called something else than their environments, by the environment.
    #[must_use]
    pub fn renamed(&self) -> BTreeMap<String, String> {
        let own = |own: &Environment<'_>| Some((own.name.clone(), own.workspace.clone()?));
        self.all.iter().filter_map(own).filter(|(name, workspace)| name != workspace).collect()
    }
}

/// Returns the environments of a project.
#[must_use]
pub fn environments<'a>(sources: &Sources, parsed: &'a Parsed) -> Environments<'a> {
    let mut found = Environments::default();
    let mut named: BTreeMap<String, BTreeMap<String, Given<'a>>> = BTreeMap::new();
    // What comes later wins, and `terraform.tfvars` comes first.
    let mut files: Vec<&File> = parsed.variables.iter().collect();
    files.sort_by_key(|file| file.path.contains(".auto.tfvars"));
    for file in files {
        let to = match name(&file.path) {
            Some(name) => named.entry(name).or_default(),
            None => &mut found.shared,
        };
        for attribute in file.body.attributes() {
            to.insert(attribute.key.as_str().to_owned(), (file, &attribute.value));
        }
    }
    for workspace in &sources.workspaces {
        if workspace != "default" {
            named.entry(text::member(workspace)).or_default();
        }
    }
    let default = sources.workspaces.iter().any(|workspace| workspace == "default");
    // One file and one state belong together.
    let lonely = named.len() == 1 && sources.workspaces.len() == 1 && default;
    // What nobody gives values is no environment: its state is that of one of the others, and nobody knows of which.
    let is_whole = || asked(parsed).all(|name| found.shared.contains_key(name));
    if named.is_empty() || default && !lonely && is_whole() {
        named.entry("default".to_owned()).or_default();
    }
    let workspace = |name: &str| {
        let own = sources.workspaces.iter().find(|own| text::member(own) == name);
        own.cloned().or_else(|| lonely.then(|| "default".to_owned()))
    };
    found.all = named
        .into_iter()
        .map(|(name, values)| Environment { workspace: workspace(&name), name, values })
        .collect();
    share(&mut found);
    found
}

/// Returns the variables of the root module that need a value.
fn asked(parsed: &Parsed) -> impl Iterator<Item = &str> {
    let root = parsed.modules.get("").into_iter();
    let variables = root.flat_map(|module| module.blocks("variable"));
    variables.filter(|own| own.value("default").is_none()).map(|own| own.label(0))
}

/// Moves what all environments give alike to what they share.
fn share(found: &mut Environments<'_>) {
    let [first, others @ ..] = found.all.as_mut_slice() else { return };
    if others.is_empty() {
        return;
    }
    let alike: Vec<String> = first
        .values
        .iter()
        .filter(|(name, (_, value))| {
            others.iter().all(|own| {
                own.values.get(*name).is_some_and(|(_, other)| plain(other) == plain(value))
            })
        })
        .map(|(name, _)| name.clone())
        .collect();
    for name in alike {
        if let Some(value) = first.values.remove(&name) {
            found.shared.insert(name.clone(), value);
        }
        for other in &mut *others {
            other.values.remove(&name);
        }
    }
}

fn plain(expression: &Expression) -> String {
    expression.to_string().split_whitespace().collect()
}

/// Returns the environment that a variable file is for; none for one that Terraform always reads.
fn name(path: &str) -> Option<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".json").trim_end_matches(".tfvars");
    if folder.is_empty() && (stem == "terraform" || stem.ends_with(".auto")) {
        return None;
    }
    let stem = stem.trim_end_matches(".auto");
    // `envs/prod/terraform.tfvars` is about `prod`.
    let generic = matches!(stem, "terraform" | "variables" | "vars" | "main" | "inputs");
    let last = folder.rsplit('/').next().unwrap_or_default();
    let name = if generic && !last.is_empty() { last } else { stem };
    Some(text::member(name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn variable_files_are_named_after_what_they_are_for() {
        for (path, name) in [
            ("terraform.tfvars", None),
            ("common.auto.tfvars", None),
            ("terraform.tfvars.json", None),
            ("prod.tfvars.json", Some("prod")),
            ("prod.tfvars", Some("prod")),
            ("envs/eu-west.tfvars", Some("eu_west")),
            ("envs/prod/terraform.tfvars", Some("prod")),
        ] {
            assert_eq!(super::name(path).as_deref(), name, "{path}");
        }
    }
}
