//! `syncline state import`: recording what a Terraform state of version 4 holds.
//!
//! Takes the document; returns each managed resource with its address. An instance of `count` or
//! `for_each` becomes an instance by its key, a module's resource one of a unit. What Terraform marks as
//! sensitive is secret from here on. A provider has the name that the project gives its source, and what the project
//! does not name keeps its source. Nothing is asked of a provider: the next plan reads what is real.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use syncline_install::Source;
use syncline_lang::stdlib::read_json;
use syncline_migrate::state::{Wholes, steps};
use syncline_migrate::text::short;
use syncline_model::{Address, Digest, Lifecycle, ProviderId, Str, Value};
use syncline_planner::plan::Bytes;
use syncline_planner::record::{Body, Outcome, OutcomeResult, Recorded};
use syncline_planner::resource_type_to_record as to_record;

use crate::exit::Failure;
use crate::project::{BUILT_IN, Required};

#[derive(Deserialize)]
struct Document {
    version: u32,
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Output {
    value: Box<RawValue>,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    module: String,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    provider: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    index_key: Option<serde_json::Value>,
    #[serde(default)]
    schema_version: u32,
    /// As it is written: numbers keep their digits.
    #[serde(default)]
    attributes: Option<Box<RawValue>>,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<PathStep>>,
    #[serde(default)]
    private: String,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    deposed: String,
}

#[derive(Deserialize)]
struct PathStep {
    value: serde_json::Value,
}

/// What was read.
pub(super) struct Imported {
    pub(super) resources: Vec<(Address, Recorded)>,
    pub(super) outputs: Vec<(Str, Value)>,
    /// What was left out, and why.
    pub(super) notes: Vec<String>,
}

/// Reads a document; the project's providers tell what its are called here.
pub(super) fn read(text: &str, named: &[Required]) -> Result<Imported, Failure> {
    let fail = |reason: String| {
        Failure::new(format!("the file is no Terraform state: {reason}"))
            .help("`terraform state pull` or `tofu state pull` prints one.")
    };
    let document: Document = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
    if document.version != 4 {
        return Err(fail(format!("it has version {}, and only 4 is known", document.version)));
    }
    let mut imported = Imported { resources: Vec::new(), outputs: Vec::new(), notes: Vec::new() };
    let (mut needs, mut wholes) = (Vec::new(), Wholes::default());
    for resource in document.resources.iter().filter(|resource| resource.mode == "managed") {
        for instance in &resource.instances {
            let name = format!("{} {}", resource.kind, resource.name);
            if !instance.deposed.is_empty() {
                imported.notes.push(format!("{name}: an old one that is yet to be destroyed"));
                continue;
            }
            match address(resource, instance) {
                Some(address) => {
                    wholes.add(&whole(resource), &address);
                    needs.push(&instance.dependencies);
                    let recorded = recorded(resource, instance, named).map_err(fail)?;
                    imported.resources.push((address, recorded));
                }
                None => imported.notes.push(format!("{name}: its name is no address here")),
            }
        }
    }
    for ((address, recorded), needs) in imported.resources.iter_mut().zip(needs) {
        recorded.depends_on = wholes.needed(needs, address);
    }
    for (name, output) in document.outputs {
        let value = read_json(output.value.get()).map_err(|error| fail(error.to_string()))?;
        let value = if output.sensitive { Value::secret(value) } else { value };
        imported.outputs.push((name.as_str().into(), value));
    }
    Ok(imported)
}

/// Returns the records that say so.
pub(super) fn bodies(imported: Imported) -> Vec<Body> {
    let mut bodies: Vec<Body> = Vec::new();
    for (number, (address, recorded)) in imported.resources.into_iter().enumerate() {
        bodies.push(Body::Outcome(Box::new(Outcome {
            operation: format!("import.{}", number + 1).into(),
            address,
            result: OutcomeResult::Present(Box::new(recorded)),
            millis: 0,
            outdates: Vec::new(),
        })));
    }
    if !imported.outputs.is_empty() {
        bodies.push(Body::Outputs { values: imported.outputs });
    }
    bodies
}

/// `module.net["a"].module.sub` and `web` with the key `b` are `net/a.sub.web/b`.
fn address(resource: &Resource, instance: &Instance) -> Option<Address> {
    let key = match &instance.index_key {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(key)) => Some(key.clone()),
        Some(key) => Some(key.to_string()),
    };
    inside(&steps(&resource.module)?, &resource.name, key.as_deref())
}

