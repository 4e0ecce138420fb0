//! Configurations of providers: what they are called, and which ones modules are handed.
//!
//! Takes the members and calls of modules, and returns for each call what its unit has to say of the members within: a
//! component knows no configurations, so that the root module's units name them, however deep the members are.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind names no provider")]

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};

use crate::names::Names;
use crate::source::{Found, Module};
use crate::text;

/// A provider's local name and an alias; none for the plain configuration.
type Named = (String, Option<String>);

/// A member, by the names on the way to it, and what a module calls its configuration.
type Need = (Vec<String>, Named);

/// What configurations are called, and which members need one.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// The names of those of the root module.
    pub root: BTreeMap<(String, String), String>,
    /// By the module's folder.
    needs: BTreeMap<String, Vec<Need>>,
    /// The folders of calls, by the folder and the label of each.
    calls: BTreeMap<(String, String), String>,
}

/// Returns the provider and the alias that `aws.west` names.
#[must_use]
pub fn reference(expression: &Expression) -> Option<(String, Option<String>)> {
    match expression {
        Expression::Variable(name) => Some((name.as_str().to_owned(), None)),
        Expression::Null(_) => Some(("null".to_owned(), None)),
        Expression::Traversal(own) => {
            let (name, _) = reference(&own.expr)?;
            match own.operators.first().map(|operator| operator.value()) {
                Some(TraversalOperator::GetAttr(alias)) => Some((name, Some(alias.to_string()))),
                Some(_) | None => None,
            }
        }
        // Version 0.11 wrote it as a text.
        other => {
            other.as_str().filter(|own| !own.is_empty()).map(|own| match own.split_once('.') {
                Some((name, alias)) => (name.to_owned(), Some(alias.to_owned())),
                None => (own.to_owned(), None),
            })
        }
    }
}

/// Returns the configurations that a call hands over: what the module calls each, and what it is called here.
pub fn providers<'a>(
    found: Found<'a>,
) -> impl Iterator<Item = ((String, Option<String>), &'a Expression)> {
    let object = found.value("providers").and_then(Expression::as_object);
    object.into_iter().flat_map(|own| own.iter()).filter_map(|(key, value)| {
        let key = match key {
            ObjectKey::Ident(name) => (name.to_string(), None),
            ObjectKey::Expression(own) => reference(own)?,
        };
        Some((key, value.expr()))
    })
}

impl Handed {
    /// Notes what the members of a module need; the modules that it calls are known already.
    pub(crate) fn learn(
        &mut self,
        module: &Module,
        names: &Names,
        calls: &BTreeMap<String, String>,
    ) {
        let mut needs = Vec::new();
        let kinds = [
            ("resource", &names.resources),
            ("data", &names.data),
            ("ephemeral", &names.ephemeral),
        ];
        for (kind, all) in kinds {
            for found in module.blocks(kind) {
                let of = (found.label(0).to_owned(), found.label(1).to_owned());
                let own = found.value("provider").and_then(reference);
                if let (Some(named), Some((provider, Some(alias)))) = (all.get(&of), own) {
                    needs.push((vec![named.name.clone()], (provider, Some(alias))));
                }
            }
        }
        let folder = &module.folder;
        for (label, to) in calls {
            self.calls.insert((folder.clone(), label.clone()), to.clone());
        }
        for found in module.blocks("module") {
            let Some(named) = names.modules.get(found.label(0)) else { continue };
            for (path, own) in self.of_call(folder, found) {
                let way = std::iter::once(named.name.clone()).chain(path);
                needs.push((way.collect(), own));
            }
        }
        self.needs.insert(folder.clone(), needs);
    }

    /// Returns what the members of a unit need, by what the module that calls it calls the configurations.
    fn of_call(&self, folder: &str, found: Found<'_>) -> Vec<Need> {
        let handed = providers(found).filter_map(|(key, value)| Some((key, reference(value)?)));
        let handed: BTreeMap<Named, Named> = handed.collect();
        let to = self.calls.get(&(folder.to_owned(), found.label(0).to_owned()));
        let needs = to.and_then(|to| self.needs.get(to)).into_iter().flatten();
        let plain = handed.iter().filter(|((_, own), (_, from))| own.is_none() && from.is_some());
        let plain = plain.map(|(_, from)| (Vec::new(), from.clone()));
        let inside = needs.filter_map(|(path, own)| Some((path.clone(), handed.get(own)?.clone())));
        plain.chain(inside).collect()
    }

    /// Returns what a unit of the root module says of itself, and of its members.
    pub(crate) fn said(&self, folder: &str, found: Found<'_>) -> (Vec<String>, Vec<String>) {
        let needs = if folder.is_empty() { self.of_call(folder, found) } else { Vec::new() };
        let said = |(path, (provider, alias)): Need| {
            let name = text::provider(&provider);
            let own = match alias {
                Some(alias) => format!("{name}.{}", self.of_root(&provider, &alias)?),
                None => name,
            };
            Some((path, format!("@provider({own})")))
        };
        let needs: Vec<(Vec<String>, String)> = needs.into_iter().filter_map(said).collect();
        let (own, inside) = needs.into_iter().partition(|(path, _)| path.is_empty());
        (amended(own), amended(inside))
    }

    /// Returns the alias of the configuration that a member has, by the names on the way to it: what is said of the
    /// innermost thing around it counts.
    #[must_use]
    pub fn of_member(&self, way: &[&str], provider: &str) -> Option<String> {
        let is_around = |(path, (name, _)): &&Need| {
            text::provider(name) == provider && path.iter().zip(way).all(|(one, own)| one == own)
        };
        let needs = self.needs.get("")?.iter().filter(|(path, _)| path.len() <= way.len());
        let (_, (name, alias)) = needs.filter(is_around).max_by_key(|(path, _)| path.len())?;
        self.of_root(name, alias.as_deref()?)
    }

    /// Returns the name of a configuration of the root module.
    #[must_use]
    pub fn of_root(&self, provider: &str, alias: &str) -> Option<String> {
        let named = (text::provider(provider), alias.to_owned());
        // There is nothing to configure about `null`, whose name is a word of the language.
        let other = || (provider != "null").then(|| text::member(alias));
        self.root.get(&named).cloned().or_else(other)
    }
}

/// Returns amendments of members, those on one way as one.
fn amended(all: Vec<(Vec<String>, String)>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside: BTreeMap<String, Vec<(Vec<String>, String)>> = BTreeMap::new();
    for (path, line) in all {
        match path.split_first() {
            Some((first, rest)) => {
                inside.entry(first.clone()).or_default().push((rest.to_vec(), line));
            }
            None => lines.push(line),
        }
    }
    for (name, own) in inside {
        lines.push(format!("{name} {{\n{}\n}}", amended(own).join("\n")));
    }
    lines
}
