//! The order in which members are evaluated: what is referred to comes first.
//!
//! A depth-first walk with a stack of its own, so that chains of any length are safe. A circle is
//! reported with the place of every reference in it; its members are left out.

use rustc_hash::FxHashSet;
use syncline_model::{Span, Str, cycle};

use super::scope::Scope;
use super::units::Tables;
use crate::diagnostics::reference_cycle;
use crate::resolve::{Reference, SlotKind};

/// Returns the numbers of members in the order of evaluation: see [`Tables::member`].
pub(super) fn order(scope: &Scope<'_>) -> Vec<usize> {
    let tables = &scope.tables;
    let mut marks = vec![Mark::New; tables.members];
    let mut order = Vec::with_capacity(tables.members);
    let mut reported: FxHashSet<Vec<usize>> = FxHashSet::default();
    // What reads a data source must be set up before somebody wants to know what that says.
    let root = &tables.list[0];
    let is_provider = |at: &usize| matches!(root.table.slots[*at].kind, SlotKind::Provider { .. });
    let providers = (0..root.table.slots.len()).filter(is_provider).map(|at| root.first + at);
    for start in providers.chain(0..tables.members) {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut stack = vec![Frame::new(tables, start)];
        while let Some(frame) = stack.last_mut() {
            let Some((target, span)) = frame.next(tables) else {
                marks[frame.slot] = Mark::Done;
                order.push(frame.slot);
                stack.pop();
                continue;
            };
            frame.through = Some(span);
            match marks[target] {
                Mark::Done => {}
                Mark::New => {
                    marks[target] = Mark::Open;
                    stack.push(Frame::new(tables, target));
                }
                Mark::Open => report(scope, &stack, target, &mut reported),
            }
        }
    }
    order
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

struct Frame {
    slot: usize,
    table: usize,
    at: usize,
    /// The next reference: which part of the slot, and which of that.
    part: usize,
    next: usize,
    /// What is to be followed before the next reference.
    waiting: Vec<(usize, Span)>,
    /// The reference that is being followed.
    through: Option<Span>,
}

impl Frame {
    fn new(tables: &Tables<'_>, slot: usize) -> Self {
        let (table, at) = tables.member(slot);
        // A member of a unit waits for the unit's instances.
        let waiting = match tables.list[table].parent {
            Some((outer, unit)) => {
                let node = &tables.list[outer];
                vec![(node.first + unit, node.table.slots[unit].name.span)]
            }
            None => Vec::new(),
        };
        Self { slot, table, at, part: 0, next: 0, waiting, through: None }
    }

    /// Returns the next slot that the frame's own refers to.
    fn next(&mut self, tables: &Tables<'_>) -> Option<(usize, Span)> {
        loop {
            if let Some(next) = self.waiting.pop() {
                return Some(next);
            }
            let part = tables.list[self.table].table.slots[self.at].references.get(self.part)?;
            let Some(reference) = part.references.get(self.next) else {
                self.part += 1;
                self.next = 0;
                continue;
            };
            self.next += 1;
            if !reference.orders_only && !reference.is_call {
                let mut seen = self.table;
                for _ in 0..part.level {
                    seen = tables.list[seen].parent.map_or(seen, |(outer, _)| outer);
                }
                refer(tables, seen, reference, &mut self.waiting);
            }
        }
    }
}

/// Finds the members that a reference means, as seen from a table. One into a unit means the member
/// that it names, and all of them when that cannot be told.
fn refer(tables: &Tables<'_>, table: usize, reference: &Reference, found: &mut Vec<(usize, Span)>) {
    let node = &tables.list[table];
    let Some(at) = node.table.slots.get_index_of(reference.name.as_str()) else { return };
    found.push((node.first + at, reference.span));
    let Some(child) = node.children.get(&at).copied() else { return };
    let inside = &tables.list[child];
    let named =
        reference.next.as_ref().and_then(|next| inside.table.slots.get_index_of(next.as_str()));
    match named {
        Some(at) if !inside.children.contains_key(&at) => {
            found.push((inside.first + at, reference.span));
        }
        Some(at) => everything(tables, inside.children[&at], reference.span, found),
        None if reference.next.is_none() => {
            for (at, slot) in inside.table.slots.values().enumerate() {
                if matches!(slot.kind, SlotKind::Output { .. }) {
                    found.push((inside.first + at, reference.span));
                }
            }
        }
        None => everything(tables, child, reference.span, found),
    }
}

fn everything(tables: &Tables<'_>, table: usize, span: Span, found: &mut Vec<(usize, Span)>) {
    let node = &tables.list[table];
    found.extend((0..node.table.slots.len()).map(|at| (node.first + at, span)));
    let mut children: Vec<usize> = node.children.values().copied().collect();
    children.sort_unstable();
    for child in children {
        everything(tables, child, span, found);
    }
}

fn report(scope: &Scope<'_>, stack: &[Frame], target: usize, reported: &mut FxHashSet<Vec<usize>>) {
    let Some(start) = stack.iter().position(|frame| frame.slot == target) else { return };
    let circle = &stack[start..];
    let mut members: Vec<usize> = circle.iter().map(|frame| frame.slot).collect();
    members.sort_unstable();
    if !reported.insert(members) {
        return;
    }
    let name = |frame: &Frame| -> Str { scope.tables.path(frame.slot) };
    let edges: Vec<(Str, Option<Span>)> =
        circle.iter().map(|frame| (name(frame), frame.through)).collect();
    scope.report(cycle(reference_cycle::CODE, &edges));
}
