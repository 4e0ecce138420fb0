//! `std.toml`: TOML 1.0, numbers exact.
//!
//! Numbers are taken from their text, so that no binary fraction comes between. TOML has moments in
//! time, which the language has as text: they become what `std.time` reads.

use syncline_model::{Map, Number, Str, Value};
use toml::de::{DeTable, DeValue};

use super::Entry;
use super::arguments::{any, invalid, text};
use super::json::{quote, unreadable};
use super::numbers::in_base;
use crate::ops::{ErrorKind, OpError, check_items, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("encode", |args| {
        let Value::Map(map) = any(args, 0) else {
            return Err(OpError::mismatch(0, "a map", any(args, 0))
                .help("A TOML text is a table: `std.toml.encode({ values = list })`."));
        };
        let mut writer = Writer::default();
        writer.table(map)?;
        Ok(writer.text.into())
    }),
    Entry::deep("decode", |args| decode(text(args, 0)?)),
];

fn decode(text: &str) -> Result<Value, OpError> {
    let place = |at: usize| {
        let before = &text[..text.floor_char_boundary(at)];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    };
    let table = DeTable::parse(text).map_err(|error| {
        let (line, column) = place(error.span().map_or(0, |span| span.start));
        unreadable("TOML", line, column, error.message())
    })?;
    read_table(table.get_ref()).map_err(|(at, problem)| {
        let (line, column) = place(at);
        unreadable("TOML", line, column, &problem)
    })
}

/// Where something is that is TOML, but no value of the language, and why.
type Problem = (usize, String);

fn read_table(table: &DeTable<'_>) -> Result<Value, Problem> {
    let entries = table.iter().map(|(key, value)| {
        Ok((Str::from(&**key.get_ref()), read(value.get_ref(), value.span().start)?))
    });
    Ok(entries.collect::<Result<Vec<_>, Problem>>()?.into_iter().collect::<Map>().into())
}

fn read(value: &DeValue<'_>, at: usize) -> Result<Value, Problem> {
    Ok(match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Integer(number) => in_base(number.as_str(), number.radix())
            .map(Value::from)
            .ok_or_else(|| (at, "the number has too many digits".to_owned()))?,
        DeValue::Float(number) => Number::parse(number.as_str().trim_start_matches('+'))
            .map(Value::from)
            .map_err(|error| (at, format!("`{}` is no number here: {error}", number.as_str())))?,
        DeValue::Array(items) => {
            let items = items.iter().map(|item| read(item.get_ref(), item.span().start));
            Value::list(items.collect::<Result<Vec<_>, _>>()?)
        }
        DeValue::Table(table) => read_table(table)?,
    })
}

/// What is written so far, and the names of the table that is being written.
#[derive(Default)]
struct Writer {
    text: String,
    path: Vec<String>,
}

impl Writer {
    /// Writes what stands in a line of its own, and behind it the tables: they end what is above.
    fn table(&mut self, map: &Map) -> Result<(), OpError> {
        for (key, value) in map.iter().filter(|(_, own)| !own.is_null() && !is_table(own)) {
            write_key(key, &mut self.text);
            self.text.push_str(" = ");
            self.inline(value)?;
            self.text.push('\n');
        }
        for (key, value) in map.iter().filter(|(_, own)| is_table(own)) {
            let mut name = String::new();
            write_key(key, &mut name);
            self.path.push(name);
            if let Some(inner) = value.as_map() {
                // One that has nothing but tables is made by them.
                if inner.is_empty() || inner.values().any(|own| !is_table(own)) {
                    self.header("[", "]");
                }
                self.table(inner)?;
            }
            for inner in value.as_items().unwrap_or_default().iter().filter_map(Value::as_map) {
                self.header("[[", "]]");
                self.table(inner)?;
            }
            self.path.pop();
            check_text(self.text.len())?;
        }
        check_text(self.text.len())
    }

    fn header(&mut self, open: &str, close: &str) {
        let blank = if self.text.is_empty() { "" } else { "\n" };
        self.text.push_str(&format!("{blank}{open}{}{close}\n", self.path.join(".")));
    }

    fn inline(&mut self, value: &Value) -> Result<(), OpError> {
        match value {
            Value::Bool(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
            Value::Number(number) if number.is_whole() && number.as_i64().is_none() => {
                return Err(invalid(0, "a whole number of TOML has 64 bits")
                    .detail(format!("{number} is too large: a whole number of TOML has 64 bits")));
            }
            Value::Number(number) => self.text.push_str(&number.to_string()),
            Value::String(text) => quote(text, &mut self.text),
            Value::Quantity(quantity) => quote(&quantity.to_text(), &mut self.text),
            Value::List(items) | Value::Set(items) => {
                check_items(items.len())?;
                self.text.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.text.push_str(if at > 0 { ", " } else { "" });
                    self.inline(item)?;
                }
                self.text.push(']');
            }
            Value::Map(map) => {
                let mut separator = "{ ";
                for (key, value) in map.iter().filter(|(_, own)| !own.is_null()) {
                    self.text.push_str(separator);
                    write_key(key, &mut self.text);
                    self.text.push_str(" = ");
                    self.inline(value)?;
                    separator = ", ";
                }
                self.text.push_str(if separator == "{ " { "{}" } else { " }" });
            }
            Value::Null => {
                return Err(OpError::new(ErrorKind::Invalid, "TOML has no null in a list")
                    .at(0)
                    .help("Leave nulls out: `std.lists.compact(list)`."));
            }
            Value::Unknown(_) | Value::Secret(_) => {
                return Err(OpError::mismatch(0, "a value that is known", value));
            }
        }
        check_text(self.text.len())
    }
}

/// Tells whether a value is a table or a list of tables, which have headers.
fn is_table(value: &Value) -> bool {
    match value.as_items() {
        Some(items) => !items.is_empty() && items.iter().all(|item| item.as_map().is_some()),
        None => value.as_map().is_some(),
    }
}

fn write_key(key: &str, into: &mut String) {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(is_bare) {
        into.push_str(key);
    } else {
        quote(key, into);
    }
}
