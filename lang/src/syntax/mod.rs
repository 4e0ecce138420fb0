//! Text to the typed syntax tree.
//!
//! Takes the text of one file and returns its [`ast::File`] with every comment, and the
//! diagnostics. It is total: any text gives a tree, in linear time and bounded memory and stack;
//! what could not be parsed is an error node or, where even its name is unknown, left out, and has
//! been reported. The `scanner` cuts the text into items and members, the `grammar` (pest, which
//! no other module names) parses each on its own, `build` makes the tree, `errors` puts a failure
//! into the user's words, and `recover` keeps the names of what failed.

pub mod ast;
mod build;
mod comment;
mod errors;
mod grammar;
pub(crate) mod locate;
mod recover;
mod scanner;
pub(crate) mod visit;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use syncline_model::{Diagnostic, FileId, Span};

use crate::diagnostics::source_too_large;
use ast::{Comment, CommentKind, Expr, ExprKind, File, Item, ItemKind, Member};
use build::Builder;
use errors::Failure;
use grammar::Rule;
use scanner::{ItemSlice, Slice};

/// The largest file.
const MAX_SOURCE: usize = 64 << 20;
/// The largest member or item.
const MAX_SLICE: usize = 8 << 20;
/// The most diagnostics about the syntax of one file.
const MAX_DIAGNOSTICS: usize = 1000;
/// From this size on members are parsed in parallel.
const PARALLEL_FROM: usize = 256 << 10;
/// About how many bytes a thread takes at a time.
const PART: usize = 64 << 10;
/// Deeper nesting is parsed on a thread with a stack of this many bytes.
const DEEP_STACK: usize = 64 << 20;
/// The nesting that any thread's stack can bear.
const SHALLOW: usize = 16;

/// Parses a file.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    if text.len() > MAX_SOURCE {
        let span = Span::new(file, 0, 0);
        let report = source_too_large::source_too_large(span, "this file", MAX_SOURCE);
        return (
            File { id: file, folder: Default::default(), items: Vec::new(), comments: Vec::new() },
            vec![report],
        );
    }
    let outline = scanner::scan(file, text);
    let docs: Vec<Comment> = outline
        .comments
        .iter()
        .filter(|comment| comment.kind == CommentKind::Doc)
        .copied()
        .collect();
    let parser = Parser { file, text, docs: &docs, deepest: outline.deepest };
    let mut diagnostics = outline.diagnostics;
    let members = parser.members(&outline.members, &mut diagnostics);
    let items = parser.items(&outline.items, members, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    diagnostics.truncate(MAX_DIAGNOSTICS);
    (File { id: file, folder: Default::default(), items, comments: outline.comments }, diagnostics)
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
    let slices: Vec<ItemSlice> = outline.items.into_iter().filter(own).collect();
    let parser = Parser { file, text, docs: &[], deepest: outline.deepest };
    let items = parser.items(&slices, Vec::new(), &mut Vec::new());
    let mut all = Vec::new();
    for item in items {
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
    let parser = Parser { file, text, docs: &[], deepest: outline.deepest };
    let slice = Slice { start: 0, end: text.len(), after: 0, broken };
    let (expr, mut reports) = parser.on_fitting_stack(|| {
        let mut builder = parser.builder();
        let expr = parser.run(&mut builder, Rule::expression, slice, Builder::expression);
        (expr, builder.diagnostics)
    });
    diagnostics.append(&mut reports);
    (expr.unwrap_or(error), diagnostics)
}

/// The members of a part, and what was reported of them.
type Part = (Vec<Option<Member>>, Vec<Diagnostic>);

/// What parsing a slice needs to know of its file.
#[derive(Clone, Copy)]
struct Parser<'t> {
    file: FileId,
    text: &'t str,
    docs: &'t [Comment],
    deepest: usize,
}

