//! Names, members and indices: what an expression points at.
//!
//! A resource is not turned into a value before it must be: `jobs["mail"].name` finds one
//! attribute of one instance, and notes a dependency on that instance alone.

use std::sync::Arc;

use syncline_model::{Address, Map, Span, Str, Type, Value};

use super::SlotValue;
use super::expression::key_text;
use super::files::TEMPLATE;
use super::resource::Instances;
use super::scope::{Failed, Scope};
use super::units::Units;
use crate::diagnostics::{
    bad_super, missing_instance, not_a_value, unknown_attribute, unknown_member, unknown_name,
    unknown_output,
};
use crate::ops::{self, Operation};
use crate::resolve::{LayerId, Reference};
use crate::syntax::ast::{Expr, ExprKind, Ident};

/// What an expression points at.
pub(crate) enum Place {
    Value(Value),
    /// What has been evaluated of a frame's member, by its place in the table. It is not copied where
    /// only a part of it is wanted.
    Kept(usize, usize),
    /// All instances of a keyed resource.
    Group(Arc<Instances>),
    /// One instance.
    Instance(Arc<Instances>, usize),
    /// All instances of a keyed unit.
    Units(Arc<Units>),
    /// The members of a unit.
    Unit(usize),
    /// All of an environment with keys.
    Environments(LayerId),
    /// Another environment.
    Environment(Str),
    /// The outputs of another environment.
    Outputs(Str),
    /// A resource or a unit whose condition does not hold.
    Absent(Str),
    /// `?.` on null: the rest of the chain is skipped.
    Nothing,
}

