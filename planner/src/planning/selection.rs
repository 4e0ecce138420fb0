//! Which resources a plan is about: `--target`, `--exclude`.
//!
//! Laws: what is selected is closed: in an apply, what a selected resource needs is selected; in a
//! destroy, what needs it is.

use syncline_model::{Address, Diagnostic};

use super::context::Context;
use crate::diagnostics;
use crate::plan::Goal;

/// Returns for each node whether it is selected.
///
/// # Errors
/// Reports about addresses that name nothing.
pub(super) fn select(context: &Context<'_>) -> Result<Vec<bool>, Vec<Diagnostic>> {
    let options = &context.planner.options;
    let mut unknown = Vec::new();
    let targets = find(context, "target", &options.targets, &mut unknown);
    let excludes = find(context, "exclude", &options.excludes, &mut unknown);
    find(context, "replace", &options.replace, &mut unknown);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    if targets.is_empty() && excludes.is_empty() {
        return Ok(vec![true; context.nodes.len()]);
    }
    let (needs, needed_by) = edges(context);
    let (inward, outward) = match options.goal {
        Goal::Apply => (&needs, &needed_by),
        Goal::Destroy => (&needed_by, &needs),
    };
    let mut selected = vec![options.targets.is_empty(); context.nodes.len()];
    spread(&targets, inward, |at| !std::mem::replace(&mut selected[at], true));
    spread(&excludes, outward, |at| std::mem::replace(&mut selected[at], false));
    Ok(selected)
}

/// Returns the nodes that addresses name: one, or all instances of a group.
fn find(
    context: &Context<'_>,
    flag: &str,
    addresses: &[Address],
    unknown: &mut Vec<Diagnostic>,
) -> Vec<u32> {
    let mut found = Vec::new();
    for address in addresses {
        let before = found.len();
        found.extend(context.index.get(address));
        let group = context.nodes.iter().enumerate().filter(|(_, node)| {
            node.address != address && node.address.group() == address.as_str()
        });
        found.extend(group.map(|(at, _)| at as u32));
        if found.len() == before {
            let known = context.nodes.iter().map(|node| node.address.as_str());
            unknown.push(diagnostics::unknown_address(flag, address, known));
        }
    }
    found
}

/// Returns who needs whom, with what is recorded where nothing is desired.
fn edges(context: &Context<'_>) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
    let count = context.nodes.len();
    let (mut needs, mut needed_by) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for (at, node) in context.nodes.iter().enumerate() {
        let mut add = |to: u32| {
            needs[at].push(to);
            needed_by[to as usize].push(at as u32);
        };
        if node.desired.is_some() {
            context.needs(at as u32).iter().copied().for_each(add);
        } else if let Some(recorded) = node.entry.and_then(|entry| entry.recorded.as_deref()) {
            let known = recorded.depends_on.iter().filter_map(|to| context.index.get(to));
            known.copied().for_each(&mut add);
        }
    }
    (needs, needed_by)
}

/// Visits everything that can be reached; `enter` tells whether a node is new.
fn spread(from: &[u32], edges: &[Vec<u32>], mut enter: impl FnMut(usize) -> bool) {
    let mut open = from.to_vec();
    while let Some(at) = open.pop() {
        if enter(at as usize) {
            open.extend(&edges[at as usize]);
        }
    }
}
