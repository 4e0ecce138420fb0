//! Making strings, lists and maps out of parts.

use std::sync::Arc;

use syncline_model::{Map, Str, Value};

use super::apply::{mark, unknown};
use super::scan::Facts;
use super::{ALL, ErrorKind, OpError, Operation, access, check_items, check_text};

/// `"${a}${b}"` on known parts without marks.
pub(super) fn interpolate(parts: &[Value]) -> Result<Value, OpError> {
    let mut text = Str::new();
    for (at, part) in parts.iter().enumerate() {
        let piece = text_of(part).map_err(|error| error.at(at))?;
        check_text(text.len() + piece.len())?;
        text.push_str(&piece);
    }
    Ok(text.into())
}

/// Returns the text of a string, number, bool or quantity.
pub(crate) fn text_of(value: &Value) -> Result<Str, OpError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_text()),
        Value::Bool(value) => Ok(if *value { "true" } else { "false" }.into()),
        Value::Quantity(quantity) => Ok(quantity.to_text()),
        Value::Null => Err(OpError::new(ErrorKind::Mismatch, "null has no text")
            .help("Give a value for null: `value ?? \"\"`.")),
        Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Unknown(_) | Value::Secret(_) => {
            Err(OpError::new(ErrorKind::Mismatch, format!("{} has no text", value.kind())).help(
                "Choose a form: `std.json.encode(value)`, or `std.strings.join(list, \", \")`.",
            ))
        }
    }
}

/// `[...a, ...b]`
pub(super) fn concat(lists: &[Value]) -> Result<Value, OpError> {
    let mut items = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        match list.as_items() {
            Some(more) => {
                check_items(items.len() + more.len())?;
                items.extend_from_slice(more);
            }
            None => return Err(OpError::mismatch(at, "a list to spread", list)),
        }
    }
    Ok(Value::list(items))
}

/// `{ [a] = b }`
pub(super) fn map_entry(key: &Value, value: &Value) -> Result<Value, OpError> {
    let mut facts = Facts::default();
    facts.scan(key, ALL)?;
    if facts.unknown {
        return unknown(&Operation::MapEntry, &[key.clone(), value.clone()]);
    }
    let name = access::key_text(key.reveal()).map_err(|error| error.at(0))?;
    let mut map = Map::new();
    map.insert(name, value.clone());
    Ok(mark(Value::Map(Arc::new(map)), facts.secret))
}

/// `{ ...a, ...b }`: where a key comes twice, the later one wins.
pub(super) fn merge(maps: &[Value]) -> Result<Value, OpError> {
    let mut entries: Vec<(Str, Value)> = Vec::new();
    for (at, map) in maps.iter().enumerate() {
        match map.as_map() {
            Some(more) => {
                check_items(entries.len() + more.len())?;
                entries.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            None => return Err(OpError::mismatch(at, "a map to spread", map)),
        }
    }
    Ok(entries.into_iter().collect::<Map>().into())
}
