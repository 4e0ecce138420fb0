//! The order of execution: the third graph.
//!
//! Takes the changes; returns their steps, each with those that must have succeeded before.
//!
//! Laws:
//! * what is made or changed comes after what is made of that which it needs;
//! * what is destroyed comes after the destruction, or the change, of all that needed it;
//! * a replacement destroys before it makes, or makes, lets others follow, and then destroys;
//! * what an interrupted run made is recorded before anything else is done at its address;
//! * what is looked at is looked at once it is made, and before what needs it; the one that it replaces goes after that;
//! * of what earlier replacements left behind at an address, one after the other goes, the oldest
//!   first, once nothing needs it any more;
//! * what is made anew under another address is destroyed before, whatever stands on it;
//! * there is no circle, whatever was recorded.

use rustc_hash::{FxHashMap, FxHashSet};
use syncline_model::Address;

use super::context::Context;
use super::ephemeral;
use crate::graph;
use crate::plan::{Action, Change, Operation, PlanStep, Reason};

/// Makes every replacement create-first on which a create-first one depends: else the old one
/// would stand on something that is already gone.
pub(super) fn spread_create_first(context: &Context<'_>, changes: &mut [Change]) {
    let mut of: FxHashMap<Address, usize> = FxHashMap::default();
    for (at, change) in changes.iter().enumerate() {
        if matches!(change.action, Action::Replace | Action::ReplaceCreateFirst) {
            of.insert(change.address.clone(), at);
        }
    }
    for at in context.dependencies.order.iter().rev() {
        let node = &context.nodes[*at as usize];
        let Some(own) = of.get(node.address) else { continue };
        if changes[*own].action != Action::ReplaceCreateFirst {
            continue;
        }
        for need in &node.depends_on {
            if let Some(need) = of.get(need) {
                changes[*need].action = Action::ReplaceCreateFirst;
            }
        }
    }
}

/// The steps of one address, by what they do.
#[derive(Clone, Copy, Default)]
struct Parts {
    /// Makes, changes, reads or records what will be there.
    make: Option<u32>,
    /// Destroys what was there.
    destroy: Option<u32>,
    /// Records what an interrupted run made.
    adopt: Option<u32>,
    /// Looks at the health of what will be there.
    check: Option<u32>,
    /// Destroys what earlier replacements left behind: the first such step, and the last one.
    deposed: Option<(u32, u32)>,
    /// It is replaced, and made before it is destroyed.
    create_first: bool,
    /// It is replaced, and destroyed before it is made.
    destroy_first: bool,
    /// It is destroyed, and made anew under another address.
    renamed: bool,
}

impl Parts {
    /// Returns the step after which others can use what is there.
    fn ready(&self) -> Option<u32> {
        self.check.or(self.make).or(self.adopt)
    }
}

/// Returns the steps of the changes, in their order; of `renamed` the first makes anew what the second destroys.
pub(super) fn steps(
    context: &Context<'_>,
    changes: &[Change],
    renamed: &[(usize, usize)],
) -> Vec<PlanStep> {
    let mut steps: Vec<PlanStep> = Vec::with_capacity(changes.len());
    let mut parts: FxHashMap<&Address, Parts> = FxHashMap::default();
    let mut edges = Edges::default();
    for (at, change) in changes.iter().enumerate() {
        let own = parts.entry(&change.address).or_default();
        let mut add = |operation| {
            steps.push(PlanStep { change: at as u32, operation, after: Vec::new() });
            Some(steps.len() as u32 - 1)
        };
        match change.action {
            Action::Create => own.make = add(Operation::Create),
            Action::Update => own.make = add(Operation::Update),
            Action::Read => own.make = add(Operation::Read),
            Action::Record if change.reason.is_adoption() => {
                own.adopt = add(Operation::Record);
            }
            Action::Record | Action::Check => own.make = add(Operation::Record),
            Action::Delete if change.is_of_deposed() => {
                let step = add(Operation::Delete);
                let last = own.deposed.map(|(_, last)| last);
                edges.firm.extend(step.zip(last));
                own.deposed = own.deposed.map(|(first, _)| first).or(step).zip(step);
            }
            Action::Delete => own.destroy = add(Operation::Delete),
            Action::Replace => {
                own.destroy = add(Operation::Delete);
                own.make = add(Operation::Create);
                own.destroy_first = true;
            }
            Action::ReplaceCreateFirst => {
                own.make = add(Operation::Create);
                own.destroy = add(Operation::Delete);
                own.create_first = true;
            }
        }
        if !change.health.is_empty() {
            own.check = add(Operation::Check);
        }
    }
    destroyed_first(changes, renamed, &mut parts, &mut edges);
    for (at, change) in changes.iter().enumerate() {
        let own = parts[&change.address];
        within(&steps, at as u32, change, own, &mut edges);
        made_after(context, change, own, &parts, &mut edges);
        destroyed_after(context, change, own, &parts, &mut edges);
        replaced_after(change, own, &parts, &mut edges);
    }
    opened_before(context, changes, &parts, &mut edges);
    edges.write(&mut steps);
    steps
}

/// What is made anew under another address is destroyed first.
fn destroyed_first(
    changes: &[Change],
    renamed: &[(usize, usize)],
    parts: &mut FxHashMap<&Address, Parts>,
    edges: &mut Edges,
) {
    for (made, gone) in renamed {
        let make = parts.get(&changes[*made].address).and_then(|own| own.make);
        if let Some(gone) = parts.get_mut(&changes[*gone].address) {
            gone.renamed = true;
            edges.firm.extend(make.zip(gone.destroy));
        }
    }
}

