//! A plan as JSON, in the shape of Terraform's plan format 1.2.
//!
//! Takes a plan and what is recorded; returns one document, made while it is written, without any time, name or order that
//! could differ from run to run. Secrets are `(secret)` in values and `true` in the `_sensitive`
//! twins; unknown values are absent and `true` in `after_unknown`. What Terraform has no place for
//! stands under the one key `syncline`.

mod configuration;
mod document;
mod values;

use serde_json::{Map as Object, Value as Json, json};
use syncline_lang::{Evaluated, EvaluatedMember};
use syncline_model::{Address, Desired, Mode, Path, Place, ProviderId, Step, Str, Value};
use syncline_planner::State;
use syncline_planner::plan::{Action, Change, Drift, OutputChange, Plan, ReadData, Reason};
use syncline_planner::record::Recorded;

use super::provider_name::provider_name;

pub use self::document::Document;
pub use self::values::{outputs, revealed, sensitive, ty, unknown, value};

/// What a plan was made from, beside what is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The environment as its source says, or as the run that is gone back to was configured with.
    pub desired: &'a Desired,
    /// Its parameters, where it was evaluated.
    pub params: &'a [EvaluatedMember],
}

impl<'a> From<&'a Evaluated> for Source<'a> {
    fn from(evaluated: &'a Evaluated) -> Self {
        Self { desired: &evaluated.desired, params: &evaluated.params }
    }
}

/// Returns a plan as one JSON document, which is made part by part while it is written: of a large
/// plan there is never more than one resource in memory. The state is the one that it was made from, and so is the
/// source.
#[must_use]
pub const fn plan<'a>(plan: &'a Plan, state: &'a State, source: Source<'a>) -> Document<'a> {
    Document { plan, state, source }
}

/// Returns the identity of a resource as Terraform's documents have it: a provider and its types by what they are called
/// everywhere, and not by what the project calls them.
fn identity(
    address: &Address,
    mode: Mode,
    resource_type: &str,
    provider_name: &str,
) -> Object<String, Json> {
    let mut object = Object::new();
    object.insert("address".to_owned(), json!(address));
    object.insert("mode".to_owned(), json!(mode));
    object.insert("type".to_owned(), json!(resource_type));
    object.insert("name".to_owned(), json!(address.group()));
    if let Some(key) = address.key() {
        object.insert("index".to_owned(), json!(key));
    }
    object.insert("provider_name".to_owned(), json!(provider_name));
    object
}

/// Returns the identity of what is recorded.
fn recorded_identity(
    address: &Address,
    recorded: &Recorded,
    state: &State,
) -> Object<String, Json> {
    let source = state.source(&recorded.provider, &recorded.source);
    let provider = provider_name(&recorded.provider.name, source.map_or("", Str::as_str));
    identity(address, Mode::Managed, &state.resource_type(recorded), &provider)
}

/// Returns the whole address of a provider that a plan or its state names.
fn provider_of(id: &ProviderId, plan: &Plan, state: &State) -> String {
    let planned = plan.providers.iter().find(|own| own.id == *id);
    let source = planned.map(|own| &own.source).filter(|source| !source.is_empty());
    let source = source.or_else(|| state.sources.get(&id.name));
    provider_name(&id.name, source.map_or("", Str::as_str))
}

fn with(mut object: Object<String, Json>, extra: Json) -> Json {
    if let Json::Object(extra) = extra {
        object.extend(extra);
    }
    Json::Object(object)
}

fn resource_values(base: Object<String, Json>, schema_version: u32, attributes: &Value) -> Json {
    with(
        base,
        json!({
            "schema_version": schema_version,
            "values": value(attributes),
            "sensitive_values": sensitive(attributes),
        }),
    )
}

/// Returns the change of a resource that nothing is done to.
fn no_change(address: &Address, recorded: &Recorded, state: &State) -> Json {
    with(recorded_identity(address, recorded, state), still(&recorded.attributes))
}

/// Returns a change that changes nothing.
fn still(attributes: &Value) -> Json {
    let (values, sensitive) = (value(attributes), sensitive(attributes));
    json!({ "change": {
        "actions": ["no-op"],
        "before": values,
        "after": values,
        "after_unknown": {},
        "before_sensitive": sensitive,
        "after_sensitive": sensitive,
    }})
}

