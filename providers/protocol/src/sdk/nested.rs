//! Attributes that hold records with attributes of their own.
//!
//! Takes a schema and values that follow it; returns the values with what follows for each record in them. The rules
//! are those of a resource's own attributes, however deep a record is. Laws: the elements of a list belong together by
//! their numbers, those of a map by their keys; in a set nothing is computed, since its elements cannot be told apart.

use std::collections::BTreeSet;
use std::sync::Arc;

use syncline_model::{
    Attribute, Block, Field, Map, Nesting, Path, Residual, Str, Type, Unknown, Value,
};

/// Returns the type of an attribute that holds records.
pub(crate) fn type_of(nesting: Nesting, block: &Block) -> Type {
    let record = Type::record(block.attributes.iter().map(|(name, own)| {
        let ty = if own.required { own.ty.clone() } else { own.ty.clone().optional() };
        (name.clone(), Field { ty, optional: !own.required })
    }));
    match nesting {
        Nesting::Single | Nesting::Group => record,
        Nesting::List => Type::list(record),
        Nesting::Set => Type::set(record),
        Nesting::Map => Type::map(record),
    }
}

/// Returns a value with what `make` makes of each record in it; `make` gets the record, its partner in another value,
/// and its path. What is null or not known stays.
pub(crate) fn each(
    nesting: Nesting,
    (value, partner): (&Value, &Value),
    path: &Path,
    make: &mut dyn FnMut(&Value, &Value, &Path) -> Value,
) -> Value {
    if value.is_secret() {
        return Value::secret(each(nesting, (value.reveal(), partner.reveal()), path, make));
    }
    let partner = partner.reveal();
    match (nesting, value) {
        (Nesting::Single | Nesting::Group, Value::Map(_)) => make(value, partner, path),
        (Nesting::List, Value::List(items)) => {
            let partners = partner.as_items().unwrap_or_default();
            Value::list(items.iter().enumerate().map(|(at, own)| {
                make(own, partners.get(at).unwrap_or(&Value::Null), &path.index(at))
            }))
        }
        (Nesting::Set, Value::Set(items)) => {
            Value::set(items.iter().map(|own| make(own, &Value::Null, path)))
        }
        (Nesting::Map, Value::Map(entries)) => Value::from(
            entries
                .iter()
                .map(|(key, own)| {
                    (key.clone(), make(own, partner.attribute(key), &path.key(key.clone())))
                })
                .collect::<Map>(),
        ),
        (_, other) => other.clone(),
    }
}

/// What is planned of the attributes that the provider alone knows.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a> {
    /// They are open, since something changes; else they stay where they are known.
    pub(crate) opens: bool,
    /// Those that stay all the same, by their names: `listener.id`.
    pub(crate) stable: &'a BTreeSet<Str>,
}

impl Opening<'_> {
    /// Returns an attribute's value as it is planned; `prior` is what the record was, null where it is new.
    pub(crate) fn planned(
        self,
        (name, attribute): (&str, &Attribute),
        (config, prior): (&Value, &Value),
    ) -> Value {
        let (own, was) = (config.attribute(last(name)), prior.attribute(last(name)));
        if attribute.write_only {
            return Value::Null;
        }
        if !own.is_null() {
            let Some((nesting, block)) = attribute.nested.as_deref() else { return own.clone() };
            let mut make = |record: &Value, prior: &Value, _: &Path| {
                if record.as_map().is_none() {
                    return record.clone();
                }
                let attributes = block.attributes.iter().map(|(inner, attribute)| {
                    let full = format!("{name}.{inner}");
                    (inner.clone(), self.planned((&full, attribute), (record, prior)))
                });
                Value::from(attributes.collect::<Map>())
            };
            return each(*nesting, (own, was), &Path::default(), &mut make);
        }
        if let Some(default) = &attribute.default {
            return default.clone();
        }
        let is_open = prior.is_null() || self.opens && !self.stable.contains(name);
        match attribute.computed {
            false => Value::Null,
            true if is_open => unknown(attribute.ty.clone()),
            true => was.clone(),
        }
    }
}

/// Returns the last part of a full name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns what only the apply will tell.
pub(crate) fn unknown(ty: Type) -> Value {
    Value::Unknown(Arc::new(Unknown { ty, residual: Residual::Provider }))
}

/// Returns the paths at which a change replaces a resource that has these attributes.
pub(crate) fn replacing(block: &Block, value: &Value, path: &Path, paths: &mut Vec<Path>) {
    for (name, attribute) in &block.attributes {
        let own = path.key(name.clone());
        if attribute.requires_replace {
            paths.push(own);
            continue;
        }
        let Some((nesting, inner)) = attribute.nested.as_deref() else { continue };
        if *nesting == Nesting::Set {
            // What is in a set has no path: it is replaced as a whole.
            if inner.attributes.values().any(|own| own.requires_replace) {
                paths.push(own);
            }
            continue;
        }
        let held = value.attribute(name);
        each(*nesting, (held, held), &own, &mut |record, _, path| {
            replacing(inner, record, path, paths);
            Value::Null
        });
    }
}
