//! `std.sets`.

use std::collections::BTreeSet;

use syncline_model::Value;

use super::Entry;
use super::arguments::{invalid, items};
use crate::ops::{OpError, check_items};

/// The most elements of a list whose subsets are made.
const MAX_BASE: usize = 16;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("of", |args| Ok(Value::set(items(args, 0)?.iter().cloned()))),
    Entry::deep("to_list", |args| Ok(Value::list(sorted(args, 0)?.into_iter().cloned()))),
    Entry::deep("union", |args| {
        let mut all = Vec::new();
        for at in 0..args.len() {
            all.extend_from_slice(items(args, at)?);
            check_items(all.len())?;
        }
        Ok(Value::set(all))
    }),
    Entry::deep("intersection", |args| {
        let right = sorted(args, 1)?;
        let both = items(args, 0)?.iter().filter(|item| right.contains(item));
        Ok(Value::set(both.cloned()))
    }),
    Entry::deep("difference", |args| {
        let right = sorted(args, 1)?;
        let rest = items(args, 0)?.iter().filter(|item| !right.contains(item));
        Ok(Value::set(rest.cloned()))
    }),
    Entry::deep("is_subset", |args| {
        let right = sorted(args, 1)?;
        Ok(items(args, 0)?.iter().all(|item| right.contains(item)).into())
    }),
    Entry::looking("subsets", &[0], subsets),
];

fn sorted(args: &[Value], at: usize) -> Result<BTreeSet<&Value>, OpError> {
    Ok(items(args, at)?.iter().collect())
}

fn subsets(args: &[Value]) -> Result<Value, OpError> {
    let list = items(args, 0)?;
    if list.len() > MAX_BASE {
        return Err(invalid(0, format!("the list has more than {MAX_BASE} elements")));
    }
    let mut masks: Vec<u32> = (0..1_u32 << list.len()).collect();
    masks.sort_by_key(|mask| (mask.count_ones(), mask.reverse_bits()));
    let subset = |mask: u32| {
        Value::list((0..list.len()).filter(|at| mask >> at & 1 == 1).map(|at| list[at].clone()))
    };
    Ok(Value::list(masks.into_iter().map(subset)))
}
