//! The order in which members are evaluated: what is referred to comes first.
//!
//! A depth-first walk with a stack of its own, so that chains of any length are safe. A circle is
//! reported with the place of every reference in it; its members are left out.

use rustc_hash::FxHashSet;
use syncline_model::{Span, Str, cycle};

use super::scope::Scope;
use crate::diagnostics::reference_cycle;
use crate::resolve::Table;

/// Returns the indices of slots in the order of evaluation.
pub(super) fn order(scope: &Scope<'_>) -> Vec<usize> {
    let table = scope.table;
    let mut marks = vec![Mark::New; table.slots.len()];
    let mut order = Vec::with_capacity(table.slots.len());
    let mut reported: FxHashSet<Vec<usize>> = FxHashSet::default();
    for start in 0..table.slots.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut stack = vec![Frame::new(start)];
        while let Some(frame) = stack.last_mut() {
            let Some((target, span)) = frame.next(table) else {
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
                    stack.push(Frame::new(target));
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
    /// The next reference: which part of the slot, and which of that.
    part: usize,
    next: usize,
    /// The reference that is being followed.
    through: Option<Span>,
}

impl Frame {
    const fn new(slot: usize) -> Self {
        Self { slot, part: 0, next: 0, through: None }
    }

    /// Returns the next slot that the frame's own refers to.
    fn next(&mut self, table: &Table<'_>) -> Option<(usize, Span)> {
        let parts = &table.slots[self.slot].references;
        while let Some(references) = parts.get(self.part) {
            while let Some(reference) = references.get(self.next) {
                self.next += 1;
                if !reference.orders_only
                    && let Some(target) = table.slots.get_index_of(reference.name.as_str())
                {
                    return Some((target, reference.span));
                }
            }
            self.part += 1;
            self.next = 0;
        }
        None
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
    let name = |frame: &Frame| -> Str {
        scope.table.slots.get_index(frame.slot).map_or_else(Str::new, |(name, _)| (*name).into())
    };
    let edges: Vec<(Str, Option<Span>)> =
        circle.iter().map(|frame| (name(frame), frame.through)).collect();
    scope.report(cycle(reference_cycle::CODE, &edges));
}
