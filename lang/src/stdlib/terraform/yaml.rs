//! YAML as Terraform's `yamlencode` lays it out.
//!
//! The layout is that of libyaml's emitter: keys and strings in double quotes, texts of several lines as literal
//! blocks, lists below a key at the key's own indentation, long strings folded at 80 columns. Whether a line
//! is broken depends on what stands on it, which is what [`Emitter`] keeps.

use syncline_model::Value;

use crate::ops::{OpError, check_text};

/// Where strings are folded.
const WIDTH: usize = 80;

/// Writes a value as one document, with a line break at its end.
pub(super) fn encode(value: &Value) -> Result<String, OpError> {
    let mut emitter = Emitter { is_space: true, is_indentation: true, ..Emitter::default() };
    emitter.node(value, Place::Root)?;
    emitter.indent(0);
    // A scalar without quotes could go on: its end is said.
    if matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) {
        emitter.indicator("...", true);
        emitter.indent(0);
    }
    Ok(emitter.text)
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The document itself.
    Root,
    /// An entry of a list at an indentation.
    Item(usize),
    /// The value of a key at an indentation.
    Value(usize),
}

impl Place {
    /// Returns the indentation of a collection's entries, or of a text's lines.
    const fn inner(self, root: usize) -> usize {
        match self {
            Self::Root => root,
            Self::Item(indent) | Self::Value(indent) => indent + 2,
        }
    }
}

/// A text while it is written.
#[derive(Default)]
struct Emitter {
    text: String,
    /// How many characters the line has.
    column: usize,
    /// The last thing on the line is white space, or nothing is.
    is_space: bool,
    /// The line has only indentation and signs that count as such.
    is_indentation: bool,
}

impl Emitter {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn line_break(&mut self) {
        self.text.push('\n');
        self.column = 0;
    }

    /// Goes to an indentation, on a new line where this one has more.
    fn indent(&mut self, indent: usize) {
        if !self.is_indentation || self.column > indent || (self.column == indent && !self.is_space)
        {
            self.line_break();
        }
        let missing = indent.saturating_sub(self.column);
        self.put(&" ".repeat(missing));
        self.is_space = true;
        self.is_indentation = true;
    }

    /// Writes a sign; one that begins an entry leaves the line one of indentation.
    fn sign(&mut self, sign: &str) {
        if !self.is_space {
            self.put(" ");
        }
        self.put(sign);
        self.is_space = false;
    }

    fn indicator(&mut self, sign: &str, is_apart: bool) {
        if is_apart && !self.is_space {
            self.put(" ");
        }
        self.put(sign);
        self.is_space = false;
        self.is_indentation = false;
    }

    fn node(&mut self, value: &Value, place: Place) -> Result<(), OpError> {
        match value {
            Value::Null => self.indicator("null", true),
            Value::Bool(value) => self.indicator(if *value { "true" } else { "false" }, true),
            Value::Number(number) => self.indicator(&number.to_string(), true),
            Value::String(text) => self.string(text, place.inner(2))?,
            Value::Quantity(quantity) => self.string(&quantity.to_text(), place.inner(2))?,
            Value::List(items) | Value::Set(items) if items.is_empty() => {
                self.indicator("[]", true);
            }
            Value::List(items) | Value::Set(items) => {
                let indent = match place {
                    // Below a key on its line, a list has the key's indentation.
                    Place::Value(indent) if !self.is_indentation => indent,
                    Place::Root | Place::Item(_) | Place::Value(_) => place.inner(0),
                };
                for item in items.iter() {
                    self.indent(indent);
                    self.sign("-");
                    self.node(item, Place::Item(indent))?;
                }
            }
            Value::Map(map) if map.is_empty() => self.indicator("{}", true),
            Value::Map(map) => {
                let indent = place.inner(0);
                for (key, value) in map.iter() {
                    self.indent(indent);
                    self.key(key, indent)?;
                    self.node(value, Place::Value(indent))?;
                }
            }
            Value::Unknown(_) | Value::Secret(_) => {
                return Err(OpError::mismatch(0, "a value that is known", value));
            }
        }
        check_text(self.text.len())
    }

    fn key(&mut self, key: &str, indent: usize) -> Result<(), OpError> {
        if key.contains(is_break) || key.len() > 128 {
            self.sign("?");
            self.string(key, indent + 2)?;
            self.indent(indent);
            self.sign(":");
        } else {
            self.quoted(key, None);
            self.indicator(":", false);
        }
        Ok(())
    }

    fn string(&mut self, text: &str, indent: usize) -> Result<(), OpError> {
        let lines = text.matches('\n').count();
        check_text(self.text.len() + text.len() + lines * indent)?;
        if text.contains('\n') && is_block(text) {
            self.block(text, indent);
        } else {
            self.quoted(text, Some(indent));
        }
        Ok(())
    }

    /// Writes a literal block.
    fn block(&mut self, text: &str, indent: usize) {
        self.indicator("|", true);
        if text.starts_with(|own| own == ' ' || is_break(own)) {
            self.put("2");
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next().is_none_or(is_break)) {
            (false, _) => self.put("-"),
            (true, true) => self.put("+"),
            (true, false) => {}
        }
        self.line_break();
        self.is_indentation = true;
        self.is_space = true;
        let mut is_start = true;
        for character in text.chars() {
            if is_break(character) {
                self.text.push(character);
                self.column = 0;
                self.is_indentation = true;
                is_start = true;
            } else {
                if is_start {
                    self.indent(indent);
                }
                self.put(character.encode_utf8(&mut [0; 4]));
                self.is_indentation = false;
                is_start = false;
            }
        }
    }

    /// Writes a string in quotes, folded where it may be.
    fn quoted(&mut self, text: &str, fold: Option<usize>) {
        self.indicator("\"", true);
        // libyaml's test for a byte order mark looks at the beginning, whatever it is asked for.
        let is_marked = text.starts_with('\u{feff}');
        let mut was_space = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let needs = is_marked || !is_printable(character) || is_break(character);
            if needs || matches!(character, '"' | '\\') {
                self.put(&escape(character));
                was_space = false;
            } else if character == ' ' {
                let is_inside = at > 0 && characters.peek().is_some();
                match fold {
                    Some(indent) if !was_space && self.column > WIDTH && is_inside => {
                        self.indent(indent);
                        if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                            self.put("\\");
                        }
                    }
                    Some(_) | None => self.put(" "),
                }
                was_space = true;
            } else {
                self.put(character.encode_utf8(&mut [0; 4]));
                was_space = false;
            }
        }
        self.indicator("\"", false);
    }
}

/// Tells whether a text can stand as a literal block.
fn is_block(text: &str) -> bool {
    let mut was_space = false;
    for character in text.chars() {
        if !is_printable(character) || is_break(character) && was_space {
            return false;
        }
        was_space = character == ' ';
    }
    !was_space
}

const fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// libyaml takes nothing beyond the basic plane for printable.
const fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && character != '\u{feff}'
}

fn escape(character: char) -> String {
    let short = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            return match u32::from(other) {
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
