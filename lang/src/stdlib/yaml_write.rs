//! Writing YAML 1.2 in block style.
//!
//! A string is written plain only when no reader, YAML 1.1 ones included, could take it for
//! anything else; a text of several lines becomes a literal block where that is exact; all else is
//! double-quoted with JSON's escapes.

use syncline_model::Value;

use super::json::quote;
use crate::ops::{OpError, check_text};

/// Writes a value as one document without `---`, with a line break at its end.
pub(super) fn encode(value: &Value) -> Result<String, OpError> {
    let mut writer = Writer { text: String::new() };
    writer.value(value, 0)?;
    // A literal block that keeps its line breaks has its own.
    if !writer.text.ends_with('\n') {
        writer.text.push('\n');
    }
    Ok(writer.text)
}

struct Writer {
    text: String,
}

impl Writer {
    /// Writes a value behind what is on the line already; `level` is its own indentation.
    fn value(&mut self, value: &Value, level: usize) -> Result<(), OpError> {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => self.text.push_str(&number.to_string()),
            Value::String(text) => self.string(text, level)?,
            Value::Quantity(quantity) => self.string(&quantity.to_text(), level)?,
            Value::List(items) | Value::Set(items) if items.is_empty() => self.text.push_str("[]"),
            Value::List(items) | Value::Set(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.line(at > 0, level);
                    self.text.push_str("- ");
                    self.value(item, level + 1)?;
                }
            }
            Value::Map(map) if map.is_empty() => self.text.push_str("{}"),
            Value::Map(map) => {
                for (at, (key, value)) in map.iter().enumerate() {
                    self.line(at > 0, level);
                    self.key(key, level);
                    self.below(value, level)?;
                }
            }
            Value::Unknown(_) | Value::Secret(_) => {
                return Err(OpError::mismatch(0, "a value that is known", value));
            }
        }
        check_text(self.text.len())
    }

    /// Starts a line, unless the value's first line is the one that is being written.
    fn line(&mut self, needed: bool, level: usize) {
        if needed {
            if !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            self.text.extend(std::iter::repeat_n("  ", level));
        }
    }

    fn key(&mut self, key: &str, level: usize) {
        // A key before its `:` has at most 1024 characters; a longer one is announced by `?`.
        let long = key.len() > 500;
        if long {
            self.text.push_str("? ");
        }
        if is_plain(key) {
            self.text.push_str(key);
        } else {
            quote(key, &mut self.text);
        }
        if long {
            self.line(true, level);
        }
        self.text.push(':');
    }

    /// Writes the value of a key: a collection on the lines below, all else behind it.
    fn below(&mut self, value: &Value, level: usize) -> Result<(), OpError> {
        let collection = match value {
            Value::List(items) | Value::Set(items) => !items.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Quantity(_)
            | Value::Unknown(_)
            | Value::Secret(_) => false,
        };
        if collection {
            self.line(true, level + 1);
        } else {
            self.text.push(' ');
        }
        self.value(value, level + 1)
    }

    fn string(&mut self, text: &str, level: usize) -> Result<(), OpError> {
        if is_plain(text) {
            self.text.push_str(text);
        } else if is_block(text) {
            let body = text.trim_end_matches('\n');
            let lines = body.split('\n').count();
            // At the top, content needs an indentation too: `---` there would end the document.
            let level = level.max(1);
            check_text(self.text.len() + text.len() + lines * 2 * level)?;
            self.text.push_str(match text.len() - body.len() {
                0 => "|-\n",
                1 => "|\n",
                _ => "|+\n",
            });
            for (at, line) in body.split('\n').enumerate() {
                if at > 0 {
                    self.text.push('\n');
                }
                if !line.is_empty() {
                    self.text.extend(std::iter::repeat_n("  ", level));
                    self.text.push_str(line);
                }
            }
            self.text.push('\n');
            self.text
                .extend(std::iter::repeat_n('\n', (text.len() - body.len()).saturating_sub(1)));
        } else {
            quote(text, &mut self.text);
        }
        Ok(())
    }
}

