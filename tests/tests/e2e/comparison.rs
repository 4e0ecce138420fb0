//! The same configurations through OpenTofu and Syncline, with the same providers' programs: the
//! same plan JSON (actions, before, after, after_unknown, replace_paths) and the same attributes in
//! the end.
//!
//! `comparison/cases.json` holds, by the case's name, what is there at first and what then.
//! `comparison/expected.json` holds what OpenTofu made of it: where there is one (named by
//! `SYNCLINE_TOFU`, or on the path) it is asked again, and with `UPDATE_EXPECT=1` the file is
//! written; everywhere Syncline is compared with the file. What is random or a time is only
//! compared as being there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::external::{built, tofu};
use crate::process::{Project, finish};

const PROVIDERS: [&str; 5] = ["fixture", "legacy", "time", "random", "null"];
/// Those whose values are other ones in each run.
const VOLATILE: [&str; 3] = ["time_", "random_", "null_"];

/// A type and its configuration, by the resource's name.
type Resources = BTreeMap<String, (String, Value)>;

/// What there is `first` and `then`, by the case's name.
type Cases = BTreeMap<String, BTreeMap<String, Resources>>;

/// What a program makes of all cases.
struct Outcome {
    first: Value,
    then: Value,
    last: Value,
}

/// Returns the name of a case's resource among those of all cases.
fn full(case: usize, name: &str) -> String {
    format!("c{case}_{name}")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/comparison")
}

/// Returns a value as an expression of either language: a reference is all that differs.
fn render(value: &Value, case: usize, resources: &Resources, language: Language) -> String {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("ref") {
                let (name, attribute) = reference.split_once('.').unwrap();
                let full = full(case, name);
                return match language {
                    Language::Syncline => format!("{full}.{attribute}"),
                    Language::OpenTofu => format!("{}.{full}.{attribute}", resources[name].0),
                };
            }
            let entries = map.iter().map(|(name, value)| {
                format!("{name} = {}", render(value, case, resources, language))
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items = items.iter().map(|item| render(item, case, resources, language));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Syncline,
    OpenTofu,
}

/// What the type of a data source begins with: what it says is compared as what there is in the end.
const DATA: &str = "data.";

/// With what a resource is replaced stands among its attributes.
const REPLACE_WITH: &str = "replace_with";

/// Names that are blocks in OpenTofu's language.
const BLOCKS: [&str; 3] = ["rule", "disk", "owner"];

fn source(cases: &Cases, part: &str, language: Language) -> String {
    let mut text = String::new();
    for (number, case) in cases.values().enumerate() {
        let resources = &case[part];
        for (name, (kind, config)) in resources {
            let full = full(number, name);
            let data = kind.strip_prefix(DATA);
            let (keyword, kind) = data.map_or(("resource", &**kind), |kind| ("data", kind));
            text += &match language {
                Language::Syncline => {
                    format!("{keyword} {} {full} {{\n", kind.replacen('_', ".", 1))
                }
                Language::OpenTofu => format!("{keyword} \"{kind}\" \"{full}\" {{\n"),
            };
            for (name, value) in config.as_object().unwrap() {
                if name == REPLACE_WITH {
                    text += &replaced_with(value, number, resources, language);
                    continue;
                }
                let is_block = language == Language::OpenTofu && BLOCKS.contains(&name.as_str());
                if let (true, Value::Array(items)) = (is_block, value) {
                    for item in items {
                        text += &format!("  {name} {}\n", block(item, number, resources));
                    }
                } else {
                    let value = render(value, number, resources, language);
                    text += &format!("  {name} = {value}\n");
                }
            }
            text += "}\n";
        }
    }
    text
}

/// Says with what a resource is replaced, given as `name` and `name.attribute`.
fn replaced_with(value: &Value, case: usize, resources: &Resources, language: Language) -> String {
    let named = value.as_array().unwrap().iter().map(|named| {
        let named = text(named);
        let (name, attribute) = named.split_once('.').unwrap_or((&named, ""));
        let dot = if attribute.is_empty() { "" } else { "." };
        let full = full(case, name);
        match language {
            Language::Syncline => format!("{full}{dot}{attribute}"),
            Language::OpenTofu => format!("{}.{full}{dot}{attribute}", resources[name].0),
        }
    });
    let named = named.collect::<Vec<_>>().join(", ");
    match language {
        Language::Syncline => format!("  @replace_with({named})\n"),
        Language::OpenTofu => {
            format!("  lifecycle {{\n    replace_triggered_by = [{named}]\n  }}\n")
        }
    }
}

fn block(value: &Value, case: usize, resources: &Resources) -> String {
    let entries = value.as_object().unwrap().iter().map(|(name, value)| {
        format!("    {name} = {}\n", render(value, case, resources, Language::OpenTofu))
    });
    format!("{{\n{}  }}", entries.collect::<String>())
}

fn syncline(cases: &Cases, programs: &Path) -> Outcome {
    let project = Project::empty();
    let mut text = String::from("project \"test\" {\n  providers = {\n");
    for kind in PROVIDERS {
        text += &format!("    {kind} = {{ source = \"example.com/test/{kind}\" }}\n");
    }
    project.write("project.sync", text + "  }\n}\n");
    project.write("rc", overrides(programs));
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("SYNCLINE_CONFIG_FILE", project.path("rc"));
        finish(command.spawn().unwrap()).exits(0).stdout
    };
    let write = |part: &str| {
        let text = source(cases, part, Language::Syncline);
        project.write("main.sync", format!("environment dev {{\n{text}}}\n"));
    };
    let plan =
        || serde_json::from_str(&run(&["plan", "dev", "--json", "--refresh", "all"])).unwrap();
    write("first");
    let first = plan();
    run(&["apply", "dev", "--yes"]);
    write("then");
    let then = plan();
    run(&["apply", "dev", "--yes"]);
    Outcome { first, then, last: plan() }
}

fn opentofu(cases: &Cases, programs: &Path) -> Option<Outcome> {
    let tofu = tofu()?;
    let project = Project::empty();
    let mut text = String::from("terraform {\n  required_providers {\n");
    for kind in PROVIDERS {
        text += &format!("    {kind} = {{ source = \"example.com/test/{kind}\" }}\n");
    }
    project.write("providers.tf", text + "  }\n}\n");
    project.write("rc", overrides(programs));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&tofu);
        command.args(arguments).current_dir(project.path("."));
        command.env("TF_CLI_CONFIG_FILE", project.path("rc")).env("CHECKPOINT_DISABLE", "1");
        let ran = command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "tofu {arguments:?}: {said}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let plan = || {
        run(&["plan", "-out=plan"]);
        serde_json::from_str(&run(&["show", "-json", "plan"])).unwrap()
    };
    let write = |part: &str| {
        project.write("main.tf", source(cases, part, Language::OpenTofu));
    };
    write("first");
    let first = plan();
    run(&["apply", "plan"]);
    write("then");
    let then = plan();
    run(&["apply", "plan"]);
    Some(Outcome { first, then, last: plan() })
}

