//! Taking over what a Terraform state records.
//!
//! Takes states and the schemas that their attributes follow; writes the log of each environment.
//! An environment that has a log already is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syncline_lang::World as _;
use syncline_migrate::Migrated;
use syncline_migrate::state::{Resource, of_type};
use syncline_model::{
    Attribute, Block, Digest, EnvironmentName, Lifecycle, Map, Mode, ProviderId, Str, Type, Value,
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
            block(&own.attributes, &schema.block, own.says_types)
        }
        // Of another version the provider itself knows what to make.
        Some(_) | None => own.attributes,
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
fn block(value: &Value, block: &Block, says_types: bool) -> Value {
    let one = |(name, own): (&Str, &Attribute)| {
        (name.clone(), attribute(value.attribute(name), own, says_types))
    };
    Value::from(block.attributes.iter().map(one).collect::<Map>())
}

fn attribute(value: &Value, own: &Attribute, says_types: bool) -> Value {
    let value = match &own.nested {
        Some(nested) => nested_value(value, &own.ty, (&nested.1, says_types)),
        None => typed(value, &own.ty, says_types),
    };
    if own.sensitive && value != Value::Null { Value::secret(value) } else { value }
}

/// Returns the value of nested blocks: records of their own schema.
fn nested_value(value: &Value, ty: &Type, (inner, says_types): (&Block, bool)) -> Value {
    let one = |own: &Value| block(own, inner, says_types);
    match (ty.bare(), value) {
        (_, Value::Null) => Value::Null,
        (Type::List(_), Value::List(items)) => Value::list(items.iter().map(one)),
        (Type::Set(_), Value::List(items)) => Value::set(items.iter().map(one)),
        (Type::Map(_), Value::Map(entries)) => {
            Value::map(entries.iter().map(|(key, own)| (key.as_str(), one(own))))
        }
        // A block that occurs at most once is a record here, and a list there.
        (_, Value::List(items)) => items.first().map_or(Value::Null, one),
        (_, own) => one(own),
    }
}

fn typed(value: &Value, ty: &Type, says_types: bool) -> Value {
    let one = |own: &Value, ty: &Type| typed(own, ty, says_types);
    match (ty.bare(), value) {
        (Type::List(element), Value::List(items)) => {
            Value::list(items.iter().map(|item| one(item, element)))
        }
        (Type::Set(element), Value::List(items)) => {
            Value::set(items.iter().map(|item| one(item, element)))
        }
        (Type::Map(value), Value::Map(entries)) => {
            Value::map(entries.iter().map(|(key, own)| (key.as_str(), one(own, value))))
        }
        (Type::Record(record), Value::Map(entries)) => {
            Value::map(record.fields.iter().map(|(name, field)| {
                (name.clone(), one(entries.get(name.as_str()).unwrap_or(&Value::Null), &field.ty))
            }))
        }
        (Type::Any, Value::Map(entries)) if says_types && entries.len() == 2 => {
            match (entries.get("value"), entries.get("type")) {
                (Some(value), Some(ty)) => of_type(value, ty),
                _ => value.clone(),
            }
        }
        _ => value.clone(),
    }
}
