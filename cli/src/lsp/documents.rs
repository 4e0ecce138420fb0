//! What an editor has open, and the positions that it speaks of.
//!
//! A position is a line and a column; columns count UTF-16 units, or bytes when the editor agreed to
//! that. Places that are not there become the nearest that are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) character: u32,
}

impl Position {
    /// Reads a place; what is none is the start of the text.
    pub(super) fn of(value: &serde_json::Value) -> Self {
        Self::deserialize(value).unwrap_or_default()
    }
}

/// A part of a text.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// A change of a document; without a range it is the whole text.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) range: Option<Range>,
    pub(super) text: String,
}

/// How columns count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    Utf8,
    Utf16,
}

/// A text with the offset at which each line starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    pub(super) starts: &'t [u32],
    pub(super) columns: Columns,
}

impl Lines<'_> {
    fn line(&self, line: usize) -> &str {
        let Some(start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).map_or(self.text.len(), |next| *next as usize);
        self.text.get(*start as usize..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// Returns the offset of a position.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line) else { return self.text.len() };
        let line = self.line(line);
        let wanted = position.character as usize;
        let mut count = 0;
        let column = line.char_indices().find(|(_, character)| {
            let found = count >= wanted;
            count += width(*character, self.columns);
            found
        });
        *start as usize + column.map_or(line.len(), |(at, _)| at)
    }

    /// Returns the position of an offset.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start as usize <= offset).max(1) - 1;
        let start = self.starts.get(line).map_or(0, |start| *start as usize);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        let character: usize = before.chars().map(|own| width(own, self.columns)).sum();
        Position { line: line as u32, character: character as u32 }
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect()
}

const fn width(character: char, columns: Columns) -> usize {
    match columns {
        Columns::Utf8 => character.len_utf8(),
        Columns::Utf16 => character.len_utf16(),
    }
}

/// A document that the editor has open.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) text: Arc<str>,
    starts: Vec<u32>,
    pub(super) version: i64,
}

impl Document {
    pub(super) fn new(text: String, version: i64) -> Self {
        Self { starts: line_starts(&text), text: text.into(), version }
    }

    pub(super) fn lines(&self, columns: Columns) -> Lines<'_> {
        Lines { text: &self.text, starts: &self.starts, columns }
    }

    /// Applies changes in their order.
    pub(super) fn change(&mut self, changes: Vec<Change>, version: i64, columns: Columns) {
        let mut text = self.text.to_string();
        let mut starts = std::mem::take(&mut self.starts);
        for change in changes {
            if let Some(range) = change.range {
                let lines = Lines { text: &text, starts: &starts, columns };
                let start = lines.offset(range.start);
                let end = lines.offset(range.end).max(start);
                text.replace_range(start..end, &change.text);
            } else {
                text = change.text;
            }
            starts = line_starts(&text);
        }
        *self = Self { text: text.into(), starts, version };
    }
}

/// Returns the path of a `file:` address.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.filter(|_| *byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Returns the `file:` address of a path.
pub(super) fn uri_of(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf_16_units_and_never_leave_the_text() {
        let text = "a\u{1f600}b\r\nc";
        let starts = line_starts(text);
        let utf16 = Lines { text, starts: &starts, columns: Columns::Utf16 };
        let utf8 = Lines { columns: Columns::Utf8, ..utf16 };
        let at = |line, character| Position { line, character };
        assert_eq!(utf16.offset(at(0, 3)), 5);
        assert_eq!(utf8.offset(at(0, 5)), 5);
        assert_eq!(utf16.offset(at(0, 99)), 6);
        assert_eq!(utf16.offset(at(9, 0)), text.len());
        assert_eq!(utf16.position(5), at(0, 3));
        assert_eq!(utf16.position(8), at(1, 0));
    }

    #[test]
    fn changes_come_one_behind_another() {
        let range = |line, from, to| Range {
            start: Position { line, character: from },
            end: Position { line, character: to },
        };
        let mut document = Document::new("let a = 1\nlet b = 2\n".to_owned(), 1);
        let changes = vec![
            Change { range: Some(range(0, 4, 5)), text: "x\ny".to_owned() },
            Change { range: Some(range(2, 8, 9)), text: "3".to_owned() },
        ];
        document.change(changes, 2, Columns::Utf16);
        assert_eq!(&*document.text, "let x\ny = 1\nlet b = 3\n");
    }

    #[test]
    fn addresses_and_paths_are_each_others_opposite() {
        let path = Path::new("/a b/é#.sync");
        assert_eq!(uri_of(path), "file:///a%20b/%C3%A9%23.sync");
        assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
        assert_eq!(path_of("untitled:one"), None);
    }
}
