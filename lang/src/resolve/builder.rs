//! Layers to tables.
//!
//! Takes a layer and returns its [`Table`], with what is wrong in the layer itself: names that are
//! declared twice, amendments of nothing. Everything that changes a member becomes an op of its
//! slot. What changes a unit's member becomes an op of a slot inside the unit, with the number of
//! units between where it is written and what it changes.
//!
//! Laws:
//! * Stages are numbered so that a component's own members are below every stage that changes
//!   them: those of units inside units are the lowest.
//! * Building is linear in the number of members and entries, counted once for each unit.

use syncline_model::{Diagnostic, Mode, Span};

use super::table::{OpKind, Part, PathStep, Saying, Selector, Slot, SlotKind, Table};
use super::{LayerId, Op, Project, Reference};
use crate::diagnostics::{
    bad_amendment, bad_test, component_cycle, duplicate_member, misplaced_member, nothing_to_amend,
    too_large, unknown_component,
};
use crate::syntax::ast::{self, AmendOp, BodyEntryKind, MemberKind, TargetStep};

/// How many units may stand in one another. Their stages are those below the environments'.
const MAX_UNITS: u32 = 32;

/// How many units an environment may have, with those of its components, each counted wherever it stands.
const MAX_UNFOLDED: u32 = 50_000;

impl<'p> Table<'p> {
    /// Builds the table of a layer.
    pub(crate) fn build(project: &'p Project, id: LayerId) -> Self {
        Self::check(project, id).0
    }

    /// Builds the table of a layer, and returns it with what is wrong in that layer itself.
    pub(crate) fn check(project: &'p Project, id: LayerId) -> (Self, Vec<Diagnostic>) {
        let mut builder = Builder {
            project,
            reported: id,
            stage: MAX_UNITS,
            inside: vec![id],
            unfolded: 0,
            diagnostics: Vec::new(),
        };
        let mut table = Self::default();
        for siblings in project.stages(id) {
            for layer in &siblings {
                builder.declare(&mut table, *layer);
            }
            for layer in siblings {
                builder.amend(&mut table, layer);
            }
            builder.stage += 1;
        }
        (table, builder.diagnostics)
    }
}

