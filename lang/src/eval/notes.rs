//! What is noted while an expression is evaluated: what it depends on, and what set what it uses.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use syncline_model::{Address, Edge, Origin, Span, Str};

/// What a member depends on: resources, each with the reference's place.
pub(crate) type Dependencies = Arc<[Edge]>;

/// How many origins of a value's parts are kept.
const TRAIL: usize = 6;

/// What is noted.
#[derive(Default)]
pub(crate) struct Notes {
    /// What is referred to, and where first.
    found: FxHashMap<Address, Span>,
    /// What set the parameters and `let`s that the expression under evaluation has used.
    trail: Vec<Origin>,
    /// Where the part of the trail begins that is of the expression under evaluation.
    part: usize,
    /// The trails that were made, by their places: thousands of attributes share a few.
    trails: FxHashSet<Arc<[Origin]>>,
}

impl Notes {
    /// Returns notes that begin with dependencies.
    pub(crate) fn of(found: FxHashMap<Address, Span>) -> Self {
        Self { found, ..Self::default() }
    }

    /// Forgets all dependencies.
    pub(crate) fn begin(&mut self) {
        self.found.clear();
    }

    /// Returns the dependencies noted since [`Self::begin`], sorted by address, and forgets them.
    pub(crate) fn finish(&mut self) -> Dependencies {
        if self.found.is_empty() {
            return Arc::from([]);
        }
        sorted(self.found.drain().map(|(to, span)| Edge { to, span })).into()
    }

    /// Returns what is noted so far.
    pub(crate) fn noted(&self) -> Vec<Edge> {
        sorted(self.found.iter().map(|(to, span)| Edge { to: to.clone(), span: *span }))
    }

    pub(crate) const fn dependencies(&self) -> &FxHashMap<Address, Span> {
        &self.found
    }

    /// Begins with no dependencies, and returns those before.
    pub(crate) fn put_aside(&mut self) -> FxHashMap<Address, Span> {
        std::mem::take(&mut self.found)
    }

    /// Goes on with what was put aside, and returns what was noted since.
    pub(crate) fn resume(&mut self, outer: FxHashMap<Address, Span>) -> Dependencies {
        let own = self.finish();
        self.found = outer;
        own
    }

    /// Notes that what is evaluated refers to a resource.
    pub(crate) fn depend(&mut self, address: &Address, span: Span) {
        if !self.found.contains_key(address) {
            self.found.insert(address.clone(), span);
        }
    }

    /// Notes all dependencies of a member that is used at `span`.
    pub(crate) fn depend_all(&mut self, dependencies: &Dependencies, span: Span) {
        for edge in dependencies.iter() {
            self.depend(&edge.to, span);
        }
    }

    /// Notes that a parameter or a `let` is used.
    pub(crate) fn trace(&mut self, trail: &[Origin]) {
        for origin in trail {
            let own = &self.trail[self.part..];
            if own.len() < 4 * TRAIL && !own.contains(origin) {
                self.trail.push(origin.clone());
            }
        }
    }

    /// Begins a part of the trail, and returns what [`Self::close`] takes.
    pub(crate) const fn open(&mut self) -> usize {
        std::mem::replace(&mut self.part, self.trail.len())
    }

    /// Ends a part of the trail, and returns it: what the highest stage set comes first.
    pub(crate) fn close(&mut self, outer: usize, stages: &FxHashMap<Str, u32>) -> Arc<[Origin]> {
        let start = std::mem::replace(&mut self.part, outer);
        let trail = &mut self.trail[start..];
        if trail.len() > 1 {
            trail.sort_by_key(|origin| {
                std::cmp::Reverse(stages.get(&origin.overlay).copied().unwrap_or(u32::MAX))
            });
        }
        let end = self.trail.len().min(start + TRAIL);
        let trail = self.shared(start..end);
        self.trail.truncate(start);
        trail
    }

    /// Returns a part of the trail as one that all with the same origins share.
    fn shared(&mut self, part: std::ops::Range<usize>) -> Arc<[Origin]> {
        let trail = &self.trail[part];
        // An empty slice is shared anyway, and costs nothing.
        if trail.is_empty() {
            return Arc::default();
        }
        if let Some(known) = self.trails.get(trail) {
            return Arc::clone(known);
        }
        let trail: Arc<[Origin]> = trail.into();
        self.trails.insert(Arc::clone(&trail));
        trail
    }
}

fn sorted(edges: impl Iterator<Item = Edge>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = edges.collect();
    edges.sort_by(|left, right| left.to.cmp(&right.to));
    edges
}
