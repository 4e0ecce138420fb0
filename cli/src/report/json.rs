//! A plan as JSON, in the shape of Terraform's plan format 1.2.
//!
//! Takes a plan and what is recorded; returns one document without any time, name or order that
//! could differ from run to run. Secrets are `(secret)` in values and `true` in the `_sensitive`
//! twins; unknown values are absent and `true` in `after_unknown`. What Terraform has no place for
//! stands under the one key `syncline`.

mod values;

use serde_json::{Map as Object, Value as Json, json};
use syncline_model::{Address, Mode, Path, Place, ProviderId, Step, Value};
use syncline_planner::plan::{Action, Change, Drift, OutputChange, Plan, Reason};
use syncline_planner::record::Recorded;

pub use self::values::{revealed, sensitive, unknown, value};

/// What is recorded, as the report needs it: both sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Prior<'a> {
    /// The resources.
    pub resources: Vec<(&'a Address, &'a Recorded)>,
    /// The outputs.
    pub outputs: Vec<(&'a str, &'a Value)>,
}

/// Returns a plan as one JSON document.
#[must_use]
pub fn plan(plan: &Plan, prior: &Prior<'_>) -> Json {
    let (unchanged, planned) = resources(plan, prior);
    let mut changes: Vec<(String, Json)> = unchanged;
    for change in plan.changes.iter().filter(|change| change.action != Action::Record) {
        changes.push((change.address.to_string(), resource_change(change)));
    }
    changes.sort_by(|left, right| left.0.cmp(&right.0));
    let changes: Vec<Json> = changes.into_iter().map(|(_, json)| json).collect();
    json!({
        "format_version": "1.2",
        "terraform_version": plan.syncline,
        "applyable": !plan.is_empty(),
        "complete": !plan.partial,
        "errored": false,
        "planned_values": {
            "outputs": planned_outputs(plan),
            "root_module": { "resources": planned },
        },
        "prior_state": prior_state(plan, prior),
        "resource_changes": changes,
        "resource_drift": plan.drift.iter().map(drift).collect::<Vec<_>>(),
        "output_changes": output_changes(plan),
        "checks": checks(plan),
        "syncline": own(plan),
    })
}

