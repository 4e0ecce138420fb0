//! What is recorded, as JSON: in our own form, and as Terraform's state of version 4.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use syncline_model::{Address, EnvironmentName, Value};
use syncline_planner::record::Recorded;
use syncline_planner::{Entry, State};

use crate::report::json::{sensitive, value};

/// The form of an export.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum Format {
    /// Our own
    Syncline,
    /// Terraform's state, version 4
    Terraform,
}

pub(super) fn export(environment: &EnvironmentName, state: &State, format: Format) -> Json {
    match format {
        Format::Syncline => own(environment, state),
        Format::Terraform => terraform(environment, state),
    }
}

fn own(environment: &EnvironmentName, state: &State) -> Json {
    let resources: Vec<Json> =
        state.resources.iter().map(|(address, own)| entry(address, own)).collect();
    json!({
        "environment": environment,
        "sequence": state.mark.sequence,
        "hash": state.mark.hash,
        "outputs": outputs(state),
        "resources": resources,
    })
}

/// Returns one entry.
pub(super) fn entry(address: &Address, entry: &Entry) -> Json {
    let mut json = match &entry.recorded {
        Some(recorded) => json!({
            "type": format!("{}.{}", recorded.provider.name, recorded.kind),
            "provider": recorded.provider.to_string(),
            "schema_version": recorded.schema_version,
            "attributes": value(&recorded.attributes),
            "sensitive": sensitive(&recorded.attributes),
            "fingerprint": recorded.fingerprint,
            "depends_on": recorded.depends_on,
            "lifecycle": recorded.lifecycle,
            "tainted": recorded.tainted,
        }),
        None => json!({}),
    };
    json["address"] = json!(address);
    json["deposed"] = json!(entry.deposed.len());
    json["in_flight"] = json!(entry.in_flight.is_some());
    json
}

fn outputs(state: &State) -> Json {
    let mut outputs = Map::new();
    for (name, output) in &state.outputs {
        let entry = json!({ "value": value(output), "sensitive": output.has_secret() });
        outputs.insert(name.to_string(), entry);
    }
    Json::Object(outputs)
}

fn terraform(environment: &EnvironmentName, state: &State) -> Json {
    let mut groups: BTreeMap<&str, Vec<(&Address, &Recorded)>> = BTreeMap::new();
    for (address, entry) in &state.resources {
        if let Some(recorded) = &entry.recorded {
            groups.entry(address.group()).or_default().push((address, recorded));
        }
    }
    let mut outputs = Map::new();
    for (name, output) in &state.outputs {
        let mut entry = json!({ "value": value(output), "type": ty(output) });
        if output.has_secret() {
            entry["sensitive"] = json!(true);
        }
        outputs.insert(name.to_string(), entry);
    }
    let resources: Vec<Json> = groups
        .into_iter()
        .filter_map(|(name, group)| {
            let (_, first) = group.first()?;
            let provider = &first.provider.name;
            let instances: Vec<Json> =
                group.iter().map(|(own, recorded)| instance(own, recorded, state)).collect();
            Some(json!({
                "mode": "managed",
                "type": format!("{provider}_{}", first.kind),
                "name": name,
                "provider": format!("provider[\"registry.terraform.io/syncline/{provider}\"]"),
                "instances": instances,
            }))
        })
        .collect();
    json!({
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": state.mark.sequence,
        "lineage": lineage(environment, state),
        "outputs": outputs,
        "resources": resources,
        "check_results": null,
    })
}

fn instance(address: &Address, recorded: &Recorded, state: &State) -> Json {
    let mut dependencies: Vec<String> = recorded
        .depends_on
        .iter()
        .filter_map(|need| {
            let needed = state.resources.get(need)?.recorded.as_deref()?;
            Some(format!("{}_{}.{}", needed.provider.name, needed.kind, need.group()))
        })
        .collect();
    dependencies.sort();
    dependencies.dedup();
    let secret = recorded.attributes.as_map().map(|map| {
        let secret = map.iter().filter(|(_, value)| value.has_secret());
        secret.map(|(name, _)| json!([{ "type": "get_attr", "value": name }])).collect::<Vec<_>>()
    });
    let mut json = json!({
        "schema_version": recorded.schema_version,
        "attributes": value(&recorded.attributes),
        "sensitive_attributes": secret.unwrap_or_default(),
        "dependencies": dependencies,
    });
    if let Some(key) = address.key() {
        json["index_key"] = json!(key);
    }
    if recorded.tainted {
        json["status"] = json!("tainted");
    }
    json
}

fn ty(value: &Value) -> Json {
    match value.reveal() {
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::List(items) | Value::Set(items) => {
            json!(["tuple", items.iter().map(ty).collect::<Vec<_>>()])
        }
        Value::Map(map) => {
            let types: Map<String, Json> =
                map.iter().map(|(name, value)| (name.to_string(), ty(value))).collect();
            json!(["object", types])
        }
        Value::Null | Value::Unknown(_) | Value::Secret(_) => json!("dynamic"),
        Value::String(_) | Value::Quantity(_) => json!("string"),
    }
}

/// Returns what tells this state's history from others: the same for every export of a log.
fn lineage(environment: &EnvironmentName, state: &State) -> String {
    let begun = state.runs.first().map(|run| run.begun).unwrap_or_default();
    let text = syncline_model::Digest::of(format!("{environment} {begun}").as_bytes()).to_string();
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..32])
}
