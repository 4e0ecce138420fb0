//! Configurations of providers: what they are called, and which ones modules are handed.
//!
//! Takes the members and calls of modules, and returns for each call what its unit has to say of the members within: a
//! component knows no configurations, so that the root module's units name them, however deep the members are. What a
//! module sets up by itself is a configuration of the root module, too.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind names no provider")]

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::Structure;

use crate::names::Names;
use crate::source::{Found, Module};
use crate::text;

/// A provider's local name and an alias; none for the plain configuration.
type Named = (String, Option<String>);

/// A member with a configuration that is not the plain one around.
#[derive(Clone, Debug)]
struct Need {
    /// The names on the way to it; none where it is everything in the module.
    path: Vec<String>,
    /// What its module calls the configuration.
    named: Named,
    /// Where a module sets it up by itself, how many names of the way lead to that.
    inside: Option<usize>,
}

impl Need {
    /// Returns the same, seen from outside of a unit.
    fn below(self, unit: &str) -> Self {
        let path = std::iter::once(unit.to_owned()).chain(self.path).collect();
        Self { path, named: self.named, inside: self.inside.map(|own| own + 1) }
    }
}

/// A configuration that a module sets up: the names on the way to the module, and what it calls it.
pub(crate) type SetUp = (Vec<String>, Named);

/// What configurations are called, and which members need one.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// The names of those of the root module.
    pub root: BTreeMap<(String, String), String>,
    /// The names of those that modules set up.
    pub(crate) set_up: BTreeMap<SetUp, String>,
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

/// Returns the configurations that a module sets up: what it calls each, and the block.
pub(crate) fn set_up(module: &Module) -> impl Iterator<Item = (Named, Found<'_>)> {
    let says = |found: &Found<'_>| {
        let mut names = found.block.body.iter().map(|own| match own {
            Structure::Attribute(own) => own.key.as_str(),
            Structure::Block(own) => own.ident.as_str(),
        });
        // What has no more than these says what it is handed.
        names.any(|name| !matches!(name, "alias" | "version"))
    };
    module.blocks("provider").filter(says).map(|found| {
        let alias = found.text("alias").map(str::to_owned);
        ((found.label(0).to_owned(), alias), found)
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
        let own: Vec<Named> = if module.folder.is_empty() {
            Vec::new()
        } else {
            set_up(module).map(|(named, _)| named).collect()
        };
        let inside = |named: &Named| own.contains(named).then_some(0);
        let plain = own.iter().filter(|(_, alias)| alias.is_none());
        let mut needs: Vec<Need> = plain
            .map(|named| Need { path: Vec::new(), named: named.clone(), inside: Some(0) })
            .collect();
        let kinds = [
            ("resource", &names.resources),
            ("data", &names.data),
            ("ephemeral", &names.ephemeral),
        ];
        for (kind, all) in kinds {
            for found in module.blocks(kind) {
                let of = (found.label(0).to_owned(), found.label(1).to_owned());
                let named = found.value("provider").and_then(reference);
                if let (Some(member), Some(named @ (_, Some(_)))) = (all.get(&of), named) {
                    let inside = inside(&named);
                    needs.push(Need { path: vec![member.name.clone()], named, inside });
                }
            }
        }
        let folder = &module.folder;
        for (label, to) in calls {
            self.calls.insert((folder.clone(), label.clone()), to.clone());
        }
        for found in module.blocks("module") {
            let Some(named) = names.modules.get(found.label(0)) else { continue };
            for need in self.of_call(folder, found) {
                let is_own = need.inside.is_none() && own.contains(&need.named);
                let mut need = need.below(&named.name);
                if is_own {
                    need.inside = Some(0);
                }
                needs.push(need);
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
        let plain =
            plain.map(|(_, from)| Need { path: Vec::new(), named: from.clone(), inside: None });
        let inside = needs.filter_map(|need| match need.inside {
            Some(_) => Some(need.clone()),
            None => Some(Need { named: handed.get(&need.named)?.clone(), ..need.clone() }),
        });
        plain.chain(inside).collect()
    }

    /// Returns what a unit of the root module says of itself, and of its members.
    pub(crate) fn said(
        &self,
        folder: &str,
        (unit, found): (&str, Found<'_>),
    ) -> (Vec<String>, Vec<String>) {
        let needs = if folder.is_empty() { self.of_call(folder, found) } else { Vec::new() };
        let said = |need: Need| {
            let path = need.path.clone();
            let name = text::provider(&need.named.0);
            // The unit is on the way to what is set up inside of it.
            let own = match self.alias(&need.below(unit))? {
                Some(alias) => format!("{name}.{alias}"),
                None => name,
            };
            Some((path, format!("@provider({own})")))
        };
        let needs: Vec<(Vec<String>, String)> = needs.into_iter().filter_map(said).collect();
        let (own, inside) = needs.into_iter().partition(|(path, _)| path.is_empty());
        (amended(own), amended(inside))
    }

    /// Returns the alias that a configuration has here, which need not have one; nothing where there is none of it.
    fn alias(&self, need: &Need) -> Option<Option<String>> {
        let (provider, alias) = &need.named;
        match need.inside {
            Some(length) => {
                let way = need.path.get(..length)?.to_vec();
                self.set_up.get(&(way, need.named.clone())).cloned().map(Some)
            }
            None => match alias {
                Some(alias) => self.of_root(provider, alias).map(Some),
                None => Some(None),
            },
        }
    }

    /// Returns the alias of the configuration that a member has, by the names on the way to it: what is said of the
    /// innermost thing around it counts.
    #[must_use]
    pub fn of_member(&self, way: &[&str], provider: &str) -> Option<String> {
        let is_around = |need: &&Need| {
            text::provider(&need.named.0) == provider
                && need.path.iter().zip(way).all(|(one, own)| one == own)
        };
        let needs = self.needs.get("")?.iter().filter(|need| need.path.len() <= way.len());
        let need = needs.filter(is_around).max_by_key(|need| need.path.len())?;
        self.alias(need)?
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
