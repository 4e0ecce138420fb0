//! Where values come from.

use std::sync::Arc;

use crate::{Path, Span, Str};

/// Where a value was set: an overlay, and the place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The environment or overlay whose body holds the place.
    pub overlay: Str,
    /// The entry that sets it.
    pub span: Span,
    /// What set the parameters and `let`s that the entry computes with, in order of use, those of
    /// the `let`s themselves behind each; at most a handful.
    pub from: Arc<[Self]>,
}

/// By the place alone: hardly two origins share it.
impl std::hash::Hash for Origin {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.span.hash(state);
    }
}

impl Origin {
    /// Returns an origin that computes with nothing.
    #[must_use]
    pub fn new(overlay: Str, span: Span) -> Self {
        Self { overlay, span, from: Arc::default() }
    }
}

/// Where the attributes of a resource come from.
///
/// Each path has the chain of what set it, the oldest first: the last one won. Paths inside an
/// attribute are listed only where something amended inside. Copies share everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[(Path, Origin)]>);

impl Origins {
    /// Returns the origins that chains make, each with the path that it is of.
    #[must_use]
    pub fn new(mut chains: Vec<(Path, Origin)>) -> Self {
        // The sort is stable: chains stay in their order.
        chains.sort_by(|left, right| left.0.cmp(&right.0));
        Self(chains.into())
    }

    /// Returns the chain of the longest listed path that leads to `path`, the oldest first; nothing when none does.
    pub fn chain(&self, path: &Path) -> impl DoubleEndedIterator<Item = &Origin> + Clone {
        let of = |length| {
            let prefix = &path.0[..length];
            let start = self.0.partition_point(|(own, _)| own.0.as_slice() < prefix);
            let rest = &self.0[start..];
            let length = rest.iter().take_while(|(own, _)| own.0.as_slice() == prefix).count();
            Some(&rest[..length]).filter(|chain| !chain.is_empty())
        };
        let chain = (0..=path.0.len()).rev().find_map(of);
        chain.unwrap_or_default().iter().map(|(_, origin)| origin)
    }

    /// Returns what won at the longest listed path that leads to `path`.
    #[must_use]
    pub fn winner(&self, path: &Path) -> Option<&Origin> {
        self.chain(path).next_back()
    }
}

/// The origins of a body under construction.
///
/// Thousands of instances were set at the same places, of the same values: as long as everything is as
/// in the one before, nothing is stored, and in the end they share it.
#[derive(Debug, Default)]
pub struct Chains<'k> {
    before: Option<&'k Origins>,
    /// How many are as in the one before; then nothing is of their own.
    same: usize,
    own: Vec<(Path, Origin)>,
}

impl<'k> Chains<'k> {
    /// Begins with none, beside the origins of a body that is probably like it.
    #[must_use]
    pub const fn beside(before: Option<&'k Origins>) -> Self {
        Self { before, same: 0, own: Vec::new() }
    }

    /// Returns how many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        if self.own.is_empty() { self.same } else { self.own.len() }
    }

    /// Tells whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns those from a place on.
    #[must_use]
    pub fn since(&self, start: usize) -> &[(Path, Origin)] {
        if self.own.is_empty() { &self.known()[start..self.same] } else { &self.own[start..] }
    }

    /// Adds what set the part at a path, behind what set it before: the overlay, the place, and what that is
    /// computed with.
    pub fn push(&mut self, path: &Path, overlay: &Str, span: Span, from: &Arc<[Origin]>) {
        if self.own.is_empty()
            && let Some((known, origin)) = self.known().get(self.same)
        {
            let is_path = known.0.as_ptr() == path.0.as_ptr() && known.0.len() == path.0.len();
            if origin.span == span
                && (is_path || known == path)
                && origin.overlay == *overlay
                && (Arc::ptr_eq(&origin.from, from) || origin.from == *from)
            {
                self.same += 1;
                return;
            }
        }
        if self.own.is_empty() {
            self.own = self.known()[..self.same].to_vec();
        }
        let origin = Origin { overlay: overlay.clone(), span, from: Arc::clone(from) };
        self.own.push((path.clone(), origin));
    }

    /// Adds an origin of the part at a path, behind those before it.
    pub fn add(&mut self, path: &Path, origin: &Origin) {
        self.push(path, &origin.overlay, origin.span, &origin.from);
    }

    /// Returns them all.
    #[must_use]
    pub fn finish(self) -> Origins {
        let made = match self.before {
            Some(before) if self.own.is_empty() && before.0.len() == self.same => {
                return before.clone();
            }
            _ if self.own.is_empty() => Origins::new(self.known()[..self.same].to_vec()),
            _ => Origins::new(self.own),
        };
        // They may have come in another order.
        self.before.filter(|before| **before == made).cloned().unwrap_or(made)
    }

    fn known(&self) -> &'k [(Path, Origin)] {
        self.before.map_or(&[], |before| &before.0)
    }
}
