//! Files that override others: `override.tf` and `*_override.tf`.
//!
//! Takes the files of a module and those that change blocks of them, in the order of their names; returns the files as
//! if everything had been said in one place. An attribute of a later one takes the place of an earlier one, nested
//! blocks take the place of all of their kind, and what a `lifecycle` block says is joined attribute by attribute. What
//! stands in one file keeps its comments, and each line knows where it was.
//!
//! Laws: what overrides nothing is an issue, as it is a mistake for Terraform; a file that nothing overrides is left as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body, Structure};

use crate::body::kind;
use crate::source::{File, Line};

/// Blocks of which there may be many, so that nothing says which one is meant.
const NAMELESS: [&str; 4] = ["moved", "removed", "import", "check"];

/// A block that changes another one, with its file.
type Change<'a> = (&'a File, &'a Body);

/// What is said of the blocks of a file, by the place of the block among them.
type Changes<'a> = BTreeMap<usize, Vec<Change<'a>>>;

/// A text with the places of its lines.
pub(crate) type Text = (String, Vec<Line>);

/// What overrides something that is not there: its file, its place, and why nothing is changed by it.
pub(crate) type Loose<'a> = (&'a File, Option<Range<usize>>, String);

/// Merges files into those that they override; returns the texts that come of it with the places of their lines, by the
/// place of the file among all, and what changes nothing.
pub(crate) fn merged<'a>(
    files: &[File],
    overrides: &'a [File],
) -> (BTreeMap<usize, Text>, Vec<Loose<'a>>) {
    let (mut all, mut loose) = (BTreeMap::<usize, Changes<'a>>::new(), Vec::new());
    let mut more = Vec::new();
    for file in overrides {
        for structure in file.body.iter() {
            let Structure::Block(block) = structure else { continue };
            let found = match block.ident.as_str() {
                word if NAMELESS.contains(&word) => {
                    let why =
                        format!("a `{word}` block overrides nothing: say it where the others are");
                    loose.push((file, block.span(), why));
                    continue;
                }
                "locals" => {
                    locals(files, (file, block), &mut all, &mut loose);
                    continue;
                }
                "terraform" => settings(files, block),
                _ => named(files, block),
            };
            match found {
                Some((at, place)) => {
                    all.entry(at).or_default().entry(place).or_default().push((file, &block.body));
                }
                None if block.has_ident("terraform") => more.push((file, block)),
                None => {
                    let why = "it overrides nothing: there is no such block in the other files";
                    loose.push((file, block.span(), why.to_owned()));
                }
            }
        }
    }
    let mut texts = BTreeMap::new();
    for (at, changes) in all {
        let mut writer = Writer::default();
        writer.file(&files[at], &changes);
        texts.insert(at, (writer.text, writer.lines));
    }
    // Settings that nothing is said of elsewhere stand behind the first file.
    if let (Some(first), false) = (files.first(), more.is_empty()) {
        let (text, lines) = texts.remove(&0).unwrap_or_else(|| {
            let mut writer = Writer::default();
            writer.file(first, &Changes::new());
            (writer.text, writer.lines)
        });
        let mut writer = Writer { text, lines };
        for (file, block) in more {
            writer.chunk(file, block.span().unwrap_or_default());
        }
        texts.insert(0, (writer.text, writer.lines));
    }
    (texts, loose)
}

/// Returns the blocks of a file with their places among its structures.
fn blocks(file: &File) -> impl Iterator<Item = (usize, &Block)> {
    file.body.iter().enumerate().filter_map(|(at, own)| Some((at, own.as_block()?)))
}

/// Finds a block of the same kind and labels; of providers also with the same alias.
fn named(files: &[File], block: &Block) -> Option<(usize, usize)> {
    let alias = |own: &Block| {
        let value = own.body.get_attribute("alias").map(|own| own.value.to_string());
        value.filter(|_| own.has_ident("provider")).map(|own| own.trim().to_owned())
    };
    let labels = |own: &Block| -> Vec<String> {
        own.labels.iter().map(|label| label.as_str().to_owned()).collect()
    };
    let is_same = |own: &Block| {
        own.ident.as_str() == block.ident.as_str()
            && labels(own) == labels(block)
            && alias(own) == alias(block)
    };
    find(files, is_same)
}

/// Finds the `terraform` block that says which providers are needed, or any.
fn settings(files: &[File], block: &Block) -> Option<(usize, usize)> {
    let needs = block.body.get_blocks("required_providers").next().is_some();
    let has = |own: &Block| own.body.get_blocks("required_providers").next().is_some();
    find(files, |own| own.has_ident("terraform") && (!needs || has(own)))
        .or_else(|| find(files, |own| own.has_ident("terraform")))
}

fn find(files: &[File], is_same: impl Fn(&Block) -> bool) -> Option<(usize, usize)> {
    files.iter().enumerate().find_map(|(at, file)| {
        let (place, _) = blocks(file).find(|(_, own)| is_same(own))?;
        Some((at, place))
    })
}

/// Finds the blocks that say the locals which are said anew.
fn locals<'a>(
    files: &[File],
    (file, block): (&'a File, &'a Block),
    all: &mut BTreeMap<usize, Changes<'a>>,
    loose: &mut Vec<Loose<'a>>,
) {
    for attribute in block.body.attributes() {
        let name = attribute.key.as_str();
        let has = |own: &Block| own.has_ident("locals") && own.body.has_attribute(name);
        match find(files, has) {
            Some((at, place)) => {
                let changes = all.entry(at).or_default().entry(place).or_default();
                if !changes.iter().any(|(_, own)| std::ptr::eq(*own, &raw const block.body)) {
                    changes.push((file, &block.body));
                }
            }
            None => {
                let why = format!("there is no local `{name}` in the other files to override");
                loose.push((file, attribute.span(), why));
            }
        }
    }
}

