//! What annotations name: `@after(x)` and `@replace_with(x.attribute)`.
//!
//! Names are noted where the annotation is evaluated, and looked up once everything is: they may name what is evaluated
//! later. What they name the resource depends on.

use std::sync::Arc;

use syncline_model::{Address, DesiredResource, Diagnostic, Edge, Path, Span, Step, Str, Trigger};

use super::SlotValue;
use super::expression::key_text;
use super::resource::{Class, Instance};
use super::scope::{Failed, Scope};
use crate::diagnostics::{bad_annotation, bad_key, unknown_attribute};
use crate::syntax::ast::{Expr, ExprKind};

/// What an `@after` or a `@replace_with` names, to be looked up when everything is evaluated.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    /// The frame whose names are seen.
    frame: usize,
    /// Members and keys from there.
    steps: Vec<Str>,
    /// Where each step is written.
    places: Vec<Span>,
    span: Span,
}

/// A resource that is named, and what is named of it.
struct Named<'s> {
    address: Address,
    class: Arc<Class>,
    rest: &'s [Str],
}

impl Scope<'_> {
    /// Returns what an argument names; `refusal` is the report about what names nothing.
    pub(crate) fn named_by(
        &mut self,
        expr: &Expr,
        refusal: fn(Span) -> Diagnostic,
    ) -> Result<Name, Failed> {
        let (frame, span) = (self.frame, expr.span);
        let mut name = Name { frame, steps: Vec::new(), places: Vec::new(), span };
        self.note_steps(expr, refusal, &mut name)?;
        Ok(name)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only these forms name resources")]
    fn note_steps(
        &mut self,
        expr: &Expr,
        refusal: fn(Span) -> Diagnostic,
        into: &mut Name,
    ) -> Result<(), Failed> {
        let (step, place) = match &expr.kind {
            ExprKind::Name(name) => (name.clone(), expr.span),
            ExprKind::Member { base, name, .. } => {
                self.note_steps(base, refusal, into)?;
                (name.name.clone(), name.span)
            }
            ExprKind::Index { base, index, .. } => {
                let key = self.expression(index)?;
                let Some(text) = key_text(&key) else {
                    return self.fail(bad_key::diagnostic(&key, index.span));
                };
                self.note_steps(base, refusal, into)?;
                (text, index.span)
            }
            _ => return self.fail(refusal(expr.span)),
        };
        into.steps.push(step);
        into.places.push(place);
        Ok(())
    }

    /// Returns the resources that are named, all but the one that names them; what names none is reported.
    fn others<'n>(
        &self,
        instance: &Instance,
        name: &'n Name,
        refusal: fn(Span) -> Diagnostic,
    ) -> impl Iterator<Item = Named<'n>> {
        let named = self.resources_named(name.frame, &name.steps);
        // A name that nothing has is reported where it is resolved.
        if named.is_none() && !self.is_unknown(name.frame, &name.steps) {
            self.report(refusal(name.span));
        }
        named.unwrap_or_default().into_iter().filter(|own| own.address != instance.address)
    }

    /// Returns what steps lead to from a frame: resources, and what follows behind them; `None` when they lead to
    /// something else.
    fn resources_named<'s>(&self, frame: usize, steps: &'s [Str]) -> Option<Vec<Named<'s>>> {
        let (name, rest) = steps.split_first()?;
        match self.value_in(frame, name) {
            Some((SlotValue::Instances(instances), _)) => {
                let key = rest.first().filter(|_| instances.keyed);
                let rest = &rest[usize::from(key.is_some())..];
                let list = instances.list.iter();
                let fits = list.filter(|own| key.is_none() || own.key.as_ref() == key);
                let named = fits.map(|own| {
                    let class = Arc::clone(&instances.class);
                    Named { address: own.address.clone(), class, rest }
                });
                Some(named.collect())
            }
            Some((SlotValue::Units(units), _)) => {
                let (key, rest) = match rest.split_first() {
                    Some((key, rest)) if units.keyed => (Some(key), rest),
                    _ => (None, rest),
                };
                let frames =
                    units.list.iter().filter(|(own, _)| key.is_none() || own.as_ref() == key);
                let mut all = Vec::new();
                for (_, frame) in frames {
                    if rest.is_empty() {
                        let table = self.tables.list[self.frames[*frame].table].table;
                        for name in table.slots.keys() {
                            let own = [Str::from(*name)];
                            let named = self.resources_named(*frame, &own).unwrap_or_default();
                            all.extend(named.into_iter().map(|own| Named { rest: &[], ..own }));
                        }
                    } else {
                        all.extend(self.resources_named(*frame, rest)?);
                    }
                }
                all.sort_unstable_by(|left, right| left.address.cmp(&right.address));
                Some(all)
            }
            // That has been reported.
            Some((SlotValue::Failed, _)) => Some(Vec::new()),
            _ => None,
        }
    }

    /// Tells whether no member of a frame has the name that steps start with.
    fn is_unknown(&self, frame: usize, steps: &[Str]) -> bool {
        let table = self.tables.list[self.frames[frame].table].table;
        steps.first().is_none_or(|name| table.find(name).is_none())
    }
}

/// Adds to what a resource depends on what `@after` names and what its provider is set up with.
pub(super) fn ordered(
    scope: &Scope<'_>,
    instance: &Instance,
    mut desired: DesiredResource,
) -> DesiredResource {
    for name in instance.after() {
        let others = scope.others(instance, name, bad_annotation::after);
        let edge = |to: Named<'_>| Edge { to: to.address, span: name.span };
        desired.depends_on.extend(others.map(edge));
    }
    for name in instance.replace_with() {
        replaced_with(scope, instance, name, &mut desired);
    }
    if !desired.lifecycle.replace_with.is_empty() {
        desired.lifecycle.replace_with.sort();
        desired.lifecycle.replace_with.dedup();
    }
    // Before its provider is set up nothing can be done to it.
    let provider = desired.provider.alias.as_ref().unwrap_or(&desired.provider.name);
    if let Some((SlotValue::Provider { .. }, needs)) = scope.value_in(0, provider) {
        desired.depends_on.extend(needs.iter().cloned());
    }
    desired.depends_on.sort_by(|left, right| left.to.cmp(&right.to));
    desired.depends_on.dedup_by(|later, earlier| later.to == earlier.to);
    desired
}

/// Adds what a `@replace_with` names.
fn replaced_with(
    scope: &Scope<'_>,
    instance: &Instance,
    name: &Name,
    desired: &mut DesiredResource,
) {
    let Name { steps, places, span, .. } = name;
    for own in scope.others(instance, name, bad_annotation::replace_with) {
        let Named { address: to, class, rest } = own;
        let block = &class.schema.block;
        if let Some(name) = rest.first().filter(|name| block.get(name).is_none()) {
            let known = block.attributes.keys().map(Str::as_str);
            let place = places.get(steps.len() - rest.len()).unwrap_or(span);
            scope.report(unknown_attribute::diagnostic(name, *place, &class.name, known));
            return;
        }
        let step = |text: &Str| match text.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(text.clone()),
        };
        desired.depends_on.push(Edge { to: to.clone(), span: *span });
        let path = Path(rest.iter().map(step).collect());
        desired.lifecycle.replace_with.push(Trigger { to, path });
    }
}