/// Tells whether a string needs no quotes anywhere in a block-style document.
fn is_plain(text: &str) -> bool {
    let first = text
        .chars()
        .next()
        .is_some_and(|first| first.is_alphabetic() || matches!(first, '/' | '_'));
    let safe = |character: char| {
        character.is_alphanumeric()
            || matches!(
                character,
                '_' | '-' | '.' | '/' | ' ' | ':' | '@' | '=' | '+' | '%' | ',' | '(' | ')'
            )
    };
    first
        && text.len() <= 500
        && text.chars().all(safe)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
        )
}

/// Tells whether a text can stand as a literal block and be read back exactly.
fn is_block(text: &str) -> bool {
    let printable = |character: char| match character {
        '\n' | '\t' => true,
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        other => !other.is_control(),
    };
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        // A line of blanks alone could be taken for indentation.
        && text.split('\n').all(|line| line.is_empty() || !line.trim().is_empty())
        && text.chars().all(printable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native(name: &str) -> crate::stdlib::Native {
        match find(name).map(|function| &function.body) {
            Some(crate::stdlib::Body::Native(native)) => *native,
            _ => panic!("{name}"),
        }
    }
    use crate::stdlib::find;

    fn read(text: &str) -> Value {
        let decode = native("std.yaml.decode");
        decode(&[Value::from(text)]).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn documents_are_written() {
        let value = Value::map([
            ("empty", Value::list([])),
            (
                "list",
                Value::list([Value::from(1), Value::map([("a", "x".into()), ("b", "no".into())])]),
            ),
            ("nested", Value::list([Value::list([Value::from(1)])])),
            ("script", "set -e\n\n  echo hi\n".into()),
        ]);
        let expected = "\
empty: []
list:
  - 1
  - a: x
    b: \"no\"
nested:
  - - 1
script: |
  set -e

    echo hi
";
        let written = encode(&value).unwrap();
        assert_eq!(written, expected);
        assert_eq!(read(&written), value);
    }

    /// Strings that a reader could take for something else, or a writer could break.
    const TEXTS: &[&str] = &[
        "",
        " ",
        "a",
        "a b",
        " a",
        "a ",
        "a:",
        "a: b",
        "a:b",
        "a #b",
        "#",
        "- a",
        "-",
        "?",
        "~",
        "null",
        "Yes",
        "NO",
        "y",
        "on",
        "1",
        "1.5",
        "0x1f",
        "0o7",
        "1e3",
        "1_000",
        "12:30:45",
        "2024-01-01",
        ".inf",
        ".nan",
        "<<",
        "=",
        "!a",
        "&a",
        "*a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "[a]",
        "{a}",
        "'",
        "\"",
        "\\",
        "a\tb",
        "\t",
        "\n",
        "\n\n",
        "a\n",
        "a\n\n",
        "a\nb",
        " a\nb",
        "a\n b\n",
        "a\n \nb",
        "a\r\nb",
        "a\n\tb",
        "---",
        "---\n",
        "---\na",
        "...\nb",
        "a\n---\nb\n",
        "ü",
        "日本",
        "😀",
        "\u{feff}",
        "a\u{2028}b\n",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "a\u{a0}b",
        "# a\n# b\n",
        "a: b\nc: d\n",
        "true",
        "e5",
        "/etc/x",
        "a, b",
        "a\n\n\nb",
        "x\n  ",
    ];

    #[test]
    fn every_string_comes_back() {
        let long = "k".repeat(2_000);
        for text in TEXTS.iter().copied().chain([long.as_str()]) {
            for value in [
                Value::from(text),
                Value::list([Value::from(text), Value::from(text)]),
                Value::map([(text, Value::from(text)), ("z", Value::from(text))]),
                Value::map([(text, Value::list([Value::map([(text, Value::from(text))])]))]),
            ] {
                let written = encode(&value).unwrap();
                assert_eq!(read(&written), value, "{text:?}\n{written}");
                let all = format!("---\n{written}---\n{written}");
                let decode_all = native("std.yaml.decode_all");
                let both = decode_all(&[all.into()]).unwrap();
                assert_eq!(both, Value::list([value.clone(), value]), "{text:?}");
            }
        }
    }
}