impl Scope<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all else is a value")]
    pub(crate) fn place(&mut self, expr: &Expr) -> Result<Place, Failed> {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Paren(inner) => self.place(inner),
            ExprKind::Member { base, name, optional } => {
                let place = self.place(base)?;
                self.member_of(place, base.span, name, *optional, expr.span)
            }
            ExprKind::Index { base, index, optional } => {
                let place = self.place(base)?;
                self.index_of(place, base.span, index, *optional, expr.span)
            }
            _ => self.expression(expr).map(Place::Value),
        }
    }

    /// Evaluates a name on its own.
    pub(crate) fn named(&mut self, name: &Str, span: Span) -> Result<Value, Failed> {
        let place = self.name(name, span)?;
        self.value_of(place, span)
    }

    fn name(&mut self, name: &Str, span: Span) -> Result<Place, Failed> {
        if let Some(value) = self.local(name) {
            return Ok(Place::Value(value.clone()));
        }
        self.member_name(name, span)
    }

    /// Returns what a name points at that is no variable's.
    pub(crate) fn member_name(&mut self, name: &Str, span: Span) -> Result<Place, Failed> {
        if name == "super" {
            return match self.beneath.clone() {
                Some(value) => Ok(Place::Value(value)),
                None => self.fail(bad_super::diagnostic(span)),
            };
        }
        if self.local_function(name).is_some() {
            return self.fail(not_a_value::function(span));
        }
        if !self.calls.view.sees_members {
            if span.file != TEMPLATE {
                return self.fail(unknown_name::hidden(name, span));
            }
            let name = name.clone();
            let reference =
                Reference { name, span, next: None, is_call: false, orders_only: false };
            return self.fail(unknown_name::in_template(&reference));
        }
        match self.slot(self.frame, name, span) {
            Some(place) => place,
            None if name == "environment" => {
                Ok(Place::Value(self.itself.get_or_init(|| self.environment()).clone()))
            }
            None => match self.project.find_environment(name) {
                Some(id) => self.other(id, span),
                None => self.unknown(name, span),
            },
        }
    }

    /// Returns what a member of a frame is, where it has been evaluated.
    fn slot(&mut self, frame: usize, name: &str, span: Span) -> Option<Result<Place, Failed>> {
        let at = self.slot_at(frame, name)?;
        let (value, dependencies) = self.frames[frame].values.get(at)?.as_ref()?;
        Some(match value {
            SlotValue::Value { trail, .. } => {
                self.notes.depend_all(dependencies, span);
                self.notes.trace(trail);
                Ok(Place::Kept(frame, at))
            }
            SlotValue::Instances(instances) => {
                let instances = Arc::clone(instances);
                Ok(match instances.list.len() {
                    _ if instances.keyed => Place::Group(instances),
                    0 if self.explores => Place::Value(super::explore::unknown(Type::Any)),
                    0 => Place::Absent(name.into()),
                    _ => Place::Instance(instances, 0),
                })
            }
            SlotValue::Units(units) => Ok(match units.list.first() {
                _ if units.keyed => Place::Units(Arc::clone(units)),
                Some((_, frame)) => Place::Unit(*frame),
                None if self.explores => Place::Value(super::explore::unknown(Type::Any)),
                None => Place::Absent(name.into()),
            }),
            SlotValue::Failed => Err(Failed),
            SlotValue::Provider { .. } => self.fail(not_a_value::provider(span, name)),
        })
    }

    /// Points at another environment.
    fn other(&self, id: LayerId, span: Span) -> Result<Place, Failed> {
        let layer = self.project.layer(id);
        if self.project.layer(self.writer).is_component {
            return self.fail(unknown_output::in_component(&layer.name, span));
        }
        if layer.is_abstract {
            let all: Vec<_> = self.project.environments().collect();
            let heirs = all.iter().filter(|own| own.extends.as_ref() == Some(&layer.name));
            let heirs: Vec<&str> = heirs.map(|own| own.group.as_str()).collect();
            return self.fail(unknown_output::of_abstract(&layer.name, span, &heirs));
        }
        Ok(match layer.keys {
            Some(_) => Place::Environments(id),
            None => Place::Environment(layer.name.clone()),
        })
    }

    /// Reports a name before the name of a function, where it means nothing at all.
    pub(crate) fn no_module(&self, name: &Str, span: Span, function: &Str) -> Result<(), Failed> {
        let sees_members = self.calls.view.sees_members;
        let is_member =
            || self.table().find(name).is_some() || self.project.find_environment(name).is_some();
        if matches!(name.as_str(), "std" | "super" | "environment")
            || self.local(name).is_some()
            || sees_members && is_member()
        {
            return Ok(());
        }
        let next = Some(function.clone());
        let name = name.clone();
        let reference = Reference { name, span, next, is_call: false, orders_only: false };
        match sees_members {
            true => {
                let (project, table) = (self.project, self.table());
                self.fail(unknown_name::diagnostic(project, self.writer, &reference, table))
            }
            false if span.file == TEMPLATE => self.fail(unknown_name::in_template(&reference)),
            // What a function's body names is reported with the function.
            false => Err(Failed),
        }
    }

    fn unknown<T>(&self, name: &Str, span: Span) -> Result<T, Failed> {
        // A slot that is not evaluated yet is part of a circle, which has been reported.
        if self.table().find(name).is_some() {
            return Err(Failed);
        }
        if self.project.module(self.module()).functions.contains_key(name)
            || crate::stdlib::prelude().get(name).is_some()
        {
            return self.fail(not_a_value::function(span));
        }
        if self.project.module(self.module()).names.contains_key(name) || name == "std" {
            return self.fail(not_a_value::module(span, name));
        }
        let reference =
            Reference { name: name.clone(), span, next: None, is_call: false, orders_only: false };
        self.fail(unknown_name::diagnostic(self.project, self.writer, &reference, self.table()))
    }

    /// What `environment` is: its `name`, which can stand in names of other things, and for one of
    /// a keyed environment its `key` and the `group`, the name without it.
    fn environment(&self) -> Value {
        let group = self.project.layer(self.layer).name.clone();
        let name = match &self.key {
            Some(key) => format!("{group}-{key}").into(),
            None => group.clone(),
        };
        let key = self.key.clone().map_or(Value::Null, Value::String);
        Value::map([("group", Value::String(group)), ("key", key), ("name", Value::String(name))])
    }

    fn unit_member(&mut self, frame: usize, name: &Ident, span: Span) -> Result<Place, Failed> {
        if let Some(place) = self.slot(frame, &name.name, span) {
            return place;
        }
        let node = &self.tables.list[self.frames[frame].table];
        // A member that is not evaluated yet is part of a circle, which has been reported.
        if node.table.find(&name.name).is_some() {
            return Err(Failed);
        }
        let component = &self.project.layer(node.layer).name;
        self.fail(unknown_member::diagnostic(component, name, node.table))
    }

    fn unit(&self, units: &Units, key: &Str, span: Span) -> Result<Place, Failed> {
        match units.find(key) {
            Some(frame) => Ok(Place::Unit(frame)),
            None => {
                let keys = units.list.iter().filter_map(|(key, _)| key.as_deref());
                self.fail(missing_instance::unit(&units.name, key, span, keys))
            }
        }
    }

    fn member_of(
        &mut self,
        place: Place,
        base: Span,
        name: &Ident,
        optional: bool,
        span: Span,
    ) -> Result<Place, Failed> {
        if let Some(part) = self.known(&place).and_then(|base| ops::member(base, &name.name)) {
            return Ok(Place::Value(part.clone()));
        }
        match place {
            Place::Kept(..) => {
                let value = Place::Value(self.value_of(place, base)?);
                self.member_of(value, base, name, optional, span)
            }
            Place::Nothing => Ok(Place::Nothing),
            Place::Absent(_) if optional => Ok(Place::Nothing),
            Place::Absent(absent) => self.fail(missing_instance::absent(&absent, &name.name, base)),
            Place::Value(value) if optional && value.reveal().is_null() => Ok(Place::Nothing),
            Place::Value(value) => {
                let operation =
                    if optional { Operation::OptionalMember } else { Operation::Member };
                let operands = [value, Value::String(name.name.clone())];
                self.operate(operation, &operands, span, &[base, name.span]).map(Place::Value)
            }
            Place::Group(instances) => self.instance(instances, &name.name, name.span),
            Place::Instance(instances, at) => {
                self.attribute(&instances, at, &name.name, name.span, span).map(Place::Value)
            }
            Place::Units(units) => self.unit(&units, &name.name, name.span),
            Place::Unit(frame) => self.unit_member(frame, name, span),
            Place::Environments(id) => {
                self.fail(unknown_output::which(self.project.layer(id), None, base))
            }
            Place::Environment(own) if name.name == "outputs" => Ok(Place::Outputs(own)),
            Place::Environment(own) => self.fail(unknown_output::not_outputs(&own, name.span)),
            Place::Outputs(own) => self.output_of(&own, name, span).map(Place::Value),
        }
    }

    fn index_of(
        &mut self,
        place: Place,
        base: Span,
        index: &Expr,
        optional: bool,
        span: Span,
    ) -> Result<Place, Failed> {
        if matches!(place, Place::Nothing) {
            return Ok(Place::Nothing);
        }
        let key = self.expression(index)?;
        if let Some(part) = self.known(&place).and_then(|base| ops::element(base, &key)) {
            return Ok(Place::Value(part.clone()));
        }
        // The elements of a value are found by the key itself.
        let is_value = matches!(place, Place::Value(_) | Place::Kept(..));
        let text = if is_value { None } else { key_text(&key) };
        match (place, text) {
            (Place::Group(instances), Some(key)) => self.instance(instances, &key, index.span),
            (Place::Units(units), Some(key)) => self.unit(&units, &key, index.span),
            (Place::Environments(id), Some(key)) => {
                let layer = self.project.layer(id);
                if layer.keys.as_ref().is_some_and(|keys| keys.contains(&key)) {
                    let name = Address::instance(&layer.name, &key);
                    return Ok(Place::Environment(name.into()));
                }
                self.fail(unknown_output::which(layer, Some(&key), index.span))
            }
            (Place::Environment(own), _) => self.fail(unknown_output::no_keys(&own, index.span)),
            (Place::Outputs(own), Some(name)) => {
                let name = Ident { name, span: index.span };
                self.output_of(&own, &name, span).map(Place::Value)
            }
            (Place::Unit(frame), Some(name)) => {
                self.unit_member(frame, &Ident { name, span: index.span }, span)
            }
            (Place::Instance(instances, _), Some(name))
                if instances.class.schema.block.get(&name).is_none() =>
            {
                self.fail(missing_instance::no_keys(&instances, &name, index.span))
            }
            (Place::Instance(instances, at), Some(name)) => {
                self.attribute(&instances, at, &name, index.span, span).map(Place::Value)
            }
            (place, _) => {
                let value = self.value_of(place, base)?;
                if optional && value.reveal().is_null() {
                    return Ok(Place::Nothing);
                }
                let operation = if optional { Operation::OptionalIndex } else { Operation::Index };
                self.operate(operation, &[value, key], span, &[base, index.span]).map(Place::Value)
            }
        }
    }

    fn instance(&self, instances: Arc<Instances>, key: &Str, span: Span) -> Result<Place, Failed> {
        match instances.find(key) {
            Some(at) => Ok(Place::Instance(instances, at)),
            None => self.fail(missing_instance::diagnostic(&instances, key, span)),
        }
    }

    fn attribute(
        &mut self,
        instances: &Instances,
        at: usize,
        name: &Str,
        name_span: Span,
        span: Span,
    ) -> Result<Value, Failed> {
        let instance = &instances.list[at];
        self.notes.depend(&instance.address, span);
        match instances.reference(at, name) {
            Some(value) if self.explores => {
                Ok(super::explore::unknown(super::explore::inferred(&value)))
            }
            Some(value) => Ok(value),
            None => {
                let type_name = &instances.class.name;
                let known = instances.class.schema.block.attributes.keys().map(Str::as_str);
                self.fail(unknown_attribute::diagnostic(name, name_span, type_name, known))
            }
        }
    }

    /// Returns the value that was pointed at, where it is one.
    fn known<'a>(&'a self, place: &'a Place) -> Option<&'a Value> {
        if let Place::Value(value) = place {
            return Some(value);
        }
        let Place::Kept(frame, at) = place else { return None };
        match self.frames[*frame].values.get(*at)? {
            Some((SlotValue::Value { value, .. }, _)) => Some(value),
            Some(_) | None => None,
        }
    }

    /// Turns what was pointed at into a value.
    pub(crate) fn value_of(&mut self, place: Place, span: Span) -> Result<Value, Failed> {
        match place {
            Place::Value(value) => Ok(value),
            Place::Kept(..) => Ok(self.known(&place).cloned().unwrap_or_default()),
            Place::Nothing | Place::Absent(_) => Ok(Value::Null),
            Place::Environments(id) => {
                self.fail(unknown_output::which(self.project.layer(id), None, span))
            }
            Place::Environment(own) => self.fail(unknown_output::not_outputs(&own, span)),
            Place::Outputs(own) => self.outputs_of(&own, span),
            Place::Unit(frame) => self.outputs(frame, span),
            Place::Units(units) => {
                let mut map = Map::with_capacity(units.list.len());
                for (key, frame) in &units.list {
                    map.insert(key.clone().unwrap_or_default(), self.outputs(*frame, span)?);
                }
                Ok(Value::from(map))
            }
            Place::Instance(instances, at) => {
                self.notes.depend(&instances.list[at].address, span);
                Ok(instances.object(at))
            }
            Place::Group(instances) => {
                let mut map = Map::new();
                for at in 0..instances.list.len() {
                    let instance = &instances.list[at];
                    self.notes.depend(&instance.address, span);
                    map.insert(instance.key.clone().unwrap_or_default(), instances.object(at));
                }
                Ok(Value::from(map))
            }
        }
    }
}
