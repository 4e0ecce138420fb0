//! The members of one environment, with everything that changes them.
//!
//! A [`Table`] is built by walking the stages of a layer from the lowest up. Each member becomes a
//! [`Slot`]: its declaration and the list of [`Op`]s that make its value, in stage order. A body
//! (`n { a { b = 1 } }`) is flattened into ops with paths (`a.b`), so that one rule folds them all.
//! Building is linear in the number of members and entries.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};
use syncline_model::{Diagnostic, Span, Str};

use super::{LayerId, Project, Reference};
use crate::diagnostics::{bad_amendment, duplicate_member, nothing_to_amend};
use crate::syntax::ast::{self, AmendOp, BodyEntryKind, MemberKind, TargetStep};

/// The members of one environment or overlay.
#[derive(Debug)]
pub(crate) struct Table<'p> {
    /// By name, in the order of declaration.
    pub(crate) slots: IndexMap<&'p str, Slot<'p>, FxBuildHasher>,
    /// The `ensure`s.
    pub(crate) ensures: Vec<Ensure<'p>>,
    /// Members that a stage took out, with the place.
    pub(crate) removed: IndexMap<&'p str, (LayerId, Span), FxBuildHasher>,
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
    pub(crate) kind: SlotKind<'p>,
    /// What makes its value, in stage order.
    pub(crate) ops: Vec<Op<'p>>,
    /// What the declaration and each amendment refer to.
    pub(crate) references: Vec<&'p [Reference]>,
}

/// The kinds of slot.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SlotKind<'p> {
    Param { secret: bool, ty: Option<&'p ast::TypeExpr> },
    Let { ty: Option<&'p ast::TypeExpr> },
    Output { ty: Option<&'p ast::TypeExpr> },
    Resource(&'p ast::Resource),
    Provider { name: &'p ast::Ident, alias: Option<&'p ast::Ident> },
}

impl SlotKind<'_> {
    /// Returns the declaration's keyword.
    pub(crate) const fn keyword(&self) -> &'static str {
        match self {
            Self::Param { .. } => "param",
            Self::Let { .. } => "let",
            Self::Output { .. } => "output",
            Self::Resource(resource) if resource.is_data => "data",
            Self::Resource(_) => "resource",
            Self::Provider { .. } => "provider",
        }
    }

    /// Tells whether the slot has attributes rather than one value.
    pub(crate) const fn has_body(&self) -> bool {
        matches!(self, Self::Resource(_) | Self::Provider { .. })
    }
}

/// One change of a slot's value.
#[derive(Clone, Debug)]
pub(crate) struct Op<'p> {
    /// The number of its stage, from the lowest.
    pub(crate) stage: u32,
    pub(crate) layer: LayerId,
    /// Which instance of a keyed resource; all of them when absent.
    pub(crate) key: Option<&'p ast::Expr>,
    /// Where in the value; empty for all of it.
    pub(crate) path: Vec<PathStep<'p>>,
    pub(crate) kind: OpKind<'p>,
    pub(crate) span: Span,
    /// `final` stands before it.
    pub(crate) is_final: Option<Span>,
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

impl<'p> Table<'p> {
    /// Builds the table of a layer.
    pub(crate) fn build(project: &'p Project, id: LayerId) -> Self {
        Self::build_with(project, id, None).0
    }

    /// Builds the table of a layer without the ops of what no layer amends, and returns it with
    /// what is wrong in that layer itself.
    pub(crate) fn check(project: &'p Project, id: LayerId) -> (Self, Vec<Diagnostic>) {
        let layers = project.stages(id).into_iter().flatten();
        let members = layers.flat_map(|layer| &project.ast(project.layer(layer)).members);
        let amended = members
            .filter_map(|member| match &member.kind {
                MemberKind::Amend(amend) => Some(amend.target.name.name.as_str()),
                MemberKind::Remove { target } => Some(target.name.name.as_str()),
                MemberKind::Param { .. }
                | MemberKind::Let { .. }
                | MemberKind::Output { .. }
                | MemberKind::Resource(_)
                | MemberKind::Provider { .. }
                | MemberKind::Ensure { .. } => None,
            })
            .collect();
        Self::build_with(project, id, Some(amended))
    }

    fn build_with(
        project: &'p Project,
        id: LayerId,
        amended: Option<FxHashSet<&'p str>>,
    ) -> (Self, Vec<Diagnostic>) {
        let mut builder = Builder {
            project,
            reported: id,
            amended,
            stage: 0,
            table: Self {
                slots: IndexMap::default(),
                ensures: Vec::new(),
                removed: IndexMap::default(),
            },
            diagnostics: Vec::new(),
        };
        for (stage, siblings) in project.stages(id).into_iter().enumerate() {
            builder.stage = stage as u32;
            for layer in &siblings {
                builder.declare(*layer);
            }
            for layer in siblings {
                builder.amend(layer);
            }
        }
        (builder.table, builder.diagnostics)
    }

    /// Returns the slot of a name, and of a provider's name when nothing else has it.
    pub(crate) fn find(&self, name: &str) -> Option<&Slot<'p>> {
        self.slots.get(name)
    }
}

