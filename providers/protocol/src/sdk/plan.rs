//! What an apply would do to one instance.
//!
//! Takes what is now and what is proposed, returns what will be; see the laws of [`super`].

use std::collections::BTreeSet;

use syncline_model::{Block, Map, Path, Planned, Str, Type, Value};

use super::nested::{self, Opening, unknown};
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
        config: &Value,
        private: Vec<u8>,
    ) -> Self {
        let old = prior.as_ref().map(|prior| prior.attributes.clone().into_value());
        let old = old.unwrap_or_default();
        let planned = |opens: bool| {
            let opening = Opening { opens, stable };
            let attributes = block.attributes.iter().map(|(name, attribute)| {
                (name.clone(), opening.planned((name, attribute), (config, &old)))
            });
            attributes.collect::<Map>()
        };
        let mut map = planned(false);
        if let Some(prior) = &prior
            && block
                .attributes
                .keys()
                .any(|name| !same(prior.get(name), map.get(name).unwrap_or(&Value::Null)))
        {
            map = planned(true);
        }
        let mut requires_replace = Vec::new();
        let value = Value::from(map);
        nested::replacing(block, &value, &Path::default(), &mut requires_replace);
        let (config, planned) = (Attributes::new(config), Attributes::new(&value));
        Self { prior, config, planned, requires_replace, private }
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
