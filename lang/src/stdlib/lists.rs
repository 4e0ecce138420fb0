//! `std.lists`. What only moves elements about looks at none of them: they may be unknown or
//! secret and stay so.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use syncline_model::{Number, Value};

use super::Entry;
use super::arguments::{any, count, invalid, items, number, optional_count, whole};
use crate::ops::{ErrorKind, OpError, check_items, ordering};

pub(super) const NATIVES: &[Entry] = &[
    Entry::looking("length", &[0], |args| Ok((items(args, 0)?.len() as i64).into())),
    Entry::deep("contains", |args| Ok(items(args, 0)?.contains(any(args, 1)).into())),
    Entry::deep("index_of", |args| {
        let at = items(args, 0)?.iter().position(|item| item == any(args, 1));
        Ok(at.map_or(Value::Null, |at| (at as i64).into()))
    }),
    Entry::looking("first", &[0], |args| {
        Ok(items(args, 0)?.first().cloned().unwrap_or(Value::Null))
    }),
    Entry::looking("last", &[0], |args| Ok(items(args, 0)?.last().cloned().unwrap_or(Value::Null))),
    Entry::looking("slice", &[0], slice),
    Entry::looking("reverse", &[0], |args| Ok(Value::list(items(args, 0)?.iter().rev().cloned()))),
    Entry::looking("concat", &[0], concat),
    Entry::looking("flatten", &[1], |args| concat(items(args, 0)?)),
    Entry::looking("compact", &[1], |args| {
        Ok(Value::list(items(args, 0)?.iter().filter(|item| !item.is_null()).cloned()))
    }),
    Entry::deep("distinct", distinct),
    Entry::deep("intersection", |args| {
        let other: BTreeSet<&Value> = items(args, 1)?.iter().collect();
        let common = items(args, 0)?.iter().filter(|item| other.contains(item));
        Ok(Value::list(common.cloned()))
    }),
    Entry::deep("difference", |args| {
        let other: BTreeSet<&Value> = items(args, 1)?.iter().collect();
        let left = items(args, 0)?.iter().filter(|item| !other.contains(item));
        Ok(Value::list(left.cloned()))
    }),
    Entry::deep("sort", sort),
    Entry::deep("sum", sum),
    Entry::deep("min", |args| extreme(items(args, 0)?, Ordering::Less)),
    Entry::deep("max", |args| extreme(items(args, 0)?, Ordering::Greater)),
    Entry::looking("zip", &[0], zip),
    Entry::looking("chunk", &[0], chunk),
    Entry::deep("range", range),
    Entry::looking("fold", &[0], |args| Err(OpError::mismatch(2, "a function", any(args, 2)))),
    Entry::looking("sort_by_keys", &[0, 1], sort_by_keys),
    Entry::looking("group_by_keys", &[0, 1], group_by_keys),
];

fn slice(args: &[Value]) -> Result<Value, OpError> {
    let (list, start) = (items(args, 0)?, count(args, 1)?);
    let end = optional_count(args, 2)?.unwrap_or(list.len()).min(list.len());
    Ok(Value::list(list.get(start..end).unwrap_or(&[]).iter().cloned()))
}

/// Joins the lists that the arguments are.
fn concat(lists: &[Value]) -> Result<Value, OpError> {
    let mut joined = Vec::new();
    for at in 0..lists.len() {
        let list = items(lists, at)?;
        check_items(joined.len() + list.len())?;
        joined.extend_from_slice(list);
    }
    Ok(Value::list(joined))
}

fn distinct(args: &[Value]) -> Result<Value, OpError> {
    let mut seen = HashSet::new();
    Ok(Value::list(items(args, 0)?.iter().filter(|item| seen.insert(*item)).cloned()))
}

fn sort(args: &[Value]) -> Result<Value, OpError> {
    let mut list = items(args, 0)?.to_vec();
    let first = list.first().map(Value::kind);
    let odd = list.iter().find(|item| {
        !matches!(item, Value::Number(_) | Value::String(_)) || Some(item.kind()) != first
    });
    if let Some(odd) = odd {
        return Err(OpError::mismatch(0, "a list of numbers or a list of strings", odd));
    }
    list.sort_by(|left, right| ordering(left, right).unwrap_or(Ordering::Equal));
    Ok(Value::list(list))
}

