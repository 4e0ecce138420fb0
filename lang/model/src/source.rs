//! Source files and places in them.
//!
//! A [`Span`] is twelve bytes and means nothing without the [`Sources`] that it points into; a
//! [`Place`] is its readable form, for what outlives the sources (plans, logs, reports).

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::Str;

/// The index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// Returns the span of the bytes `start..end` of `file`.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// Returns the smallest span that holds both; both must be in one file, else `self` returns.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A readable place: what a plan or a log keeps of a span.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file's path below the project root, with `/` between its parts.
    pub file: Str,
    /// The line, from 1; 0 where there is none that somebody could look up: the file is what a run was configured with.
    pub line: u32,
    /// The environment or overlay whose body holds the place.
    #[serde(default, skip_serializing_if = "Str::is_empty")]
    pub overlay: Str,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.overlay.is_empty() {
            write!(f, " ({})", self.overlay)?;
        }
        Ok(())
    }
}

/// One source file.
#[derive(Debug)]
pub struct Source {
    /// The file's path below the project root, with `/` between its parts.
    pub name: Str,
    /// The whole text.
    pub text: Arc<str>,
    /// It is a value from outside, such as a flag's, rather than a file of the project: it may be
    /// secret.
    pub from_outside: bool,
    /// It is made from what a run was configured with: its lines are nowhere to be seen but in messages.
    pub is_page: bool,
    lines: OnceLock<Vec<u32>>,
}

impl Source {
    /// Returns the byte offset at which each line starts.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let newlines = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// Returns the line and the column (both from 1, the column in characters) of a byte offset.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1) - 1;
        let before = self.text.get(starts[line] as usize..offset as usize).unwrap_or("");
        (line as u32 + 1, before.chars().count() as u32 + 1)
    }
}

/// All source files of a run, by [`FileId`].
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file and returns its id.
    pub fn add(&mut self, name: impl Into<Str>, text: impl Into<Arc<str>>) -> FileId {
        self.push(name.into(), text.into())
    }

    /// Adds what a run was configured with, and returns its id.
    pub fn add_page(&mut self, name: impl Into<Str>, text: impl Into<Arc<str>>) -> FileId {
        let id = self.push(name.into(), text.into());
        self.files[id.0 as usize].is_page = true;
        id
    }

    /// Adds a value from outside and returns its id.
    pub fn add_input(&mut self, name: impl Into<Str>, text: impl Into<Arc<str>>) -> FileId {
        let id = self.push(name.into(), text.into());
        self.files[id.0 as usize].from_outside = true;
        id
    }

    fn push(&mut self, name: Str, text: Arc<str>) -> FileId {
        let id = FileId(self.files.len() as u32);
        let (from_outside, is_page) = (false, false);
        self.files.push(Source { name, text, from_outside, is_page, lines: OnceLock::new() });
        id
    }

    /// Returns the file, or `None` when the id is not of these sources.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// Returns every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (FileId(index as u32), source))
    }

    /// Returns the text under a span; empty when the span is not of these sources.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|source| source.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// Returns the readable place of a span, as seen from an overlay.
    #[must_use]
    pub fn place(&self, span: Span, overlay: &Str) -> Option<Place> {
        let source = self.get(span.file)?;
        let line = if source.is_page { 0 } else { source.line_column(span.start).0 };
        Some(Place { file: source.name.clone(), line, overlay: overlay.clone() })
    }
}
