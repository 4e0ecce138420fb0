//! The members of one environment, with everything that changes them.
//!
//! A [`Table`] is built by walking the stages of a layer from the lowest up. Each member becomes a
//! [`Slot`]: its declaration and the list of [`Op`]s that change its value, in stage order. What a
//! declaration says becomes ops only while it is evaluated: most members are changed nowhere. A body
//! (`n { a { b = 1 } }`) is flattened into ops with paths (`a.b`), so that one rule folds them all.
//! A unit's slot has a table of its own inside: its component's members, with the ops of everything
//! around that changes them. So units are amended by the same rule, however deep they stand.
//! `builder` builds tables.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use syncline_model::{Span, Str};

use super::{LayerId, Reference};
use crate::syntax::ast;

/// The members of one environment, overlay or unit.
#[derive(Debug, Default)]
pub(crate) struct Table<'p> {
    /// By name, in the order of declaration.
    pub(crate) slots: IndexMap<&'p str, Slot<'p>, FxBuildHasher>,
    /// The `ensure`s.
    pub(crate) ensures: Vec<Ensure<'p>>,
    /// Members that a stage took out, with the place.
    pub(crate) removed: IndexMap<&'p str, (LayerId, Span), FxBuildHasher>,
    /// What `moved`, `forget` and `adopt` say, in stage order.
    pub(crate) handovers: Vec<Saying<'p>>,
}

/// A `moved`, a `forget` or an `adopt`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'p> {
    pub(crate) layer: LayerId,
    pub(crate) member: &'p ast::Member,
}

/// An `ensure`.
#[derive(Debug)]
pub(crate) struct Ensure<'p> {
    pub(crate) layer: LayerId,
    pub(crate) member: &'p ast::Member,
    pub(crate) condition: &'p ast::Expr,
    pub(crate) message: &'p ast::Expr,
    pub(crate) references: &'p [Reference],
}

/// A member with everything that changes it.
#[derive(Debug)]
pub(crate) struct Slot<'p> {
    pub(crate) name: &'p ast::Ident,
    pub(crate) member: &'p ast::Member,
    /// Who declares it.
    pub(crate) layer: LayerId,
    /// The number of the declaration's stage.
    pub(crate) stage: u32,
    pub(crate) kind: SlotKind<'p>,
    /// What changes the value that is declared, in stage order.
    pub(super) changes: Vec<Op<'p>>,
    /// What the declaration and each amendment refer to.
    pub(crate) references: Vec<Part<'p>>,
    /// The members of a unit.
    pub(crate) inside: Option<Box<Table<'p>>>,
    /// It is declared twice, which is reported: what it is cannot be told.
    pub(crate) is_disputed: bool,
}

impl<'p> Slot<'p> {
    /// Returns a slot that nothing changes yet.
    pub(super) const fn new(
        name: &'p ast::Ident,
        member: &'p ast::Member,
        (stage, layer): (u32, LayerId),
        kind: SlotKind<'p>,
    ) -> Self {
        Self {
            name,
            member,
            layer,
            stage,
            kind,
            changes: Vec::new(),
            references: Vec::new(),
            inside: None,
            is_disputed: false,
        }
    }
}

/// What one declaration or amendment refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'p> {
    /// How many units the slot is in, seen from where the names are written.
    pub(crate) level: u16,
    pub(crate) references: &'p [Reference],
}

/// The kinds of slot.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SlotKind<'p> {
    Param { secret: bool, ty: Option<&'p ast::TypeExpr> },
    Let { ty: Option<&'p ast::TypeExpr> },
    Output { secret: bool, ty: Option<&'p ast::TypeExpr> },
    Resource(&'p ast::Resource),
    Unit { unit: &'p ast::Unit, component: LayerId },
    Provider { name: &'p ast::Ident, alias: Option<&'p ast::Ident> },
}

impl SlotKind<'_> {
    /// Returns the declaration's keyword.
    pub(crate) const fn keyword(&self) -> &'static str {
        match self {
            Self::Param { .. } => "param",
            Self::Let { .. } => "let",
            Self::Output { .. } => "output",
            Self::Resource(resource) => resource.mode.keyword(),
            Self::Unit { .. } => "unit",
            Self::Provider { .. } => "provider",
        }
    }

    /// Tells whether the slot has parts rather than one value.
    pub(crate) const fn has_body(&self) -> bool {
        matches!(self, Self::Resource(_) | Self::Unit { .. } | Self::Provider { .. })
    }

    /// Tells whether there is one for each key.
    pub(crate) const fn is_keyed(&self) -> bool {
        match self {
            Self::Resource(resource) => resource.keys.is_some(),
            Self::Unit { unit, .. } => unit.keys.is_some(),
            Self::Param { .. } | Self::Let { .. } | Self::Output { .. } | Self::Provider { .. } => {
                false
            }
        }
    }
}

/// One change of a slot's value.
#[derive(Clone, Debug)]
pub(crate) struct Op<'p> {
    /// The number of its stage, from the lowest.
    pub(crate) stage: u32,
    pub(crate) layer: LayerId,
    /// How many units the slot is in, seen from where the op is written.
    pub(crate) level: u16,
    /// The op stands in the declaration, and so sees its key variables.
    pub(crate) sees_keys: bool,
    /// Which instances of the units around the slot; all of them when empty.
    pub(crate) selectors: Vec<Selector<'p>>,
    /// Which instance of a keyed resource; all of them when absent.
    pub(crate) key: Option<&'p ast::Expr>,
    /// Where in the value; empty for all of it.
    pub(crate) path: Vec<PathStep<'p>>,
    pub(crate) kind: OpKind<'p>,
    pub(crate) span: Span,
    /// `final` stands before it.
    pub(crate) is_final: Option<Span>,
}

/// The key of a unit that an op is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selector<'p> {
    /// Which unit: the innermost around the slot is 0.
    pub(crate) up: u16,
    pub(crate) key: &'p ast::Expr,
}

/// A step of an op's path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PathStep<'p> {
    Name(&'p ast::Ident),
    Index(&'p ast::Expr),
}

/// What an op does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OpKind<'p> {
    Set(&'p ast::Expr),
    /// `name` in a body: the member of that name.
    SetName(&'p ast::Ident),
    Add(&'p ast::Expr),
    Remove,
    /// An empty body: the record is there.
    Touch,
    Annotation(&'p ast::Annotation),
}

impl<'p> OpKind<'p> {
    /// Returns the expression that is set or added.
    pub(crate) const fn expr(self) -> Option<&'p ast::Expr> {
        match self {
            OpKind::Set(expr) | OpKind::Add(expr) => Some(expr),
            OpKind::SetName(_) | OpKind::Remove | OpKind::Touch | OpKind::Annotation(_) => None,
        }
    }
}

impl<'p> Table<'p> {
    /// Returns the slot of a name.
    pub(crate) fn find(&self, name: &str) -> Option<&Slot<'p>> {
        self.slots.get(name)
    }
}

/// Returns the names of a path, as far as they are constant, for messages.
pub(crate) fn path_text(path: &[PathStep<'_>]) -> Str {
    let mut text = String::new();
    for step in path {
        match step {
            PathStep::Name(name) if text.is_empty() => text.push_str(&name.name),
            PathStep::Name(name) => {
                text.push('.');
                text.push_str(&name.name);
            }
            PathStep::Index(_) => text.push_str("[...]"),
        }
    }
    text.into()
}
