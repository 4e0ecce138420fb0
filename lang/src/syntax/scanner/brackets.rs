//! Brackets: which are open, which are never closed, and who is to blame.

use syncline_model::Span;

use super::{MAX_DEPTH, Scanner};
use crate::diagnostics::{
    nested_too_deeply, unclosed_delimiter, unmatched_delimiter, unterminated_string,
};

/// A bracket that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// What it is.
    pub(super) kind: OpenKind,
    /// Where it stands.
    at: usize,
    /// How far its line is indented.
    indentation: usize,
    /// The conditionals that were open around it.
    conditionals: usize,
}

/// The kinds of bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OpenKind {
    Brace,
    Bracket,
    Paren,
    /// `${` in a string of one line, which starts at this place.
    Inline(usize),
    /// `${` in a block of text, which starts at this place.
    Block(usize),
}

impl OpenKind {
    fn closer(self) -> u8 {
        match self {
            Self::Brace | Self::Inline(_) | Self::Block(_) => b'}',
            Self::Bracket => b']',
            Self::Paren => b')',
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Brace => "{",
            Self::Bracket => "[",
            Self::Paren => "(",
            Self::Inline(_) | Self::Block(_) => "${",
        }
    }
}

impl Scanner<'_> {
    pub(super) fn open(&mut self, byte: u8) {
        let kind = match byte {
            b'{' => OpenKind::Brace,
            b'[' => OpenKind::Bracket,
            _ => OpenKind::Paren,
        };
        if kind == OpenKind::Brace && self.opens_layer() {
            let members = self.outline.members.len();
            if let Some(item) = &mut self.item {
                item.layer = Some((self.at, members..members));
            }
        }
        self.push(kind, self.at);
        self.at += 1;
    }

    /// Goes on as if the `{` of a layer stood behind the last token: a member follows on a line of
    /// its own. That it is missing is reported with the header.
    pub(super) fn open_unopened(&mut self, start: usize) {
        let members = self.outline.members.len();
        if let Some(item) = &mut self.item {
            item.layer = Some((self.last_end, members..members));
            item.is_unopened = true;
        }
        let line = self.bytes[..start].iter().rposition(|byte| *byte == b'\n');
        let indentation = start - line.map_or(0, |at| at + 1);
        let (kind, at) = (OpenKind::Brace, self.last_end);
        self.stack.push(Open { kind, at, indentation, conditionals: 0 });
        self.deepen(at);
        self.blamed = true;
    }

    pub(super) fn push(&mut self, kind: OpenKind, at: usize) {
        if self.overflow > 0 || self.stack.len() + self.all_conditionals >= MAX_DEPTH {
            self.overflow += 1;
            self.deepen(at);
            return;
        }
        if matches!(kind, OpenKind::Inline(_)) {
            self.inline_interpolations += 1;
        }
        let line = &self.bytes[self.line_start..at];
        let indentation =
            line.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
        self.stack.push(Open { kind, at, indentation, conditionals: self.conditionals });
        self.conditionals = 0;
        self.deepen(at);
    }

    /// Notes the depth that was reached, and reports when it is too much.
    pub(super) fn deepen(&mut self, at: usize) {
        let depth = self.stack.len() + self.all_conditionals;
        self.outline.deepest = self.outline.deepest.max(depth.min(MAX_DEPTH));
        if depth <= MAX_DEPTH && self.overflow == 0 {
            return;
        }
        let span = self.span(at, at + 1);
        self.blame(|| nested_too_deeply::brackets(span, MAX_DEPTH));
    }

    fn pop(&mut self) -> Option<Open> {
        let open = self.stack.pop()?;
        if matches!(open.kind, OpenKind::Inline(_)) {
            self.inline_interpolations -= 1;
        }
        self.forget_conditionals();
        self.conditionals = open.conditionals;
        Some(open)
    }

    pub(super) fn close(&mut self, byte: u8) {
        self.at += 1;
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        let matching = self.stack.iter().rposition(|open| open.kind.closer() == byte);
        let Some(matching) = matching else {
            let span = self.span(self.at - 1, self.at);
            self.blame(|| unmatched_delimiter::unmatched_delimiter(span, byte));
            return;
        };
        if matching + 1 < self.stack.len() && !self.guided {
            self.read_again();
            return;
        }
        while self.stack.len() > matching + 1 {
            self.pop_unclosed();
        }
        self.pop_closed();
    }

    fn pop_closed(&mut self) {
        let Some(open) = self.pop() else { return };
        match open.kind {
            OpenKind::Inline(start) => self.string(start),
            OpenKind::Block(start) => self.block(start),
            OpenKind::Brace if self.stack.is_empty() => {
                self.finish_member();
                self.last_end = self.at;
            }
            OpenKind::Brace | OpenKind::Bracket | OpenKind::Paren => {}
        }
    }

    /// Drops the innermost bracket and reports that it is never closed.
    fn pop_unclosed(&mut self) {
        let Some(open) = self.pop() else { return };
        let span = self.span(open.at, open.at + open.kind.text().len());
        self.blame(|| unclosed_delimiter::unclosed_delimiter(span, open.kind.text()));
        if self.stack.is_empty() {
            self.finish_member();
        }
    }

    /// In the guided reading: drops the brackets that the indentation of this line contradicts.
    pub(super) fn close_by_indentation(&mut self, indentation: usize) {
        let byte = self.bytes[self.at];
        let closes = matches!(byte, b'}' | b']' | b')');
        let outer_fits = self
            .stack
            .iter()
            .any(|open| open.kind.closer() == byte && open.indentation == indentation);
        let contradicts = |open: &Open| match closes {
            true => outer_fits && open.indentation > indentation,
            false => open.indentation >= indentation,
        };
        if !closes && !self.starts_member(self.at) && !self.starts_entry(self.at) {
            return;
        }
        while self.stack.last().is_some_and(contradicts) && !self.is_last_brace_of_layer() {
            self.pop_unclosed();
        }
    }

    fn is_last_brace_of_layer(&self) -> bool {
        self.layer_is_open() && self.stack.len() == 1
    }

    /// Brackets are open where an item begins or the text ends.
    pub(super) fn missing_closer(&mut self) {
        if self.guided {
            self.give_up();
        } else {
            self.read_again();
        }
    }

    /// Reads the item again from its start, now guided by indentation.
    fn read_again(&mut self) {
        self.guided = true;
        self.is_reread = true;
        self.outline.members.truncate(self.mark.members);
        self.outline.comments.truncate(self.mark.comments);
        self.outline.diagnostics.truncate(self.mark.diagnostics);
        self.clear_levels();
        self.blamed = false;
        self.item = None;
        self.member = None;
        self.at = self.mark.at;
        self.last_end = self.mark.at;
        let before = &self.bytes[..self.at];
        self.line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.fresh_line = self.text[self.line_start..self.at].trim().is_empty();
    }

    /// Reports what is still open at the end of the guided reading, unless something in the item
    /// was reported already, and goes on behind it.
    fn give_up(&mut self) {
        let only_layer = self.is_last_brace_of_layer();
        match self.stack.first() {
            Some(open) if only_layer && !self.blamed => {
                let span = self.span(open.at, open.at + 1);
                self.report(|| unclosed_delimiter::unclosed_delimiter(span, "{"));
            }
            Some(_) if only_layer => {}
            Some(_) | None if self.blamed => self.spoil(),
            Some(_) | None => self.pop_unclosed(),
        }
        self.clear_levels();
        self.finish_item();
    }

    fn clear_levels(&mut self) {
        self.stack.clear();
        self.overflow = 0;
        self.conditionals = 0;
        self.all_conditionals = 0;
        self.inline_interpolations = 0;
    }

    /// Returns the innermost `${` that is open in a string of one line, and where that string starts.
    pub(super) fn innermost_interpolation(&self) -> Option<(Span, usize)> {
        self.stack.iter().rev().find_map(|open| match open.kind {
            OpenKind::Inline(start) => Some((self.span(open.at, open.at + 2), start)),
            OpenKind::Brace | OpenKind::Bracket | OpenKind::Paren | OpenKind::Block(_) => None,
        })
    }

    /// A line ends inside `${` of a string of one line.
    pub(super) fn interpolation_at_line_end(&mut self) {
        while self.inline_interpolations > 0 {
            let Some(open) = self.pop() else { return };
            if let OpenKind::Inline(start) = open.kind
                && self.inline_interpolations == 0
            {
                let span = self.span(start, self.at - 1);
                let open = self.span(open.at, open.at + 2);
                self.unclosed_interpolation(open, span);
            }
        }
    }

    /// Reports `${` that its string ends without closing.
    pub(super) fn unclosed_interpolation(&mut self, open: Span, string: Span) {
        let behind = &self.bytes[open.end as usize..string.end as usize];
        // One closes the string, or was meant to.
        let quotes = behind.iter().filter(|byte| **byte == b'"').count();
        self.blame(|| unterminated_string::unclosed_interpolation(open, string, quotes > 1));
    }
}
