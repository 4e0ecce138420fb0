//! What a body says, before any of it is evaluated: its amendments by the attribute that they are of.
//!
//! Thousands of instances of a keyed resource have the same layout, which is then made once.

use syncline_model::{Attribute, Block, Path, Str};

use super::scope::Scope;
use crate::resolve::{Op, OpKind, PathStep};

/// The amendments of a body.
pub(crate) struct Layout<'a, 'p> {
    /// Annotations, and what names no attribute.
    pub(crate) others: Vec<&'a Op<'p>>,
    /// The amendments of attributes, by name.
    pub(crate) groups: Vec<Group<'a, 'p>>,
    /// There are amendments of every attribute that must be there.
    pub(crate) is_whole: bool,
}

/// The amendments of one attribute.
pub(crate) struct Group<'a, 'p> {
    pub(crate) name: &'p Str,
    /// In stage order; at least one.
    pub(crate) ops: Vec<&'a Op<'p>>,
    /// The attribute, where the schema has one of that name.
    pub(crate) attribute: Option<&'a Attribute>,
    pub(crate) path: Path,
}

impl<'a, 'p> Layout<'a, 'p> {
    /// Returns the layout of a body whose attributes are those of a block.
    pub(crate) fn new(scope: &mut Scope<'_>, ops: &[&'a Op<'p>], block: &'a Block) -> Self {
        let mut others = Vec::new();
        let mut named: Vec<(&'p Str, &'a Op<'p>)> = Vec::with_capacity(ops.len());
        for op in ops {
            match (op.kind, op.path.first()) {
                (OpKind::Annotation(_), _) => others.push(*op),
                (_, Some(PathStep::Name(name))) => named.push((&name.name, op)),
                (_, Some(PathStep::Index(_)) | None) => others.push(*op),
            }
        }
        // The sort is stable: the ops of one attribute stay in stage order.
        named.sort_by(|left, right| left.0.cmp(right.0));
        let groups = named.chunk_by(|left, right| left.0 == right.0).map(|group| {
            let name = group[0].0;
            Group {
                name,
                ops: group.iter().map(|(_, op)| *op).collect(),
                attribute: block.get(name),
                path: scope.attribute_path(name),
            }
        });
        let groups: Vec<_> = groups.collect();
        let mut required = block.attributes.iter().filter(|(_, attribute)| attribute.required);
        let is_whole = required.all(|(name, _)| groups.iter().any(|group| group.name == name));
        Self { others, groups, is_whole }
    }
}