struct Builder<'p> {
    project: &'p Project,
    /// Only this layer's own mistakes are reported: those of the others are reported with them.
    reported: LayerId,
    stage: u32,
    /// The layer, and the components whose units are being built.
    inside: Vec<LayerId>,
    /// How many units have been built.
    unfolded: u32,
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
        let members = project.ast(info).members.iter().map(|own| &**own);
        members.zip(references.chain(std::iter::repeat(none)))
    }

    fn declare(&mut self, table: &mut Table<'p>, layer: LayerId) {
        table.slots.reserve(self.project.ast(self.project.layer(layer)).members.len());
        for (member, references) in self.members(layer) {
            let (name, kind) = match &member.kind {
                MemberKind::Param { name, secret, ty, .. } => {
                    (name, SlotKind::Param { secret: *secret, ty: ty.as_deref() })
                }
                MemberKind::Let { name, ty, .. } => (name, SlotKind::Let { ty: ty.as_deref() }),
                MemberKind::Output { name, secret, ty, .. } => {
                    (name, SlotKind::Output { secret: *secret, ty: ty.as_deref() })
                }
                MemberKind::Resource(resource) => (&resource.name, SlotKind::Resource(resource)),
                MemberKind::Unit(unit) => {
                    self.declare_unit(table, layer, (member, unit), references);
                    continue;
                }
                MemberKind::Provider { name, .. } if self.project.layer(layer).is_component => {
                    self.report(layer, misplaced_member::provider(name));
                    continue;
                }
                MemberKind::Provider { name, alias, .. } => (
                    alias.as_deref().unwrap_or(name),
                    SlotKind::Provider { name, alias: alias.as_deref() },
                ),
                MemberKind::Ensure { condition, message } => {
                    table.ensures.push(super::Ensure {
                        layer,
                        member,
                        condition,
                        message,
                        references,
                    });
                    continue;
                }
                MemberKind::Expect { .. } => {
                    self.report(layer, bad_test::outside(member.span));
                    continue;
                }
                MemberKind::Moved { .. } | MemberKind::Forget { .. } | MemberKind::Adopt { .. } => {
                    table.handovers.push(Saying { layer, member });
                    continue;
                }
                MemberKind::Remove { .. } | MemberKind::Amend(_) => continue,
            };
            let mut slot = Slot::new(name, member, (self.stage, layer), kind);
            slot.references = vec![Part { level: 0, references }];
            self.insert(table, layer, slot);
        }
    }

    fn insert(&mut self, table: &mut Table<'p>, layer: LayerId, slot: Slot<'p>) {
        let name = slot.name;
        if let Some(first) = table.slots.get_mut(name.name.as_str()) {
            first.is_disputed = true;
            let first_layer = first.layer;
            let diagnostic =
                duplicate_member::diagnostic(self.project, name, layer, first, first_layer);
            self.report(layer, diagnostic);
            return;
        }
        table.slots.insert(&name.name, slot);
    }

    /// Declares a unit: the members of its component, and what its body changes of them.
    fn declare_unit(
        &mut self,
        table: &mut Table<'p>,
        layer: LayerId,
        (member, unit): (&'p ast::Member, &'p ast::Unit),
        references: &'p [Reference],
    ) {
        let module = self.project.layer(layer).module;
        let component = match self.project.component(module, &unit.component) {
            Ok(component) => component,
            Err(known) => {
                let alias = unit.component.first().filter(|_| unit.component.len() > 1);
                if alias.is_none_or(|alias| !self.project.is_unknown_module(module, &alias.name)) {
                    self.report(layer, unknown_component::diagnostic(&unit.component, &known));
                }
                // The name is known all the same: what refers to it is not wrong too.
                let kind = SlotKind::Unit { unit, component: LayerId(u32::MAX) };
                self.insert(table, layer, Slot::new(&unit.name, member, (self.stage, layer), kind));
                return;
            }
        };
        if self.inside.contains(&component) || self.inside.len() as u32 >= MAX_UNITS {
            // A circle is reported once, with the first of its components.
            let first = self.inside.iter().min().copied();
            if self.inside.first() == Some(&component) && first == Some(component)
                || layer == self.reported
            {
                let circle = (self.inside.as_slice(), component);
                self.diagnostics.push(component_cycle::diagnostic(self.project, circle, unit));
            }
            return;
        }
        if self.unfolded > MAX_UNFOLDED {
            return;
        }
        let stage = self.stage;
        let mut inside = self.unfold(unit, component);
        let at = At { sees_keys: true, level: 1, ..At::new(stage, layer) };
        self.change_unit(&mut inside, &at, references, &unit.body);
        let head = unit.body.span.map_or(references, |body| {
            &references[..references.partition_point(|own| own.span.start < body.start)]
        });
        let kind = SlotKind::Unit { unit, component };
        let mut slot = Slot::new(&unit.name, member, (self.stage, layer), kind);
        slot.references.push(Part { level: 0, references: head });
        slot.inside = Some(Box::new(inside));
        self.insert(table, layer, slot);
    }

    /// Returns the members of a unit's component, and counts the units among them.
    fn unfold(&mut self, unit: &ast::Unit, component: LayerId) -> Table<'p> {
        let is_outermost = self.inside.len() == 1;
        let before = if is_outermost { std::mem::take(&mut self.unfolded) } else { 0 };
        let stage = self.stage;
        self.inside.push(component);
        self.stage = MAX_UNITS - (self.inside.len() as u32 - 1);
        let mut inside = Table::default();
        self.declare(&mut inside, component);
        self.amend(&mut inside, component);
        self.inside.pop();
        self.stage = stage;
        // A component that has too many by itself is reported there.
        let is_too_many = self.unfolded > MAX_UNFOLDED;
        self.unfolded += before + 1;
        if is_outermost && !is_too_many && self.unfolded > MAX_UNFOLDED {
            self.diagnostics.push(too_large::units(unit.name.span, MAX_UNFOLDED));
        }
        inside
    }

    fn amend(&mut self, table: &mut Table<'p>, layer: LayerId) {
        for (member, references) in self.members(layer) {
            let at = At { is_final: member.final_mark(), ..At::new(self.stage, layer) };
            if let Some((target, op)) = member.change() {
                self.change(table, at, references, (target, op, member.span));
            }
        }
    }

    /// Applies one amendment, or a removal when it has no op, to a member of a table.
    fn change(
        &mut self,
        table: &mut Table<'p>,
        at: At<'p>,
        references: &'p [Reference],
        (target, op, span): Change<'p>,
    ) {
        let steps = target.steps.as_slice();
        self.change_at(table, at, references, Step { name: &target.name, steps, target, op, span });
    }

    fn change_at(
        &mut self,
        table: &mut Table<'p>,
        mut at: At<'p>,
        references: &'p [Reference],
        step: Step<'p>,
    ) {
        let name = step.name.name.as_str();
        let Some(slot) = table.slots.get_mut(name) else {
            let diagnostic = nothing_to_amend::diagnostic(
                self.project,
                step.name,
                table,
                self.component_around(&at),
            );
            self.report(
                at.layer,
                match step.op {
                    Some(_) => diagnostic,
                    None => nothing_to_amend::to_remove(name, diagnostic),
                },
            );
            return;
        };
        if slot.is_disputed {
            return;
        }
        let (key, rest) = match step.steps.split_first() {
            Some((TargetStep::Index { value: key, .. }, rest)) if slot.kind.is_keyed() => {
                (Some(key), rest)
            }
            _ => (None, step.steps),
        };
        if slot.inside.is_some() {
            if rest.is_empty() && key.is_none() && step.op.is_none() {
                self.remove(table, &at, step.span, name);
                return;
            }
            self.change_inside(slot, at, references, Step { steps: rest, ..step }, key);
            return;
        }
        slot.references.push(Part { level: at.level, references });
        at.key = key;
        let path = extend(&[], None, rest);
        match step.op {
            Some(AmendOp::Set(_) | AmendOp::Add(_)) if rest.is_empty() && slot.kind.has_body() => {
                let diagnostic = bad_amendment::needs_body(step.target, slot);
                self.report(at.layer, diagnostic);
            }
            Some(op) => at.amend(&mut slot.changes, path, op, step.span),
            None if rest.is_empty() && key.is_none() && at.selectors.is_empty() => {
                self.remove(table, &at, step.span, name);
            }
            None => slot.changes.push(at.op(path, OpKind::Remove, step.span)),
        }
    }

    /// Applies an amendment or a removal to what a unit has inside.
    fn change_inside(
        &mut self,
        slot: &mut Slot<'p>,
        mut at: At<'p>,
        references: &'p [Reference],
        step: Step<'p>,
        key: Option<&'p ast::Expr>,
    ) {
        if let Some(key) = key {
            // The unit itself checks that there is such a key, and takes instances out.
            let removes = step.op.is_none() && step.steps.is_empty();
            let kind = if removes { OpKind::Remove } else { OpKind::Touch };
            let own = At { key: Some(key), ..at.clone() };
            slot.changes.push(own.op(Vec::new(), kind, step.span));
            let within = within(references, key.span);
            slot.references.push(Part { level: at.level, references: within });
            if removes {
                return;
            }
        }
        at.level += 1;
        for selector in &mut at.selectors {
            selector.up += 1;
        }
        at.selectors.extend(key.map(|key| Selector { up: 0, key }));
        let unit = slot.name;
        let Some(inside) = &mut slot.inside else { return };
        match (step.steps.split_first(), step.op) {
            (Some((TargetStep::Member(name), steps)), _) => {
                self.change_at(inside, at, references, Step { name, steps, ..step });
            }
            (None, Some(AmendOp::Inside(body))) => {
                self.change_unit(inside, &at, references, body);
            }
            (Some((TargetStep::Index { .. }, _)) | None, _) => {
                let diagnostic = bad_amendment::whole_unit(step.target, unit);
                self.report(at.layer, diagnostic);
            }
        }
    }

    /// Applies the entries of a unit's body.
    fn change_unit(
        &mut self,
        inside: &mut Table<'p>,
        at: &At<'p>,
        references: &'p [Reference],
        body: &'p ast::Body,
    ) {
        for entry in &body.entries {
            let at = At { is_final: entry.final_mark().or(at.is_final), ..at.clone() };
            let references = within(references, entry.span);
            match &entry.kind {
                BodyEntryKind::Annotation(annotation) => {
                    annotate(inside, &at, annotation, (entry.span, references));
                }
                BodyEntryKind::Amend(amend) => {
                    let change = (&amend.target, Some(&amend.op), entry.span);
                    self.change(inside, at, references, change);
                }
                BodyEntryKind::Remove(target) => {
                    self.change(inside, at, references, (target, None, entry.span));
                }
                BodyEntryKind::Shorthand(name) => self.set_name(inside, &at, references, name),
            }
        }
    }

    fn set_name(
        &mut self,
        inside: &mut Table<'p>,
        at: &At<'p>,
        references: &'p [Reference],
        name: &'p ast::Ident,
    ) {
        match inside.slots.get_mut(name.name.as_str()) {
            Some(slot) if !slot.kind.has_body() => {
                slot.references.push(Part { level: at.level, references });
                slot.changes.push(at.op(Vec::new(), OpKind::SetName(name), name.span));
            }
            Some(slot) => {
                let diagnostic = bad_amendment::sets_whole(name, slot);
                self.report(at.layer, diagnostic);
            }
            None => {
                let around = self.component_around(at);
                let diagnostic = nothing_to_amend::diagnostic(self.project, name, inside, around);
                self.report(at.layer, diagnostic);
            }
        }
    }

    /// Tells whether what is changed is inside a unit.
    const fn component_around(&self, at: &At<'_>) -> bool {
        at.level > 0
    }

    fn remove(&mut self, table: &mut Table<'p>, at: &At<'p>, span: Span, name: &'p str) {
        if let Some(slot) = table.slots.swap_remove(name) {
            table.removed.insert(name, (at.layer, span));
            let final_op = slot.ops().iter().find_map(|op| op.is_final);
            if let Some(final_span) = slot.member.final_mark().or(final_op)
                && slot.layer != at.layer
            {
                let diagnostic = crate::diagnostics::final_overridden::diagnostic(
                    self.project,
                    &slot.name.name,
                    (slot.layer, final_span),
                    (at.layer, span),
                );
                self.report(at.layer, diagnostic);
            }
        }
    }
}