/// A text that is written, and where its lines come from.
#[derive(Default)]
struct Writer {
    text: String,
    lines: Vec<Line>,
}

impl Writer {
    /// Writes what stands somewhere in a file, and ends the line.
    fn chunk(&mut self, file: &File, range: Range<usize>) {
        let text = file.text.get(range.clone()).unwrap_or_default();
        let skipped = text.len() - text.trim_start_matches(['\n', '\r']).len();
        let text = text[skipped..].trim_end();
        if text.trim().is_empty() {
            return;
        }
        let first = file.text[..range.start + skipped].matches('\n').count();
        for (at, line) in text.lines().enumerate() {
            self.text.push_str(line);
            self.text.push('\n');
            self.lines.push(file.origin(first + at));
        }
    }

    /// Writes a file with everything that changes it.
    fn file(&mut self, file: &File, changes: &Changes<'_>) {
        let mut from = 0;
        for (place, block) in blocks(file) {
            let Some(own) = changes.get(&place) else { continue };
            let span = block.span().unwrap_or_default();
            self.chunk(file, from..span.start);
            self.block(file, block, own);
            from = span.end;
        }
        self.chunk(file, from..file.text.len());
    }

    /// Writes a block, changed.
    fn block(&mut self, file: &File, block: &Block, changes: &[Change<'_>]) {
        let span = block.span().unwrap_or_default();
        let head = block.labels.last().and_then(|own| own.span()).or_else(|| block.ident.span());
        let open = head.map_or(span.start, |own| own.end);
        let open = file.text[open..span.end].find('{').map_or(span.end, |at| open + at + 1);
        self.chunk(file, span.start..open);
        let is_locals = block.has_ident("locals");
        self.entries(file, (&block.body, open), changes, is_locals);
        self.chunk(file, span.end.saturating_sub(1)..span.end);
    }

    /// Writes what stands between the braces of a block: first what stays, with what takes the place of something, then
    /// what is new.
    fn entries(
        &mut self,
        file: &File,
        (body, open): (&Body, usize),
        changes: &[Change<'_>],
        is_locals: bool,
    ) {
        let mut written: BTreeSet<&str> = BTreeSet::new();
        let mut from = open;
        for structure in body.iter() {
            let span = structure.span().unwrap_or_default();
            match structure {
                Structure::Attribute(own) => {
                    let name = own.key.as_str();
                    match attribute(changes, name) {
                        Some((other, range)) => {
                            written.insert(name);
                            self.chunk(file, from..span.start);
                            self.chunk(other, range);
                            self.chunk(file, span.end..line_end(file, span.end));
                        }
                        None => self.chunk(file, from..line_end(file, span.end)),
                    }
                }
                Structure::Block(own) => {
                    let name = kind(own);
                    let others: Vec<Change<'_>> = nested(changes, name);
                    if others.is_empty() {
                        self.chunk(file, from..line_end(file, span.end));
                    } else if is_joined(name) {
                        written.insert(name);
                        self.chunk(file, from..span.start);
                        self.block(file, own, &others);
                    }
                }
            }
            from = line_end(file, span.end);
        }
        if !is_locals {
            self.added(changes, &written);
        }
    }

    /// Writes what is said of a block, and took the place of nothing.
    fn added(&mut self, changes: &[Change<'_>], written: &BTreeSet<&str>) {
        for (other, new) in changes {
            for structure in new.iter() {
                let name = match structure {
                    Structure::Attribute(own) => own.key.as_str(),
                    Structure::Block(own) => kind(own),
                };
                let is_last = match structure {
                    Structure::Attribute(own) => {
                        let last = attribute(changes, name);
                        last.is_some_and(|(_, range)| {
                            own.span().is_some_and(|own| own.start == range.start)
                        })
                    }
                    // Those of the last one that has any.
                    Structure::Block(_) => nested(changes, name)
                        .last()
                        .is_some_and(|(file, _)| std::ptr::eq(*file, *other)),
                };
                if is_last && !written.contains(name) {
                    self.chunk(other, structure.span().unwrap_or_default());
                }
            }
        }
    }
}

/// Tells whether blocks of a kind are joined, and do not take the place of one another.
fn is_joined(kind: &str) -> bool {
    matches!(kind, "lifecycle" | "required_providers")
}

/// Returns what is said last of an attribute.
fn attribute<'a>(changes: &[Change<'a>], name: &str) -> Option<(&'a File, Range<usize>)> {
    changes.iter().rev().find_map(|(file, body)| {
        let span = body.get_attribute(name)?.span()?;
        Some((*file, span.start..line_end(file, span.end)))
    })
}

/// Returns the nested blocks of a kind.
fn nested<'a>(changes: &[Change<'a>], name: &str) -> Vec<Change<'a>> {
    let of = |(file, body): &Change<'a>| -> Vec<Change<'a>> {
        body.blocks().filter(|own| kind(own) == name).map(|own| (*file, &own.body)).collect()
    };
    changes.iter().flat_map(of).collect()
}

/// Returns the end of a line where nothing but a comment follows.
fn line_end(file: &File, at: usize) -> usize {
    let rest = &file.text[at..];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    let is_comment = ["#", "//"].iter().any(|sign| line.trim_start().starts_with(sign));
    if is_comment { at + line.len() } else { at }
}
