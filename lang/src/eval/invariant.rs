//! What the instances of a keyed resource have in common.
//!
//! An attribute whose amendments say nothing of the resource's keys comes to the same for every
//! instance: it is evaluated for the first one, and all the others share its value.
//!
//! Laws:
//! * Only what is the same for each instance is shared: the same amendments, none of which names a key.
//! * What fails is not shared: each instance reports it, and a report that is there already is dropped.

use rustc_hash::FxHashMap;
use syncline_model::{Origin, Path, Str, Value};

use super::parts::names;
use super::scope::{Dependencies, Failed, Scope};
use crate::resolve::{Op, OpKind, PathStep};
use crate::syntax::ast::Keys;

/// The amendments of one attribute, in stage order.
type Group<'a, 'p> = [(&'p Str, &'a Op<'p>)];

/// What made the parts of a body.
type Chains = Vec<(Path, Origin)>;

/// What the instances of a keyed resource share.
pub(crate) struct Invariants<'a, 'p> {
    /// The names of the keys.
    keys: Vec<&'p str>,
    /// What is known of each attribute of which an instance was made.
    known: FxHashMap<&'p str, Known<'a, 'p>>,
}

/// What is known of an attribute.
struct Known<'a, 'p> {
    /// Of which amendments.
    ops: Vec<&'a Op<'p>>,
    /// What they come to; nothing when they name a key.
    common: Option<Common>,
}

/// What an attribute comes to for every instance.
struct Common {
    /// Nothing when it was taken out.
    value: Option<Value>,
    origins: Chains,
    edges: Dependencies,
}

impl<'a, 'p> Invariants<'a, 'p> {
    /// Returns what the instances of a resource share, before the first is made; nothing where there is but one.
    pub(crate) fn new(keys: Option<&'p Keys>) -> Option<Self> {
        let keys = keys?;
        let names = std::iter::once(&keys.key).chain(&keys.value);
        let keys = names.map(|name| name.name.as_str()).collect();
        Some(Self { keys, known: FxHashMap::default() })
    }

    /// Returns what a group of amendments comes to, which `evaluate` finds out, and adds the origins.
    pub(crate) fn common<'s>(
        &mut self,
        scope: &mut Scope<'s>,
        group: &Group<'a, 'p>,
        origins: &mut Chains,
        evaluate: impl FnOnce(&mut Scope<'s>, &mut Chains) -> Result<Option<Value>, Failed>,
    ) -> Result<Option<Value>, Failed> {
        let Some((name, _)) = group.first() else { return Ok(None) };
        let Some(known) = self.known.get(name.as_str()) else {
            let ops: Vec<_> = group.iter().map(|(_, op)| *op).collect();
            if ops.iter().any(|op| self.varies(op)) {
                self.known.insert(name, Known { ops, common: None });
                return evaluate(scope, origins);
            }
            let before = origins.len();
            let (value, edges) = scope.apart(|scope| evaluate(scope, origins));
            edges.iter().for_each(|edge| scope.depend(&edge.to, edge.span));
            let value = value?;
            let common =
                Common { value: value.clone(), origins: origins[before..].to_vec(), edges };
            self.known.insert(name, Known { ops, common: Some(common) });
            return Ok(value);
        };
        let same = known.ops.len() == group.len()
            && known.ops.iter().zip(group).all(|(own, (_, op))| std::ptr::eq(*own, *op));
        let Some(common) = known.common.as_ref().filter(|_| same) else {
            return evaluate(scope, origins);
        };
        common.edges.iter().for_each(|edge| scope.depend(&edge.to, edge.span));
        origins.extend_from_slice(&common.origins);
        Ok(common.value.clone())
    }

    /// Tells whether an amendment may come to something else for another key.
    fn varies(&self, op: &Op<'_>) -> bool {
        let is_key = |name: &str| self.keys.contains(&name);
        let indices = op.path.iter().filter_map(|step| match step {
            PathStep::Index(index) => Some(*index),
            PathStep::Name(_) => None,
        });
        let value = match op.kind {
            OpKind::Set(expr) | OpKind::Add(expr) => Some(expr),
            OpKind::SetName(name) if is_key(&name.name) => return true,
            OpKind::Annotation(_) => return true,
            OpKind::SetName(_) | OpKind::Touch | OpKind::Remove => None,
        };
        indices.chain(value).any(|expr| names(expr, &is_key))
    }
}
