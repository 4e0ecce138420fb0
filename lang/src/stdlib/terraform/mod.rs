//! `std.terraform`: what Terraform's functions give, byte for byte.
//!
//! The sources are Terraform's own libraries: go-cty's `format` and JSON, and go-cty-yaml, whose layout is that
//! of libyaml's emitter.

mod format;
#[cfg(test)]
mod tests;
mod yaml;

use syncline_model::Value;

use super::Entry;
use super::arguments::any;
use crate::ops::{OpError, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("jsonencode", |args| json(any(args, 0)).map(Value::from)),
    Entry::deep("yamlencode", |args| yaml::encode(any(args, 0)).map(Value::from)),
    Entry::deep("format", format::format),
];

/// Returns a value as Go writes JSON.
fn json(value: &Value) -> Result<String, OpError> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, into: &mut String) -> Result<(), OpError> {
    match value {
        Value::Null => into.push_str("null"),
        Value::Bool(value) => into.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => into.push_str(&number.to_string()),
        Value::String(text) => quote(text, into),
        Value::Quantity(quantity) => quote(&quantity.to_text(), into),
        Value::List(items) | Value::Set(items) => {
            into.push('[');
            for (at, item) in items.iter().enumerate() {
                into.push_str(if at > 0 { "," } else { "" });
                write(item, into)?;
            }
            into.push(']');
        }
        Value::Map(map) => {
            into.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                into.push_str(if at > 0 { "," } else { "" });
                quote(key, into);
                into.push(':');
                write(value, into)?;
            }
            into.push('}');
        }
        Value::Unknown(_) | Value::Secret(_) => {
            return Err(OpError::mismatch(0, "a value that is known", value));
        }
    }
    check_text(into.len())
}

/// Writes a string as Go's `encoding/json` does by default.
fn quote(text: &str, into: &mut String) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            '\0'..'\u{20}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                into.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            plain => into.push(plain),
        }
    }
    into.push('"');
}