/// Returns the change of a resource that is only recorded anew.
fn noted(change: &Change, provider_name: &str) -> Json {
    let base = identity(&change.address, change.mode, &change.resource_type, provider_name);
    with(base, still(&change.after))
}

/// Returns by what something is taken over: an id, or else the expression that identifies it.
fn importing(id: &str) -> Json {
    let text = serde_json::from_str::<String>(id);
    json!({ "id": text.as_deref().unwrap_or(id) })
}

/// Returns the change of a resource that is left to others, untouched.
fn forgotten(address: &Address, recorded: &Recorded, state: &State) -> Json {
    let base = recorded_identity(address, recorded, state);
    with(
        base,
        json!({ "change": {
            "actions": ["forget"],
            "before": value(&recorded.attributes),
            "after": null,
            "after_unknown": {},
            "before_sensitive": sensitive(&recorded.attributes),
            "after_sensitive": false,
        }}),
    )
}

/// Returns a recorded resource as it stays.
fn kept(address: &Address, recorded: &Recorded, state: &State) -> Json {
    let base = recorded_identity(address, recorded, state);
    resource_values(base, recorded.schema_version, &recorded.attributes)
}

/// Returns a resource as it will be.
fn planned(change: &Change, provider_name: &str) -> Json {
    let base = identity(&change.address, change.mode, &change.resource_type, provider_name);
    resource_values(base, change.schema_version, &change.after)
}

fn resource_change(change: &Change, provider_name: &str) -> Json {
    let base = identity(&change.address, change.mode, &change.resource_type, provider_name);
    let mut inner = Object::new();
    inner.insert("actions".to_owned(), actions(change.action));
    inner.insert("before".to_owned(), value(&change.before));
    inner.insert("after".to_owned(), value(&change.after));
    inner.insert("after_unknown".to_owned(), unknown(&change.after));
    inner.insert("before_sensitive".to_owned(), sensitive(&change.before));
    inner.insert("after_sensitive".to_owned(), sensitive(&change.after));
    if !change.replace_paths.is_empty() {
        let paths: Vec<Json> = change.replace_paths.iter().map(path).collect();
        inner.insert("replace_paths".to_owned(), Json::Array(paths));
    }
    let mut extra = Object::new();
    extra.insert("change".to_owned(), Json::Object(inner));
    if change.is_of_deposed() {
        // Which of several it is, nobody has to know: all of them go.
        extra.insert("deposed".to_owned(), json!("old"));
    }
    if let Some(reason) = action_reason(change) {
        extra.insert("action_reason".to_owned(), json!(reason));
    }
    with(base, Json::Object(extra))
}

fn actions(action: Action) -> Json {
    match action {
        Action::Create => json!(["create"]),
        Action::Update => json!(["update"]),
        Action::Replace => json!(["delete", "create"]),
        Action::ReplaceCreateFirst => json!(["create", "delete"]),
        Action::Delete => json!(["delete"]),
        Action::Read => json!(["read"]),
        Action::Check | Action::Record => json!(["no-op"]),
    }
}

/// Returns the reason as Terraform names it, where it has a name for it.
fn action_reason(change: &Change) -> Option<&'static str> {
    let replaces = matches!(change.action, Action::Replace | Action::ReplaceCreateFirst);
    match change.reason {
        Reason::CannotUpdate if replaces => Some("replace_because_cannot_update"),
        Reason::Tainted if replaces => Some("replace_because_tainted"),
        Reason::Requested if replaces => Some("replace_by_request"),
        Reason::Dependency if replaces => Some("replace_by_triggers"),
        Reason::Removed | Reason::OtherType | Reason::OtherConfiguration => {
            Some("delete_because_no_resource_config")
        }
        Reason::KeyRemoved => Some("delete_because_each_key"),
        Reason::Deferred | Reason::Ephemeral => Some("read_because_config_unknown"),
        Reason::New
        | Reason::Changed
        | Reason::Drifted
        | Reason::Gone
        | Reason::CannotUpdate
        | Reason::Tainted
        | Reason::Requested
        | Reason::Destroy
        | Reason::Interrupted
        | Reason::Adopted
        | Reason::Moved
        | Reason::Unseen
        | Reason::Dependency => None,
    }
}

fn path(path: &Path) -> Json {
    let steps = path.0.iter().map(|step| match step {
        Step::Index(index) => json!(index),
        Step::Key(key) => json!(key),
    });
    Json::Array(steps.collect())
}