fn overrides(programs: &Path) -> String {
    let programs = programs.display();
    let entries =
        PROVIDERS.map(|kind| format!("    \"example.com/test/{kind}\" = \"{programs}\"\n"));
    format!("provider_installation {{\n  dev_overrides {{\n{}  }}\n}}\n", entries.concat())
}

/// Returns the parts that are compared, by case: what changes at first, what then, and what there
/// is in the end.
fn compared(cases: &Cases, outcome: &Outcome) -> BTreeMap<String, Value> {
    let (first, then) = (changes(&outcome.first), changes(&outcome.then));
    let left: Vec<_> = changes(&outcome.last).into_keys().collect();
    assert!(left.is_empty(), "there is still something to do: {left:?}");
    let resources = outcome.last["prior_state"]["values"]["root_module"]["resources"].as_array();
    let last: BTreeMap<_, _> =
        resources.unwrap().iter().map(|one| (text(&one["name"]), &one["values"])).collect();
    let mut all = BTreeMap::new();
    for (number, (case, resources)) in cases.iter().enumerate() {
        let mut compared = json!({ "first": {}, "then": {}, "last": {} });
        let both = resources["first"].iter().chain(&resources["then"]);
        for (name, (kind, _)) in both {
            let full = full(number, name);
            let is_volatile = VOLATILE.iter().any(|prefix| kind.starts_with(prefix));
            let (before, after) = (first.get(&full), then.get(&full));
            let masks: Vec<&Value> = [before, after]
                .into_iter()
                .flatten()
                .map(|change| &change["after_unknown"])
                .filter(|_| is_volatile)
                .collect();
            let mut put = |part: &str, value: Value| {
                let value = masks.iter().fold(value, |value, mask| masked(value, mask));
                let masked = plain(value);
                compared[part][name] = masked;
            };
            for (part, change) in [("first", before), ("then", after)] {
                if let Some(change) = change {
                    put(part, change.clone());
                }
            }
            if let Some(values) = last.get(&full) {
                put("last", (*values).clone());
            }
        }
        all.insert(case.clone(), compared);
    }
    all
}

