//! The graph of resource instances.
//!
//! Takes what is desired; returns who needs whom by index, an order in which everything comes
//! after what it needs, or the circles that forbid one. Nothing here recurses, so that a chain of
//! a hundred thousand resources needs no deep stack.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxHashMap;
use syncline_model::{Address, Desired, Diagnostic, Span, Str};

use crate::diagnostics;

/// Who needs whom among desired resources; indices are those of [`Desired::resources`].
#[derive(Clone, Debug, Default)]
pub struct Dependencies {
    /// What each resource needs, in order of address.
    pub needs: Vec<Vec<u32>>,
    /// What needs each resource, in order of address.
    pub needed_by: Vec<Vec<u32>>,
    /// Every resource, after all that it needs.
    pub order: Vec<u32>,
}

impl Dependencies {
    /// Returns the dependencies of what is desired. A reference to what is not there is left out:
    /// whoever made `desired` has reported it.
    ///
    /// # Errors
    /// A report for each circle.
    pub fn of(desired: &Desired) -> Result<Self, Vec<Diagnostic>> {
        let count = desired.resources.len();
        let index: FxHashMap<&Address, u32> = desired
            .resources
            .iter()
            .enumerate()
            .map(|(at, resource)| (&resource.address, at as u32))
            .collect();
        let mut needs = vec![Vec::new(); count];
        let mut needed_by = vec![Vec::new(); count];
        for (at, resource) in desired.resources.iter().enumerate() {
            for edge in &resource.depends_on {
                if let Some(to) = index.get(&edge.to) {
                    needs[at].push(*to);
                    needed_by[*to as usize].push(at as u32);
                }
            }
        }
        match order(&needs, &needed_by) {
            Some(order) => Ok(Self { needs, needed_by, order }),
            None => Err(circles(desired, &needs)),
        }
    }
}

/// Returns an order in which everything comes after what it needs (Kahn), or nothing when there is
/// none.
pub(crate) fn order(needs: &[Vec<u32>], needed_by: &[Vec<u32>]) -> Option<Vec<u32>> {
    let mut waiting: Vec<u32> = needs.iter().map(|needs| needs.len() as u32).collect();
    let ready = (0..needs.len() as u32).filter(|at| waiting[*at as usize] == 0);
    let mut order: Vec<u32> = ready.collect();
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        for dependent in &needed_by[at as usize] {
            let left = &mut waiting[*dependent as usize];
            *left -= 1;
            if *left == 0 {
                order.push(*dependent);
            }
        }
    }
    (order.len() == needs.len()).then_some(order)
}

/// Returns a report for the shortest circle through the first member of each strongly connected
/// component.
fn circles(desired: &Desired, needs: &[Vec<u32>]) -> Vec<Diagnostic> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(needs.len(), needs.len());
    for _ in needs {
        graph.add_node(());
    }
    for (from, needs) in needs.iter().enumerate() {
        for to in needs {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(*to as usize), ());
        }
    }
    let mut circles: Vec<Vec<u32>> = kosaraju_scc(&graph)
        .into_iter()
        .filter_map(|component| {
            let start = component.iter().min()?.index() as u32;
            shortest_circle(start, needs)
        })
        .collect();
    circles.sort();
    circles.iter().map(|circle| report(desired, circle)).collect()
}

/// Returns the shortest way from a resource back to itself, breadth first.
fn shortest_circle(start: u32, needs: &[Vec<u32>]) -> Option<Vec<u32>> {
    let mut from: FxHashMap<u32, u32> = FxHashMap::default();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for to in &needs[at as usize] {
            if *to == start {
                let mut circle = vec![at];
                let mut last = at;
                while last != start {
                    last = from[&last];
                    circle.push(last);
                }
                circle.reverse();
                return Some(circle);
            }
            if !from.contains_key(to) {
                from.insert(*to, at);
                queue.push_back(*to);
            }
        }
    }
    None
}

fn report(desired: &Desired, circle: &[u32]) -> Diagnostic {
    let edges: Vec<(Str, Option<Span>)> = circle
        .iter()
        .enumerate()
        .map(|(at, resource)| {
            let resource = &desired.resources[*resource as usize];
            let next = &desired.resources[circle[(at + 1) % circle.len()] as usize].address;
            let edge = resource.depends_on.iter().find(|edge| edge.to == *next);
            (Str::from(resource.address.as_str()), edge.map(|edge| edge.span))
        })
        .collect();
    let report = diagnostics::dependency_cycle(&edges);
    let through = circle.iter().zip(&edges).find_map(|(at, (address, span))| {
        let id = &desired.resources[*at as usize].provider;
        let provider = desired.providers.iter().find(|own| own.id == *id)?;
        let (around, span) = (provider.span?, (*span)?);
        let is_inside =
            around.file == span.file && around.start <= span.start && span.end <= around.end;
        is_inside.then_some((address, id))
    });
    match through {
        Some((address, id)) => report.help(format!(
            "`{address}` is made with the configuration `{id}`, which needs it: give it another one with `@provider`."
        )),
        None => report,
    }
}
