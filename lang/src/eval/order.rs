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
        let mut stack = vec![Frame::new(table, start)];
        while let Some(frame) = stack.last_mut() {
            let Some((target, span)) = frame.targets.pop() else {
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
                    stack.push(Frame::new(table, target));
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
    /// What is still to be visited, the first reference last.
    targets: Vec<(usize, Span)>,
    /// The reference that is being followed.
    through: Option<Span>,
}

impl Frame {
    fn new(table: &Table<'_>, slot: usize) -> Self {
        let mut targets: Vec<(usize, Span)> = table.slots[slot]
            .references
            .iter()
            .flat_map(|references| references.iter())
            .filter(|reference| !reference.orders_only)
            .filter_map(|reference| {
                let target = table.slots.get_index_of(reference.name.as_str())?;
                Some((target, reference.span))
            })
            .collect();
        targets.reverse();
        Self { slot, targets, through: None }
    }
}

fn report(
    scope: &Scope<'_>,
    stack: &[Frame],
    target: usize,
    reported: &mut FxHashSet<Vec<usize>>,
) {
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
