//! What an apply would do to one instance.
//!
//! Takes what is now and what is proposed, returns what will be; see the laws of [`super`].

use std::collections::BTreeSet;
use std::sync::Arc;

use syncline_model::{Attribute, Block, Map, Path, Planned, Residual, Str, Type, Unknown, Value};

use super::{Attributes, Instance, same};

/// What an apply would do to one instance, open to the author's corrections.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is now; `None` for a create.
    pub prior: Option<Instance>,
    /// The configuration alone.
    pub config: Attributes,
    /// What will be.
    pub planned: Attributes,
    /// The attributes that cannot be changed in place; of those that do not change, nothing comes.
    pub requires_replace: Vec<Path>,
    /// The provider's own bytes, to be given to the apply; at first those of `prior`.
    pub private: Vec<u8>,
}

impl Plan {
    /// Tells whether something is to be created.
    #[must_use]
    pub const fn is_create(&self) -> bool {
        self.prior.is_none()
    }

    /// Tells whether an attribute will change or may; always on a create.
    #[must_use]
    pub fn changes(&self, name: &str) -> bool {
        self.prior.as_ref().is_none_or(|prior| !same(prior.get(name), self.planned.get(name)))
    }

    /// Plans an attribute's value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.planned.set(name, value);
    }

    /// Plans that an attribute stays as it is; on a create nothing happens.
    pub fn keep(&mut self, name: &str) {
        if let Some(prior) = &self.prior {
            let value = prior.get(name).clone();
            self.planned.set(name, value);
        }
    }

    /// Plans that only the apply will tell an attribute.
    pub fn forget(&mut self, name: &str, ty: Type) {
        self.planned.set(name, unknown(ty));
    }

    /// Asks for a replacement if an attribute changes.
    pub fn replace_for(&mut self, name: &str) {
        self.requires_replace.push(Path::attribute(name));
    }

    /// Returns the plan by the rules alone.
    pub(crate) fn begin(
        block: &Block,
        stable: &BTreeSet<Str>,
        prior: Option<Instance>,
        proposed: &Value,
        config: &Value,
        private: Vec<u8>,
    ) -> Self {
        let config = Attributes::new(config);
        let mut planned = Map::new();
        for (name, attribute) in &block.attributes {
            let value = first(name, attribute, prior.as_ref(), proposed, &config);
            planned.insert(name.clone(), value);
        }
        let requires_replace = block
            .attributes
            .iter()
            .filter(|(_, attribute)| attribute.requires_replace)
            .map(|(name, _)| Path::attribute(name.clone()))
            .collect();
        let planned = Attributes { map: planned };
        let mut plan = Self { prior, config, planned, requires_replace, private };
        let Some(prior) = &plan.prior else { return plan };
        let changed =
            block.attributes.keys().any(|name| !same(prior.get(name), plan.planned.get(name)));
        if changed {
            let open = block.attributes.iter().filter(|(name, attribute)| {
                is_open(attribute, plan.config.get(name)) && !stable.contains(*name)
            });
            for (name, attribute) in open {
                plan.planned.map.insert(name.clone(), unknown(attribute.ty.clone()));
            }
        }
        plan
    }

    /// Returns the answer of the protocol.
    pub(crate) fn finish(mut self) -> Planned {
        let prior = self.prior.take();
        let mut requires_replace = match &prior {
            None => Vec::new(),
            Some(prior) => {
                let old = Value::from(prior.attributes.map.clone());
                let new = Value::from(self.planned.map.clone());
                let null = Value::Null;
                let changes = |path: &Path| {
                    let old = path.get(&old).unwrap_or(&null);
                    !same(old, path.get(&new).unwrap_or(&null))
                };
                self.requires_replace.into_iter().filter(changes).collect()
            }
        };
        requires_replace.sort();
        requires_replace.dedup();
        Planned {
            state: self.planned.into_value(),
            requires_replace,
            private: self.private,
            ..Planned::default()
        }
    }
}

/// Returns an attribute's value before it is looked at whether anything changes.
fn first(
    name: &str,
    attribute: &Attribute,
    prior: Option<&Instance>,
    proposed: &Value,
    config: &Attributes,
) -> Value {
    if attribute.write_only {
        return Value::Null;
    }
    if !config.get(name).is_null() {
        // A nested block's computed attributes come with the proposal.
        return proposed.attribute(name).clone();
    }
    if let Some(default) = &attribute.default {
        return default.clone();
    }
    match prior {
        _ if !attribute.computed => Value::Null,
        Some(prior) => prior.get(name).clone(),
        None => unknown(attribute.ty.clone()),
    }
}

/// Tells whether it is the provider alone that knows an attribute.
fn is_open(attribute: &Attribute, config: &Value) -> bool {
    attribute.computed && attribute.default.is_none() && config.is_null()
}

fn unknown(ty: Type) -> Value {
    Value::Unknown(Arc::new(Unknown { ty, residual: Residual::Provider }))
}
