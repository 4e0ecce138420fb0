//! `std.json`: RFC 8259, numbers exact, keys in sorted order.

use syncline_model::Value;

use super::Entry;
use super::arguments::{any, count, invalid, text};
use super::json_read;
use crate::ops::{ErrorKind, OpError, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("encode", |args| written(any(args, 0), None, quote).map(Value::from)),
    Entry::deep("encode_pretty", |args| {
        let indent = count(args, 1)?;
        if indent > 16 {
            return Err(invalid(1, "the indent must be in 0 to 16"));
        }
        written(any(args, 0), Some(indent), quote).map(Value::from)
    }),
    Entry::deep("decode", |args| json_read::decode(text(args, 0)?)),
];

/// Writes a string in quotes behind a text.
type Quote = fn(&str, &mut String);

/// Returns a value as JSON: with so many spaces for each level, or on one line.
pub(super) fn written(
    value: &Value,
    indent: Option<usize>,
    quote: Quote,
) -> Result<String, OpError> {
    let mut writer = Writer { text: String::new(), indent, quote };
    writer.value(value, 0)?;
    Ok(writer.text)
}

struct Writer {
    text: String,
    /// Spaces for each level, or everything on one line.
    indent: Option<usize>,
    quote: Quote,
}

impl Writer {
    fn value(&mut self, value: &Value, level: usize) -> Result<(), OpError> {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(true) => self.text.push_str("true"),
            Value::Bool(false) => self.text.push_str("false"),
            Value::Number(number) => self.text.push_str(&number.to_string()),
            Value::String(text) => (self.quote)(text, &mut self.text),
            Value::Quantity(quantity) => (self.quote)(&quantity.to_text(), &mut self.text),
            Value::List(items) | Value::Set(items) if items.is_empty() => self.text.push_str("[]"),
            Value::List(items) | Value::Set(items) => {
                self.text.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.line(at > 0, level + 1);
                    self.value(item, level + 1)?;
                }
                self.line(false, level);
                self.text.push(']');
            }
            Value::Map(map) if map.is_empty() => self.text.push_str("{}"),
            Value::Map(map) => {
                self.text.push('{');
                for (at, (key, value)) in map.iter().enumerate() {
                    self.line(at > 0, level + 1);
                    (self.quote)(key, &mut self.text);
                    self.text.push_str(if self.indent.is_some() { ": " } else { ":" });
                    self.value(value, level + 1)?;
                }
                self.line(false, level);
                self.text.push('}');
            }
            Value::Unknown(_) | Value::Secret(_) => {
                return Err(OpError::mismatch(0, "a value that is known", value));
            }
        }
        check_text(self.text.len())
    }

    fn line(&mut self, comma: bool, level: usize) {
        if comma {
            self.text.push(',');
        }
        if let Some(indent) = self.indent {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', indent * level));
        }
    }
}

/// Writes a string as JSON does, which YAML's double quotes read as well.
pub(super) fn quote(text: &str, into: &mut String) {
    // Line separators are valid JSON but break what embeds it in a script; the byte order
    // mark and C1 controls are not printable in YAML.
    quote_with(text, into, |character| match character {
        '\0'..'\u{20}'
        | '\u{7f}'..='\u{9f}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{feff}'
        | '\u{fffe}'
        | '\u{ffff}' => Some(by_number(character)),
        _ => None,
    });
}

/// Writes a string in quotes; `escape` says how what must not stand there is written, beyond quotes,
/// backslashes, tabs and ends of lines.
pub(super) fn quote_with(text: &str, into: &mut String, escape: impl Fn(char) -> Option<String>) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            other => match escape(other) {
                Some(escaped) => into.push_str(&escaped),
                None => into.push(other),
            },
        }
    }
    into.push('"');
}

/// Returns the escape of a character by its number.
pub(super) fn by_number(character: char) -> String {
    format!("\\u{:04x}", u32::from(character))
}

/// The error for a text that cannot be read.
pub(super) fn unreadable(format: &str, line: usize, column: usize, problem: &str) -> OpError {
    OpError::new(ErrorKind::Invalid, format!("the text is not valid {format}"))
        .detail(format!("the text is not valid {format}: line {line}, column {column}: {problem}"))
        .at(0)
}