fn sort_by_keys(args: &[Value]) -> Result<Value, OpError> {
    let (list, keys) = (items(args, 0)?, items(args, 1)?);
    check_lengths(list, keys)?;
    let first = keys.first();
    let odd = keys.iter().find(|key| first.is_some_and(|first| ordering(first, key).is_none()));
    if let Some(odd) = odd {
        return Err(OpError::mismatch(1, "keys that are all numbers, or all strings", odd));
    }
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|left, right| ordering(&keys[*left], &keys[*right]).unwrap_or(Ordering::Equal));
    Ok(Value::list(order.into_iter().map(|at| list[at].clone())))
}

fn group_by_keys(args: &[Value]) -> Result<Value, OpError> {
    let (list, keys) = (items(args, 0)?, items(args, 1)?);
    check_lengths(list, keys)?;
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (item, key) in list.iter().zip(keys) {
        let key = key.as_str().ok_or_else(|| OpError::mismatch(1, "keys that are strings", key))?;
        groups.entry(key).or_default().push(item.clone());
    }
    Ok(Value::map(groups.into_iter().map(|(key, items)| (key, Value::list(items)))))
}

fn check_lengths(left: &[Value], right: &[Value]) -> Result<(), OpError> {
    if left.len() == right.len() {
        return Ok(());
    }
    Err(invalid(1, "the lists have different lengths").detail(format!(
        "the lists have different lengths: {} and {}",
        left.len(),
        right.len()
    )))
}

fn sum(args: &[Value]) -> Result<Value, OpError> {
    let mut sum = Number::ZERO;
    let list = items(args, 0)?;
    for at in 0..list.len() {
        sum = sum.add(number(list, at)?)?;
    }
    Ok(sum.into())
}

/// Returns the number of a list that comes first in that direction.
pub(super) fn extreme(list: &[Value], wanted: Ordering) -> Result<Value, OpError> {
    let mut best = list.first().ok_or_else(|| {
        OpError::new(ErrorKind::Missing, "there is no number to choose from")
            .at(0)
            .help("Add one that is always there: `[0, ...list]`.")
    })?;
    for item in list {
        if ordering(item, best) == Some(wanted) {
            best = item;
        }
    }
    Ok(best.clone())
}

fn zip(args: &[Value]) -> Result<Value, OpError> {
    let (left, right) = (items(args, 0)?, items(args, 1)?);
    check_lengths(left, right)?;
    let pairs = left.iter().zip(right);
    Ok(Value::list(pairs.map(|(left, right)| Value::list([left.clone(), right.clone()]))))
}

fn chunk(args: &[Value]) -> Result<Value, OpError> {
    let (list, size) = (items(args, 0)?, count(args, 1)?);
    if size == 0 {
        return Err(invalid(1, "a chunk has at least one element"));
    }
    Ok(Value::list(list.chunks(size).map(|chunk| Value::list(chunk.iter().cloned()))))
}

/// `range(count)`, `range(from, to)` and `range(from, to, step)`; `to` is not in it.
pub(super) fn range(args: &[Value]) -> Result<Value, OpError> {
    let first = whole(args, 0)?;
    let (from, to) = if any(args, 1).is_null() { (0, first) } else { (first, whole(args, 1)?) };
    let step = whole(args, 2)?;
    if step == 0 {
        return Err(invalid(2, "the step of a range is never 0"));
    }
    let (from, to, step) = (i128::from(from), i128::from(to), i128::from(step));
    let distance = if step > 0 { to - from } else { from - to };
    let steps = distance.max(0).div_euclid(step.abs())
        + i128::from(distance.max(0).rem_euclid(step.abs()) > 0);
    let steps = usize::try_from(steps).unwrap_or(usize::MAX);
    check_items(steps)?;
    // Every element lies between `from` and `to`, so it fits 64 bits.
    Ok(Value::list((0..steps).map(|at| Value::from((from + at as i128 * step) as i64))))
}
