//! Sequences: the items of a file, the members of a body, the elements of a list.
//!
//! Decides where comments between elements go (behind the element whose line they end, else
//! before the next one), where empty lines stay, and how far `=` is moved to stand in one column.

use super::document::{Doc, INDENT, WIDTH};
use super::printer::{Printer, joined};
use crate::syntax::ast::CommentKind;

/// How elements are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// `,` on one line, and behind each element on lines of their own.
    Comma,
    /// `,` on one line, nothing on lines of their own.
    Line,
}

/// The brackets around a sequence.
#[derive(Clone, Copy)]
pub(super) struct Brackets {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// On one line there are spaces inside of the brackets.
    pub(super) spaced: bool,
    /// It stays broken when the author broke it behind the opening bracket.
    pub(super) keeps: bool,
    /// It is always broken.
    pub(super) broken: bool,
    pub(super) separator: Separator,
}

/// `( )` around arguments.
pub(super) const PARENS: Brackets = Brackets {
    open: "(",
    close: ")",
    spaced: false,
    keeps: false,
    broken: false,
    separator: Separator::Comma,
};
/// `[ ]` around elements.
pub(super) const LIST: Brackets = Brackets { open: "[", close: "]", keeps: true, ..PARENS };
/// `{ }` around entries.
pub(super) const BRACES: Brackets = Brackets {
    open: "{",
    close: "}",
    spaced: true,
    keeps: true,
    broken: false,
    separator: Separator::Line,
};

/// What one element prints.
pub(super) struct Element {
    /// All of it, or what stands before a `=` that may be moved.
    pub(super) head: Doc,
    /// From the `=` on.
    pub(super) tail: Option<Doc>,
    /// No `,` follows on one line.
    pub(super) bare: bool,
}

impl From<Doc> for Element {
    fn from(head: Doc) -> Self {
        Self { head, tail: None, bare: false }
    }
}

/// An element with what surrounds it.
struct Placed {
    /// Comments before it.
    lead: Vec<Doc>,
    /// An empty line stands before all of it.
    after_empty_line: bool,
    /// A comment on a line of its own stands before it.
    commented: bool,
    element: Element,
    /// Comments behind it.
    trail: Vec<Doc>,
}

impl<'t> Printer<'t> {
    /// Prints a sequence of `count` elements in brackets.
    pub(super) fn bracketed(
        &mut self,
        brackets: Brackets,
        count: usize,
        each: impl FnMut(&mut Self, usize) -> Element,
    ) -> Doc {
        let open = self.token(brackets.open);
        let after = self.place;
        let start = self.token_start(after);
        let line = self.text.get(after..start).unwrap_or("");
        let kept = brackets.keeps
            && count > 0
            && line.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
        let mut docs = vec![open];
        self.comment_behind_bracket(&mut docs);
        self.level += 1;
        let inner = self.elements(count, each, brackets.separator, Some(brackets.close));
        self.level -= 1;
        let close = self.token(brackets.close);
        let Some(inner) = inner else {
            docs.push(if docs.len() > 1 { Doc::hard_line() } else { Doc::nothing() });
            docs.push(close);
            return joined(docs);
        };
        let edge = || if brackets.spaced { Doc::line() } else { Doc::soft_line() };
        docs.push(Doc::indent(Doc::sequence(vec![edge(), inner])));
        docs.extend([edge(), close]);
        let doc = Doc::sequence(docs);
        let forced = kept || brackets.broken;
        Doc::group(if forced { doc.force() } else { doc })
    }

    /// A comment that ends the line of an opening bracket stays there.
    fn comment_behind_bracket(&mut self, docs: &mut Vec<Doc>) {
        let Some(comment) = self.pending(usize::MAX) else { return };
        let gap = self.text.get(self.place..comment.span.start as usize);
        let on_line = gap.is_some_and(|gap| gap.bytes().all(|byte| matches!(byte, b' ' | b'\t')));
        if on_line && comment.kind != CommentKind::Block {
            let text = self.take_comment(comment);
            docs.push(Doc::suffix(text));
        }
    }

    /// Prints elements and the comments among them; `None` when there is neither.
    pub(super) fn elements(
        &mut self,
        count: usize,
        mut each: impl FnMut(&mut Self, usize) -> Element,
        separator: Separator,
        close: Option<&str>,
    ) -> Option<Doc> {
        let mut placed = Vec::with_capacity(count);
        for index in 0..count {
            let start = self.element_start();
            let (lead, after_empty_line, commented) = self.lead(start, index == 0, false);
            let element = each(self, index);
            let mut trail = self.trail(close);
            if element.bare && !trail.is_empty() {
                // Without a `,` the comment would belong to the next element.
                trail.push(Doc::nothing().force());
            }
            placed.push(Placed { lead, after_empty_line, commented, element, trail });
        }
        let end = self.element_start();
        let (mut rest, rest_after_empty_line, _) = self.lead(end, count == 0, true);
        if placed.is_empty() && rest.is_empty() {
            return None;
        }
        let pads = self.pads(&placed);
        let mut docs = Vec::new();
        let last = placed.len().saturating_sub(1);
        for (index, (placed, pad)) in placed.into_iter().zip(pads).enumerate() {
            if index > 0 {
                docs.push(if placed.after_empty_line { Doc::empty_line() } else { Doc::line() });
            }
            docs.extend(placed.lead);
            docs.push(placed.element.head);
            if let Some(tail) = placed.element.tail {
                docs.push(Doc::if_broken(Doc::text(" ".repeat(pad)), Doc::nothing()));
                docs.push(tail);
            }
            docs.extend(placed.trail);
            docs.push(mark(separator, index == last, placed.element.bare));
        }
        if !rest.is_empty() {
            // The line's end behind the last comment is that of the closing bracket.
            rest.pop();
            if count > 0 {
                docs.push(if rest_after_empty_line { Doc::empty_line() } else { Doc::hard_line() });
            }
            docs.extend(rest);
            docs.push(Doc::nothing().force());
        }
        Some(joined(docs))
    }

