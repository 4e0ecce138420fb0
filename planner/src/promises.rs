//! What a provider may plan, whichever provider it is.
//!
//! Takes a plan's answer beside what was asked, returns the first thing in it that no
//! configuration asks for. Laws: what is configured is planned as configured, or stays as it is
//! recorded where the provider takes both for the same; what is not configured is the provider's
//! own where it is computed, else null. Elements of sets have no names to compare them by, and
//! are trusted.

use syncline_model::{Attribute, Block, Nesting, Path, Value};

use crate::values::same;

/// Something in a plan that nothing asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    /// Where.
    pub(crate) path: Path,
    /// What is wrong with it, as the end of a sentence.
    pub(crate) how: &'static str,
}

/// Returns the first thing that may not be planned. `prior` is null for a create.
pub(crate) fn breach(
    block: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Option<Breach> {
    object(block, (prior, config, planned), &Path::default())
}

/// What was there, what is configured, what is planned.
type Three<'a> = (&'a Value, &'a Value, &'a Value);

fn object(block: &Block, (prior, config, planned): Three<'_>, path: &Path) -> Option<Breach> {
    let found = |how| Some(Breach { path: path.clone(), how });
    let Some(map) = planned.as_map() else {
        return found(if planned.is_null() { "is planned to be nothing" } else { "is left open" });
    };
    if let Some(name) = map.keys().find(|name| block.get(name).is_none()) {
        let path = path.key(name.clone());
        return Some(Breach { path, how: "is planned, and there is no such attribute" });
    }
    block.attributes.iter().find_map(|(name, attribute)| {
        let three = (prior.attribute(name), config.attribute(name), planned.attribute(name));
        member(attribute, three, &path.key(name.clone()))
    })
}

fn member(attribute: &Attribute, three: Three<'_>, path: &Path) -> Option<Breach> {
    let (prior, config, planned) = three;
    let is_kept = !config.is_null() && !prior.is_null() && same(planned, prior);
    if attribute.write_only || is_kept || same(planned, config) {
        return None;
    }
    let found = |how| Some(Breach { path: path.clone(), how });
    if config.is_null() {
        // A block that is not there may be empty or null.
        let is_absent = planned.is_null()
            || attribute.is_block && planned.as_items().is_some_and(<[Value]>::is_empty)
            || attribute.is_block && planned.as_map().is_some_and(|map| map.is_empty());
        return if attribute.computed || is_absent {
            None
        } else {
            found("is planned, and neither configured nor computed")
        };
    }
    let Some(nested) = attribute.nested.as_ref().filter(|_| !config.is_unknown()) else {
        return found("is configured, and planned as something else");
    };
    let (nesting, block) = &**nested;
    match (nesting, config.reveal(), planned.reveal()) {
        (_, _, Value::Unknown(_)) => found("is configured, and left open"),
        (Nesting::Single | Nesting::Group, Value::Map(_), Value::Map(_)) => {
            object(block, three, path)
        }
        (Nesting::List, Value::List(configs), Value::List(items)) => {
            if configs.len() != items.len() {
                return found("is planned with another number of elements than configured");
            }
            let priors = prior.as_items().unwrap_or_default();
            configs.iter().zip(items.iter()).enumerate().find_map(|(at, (config, item))| {
                let prior = priors.get(at).unwrap_or(&Value::Null);
                object(block, (prior, config, item), &path.index(at))
            })
        }
        (Nesting::Map, Value::Map(configs), Value::Map(items)) => {
            if !configs.keys().eq(items.keys()) {
                return found("is planned with other keys than configured");
            }
            configs.iter().zip(items.iter()).find_map(|((key, config), (_, item))| {
                object(block, (prior.attribute(key), config, item), &path.key(key.clone()))
            })
        }
        (Nesting::Set, _, Value::Set(_) | Value::List(_)) => None,
        _ => found("is configured, and planned as something else"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use syncline_model::{Residual, Type, Unknown};

    use super::*;

    fn attribute(optional: bool, computed: bool) -> Attribute {
        Attribute { optional, computed, ..Attribute::default() }
    }

    fn schema() -> Block {
        let disk = Block {
            attributes: [
                ("gb".into(), attribute(true, false)),
                ("dev".into(), attribute(false, true)),
            ]
            .into(),
        };
        let disk = Attribute {
            nested: Some(Box::new((Nesting::List, disk))),
            is_block: true,
            ..attribute(true, false)
        };
        let attributes = [
            ("id".into(), attribute(false, true)),
            ("name".into(), attribute(true, false)),
            ("size".into(), attribute(true, true)),
            ("disk".into(), disk),
        ];
        Block { attributes: attributes.into() }
    }

    fn value(name: &str, size: Option<i64>, disks: &[i64]) -> Value {
        let disks = disks.iter().map(|gb| Value::map([("gb", Value::from(*gb))]));
        Value::map([
            ("name", Value::from(name)),
            ("size", size.map(Value::from).unwrap_or_default()),
            ("disk", Value::list(disks)),
        ])
    }

    fn open() -> Value {
        Value::Unknown(Arc::new(Unknown { ty: Type::Any, residual: Residual::Provider }))
    }

    fn with(value: &Value, name: &str, part: Value) -> Value {
        let mut map = value.as_map().unwrap().clone();
        map.insert(name, part);
        Value::from(map)
    }

    fn said(prior: &Value, config: &Value, planned: &Value) -> Option<String> {
        breach(&schema(), prior, config, planned).map(|one| format!("{} {}", one.path, one.how))
    }

    #[test]
    fn what_is_configured_is_planned() {
        let (none, config) = (Value::Null, value("a", None, &[5]));
        let planned = with(&with(&config, "id", open()), "size", open());
        assert_eq!(said(&none, &config, &planned), None);
        let other = with(&planned, "name", Value::from("b"));
        let text = "name is configured, and planned as something else";
        assert_eq!(said(&none, &config, &other).as_deref(), Some(text));
        // Where what is recorded stays, the provider takes both for the same.
        assert_eq!(said(&value("b", None, &[]), &config, &other), None);
        let sized = value("a", Some(1), &[5]);
        assert!(said(&none, &sized, &planned).unwrap().starts_with("size is configured"));
    }

    #[test]
    fn what_is_not_configured_is_the_providers_only_where_it_is_computed() {
        let none = Value::Null;
        let config = with(&value("a", None, &[5]), "name", Value::Null);
        let planned = with(&config, "name", Value::from("x"));
        let text = "name is planned, and neither configured nor computed";
        assert_eq!(said(&none, &config, &planned).as_deref(), Some(text));
    }

    #[test]
    fn blocks_are_as_many_as_configured() {
        let (none, config) = (Value::Null, value("a", None, &[5]));
        let more = value("a", None, &[5, 6]);
        let text = "disk is planned with another number of elements than configured";
        assert_eq!(said(&none, &config, &more).as_deref(), Some(text));
        let inner = value("a", None, &[6]);
        let text = "disk[0].gb is configured, and planned as something else";
        assert_eq!(said(&none, &config, &inner).as_deref(), Some(text));
        let left = with(&config, "disk", open());
        assert_eq!(
            said(&none, &config, &left).as_deref(),
            Some("disk is configured, and left open")
        );
        assert_eq!(said(&none, &with(&config, "disk", Value::Null), &value("a", None, &[])), None);
    }
}
