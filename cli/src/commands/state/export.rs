//! What is recorded, as JSON: in our own form, and as Terraform's state of version 4.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use syncline_model::{Address, EnvironmentName, Segment, Str, Value};
use syncline_planner::record::Recorded;
use syncline_planner::{Entry, State};

use crate::project::Required;
use crate::report::json::{sensitive, ty, value};
use crate::report::provider_name::provider_name;

/// The form of an export.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum Format {
    /// Our own
    Syncline,
    /// Terraform's state, version 4
    Terraform,
}

/// Where the providers of records come from.
struct Sources<'a> {
    state: &'a State,
    /// The providers that the project names: what nothing was recorded of goes by the name.
    named: &'a [Required],
}

impl Sources<'_> {
    /// Returns the address of what made something; nothing where that is not known, as of what is linked in.
    fn of(&self, recorded: &Recorded) -> String {
        let name = &recorded.provider.name;
        match self.state.source(&recorded.provider, &recorded.source) {
            Some(source) => source.to_string(),
            None => {
                let own = self.named.iter().find(|own| own.name == *name);
                own.map_or(String::new(), |own| own.request.source.to_string())
            }
        }
    }
}

pub(super) fn export(
    environment: &EnvironmentName,
    state: &State,
    format: Format,
    named: &[Required],
) -> Json {
    match format {
        Format::Syncline => own(environment, state),
        Format::Terraform => terraform(environment, state, &Sources { state, named }),
    }
}

fn own(environment: &EnvironmentName, state: &State) -> Json {
    let resources: Vec<Json> =
        state.resources.iter().map(|(address, own)| entry(address, own, state)).collect();
    json!({
        "environment": environment,
        "sequence": state.mark.sequence,
        "hash": state.mark.hash,
        "outputs": outputs(state),
        "resources": resources,
    })
}

/// Returns what has secrets, which an export for Terraform leaves out.
pub(super) fn secretive(state: &State) -> Vec<String> {
    let resources = state.resources.iter().filter(|(_, entry)| {
        entry.recorded.as_ref().is_some_and(|recorded| recorded.attributes.has_secret())
    });
    let outputs = state.outputs.iter().filter(|(_, value)| value.has_secret());
    let resources = resources.map(|(address, _)| format!("`{address}`"));
    resources.chain(outputs.map(|(name, _)| format!("the output `{name}`"))).collect()
}

/// Returns a value with nothing in place of each secret: whoever reads the document would take words in its place
/// for the secret.
fn without_secrets(value: &Value) -> Value {
    let mut left_out = |own: Value| {
        let is_secret = matches!(own, Value::Secret(_));
        Ok::<_, std::convert::Infallible>(if is_secret { Value::Null } else { own })
    };
    match value.transform(&mut left_out) {
        Ok(shown) => shown,
        Err(never) => match never {},
    }
}

