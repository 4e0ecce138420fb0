//! `std.maps`. Values are moved about unseen: they may be unknown or secret and stay so.

use std::collections::BTreeMap;

use syncline_model::{Map, Str, Value};

use super::Entry;
use super::arguments::{any, invalid, items, map, text};
use crate::ops::{ErrorKind, OpError, check_items, text_of};

pub(super) const NATIVES: &[Entry] = &[
    Entry::looking("length", &[0], |args| Ok((map(args, 0)?.len() as i64).into())),
    Entry::looking("keys", &[0], keys),
    Entry::looking("values", &[0], values),
    Entry::looking("entries", &[0], |args| {
        Ok(Value::list(map(args, 0)?.iter().map(|(key, value)| {
            Value::map([("key", Value::String(key.clone())), ("value", value.clone())])
        })))
    }),
    Entry::looking("has", &[0], |args| Ok(map(args, 0)?.contains_key(text(args, 1)?).into())),
    Entry::looking("get", &[0], |args| {
        Ok(map(args, 0)?.get(text(args, 1)?).unwrap_or(any(args, 2)).clone())
    }),
    Entry::looking("merge", &[0], merge),
    Entry::looking("pick", &[0, 1], |args| {
        let (map, wanted) = (map(args, 0)?, items(args, 1)?);
        let mut picked = Map::new();
        for at in 0..wanted.len() {
            let key = text(wanted, at)?;
            if let Some(value) = map.get(key) {
                picked.insert(key, value.clone());
            }
        }
        Ok(picked.into())
    }),
    Entry::looking("omit", &[0, 1], |args| {
        let (mut left, unwanted) = (map(args, 0)?.clone(), items(args, 1)?);
        for at in 0..unwanted.len() {
            left.remove(text(unwanted, at)?);
        }
        Ok(left.into())
    }),
    Entry::looking("from_lists", &[1, 0], from_lists),
    Entry::looking("from_entries", &[2], from_entries),
    Entry::deep("invert", |args| {
        let entries = map(args, 0)?.iter();
        build(entries.map(|(key, value)| Ok((text_of(value)?, Value::String(key.clone())))))
    }),
    Entry::deep("transpose", transpose),
];

fn transpose(args: &[Value]) -> Result<Value, OpError> {
    let lists = map(args, 0)?;
    let mut found: BTreeMap<Str, Vec<Value>> = BTreeMap::new();
    for (key, list) in lists.iter() {
        for item in list.as_items().unwrap_or_default() {
            let keys = found.entry(text_of(item)?).or_default();
            let key = Value::String(key.clone());
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        }
    }
    check_items(found.len())?;
    Ok(Value::map(found.into_iter().map(|(name, keys)| (name, Value::list(keys)))))
}

pub(super) fn keys(args: &[Value]) -> Result<Value, OpError> {
    Ok(Value::list(map(args, 0)?.keys().cloned().map(Value::String)))
}

pub(super) fn values(args: &[Value]) -> Result<Value, OpError> {
    Ok(Value::list(map(args, 0)?.values().cloned()))
}

fn merge(args: &[Value]) -> Result<Value, OpError> {
    let mut entries: Vec<(Str, Value)> = Vec::new();
    for at in 0..args.len() {
        let more = map(args, at)?;
        check_items(entries.len() + more.len())?;
        entries.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(entries.into_iter().collect::<Map>().into())
}

fn from_lists(args: &[Value]) -> Result<Value, OpError> {
    let (keys, values) = (items(args, 0)?, items(args, 1)?);
    if keys.len() != values.len() {
        return Err(invalid(1, "there are not as many values as keys").detail(format!(
            "there are {} keys and {} values",
            keys.len(),
            values.len()
        )));
    }
    build(keys.iter().zip(values).map(|(key, value)| Ok((text_of(key)?, value.clone()))))
}

fn from_entries(args: &[Value]) -> Result<Value, OpError> {
    let entries = items(args, 0)?;
    build((0..entries.len()).map(|at| {
        let entry = map(entries, at)?;
        match (entry.get("key"), entry.get("value")) {
            (Some(key), Some(value)) => Ok((text_of(key)?, value.clone())),
            _ => Err(OpError::new(ErrorKind::Missing, "an entry needs `key` and `value`").at(0)),
        }
    }))
}

/// Makes a map in which no key comes twice.
fn build(entries: impl Iterator<Item = Result<(Str, Value), OpError>>) -> Result<Value, OpError> {
    let mut entries: Vec<(Str, Value)> =
        entries.collect::<Result<_, _>>().map_err(|error| error.at(0))?;
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(OpError::new(ErrorKind::Duplicate, "a key comes twice")
            .detail(format!("the key `{}` comes twice", pair[0].0))
            .at(0));
    }
    Ok(Value::map(entries))
}
