//! Values as JSON: what a state file holds, which providers read to upgrade it.
//!
//! Laws: numbers are exact both ways; what is dynamic goes with its type; nothing unknown is
//! written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use syncline_model::{Map, Number, Secret, Step, Value};

use super::error::{CodecError, CodecErrorKind};
use super::shape::{Member, Shape};

/// Returns a recorded value as JSON. Where the shape does not fit, since the record is of another
/// version, the value itself says what it is.
pub(crate) fn write(shape: Option<&Shape>, value: &Value) -> Result<String, CodecError> {
    let mut text = String::new();
    put(shape, value, &mut text)?;
    Ok(text)
}

fn put(shape: Option<&Shape>, value: &Value, text: &mut String) -> Result<(), CodecError> {
    if let (Some(Shape::Dynamic(_)), false) = (shape, value.is_null()) {
        let own = Shape::of_value(value);
        text.push_str("{\"value\":");
        put(Some(&own), value, text)?;
        text.push_str(",\"type\":");
        text.push_str(&own.to_json().to_string());
        text.push('}');
        return Ok(());
    }
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => put_string(string, text),
        Value::Quantity(quantity) => put_string(&quantity.to_string(), text),
        Value::List(items) | Value::Set(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                put(element_of(shape, at), item, text)
                    .map_err(|error| error.under(Step::Index(at as u32)))?;
            }
            text.push(']');
        }
        Value::Map(map) => put_map(shape, map, text)?,
        Value::Unknown(_) => return Err(CodecErrorKind::Unknown.here()),
        Value::Secret(secret) => match &**secret {
            Secret::Clear(inner) => return put(shape, inner, text),
            Secret::Sealed(_) => return Err(CodecErrorKind::Sealed.here()),
        },
    }
    Ok(())
}

fn put_map(shape: Option<&Shape>, map: &Map, text: &mut String) -> Result<(), CodecError> {
    text.push('{');
    for (at, (key, value)) in map.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        put_string(key, text);
        text.push(':');
        put(member_of(shape, key), value, text).map_err(|e| e.under(Step::Key(key.clone())))?;
    }
    text.push('}');
    Ok(())
}

fn put_string(string: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(string).to_string());
}

fn element_of(shape: Option<&Shape>, at: usize) -> Option<&Shape> {
    match shape? {
        Shape::List(element) | Shape::Set(element) => Some(element),
        Shape::Tuple(elements) => elements.get(at),
        Shape::String
        | Shape::Bool
        | Shape::Number
        | Shape::Dynamic(_)
        | Shape::Map(_)
        | Shape::Object(_) => None,
    }
}

fn member_of<'a>(shape: Option<&'a Shape>, name: &str) -> Option<&'a Shape> {
    match shape? {
        Shape::Map(element) => Some(element),
        Shape::Object(members) => members.iter().find(|own| own.name == name).map(|own| &own.shape),
        Shape::String
        | Shape::Bool
        | Shape::Number
        | Shape::Dynamic(_)
        | Shape::List(_)
        | Shape::Set(_)
        | Shape::Tuple(_) => None,
    }
}

/// Reads a value of a shape from JSON.
pub(crate) fn read(shape: &Shape, bytes: &[u8]) -> Result<Value, CodecError> {
    let raw: &RawValue =
        serde_json::from_slice(bytes).map_err(|e| CodecErrorKind::Json(e.to_string()).here())?;
    take(shape, raw.get())
}

fn parse<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, CodecError> {
    serde_json::from_str(text).map_err(|error| CodecErrorKind::Json(error.to_string()).here())
}

fn take(shape: &Shape, text: &str) -> Result<Value, CodecError> {
    let text = text.trim();
    match (shape, text.as_bytes().first()) {
        (_, Some(b'n')) => Ok(Value::Null),
        (Shape::Dynamic(_), _) => take_dynamic(text),
        (Shape::String, Some(b'"')) => Ok(Value::from(parse::<String>(text)?)),
        (Shape::Bool, Some(b't' | b'f')) => Ok(Value::Bool(parse(text)?)),
        (Shape::Number, Some(b'-' | b'0'..=b'9')) => Number::parse(text)
            .map(Value::Number)
            .map_err(|_| CodecErrorKind::Number(text.chars().take(60).collect()).here()),
        (Shape::List(_) | Shape::Set(_) | Shape::Tuple(_), Some(b'[')) => {
            let raw: Vec<&RawValue> = parse(text)?;
            let mut items = Vec::with_capacity(raw.len());
            for (at, raw) in raw.into_iter().enumerate() {
                let Some(element) = element_of(Some(shape), at) else {
                    let found = "a longer one".to_owned();
                    return Err(CodecErrorKind::Mismatch { expected: "a tuple", found }.here());
                };
                let item = take(element, raw.get());
                items.push(item.map_err(|error| error.under(Step::Index(at as u32)))?);
            }
            let is_set = matches!(shape, Shape::Set(_));
            Ok(if is_set { Value::set(items) } else { Value::List(items.into()) })
        }
        (Shape::Map(element), Some(b'{')) => {
            let raw: BTreeMap<String, &RawValue> = parse(text)?;
            let mut map = Map::with_capacity(raw.len());
            for (key, raw) in raw {
                let value = take(element, raw.get());
                let value = value.map_err(|e| e.under(Step::Key(key.as_str().into())))?;
                map.insert(key, value);
            }
            Ok(Value::from(map))
        }
        (Shape::Object(members), Some(b'{')) => take_object(members, text),
        (shape, _) => {
            let found = "something else".to_owned();
            Err(CodecErrorKind::Mismatch { expected: shape.name(), found }.here())
        }
    }
}

fn take_object(members: &[Member], text: &str) -> Result<Value, CodecError> {
    let raw: BTreeMap<String, &RawValue> = parse(text)?;
    let mut map = Map::new();
    for member in members {
        let value = match raw.get(member.name.as_str()) {
            Some(raw) => take(&member.shape, raw.get())
                .map_err(|error| error.under(Step::Key(member.name.clone())))?,
            None => Value::Null,
        };
        map.insert(member.name.clone(), if value.is_null() { member.absent() } else { value });
    }
    Ok(Value::from(map))
}

fn take_dynamic(text: &str) -> Result<Value, CodecError> {
    let raw: BTreeMap<String, &RawValue> = parse(text)?;
    let part = |name: &str| {
        raw.get(name).copied().ok_or_else(|| CodecErrorKind::Missing(name.to_owned()).here())
    };
    let shape = Shape::parse(part("type")?.get().as_bytes())?;
    take(&shape, part("value")?.get())
}
