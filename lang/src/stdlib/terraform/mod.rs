//! `std.terraform`: what Terraform's functions give, byte for byte.
//!
//! The sources are Terraform's own libraries: go-cty's `format`, `formatdate` and JSON, and go-cty-yaml, whose
//! layout is that of libyaml's emitter.

mod dates;
mod format;
#[cfg(test)]
mod tests;
mod texts;
mod yaml;
mod yaml_read;

use syncline_model::Value;

use super::Entry;
use super::arguments::any;
use super::json::{by_number, quote_with, written};
use crate::ops::OpError;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("jsonencode", |args| json(any(args, 0)).map(Value::from)),
    Entry::deep("yamlencode", |args| yaml::encode(any(args, 0)).map(Value::from)),
    Entry::deep("format", format::format),
    Entry::deep("formatlist", format::format_list),
    Entry::deep("formatdate", dates::format),
    Entry::deep("timeadd", dates::add),
    Entry::deep("title", texts::title),
    Entry::deep("substr", texts::substr),
    Entry::deep("splat", texts::splat),
    Entry::deep("flatten", texts::flatten),
    Entry::looking("texts", &[0], texts::texts),
    Entry::deep("tobool", texts::tobool),
    Entry::deep("range", texts::range),
    Entry::deep("pow", texts::power),
    Entry::deep("yamldecode", yaml_read::decode),
];

/// Returns a value as Go writes JSON.
fn json(value: &Value) -> Result<String, OpError> {
    written(value, None, quote)
}

/// Writes a string as Go's `encoding/json` does by default.
fn quote(text: &str, into: &mut String) {
    quote_with(text, into, |character| match character {
        '\u{8}' => Some("\\b".to_owned()),
        '\u{c}' => Some("\\f".to_owned()),
        '\0'..'\u{20}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => Some(by_number(character)),
        _ => None,
    });
}
