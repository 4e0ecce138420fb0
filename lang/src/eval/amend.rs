//! Folding the amendments of a member into its value.
//!
//! Laws:
//! * Ops are applied in stage order; the last one that sets the whole without `super` makes all
//!   before it irrelevant, and they are not evaluated.
//! * `super` is the value at the op's own path as the ops before it left it.
//! * Where siblings disagree nothing is chosen: see [`super::conflict`].
//! * The origin of each path is the chain of ops that made it; setting the whole anew ends the
//!   chains of its parts.

use std::sync::Arc;

use syncline_model::{
    Address, Attribute, Block, Chains, Lifecycle, Map, Origin, Origins, Path, Residual, Step, Str,
    Type, Unknown, Value,
};

use super::coerce::Site;
use super::expression::key_text;
use super::invariant::Invariants;
use super::layout::{Group, Layout};
use super::made::{Made, parts, trail_of};
use super::naming::Name;
use super::parts::{put_at, remove_at, uses_super};
use super::scope::{Failed, Scope};
use crate::diagnostics::{
    bad_amendment, bad_annotation, bad_key, deprecated_attribute, duplicate_key, missing_attribute,
    missing_param, operation_failed, unknown_attribute,
};
use crate::near::nearest;
use crate::resolve::{Op, OpKind, PathStep, Slot, SlotKind};
use crate::syntax::ast::{BodyEntryKind, Expr, Ident, Unit};

/// An op whose path is known.
pub(crate) struct Ready<'a, 'p> {
    pub(crate) op: &'a Op<'p>,
    pub(crate) path: Path,
}

/// What a body makes.
#[derive(Default)]
pub(crate) struct Body<'k> {
    /// A map of what is set.
    pub(crate) value: Value,
    pub(crate) origins: Chains<'k>,
    pub(crate) lifecycle: Lifecycle,
    /// What `@after` names.
    pub(crate) after: Vec<Name>,
    /// What `@replace_with` names.
    pub(crate) replace_with: Vec<Name>,
    /// The alias that `@provider` names.
    pub(crate) provider: Option<Str>,
    /// What each `@health` asks.
    pub(crate) health: Vec<Value>,
    /// The stage that they are of: those of a later one replace them.
    pub(crate) health_stage: u32,
}

/// What a body is of.
pub(crate) struct Target<'a> {
    /// What it may set.
    pub(crate) block: &'a Block,
    /// The type as written.
    pub(crate) type_name: &'a str,
    /// Its address; none for a provider.
    pub(crate) address: Option<&'a Address>,
    /// What set the body that was made before, which is probably like it.
    pub(crate) before: Option<&'a Origins>,
}

/// Returns the value of a parameter that nobody gives.
fn not_given(ty: Type) -> Value {
    let secret = ty.is_secret();
    let unknown = Unknown { ty, residual: Residual::Provider };
    let value = Value::Unknown(Arc::new(unknown));
    if secret { Value::secret(value) } else { value }
}