    /// Returns where the next element or the closing bracket starts, behind stray separators.
    fn element_start(&self) -> usize {
        let mut at = self.token_start(self.place);
        while matches!(self.text.as_bytes().get(at), Some(b',' | b';')) {
            at = self.token_start(at + 1);
        }
        at
    }

    /// Prints the comments before an element: whether an empty line stands before all of it, and
    /// whether one of the comments has a line of its own, as all have at the end.
    fn lead(&mut self, start: usize, is_first: bool, is_end: bool) -> (Vec<Doc>, bool, bool) {
        let mut docs = Vec::new();
        let mut commented = false;
        let first = self.pending(start).map_or(start, |comment| comment.span.start as usize);
        let after_empty_line = !is_first && self.has_empty_line(self.place, first);
        while let Some(comment) = self.pending(start) {
            let text = self.take_comment(comment);
            let next = self.pending(start).map_or(start, |comment| comment.span.start as usize);
            let gap = self.text.get(self.place..next).unwrap_or("");
            let own_line = is_end || gap.contains('\n');
            if comment.kind == CommentKind::Block && !own_line {
                docs.push(Doc::inline(text));
                continue;
            }
            commented = true;
            docs.push(Doc::text(text));
            let empty = self.has_empty_line(self.place, next);
            docs.push(if empty { Doc::empty_line() } else { Doc::hard_line() });
        }
        (docs, after_empty_line, commented)
    }

    fn has_empty_line(&self, from: usize, to: usize) -> bool {
        let gap = self.text.get(from..to).unwrap_or("");
        gap.bytes().filter(|byte| *byte == b'\n').count() > 1
    }

    /// Prints the comments that end the line of the element that was printed last.
    fn trail(&mut self, close: Option<&str>) -> Vec<Doc> {
        let mut docs = Vec::new();
        let mut separated = false;
        loop {
            let at = self.skip_blanks(self.place);
            match self.pending(at + 1) {
                Some(comment) if comment.span.start as usize == at => {
                    if comment.kind != CommentKind::Block {
                        let text = self.take_comment(comment);
                        docs.push(Doc::suffix(text));
                        return docs;
                    }
                    if !self.ends_line(close) {
                        return docs;
                    }
                    let text = self.take_comment(comment);
                    docs.push(Doc::inline(text));
                }
                Some(_) | None => {
                    if separated || !matches!(self.text.as_bytes().get(at), Some(b',' | b';')) {
                        return docs;
                    }
                    separated = true;
                    self.place = at + 1;
                }
            }
        }
    }

    /// Tells whether the pending block comments are followed by no token but a separator or the
    /// closing bracket on their line.
    fn ends_line(&self, close: Option<&str>) -> bool {
        let mut at = self.place;
        for comment in self.pending_comments() {
            let start = self.skip_blanks(at);
            if comment.span.start as usize != start || comment.kind != CommentKind::Block {
                break;
            }
            at = comment.span.end as usize;
        }
        let rest = self.text.get(self.skip_blanks(at)..).unwrap_or("");
        rest.is_empty()
            || rest.starts_with(['\n', ',', ';'])
            || rest.starts_with("//")
            || close.is_some_and(|close| rest.starts_with(close))
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while matches!(self.text.as_bytes().get(at), Some(b' ' | b'\t' | b'\r')) {
            at += 1;
        }
        at
    }

    /// Returns by how much the `=` of each element moves.
    fn pads(&self, placed: &[Placed]) -> Vec<usize> {
        let mut pads = vec![0; placed.len()];
        let mut start = 0;
        while start < placed.len() {
            let (end, column) = self.alignment_run(&placed[start..]);
            for (pad, placed) in pads[start..start + end].iter_mut().zip(&placed[start..]) {
                *pad = column.saturating_sub(placed.element.head.flat);
            }
            start += end.max(1);
        }
        pads
    }

    /// Returns how many elements from the first on can share a column, and the column.
    fn alignment_run(&self, placed: &[Placed]) -> (usize, usize) {
        let room = WIDTH.saturating_sub(self.level * INDENT);
        let mut column = 0;
        let mut longest = 0;
        for (index, Placed { element, after_empty_line, commented, lead, trail }) in
            placed.iter().enumerate()
        {
            let Some(tail) = &element.tail else { return (index, column) };
            let one_line = !element.head.forced && !tail.forced && lead.is_empty();
            let inline: usize = trail.iter().map(|doc| doc.flat).sum();
            let next = column.max(element.head.flat);
            let tallest = longest.max(tail.flat + inline);
            let starts_run = index > 0 && (*after_empty_line || *commented);
            if !one_line || starts_run || next + tallest > room {
                return (index, column);
            }
            (column, longest) = (next, tallest);
        }
        (placed.len(), column)
    }
}

/// What stands behind an element.
fn mark(separator: Separator, is_last: bool, bare: bool) -> Doc {
    match (separator, is_last) {
        (Separator::Comma, true) => Doc::if_broken(Doc::text(","), Doc::nothing()),
        (Separator::Comma, false) => Doc::text(","),
        (Separator::Line, true) => Doc::nothing(),
        (Separator::Line, false) if bare => Doc::if_broken(Doc::nothing(), Doc::text(" ")),
        (Separator::Line, false) => Doc::if_broken(Doc::nothing(), Doc::text(",")),
    }
}