struct Builder<'p> {
    project: &'p Project,
    /// Only this layer's own mistakes are reported: those of the others are reported with them.
    reported: LayerId,
    /// The names whose ops are wanted; all when absent.
    amended: Option<FxHashSet<&'p str>>,
    stage: u32,
    table: Table<'p>,
    diagnostics: Vec<Diagnostic>,
}

impl<'p> Builder<'p> {
    fn report(&mut self, layer: LayerId, diagnostic: Diagnostic) {
        if layer == self.reported || self.project.layer(self.reported).mixins.contains(&layer) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn members(
        &self,
        layer: LayerId,
    ) -> impl Iterator<Item = (&'p ast::Member, &'p [Reference])> + use<'p> {
        let project: &'p Project = self.project;
        let info = project.layer(layer);
        let references = info.references.iter().map(|references| &references[..]);
        let none: &'p [Reference] = &[];
        project.ast(info).members.iter().zip(references.chain(std::iter::repeat(none)))
    }

    fn declare(&mut self, layer: LayerId) {
        for (member, references) in self.members(layer) {
            let (name, kind) = match &member.kind {
                MemberKind::Param { name, secret, ty, .. } => {
                    (name, SlotKind::Param { secret: *secret, ty: ty.as_ref() })
                }
                MemberKind::Let { name, ty, .. } => (name, SlotKind::Let { ty: ty.as_ref() }),
                MemberKind::Output { name, ty, .. } => (name, SlotKind::Output { ty: ty.as_ref() }),
                MemberKind::Resource(resource) => (&resource.name, SlotKind::Resource(resource)),
                MemberKind::Provider { name, alias, .. } => (
                    alias.as_ref().unwrap_or(name),
                    SlotKind::Provider { name, alias: alias.as_ref() },
                ),
                MemberKind::Ensure { condition, message } => {
                    self.table.ensures.push(Ensure {
                        layer,
                        member,
                        condition,
                        message,
                        references,
                    });
                    continue;
                }
                MemberKind::Remove { .. } | MemberKind::Amend(_) => continue,
            };
            if let Some(first) = self.table.slots.get(name.name.as_str()) {
                let first_layer = first.layer;
                let diagnostic =
                    duplicate_member::diagnostic(self.project, name, layer, first, first_layer);
                self.report(layer, diagnostic);
                continue;
            }
            let mut slot =
                Slot { name, member, layer, kind, ops: Vec::new(), references: vec![references] };
            if self.amended.as_ref().is_none_or(|names| names.contains(name.name.as_str())) {
                self.declared_ops(&mut slot, layer);
            }
            self.table.slots.insert(&name.name, slot);
        }
    }

    fn declared_ops(&self, slot: &mut Slot<'p>, layer: LayerId) {
        let member = slot.member;
        let (value, body) = match &member.kind {
            MemberKind::Param { default, .. } => (default.as_ref(), None),
            MemberKind::Let { value, .. } | MemberKind::Output { value, .. } => (Some(value), None),
            MemberKind::Resource(resource) => (None, Some(&resource.body)),
            MemberKind::Provider { body, .. } => (None, Some(body)),
            MemberKind::Ensure { .. } | MemberKind::Remove { .. } | MemberKind::Amend(_) => {
                (None, None)
            }
        };
        let at = At { stage: self.stage, layer, key: None, is_final: None };
        if let Some(value) = value {
            let kind = OpKind::Set(value);
            slot.ops.push(at.op(Vec::new(), kind, member.span));
        }
        if let Some(body) = body {
            slot.ops.reserve(body.entries.len());
            at.body(&mut slot.ops, &[], body);
        }
    }

    fn amend(&mut self, layer: LayerId) {
        for (member, references) in self.members(layer) {
            match &member.kind {
                MemberKind::Amend(amend) => {
                    self.change(layer, member, references, &amend.target, Some(&amend.op));
                }
                MemberKind::Remove { target } => {
                    self.change(layer, member, references, target, None);
                }
                MemberKind::Param { .. }
                | MemberKind::Let { .. }
                | MemberKind::Output { .. }
                | MemberKind::Resource(_)
                | MemberKind::Provider { .. }
                | MemberKind::Ensure { .. } => {}
            }
        }
    }

