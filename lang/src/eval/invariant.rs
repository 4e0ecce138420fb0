//! What the instances of a keyed resource have in common.
//!
//! An attribute whose amendments say nothing of the resource's keys comes to the same for every
//! instance: it is evaluated for the first one, and all the others share its value.
//!
//! Laws:
//! * Only what is the same for each instance is shared: the same amendments, none of which names a key.
//! * What fails is not shared: each instance reports it, and a report that is there already is dropped.

use syncline_model::{Chains, Origin, Path, Value};

use super::constants::Constants;
use super::layout::Layout;
use super::notes::Dependencies;
use super::parts::names;
use super::scope::{Failed, Scope};
use crate::resolve::{Op, OpKind, PathStep};
use crate::syntax::ast::Keys;

/// What the instances of a keyed resource share.
pub(crate) struct Invariants<'l, 'a, 'p> {
    /// The layout of most instances.
    layout: &'l Layout<'a, 'p>,
    /// What is known of each attribute of that.
    known: Vec<Known>,
}

/// What is known of an attribute.
enum Known {
    /// It may come to something else for another key, but for some parts of it.
    Varies(Constants),
    /// It was not evaluated yet.
    Open,
    Common(Common),
}

/// What an attribute comes to for every instance.
struct Common {
    /// Nothing when it was taken out.
    value: Option<Value>,
    origins: Vec<(Path, Origin)>,
    edges: Dependencies,
}

impl<'l, 'a, 'p> Invariants<'l, 'a, 'p> {
    /// Returns what the instances of a resource share, before the first is made; nothing where there is but one.
    pub(crate) fn new(layout: &'l Layout<'a, 'p>, keys: Option<&Keys>) -> Option<Self> {
        let keys = keys?;
        let names = std::iter::once(&keys.key).chain(&keys.value);
        let keys: Vec<&str> = names.map(|name| name.name.as_str()).collect();
        // What is beneath an amendment may have been made for another key.
        let varying: Vec<&str> = keys.iter().copied().chain(["super"]).collect();
        let known = layout.groups.iter().map(|group| {
            if !group.ops.iter().any(|op| varies(op, &keys)) {
                return Known::Open;
            }
            let mut constants = Constants::default();
            constants.add(group.ops.iter().filter_map(|op| op.kind.expr()), &varying);
            Known::Varies(constants)
        });
        Some(Self { layout, known: known.collect() })
    }

    /// Returns what the group of a layout at a place comes to, which `evaluate` finds out, and adds the origins.
    pub(crate) fn common<'s>(
        &mut self,
        scope: &mut Scope<'s>,
        (layout, at): (&Layout<'a, 'p>, usize),
        origins: &mut Chains<'_>,
        evaluate: impl FnOnce(&mut Scope<'s>, &mut Chains<'_>) -> Result<Option<Value>, Failed>,
    ) -> Result<Option<Value>, Failed> {
        let Some(known) = self.place(layout, at).map(|at| &mut self.known[at]) else {
            return evaluate(scope, origins);
        };
        match known {
            Known::Varies(constants) => scope.keeping(constants, |scope| evaluate(scope, origins)),
            Known::Open => {
                let before = origins.len();
                let (value, edges) = scope.noting(|scope| evaluate(scope, origins));
                let value = value?;
                let origins = origins.since(before).to_vec();
                *known = Known::Common(Common { value: value.clone(), origins, edges });
                Ok(value)
            }
            Known::Common(common) => {
                scope.notes.depend_each(&common.edges);
                common.origins.iter().for_each(|(path, origin)| origins.add(path, origin));
                Ok(common.value.clone())
            }
        }
    }

    /// Returns where the same amendments of the same attribute are in the layout of most instances.
    fn place(&self, layout: &Layout<'a, 'p>, at: usize) -> Option<usize> {
        if std::ptr::eq(layout, self.layout) {
            return Some(at);
        }
        let group = &layout.groups[at];
        let own = self.layout.groups.binary_search_by(|own| own.name.cmp(group.name)).ok()?;
        let ops = &self.layout.groups[own].ops;
        let same = ops.len() == group.ops.len()
            && ops.iter().zip(&group.ops).all(|(own, op)| std::ptr::eq(*own, *op));
        same.then_some(own)
    }
}

/// Tells whether an amendment may come to something else for another key.
fn varies(op: &Op<'_>, keys: &[&str]) -> bool {
    let is_key = |name: &str| keys.contains(&name);
    let indices = op.path.iter().filter_map(|step| match step {
        PathStep::Index(index) => Some(*index),
        PathStep::Name(_) => None,
    });
    let is_set = matches!(op.kind, OpKind::SetName(name) if is_key(&name.name));
    is_set
        || matches!(op.kind, OpKind::Annotation(_))
        || indices.chain(op.kind.expr()).any(|expr| names(expr, &is_key))
}
