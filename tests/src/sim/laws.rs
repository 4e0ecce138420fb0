//! What must hold: of every durable record, of every provider call, and at the end.

use std::sync::Arc;

use syncline_model::Value;
use syncline_planner::plan::Operation;
use syncline_planner::record::{Body, Record};

use super::{Sim, lock};

/// Checks records that have just become durable: only who holds the environment writes.
pub(super) fn recorded(sim: &Arc<Sim>, fresh: &[(Record, u64)]) {
    for (record, writer) in fresh {
        let holder = lock(&sim.disk).holder;
        let takes = matches!(&record.body, Body::Lease(lease) if lease.renews.is_none());
        if takes {
            lock(&sim.disk).holder = Some(*writer);
        } else if matches!(record.body, Body::Released { .. }) {
            lock(&sim.disk).holder = None;
        } else if holder != Some(*writer) {
            sim.broke(format!(
                "process {writer} wrote record {}, but {holder:?} has the environment",
                record.sequence
            ));
        }
    }
}

/// Checks a call of the provider that is about to have its effect.
pub(super) fn called(sim: &Arc<Sim>, does: Operation, thing: &Value) {
    let name = thing.attribute("name").as_str().unwrap_or("?").to_owned();
    let disk = lock(&sim.disk);
    let intended = disk.durable.resources.values().any(|entry| {
        entry.in_flight.as_deref().is_some_and(|intent| {
            intent.does == does && intent.planned.attribute("name").as_str() == Some(&name)
        })
    });
    let missing = if does == Operation::Delete { None } else { missing(&disk.durable, thing) };
    drop(disk);
    if let Some(id) = unseen(sim, does, thing) {
        sim.broke(format!("{does:?} of {name} uses {id}, whose health nobody has seen"));
    }
    if !intended {
        sim.broke(format!("{does:?} of {name} has no durable intent"));
    }
    if let Some(id) = missing {
        sim.broke(format!("{does:?} of {name} uses {id}, which is not durably recorded"));
    }
}

/// Returns an id that a thing uses and that no durable record has.
fn missing(state: &syncline_planner::State, thing: &Value) -> Option<String> {
    let used = thing.attribute("members").as_items().unwrap_or_default();
    let is_recorded = |id: &Value| {
        let mut all = state.resources.values().filter_map(|entry| entry.recorded.as_deref());
        all.any(|recorded| recorded.attributes.attribute("id") == id)
    };
    used.iter().find(|id| !is_recorded(id)).map(ToString::to_string)
}

/// Returns an id that a thing uses whose health should have been seen before, and was not.
fn unseen(sim: &Arc<Sim>, does: Operation, thing: &Value) -> Option<String> {
    let used = thing.attribute("members").as_items().filter(|_| does != Operation::Delete);
    let healthy = lock(&sim.healthy);
    let was_seen = |id: &str| {
        let now = sim.world.get(id);
        let is_asked = now.as_ref().is_some_and(|now| now.attribute("extra").as_str().is_some());
        !is_asked || healthy.get(id) == now.as_ref()
    };
    let mut ids = used.into_iter().flatten().filter_map(Value::as_str);
    ids.find(|id| !was_seen(id)).map(ToString::to_string)
}

/// Checks that what is recorded is what is there, and that nothing is unfinished.
pub(super) fn settled(sim: &Arc<Sim>) {
    let durable = lock(&sim.disk).durable.clone();
    let mut known: Vec<String> = Vec::new();
    for (address, entry) in &durable.resources {
        if entry.in_flight.is_some() {
            sim.broke(format!("{address} is still in flight"));
        }
        if !entry.deposed.is_empty() {
            sim.broke(format!("{address} still has an old one beside it"));
        }
        let Some(recorded) = &entry.recorded else { continue };
        if recorded.unseen {
            sim.broke(format!("the health of {address} has not been seen"));
        }
        let id = recorded.attributes.attribute("id").as_str().unwrap_or("?").to_owned();
        match sim.world.get(&id) {
            None => sim.broke(format!("{address} is recorded as {id}, which is not there")),
            Some(real) if real != recorded.attributes => {
                sim.broke(format!("{address} is not as recorded: {real}"));
            }
            Some(_) => {}
        }
        known.push(id);
    }
    for (id, _, _) in sim.world.things() {
        if !known.iter().any(|own| *own == *id) {
            sim.broke(format!("{id} is there and nobody recorded it: lost, or made twice"));
        }
    }
}