impl Scope<'_> {
    /// Evaluates a parameter, a `let` or an output; returns what set it, and what set its parts.
    pub(crate) fn member(
        &mut self,
        slot: &Slot<'_>,
    ) -> Result<(Value, Vec<Origin>, Origins), Failed> {
        let ty = self.declared_type(slot);
        let ops = slot.ops();
        let ops = self.own(&ops)?;
        let ready = self.ready(&ops)?;
        let input = self.inputs.get(&slot.name.name).filter(|_| self.frame == 0).cloned();
        if let Some(input) = input {
            let ty = ty.unwrap_or(Type::Any);
            let site = Site::new(input.span, None, Some(&slot.name.name));
            let site = Site { is_written: input.is_written, ..site };
            let value = self.fit_at(input.value.ok_or(Failed)?, &ty, &site)?;
            let mut origins: Vec<Origin> = ops.iter().map(|op| self.origin(op)).collect();
            origins.push(Origin::new(input.source, input.span));
            return Ok((value, origins, Origins::default()));
        }
        let made = self.fold(&slot.name.name, &ready)?;
        let Some(value) = made.value else {
            if let (true, SlotKind::Param { .. }) = (self.rehearses, slot.kind) {
                let value = not_given(ty.unwrap_or(Type::Any));
                return Ok((value, Vec::new(), Origins::default()));
            }
            // A `let` or an output whose value an overlay took out was reported there.
            if matches!(slot.kind, SlotKind::Param { .. }) && !slot.is_disputed {
                let environment = &self.project.layer(self.layer).name;
                match self.unit_around() {
                    // It was misspelled there, and that is reported.
                    Some(unit) if self.misspells(unit, slot.name) => {}
                    Some(unit) => self.report(missing_param::of_unit(slot.name, &unit.name)),
                    None => {
                        self.report(missing_param::diagnostic(slot.name, ty.as_ref(), environment));
                    }
                }
            }
            return Err(Failed);
        };
        // Whoever comes after walks the whole value: shared parts must not blow it up.
        if let Err(error) = crate::ops::check_size(&value) {
            return self.fail(operation_failed::diagnostic(&error, slot.name.span));
        }
        let origins = self.origins_of(&ready, &made.chains);
        let open = self.open_type(slot, ty.as_ref(), &value);
        let value = match ty {
            Some(ty) => {
                let winner = ready.iter().rev().find(|ready| ready.path.0.is_empty());
                let expr = winner.or(ready.last()).and_then(|ready| ready.expr());
                let span = expr.map_or(slot.member.span, |expr| expr.span);
                let site = Site::new(span, expr, Some(&slot.name.name));
                self.fit_at(value, &ty, &site)?
            }
            None => value,
        };
        let value = open.map_or(value, not_given);
        Ok((value, origins, parts(made.chains)))
    }

    /// Returns the type of a parameter of a component that is rehearsed: its default is one value of many, and what goes
    /// wrong with it alone is a matter of the units that leave it.
    fn open_type(&self, slot: &Slot<'_>, ty: Option<&Type>, value: &Value) -> Option<Type> {
        let is_open = self.rehearses
            && self.frame == 0
            && matches!(slot.kind, SlotKind::Param { .. })
            && self.project.layer(self.layer).is_component;
        let of_default = || {
            let own = crate::ops::type_of(value);
            let is_plain = matches!(own, Type::Bool | Type::Int | Type::Number | Type::String);
            if is_plain { own } else { Type::Any }
        };
        is_open.then(|| ty.cloned().unwrap_or_else(of_default))
    }

    /// Tells whether a unit's body sets something that its component does not have, and that is
    /// probably this parameter.
    fn misspells(&self, unit: &Unit, param: &Ident) -> bool {
        unit.body.entries.iter().any(|entry| {
            let BodyEntryKind::Amend(amend) = &entry.kind else { return false };
            let name = amend.target.name.name.as_str();
            self.table().find(name).is_none() && nearest(name, [param.name.as_str()]).is_some()
        })
    }

    /// Returns the unit whose members are seen.
    fn unit_around(&self) -> Option<&'_ Unit> {
        let node = &self.tables.list[self.frames[self.frame].table];
        let (outer, slot) = node.parent?;
        let (_, slot) = self.tables.list[outer].table.slots.get_index(slot)?;
        if let SlotKind::Unit { unit, .. } = slot.kind { Some(unit) } else { None }
    }

    pub(crate) fn origin(&self, op: &Op<'_>) -> Origin {
        Origin::new(self.project.layer(op.layer).name.clone(), op.span)
    }

    /// Evaluates the paths of ops.
    pub(crate) fn ready<'a, 'p>(
        &mut self,
        ops: &[&'a Op<'p>],
    ) -> Result<Vec<Ready<'a, 'p>>, Failed> {
        let mut ready = Vec::with_capacity(ops.len());
        for op in ops {
            let mut path = Path::default();
            for step in &op.path {
                path.0.push(match step {
                    PathStep::Name(name) => Step::Key(name.name.clone()),
                    PathStep::Index(index) => {
                        let value = self.written(op, |scope| scope.expression(index))?;
                        match (value.as_i64(), key_text(&value)) {
                            (Some(index), _) if index >= 0 => Step::Index(index as u32),
                            (None, Some(key)) => Step::Key(key),
                            _ => return self.fail(bad_key::diagnostic(&value, index.span)),
                        }
                    }
                });
            }
            ready.push(Ready { op, path });
        }
        Ok(ready)
    }

    /// Folds ops on one value.
    pub(crate) fn fold(&mut self, name: &str, ops: &[Ready<'_, '_>]) -> Result<Made, Failed> {
        let start = foundation(ops);
        let mut made = Made::default();
        for ready in &ops[..start] {
            let origin = self.origin(ready.op);
            made.note(&ready.path, origin);
        }
        let skipped = self.settle_siblings(name, &ops[start..])?;
        for (at, ready) in ops[start..].iter().enumerate() {
            if !skipped.contains(&at) {
                self.apply(name, ready, &mut made)?;
            }
        }
        Ok(made)
    }

    /// Applies one op.
    pub(crate) fn apply(
        &mut self,
        name: &str,
        ready: &Ready<'_, '_>,
        made: &mut Made,
    ) -> Result<(), Failed> {
        let (value, from) = self.traced(|scope| scope.op_value(ready, made));
        let value = value?;
        let origin = Origin { from, ..self.origin(ready.op) };
        match ready.op.kind {
            OpKind::Annotation(_) => return Ok(()),
            OpKind::Remove => {
                if remove_at(&mut made.value, &ready.path.0).is_none() {
                    return self.fail(bad_amendment::nothing_to_remove(name, ready.op.span));
                }
                made.chains.retain(|(path, _)| !path.starts_with(&ready.path));
                return Ok(());
            }
            OpKind::Touch => {
                let there = made.value.as_ref().and_then(|value| ready.path.get(value));
                if there.is_some_and(|value| !value.is_null()) {
                    return Ok(());
                }
            }
            OpKind::Set(_) | OpKind::SetName(_) | OpKind::Add(_) => {}
        }
        if let OpKind::Add(expr) = ready.op.kind {
            let added = value.as_map().map(|map| map.keys().cloned().collect::<Vec<_>>());
            let old = made.value.as_ref().and_then(|value| ready.path.get(value)).cloned();
            let beneath = trail_of(&made.chains, &ready.path);
            let adds_parts = old.as_ref().is_some_and(|old| !old.is_null());
            let whole = if ready.path.0.is_empty() {
                name.to_owned()
            } else {
                format!("{name}.{}", ready.path)
            };
            let sum = self.sum(old.unwrap_or_default(), value, expr, &whole)?;
            self.put(name, ready, made, sum)?;
            match added.filter(|_| adds_parts) {
                Some(keys) => {
                    for key in keys {
                        made.note(&ready.path.key(key), origin.clone());
                    }
                }
                None => {
                    let from = self.along_with(&beneath, &origin);
                    made.note(&ready.path, Origin { from, ..origin });
                }
            }
            return Ok(());
        }
        self.put(name, ready, made, value)?;
        made.note(&ready.path, origin);
        Ok(())
    }

    /// Returns what set a member, the oldest first, with what the last one was computed with.
    fn origins_of(
        &mut self,
        ready: &[Ready<'_, '_>],
        chains: &[(Path, Vec<Origin>)],
    ) -> Vec<Origin> {
        let mut origins: Vec<Origin> = ready.iter().map(|own| self.origin(own.op)).collect();
        let winner = chains.iter().find(|(path, _)| path.0.is_empty());
        if let (Some(last), Some(winner)) =
            (origins.last_mut(), winner.and_then(|(_, chain)| chain.last()))
            && last.span == winner.span
        {
            *last = winner.clone();
        } else if let (Some(last), Some(OpKind::Add(_))) =
            (origins.last_mut(), ready.last().map(|ready| ready.op.kind))
        {
            // The keys that are added have origins of their own; the whole comes of both.
            last.from = self.along_with(&trail_of(chains, &Path::default()), last);
        }
        origins
    }

    /// Returns what an origin comes of, where it adds to something that comes of `beneath`.
    fn along_with(&mut self, beneath: &[Origin], origin: &Origin) -> Arc<[Origin]> {
        let from = self.traced(|scope| {
            let beneath = scope.notes.source(beneath);
            scope.notes.trace(&beneath);
            scope.notes.trace(&origin.from);
        });
        from.1
    }

    /// Evaluates what an op sets or adds, with `super` bound.
    pub(crate) fn op_value(&mut self, ready: &Ready<'_, '_>, made: &Made) -> Result<Value, Failed> {
        let beneath = made.value.as_ref().and_then(|value| ready.path.get(value)).cloned();
        let outer = std::mem::replace(&mut self.beneath, beneath);
        let value = self.written(ready.op, |scope| match ready.op.kind {
            OpKind::Set(expr) | OpKind::Add(expr) => scope.expression(expr),
            OpKind::SetName(name) => scope.named(&name.name, name.span),
            OpKind::Touch => Ok(Value::map::<Str>([])),
            OpKind::Remove | OpKind::Annotation(_) => Ok(Value::Null),
        });
        self.beneath = outer;
        value
    }

    /// Adds to a map, list or set. A key that is there already is an error.
    fn sum(&mut self, old: Value, added: Value, expr: &Expr, name: &str) -> Result<Value, Failed> {
        if old.is_null() {
            return Ok(added);
        }
        if matches!(
            old.reveal(),
            Value::Number(_) | Value::String(_) | Value::Bool(_) | Value::Quantity(_)
        ) {
            return self.fail(bad_amendment::adds_to_no_collection(name, &old, expr.span));
        }
        if let (Some(left), Some(right)) = (old.as_map(), added.as_map())
            && let Some(key) = right.keys().find(|key| left.contains_key(key))
        {
            return self.fail(duplicate_key::added(key, name, expr.span));
        }
        if let (Value::Set(left), Some(right)) = (old.reveal(), added.as_items()) {
            return Ok(Value::set(left.iter().chain(right).cloned()));
        }
        self.operate(crate::ops::Operation::Add, &[old, added], expr.span, &[])
    }

    fn put(
        &self,
        name: &str,
        ready: &Ready<'_, '_>,
        made: &mut Made,
        value: Value,
    ) -> Result<(), Failed> {
        let mut whole = made.value.take().unwrap_or_default();
        let fits = put_at(&mut whole, &ready.path.0, value);
        made.value = Some(whole);
        match fits {
            Ok(()) => Ok(()),
            Err(at) => {
                let path = ready.path.0[..at].into();
                self.fail(bad_amendment::no_inside(name, &path, ready.op.span))
            }
        }
    }

    /// Evaluates the body of a resource, a data source or a provider against its schema.
    pub(crate) fn body<'a, 'p, 'k>(
        &mut self,
        slot: &Slot<'_>,
        layout: &Layout<'a, 'p>,
        target: &Target<'k>,
        mut shared: Option<&mut Invariants<'_, 'a, 'p>>,
    ) -> Result<Body<'k>, Failed> {
        let Target { block, type_name, .. } = *target;
        let mut body = Body { origins: Chains::beside(target.before), ..Body::default() };
        let mut failed = false;
        for op in &layout.others {
            match (op.kind, op.path.is_empty()) {
                (OpKind::Annotation(annotation), true) => {
                    let done = self.written(op, |scope| {
                        scope.annotation((annotation, op.stage), &mut body, target)
                    });
                    failed |= done.is_err();
                }
                (OpKind::Annotation(annotation), false) => {
                    self.report(bad_annotation::nested(annotation));
                    failed = true;
                }
                _ => {
                    self.report(bad_amendment::needs_name(slot, op.span));
                    failed = true;
                }
            }
        }
        let mut map = Map::with_capacity(layout.groups.len());
        let mut is_whole = layout.is_whole;
        for (at, group) in layout.groups.iter().enumerate() {
            let evaluate = |scope: &mut Self, origins: &mut Chains<'_>| {
                scope.body_attribute(group, block, (type_name, origins))
            };
            let made = match &mut shared {
                Some(shared) => shared.common(self, (layout, at), &mut body.origins, evaluate),
                None => evaluate(self, &mut body.origins),
            };
            match made {
                Ok(Some(value)) => {
                    is_whole &= !value.reveal().is_null();
                    map.insert(group.name.clone(), value);
                }
                Ok(None) => is_whole = false,
                Err(Failed) => failed = true,
            }
        }
        if failed || !is_whole {
            let tried =
                |name: &Str| failed && layout.groups.iter().any(|own| means(own.name, name, block));
            failed |= self.lacks(&map, slot, target, &tried);
        }
        body.value = Value::from(map);
        if failed { Err(Failed) } else { Ok(body) }
    }

    /// Reports what a body must have and has not, but for what it tried to set.
    fn lacks(
        &self,
        map: &Map,
        slot: &Slot<'_>,
        target: &Target<'_>,
        tried: &dyn Fn(&Str) -> bool,
    ) -> bool {
        let mut lacks = false;
        for (name, attribute) in target.block.attributes.iter().filter(|(_, own)| own.required) {
            if map.get(name).is_none_or(|value| value.reveal().is_null()) && !tried(name) {
                let type_name = target.type_name;
                self.report(missing_attribute::diagnostic(name, attribute, slot.name, type_name));
                lacks = true;
            }
        }
        lacks
    }

    fn body_attribute(
        &mut self,
        group: &Group<'_, '_>,
        block: &Block,
        (type_name, origins): (&str, &mut Chains<'_>),
    ) -> Result<Option<Value>, Failed> {
        let (name, first) = (group.name, group.ops[0]);
        let name_span = match first.path.first() {
            Some(PathStep::Name(name)) => name.span,
            Some(PathStep::Index(_)) | None => first.span,
        };
        let Some(attribute) = group.attribute else {
            let known = block.attributes.iter().filter(|(_, own)| own.is_configurable());
            let known = known.map(|(name, _)| name.as_str());
            return self.fail(unknown_attribute::diagnostic(name, name_span, type_name, known));
        };
        if !attribute.is_configurable() {
            return self.fail(unknown_attribute::read_only(name, name_span, type_name));
        }
        if let Some(instead) = &attribute.deprecated {
            self.report(deprecated_attribute::diagnostic(name, name_span, type_name, instead));
        }
        if let [op] = group.ops.as_slice()
            && let ([_], OpKind::Set(_) | OpKind::SetName(_)) = (op.path.as_slice(), op.kind)
        {
            let (value, from) = self.lone_attribute(name, op, attribute)?;
            let overlay = &self.project.layer(op.layer).name;
            origins.push(&group.path, overlay, op.span, &from);
            return Ok(Some(value));
        }
        let mut ready = self.ready(&group.ops)?;
        for ready in &mut ready {
            ready.path.0.remove(0);
        }
        let mut made = self.fold(name, &ready)?;
        if let Some(value) = made.value.take() {
            let winner = ready.iter().rev().find(|ready| ready.path.0.is_empty());
            let last = winner.or(ready.last());
            let expr = last.and_then(|ready| ready.expr());
            let span =
                expr.map_or_else(|| last.map_or(name_span, |ready| ready.op.span), |e| e.span);
            let site = Site::new(span, expr, Some(name));
            made.value = Some(self.fit_attribute(value, attribute, &site)?);
        }
        for (mut path, chain) in made.chains {
            path.0.insert(0, Step::Key(name.clone()));
            chain.iter().for_each(|origin| origins.add(&path, origin));
        }
        Ok(made.value)
    }

    /// The common case: an attribute that is set once.
    fn lone_attribute(
        &mut self,
        name: &Str,
        op: &Op<'_>,
        attribute: &Attribute,
    ) -> Result<(Value, Arc<[Origin]>), Failed> {
        let (value, from) = self.traced(|scope| {
            scope.written(op, |scope| match op.kind {
                OpKind::Set(expr) => scope.expression(expr).map(|value| (value, Some(expr))),
                OpKind::SetName(name) => {
                    scope.named(&name.name, name.span).map(|value| (value, None))
                }
                OpKind::Add(_) | OpKind::Remove | OpKind::Touch | OpKind::Annotation(_) => {
                    unreachable!("invariant: the caller looked at the kind")
                }
            })
        });
        let (value, expr) = value?;
        let span = expr.map_or(op.span, |expr| expr.span);
        let value = self.fit_attribute(value, attribute, &Site::new(span, expr, Some(name)))?;
        Ok((value, from))
    }

    fn fit_attribute(
        &mut self,
        value: Value,
        attribute: &Attribute,
        site: &Site<'_>,
    ) -> Result<Value, Failed> {
        if value.is_null() && !attribute.required {
            return Ok(value);
        }
        let mut value = self.fit_at(value, &attribute.ty, site)?;
        // A schema has no quantities: one that fits is in an attribute of any type.
        if value.any(&|part| matches!(part, Value::Quantity(_))) {
            value = value.transform(&mut |part| {
                let Value::Quantity(quantity) = &part else { return Ok(part) };
                Ok(Value::String(quantity.to_text()))
            })?;
        }
        Ok(if attribute.sensitive { Value::secret(value) } else { value })
    }
}