/// A target, what is done to it unless it is taken out, and the whole of the change.
type Change<'p> = (&'p ast::Target, Option<&'p AmendOp>, Span);

/// A change on its way through units.
#[derive(Clone, Copy)]
struct Step<'p> {
    /// The member of the table at hand, and what follows it.
    name: &'p ast::Ident,
    steps: &'p [TargetStep],
    target: &'p ast::Target,
    op: Option<&'p AmendOp>,
    span: Span,
}

/// Gives an annotation to every resource in a unit.
fn annotate<'p>(
    table: &mut Table<'p>,
    at: &At<'p>,
    annotation: &'p ast::Annotation,
    (span, references): (Span, &'p [Reference]),
) {
    for slot in table.slots.values_mut() {
        if let SlotKind::Resource(resource) = slot.kind {
            // What is only read has no health.
            if annotation.name.name == "health" && resource.mode != Mode::Managed {
                continue;
            }
            slot.references.push(Part { level: at.level, references });
            slot.changes.push(at.op(Vec::new(), OpKind::Annotation(annotation), span));
        } else if let Some(inside) = &mut slot.inside {
            let mut deeper = at.clone();
            deeper.level += 1;
            for selector in &mut deeper.selectors {
                selector.up += 1;
            }
            annotate(inside, &deeper, annotation, (span, references));
        }
    }
}