/// Returns what a plan changes, by the resource's name.
fn changes(plan: &Value) -> BTreeMap<String, Value> {
    let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
    let changing = changes.iter().filter(|one| one["change"]["actions"] != json!(["no-op"]));
    changing
        .map(|one| {
            let change = &one["change"];
            let mut paths = change["replace_paths"].as_array().cloned().unwrap_or_default();
            paths.sort_by_key(Value::to_string);
            let kept = json!({
                "actions": change["actions"],
                "before": change["before"],
                "after": change["after"],
                "after_unknown": change["after_unknown"],
                "replace_paths": paths,
            });
            (text(&one["name"]), kept)
        })
        .collect()
}

/// Sets of blocks or texts, whose order says nothing.
const SETS: [&str; 3] = ["rule", "tags", "owner"];

/// Returns a value in one of its forms: sets in order, and numbers that a 64 bit reader might round
/// as texts, which is how Syncline writes them.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted = |name: &str, mut value: Value| {
                if let (true, Value::Array(items)) = (SETS.contains(&name), &mut value) {
                    items.sort_by_key(Value::to_string);
                }
                value
            };
            Value::Object(
                map.into_iter()
                    .map(|(name, value)| {
                        let value = sorted(&name, plain(value));
                        (name, value)
                    })
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Number(number) if number.is_u64() && !number.is_i64() => json!(number.to_string()),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Returns a change, or a resource's values, without what is another one in each run.
fn masked(value: Value, mask: &Value) -> Value {
    match (value, mask) {
        (Value::Object(map), _) if map.contains_key("after_unknown") => {
            let parts = map.into_iter().map(|(name, part)| {
                let is_values = name == "before" || name == "after";
                (name, if is_values { masked(part, mask) } else { part })
            });
            Value::Object(parts.collect())
        }
        (Value::Object(map), Value::Object(masks)) => Value::Object(
            map.into_iter()
                .map(|(name, value)| {
                    let mask = masks.get(&name).unwrap_or(&Value::Null);
                    (name, masked(value, mask))
                })
                .collect::<Map<_, _>>(),
        ),
        (Value::Null, Value::Bool(true)) => Value::Null,
        (_, Value::Bool(true)) => json!("made"),
        (value, _) => value,
    }
}

#[test]
fn plans_and_results_are_those_of_opentofu() {
    let mut programs = PROVIDERS.map(built).into_iter();
    let Some(Some(program)) = programs.next() else { return };
    if programs.any(|program| program.is_none()) {
        return;
    }
    let folder = folder();
    let cases = std::fs::read_to_string(folder.join("cases.json")).unwrap();
    let cases: Cases = serde_json::from_str(&cases).unwrap();
    assert!(cases.len() >= 40);
    let programs = program.parent().unwrap();
    let file = folder.join("expected.json");
    let asked = opentofu(&cases, programs).map(|outcome| compared(&cases, &outcome));
    if let Some(theirs) = &asked
        && std::env::var_os("UPDATE_EXPECT").is_some()
    {
        std::fs::write(&file, serde_json::to_string_pretty(theirs).unwrap() + "\n").unwrap();
    }
    let expected: BTreeMap<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let ours = compared(&cases, &syncline(&cases, programs));
    let mut differences = Vec::new();
    for (case, expected) in &expected {
        differences.extend(difference(case, "Syncline", expected, &ours[case]));
        if let Some(asked) = &asked {
            differences.extend(difference(case, "OpenTofu", expected, &asked[case]));
        }
    }
    assert_eq!(expected.len(), cases.len(), "write the file anew, with UPDATE_EXPECT=1");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Returns the parts in which two outcomes differ.
fn difference(case: &str, who: &str, expected: &Value, found: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let mut open = vec![(String::new(), expected, found)];
    while let Some((path, expected, found)) = open.pop() {
        match (expected, found) {
            (Value::Object(left), Value::Object(right)) => {
                let names: std::collections::BTreeSet<_> =
                    left.keys().chain(right.keys()).collect();
                for name in names {
                    let of = |map: &'_ Map<String, Value>| map.get(name).is_some();
                    let (is_left, is_right) = (of(left), of(right));
                    if is_left && is_right {
                        open.push((format!("{path}.{name}"), &left[name], &right[name]));
                    } else {
                        let one = left.get(name).or(right.get(name)).unwrap();
                        let whose = if is_left { "only expected" } else { "only found" };
                        differences.push(format!("{case}: {who}: {path}.{name}: {whose}: {one}"));
                    }
                }
            }
            _ if expected == found => {}
            _ => differences.push(format!("{case}: {who}: {path}: {found}, expected {expected}")),
        }
    }
    differences
}
