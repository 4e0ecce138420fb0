//! What `mocks` says: values of what providers compute, and outputs of other environments.
//!
//! Takes the body of a `mocks`; returns each thing that it mocks with its values, and what of it no
//! provider could compute: there is no such attribute, or it is configured and not computed.

use std::sync::Arc;

use syncline_model::{
    Address, Attribute, Diagnostic, Map, Mode, Path, RecordType, ResourceSchema, Span, Str, Type,
    Value,
};

use super::{literal, wrong_value};
use crate::diagnostics::{bad_test, unknown_attribute};
use crate::eval::World;
use crate::syntax::ast::{AmendOp, Body, BodyEntryKind, Expr, ExprKind, Ident, Target, TargetStep};

/// Values of what a provider computes: of a type, or of one resource; or outputs of an environment.
pub(super) struct Mock<'a> {
    /// `random.id`; for outputs `network.outputs`.
    pub(super) type_name: String,
    /// The one resource that is meant.
    pub(super) resource: Option<Str>,
    pub(super) values: Vec<MockedValue<'a>>,
    pub(super) span: Span,
}

/// A value that is mocked.
pub(super) struct MockedValue<'a> {
    pub(super) name: &'a Ident,
    pub(super) expr: &'a Expr,
    pub(super) value: Value,
}

/// Reads the body of a `mocks` and adds what it says.
pub(super) fn read<'a>(body: &'a Body, mocks: &mut Vec<Mock<'a>>) -> Result<(), Box<Diagnostic>> {
    let wanted = "a type with values: `random.id { hex = \"c0ffee\" }`";
    for entry in &body.entries {
        let BodyEntryKind::Amend(amend) = &entry.kind else {
            return wrong_value(entry.span, wanted);
        };
        let (AmendOp::Inside(body), Some((type_name, resource))) =
            (&amend.op, mocked(&amend.target))
        else {
            return wrong_value(entry.span, wanted);
        };
        let values = values(body)?;
        let same =
            mocks.iter().filter(|own| own.type_name == type_name && own.resource == resource);
        let known: Vec<&Ident> =
            same.flat_map(|own| own.values.iter().map(|own| own.name)).collect();
        for (at, own) in values.iter().enumerate() {
            let mut before = known.iter().copied().chain(values[..at].iter().map(|own| own.name));
            if let Some(first) = before.find(|other| other.name == own.name.name) {
                let what = format!("`{}`", own.name.name);
                return Err(Box::new(bad_test::twice(&what, own.name.span, first.span)));
            }
        }
        mocks.push(Mock { type_name, resource, values, span: amend.target.span() });
    }
    Ok(())
}

fn values(body: &Body) -> Result<Vec<MockedValue<'_>>, Box<Diagnostic>> {
    let mut values = Vec::new();
    for entry in &body.entries {
        if let BodyEntryKind::Amend(own) = &entry.kind
            && own.target.steps.is_empty()
            && let AmendOp::Set(expr) = &own.op
            && let Ok(value) = literal(expr)
        {
            values.push(MockedValue { name: &own.target.name, expr, value });
        } else {
            return wrong_value(entry.span, "a value that is written out");
        }
    }
    Ok(values)
}

impl<'a> Mock<'a> {
    /// Returns the schemas of what has this type; none for outputs, and where there is no such type.
    fn schemas(&self, world: &dyn World) -> Vec<Arc<ResourceSchema>> {
        let of = |mode| {
            let (provider, kind) = self.type_name.split_once('.')?;
            world.schema(provider)?.get(mode, kind).cloned()
        };
        Mode::ALL.into_iter().filter_map(of).collect()
    }

