//! Text to the typed syntax tree.
//!
//! Takes the text of one file and returns its [`ast::File`] with every comment, and the
//! diagnostics. It is total: any text gives a tree, in linear time and bounded memory and stack;
//! what could not be parsed is an error node or, where even its name is unknown, left out, and has
//! been reported. The `scanner` cuts the text into items and members, the `grammar` (which
//! `build.rs` compiles, and `machine` runs) matches each on its own, `build` makes the tree,
//! `errors` puts a failure into the user's words, and `recover` keeps the names of what failed. What
//! did not change since an earlier time need not be parsed again: `parts` says what that is,
//! `compact` tells trees in bytes, and [`Trees`] are what a caller keeps.

pub mod ast;
mod build;
mod comment;
mod compact;
mod errors;
mod grammar;
pub(crate) mod locate;
mod machine;
mod parts;
mod pipeline;
mod recover;
mod scanner;
mod trees;
pub(crate) mod visit;

use std::ops::Range;
use std::sync::Arc;

use syncline_model::{Diagnostic, FileId, Span};

use crate::diagnostics::{expected_body, source_too_large};
use ast::{Comment, Expr, ExprKind, File, Item, ItemKind, Layer, Member};
use build::Builder;
use errors::Failure;
use grammar::{Pair, Rule};
use parts::{Key, Kind, Part, Piece, Tree};
use scanner::{ItemSlice, Seen, Slice};

pub use trees::Trees;

/// The largest file.
const MAX_SOURCE: usize = 64 << 20;
/// The largest member or item.
const MAX_SLICE: usize = 8 << 20;
/// The most diagnostics about the syntax of one file.
const MAX_DIAGNOSTICS: usize = 1000;
/// Deeper nesting is parsed on a thread with a stack of this many bytes.
const DEEP_STACK: usize = 64 << 20;
/// The nesting that any thread's stack can bear.
const SHALLOW: usize = 16;

/// Parses a file.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let parsed = parse_anew(file, text, None);
    (parsed.file, parsed.diagnostics)
}

/// A file that was parsed with the help of what is known of an earlier time.
#[derive(Debug)]
pub struct Parsed {
    /// Its tree, the same as [`parse`] returns.
    pub file: File,
    /// What is wrong with its syntax.
    pub diagnostics: Vec<Diagnostic>,
    /// The trees of its parts, for the next time; a part with a mistake is not among them.
    pub trees: Trees,
    /// How many parts were parsed, and not found among what was known.
    pub fresh: usize,
}

/// Parses a file, but for the parts that did not change.
#[must_use]
pub fn parse_with(file: FileId, text: &str, known: &Trees) -> Parsed {
    parse_anew(file, text, Some(known))
}

fn parse_anew(file: FileId, text: &str, known: Option<&Trees>) -> Parsed {
    if text.len() > MAX_SOURCE {
        let span = Span::new(file, 0, 0);
        let report = source_too_large::source_too_large(span, "this file", MAX_SOURCE);
        let file =
            File { id: file, folder: Default::default(), items: Vec::new(), comments: Vec::new() };
        return Parsed { file, diagnostics: vec![report], trees: Trees::default(), fresh: 0 };
    }
    let parser = Parser { file, text, known };
    let (outline, done) = pipeline::run(&parser);
    let mut diagnostics = outline.diagnostics;
    let (mut parts, mut trees, mut fresh) = (Vec::with_capacity(done.len()), Trees::default(), 0);
    for mut done in done {
        parts.push(done.trees);
        diagnostics.append(&mut done.reports);
        fresh += usize::from(done.is_fresh);
        if let Some((key, own)) = done.kept {
            trees.push(key, own);
        }
    }
    let items = parser.items(&outline.items, &outline.comments, parts);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    diagnostics.truncate(MAX_DIAGNOSTICS);
    let file = File { id: file, folder: Default::default(), items, comments: outline.comments };
    Parsed { file, diagnostics, trees, fresh }
}

