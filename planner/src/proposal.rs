//! What a provider is asked to plan: the configuration, with prior values where it leaves computed
//! attributes open. (The plugin protocol's `ProposedNew`.)

use std::sync::Arc;

use syncline_model::{Attribute, Block, Map, Nesting, Residual, Unknown, Value};

use crate::values::same;

/// Returns the proposed state.
pub(crate) fn propose(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() {
        return prior.clone();
    }
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let (old, new) = (prior.attribute(name), config.attribute(name));
        (name.clone(), propose_attribute(attribute, old, new))
    });
    Value::from(attributes.collect::<Map>())
}

fn propose_attribute(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    if attribute.computed && config.is_null() {
        return if was_configured(attribute, prior) { Value::Null } else { prior.clone() };
    }
    let Some(nested) = &attribute.nested else { return config.clone() };
    let (nesting, block) = &**nested;
    match (nesting, config) {
        (Nesting::Single | Nesting::Group, Value::Map(_)) => propose(block, prior, config),
        (Nesting::List, Value::List(items)) => {
            let priors = prior.as_items().unwrap_or_default();
            Value::list(items.iter().enumerate().map(|(index, item)| {
                propose(block, priors.get(index).unwrap_or(&Value::Null), item)
            }))
        }
        (Nesting::Map, Value::Map(map)) => Value::from(
            map.iter()
                .map(|(key, item)| (key.clone(), propose(block, prior.attribute(key), item)))
                .collect::<Map>(),
        ),
        (Nesting::Set, Value::Set(items)) => {
            let mut unused: Vec<&Value> = prior.as_items().unwrap_or_default().iter().collect();
            Value::set(items.iter().map(|item| {
                let found = unused.iter().position(|prior| fits(block, prior, item));
                let partner = found.map_or(&Value::Null, |at| unused.remove(at));
                propose(block, partner, item)
            }))
        }
        (_, other) => other.clone(),
    }
}

/// Returns what stands for a plan as long as the provider cannot be asked, since what it is set up
/// with is not known yet: the configuration, with everything open that the provider may fill in.
/// Where nothing is asked to change, nothing will.
pub(crate) fn unasked(block: &Block, prior: &Value, config: &Value) -> Value {
    let proposed = propose(block, prior, config);
    if same(&proposed, prior) { proposed } else { opened(block, &proposed, config) }
}

fn opened(block: &Block, proposed: &Value, config: &Value) -> Value {
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let (value, config) = (proposed.attribute(name), config.attribute(name));
        let opened = if attribute.computed && config.is_null() {
            let (ty, residual) = (attribute.ty.clone(), Residual::Provider);
            Value::Unknown(Arc::new(Unknown { ty, residual }))
        } else {
            opened_attribute(attribute, value, config)
        };
        (name.clone(), opened)
    });
    Value::from(attributes.collect::<Map>())
}

fn opened_attribute(attribute: &Attribute, value: &Value, config: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return value.clone() };
    let (nesting, block) = &**nested;
    let null = Value::Null;
    match (nesting, value) {
        (Nesting::Single | Nesting::Group, Value::Map(_)) => opened(block, value, config),
        (Nesting::List, Value::List(items)) => {
            let configs = config.as_items().unwrap_or_default();
            Value::list(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| opened(block, item, configs.get(at).unwrap_or(&null))),
            )
        }
        (Nesting::Map, Value::Map(map)) => Value::from(
            map.iter()
                .map(|(key, item)| (key.clone(), opened(block, item, config.attribute(key))))
                .collect::<Map>(),
        ),
        (Nesting::Set, Value::Set(_)) => match config.as_items() {
            Some(configs) => Value::set(configs.iter().map(|item| opened(block, item, item))),
            None => value.clone(),
        },
        (_, other) => other.clone(),
    }
}

/// Tells whether a nested attribute that the provider may fill in was configured before: then it
/// has something that only a configuration can have, and to leave it out now takes it away.
fn was_configured(attribute: &Attribute, prior: &Value) -> bool {
    let Some(nested) = &attribute.nested else { return false };
    let (nesting, block) = &**nested;
    if !attribute.optional {
        return false;
    }
    let of_element = |value: &Value| {
        block.attributes.iter().any(|(name, inner)| {
            let value = value.attribute(name);
            match &inner.nested {
                Some(_) if inner.computed => was_configured(inner, value),
                Some(_) => !value.is_null(),
                None => !inner.computed && !value.is_null(),
            }
        })
    };
    match (nesting, prior.reveal()) {
        (Nesting::Map, Value::Map(map)) => map.values().any(of_element),
        (Nesting::Single | Nesting::Group, value @ Value::Map(_)) => of_element(value),
        (_, Value::List(items) | Value::Set(items)) => items.iter().any(of_element),
        _ => false,
    }
}

