//! Turns the grammar's pairs into the syntax tree.
//!
//! Takes the pairs of one item, member or expression that parsed; returns its tree and reports
//! what the grammar lets through but the language does not (unknown escapes, malformed numbers,
//! expressions that are too high). Places are moved by the slice's offset, so trees of slices
//! need no later pass. It never fails: what it reports becomes an error node.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar has over a hundred rules, and says which can follow where"
)]

mod bodies;
mod expressions;
mod items;
mod members;
mod numbers;
mod strings;
mod types;

use syncline_model::{Diagnostic, FileId, Span, Str};
use thin_vec::ThinVec;

use super::ast::{Comment, CommentKind, Expr, ExprKind, Ident};
use super::grammar::{Matched, Pair, Pairs, Rule};
use crate::diagnostics::nested_too_deeply;

/// How many nodes high an expression may be.
pub(super) const MAX_HEIGHT: u32 = 256;

/// Builds the trees of one file's slices.
pub(super) struct Builder<'t> {
    file: FileId,
    /// The whole file.
    text: &'t str,
    /// The comments that may document what is built, in source order.
    docs: &'t [Comment],
    /// Where the slice starts in the file.
    base: usize,
    /// How high the expression is that was built last.
    height: u32,
    /// The slice has an expression that is too high, which was reported.
    is_too_high: bool,
    /// What the grammar matched last, for its room.
    pub(super) matched: Matched,
    /// What was reported.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'t> Builder<'t> {
    /// Returns a builder for slices of `text`.
    pub(super) fn new(file: FileId, text: &'t str, docs: &'t [Comment]) -> Self {
        Self {
            file,
            text,
            docs,
            base: 0,
            height: 0,
            is_too_high: false,
            matched: Matched::default(),
            diagnostics: Vec::new(),
        }
    }

    /// Moves to the slice that starts at `base`.
    pub(super) fn at(&mut self, base: usize) -> &mut Self {
        self.base = base;
        self.is_too_high = false;
        self
    }

    fn span(&self, pair: &Pair<'_>) -> Span {
        let (start, end) = pair.range();
        Span::new(self.file, (self.base + start) as u32, (self.base + end) as u32)
    }

    /// Returns the span of a pair that starts `lead` bytes behind its node's first byte.
    fn wider(&self, pair: &Pair<'_>, lead: u32) -> Span {
        let span = self.span(pair);
        Span::new(span.file, span.start - lead, span.end)
    }

    fn ident(&self, pair: &Pair<'_>) -> Ident {
        Ident { name: pair.as_str().into(), span: self.span(pair) }
    }

    /// Builds a name that is bare or a plain string.
    fn key(&mut self, pair: Pair<'_>) -> Ident {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::plain => Ident { name: strings::unquote(pair.as_str()).into(), span },
            _ => Ident { name: pair.as_str().into(), span },
        }
    }

    /// Returns the `///` text between `after` and `start`, without what shares a line with the
    /// token before it.
    pub(super) fn doc(&self, after: usize, start: usize) -> Str {
        if self.docs.is_empty() {
            return Str::new();
        }
        let first = self.docs.partition_point(|comment| (comment.span.start as usize) < after);
        let mut doc = Str::new();
        for comment in &self.docs[first..] {
            let place = comment.span.start as usize;
            if place >= start {
                break;
            }
            if comment.kind != CommentKind::Doc {
                continue;
            }
            let gap = self.text.get(after..place).unwrap_or("");
            if after > 0 && !gap.contains('\n') {
                continue;
            }
            let text = self.text.get(place + 3..comment.span.end as usize).unwrap_or("");
            if !doc.is_empty() {
                doc.push('\n');
            }
            doc.push_str(text.strip_prefix(' ').unwrap_or(text).trim_end());
        }
        doc
    }

    /// Returns the text that [`Self::doc`] returns, where there is any.
    fn doc_of(&self, after: usize, start: usize) -> Option<Box<Str>> {
        let doc = self.doc(after, start);
        (!doc.is_empty()).then(|| Box::new(doc))
    }

    /// Returns a node over children of which the highest is `height` high.
    fn node(&mut self, span: Span, kind: ExprKind, height: u32) -> Expr {
        if height >= MAX_HEIGHT {
            if !std::mem::replace(&mut self.is_too_high, true) {
                self.diagnostics.push(nested_too_deeply::operations(span, MAX_HEIGHT));
            }
            self.height = 0;
            return Expr { span, kind: ExprKind::Error };
        }
        self.height = height + 1;
        Expr { span, kind }
    }
}

/// Takes the pair that the grammar guarantees.
fn take<'i>(pairs: &mut Pairs<'i>) -> Pair<'i> {
    pairs.next().expect("invariant: the grammar puts a pair here")
}

/// Takes the next pair if it is of this rule.
fn take_if<'i>(pairs: &mut Pairs<'i>, rule: Rule) -> Option<Pair<'i>> {
    let pair = pairs.peek().filter(|pair| pair.as_rule() == rule)?;
    pairs.next();
    Some(pair)
}

/// Moves a list to where it has just the room that it needs. Allocators leave a list where it is that
/// shrinks by less than half, with all its room.
fn fitted<T>(mut list: ThinVec<T>) -> ThinVec<T> {
    let mut fitted = ThinVec::with_capacity(list.len());
    fitted.append(&mut list);
    fitted
}