/// Whatever is done with a provider comes after what it is set up with has been opened.
fn opened_before(
    context: &Context<'_>,
    changes: &[Change],
    parts: &FxHashMap<&Address, Parts>,
    edges: &mut Edges,
) {
    let waiting = ephemeral::of_providers(context, changes.iter());
    for change in changes.iter().filter(|_| !waiting.is_empty()) {
        let own = parts[&change.address];
        for address in waiting.get(&change.provider).into_iter().flatten() {
            let Some(open) = parts.get(address).and_then(|opened| opened.make) else { continue };
            let last = own.deposed.map(|(first, _)| first);
            for step in [own.make, own.destroy, last].into_iter().flatten() {
                if step != open {
                    edges.firm.insert((step, open));
                }
            }
        }
    }
}

/// Edges between steps: the first comes after the second; and which of them may be given up.
#[derive(Default)]
struct Edges {
    firm: FxHashSet<(u32, u32)>,
    recorded: FxHashSet<(u32, u32)>,
}

fn within(steps: &[PlanStep], at: u32, change: &Change, own: Parts, edges: &mut Edges) {
    if let (Some(make), Some(destroy)) = (own.make, own.destroy) {
        if own.create_first {
            edges.firm.insert((destroy, own.check.unwrap_or(make)));
        } else {
            edges.firm.insert((make, destroy));
        }
    }
    for part in [own.make, own.destroy, own.deposed.map(|(first, _)| first)] {
        edges.firm.extend(part.zip(own.adopt));
    }
    edges.firm.extend(own.check.zip(own.make.or(own.adopt)));
    // What earlier replacements left behind goes once its address is up to date, one by one: a
    // record that one of them is gone does not say which.
    if change.is_of_deposed() {
        let deposed = steps.partition_point(|step| step.change < at) as u32;
        edges.firm.extend(own.check.or(own.make).map(|before| (deposed, before)));
        edges.firm.extend(own.destroy.map(|other| {
            // The one that this plan leaves behind is the youngest.
            if own.create_first { (other, deposed) } else { (deposed, other) }
        }));
    }
}

fn made_after(
    context: &Context<'_>,
    change: &Change,
    own: Parts,
    parts: &FxHashMap<&Address, Parts>,
    edges: &mut Edges,
) {
    let (Some(make), Some(at)) = (own.make, context.index.get(&change.address)) else { return };
    for need in context.needs(*at) {
        let address = context.nodes[*need as usize].address;
        if let Some(before) = parts.get(address).and_then(Parts::ready) {
            edges.firm.insert((make, before));
        }
    }
}

fn destroyed_after(
    context: &Context<'_>,
    change: &Change,
    own: Parts,
    parts: &FxHashMap<&Address, Parts>,
    edges: &mut Edges,
) {
    let node = context.index.get(&change.address).map(|at| &context.nodes[*at as usize]);
    let Some(entry) = node.and_then(|node| node.entry) else { return };
    let old = entry.deposed.iter().flat_map(|deposed| &deposed.depends_on);
    for need in old.filter_map(|need| parts.get(need)) {
        edges.recorded.extend(need.destroy.zip(own.deposed.map(|(_, last)| last)));
    }
    let recorded = entry.recorded.as_deref();
    for need in recorded.map_or(&[][..], |recorded| &recorded.depends_on) {
        let Some(need) = parts.get(need) else { continue };
        let moved_over = own.check.or(own.make);
        if let (Some((deposed, _)), Some(before)) = (need.deposed, own.destroy.or(moved_over)) {
            edges.recorded.insert((deposed, before));
        }
        let Some(destroyed) = need.destroy else { continue };
        if need.renamed && moved_over.is_some() {
            continue;
        }
        if let Some(before) = own.destroy {
            edges.recorded.insert((destroyed, before));
        } else if let (Some(before), false) = (moved_over, need.destroy_first) {
            edges.recorded.insert((destroyed, before));
        }
    }
}

/// What is replaced since something else changes stays until that has changed, where it can.
fn replaced_after(
    change: &Change,
    own: Parts,
    parts: &FxHashMap<&Address, Parts>,
    edges: &mut Edges,
) {
    if change.reason != Reason::Dependency {
        return;
    }
    let triggers = change.lifecycle.replace_with.iter();
    for trigger in triggers.filter_map(|trigger| parts.get(&trigger.to)) {
        if !trigger.destroy_first {
            edges.firm.extend(own.destroy.zip(trigger.ready()));
        }
    }
}

impl Edges {
    fn write(self, steps: &mut [PlanStep]) {
        let Self { firm, recorded } = self;
        let whole: FxHashSet<(u32, u32)> = firm.union(&recorded).copied().collect();
        let chosen = if is_acyclic(steps.len(), &whole) { whole } else { firm };
        let mut sorted: Vec<(u32, u32)> = chosen.into_iter().collect();
        sorted.sort_unstable();
        for (later, earlier) in sorted {
            steps[later as usize].after.push(earlier);
        }
    }
}

fn is_acyclic(count: usize, edges: &FxHashSet<(u32, u32)>) -> bool {
    let mut needs = vec![Vec::new(); count];
    let mut needed_by = vec![Vec::new(); count];
    let mut sorted: Vec<&(u32, u32)> = Vec::with_capacity(edges.len());
    sorted.extend(edges);
    for (later, earlier) in sorted {
        needs[*later as usize].push(*earlier);
        needed_by[*earlier as usize].push(*later);
    }
    graph::order(&needs, &needed_by).is_some()
}