/// Tells whether a prior element differs from a configured one only where that leaves computed
/// attributes open.
fn fits(block: &Block, prior: &Value, config: &Value) -> bool {
    block.attributes.iter().all(|(name, attribute)| {
        let (prior, config) = (prior.attribute(name), config.attribute(name));
        if attribute.computed && config.is_null() || same(prior, config) {
            return true;
        }
        let Some(nested) = &attribute.nested else { return false };
        let (nesting, block) = &**nested;
        match (nesting, prior.reveal(), config.reveal()) {
            (Nesting::Single | Nesting::Group, Value::Map(_), Value::Map(_)) => {
                fits(block, prior, config)
            }
            (Nesting::List, Value::List(old), Value::List(new)) => {
                old.len() == new.len()
                    && old.iter().zip(new.iter()).all(|(old, new)| fits(block, old, new))
            }
            (Nesting::Map, Value::Map(old), Value::Map(new)) => {
                old.len() == new.len()
                    && new
                        .iter()
                        .all(|(key, new)| old.get(key).is_some_and(|old| fits(block, old, new)))
            }
            (Nesting::Set, Value::Set(old), Value::Set(new)) => {
                old.len() == new.len()
                    && new.iter().all(|new| old.iter().any(|old| fits(block, old, new)))
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use syncline_model::Type;

    use super::*;

    fn attribute(required: bool, optional: bool, computed: bool) -> Attribute {
        Attribute { required, optional, computed, ..Attribute::default() }
    }

    fn block<const N: usize>(attributes: [(&str, Attribute); N]) -> Block {
        Block { attributes: attributes.into_iter().map(|(name, one)| (name.into(), one)).collect() }
    }

    fn nested(nesting: Nesting, inner: Block) -> Attribute {
        let nested = Some(Box::new((nesting, inner)));
        Attribute { nested, is_block: true, ty: Type::Any, ..attribute(false, true, false) }
    }

    fn disk() -> Block {
        block([("gb", attribute(true, false, false)), ("dev", attribute(false, false, true))])
    }

    fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::map(entries)
    }

    fn disk_of(gb: i64, dev: Option<&str>) -> Value {
        map([("gb", Value::from(gb)), ("dev", dev.map(Value::from).unwrap_or_default())])
    }

    #[test]
    fn computed_values_stay_and_configured_ones_follow() {
        let schema = block([
            ("id", attribute(false, false, true)),
            ("name", attribute(true, false, false)),
            ("size", attribute(false, true, true)),
            ("disk", nested(Nesting::List, disk())),
        ]);
        let prior = map([
            ("id", Value::from("i1")),
            ("name", Value::from("a")),
            ("size", Value::from(2)),
            ("disk", Value::list([disk_of(5, Some("sda"))])),
        ]);
        let config = map([
            ("id", Value::Null),
            ("name", Value::from("b")),
            ("size", Value::Null),
            ("disk", Value::list([disk_of(9, None), disk_of(1, None)])),
        ]);
        let proposed = map([
            ("id", Value::from("i1")),
            ("name", Value::from("b")),
            ("size", Value::from(2)),
            ("disk", Value::list([disk_of(9, Some("sda")), disk_of(1, None)])),
        ]);
        assert_eq!(propose(&schema, &prior, &config), proposed);
        assert_eq!(propose(&schema, &Value::Null, &config), config);
        assert_eq!(propose(&schema, &prior, &Value::Null), prior);
    }

    #[test]
    fn elements_of_sets_find_their_partners() {
        let schema = block([("disk", nested(Nesting::Set, disk()))]);
        let prior = map([(
            "disk",
            Value::set([disk_of(1, Some("sda")), disk_of(2, Some("sdb")), disk_of(3, Some("sdc"))]),
        )]);
        let config = map([("disk", Value::set([disk_of(2, None), disk_of(4, None)]))]);
        let proposed = map([("disk", Value::set([disk_of(2, Some("sdb")), disk_of(4, None)]))]);
        assert_eq!(propose(&schema, &prior, &config), proposed);
    }

    #[test]
    fn elements_of_maps_go_by_their_keys() {
        let schema = block([("disk", nested(Nesting::Map, disk()))]);
        let prior =
            map([("disk", map([("a", disk_of(1, Some("sda"))), ("b", disk_of(2, Some("sdb")))]))]);
        let config = map([("disk", map([("b", disk_of(3, None)), ("c", disk_of(4, None))]))]);
        let proposed =
            map([("disk", map([("b", disk_of(3, Some("sdb"))), ("c", disk_of(4, None))]))]);
        assert_eq!(propose(&schema, &prior, &config), proposed);
    }

    #[test]
    fn a_nested_attribute_that_was_configured_is_taken_away() {
        let inner =
            block([("set", attribute(false, true, false)), ("own", attribute(false, false, true))]);
        let mut outer = nested(Nesting::Single, inner);
        outer.computed = true;
        let schema = block([("part", outer)]);
        let of = |set: Value| map([("part", map([("set", set), ("own", Value::from(1))]))]);
        let config = map([("part", Value::Null)]);
        assert_eq!(propose(&schema, &of(Value::from("x")), &config), config);
        assert_eq!(propose(&schema, &of(Value::Null), &config), of(Value::Null));
    }
}