/// Returns the identity of a resource as Terraform's documents have it.
fn identity(
    address: &Address,
    mode: Mode,
    provider: &ProviderId,
    kind: &str,
) -> Object<String, Json> {
    let mut object = Object::new();
    object.insert("address".to_owned(), json!(address));
    object.insert("mode".to_owned(), json!(mode));
    object.insert("type".to_owned(), json!(format!("{}_{kind}", provider.name)));
    object.insert("name".to_owned(), json!(address.group()));
    if let Some(key) = address.key() {
        object.insert("index".to_owned(), json!(key));
    }
    object.insert("provider_name".to_owned(), json!(provider.to_string()));
    object
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

/// Returns the changes that do nothing, and every resource as it will be.
fn resources(plan: &Plan, prior: &Prior<'_>) -> (Vec<(String, Json)>, Vec<Json>) {
    let mut unchanged = Vec::new();
    let mut planned: Vec<(String, Json)> = Vec::new();
    for (address, recorded) in &prior.resources {
        let at = plan.changes.binary_search_by(|change| change.address.cmp(address));
        let changes = at.is_ok_and(|at| plan.changes[at].action != Action::Record);
        if changes {
            continue;
        }
        let base = identity(address, Mode::Managed, &recorded.provider, &recorded.kind);
        let attributes = value(&recorded.attributes);
        let sensitive = sensitive(&recorded.attributes);
        let change = json!({ "change": {
            "actions": ["no-op"],
            "before": attributes,
            "after": attributes,
            "after_unknown": {},
            "before_sensitive": sensitive,
            "after_sensitive": sensitive,
        }});
        unchanged.push((address.to_string(), with(base.clone(), change)));
        let values = resource_values(base, recorded.schema_version, &recorded.attributes);
        planned.push((address.to_string(), values));
    }
    for change in &plan.changes {
        let stays = !matches!(change.action, Action::Delete | Action::Record);
        if stays {
            let base = identity(&change.address, change.mode, &change.provider, &change.kind);
            let values = resource_values(base, change.schema_version, &change.after);
            planned.push((change.address.to_string(), values));
        }
    }
    planned.sort_by(|left, right| left.0.cmp(&right.0));
    (unchanged, planned.into_iter().map(|(_, json)| json).collect())
}

fn resource_change(change: &Change) -> Json {
    let base = identity(&change.address, change.mode, &change.provider, &change.kind);
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
        Action::Record => json!(["no-op"]),
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
        Reason::Removed => Some("delete_because_no_resource_config"),
        Reason::KeyRemoved => Some("delete_because_each_key"),
        Reason::Deferred => Some("read_because_config_unknown"),
        Reason::New
        | Reason::Changed
        | Reason::Drifted
        | Reason::Gone
        | Reason::CannotUpdate
        | Reason::Tainted
        | Reason::Requested
        | Reason::Destroy
        | Reason::Interrupted
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

fn drift(drift: &Drift) -> Json {
    let base = identity(&drift.address, Mode::Managed, &drift.provider, &drift.kind);
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
    json!({
        "actions": [action],
        "before": value(&output.before),
        "after": value(&output.after),
        "after_unknown": unknown(&output.after),
        "before_sensitive": sensitive(&output.before),
        "after_sensitive": sensitive(&output.after),
    })
}

fn planned_outputs(plan: &Plan) -> Json {
    let mut object = Object::new();
    for output in plan.outputs.iter().filter(|output| output.ty.is_some()) {
        let mut planned = json!({ "sensitive": output.after.has_secret() });
        if output.after.is_known() {
            planned["value"] = value(&output.after);
        }
        object.insert(output.name.to_string(), planned);
    }
    Json::Object(object)
}

fn prior_state(plan: &Plan, prior: &Prior<'_>) -> Json {
    let resources = prior.resources.iter().map(|(address, recorded)| {
        let base = identity(address, Mode::Managed, &recorded.provider, &recorded.kind);
        let Json::Object(base) =
            resource_values(base, recorded.schema_version, &recorded.attributes)
        else {
            return Json::Null;
        };
        with(base, json!({ "depends_on": recorded.depends_on, "tainted": recorded.tainted }))
    });
    let mut outputs = Object::new();
    for (name, output) in &prior.outputs {
        let entry = json!({ "sensitive": output.has_secret(), "value": value(output) });
        outputs.insert((*name).to_owned(), entry);
    }
    json!({
        "format_version": "1.0",
        "terraform_version": plan.syncline,
        "values": {
            "outputs": outputs,
            "root_module": { "resources": resources.collect::<Vec<_>>() },
        },
    })
}

fn checks(plan: &Plan) -> Json {
    let checks = plan.checks.iter().enumerate().map(|(index, check)| {
        let status = match check.condition.as_bool() {
            Some(true) => "pass",
            Some(false) => "fail",
            None => "unknown",
        };
        let name = format!("ensure.{index}");
        json!({
            "address": { "kind": "check", "name": name, "to_display": name },
            "status": status,
            "instances": [{
                "address": { "to_display": name },
                "status": status,
                "problems": if status == "fail" { json!([{ "message": value(&check.message) }]) } else { json!([]) },
            }],
            "place": check.place.as_ref().map(ToString::to_string),
        })
    });
    Json::Array(checks.collect())
}

fn own(plan: &Plan) -> Json {
    let mut provenance = Object::new();
    for change in plan.changes.iter().filter(|change| change.action != Action::Record) {
        let mut paths = Object::new();
        for (path, chain) in &change.provenance {
            let chain: Vec<Json> = chain.iter().map(place).collect();
            paths.insert(path.to_string(), Json::Array(chain));
        }
        let entry = json!({
            "reason": change.reason,
            "declared": change.declared.as_ref().map(place),
            "paths": paths,
        });
        provenance.insert(change.address.to_string(), entry);
    }
    let providers: Vec<Json> = plan
        .providers
        .iter()
        .map(|provider| {
            json!({
                "id": provider.id.to_string(),
                "source": provider.source,
                "version": provider.version,
            })
        })
        .collect();
    json!({
        "environment": plan.environment,
        "goal": plan.goal,
        "config": plan.config,
        "state": { "sequence": plan.state.sequence, "hash": plan.state.hash },
        "providers": providers,
        "counts": plan.counts(),
        "unchanged": plan.unchanged,
        "reads": plan.reads,
        "provenance": provenance,
    })
}

fn place(place: &Place) -> Json {
    json!({ "file": place.file, "line": place.line, "overlay": place.overlay })
}