/// Returns one entry.
pub(super) fn entry(address: &Address, entry: &Entry, state: &State) -> Json {
    let mut json = match &entry.recorded {
        Some(recorded) => json!({
            "type": format!("{}.{}", recorded.provider.name, recorded.kind),
            "resource_type": state.resource_type(recorded),
            "provider": recorded.provider.to_string(),
            "source": state.source(&recorded.provider, &recorded.source),
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

/// Units become modules. Terraform wants numbers where a resource or a module is counted: where all keys are the first
/// whole numbers.
fn terraform(environment: &EnvironmentName, state: &State, sources: &Sources<'_>) -> Json {
    let mut groups: BTreeMap<(String, String), Vec<(&Address, &Recorded)>> = BTreeMap::new();
    let keys = Keys::of(state);
    let all: All<'_> = (state, &keys);
    for (address, entry) in &state.resources {
        if let Some(recorded) = &entry.recorded {
            let (module, name, _) = keys.place(address);
            groups.entry((module, name)).or_default().push((address, recorded));
        }
    }
    let mut outputs = Map::new();
    for (name, output) in &state.outputs {
        let shown = without_secrets(output);
        let mut entry = json!({ "value": value(&shown), "type": ty(&shown) });
        if output.has_secret() {
            entry["sensitive"] = json!(true);
        }
        outputs.insert(name.to_string(), entry);
    }
    let resources: Vec<Json> = groups
        .into_iter()
        .filter_map(|((module, name), group)| {
            let (_, first) = group.first()?;
            let instances: Vec<Json> =
                group.iter().map(|(own, recorded)| instance(own, recorded, &all)).collect();
            let mut resource = json!({
                "mode": "managed",
                "type": state.resource_type(first),
                "name": name,
                "provider": provider(first, sources),
                "instances": instances,
            });
            if !module.is_empty() {
                resource["module"] = json!(module);
            }
            Some(resource)
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

/// What an instance is seen in.
type All<'a> = (&'a State, &'a Keys<'a>);

/// Returns `provider["HOST/NAMESPACE/TYPE"].alias`; what is built in is served under our own namespace.
fn provider(recorded: &Recorded, sources: &Sources<'_>) -> String {
    let id = &recorded.provider;
    let name = provider_name(&id.name, &sources.of(recorded));
    let alias = id.alias.as_ref().map_or(String::new(), |alias| format!(".{alias}"));
    format!("provider[\"{name}\"]{alias}")
}

/// How addresses are told apart, and the keys of everything that has instances, by the names on the way to it.
struct Keys<'s> {
    /// What is keyed and a unit, by its address without the key.
    units: BTreeSet<&'s str>,
    keys: BTreeMap<String, BTreeSet<Str>>,
}

impl<'s> Keys<'s> {
    fn of(state: &'s State) -> Self {
        let mut keys = Self { units: units(state), keys: BTreeMap::new() };
        for address in state.resources.keys() {
            let mut way = String::new();
            for Segment { name, key } in keys.segments(address) {
                way.push_str(&format!(".{name}"));
                keys.keys.entry(way.clone()).or_default().extend(key);
            }
        }
        keys
    }

    /// Returns the members of an address: what follows a dot behind the last key may be a member of a unit.
    fn segments(&self, address: &Address) -> Vec<Segment> {
        let mut segments = address.segments();
        let behind = address.as_str().rsplit_once('/');
        let behind = behind.filter(|(group, _)| self.units.contains(group));
        let Some((key, names)) = behind.and_then(|(_, last)| last.split_once('.')) else {
            return segments;
        };
        if let Some(last) = segments.last_mut() {
            last.key = Address::parse(&format!("unit/{key}")).ok().and_then(|own| own.key());
        }
        segments.extend(names.split('.').map(|name| Segment { name: name.into(), key: None }));
        segments
    }

    /// Returns a key as Terraform writes it.
    fn key(&self, way: &str, key: &Str) -> Json {
        let keys = &self.keys[way];
        let counted = (0..keys.len()).all(|number| keys.contains(number.to_string().as_str()));
        match key.parse::<u64>() {
            Ok(number) if counted => json!(number),
            Ok(_) | Err(_) => json!(key),
        }
    }

    /// Returns the module of a resource, with its keys, its name, and its own key.
    fn place(&self, address: &Address) -> (String, String, Option<Json>) {
        let (mut module, mut way) = (Vec::new(), String::new());
        let mut segments = self.segments(address);
        let last = segments.pop();
        for Segment { name, key } in segments {
            way.push_str(&format!(".{name}"));
            let key = key.map(|key| format!("[{}]", self.key(&way, &key))).unwrap_or_default();
            module.push(format!("module.{name}{key}"));
        }
        let Some(Segment { name, key }) = last else {
            return (module.join("."), String::new(), None);
        };
        way.push_str(&format!(".{name}"));
        (module.join("."), name.to_string(), key.map(|key| self.key(&way, &key)))
    }
}

/// Returns what is keyed and seen to be a unit: it has members with keys of their own, members of several types, or a key
/// that is written as that of a unit.
fn units(state: &State) -> BTreeSet<&str> {
    let (mut units, mut kinds) = (BTreeSet::new(), BTreeMap::new());
    for (address, entry) in &state.resources {
        let Some((group, last)) = address.as_str().rsplit_once('/') else { continue };
        // Of two keys the first one is a unit's.
        units.extend(group.rsplit_once('/').map(|(outer, _)| outer));
        if last.contains("%2E") && last.contains('.') {
            units.insert(group);
        }
        let kind = entry.recorded.as_deref().map(|own| (&own.provider.name, &own.kind));
        if last.contains('.') && *kinds.entry(group).or_insert(kind) != kind {
            units.insert(group);
        }
    }
    units
}

fn instance(address: &Address, recorded: &Recorded, (state, keys): &All<'_>) -> Json {
    let mut dependencies: Vec<String> = recorded
        .depends_on
        .iter()
        .filter_map(|need| {
            let needed = state.resources.get(need)?.recorded.as_deref()?;
            let mut segments = keys.segments(need);
            let name = segments.pop()?.name;
            // It depends on a whole resource, in every instance of a module.
            let modules: String =
                segments.iter().map(|own| format!("module.{}.", own.name)).collect();
            Some(format!("{modules}{}.{name}", state.resource_type(needed)))
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
        "attributes": value(&without_secrets(&recorded.attributes)),
        "sensitive_attributes": secret.unwrap_or_default(),
        "dependencies": dependencies,
    });
    if let (.., Some(key)) = keys.place(address) {
        json["index_key"] = key;
    }
    if recorded.tainted {
        json["status"] = json!("tainted");
    }
    json
}

/// Returns what tells this state's history from others: the same for every export of a log.
fn lineage(environment: &EnvironmentName, state: &State) -> String {
    let begun = state.runs.first().map(|run| run.begun).unwrap_or_default();
    let text = syncline_model::Digest::of(format!("{environment} {begun}").as_bytes()).to_string();
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..32])
}
