//! Values as JSON, and their twins that say what is secret and what is unknown.

use std::collections::BTreeMap;

use serde_json::{Map as Object, Value as Json, json};
use syncline_model::{Number, Str, Value};

/// Returns a value as JSON: secrets as `(secret)`, unknown ones absent from maps and null in lists.
#[must_use]
pub fn value(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown(_) => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Number(own) => number(own),
        Value::String(text) => json!(text),
        Value::Quantity(quantity) => json!(quantity.to_text()),
        Value::List(items) | Value::Set(items) => {
            Json::Array(items.iter().map(self::value).collect())
        }
        Value::Map(map) => Json::Object(
            map.iter()
                .filter(|(_, entry)| !matches!(entry, Value::Unknown(_)))
                .map(|(key, entry)| (key.to_string(), self::value(entry)))
                .collect(),
        ),
        Value::Secret(_) if value.is_unknown() => Json::Null,
        Value::Secret(_) => json!("(secret)"),
    }
}

/// Returns a number as JSON: as a string where JSON's readers would lose digits of it.
fn number(number: &Number) -> Json {
    if let Some(whole) = number.as_i64() {
        return json!(whole);
    }
    let text = number.to_string();
    let parsed: Option<f64> = text.parse().ok();
    match parsed {
        Some(float) if float.to_string() == text => json!(float),
        _ => json!(text),
    }
}

/// Returns a value in clear as JSON, secrets included: only for what the user asks for by name.
#[must_use]
pub fn revealed(value: &Value) -> Json {
    match value.reveal() {
        Value::List(items) | Value::Set(items) => Json::Array(items.iter().map(revealed).collect()),
        Value::Map(map) => Json::Object(
            map.iter().map(|(key, entry)| (key.to_string(), revealed(entry))).collect(),
        ),
        other @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_)) => self::value(other),
    }
}

/// Returns an output with its type, as Terraform has it.
fn output(output: &Value) -> Json {
    json!({ "sensitive": output.has_secret(), "type": ty(output), "value": value(output) })
}

/// Returns all outputs.
#[must_use]
pub fn outputs(all: &BTreeMap<Str, Value>) -> Json {
    all.iter().map(|(name, own)| (name.to_string(), output(own))).collect()
}

/// Returns the type of a value as Terraform writes types.
#[must_use]
pub fn ty(value: &Value) -> Json {
    match value.reveal() {
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::List(items) | Value::Set(items) => {
            json!(["tuple", items.iter().map(ty).collect::<Vec<_>>()])
        }
        Value::Map(map) => {
            let types: Object<String, Json> =
                map.iter().map(|(name, value)| (name.to_string(), ty(value))).collect();
            json!(["object", types])
        }
        Value::Null | Value::Unknown(_) | Value::Secret(_) => json!("dynamic"),
        Value::String(_) | Value::Quantity(_) => json!("string"),
    }
}

/// Returns `true` for what is secret, and the structure that leads there; `{}` or `false` when
/// nothing is.
#[must_use]
pub fn sensitive(value: &Value) -> Json {
    marks(value, &|value| matches!(value, Value::Secret(_)))
}

/// Returns `true` for what is unknown, and the structure around it as OpenTofu writes it: `{}` where
/// all is known, and else every list with its elements and every map without its plain entries.
#[must_use]
pub fn unknown(value: &Value) -> Json {
    if value.is_known() { Json::Object(Object::new()) } else { holes(value) }
}

fn holes(value: &Value) -> Json {
    match value.reveal() {
        Value::Unknown(_) => Json::Bool(true),
        Value::Map(map) => Json::Object(
            map.iter()
                .map(|(key, entry)| (key.to_string(), holes(entry)))
                .filter(|(_, hole)| *hole != Json::Bool(false))
                .collect(),
        ),
        Value::List(items) | Value::Set(items) => Json::Array(items.iter().map(holes).collect()),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Secret(_) => Json::Bool(false),
    }
}

fn marks(value: &Value, is_marked: &dyn Fn(&Value) -> bool) -> Json {
    if is_marked(value) {
        return Json::Bool(true);
    }
    match value {
        Value::Map(map) => {
            let mut object = Object::new();
            for (key, entry) in map.iter() {
                let mark = marks(entry, is_marked);
                let is_empty = match &mark {
                    Json::Bool(flag) => !flag,
                    Json::Object(entries) => entries.is_empty(),
                    Json::Array(items) => items.iter().all(|item| *item == Json::Bool(false)),
                    Json::Null | Json::Number(_) | Json::String(_) => true,
                };
                if !is_empty {
                    object.insert(key.to_string(), mark);
                }
            }
            Json::Object(object)
        }
        Value::List(items) | Value::Set(items) => {
            Json::Array(items.iter().map(|item| marks(item, is_marked)).collect())
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => Json::Bool(false),
    }
}