/// Returns the entries of the `project` blocks of a file and parses nothing else of it: for what
/// has to be known before a project is read. What is wrong with them [`parse`] reports.
#[must_use]
pub fn project_settings(file: FileId, text: &str) -> Vec<ast::MapEntry> {
    if text.len() > MAX_SOURCE {
        return Vec::new();
    }
    let outline = scanner::scan(file, text);
    let own = |item: &ItemSlice| text[item.slice.start..item.slice.end].starts_with("project");
    let items: Vec<ItemSlice> = outline.items.into_iter().filter(own).collect();
    let parser = Parser { file, text, known: None };
    let seen = Seen { items: &items, open: None, members: &[], comments: &[] };
    let parts = pipeline::cut(text, seen);
    let trees = on_fitting_stack(outline.deepest, || {
        parts.iter().map(|part| parser.part(part).trees).collect()
    });
    let mut all = Vec::new();
    for item in parser.items(&items, &[], trees) {
        if let ItemKind::Project { settings, .. } = item.kind {
            all.extend(settings);
        }
    }
    all
}

/// Parses a lone expression, such as a value on the command line.
#[must_use]
pub fn parse_expression(file: FileId, text: &str) -> (Expr, Vec<Diagnostic>) {
    let span = Span::new(file, 0, text.len().min(MAX_SOURCE) as u32);
    let error = Expr { span, kind: ExprKind::Error };
    if text.len() > MAX_SLICE {
        let report = source_too_large::source_too_large(span, "this expression", MAX_SLICE);
        return (error, vec![report]);
    }
    let outline = scanner::scan(file, text);
    let items = outline.items.iter().map(|item| item.slice);
    let broken = items.chain(outline.members).any(|slice| slice.broken);
    let mut diagnostics = outline.diagnostics;
    if broken {
        return (error, diagnostics);
    }
    let parser = Parser { file, text, known: None };
    let slice = Slice { start: 0, end: text.len(), after: 0, broken };
    let (expr, mut reports) = on_fitting_stack(outline.deepest, || {
        let mut builder = parser.builder(&[]);
        let expr = parser.run(&mut builder, Rule::expression, slice, Builder::expression);
        (expr, builder.diagnostics)
    });
    diagnostics.append(&mut reports);
    (expr.unwrap_or(error), diagnostics)
}

/// What a part gave.
struct Done {
    trees: Vec<Tree>,
    reports: Vec<Diagnostic>,
    /// Its trees as bytes, by its key.
    kept: Option<(Key, Arc<[u8]>)>,
    /// It was parsed.
    is_fresh: bool,
}

/// What parsing a slice needs to know of its file.
#[derive(Clone, Copy)]
struct Parser<'t> {
    file: FileId,
    text: &'t str,
    /// The trees of an earlier time, where there was one.
    known: Option<&'t Trees>,
}

