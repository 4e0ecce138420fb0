//! One entry of a difference: its name, and the lines that show its two sides.

use similar::{ChangeTag, TextDiff};
use syncline_model::{Map, Path, Value};

use super::{CONTEXT, Line, Mark, Sides, entries, sequence};

/// Texts longer than this are compared as wholes: comparing by line is quadratic at worst.
const LONGEST_TEXT: usize = 200_000;

/// The most columns of a list that is shown on one line.
const INLINE: usize = 60;

/// Adds the lines of one entry.
pub(super) struct Writer<'a> {
    pub(super) name: &'a str,
    pub(super) padding: usize,
    pub(super) path: &'a Path,
    pub(super) depth: usize,
    pub(super) lines: &'a mut Vec<Line>,
}

impl Writer<'_> {
    /// Adds the difference of two sides.
    pub(super) fn entry(&mut self, sides: Sides<'_>) {
        let present = |value: Option<&'_ Value>| value.is_some_and(|value| !value.is_null());
        match (sides.before, sides.after) {
            (before, Some(after)) if !present(before) => self.whole(Mark::Add, after, ""),
            (Some(before), after) if !present(after) => self.whole(Mark::Remove, before, ""),
            (Some(before), Some(after)) => self.changed(before, after),
            (None, None) | (None, Some(_)) | (Some(_), None) => {}
        }
    }

    /// Adds a value that is the same on both sides, or exists on one.
    pub(super) fn whole(&mut self, mark: Mark, value: &Value, suffix: &str) {
        match value {
            Value::Map(map) if !map.is_empty() => {
                self.open(mark, "{");
                self.children(mark, map.iter().map(|(key, value)| (name(key), value)));
                self.close(&format!("}}{suffix}"));
            }
            Value::List(items) | Value::Set(items)
                if !(items.iter().all(is_plain) && width(value) <= INLINE) =>
            {
                self.open(mark, "[");
                self.children(mark, items.iter().map(|item| (String::new(), item)));
                self.close(&format!("]{suffix}"));
            }
            Value::String(text) if is_block(text) => {
                self.open(mark, "\"\"\"");
                for line in text.split_inclusive('\n') {
                    self.row(mark, block_line(line), self.depth + 1);
                }
                // What stands in front of the closing quotes is no part of the text.
                self.row(Mark::Context, format!("\"\"\"{suffix}"), self.depth + 1);
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Quantity(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Unknown(_)
            | Value::Secret(_) => self.push(mark, format!("{}{suffix}", inline(value)), true),
        }
    }

    fn changed(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Map(old), Value::Map(new)) => self.maps(old, new, "{", "}"),
            (Value::List(old), Value::List(new)) => self.lists(old, new, false),
            (Value::Set(old), Value::Set(new)) => self.lists(old, new, true),
            (Value::String(old), Value::String(new)) => self.texts(old, new),
            _ => self.arrow(before, after),
        }
    }

    fn maps(&mut self, old: &Map, new: &Map, open: &str, close: &str) {
        self.open(Mark::Change, open);
        let hidden = entries(old, new, self.path, self.depth + 1, self.lines);
        self.hidden(hidden, "element");
        self.close(close);
    }

    fn lists(&mut self, old: &[Value], new: &[Value], is_set: bool) {
        self.open(Mark::Change, "[");
        sequence::compare(self, old, new, is_set);
        self.close("]");
    }

    fn texts(&mut self, old: &str, new: &str) {
        if let (Some(before), Some(after)) = (json(old), json(new))
            && before != after
        {
            match (&before, &after) {
                (Value::Map(before), Value::Map(after)) => {
                    self.maps(before, after, "json({", "})");
                    return;
                }
                (Value::List(before), Value::List(after)) => {
                    self.open(Mark::Change, "json([");
                    sequence::compare(self, before, after, false);
                    self.close("])");
                    return;
                }
                _ => {}
            }
        }
        let by_line = (is_block(old) || is_block(new)) && old.len().max(new.len()) <= LONGEST_TEXT;
        if by_line {
            self.text_lines(old, new);
        } else {
            self.arrow(&Value::from(old), &Value::from(new));
        }
    }

    fn text_lines(&mut self, old: &str, new: &str) {
        self.open(Mark::Change, "\"\"\"");
        let difference = TextDiff::from_lines(old, new);
        let mut shown_to = 0;
        for group in difference.grouped_ops(CONTEXT) {
            let Some(first) = group.first() else { continue };
            self.hidden(first.old_range().start.saturating_sub(shown_to), "line");
            for operation in &group {
                for change in difference.iter_changes(operation) {
                    let mark = match change.tag() {
                        ChangeTag::Equal => Mark::Context,
                        ChangeTag::Delete => Mark::Remove,
                        ChangeTag::Insert => Mark::Add,
                    };
                    let line = change.value();
                    let mut text = line.trim_end_matches(['\n', '\r']).to_owned();
                    if !line.ends_with('\n') && mark != Mark::Context {
                        text.push_str("  # no line end");
                    }
                    self.row(mark, text, self.depth + 1);
                }
                shown_to = operation.old_range().end;
            }
        }
        self.hidden(difference.old_len().saturating_sub(shown_to), "line");
        self.close("\"\"\"");
    }

    fn arrow(&mut self, before: &Value, after: &Value) {
        if is_plain(before) && is_plain(after) {
            let text = format!("{} -> {}", inline(before), inline(after));
            self.push(Mark::Change, text, true);
        } else if is_plain(after) {
            self.whole(Mark::Change, before, &format!(" -> {}", inline(after)));
        } else {
            let at = self.lines.len();
            self.whole(Mark::Change, after, "");
            if let Some(line) = self.lines.get_mut(at) {
                line.text = format!("{} -> {}", clipped(before), line.text);
            }
        }
    }

    fn children<'v>(&mut self, mark: Mark, items: impl Iterator<Item = (String, &'v Value)>) {
        let items: Vec<(String, &Value)> = items.collect();
        let padding = items.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (index, (name, value)) in items.iter().enumerate() {
            let path =
                if name.is_empty() { self.path.index(index) } else { self.path.key(name.as_str()) };
            let mut child = Writer {
                name,
                padding,
                path: &path,
                depth: self.depth + 1,
                lines: &mut *self.lines,
            };
            let at = child.lines.len();
            child.whole(mark, value, "");
            // The place of the whole is said once, on its first line.
            for line in &mut self.lines[at..] {
                line.has_place = false;
            }
        }
    }

    /// Adds a count of what is not shown.
    pub(super) fn hidden(&mut self, count: usize, what: &str) {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let text = format!("# ({count} unchanged {what}{plural} hidden)");
            self.row(Mark::Context, text, self.depth + 1);
        }
    }

    /// Adds a line without a name.
    pub(super) fn row(&mut self, mark: Mark, text: String, depth: usize) {
        self.lines.push(Line {
            depth,
            mark,
            name: String::new(),
            padding: 0,
            text,
            path: self.path.clone(),
            has_place: false,
        });
    }

    fn open(&mut self, mark: Mark, bracket: &str) {
        // A changed map says its places on the lines inside it.
        self.push(mark, bracket.to_owned(), mark != Mark::Change || bracket == "\"\"\"");
    }

    fn close(&mut self, bracket: &str) {
        self.row(Mark::Context, bracket.to_owned(), self.depth);
    }

    fn push(&mut self, mark: Mark, text: String, has_place: bool) {
        self.lines.push(Line {
            depth: self.depth,
            mark,
            name: self.name.to_owned(),
            padding: self.padding,
            text,
            path: self.path.clone(),
            has_place,
        });
    }
}

