//! What is done to whole resources as values: comparison, completion, and marks ([`mark`]).
//!
//! Laws: comparison looks through secret marks; marking never changes what is marked; nothing here
//! calls a provider.

use std::sync::Arc;

use syncline_model::{
    Address, Attribute, Block, Map, Nesting, Path, Problem, Residual, Secret, Step, Type, Unknown,
    Value,
};

pub(crate) use syncline_model::mark;

/// Tells whether two values are the same, marks aside.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left.reveal(), right.reveal()) {
        (Value::List(left), Value::List(right)) | (Value::Set(left), Value::Set(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(l, r)| same(l, r))
        }
        (Value::Map(left), Value::Map(right)) => {
            Arc::ptr_eq(left, right)
                || left.len() == right.len()
                    && left.iter().zip(right.iter()).all(|(l, r)| l.0 == r.0 && same(l.1, r.1))
        }
        (left, right) => left == right,
    }
}

/// Tells whether two values are the same but for collections that are empty in one and null in the other: providers on
/// the first SDKs cannot tell these apart, and say now this and now that.
pub(crate) fn alike(left: &Value, right: &Value) -> bool {
    match (left.reveal(), right.reveal()) {
        (Value::Null, Value::List(items) | Value::Set(items))
        | (Value::List(items) | Value::Set(items), Value::Null) => items.is_empty(),
        (Value::Null, Value::Map(map)) | (Value::Map(map), Value::Null) => map.is_empty(),
        (Value::List(left), Value::List(right)) | (Value::Set(left), Value::Set(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(l, r)| alike(l, r))
        }
        (Value::Map(left), Value::Map(right)) => left.keys().chain(right.keys()).all(|key| {
            let (left, right) = (left.get(key), right.get(key));
            alike(left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null))
        }),
        (left, right) => left == right,
    }
}

/// Returns every path at which two values differ: the outermost below equal shapes.
pub(crate) fn differences(left: &Value, right: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    differ(left, right, &Path::default(), &mut found);
    found
}

fn differ(left: &Value, right: &Value, path: &Path, found: &mut Vec<Path>) {
    if same(left, right) {
        return;
    }
    match (left.reveal(), right.reveal()) {
        (Value::Map(left), Value::Map(right)) => {
            let names = left.keys().chain(right.keys().filter(|key| !left.contains_key(key)));
            let mut names: Vec<_> = names.collect();
            names.sort();
            for name in names {
                let (old, new) = (left.get(name), right.get(name));
                let null = Value::Null;
                differ(old.unwrap_or(&null), new.unwrap_or(&null), &path.key(name.clone()), found);
            }
        }
        (Value::List(left), Value::List(right)) if left.len() == right.len() => {
            for (index, (old, new)) in left.iter().zip(right.iter()).enumerate() {
                differ(old, new, &path.index(index), found);
            }
        }
        _ => found.push(path.clone()),
    }
}

/// Returns every configurable attribute of a configuration, null where it is unset.
pub(crate) fn complete(block: &Block, config: &Value) -> Value {
    let Some(config) = config.as_map() else { return config.clone() };
    let attributes = block.attributes.iter().filter(|(_, one)| one.is_configurable());
    let whole: Map = attributes
        .map(|(name, attribute)| {
            let value = config.get(name).unwrap_or(&Value::Null);
            (name.clone(), complete_attribute(attribute, value))
        })
        .collect();
    Value::from(whole)
}

/// Returns a configuration without what is null as a whole: [`complete`] adds that again.
pub(crate) fn sparse(config: Value) -> Value {
    let Value::Map(map) = &config else { return config };
    if !map.values().any(Value::is_null) {
        return config;
    }
    let set = || map.iter().filter(|(_, value)| !value.is_null());
    let mut sparse = Map::with_capacity(set().count());
    for (name, value) in set() {
        sparse.insert(name.clone(), value.clone());
    }
    Value::from(sparse)
}