/// Returns where those ops start that count: with the last stage that says nothing of what is beneath it.
///
/// Siblings must agree with one another: where one sets the whole anew and another one changes what is
/// there, that counts.
fn foundation(ops: &[Ready<'_, '_>]) -> usize {
    let mut end = ops.len();
    while let Some(last) = ops[..end].last() {
        let start = ops[..end].partition_point(|ready| ready.op.stage < last.op.stage);
        let stage = &ops[start..end];
        let is_new = |ready: &Ready<'_, '_>| {
            stage.iter().any(|own| own.op.layer == ready.op.layer && own.replaces_all())
        };
        if stage.iter().all(is_new) {
            return start;
        }
        end = start;
    }
    0
}

/// Tells whether a name that was set is an attribute, or probably was meant to be: what is wrong with
/// it has been reported.
fn means(set: &str, attribute: &str, block: &Block) -> bool {
    set == attribute || block.get(set).is_none() && nearest(set, [attribute]).is_some()
}

impl<'p> Ready<'_, 'p> {
    /// Tells whether nothing before the op matters.
    pub(crate) fn replaces_all(&self) -> bool {
        self.path.0.is_empty()
            && match self.op.kind {
                OpKind::Set(expr) => !uses_super(expr),
                OpKind::SetName(_) => true,
                OpKind::Add(_) | OpKind::Remove | OpKind::Touch | OpKind::Annotation(_) => false,
            }
    }

    pub(crate) const fn expr(&self) -> Option<&'p Expr> {
        self.op.kind.expr()
    }
}
