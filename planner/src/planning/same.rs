//! One thing under two addresses: what is made under one is destroyed under another, or is there already.
//!
//! Takes the changes; returns what is made anew in place of what is destroyed, and adds what there is to say. Two
//! resources of one type and provider are one thing where all that identifies them is the same: the identity's
//! attributes, as far as the resource has them under the same names. Where one of them is not known, nothing is said.

use rustc_hash::FxHashMap;
use syncline_model::{Address, Diagnostic, Mode, ProviderId, ResourceSchema, Str, Value};

use super::context::Context;
use crate::diagnostics::{self, Same};
use crate::plan::{Action, Change, Reason};

/// What makes a resource the one that it is: who manages it, its type, and the values of its identity.
type Identity<'a> = (&'a ProviderId, &'a str, Vec<&'a Value>);

/// Whose a thing is.
enum Owner<'a> {
    /// It is recorded at this address.
    Recorded(&'a Address),
    /// A change makes it, by its place.
    Made(usize),
}

/// Returns which change makes what which other one destroys, by their places.
pub(super) fn renamed(
    context: &Context<'_>,
    changes: &[Change],
    reports: &mut Vec<Diagnostic>,
) -> Vec<(usize, usize)> {
    let is_made = |change: &Change| change.action == Action::Create && change.mode == Mode::Managed;
    let made: Vec<usize> = (0..changes.len()).filter(|at| is_made(&changes[*at])).collect();
    let kinds = made.iter().map(|at| (&changes[*at].provider, changes[*at].kind.as_str()));
    let kinds: FxHashMap<(&ProviderId, &str), &ResourceSchema> = kinds
        .filter_map(|(id, kind)| Some(((id, kind), &**context.schema(id, Mode::Managed, kind)?)))
        .filter(|(_, schema)| schema.identity.is_some())
        .collect();
    if kinds.is_empty() {
        return Vec::new();
    }
    let mut owners: FxHashMap<Identity<'_>, Owner<'_>> = FxHashMap::default();
    for (address, entry) in &context.planner.state.resources {
        let Some(recorded) = entry.recorded.as_deref() else { continue };
        let kind = (&recorded.provider, recorded.kind.as_str());
        let values = kinds.get(&kind).and_then(|schema| identity(schema, &recorded.attributes));
        if let Some(values) = values {
            owners.insert((kind.0, kind.1, values), Owner::Recorded(address));
        }
    }
    let mut renamed = Vec::new();
    for at in made {
        let change = &changes[at];
        let kind = (&change.provider, change.kind.as_str());
        let values = kinds.get(&kind).and_then(|schema| identity(schema, &change.after));
        let Some(values) = values else { continue };
        let Some(owner) = owners.insert((kind.0, kind.1, values), Owner::Made(at)) else {
            continue;
        };
        let (other, what) = match owner {
            Owner::Made(other) => (&changes[other].address, Same::Made),
            Owner::Recorded(address) => match leaves(changes, address) {
                Leaves::Destroyed(gone) => {
                    renamed.push((at, gone));
                    (address, Same::Destroyed)
                }
                Leaves::Stays => (address, Same::Recorded),
                Leaves::Becomes => continue,
            },
        };
        let names: Vec<&str> = names(kinds[&kind]).map(|(name, _)| name.as_str()).collect();
        let node = context.index.get(&change.address).map(|at| &context.nodes[*at as usize]);
        let span = node.and_then(|node| node.desired).map(|desired| desired.span);
        reports.push(diagnostics::same(change, (other, what), &names, span));
    }
    renamed
}

/// What becomes of what is recorded.
enum Leaves {
    /// This change destroys it, and nothing takes its address.
    Destroyed(usize),
    /// It is changed or replaced: perhaps it is something else then.
    Becomes,
    Stays,
}

fn leaves(changes: &[Change], address: &Address) -> Leaves {
    let start = changes.partition_point(|change| change.address < *address);
    let own = changes.iter().enumerate().skip(start);
    let mut own = own.take_while(|(_, change)| change.address == *address);
    let is_left = |(_, change): &(usize, &Change)| {
        change.action != Action::Record && change.reason != Reason::CannotUpdate
    };
    match own.find(is_left) {
        Some((at, change)) if change.action == Action::Delete => Leaves::Destroyed(at),
        Some(_) => Leaves::Becomes,
        None => Leaves::Stays,
    }
}

/// Returns the attributes that are the identity's.
fn names(schema: &ResourceSchema) -> impl Iterator<Item = (&Str, bool)> {
    let identity = schema.identity.iter().flat_map(|identity| &identity.block.attributes);
    let own = identity.filter(|(name, _)| schema.block.get(name).is_some());
    own.map(|(name, attribute)| (name, attribute.required))
}

/// Returns the values that identify a resource; nothing where they are not all there.
fn identity<'v>(schema: &ResourceSchema, attributes: &'v Value) -> Option<Vec<&'v Value>> {
    static NULL: Value = Value::Null;
    let map = attributes.as_map()?;
    let value = |(name, is_required): (&Str, bool)| {
        let value = map.get(name).unwrap_or(&NULL);
        let value = value.reveal();
        (value.is_known() && !value.is_secret() && !(is_required && value.is_null()))
            .then_some(value)
    };
    let values: Vec<&Value> = names(schema).map(value).collect::<Option<_>>()?;
    values.iter().any(|value| !value.is_null()).then_some(values)
}