impl<'t> Parser<'t> {
    /// Returns a builder of what these comments may document.
    fn builder<'d>(&self, docs: &'d [Comment]) -> Builder<'d>
    where
        't: 'd,
    {
        Builder::new(self.file, self.text, docs)
    }

    /// Parses a slice by an entry rule; `None` when it was or is now reported.
    fn run<'d, T>(
        &self,
        builder: &mut Builder<'d>,
        rule: Rule,
        slice: Slice,
        build: impl FnOnce(&mut Builder<'d>, Pair<'_>) -> T,
    ) -> Option<T> {
        let text = self.text.get(slice.start..slice.end).filter(|_| !slice.broken)?;
        if text.len() > MAX_SLICE {
            let span = builder.place(slice.start, slice.start + 1);
            let report = source_too_large::source_too_large(span, "this declaration", MAX_SLICE);
            builder.diagnostics.push(report);
            return None;
        }
        if builder.diagnostics.len() >= MAX_DIAGNOSTICS {
            return None;
        }
        let mut matched = std::mem::take(&mut builder.matched);
        let tree = match matched.take(rule, text) {
            Ok(()) => matched.root(text).map(|pair| build(builder.at(slice.start), pair)),
            Err(refusal) => {
                let next = self.text.as_bytes().get(slice.end);
                let is_opened = rule == Rule::header && next == Some(&b'{');
                let failure = Failure { file: self.file, text, base: slice.start, rule, is_opened };
                let mut report = failure.report(refusal);
                if !failure.is_mended(&report, &mut matched) {
                    report.doubt();
                }
                builder.diagnostics.push(report);
                None
            }
        };
        builder.matched = matched;
        tree
    }

    /// Parses a part, or reads its trees where they are known.
    fn part(&self, part: &Part) -> Done {
        let pieces = &part.pieces;
        let key = self.known.and_then(|known| {
            let key = parts::key(self.text, part, trees::parser())?;
            Some((known, key, parts::range(pieces)?))
        });
        if let Some((known, key, range)) = &key
            && let Some(own) = known.get(key)
            && let Some(trees) = compact::read(self.file, self.text, range.clone(), pieces, own)
        {
            let kept = Some((*key, own.clone()));
            return Done { trees, reports: Vec::new(), kept, is_fresh: false };
        }
        let mut builder = self.builder(&part.docs);
        let trees: Vec<Tree> = pieces.iter().map(|piece| self.piece(&mut builder, piece)).collect();
        let reports = builder.diagnostics;
        let kept = key.filter(|_| reports.is_empty()).and_then(|(_, key, range)| {
            Some((key, compact::write(self.text, range, &trees)?.into()))
        });
        Done { trees, reports, kept, is_fresh: true }
    }

    fn piece(&self, builder: &mut Builder<'_>, piece: &Piece) -> Tree {
        let slice = piece.slice();
        let item = |kind| Tree::Item(Box::new(kind));
        match piece.kind {
            Kind::Member => {
                let member = self.member(builder, slice).map(Box::new);
                member.map_or(Tree::Nothing, Tree::Member)
            }
            Kind::Header | Kind::Unopened => {
                let before = builder.diagnostics.len();
                let layer = self.layer(builder, slice);
                if piece.kind == Kind::Unopened && builder.diagnostics.len() == before {
                    let last = self.text.floor_char_boundary(slice.end.saturating_sub(1));
                    let span = builder.place(last, slice.end);
                    let report = expected_body::expected_body(span, "the end of the line", false);
                    builder.diagnostics.push(report);
                }
                layer.map_or(Tree::Nothing, |layer| item(ItemKind::Layer(layer)))
            }
            Kind::Item => {
                let parsed = self.run(builder, Rule::item_entry, slice, Builder::item);
                let parsed = parsed.or_else(|| {
                    let text = self.text.get(slice.start..slice.end)?;
                    recover::item(text, builder.place(slice.start, slice.end))
                });
                parsed.map_or(Tree::Nothing, item)
            }
        }
    }

    fn member(&self, builder: &mut Builder<'_>, slice: Slice) -> Option<Member> {
        let span = builder.place(slice.start, slice.end);
        let parsed = self.run(builder, Rule::member, slice, |builder, pair| {
            builder.member(pair, slice.after, span)
        });
        parsed.or_else(|| {
            let text = self.text.get(slice.start..slice.end)?;
            recover::member(text, span)
        })
    }

    /// Parses the header of a layer.
    fn layer(&self, builder: &mut Builder<'_>, header: Slice) -> Option<Layer> {
        let parsed = self.run(builder, Rule::header, header, |builder, pair| builder.layer(pair));
        parsed.or_else(|| {
            let text = self.text.get(header.start..header.end)?;
            recover::layer(text, builder.place(header.start, header.end))
        })
    }

    /// Puts the trees of the pieces together to items.
    fn items(
        &self,
        slices: &[ItemSlice],
        comments: &[Comment],
        trees: Vec<Vec<Tree>>,
    ) -> Vec<Item> {
        let builder = self.builder(comments);
        // A part is given back as soon as its trees have moved.
        let mut trees = trees.into_iter().flatten();
        let mut items = Vec::with_capacity(slices.len());
        for ItemSlice { slice, layer, .. } in slices {
            let tree = trees.next();
            let count = layer.as_ref().map_or(0, |(_, range)| Range::len(range));
            let mut own = Vec::with_capacity(count);
            own.extend(trees.by_ref().take(count).filter_map(|tree| match tree {
                Tree::Member(member) => Some(member),
                Tree::Nothing | Tree::Item(_) => None,
            }));
            let Some(Tree::Item(kind)) = tree else { continue };
            let mut kind = *kind;
            if let ItemKind::Layer(layer) = &mut kind {
                layer.members = own;
            }
            let doc = builder.doc(slice.after, slice.start);
            items.push(Item { span: builder.place(slice.start, slice.end), doc, kind });
        }
        items
    }
}

/// Runs what may nest as deep as this on a thread whose stack it fits.
fn on_fitting_stack<T: Send>(deepest: usize, work: impl Fn() -> T + Send + Sync) -> T {
    if deepest <= SHALLOW {
        return work();
    }
    let done = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(DEEP_STACK);
        builder.spawn_scoped(scope, &work).ok().and_then(|worker| worker.join().ok())
    });
    done.unwrap_or_else(work)
}

#[cfg(test)]
mod tests;
