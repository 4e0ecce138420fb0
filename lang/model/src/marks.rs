//! Secret marks on what a provider says.
//!
//! Takes attributes as a provider tells them, which are without marks; returns them with those of the schema and of the
//! configuration that they came from.

use crate::{Attribute, Block, Map, Nesting, Value};

/// Returns attributes with secret marks where the schema calls them sensitive, and where the
/// configuration that they came from had one. Write-only attributes become null.
#[must_use]
pub fn mark(block: &Block, value: Value, config: &Value) -> Value {
    let Value::Map(map) = &value else { return value };
    let needs = |name: &str, value: &Value| {
        let plain = block.get(name).is_none_or(|attribute| {
            !attribute.sensitive && !attribute.write_only && attribute.nested.is_none()
        });
        !(plain || value.is_null()) || config.attribute(name).has_secret()
    };
    if !map.iter().any(|(name, value)| needs(name, value)) {
        return value;
    }
    let marked: Map = map
        .iter()
        .map(|(name, value)| {
            (name.clone(), mark_attribute(block.get(name), value, config.attribute(name)))
        })
        .collect();
    Value::from(marked)
}

fn mark_attribute(attribute: Option<&Attribute>, value: &Value, config: &Value) -> Value {
    if attribute.is_some_and(|attribute| attribute.write_only) {
        return Value::Null;
    }
    if value.is_null() || value.is_secret() {
        return value.clone();
    }
    let Some(attribute) = attribute else { return mark_like(value, config) };
    if attribute.sensitive {
        return Value::secret(value.clone());
    }
    let Some(nested) = &attribute.nested else { return mark_like(value, config) };
    let block = &nested.1;
    match value {
        Value::List(items) => {
            let configs = config.as_items().unwrap_or_default();
            Value::list(items.iter().enumerate().map(|(index, item)| {
                mark(block, item.clone(), configs.get(index).unwrap_or(&Value::Null))
            }))
        }
        // The elements of a set have lost their partners: one secret among them hides them all.
        Value::Set(_) if config.has_secret() => Value::secret(value.clone()),
        Value::Set(items) => Value::set(items.iter().map(|i| mark(block, i.clone(), &Value::Null))),
        Value::Map(map) if nested.0 == Nesting::Map => Value::from(
            map.iter()
                .map(|(key, item)| (key.clone(), mark(block, item.clone(), config.attribute(key))))
                .collect::<Map>(),
        ),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Map(_)
        | Value::Unknown(_)
        | Value::Secret(_) => mark(block, value.clone(), config),
    }
}

/// Returns a value with marks where another has them.
fn mark_like(value: &Value, like: &Value) -> Value {
    if !like.has_secret() {
        return value.clone();
    }
    match (value, like) {
        (value, Value::Secret(_)) => Value::secret(value.clone()),
        (Value::List(items), Value::List(likes)) if items.len() == likes.len() => {
            Value::list(items.iter().zip(likes.iter()).map(|(item, like)| mark_like(item, like)))
        }
        (Value::Map(map), Value::Map(likes)) => Value::from(
            map.iter()
                .map(|(key, item)| (key.clone(), mark_like(item, likes.get(key).unwrap_or(item))))
                .collect::<Map>(),
        ),
        (value, _) => Value::secret(value.clone()),
    }
}
