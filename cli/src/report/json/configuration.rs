//! What a plan was made from, in the shape of Terraform's `configuration`, `variables` and `relevant_attributes`.
//!
//! Takes what is desired; returns what each provider, resource and output is set to, or what it refers to where that is
//! known only later. It never returns an expression's text: overlays and parameters have gone into what it is.
//!
//! Laws: every instance has an entry, at the address that its changes have, since each may be set to something else;
//! what is known is a `constant_value`, and what is not has `references`, the most specific first, whatever is
//! recorded: the same source gives the same entry.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map as Object, Value as Json, json};
use syncline_lang::EvaluatedMember;
use syncline_model::{
    Address, Desired, DesiredOutput, DesiredProvider, DesiredResource, Mode, Path, Residual, Str,
    Value,
};
use syncline_planner::State;
use syncline_planner::plan::Plan;

use super::document::{Document, List};
use super::{identity, path, provider_name, value};

/// What types are called by their providers: by the provider's name in the project, and by the type's own.
type Types<'a> = BTreeMap<(&'a Str, Mode, &'a Str), Str>;

/// What is configured.
pub(super) struct Configuration<'a> {
    desired: &'a Desired,
    types: Types<'a>,
}

impl<'a> Configuration<'a> {
    /// Returns what the plan of a document was configured with.
    pub(super) fn of(document: &Document<'a>) -> Self {
        let types = types(document.plan, document.state);
        Self { desired: document.source.desired, types }
    }

    fn resource(&self, resource: &DesiredResource) -> Json {
        let id = &resource.provider;
        let provider = self.desired.providers.iter().find(|own| own.id == *id);
        let source = provider.map_or("", |own| own.source.as_str());
        let known = self.types.get(&(&id.name, resource.mode, &resource.kind));
        // What is neither recorded nor planned is called as its provider's source says.
        let resource_type = known.map_or_else(
            || {
                let last = source.rsplit('/').next().filter(|last| !last.is_empty());
                format!("{}_{}", last.unwrap_or(&id.name), resource.kind)
            },
            ToString::to_string,
        );
        let name = provider_name(&id.name, source);
        let mut own = identity(&resource.address, resource.mode, &resource_type, &name);
        own.remove("provider_name");
        own.insert("provider_config_key".to_owned(), json!(id.to_string()));
        own.insert("expressions".to_owned(), expressions(&resource.config));
        Json::Object(own)
    }
}

impl Serialize for Configuration<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        let providers = self.desired.providers.iter();
        let providers: BTreeMap<String, Json> =
            providers.map(|own| (own.id.to_string(), provider(own))).collect();
        map.serialize_entry("provider_config", &providers)?;
        map.serialize_entry("root_module", &Root(self))?;
        map.end()
    }
}

struct Root<'a>(&'a Configuration<'a>);

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let desired = self.0.desired;
        let mut map = serializer.serialize_map(Some(2))?;
        let outputs: BTreeMap<&str, Json> =
            desired.outputs.iter().map(|own| (own.name.as_str(), output(own))).collect();
        map.serialize_entry("outputs", &outputs)?;
        let resources = List(|| desired.resources.iter().map(|own| self.0.resource(own)));
        map.serialize_entry("resources", &resources)?;
        map.end()
    }
}

/// Returns what types are called, as far as the plan and the state say.
fn types<'a>(plan: &'a Plan, state: &'a State) -> Types<'a> {
    let mut types = Types::new();
    for entry in state.resources.values() {
        if let Some(own) = entry.recorded.as_deref() {
            let key = (&own.provider.name, Mode::Managed, &own.kind);
            types.entry(key).or_insert_with(|| state.resource_type(own));
        }
    }
    let changes = plan.changes.iter();
    let changes =
        changes.map(|own| ((&own.provider.name, own.mode, &own.kind), &own.resource_type));
    let data = plan.data.iter();
    let data = data.map(|own| ((&own.provider.name, Mode::Data, &own.kind), &own.resource_type));
    types.extend(changes.chain(data).map(|(key, own)| (key, own.clone())));
    types
}

fn provider(provider: &DesiredProvider) -> Json {
    let id = &provider.id;
    let mut own = json!({
        "name": id.name,
        "full_name": provider_name(&id.name, &provider.source),
    });
    if let Some(alias) = &id.alias {
        own["alias"] = json!(alias);
    }
    if !provider.version.is_empty() {
        own["version_constraint"] = json!(provider.version);
    }
    let expressions = expressions(&provider.config);
    if expressions.as_object().is_some_and(|own| !own.is_empty()) {
        own["expressions"] = expressions;
    }
    own
}

fn output(output: &DesiredOutput) -> Json {
    let mut own = json!({ "expression": expression(&output.value) });
    if output.value.has_secret() {
        own["sensitive"] = json!(true);
    }
    if !output.doc.is_empty() {
        own["description"] = json!(output.doc);
    }
    own
}

fn expressions(config: &Value) -> Json {
    let entries = config.reveal().as_map().into_iter().flat_map(|map| map.iter());
    Json::Object(entries.map(|(name, value)| (name.to_string(), expression(value))).collect())
}

fn expression(own: &Value) -> Json {
    if own.is_known() {
        return json!({ "constant_value": value(own) });
    }
    let mut references: Vec<String> = Vec::new();
    let mut add = |reference: String| {
        if !references.contains(&reference) {
            references.push(reference);
        }
    };
    own.each_residual(&mut |residual| match residual {
        Residual::Attribute { address, path } => {
            if !path.is_empty() {
                add(format!("{address}{}", joined(path)));
            }
            add(address.to_string());
        }
        Residual::Output { environment, name, .. } => add(format!("{environment}.outputs.{name}")),
        Residual::Provider | Residual::Local(_) | Residual::Apply { .. } | Residual::Each(_) => {}
    });
    json!({ "references": references })
}

/// Returns a path as it is written behind an address.
fn joined(path: &Path) -> String {
    let text = path.to_string();
    if text.starts_with('[') { text } else { format!(".{text}") }
}

/// Returns the parameters with their values; one that waits for something has none.
pub(super) fn variables(params: &[EvaluatedMember]) -> Json {
    let entries = params.iter().map(|own| {
        let known = own.value.is_known();
        let entry = if known { json!({ "value": value(&own.value) }) } else { json!({}) };
        (own.name.to_string(), entry)
    });
    Json::Object(entries.collect::<Object<String, Json>>())
}

/// Returns the attributes of resources that what changes refers to.
pub(super) fn relevant_attributes(plan: &Plan, desired: &Desired) -> Json {
    let mut relevant: BTreeMap<(Address, Path), Json> = BTreeMap::new();
    let mut note = |own: &Value| {
        own.each_residual(&mut |residual| {
            if let Residual::Attribute { address, path: at } = residual {
                let entry = || json!({ "resource": address, "attribute": path(at) });
                if !at.is_empty() {
                    relevant.entry((address.clone(), at.clone())).or_insert_with(entry);
                }
            }
        });
    };
    let changed = plan.changes.iter().filter(|own| !own.is_silent());
    for change in changed {
        let at = desired.resources.binary_search_by(|own| own.address.cmp(&change.address));
        if let Ok(at) = at {
            note(&desired.resources[at].config);
        }
    }
    let changed = plan.outputs.iter().filter(|own| own.before != own.after);
    for output in changed {
        let own = desired.outputs.iter().find(|own| own.name == output.name);
        own.into_iter().for_each(|own| note(&own.value));
    }
    Json::Array(relevant.into_values().collect())
}
