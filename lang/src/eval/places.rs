//! Names, members and indices: what an expression points at.
//!
//! A resource is not turned into a value before it must be: `jobs["mail"].name` finds one
//! attribute of one instance, and notes a dependency on that instance alone.

use std::sync::Arc;

use syncline_model::{Address, Map, Span, Str, Value};

use super::SlotValue;
use super::expression::key_text;
use super::resource::Instances;
use super::scope::{Failed, Scope};
use crate::diagnostics::{
    bad_super, missing_instance, not_a_value, unknown_attribute, unknown_function, unknown_name,
};
use crate::ops::Operation;
use crate::resolve::Reference;
use crate::stdlib::StdFunction;
use crate::syntax::ast::{Expr, ExprKind, Ident};

/// What an expression points at.
pub(crate) enum Place {
    Value(Value),
    /// All instances of a keyed resource.
    Group(Arc<Instances>),
    /// One instance.
    Instance(Arc<Instances>, usize),
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
        if name == "super" {
            return match self.beneath.clone() {
                Some(value) => Ok(Place::Value(value)),
                None => self.fail(bad_super::diagnostic(span)),
            };
        }
        match self.values.get(name.as_str()) {
            Some((SlotValue::Value { value, trail, .. }, dependencies)) => {
                let (value, dependencies) = (value.clone(), Arc::clone(dependencies));
                let trail = Arc::clone(trail);
                self.depend_all(&dependencies, span);
                self.trace(&trail);
                Ok(Place::Value(value))
            }
            Some((SlotValue::Instances(instances), _)) => {
                let instances = Arc::clone(instances);
                Ok(match instances.list.len() {
                    _ if instances.keyed => Place::Group(instances),
                    0 => Place::Value(Value::Null),
                    _ => Place::Instance(instances, 0),
                })
            }
            Some((SlotValue::Failed, _)) => Err(Failed),
            Some((SlotValue::Provider { .. }, _)) => self.fail(not_a_value::provider(span, name)),
            None if name == "environment" => Ok(Place::Value(self.environment())),
            None => self.unknown(name, span),
        }
    }

    fn unknown<T>(&self, name: &Str, span: Span) -> Result<T, Failed> {
        // A slot that is not evaluated yet is part of a circle, which has been reported.
        if self.table.find(name).is_some() {
            return Err(Failed);
        }
        if self.project.modules.contains_key(name) || name == "std" {
            return self.fail(not_a_value::module(span, name));
        }
        let reference = Reference { name: name.clone(), span, is_call: false, orders_only: false };
        self.fail(unknown_name::diagnostic(self.project, self.layer, &reference, self.table))
    }

    fn environment(&self) -> Value {
        let name = self.project.layer(self.layer).name.clone();
        Value::map([("name", Value::String(name))])
    }

    fn member_of(
        &mut self,
        place: Place,
        base: Span,
        name: &Ident,
        optional: bool,
        span: Span,
    ) -> Result<Place, Failed> {
        match place {
            Place::Nothing => Ok(Place::Nothing),
            Place::Value(value) if optional && value.reveal().is_null() => Ok(Place::Nothing),
            Place::Value(value) => {
                let operation =
                    if optional { Operation::OptionalMember } else { Operation::Member };
                let operands = vec![value, Value::String(name.name.clone())];
                self.operate(operation, operands, span, &[base, name.span]).map(Place::Value)
            }
            Place::Group(instances) => self.instance(instances, &name.name, name.span),
            Place::Instance(instances, at) => {
                self.attribute(&instances, at, &name.name, name.span, span).map(Place::Value)
            }
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
        match (place, key_text(&key)) {
            (Place::Group(instances), Some(key)) => self.instance(instances, &key, index.span),
            (Place::Instance(instances, at), Some(name)) => {
                self.attribute(&instances, at, &name, index.span, span).map(Place::Value)
            }
            (place, _) => {
                let value = self.value_of(place, base)?;
                if optional && value.reveal().is_null() {
                    return Ok(Place::Nothing);
                }
                let operation = if optional { Operation::OptionalIndex } else { Operation::Index };
                self.operate(operation, vec![value, key], span, &[base, index.span])
                    .map(Place::Value)
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
        self.depend(&instance.address, span);
        match instances.reference(at, name) {
            Some(value) => Ok(value),
            None => {
                let type_name = instances.type_name();
                let known = instances.schema.block.attributes.keys().map(Str::as_str);
                self.fail(unknown_attribute::diagnostic(name, name_span, &type_name, known))
            }
        }
    }

    /// Turns what was pointed at into a value.
    pub(crate) fn value_of(&mut self, place: Place, span: Span) -> Result<Value, Failed> {
        match place {
            Place::Value(value) => Ok(value),
            Place::Nothing => Ok(Value::Null),
            Place::Instance(instances, at) => {
                self.depend(&instances.list[at].address, span);
                Ok(instances.object(at))
            }
            Place::Group(instances) => {
                let mut map = Map::new();
                for at in 0..instances.list.len() {
                    let instance = &instances.list[at];
                    self.depend(&instance.address, span);
                    map.insert(instance.key.clone().unwrap_or_default(), instances.object(at));
                }
                Ok(Value::from(map))
            }
        }
    }

    /// Returns the addresses that an `@after` names, with its name and key where it cannot be told
    /// yet.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these forms name resources")]
    pub(crate) fn after_target(&mut self, expr: &Expr) -> Result<(Str, Option<Str>), Failed> {
        match &expr.kind {
            ExprKind::Name(name) => Ok((name.clone(), None)),
            ExprKind::Member { base, name, .. } => {
                Ok((self.after_target(base)?.0, Some(name.name.clone())))
            }
            ExprKind::Index { base, index, .. } => {
                let key = self.expression(index)?;
                Ok((self.after_target(base)?.0, key_text(&key)))
            }
            _ => self.fail(crate::diagnostics::bad_annotation::after(expr.span)),
        }
    }

    /// Returns the addresses of a resource's instances, or of one of them.
    pub(crate) fn addresses(&self, name: &str, key: Option<&Str>) -> Vec<Address> {
        match self.values.get(name) {
            Some((SlotValue::Instances(instances), _)) => instances
                .list
                .iter()
                .filter(|instance| key.is_none() || instance.key.as_ref() == key)
                .map(|instance| instance.address.clone())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Finds the function that a call names: one of the prelude, or a member of a module.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these forms name functions")]
    pub(crate) fn function(&self, callee: &Expr) -> Result<&'static StdFunction, Failed> {
        let (module, name) = match &callee.kind {
            ExprKind::Name(name) => {
                let found = crate::stdlib::prelude().get(name);
                return match found {
                    Some(function) => Ok(function),
                    None => self.fail(unknown_function::bare(name, callee.span)),
                };
            }
            ExprKind::Member { base, name, .. } => match &base.kind {
                ExprKind::Name(alias) => (self.project.modules.get(alias), name),
                ExprKind::Member { base: root, name: module, .. } if matches!(&root.kind, ExprKind::Name(root) if root == "std") => {
                    (Some(&module.name), name)
                }
                _ => (None, name),
            },
            _ => return self.fail(unknown_function::no_function(callee.span)),
        };
        let Some(module) = module.and_then(|module| crate::stdlib::module(module)) else {
            return self.fail(unknown_function::module(callee));
        };
        match module.get(&name.name) {
            Some(function) => Ok(function),
            None => self.fail(unknown_function::member(module, name)),
        }
    }
}