/// Returns the address of a resource in a module.
fn inside(module: &[(String, Option<String>)], name: &str, key: Option<&str>) -> Option<Address> {
    let units = module.iter().filter(|(part, _)| part != "module");
    let prefix = units.fold(String::new(), |prefix, (unit, key)| {
        Address::prefix(&prefix, unit, key.as_deref()).to_string()
    });
    Address::parse(Address::inside(&prefix, name, key).as_str()).ok()
}

/// Returns what dependencies name: `module.net.aws_vpc.main`.
fn whole(resource: &Resource) -> String {
    let module = &resource.module;
    let dot = if module.is_empty() { "" } else { "." };
    format!("{module}{dot}{}.{}", resource.kind, resource.name)
}

fn recorded(
    resource: &Resource,
    instance: &Instance,
    named: &[Required],
) -> Result<Recorded, String> {
    let Written { kind: provider, source, alias } = written(&resource.provider);
    let own = resource.kind.strip_prefix(provider).and_then(|rest| rest.strip_prefix('_'));
    // Some have types of another name than their own: those of `google-beta` begin with `google_`.
    let kind = own.filter(|own| !own.is_empty()).unwrap_or_else(|| short(&resource.kind));
    let mut attributes = match &instance.attributes {
        Some(written) => read_json(written.get()).map_err(|error| error.to_string())?,
        None => Value::Null,
    };
    for path in &instance.sensitive_attributes {
        attributes = hide(attributes, path);
    }
    let private = base64::engine::general_purpose::STANDARD.decode(&instance.private);
    let (name, made_by) = called(provider, source, named);
    let known = Some(source).filter(|source| !source.is_empty());
    Ok(Recorded {
        kind: kind.into(),
        resource_type: to_record(&resource.kind.as_str().into(), &name, known, kind),
        provider: ProviderId { name, alias },
        source: made_by,
        schema_version: instance.schema_version,
        attributes,
        private: Bytes(private.unwrap_or_default()),
        fingerprint: Digest::ZERO,
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        tainted: instance.status == "tainted",
        outdated: false,
        unseen: false,
    })
}

/// A provider as a state has it.
struct Written<'a> {
    /// Its type.
    kind: &'a str,
    /// Its address; empty where that is not told.
    source: &'a str,
    alias: Option<Str>,
}

/// Reads `provider["registry.terraform.io/hashicorp/random"].south`, or `provider.random.south` as states before
/// Terraform 0.13 have it, also in a module.
fn written(text: &str) -> Written<'_> {
    if let Some(source) = text.split('"').nth(1) {
        let kind = source.rsplit('/').next().unwrap_or(source);
        let alias = text.rsplit_once("\"].").map(|(_, alias)| alias.into());
        return Written { kind, source, alias };
    }
    let own = text.rsplit_once("provider.").map_or(text, |(_, own)| own);
    let (kind, alias) = own.split_once('.').map_or((own, None), |(kind, own)| (kind, Some(own)));
    Written { kind, source: "", alias: alias.map(Into::into) }
}

/// Returns what a provider is called here, and its source where it has to be told.
fn called(kind: &str, source: &str, named: &[Required]) -> (Str, Str) {
    let origins = || named.iter().map(|own| (own, own.origin()));
    if let Some((own, _)) = origins().find(|(_, origin)| origin.source == source) {
        return (own.name.clone(), Str::new());
    }
    if let Some((own, origin)) =
        origins().find(|(_, origin)| origin.replaces.iter().any(|one| one == source))
    {
        let is_mirrored = source.parse::<Source>().is_ok_and(|one| {
            (one.namespace == own.request.source.namespace) && one.kind == own.request.source.kind
        });
        return (own.name.clone(), if is_mirrored { origin.source } else { source.into() });
    }
    // What is linked in takes what is of its name, as far as it knows it.
    let is_linked_in = BUILT_IN.contains(&kind) && named.iter().all(|own| own.name != kind);
    (kind.into(), if is_linked_in { Str::new() } else { source.into() })
}

/// Marks what stands at a path as secret; what is not there is left.
fn hide(value: Value, path: &[PathStep]) -> Value {
    let Some((step, rest)) = path.split_first() else { return Value::secret(value) };
    match (&value, &step.value) {
        (Value::Map(map), serde_json::Value::String(name)) => {
            let entries = map.iter().map(|(key, own)| {
                let own = own.clone();
                (key.clone(), if key.as_str() == name { hide(own, rest) } else { own })
            });
            Value::map(entries.collect::<Vec<_>>())
        }
        (Value::List(items), serde_json::Value::Number(index)) => {
            let at = index.as_u64().and_then(|index| usize::try_from(index).ok());
            Value::list(items.iter().enumerate().map(|(index, own)| {
                if Some(index) == at { hide(own.clone(), rest) } else { own.clone() }
            }))
        }
        _ => value,
    }
}