fn drift(drift: &Drift, provider_name: &str) -> Json {
    let base = identity(&drift.address, Mode::Managed, &drift.resource_type, provider_name);
    let action = if drift.found.is_null() { "delete" } else { "update" };
    with(
        base,
        json!({ "change": {
            "actions": [action],
            "before": value(&drift.recorded),
            "after": value(&drift.found),
            "after_unknown": {},
            "before_sensitive": sensitive(&drift.recorded),
            "after_sensitive": sensitive(&drift.found),
        }}),
    )
}

fn output_changes(plan: &Plan) -> Json {
    let mut object = Object::new();
    for output in &plan.outputs {
        object.insert(output.name.to_string(), output_change(output));
    }
    Json::Object(object)
}

fn output_change(output: &OutputChange) -> Json {
    let action = match (&output.before, &output.after) {
        (before, after) if before == after => "no-op",
        (Value::Null, _) => "create",
        (_, Value::Null) => "delete",
        _ => "update",
    };
    // These are no objects, as they are of a resource, where nothing is unknown, and whatever of an output is secret.
    let known = output.after.is_known();
    let mut change = json!({
        "actions": [action],
        "before": value(&output.before),
        "after_unknown": if known { json!(false) } else { unknown(&output.after) },
        "before_sensitive": output.before.has_secret(),
        "after_sensitive": output.after.has_secret(),
    });
    if !output.after.is_unknown() {
        change["after"] = value(&output.after);
    }
    change
}

fn planned_outputs(plan: &Plan) -> Json {
    let mut object = Object::new();
    for output in plan.outputs.iter().filter(|output| output.ty.is_some()) {
        let mut planned = json!({ "sensitive": output.after.has_secret() });
        if output.after.is_known() {
            planned["type"] = ty(&output.after);
            planned["value"] = value(&output.after);
        }
        object.insert(output.name.to_string(), planned);
    }
    Json::Object(object)
}

/// Returns a recorded resource as it was found.
fn prior_resource(
    address: &Address,
    recorded: &Recorded,
    (found, state): (&Value, &State),
) -> Json {
    let base = recorded_identity(address, recorded, state);
    let Json::Object(base) = resource_values(base, recorded.schema_version, found) else {
        return Json::Null;
    };
    with(base, json!({ "depends_on": recorded.depends_on, "tainted": recorded.tainted }))
}

/// Returns a data source as it was read.
fn prior_data(data: &ReadData) -> Json {
    let provider = provider_name(&data.provider.name, &data.source);
    let base = identity(&data.address, Mode::Data, &data.resource_type, &provider);
    resource_values(base, data.schema_version, &data.attributes)
}

fn checks(plan: &Plan) -> Json {
    let checks = plan.checks.iter().enumerate().map(|(index, check)| {
        let status = match check.condition.as_bool() {
            Some(true) => "pass",
            Some(false) => "fail",
            None => "unknown",
        };
        let name = format!("ensure.{index}");
        let mut instance = json!({ "address": { "to_display": name }, "status": status });
        if status == "fail" {
            instance["problems"] = json!([{ "message": value(&check.message) }]);
        }
        json!({
            "address": { "kind": "check", "name": name, "to_display": name },
            "status": status,
            "instances": [instance],
            "place": check.place.as_ref().map(ToString::to_string),
        })
    });
    Json::Array(checks.collect())
}

/// Returns where a change comes from.
fn provenance(change: &Change) -> Json {
    let mut paths = Object::new();
    for (path, chain) in &change.provenance {
        let chain: Vec<Json> = chain.iter().map(place).collect();
        paths.insert(path.to_string(), Json::Array(chain));
    }
    json!({
        "provider": change.provider.to_string(),
        "reason": change.reason,
        "health": change.health.iter().map(value).collect::<Vec<_>>(),
        "declared": change.declared.as_ref().map(place),
        "paths": paths,
    })
}

fn providers(plan: &Plan) -> Json {
    let providers = plan.providers.iter().map(|provider| {
        json!({
            "id": provider.id.to_string(),
            "source": provider.source,
            "version": provider.version,
        })
    });
    Json::Array(providers.collect())
}

fn place(place: &Place) -> Json {
    let line = Some(place.line).filter(|line| *line > 0);
    json!({ "file": place.file, "line": line, "overlay": place.overlay })
}