impl<'t> Parser<'t> {
    fn builder(&self) -> Builder<'t> {
        Builder::new(self.file, self.text, self.docs)
    }

    /// Parses a slice by an entry rule; `None` when it was or is now reported.
    fn run<T>(
        &self,
        builder: &mut Builder<'t>,
        rule: Rule,
        slice: Slice,
        build: impl FnOnce(&mut Builder<'t>, pest::iterators::Pair<'t, Rule>) -> T,
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
        match grammar::parse(rule, text) {
            Ok(mut pairs) => pairs.next().map(|pair| build(builder.at(slice.start), pair)),
            Err(error) => {
                let failure = Failure { file: self.file, text, base: slice.start, rule };
                builder.diagnostics.push(failure.report(&error));
                None
            }
        }
    }

    /// Parses all members, in parallel when they are many: small parts, which whoever is free takes.
    /// Returns the members of each part, in order.
    fn members(
        &self,
        slices: &[Slice],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Vec<Option<Member>>> {
        let bytes: usize = slices.iter().map(|slice| slice.end - slice.start).sum();
        let parts = split(slices, PART);
        let next = AtomicUsize::new(0);
        let reported = AtomicUsize::new(0);
        let work = || {
            let mut own = Vec::new();
            loop {
                // What was counted before a part was taken stands before it in the file: what
                // that part reports beyond the most would be cut off in the end.
                let is_full = reported.load(Ordering::SeqCst) >= MAX_DIAGNOSTICS;
                let at = next.fetch_add(1, Ordering::SeqCst);
                let Some(part) = parts.get(at) else { return own };
                let (members, mut reports) = self.part(part);
                if is_full {
                    reports.clear();
                }
                reported.fetch_add(reports.len(), Ordering::SeqCst);
                own.push((at, (members, reports)));
            }
        };
        let mut done: Vec<Option<Part>> = parts.iter().map(|_| None).collect();
        let results = if bytes < PARALLEL_FROM {
            self.on_fitting_stack(work)
        } else {
            std::thread::scope(|scope| {
                let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
                let builder = || std::thread::Builder::new().stack_size(DEEP_STACK);
                let workers: Vec<_> =
                    (0..threads).filter_map(|_| builder().spawn_scoped(scope, work).ok()).collect();
                let joined = workers.into_iter().filter_map(|worker| worker.join().ok());
                joined.flatten().collect()
            })
        };
        for (at, part) in results {
            done[at] = Some(part);
        }
        let mut members = Vec::with_capacity(parts.len());
        for (part, done) in parts.iter().zip(done) {
            // Where no thread could be started, this one does the work.
            let (parsed, mut reports) = done.unwrap_or_else(|| self.part(part));
            members.push(parsed);
            diagnostics.append(&mut reports);
        }
        members
    }

    fn part(&self, slices: &[Slice]) -> Part {
        let mut builder = self.builder();
        let members = slices.iter().map(|slice| self.member(&mut builder, *slice)).collect();
        (members, builder.diagnostics)
    }

    fn member(&self, builder: &mut Builder<'t>, slice: Slice) -> Option<Member> {
        let span = builder.place(slice.start, slice.end);
        let parsed = self.run(builder, Rule::member, slice, |builder, pair| {
            builder.member(pair, slice.after, span)
        });
        parsed.or_else(|| {
            let text = self.text.get(slice.start..slice.end)?;
            recover::member(text, span)
        })
    }

    /// Runs deep parsing on a thread whose stack it fits.
    fn on_fitting_stack<T: Send>(&self, work: impl Fn() -> T + Send + Sync) -> T {
        if self.deepest <= SHALLOW {
            return work();
        }
        let done = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(DEEP_STACK);
            builder.spawn_scoped(scope, &work).ok().and_then(|worker| worker.join().ok())
        });
        done.unwrap_or_else(work)
    }

    fn items(
        &self,
        slices: &[ItemSlice],
        members: Vec<Vec<Option<Member>>>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Item> {
        let (kinds, mut reports) = self.on_fitting_stack(|| {
            let mut builder = self.builder();
            let kinds: Vec<Option<ItemKind>> =
                slices.iter().map(|slice| self.item_kind(&mut builder, slice)).collect();
            (kinds, builder.diagnostics)
        });
        diagnostics.append(&mut reports);
        let builder = self.builder();
        // A part is given back as soon as its members have moved.
        let mut members = members.into_iter().flatten();
        let mut items = Vec::with_capacity(slices.len());
        for (slice, kind) in slices.iter().zip(kinds) {
            let range = slice.layer.as_ref().map_or(0..0, |(_, range)| range.clone());
            let count = Range::len(&range);
            let mut own: Vec<Member> = Vec::with_capacity(count);
            own.extend(members.by_ref().take(count).flatten());
            let Some(mut kind) = kind else { continue };
            if let ItemKind::Layer(layer) = &mut kind {
                layer.members = own;
            }
            let slice = slice.slice;
            let doc = builder.doc(slice.after, slice.start);
            items.push(Item { span: builder.place(slice.start, slice.end), doc, kind });
        }
        items
    }

    fn item_kind(&self, builder: &mut Builder<'t>, item: &ItemSlice) -> Option<ItemKind> {
        let Some((open, _)) = &item.layer else {
            let rule = Rule::item_entry;
            let parsed = self.run(builder, rule, item.slice, Builder::item);
            return parsed.or_else(|| {
                let text = self.text.get(item.slice.start..item.slice.end)?;
                recover::item(text, builder.place(item.slice.start, item.slice.end))
            });
        };
        let header = Slice { end: *open, ..item.slice };
        let parsed = self.run(builder, Rule::header, header, |builder, pair| builder.layer(pair));
        let layer = parsed.or_else(|| {
            let text = self.text.get(header.start..header.end)?;
            recover::layer(text, builder.place(header.start, header.end))
        });
        layer.map(ItemKind::Layer)
    }
}

/// Splits slices into parts of about `size` bytes each.
fn split(slices: &[Slice], size: usize) -> Vec<&[Slice]> {
    let mut parts = Vec::new();
    let mut rest = slices;
    while !rest.is_empty() {
        let mut bytes = 0;
        let count = rest
            .iter()
            .position(|slice| {
                bytes += slice.end - slice.start;
                bytes >= size
            })
            .map_or(rest.len(), |at| at + 1);
        let (part, tail) = rest.split_at(count);
        parts.push(part);
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests;