    /// Applies one amendment or removal; `op` is absent for a removal.
    fn change(
        &mut self,
        layer: LayerId,
        member: &'p ast::Member,
        references: &'p [Reference],
        target: &'p ast::Target,
        op: Option<&'p AmendOp>,
    ) {
        let name = target.name.name.as_str();
        let Some(slot) = self.table.slots.get_mut(name) else {
            let diagnostic = nothing_to_amend::diagnostic(self.project, target, &self.table);
            self.report(layer, diagnostic);
            return;
        };
        slot.references.push(references);
        let keyed = matches!(&slot.kind, SlotKind::Resource(resource) if resource.keys.is_some());
        let (key, rest) = match target.steps.split_first() {
            Some((TargetStep::Index(key), rest)) if keyed => (Some(key), rest),
            _ => (None, target.steps.as_slice()),
        };
        let at = At { stage: self.stage, layer, key, is_final: member.is_final };
        let path = extend(&[], None, rest);
        match op {
            Some(AmendOp::Set(_) | AmendOp::Add(_)) if rest.is_empty() && slot.kind.has_body() => {
                let diagnostic = bad_amendment::needs_body(target, slot);
                self.report(layer, diagnostic);
            }
            Some(op) => at.amend(&mut slot.ops, path, op, member.span),
            None if rest.is_empty() && key.is_none() => self.remove(layer, member, name),
            None => slot.ops.push(at.op(path, OpKind::Remove, member.span)),
        }
    }

    fn remove(&mut self, layer: LayerId, member: &'p ast::Member, name: &'p str) {
        if let Some(slot) = self.table.slots.swap_remove(name) {
            self.table.removed.insert(name, (layer, member.span));
            self.check_removal(layer, member, &slot);
        }
    }

    fn check_removal(&mut self, layer: LayerId, member: &ast::Member, slot: &Slot<'p>) {
        let final_op = slot.ops.iter().find_map(|op| op.is_final);
        if let Some(final_span) = slot.member.is_final.or(final_op)
            && slot.layer != layer
        {
            let diagnostic = crate::diagnostics::final_overridden::diagnostic(
                self.project,
                &slot.name.name,
                (slot.layer, final_span),
                (layer, member.span),
            );
            self.report(layer, diagnostic);
        }
    }
}

/// Where ops come from.
#[derive(Clone, Copy)]
struct At<'p> {
    stage: u32,
    layer: LayerId,
    key: Option<&'p ast::Expr>,
    is_final: Option<Span>,
}

impl<'p> At<'p> {
    fn op(&self, path: Vec<PathStep<'p>>, kind: OpKind<'p>, span: Span) -> Op<'p> {
        let Self { stage, layer, key, is_final } = *self;
        Op { stage, layer, key, path, kind, span, is_final }
    }

    /// Flattens a body into ops below a path.
    fn body(&self, ops: &mut Vec<Op<'p>>, prefix: &[PathStep<'p>], body: &'p ast::Body) {
        for entry in &body.entries {
            let at = Self { is_final: entry.is_final.or(self.is_final), ..*self };
            match &entry.kind {
                BodyEntryKind::Annotation(annotation) => {
                    let kind = OpKind::Annotation(annotation);
                    ops.push(at.op(prefix.to_vec(), kind, entry.span));
                }
                BodyEntryKind::Shorthand(name) => {
                    let mut path = prefix.to_vec();
                    path.push(PathStep::Name(name));
                    ops.push(at.op(path, OpKind::SetName(name), entry.span));
                }
                BodyEntryKind::Remove(target) => {
                    let path = extend(prefix, Some(&target.name), &target.steps);
                    ops.push(at.op(path, OpKind::Remove, entry.span));
                }
                BodyEntryKind::Amend(amend) => {
                    let path = extend(prefix, Some(&amend.target.name), &amend.target.steps);
                    at.amend(ops, path, &amend.op, entry.span);
                }
            }
        }
    }

    fn amend(&self, ops: &mut Vec<Op<'p>>, path: Vec<PathStep<'p>>, op: &'p AmendOp, span: Span) {
        match op {
            AmendOp::Set(value) => ops.push(self.op(path, OpKind::Set(value), span)),
            AmendOp::Add(value) => ops.push(self.op(path, OpKind::Add(value), span)),
            AmendOp::Inside(body) if body.entries.is_empty() && !path.is_empty() => {
                ops.push(self.op(path, OpKind::Touch, span));
            }
            AmendOp::Inside(body) => self.body(ops, &path, body),
        }
    }
}

fn extend<'p>(
    prefix: &[PathStep<'p>],
    name: Option<&'p ast::Ident>,
    steps: &'p [TargetStep],
) -> Vec<PathStep<'p>> {
    let mut path = Vec::with_capacity(prefix.len() + 1 + steps.len());
    path.extend_from_slice(prefix);
    path.extend(name.map(PathStep::Name));
    path.extend(steps.iter().map(|step| match step {
        TargetStep::Member(name) => PathStep::Name(name),
        TargetStep::Index(index) => PathStep::Index(index),
    }));
    path
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