/// Tells whether a value is shown on one line.
#[must_use]
pub fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(text) => !is_block(text),
        Value::List(items) | Value::Set(items) => {
            items.iter().all(|item| is_plain(item) && !is_container(item)) && width(value) <= INLINE
        }
        Value::Map(map) => map.is_empty(),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => true,
    }
}

/// Returns a value on one line; what a line cannot hold is cut, and the cut is counted.
#[must_use]
pub fn inline(value: &Value) -> String {
    within(value, 400)
}

/// Returns a value on a short line, for lists of values.
#[must_use]
pub fn brief(value: &Value) -> String {
    let text = within(value, 60);
    if text.chars().count() <= 90 {
        return text;
    }
    clipped(value)
}

fn within(value: &Value, longest: usize) -> String {
    let Value::String(text) = value else { return value.to_string() };
    if text.len() <= longest {
        return value.to_string();
    }
    let mut end = longest;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = Value::from(&text[..end]).to_string();
    format!("{start} (and {} bytes more)", text.len() - end)
}

/// Returns a key as it is written in front of ` = `.
pub(super) fn name(key: &str) -> String {
    let mut bytes = key.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { key.to_owned() } else { Value::from(key).to_string() }
}

/// Returns a value in short, for the left side of an arrow.
fn clipped(value: &Value) -> String {
    match value {
        Value::Map(map) => format!("{{ {} entries }}", map.len()),
        Value::List(items) | Value::Set(items) => format!("[ {} elements ]", items.len()),
        Value::String(text) if is_block(text) => {
            format!("a text of {} lines", text.lines().count())
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => inline(value),
    }
}

fn width(value: &Value) -> usize {
    match value {
        Value::List(items) | Value::Set(items) => {
            items.iter().map(|item| width(item) + 2).sum::<usize>()
        }
        Value::String(text) => text.len() + 2,
        Value::Map(map) => {
            map.iter().map(|(key, value)| key.len() + width(value) + 5).sum::<usize>()
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => value.to_string().len(),
    }
}

const fn is_container(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::List(_) | Value::Set(_))
}

fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
}

/// Returns a line of a text as it stands in a block of text.
fn block_line(line: &str) -> String {
    let (text, end) = match line.strip_suffix('\n') {
        Some(text) => (text, ""),
        None => (line, "  # no line end"),
    };
    let quoted = Value::from(text).to_string();
    let inside = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    // One quote or two end no block.
    let inside = if text.contains("\"\"\"") { inside.into() } else { inside.replace("\\\"", "\"") };
    format!("{inside}{end}")
}

/// Returns the value of a text that is a JSON object or array.
fn json(text: &str) -> Option<Value> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) || text.len() > LONGEST_TEXT {
        return None;
    }
    serde_json::from_str::<serde_json::Value>(text).ok().map(|json| from_json(&json))
}

fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => syncline_model::Number::parse(&number.to_string())
            .map_or_else(|_| Value::from(number.to_string()), Value::Number),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::list(items.iter().map(from_json)),
        serde_json::Value::Object(entries) => {
            Value::map(entries.iter().map(|(key, value)| (key.as_str(), from_json(value))))
        }
    }
}
