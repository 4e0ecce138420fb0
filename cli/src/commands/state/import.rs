//! `syncline state import`: recording what a Terraform state of version 4 holds.
//!
//! Takes the document; returns each managed resource with its address. An instance of `count` or
//! `for_each` becomes an instance by its key, a module's resource one of a unit. What Terraform marks as
//! sensitive is secret from here on. Nothing is asked of a provider: the next plan reads what is real.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;
use syncline_migrate::state::steps;
use syncline_model::{Address, Digest, Lifecycle, ProviderId, Str, Value};
use syncline_planner::plan::Bytes;
use syncline_planner::record::{Body, Outcome, OutcomeResult, Recorded};

use crate::exit::Failure;
use crate::project::from_json;

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
    value: serde_json::Value,
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
    #[serde(default)]
    attributes: serde_json::Value,
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

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Imported, Failure> {
    let fail = |reason: String| {
        Failure::new(format!("the file is no Terraform state: {reason}"))
            .help("`terraform state pull` or `tofu state pull` prints one.")
    };
    let document: Document = serde_json::from_str(text).map_err(|error| fail(error.to_string()))?;
    if document.version != 4 {
        return Err(fail(format!("it has version {}, and only 4 is known", document.version)));
    }
    let mut imported = Imported { resources: Vec::new(), outputs: Vec::new(), notes: Vec::new() };
    for resource in document.resources.iter().filter(|resource| resource.mode == "managed") {
        for instance in &resource.instances {
            let name = format!("{} {}", resource.kind, resource.name);
            if !instance.deposed.is_empty() {
                imported.notes.push(format!("{name}: an old one that is yet to be destroyed"));
                continue;
            }
            match address(resource, instance) {
                Some(address) => imported.resources.push((address, recorded(resource, instance))),
                None => imported.notes.push(format!("{name}: its name is no address here")),
            }
        }
    }
    for (name, output) in document.outputs {
        let value = from_json(&output.value);
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

/// `module.net.aws_vpc.main` is `net.main`.
fn dependency(need: &str) -> Option<Address> {
    let steps = steps(need)?;
    let [module @ .., _, (name, _)] = steps.as_slice() else { return None };
    inside(module, name, None)
}

fn recorded(resource: &Resource, instance: &Instance) -> Recorded {
    let provider = provider_name(&resource.provider);
    let prefix = format!("{provider}_");
    let kind = resource.kind.strip_prefix(&prefix).unwrap_or(&resource.kind);
    let mut attributes = from_json(&instance.attributes);
    for path in &instance.sensitive_attributes {
        attributes = hide(attributes, path);
    }
    let private = base64::engine::general_purpose::STANDARD.decode(&instance.private);
    let needs = instance.dependencies.iter().filter_map(|need| dependency(need));
    Recorded {
        kind: kind.into(),
        provider: ProviderId { name: provider.as_str().into(), alias: alias(&resource.provider) },
        schema_version: instance.schema_version,
        attributes,
        private: Bytes(private.unwrap_or_default()),
        fingerprint: Digest::ZERO,
        depends_on: needs.collect(),
        lifecycle: Lifecycle::default(),
        tainted: instance.status == "tainted",
        outdated: false,
        unseen: false,
    }
}

/// `provider["registry.terraform.io/hashicorp/random"]` is `random`.
fn provider_name(text: &str) -> String {
    let source = text.split('"').nth(1).unwrap_or(text);
    source.rsplit('/').next().unwrap_or(source).to_owned()
}

/// `provider["..."].south` has the alias `south`.
fn alias(text: &str) -> Option<Str> {
    let (_, rest) = text.rsplit_once("\"].")?;
    Some(rest.into())
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