    /// Returns a report for each value that no provider computes.
    pub(super) fn check(&self, world: &dyn World) -> Vec<Diagnostic> {
        let schemas = self.schemas(world);
        if schemas.is_empty() {
            return Vec::new();
        }
        let is_computed = |attribute: &&Attribute| attribute.computed;
        let wrong = self.values.iter().filter_map(|own| {
            let name = own.name.name.as_str();
            let mut there = schemas.iter().filter_map(|own| own.block.get(name)).peekable();
            if there.peek().is_none() {
                let all = schemas.iter().flat_map(|own| &own.block.attributes);
                let known = all.filter(|(_, own)| own.computed).map(|(name, _)| name.as_str());
                let span = own.name.span;
                return Some(unknown_attribute::diagnostic(name, span, &self.type_name, known));
            }
            let is_given = there.find(is_computed).is_some();
            (!is_given).then(|| bad_test::not_computed(own.name.span, name, &self.type_name))
        });
        wrong.collect()
    }

    /// Returns the values with the types that they must have.
    pub(super) fn typed(&self, world: &dyn World) -> Vec<(&'a Expr, Type)> {
        let schemas = self.schemas(world);
        let typed = self.values.iter().filter_map(|own| {
            let mut there = schemas.iter().filter_map(|schema| schema.block.get(&own.name.name));
            Some((own.expr, partly(&there.find(|own| own.computed)?.ty).optional()))
        });
        typed.collect()
    }
}

/// Returns the mocks of a resource; those of it alone come before those of its type.
pub(super) fn of<'m, 'a>(
    mocks: &'m [Mock<'a>],
    type_name: &str,
    address: &Address,
) -> Vec<&'m Mock<'a>> {
    let fits = |mock: &&Mock<'_>| {
        mock.type_name == type_name
            && mock.resource.as_ref().is_none_or(|own| own == address.group())
    };
    let mut fitting: Vec<&Mock<'_>> = mocks.iter().filter(fits).collect();
    fitting.sort_by_key(|mock| mock.resource.is_none());
    fitting
}

/// Returns every attribute of a resource, as far as its configuration and its mocks tell.
pub(super) fn attributes(
    mocks: &[&Mock<'_>],
    schema: &ResourceSchema,
    (address, config): (&Address, &Value),
) -> Value {
    let mut map = Map::new();
    for (name, attribute) in &schema.block.attributes {
        let configured = config.as_map().and_then(|config| config.get(name));
        let configured = configured.filter(|value| !value.reveal().is_null()).cloned();
        let mut values = mocks.iter().flat_map(|mock| &mock.values);
        let mut mocked = || values.find(|own| own.name.name == *name).map(|own| own.value.clone());
        let value = configured.or_else(&mut mocked).unwrap_or_else(|| {
            if !attribute.computed {
                return Value::Null;
            }
            attribute.unknown(address, Path::attribute(name.clone()))
        });
        let value = if attribute.sensitive { Value::secret(value) } else { value };
        map.insert(name.clone(), value);
    }
    Value::from(map)
}

/// Returns a type of which records may lack fields: a mock gives what its test needs.
fn partly(ty: &Type) -> Type {
    let Type::Record(record) = ty else { return ty.with_elements(partly) };
    let mut record = RecordType::clone(record);
    for (_, field) in &mut record.fields {
        field.ty = partly(&field.ty).optional();
        field.optional = true;
    }
    Type::Record(record.into())
}

/// Reads `random.id` or `random.id.release`, `network.outputs` or `regional["eu"].outputs`.
fn mocked(target: &Target) -> Option<(String, Option<Str>)> {
    if let [TargetStep::Index { value: key, .. }, TargetStep::Member(outputs)] =
        target.steps.as_slice()
        && let (ExprKind::String(key), "outputs") = (&key.kind, outputs.name.as_str())
    {
        let environment = Address::instance(&target.name.name, key);
        return Some((format!("{environment}.outputs"), None));
    }
    let mut names = Vec::new();
    for step in &target.steps {
        match step {
            TargetStep::Member(name) => names.push(&name.name),
            TargetStep::Index { .. } => return None,
        }
    }
    match names.as_slice() {
        [kind] => Some((format!("{}.{kind}", target.name.name), None)),
        [kind, name] => Some((format!("{}.{kind}", target.name.name), Some((*name).clone()))),
        _ => None,
    }
}