fn complete_attribute(attribute: &Attribute, value: &Value) -> Value {
    let Some(nested) = &attribute.nested else { return value.clone() };
    let (nesting, block) = &**nested;
    let inner = |value: &Value| if value.is_null() { Value::Null } else { complete(block, value) };
    match (nesting, value) {
        (_, Value::Null) if !attribute.is_block => Value::Null,
        (Nesting::Group, Value::Null) => complete(block, &Value::Map(Arc::default())),
        (Nesting::Single | Nesting::Group, value) => inner(value),
        (Nesting::List, Value::Null) => Value::list([]),
        (Nesting::Set, Value::Null) => Value::set([]),
        (Nesting::Map, Value::Null) => Value::Map(Arc::default()),
        (_, Value::List(items)) => Value::list(items.iter().map(inner)),
        (_, Value::Set(items)) => Value::set(items.iter().map(inner)),
        (_, Value::Map(map)) => {
            Value::from(map.iter().map(|(key, item)| (key.clone(), inner(item))).collect::<Map>())
        }
        (_, other) => other.clone(),
    }
}

/// Returns attributes of which each is secret: what is open for a while is shown nowhere.
pub(crate) fn hidden(value: &Value) -> Value {
    let Value::Map(map) = value else { return Value::secret(value.clone()) };
    let hide = |value: &Value| {
        if value.is_null() || value.is_secret() {
            value.clone()
        } else {
            Value::secret(value.clone())
        }
    };
    Value::from(map.iter().map(|(name, value)| (name.clone(), hide(value))).collect::<Map>())
}

/// Returns attributes as others see them: what the provider has yet to tell is a reference to it.
pub(crate) fn referable(value: &Value, address: &Address) -> Value {
    if value.is_known() { value.clone() } else { refer(value, address, &Path::default()) }
}

