//! Configurations of providers: what they are called, and which ones modules are handed.
//!
//! Takes the calls of modules, and returns for each configuration that a module speaks of the one of the root
//! module that it is: here those of the root are the only ones, and a component names them itself. A configuration
//! that is another one in each call has none.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind names no provider")]

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};

use crate::source::{Found, Parsed};
use crate::text;

/// A provider's local name and an alias.
type Named = (String, String);

/// Returns the folder of the module that a call in a folder is of.
type Callee<'c> = dyn Fn(&str, Found<'_>) -> Option<String> + 'c;

/// How deep modules are in one another.
const DEEPEST: usize = 64;

/// What configurations are called.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    /// The names of those of the root module.
    root: BTreeMap<Named, String>,
    /// By the module's folder, those of the root module that its own may be; none is the plain one.
    modules: BTreeMap<String, BTreeMap<Named, BTreeSet<Option<String>>>>,
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
    /// Goes through the calls of all modules.
    pub(crate) fn of(parsed: &Parsed, root: BTreeMap<Named, String>, callee: &Callee<'_>) -> Self {
        let mut handed = Self { root, modules: BTreeMap::new() };
        handed.walk((parsed, callee), "", &BTreeMap::new(), DEEPEST);
        handed
    }

    fn walk(
        &mut self,
        (parsed, callee): (&Parsed, &Callee<'_>),
        folder: &str,
        here: &BTreeMap<Named, Option<String>>,
        depth: usize,
    ) {
        let (Some(module), Some(depth)) = (parsed.modules.get(folder), depth.checked_sub(1)) else {
            return;
        };
        for found in module.blocks("module") {
            let Some(to) = callee(folder, found) else { continue };
            let mut there = BTreeMap::new();
            for (key, value) in providers(found) {
                let ((name, Some(alias)), Some((own, from))) = (key, reference(value)) else {
                    continue;
                };
                let from = match from {
                    Some(alias) if folder.is_empty() => Some(alias),
                    Some(alias) => here.get(&(own, alias)).cloned().flatten(),
                    None => None,
                };
                there.insert((name, alias), from);
            }
            let all = self.modules.entry(to.clone()).or_default();
            for (named, from) in &there {
                all.entry(named.clone()).or_default().insert(from.clone());
            }
            self.walk((parsed, callee), &to, &there, depth);
        }
    }

    /// Returns the name of a configuration that a module speaks of; none for a provider's plain one.
    ///
    /// # Errors
    /// When it is another one in each call, or none hands it over.
    pub fn alias(&self, folder: &str, named: &Named) -> Result<Option<String>, String> {
        let (provider, alias) = named;
        let own = if folder.is_empty() {
            Some(alias)
        } else {
            let all = self.modules.get(folder).and_then(|all| all.get(named));
            let mut all = all.into_iter().flatten();
            let (Some(first), None) = (all.next(), all.next()) else {
                return Err(format!(
                    "`{provider}.{alias}` is another configuration in each call of the module"
                ));
            };
            first.as_ref()
        };
        Ok(own.and_then(|alias| self.of_root(provider, alias)))
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
