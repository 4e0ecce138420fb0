//! What is noted while an expression is evaluated: what it depends on, and what set what it uses.

use std::hash::{Hash, Hasher};
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
    trail: Vec<Source>,
    /// Where the part of the trail begins that is of the expression under evaluation.
    part: usize,
    /// What came of trails: thousands of attributes share a few.
    known: FxHashMap<Box<[Source]>, Arc<[Origin]>>,
    /// All of them, by their places.
    trails: FxHashSet<Arc<[Origin]>>,
    /// Those without one. What everybody shares, all threads would count.
    empty: (Arc<[Origin]>, Dependencies),
}

impl Notes {
    /// Returns notes that begin with dependencies.
    pub(crate) fn of(found: FxHashMap<Address, Span>) -> Self {
        Self { found, empty: (Vec::new().into(), Vec::new().into()), ..Self::default() }
    }

    /// Forgets all dependencies.
    pub(crate) fn begin(&mut self) {
        self.found.clear();
    }

    /// Returns the dependencies noted since [`Self::begin`], sorted by address, and forgets them.
    pub(crate) fn finish(&mut self) -> Dependencies {
        if self.found.is_empty() {
            return Arc::clone(&self.empty.1);
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

    /// Notes dependencies at the places that they have.
    pub(crate) fn depend_each(&mut self, edges: &[Edge]) {
        edges.iter().for_each(|edge| self.depend(&edge.to, edge.span));
    }

    /// Notes all dependencies of a member that is used at `span`.
    pub(crate) fn depend_all(&mut self, dependencies: &Dependencies, span: Span) {
        for edge in dependencies.iter() {
            self.depend(&edge.to, span);
        }
    }

    /// Notes that a parameter or a `let` is used, by what set it.
    pub(crate) fn trace(&mut self, source: &Arc<[Origin]>) {
        let own = &self.trail[self.part..];
        let is_new = own.iter().all(|known| !Arc::ptr_eq(&known.0, source));
        if is_new && !source.is_empty() && own.len() < 4 * TRAIL {
            self.trail.push(Source(Arc::clone(source)));
        }
    }

    /// Returns origins as a source that all with the same origins share.
    pub(crate) fn source(&mut self, origins: &[Origin]) -> Arc<[Origin]> {
        if origins.is_empty() {
            return Arc::clone(&self.empty.0);
        }
        if let Some(known) = self.trails.get(origins) {
            return Arc::clone(known);
        }
        let source: Arc<[Origin]> = origins.into();
        self.trails.insert(Arc::clone(&source));
        source
    }

    /// Begins a part of the trail, and returns what [`Self::close`] takes.
    pub(crate) const fn open(&mut self) -> usize {
        std::mem::replace(&mut self.part, self.trail.len())
    }

    /// Ends a part of the trail, and returns it: what the highest stage set comes first.
    pub(crate) fn close(&mut self, outer: usize, stages: &FxHashMap<Str, u32>) -> Arc<[Origin]> {
        let start = std::mem::replace(&mut self.part, outer);
        if start == self.trail.len() {
            return Arc::clone(&self.empty.0);
        }
        let known = self.known.get(&self.trail[start..]).cloned();
        let trail = known.unwrap_or_else(|| self.joined(start, stages));
        self.trail.truncate(start);
        trail
    }

    /// Returns what comes of the sources from a place on.
    fn joined(&mut self, start: usize, stages: &FxHashMap<Str, u32>) -> Arc<[Origin]> {
        let mut origins: Vec<Origin> = Vec::new();
        for origin in self.trail[start..].iter().flat_map(|source| source.0.iter()) {
            if origins.len() < 4 * TRAIL && !origins.contains(origin) {
                origins.push(origin.clone());
            }
        }
        origins.sort_by_key(|origin| {
            std::cmp::Reverse(stages.get(&origin.overlay).copied().unwrap_or(u32::MAX))
        });
        origins.truncate(TRAIL);
        let joined = self.source(&origins);
        self.known.insert(self.trail[start..].into(), Arc::clone(&joined));
        joined
    }
}

/// What set something that is used. It is the same as another one only where both are in one place.
#[derive(Clone)]
struct Source(Arc<[Origin]>);

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Source {}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_ptr().hash(state);
    }
}

fn sorted(edges: impl Iterator<Item = Edge>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = edges.collect();
    edges.sort_by(|left, right| left.to.cmp(&right.to));
    edges
}