fn refer(value: &Value, address: &Address, path: &Path) -> Value {
    match value {
        Value::Unknown(unknown) if unknown.residual == Residual::Provider => {
            Unknown::attribute(unknown.ty.clone(), address, path.clone())
        }
        Value::List(items) => Value::list(
            items.iter().enumerate().map(|(at, item)| refer(item, address, &path.index(at))),
        ),
        Value::Map(map) => Value::from(
            map.iter()
                .map(|(key, item)| (key.clone(), refer(item, address, &path.key(key.clone()))))
                .collect::<Map>(),
        ),
        Value::Secret(_) if !value.is_known() => {
            Value::secret(refer(value.reveal(), address, path))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Set(_)
        | Value::Unknown(_)
        | Value::Secret(_) => value.clone(),
    }
}

/// Returns the value with null where it is unknown.
pub(crate) fn known_part(value: &Value) -> Value {
    let known: Result<Value, std::convert::Infallible> = value.transform(&mut |part| {
        Ok(if matches!(part, Value::Unknown(_)) { Value::Null } else { part })
    });
    match known {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// Returns the first path at which `actual` does not fit what was planned: known leaves are equal,
/// unknown ones may be anything, null stays null.
pub(crate) fn misfit(planned: &Value, actual: &Value, path: &Path) -> Option<Path> {
    match (planned.reveal(), actual.reveal()) {
        (Value::Unknown(_), _) => None,
        (Value::Map(planned), Value::Map(actual)) => {
            if planned.len() != actual.len() {
                return Some(path.clone());
            }
            planned.iter().find_map(|(key, value)| {
                let path = path.key(key.clone());
                match actual.get(key) {
                    Some(actual) => misfit(value, actual, &path),
                    None => Some(path),
                }
            })
        }
        (Value::List(planned), Value::List(actual)) if planned.len() == actual.len() => planned
            .iter()
            .zip(actual.iter())
            .enumerate()
            .find_map(|(at, (value, actual))| misfit(value, actual, &path.index(at))),
        (Value::Set(planned), Value::Set(actual)) => {
            let whole = planned.iter().all(Value::is_known);
            let fits = if whole {
                planned.len() == actual.len()
                    && planned.iter().zip(actual.iter()).all(|(l, r)| same(l, r))
            } else {
                // Elements that turn out the same are one; each has one that was planned.
                let fit = |planned: &Value, actual: &Value| misfit(planned, actual, path).is_none();
                actual.len() <= planned.len()
                    && actual.iter().all(|one| planned.iter().any(|own| fit(own, one)))
                    && planned.iter().all(|one| actual.iter().any(|own| fit(one, own)))
            };
            (!fits).then(|| path.clone())
        }
        (planned, actual) => (planned != actual).then(|| path.clone()),
    }
}

/// Returns the attributes `target` with what is at `path` taken from `source`. An entry that a map of `source` does not
/// have is taken out.
pub(crate) fn take_from(block: &Block, target: &Value, source: &Value, path: &Path) -> Value {
    let Some((Step::Key(name), rest)) = path.0.split_first() else { return target.clone() };
    let (Value::Map(map), Some(attribute)) = (target, block.get(name)) else {
        return target.clone();
    };
    let mut map = (**map).clone();
    let taken = taken(target.attribute(name), source.attribute(name), rest, &attribute.ty);
    map.insert(name.clone(), taken);
    Value::from(map)
}

fn taken(target: &Value, source: &Value, path: &[Step], ty: &Type) -> Value {
    let Some((step, rest)) = path.split_first() else { return source.clone() };
    match (target, step, ty.bare()) {
        (Value::Map(_) | Value::Null, Step::Key(key), Type::Map(element)) => {
            let mut map = target.as_map().cloned().unwrap_or_default();
            match source.as_map().and_then(|source| source.get(key)) {
                Some(own) => {
                    let own = taken(map.get(key).unwrap_or(&Value::Null), own, rest, element);
                    map.insert(key.clone(), own);
                }
                None if rest.is_empty() => drop(map.remove(key)),
                None => {}
            }
            if target.is_null() && map.is_empty() { Value::Null } else { Value::from(map) }
        }
        (Value::Map(map), Step::Key(key), ty) => {
            let mut map = (**map).clone();
            let field = if let Type::Record(record) = ty { record.get(key) } else { None };
            let ty = field.map_or(&Type::Any, |field| &field.ty);
            map.insert(key.clone(), taken(target.attribute(key), source.attribute(key), rest, ty));
            Value::from(map)
        }
        (Value::List(items), Step::Index(index), ty) => {
            let mut items = items.to_vec();
            let element = if let Type::List(element) = ty { element } else { &Type::Any };
            let from = source.as_items().and_then(|items| items.get(*index as usize));
            if let (Some(item), Some(from)) = (items.get_mut(*index as usize), from) {
                *item = taken(item, from, rest, element);
            }
            Value::List(items.into())
        }
        _ => target.clone(),
    }
}

/// Returns a problem without the texts that are secret in any of `values`.
pub(crate) fn scrubbed(problem: &Problem, values: &[&Value]) -> Problem {
    let mut secrets = Vec::new();
    for value in values {
        collect_secrets(value, false, &mut secrets);
    }
    // Longer ones first, so that one that contains another is taken out whole.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut clean = problem.clone();
    for secret in secrets {
        clean.summary = clean.summary.replace(secret, "(secret)");
        clean.detail = clean.detail.replace(secret, "(secret)");
    }
    clean
}

fn collect_secrets<'a>(value: &'a Value, inside: bool, secrets: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if inside && !text.is_empty() => secrets.push(text),
        Value::List(items) | Value::Set(items) => {
            items.iter().for_each(|item| collect_secrets(item, inside, secrets));
        }
        Value::Map(map) => map.values().for_each(|one| collect_secrets(one, inside, secrets)),
        Value::Secret(secret) => {
            if let Secret::Clear(value) = &**secret {
                collect_secrets(value, true, secrets);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Unknown(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_collection_is_like_none_and_like_nothing_else() {
        let nested = |inner: Value| Value::map([("a", Value::list([Value::map([("b", inner)])]))]);
        let empty = [Value::list([]), Value::set([]), Value::map::<&str>([])];
        for empty in empty {
            assert!(alike(&nested(empty.clone()), &nested(Value::Null)));
            assert!(alike(&Value::Null, &empty));
            assert!(!same(&nested(empty.clone()), &nested(Value::Null)));
            for other in [Value::from(""), Value::from(0), Value::from(false)] {
                assert!(!alike(&empty, &other));
            }
        }
        assert!(alike(&Value::map::<&str>([]), &Value::map([("a", Value::Null)])));
        assert!(!alike(&Value::Null, &Value::list([Value::Null])));
    }

    #[test]
    fn a_provider_that_repeats_a_secret_is_not_repeated() {
        let config = Value::map([("password", Value::secret(Value::from("hunter2")))]);
        let problem = Problem::error("no login with hunter2", "tried: hunter2");
        let clean = scrubbed(&problem, &[&config]);
        assert_eq!(clean.summary, "no login with (secret)");
        assert_eq!(clean.detail, "tried: (secret)");
    }
}
