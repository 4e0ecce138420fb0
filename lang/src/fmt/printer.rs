//! Prints tokens in source order, and with each the comments that stand before it.
//!
//! The tree has no punctuation, so the printer keeps its place in the source: a token that is next
//! there takes the comments before it along. Every comment is printed once: where its token is
//! not found, the next one that is takes it.

use syncline_model::Span;

use super::document::Doc;
use crate::syntax::ast::{Comment, CommentKind};

/// Prints one file.
pub(super) struct Printer<'t> {
    pub(super) text: &'t str,
    comments: &'t [Comment],
    /// The first comment that is not printed yet.
    next: usize,
    /// The byte after the last token that was printed.
    pub(super) place: usize,
    /// The levels of indentation.
    pub(super) level: usize,
}

impl<'t> Printer<'t> {
    pub(super) fn new(text: &'t str, comments: &'t [Comment]) -> Self {
        let place = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, comments, next: 0, place, level: 0 }
    }

    /// Returns the next comment if it starts before `limit`.
    pub(super) fn pending(&self, limit: usize) -> Option<Comment> {
        self.comments
            .get(self.next)
            .copied()
            .filter(|comment| (comment.span.start as usize) < limit)
    }

    /// Returns the comments that are not printed yet.
    pub(super) fn pending_comments(&self) -> &'t [Comment] {
        &self.comments[self.next..]
    }

    /// Takes the next comment's text, and moves behind it.
    pub(super) fn take_comment(&mut self, comment: Comment) -> &'t str {
        self.next += 1;
        self.place = comment.span.end as usize;
        self.slice(comment.span).trim_end()
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Returns where the next token starts, from `at` on.
    pub(super) fn token_start(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut next = self.next;
        loop {
            while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                at += 1;
            }
            while self.comments.get(next).is_some_and(|comment| (comment.span.start as usize) < at)
            {
                next += 1;
            }
            match self.comments.get(next) {
                Some(comment) if comment.span.start as usize == at => {
                    at = comment.span.end as usize
                }
                Some(_) | None => return at,
            }
        }
    }

    /// Prints the comments before `limit` between tokens.
    fn comments_before(&mut self, limit: usize, docs: &mut Vec<Doc>) {
        while let Some(comment) = self.pending(limit) {
            let text = self.take_comment(comment);
            match comment.kind {
                CommentKind::Block => docs.push(Doc::inline(text)),
                CommentKind::Line | CommentKind::Doc => {
                    docs.extend([Doc::suffix(text), Doc::indent(Doc::hard_line())]);
                }
            }
        }
    }

    /// Prints a token that the tree does not have.
    pub(super) fn token(&mut self, token: &str) -> Doc {
        let at = self.token_start(self.place);
        if !self.text.get(at..).is_some_and(|rest| rest.starts_with(token)) {
            return Doc::text(token);
        }
        let mut docs = Vec::new();
        self.comments_before(at, &mut docs);
        self.place = at + token.len();
        docs.push(Doc::text(token));
        joined(docs)
    }

    /// Prints the dot of an access. Behind a comment it starts a line: there may be no space before it.
    pub(super) fn dot(&mut self, token: &str) -> Doc {
        if self.pending(self.token_start(self.place)).is_none() {
            return self.token(token);
        }
        let comments = self.dropped("");
        let line = Doc::indent(Doc::hard_line());
        joined(vec![comments, line, self.token(token)])
    }

    /// Prints the comments before a node, so that they do not break the group that it may be.
    pub(super) fn before(&mut self, span: Span) -> Option<Doc> {
        self.pending(span.start as usize)?;
        let mut docs = Vec::new();
        self.comments_before(span.start as usize, &mut docs);
        Some(joined(docs))
    }

    /// Passes a token that is not printed, and prints the comments before it.
    pub(super) fn dropped(&mut self, token: &str) -> Doc {
        let at = self.token_start(self.place);
        let mut docs = Vec::new();
        if self.text.get(at..).is_some_and(|rest| rest.starts_with(token)) {
            self.comments_before(at, &mut docs);
            self.place = at + token.len();
        }
        joined(docs)
    }

    /// Moves behind a node whose last tokens are not printed, and prints the comments among them.
    pub(super) fn behind(&mut self, span: Span) -> Doc {
        let end = span.end as usize;
        let mut docs = Vec::new();
        self.comments_before(end, &mut docs);
        self.place = self.place.max(end);
        joined(docs)
    }

    /// Prints the source under a span as it is.
    pub(super) fn leaf(&mut self, span: Span) -> Doc {
        let mut docs = Vec::new();
        self.comments_before(span.start as usize, &mut docs);
        self.place = span.end as usize;
        while self.pending(self.place).is_some() {
            self.next += 1;
        }
        docs.push(Doc::text(self.slice(span)));
        joined(docs)
    }

    /// Prints a token with a space behind it.
    pub(super) fn word(&mut self, token: &str) -> Doc {
        let word = self.token(token);
        Doc::sequence(vec![word, Doc::text(" ")])
    }

    /// Prints a token with a space on both sides.
    pub(super) fn spaced(&mut self, token: &str) -> Doc {
        let word = self.token(token);
        Doc::sequence(vec![Doc::text(" "), word, Doc::text(" ")])
    }
}

/// Joins documents, without a wrapper around a single one.
pub(super) fn joined(mut docs: Vec<Doc>) -> Doc {
    match (docs.len(), docs.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            docs.extend(last);
            Doc::sequence(docs)
        }
    }
}
