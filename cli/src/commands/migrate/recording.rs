//! Taking over what a Terraform state records.
//!
//! Takes states and the schemas that their attributes follow; writes the log of each environment.
//! An environment that has a log already is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use syncline_lang::World as _;
use syncline_migrate::Migrated;
use syncline_migrate::state::Resource;
use syncline_model::{
    Attribute, Block, Digest, EnvironmentName, Lifecycle, Map, Mode, Number, ProviderId, Str, Type,
    Value,
};
use syncline_planner::lease;
use syncline_planner::plan::Bytes;
use syncline_planner::record::{Body, Log as _, Outcome, OutcomeResult, Recorded};
use syncline_planner::resource_type_to_record as to_record;

use crate::commands::running::{RunFlags, acquire};
use crate::exit::Failure;
use crate::project::{Providers, Records};
use crate::session::Session;

/// Records the states; returns a line about each.
pub(super) fn record(
    session: &Session,
    (root, providers): (&Path, Option<&Providers>),
    migrated: &Migrated,
    states: &BTreeMap<String, (PathBuf, String)>,
) -> Result<Vec<String>, Failure> {
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let records = Records::open(root, &session.output)?;
    crate::commands::block_on(async {
        let mut told = Vec::new();
        for (name, (path, text)) in states {
            let (resources, left) = migrated.translation.read(text).map_err(|why| {
                let path = path.display();
                Failure::new(format!("the state of `{name}`, {path}, is not understood: {why}"))
                    .help("`terraform state pull` prints one that is.")
            })?;
            for own in left {
                told.push(format!("not taken over: {name}: {}: {}", own.was, own.why));
            }
            let count = resources.iter().filter(|own| !own.deposed).count();
            let mut replaced = BTreeSet::new();
            let mut bodies = Vec::new();
            for (at, own) in resources.into_iter().enumerate() {
                let is_second = replaced.contains(&own.address);
                if own.deposed {
                    replaced.insert(own.address.clone());
                }
                bodies.push(outcome((at, is_second), own, providers));
            }
            let outputs = migrated.translation.outputs(text).into_iter();
            let values = outputs.map(|(name, value, secret)| {
                let value = untyped(&value);
                (Str::from(name), if secret { Value::secret(value) } else { value })
            });
            bodies.push(Body::Outputs { values: values.collect() });
            append(session, &records, name, bodies).await?;
            told.push(format!("Took over {count} resources of `{name}`."));
        }
        Ok(told)
    })
}

async fn append(
    session: &Session,
    records: &Records,
    name: &str,
    bodies: Vec<Body>,
) -> Result<(), Failure> {
    let environment = EnvironmentName(name.into());
    let log = records.log(&environment)?;
    let mut state = log.state().await?;
    if !state.resources.is_empty() {
        return Err(Failure::new(format!("something is recorded of `{name}` already"))
            .help("Give --no-state to leave it as it is."));
    }
    let flags = RunFlags { yes: true, lock_timeout: std::time::Duration::ZERO, input: false };
    let held = acquire(session, (&log, &environment), &flags, (&mut state, "migrate")).await?;
    let written = log.append(bodies, None).await;
    lease::release(&log, &held).await?;
    written?;
    Ok(())
}

/// Returns the record of a resource; a second one at an address has replaced the first.
fn outcome((at, is_second): (usize, bool), own: Resource, providers: Option<&Providers>) -> Body {
    let schema = providers.and_then(|all| all.schema(&own.provider));
    let schema = schema.and_then(|all| all.get(Mode::Managed, &own.kind).cloned());
    let attributes = match &schema {
        Some(schema) if schema.version == own.schema_version => {
            block(&own.attributes, &schema.block)
        }
        // Of another version the provider itself knows what to make.
        Some(_) | None => untyped(&own.attributes),
    };
    let recorded = Recorded {
        resource_type: to_record(
            &own.resource_type.into(),
            &own.provider,
            Some(&own.source),
            &own.kind,
        ),
        kind: own.kind.into(),
        provider: ProviderId { name: own.provider.into(), alias: own.alias.map(Into::into) },
        source: Str::new(),
        schema_version: own.schema_version,
        attributes,
        private: Bytes(own.private),
        fingerprint: Digest::ZERO,
        depends_on: own.depends_on,
        lifecycle: Lifecycle::default(),
        tainted: own.tainted,
        outdated: false,
        unseen: false,
    };
    let recorded = Box::new(recorded);
    let result = if is_second {
        OutcomeResult::Replaced { recorded }
    } else {
        OutcomeResult::Present(recorded)
    };
    Body::Outcome(Box::new(Outcome {
        operation: format!("migrate.{}", at + 1).into(),
        address: own.address,
        result,
        millis: 0,
        outdates: Vec::new(),
    }))
}

/// Returns attributes as their schema has them; what it does not know is left out.
fn block(json: &Json, block: &Block) -> Value {
    let one = |(name, own): (&Str, &Attribute)| {
        (name.clone(), attribute(json.get(name.as_str()).unwrap_or(&Json::Null), own))
    };
    Value::from(block.attributes.iter().map(one).collect::<Map>())
}

fn attribute(json: &Json, own: &Attribute) -> Value {
    let value = match &own.nested {
        Some(nested) => nested_value(json, &own.ty, &nested.1),
        None => typed(json, &own.ty),
    };
    if own.sensitive && value != Value::Null { Value::secret(value) } else { value }
}

/// Returns the value of nested blocks: records of their own schema.
fn nested_value(json: &Json, ty: &Type, inner: &Block) -> Value {
    match (ty.bare(), json) {
        (_, Json::Null) => Value::Null,
        (Type::List(_), Json::Array(items)) => {
            Value::list(items.iter().map(|item| block(item, inner)))
        }
        (Type::Set(_), Json::Array(items)) => {
            Value::set(items.iter().map(|item| block(item, inner)))
        }
        (Type::Map(_), Json::Object(entries)) => {
            Value::map(entries.iter().map(|(key, own)| (key.as_str(), block(own, inner))))
        }
        // A block that occurs at most once is a record here, and a list there.
        (_, Json::Array(items)) => items.first().map_or(Value::Null, |own| block(own, inner)),
        (_, own) => block(own, inner),
    }
}

fn typed(json: &Json, ty: &Type) -> Value {
    match (ty.bare(), json) {
        (Type::List(element), Json::Array(items)) => {
            Value::list(items.iter().map(|item| typed(item, element)))
        }
        (Type::Set(element), Json::Array(items)) => {
            Value::set(items.iter().map(|item| typed(item, element)))
        }
        (Type::Map(value), Json::Object(entries)) => {
            Value::map(entries.iter().map(|(key, own)| (key.as_str(), typed(own, value))))
        }
        (Type::Record(record), Json::Object(entries)) => {
            Value::map(record.fields.iter().map(|(name, field)| {
                let own = entries.get(name.as_str()).unwrap_or(&Json::Null);
                (name.clone(), typed(own, &field.ty))
            }))
        }
        _ => untyped(json),
    }
}

fn untyped(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => {
            Number::parse(&number.to_string()).map_or(Value::Null, Value::Number)
        }
        Json::String(text) => Value::String(text.as_str().into()),
        Json::Array(items) => Value::list(items.iter().map(untyped)),
        Json::Object(entries) => {
            Value::map(entries.iter().map(|(key, own)| (key.as_str(), untyped(own))))
        }
    }
}
