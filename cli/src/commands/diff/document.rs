//! How two environments differ, as JSON.
//!
//! Takes what the text shows and returns the same as one document: secrets are masked, what is
//! unknown is null, and every change has the places that set it, the winner first.

use std::collections::BTreeSet;

use serde_json::{Map as Object, Value as Json, json};
use syncline_lang::EvaluatedMember;
use syncline_model::{Address, DesiredResource, Origin, Path, Value};

use super::{Pair, is_passed_on, output_members};
use crate::report::json::value;

/// Returns the document.
pub(super) fn document(pair: &Pair<'_>) -> Json {
    let (from, to) = (&pair.from.desired.environment, &pair.to.desired.environment);
    let mut pending = Object::new();
    for (environment, own) in [from, to].into_iter().zip(&pair.pending) {
        let addresses = own.as_ref().map(|own| own.iter().map(Address::as_str).collect::<Vec<_>>());
        pending.insert(environment.to_string(), json!(addresses));
    }
    let outputs = [pair.from, pair.to].map(output_members);
    json!({
        "from": from.0.as_str(),
        "to": to.0.as_str(),
        "parameters": members(pair, &pair.from.params, &pair.to.params),
        "resources": resources(pair),
        "outputs": members(pair, &outputs[0], &outputs[1]),
        // Null for an environment that was never applied.
        "pending": pending,
    })
}

fn members(pair: &Pair<'_>, from: &[EvaluatedMember], to: &[EvaluatedMember]) -> Vec<Json> {
    let find = |members: &'_ [EvaluatedMember], name: &str| -> Option<usize> {
        members.binary_search_by(|own| own.name.as_str().cmp(name)).ok()
    };
    let names: BTreeSet<&str> = from.iter().chain(to).map(|own| own.name.as_str()).collect();
    let changes = names.into_iter().filter_map(|name| {
        let before = find(from, name).map(|at| &from[at]);
        let after = find(to, name).map(|at| &to[at]);
        let values = (before.map(|own| &own.value), after.map(|own| &own.value));
        if values.0 == values.1 || is_passed_on(before, after) {
            return None;
        }
        let origin = after.or(before).and_then(|own| own.origins.last());
        Some(change(pair, name, values, origin))
    });
    changes.collect()
}

fn resources(pair: &Pair<'_>) -> Vec<Json> {
    let all = pair.from.desired.resources.iter().chain(&pair.to.desired.resources);
    let addresses: BTreeSet<&Address> = all.map(|own| &own.address).collect();
    let changes = addresses.into_iter().filter_map(|address| {
        let (before, after) = (pair.from.desired.get(address), pair.to.desired.get(address));
        let either = after.or(before)?;
        let attributes = match (before, after) {
            (Some(before), Some(after)) => attributes(pair, before, after),
            _ => Vec::new(),
        };
        let kind = match (before, after) {
            (Some(_), None) => "removed",
            (None, _) => "added",
            (Some(before), Some(after)) => {
                if attributes.is_empty() && before.type_name() == after.type_name() {
                    return None;
                }
                "changed"
            }
        };
        let declared = super::declared(pair, either);
        Some(json!({
            "address": address.as_str(),
            "type": either.type_name(),
            "change": kind,
            "declared": declared,
            "attributes": attributes,
        }))
    });
    changes.collect()
}

fn attributes(pair: &Pair<'_>, before: &DesiredResource, after: &DesiredResource) -> Vec<Json> {
    let maps = [before, after].map(|own| own.config.as_map());
    let names: BTreeSet<&str> =
        maps.iter().flatten().flat_map(|map| map.keys().map(|key| key.as_str())).collect();
    let changes = names.into_iter().filter_map(|name| {
        // An attribute that is null is one that was left out.
        let [old, new] = maps.map(|map| map?.get(name).filter(|own| !own.is_null()));
        if old == new {
            return None;
        }
        let origins = if new.is_none() { &before.origins } else { &after.origins };
        Some(change(pair, name, (old, new), origins.winner(&Path::attribute(name))))
    });
    changes.collect()
}

fn change(
    pair: &Pair<'_>,
    name: &str,
    (before, after): (Option<&Value>, Option<&Value>),
    origin: Option<&Origin>,
) -> Json {
    let flow = origin.into_iter().flat_map(|own| std::iter::once(own).chain(own.from.iter()));
    let mut set_by: Vec<String> = flow
        .filter_map(|own| pair.sources.place(own.span, &own.overlay))
        .map(|place| place.to_string())
        .collect();
    set_by.dedup();
    let mut change = Object::new();
    change.insert("name".to_owned(), json!(name));
    for (side, own) in [("before", before), ("after", after)] {
        if let Some(own) = own {
            change.insert(side.to_owned(), value(own));
        }
    }
    change.insert("set_by".to_owned(), json!(set_by));
    Json::Object(change)
}