/// Returns the references in a part of a member. They stand in the order of their places.
fn within(references: &[Reference], span: Span) -> &[Reference] {
    let start = references.partition_point(|own| own.span.start < span.start);
    let end = references.partition_point(|own| own.span.start < span.end);
    &references[start..end.max(start)]
}

impl<'p> Slot<'p> {
    /// Returns what makes its value, in stage order: what the declaration says, then what changes that.
    pub(crate) fn ops(&self) -> Vec<Op<'p>> {
        let mut ops = Vec::new();
        let member = self.member;
        let at = At { sees_keys: true, ..At::new(self.stage, self.layer) };
        if let Some(value) = member.value() {
            ops.push(at.op(Vec::new(), OpKind::Set(value), member.span));
        }
        // What a unit's body says changes what its component declares.
        if let MemberKind::Resource(resource) = &member.kind {
            at.declared(&mut ops, &resource.body);
        } else if let MemberKind::Provider { body, .. } = &member.kind {
            at.declared(&mut ops, body);
        }
        ops.extend_from_slice(&self.changes);
        // What the same braces say of one instance stands above what they say of all, whichever comes first.
        let is_chosen = |op: &Op<'_>| op.key.is_some() || !op.selectors.is_empty();
        if ops.iter().any(is_chosen) {
            let same = |left: &Op<'_>, right: &Op<'_>| {
                (left.stage, left.layer) == (right.stage, right.layer)
            };
            for said in ops.chunk_by_mut(same) {
                said.sort_by_key(|op| op.selectors.len() + usize::from(op.key.is_some()));
            }
        }
        ops
    }
}

/// Where ops come from.
#[derive(Clone)]
struct At<'p> {
    stage: u32,
    layer: LayerId,
    level: u16,
    sees_keys: bool,
    selectors: Vec<Selector<'p>>,
    key: Option<&'p ast::Expr>,
    is_final: Option<Span>,
}

impl<'p> At<'p> {
    const fn new(stage: u32, layer: LayerId) -> Self {
        Self {
            stage,
            layer,
            level: 0,
            sees_keys: false,
            selectors: Vec::new(),
            key: None,
            is_final: None,
        }
    }

    fn op(&self, path: Vec<PathStep<'p>>, kind: OpKind<'p>, span: Span) -> Op<'p> {
        let Self { stage, layer, level, sees_keys, key, is_final, .. } = *self;
        let selectors = self.selectors.clone();
        Op { stage, layer, level, sees_keys, selectors, key, path, kind, span, is_final }
    }

    /// Flattens the body of a declaration.
    fn declared(&self, ops: &mut Vec<Op<'p>>, body: &'p ast::Body) {
        ops.reserve_exact(body.entries.len());
        self.body(ops, &[], body);
    }

    /// Flattens a body into ops below a path.
    fn body(&self, ops: &mut Vec<Op<'p>>, prefix: &[PathStep<'p>], body: &'p ast::Body) {
        for entry in &body.entries {
            let at = Self { is_final: entry.final_mark().or(self.is_final), ..self.clone() };
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
        TargetStep::Index { value: index, .. } => PathStep::Index(index),
    }));
    path
}
