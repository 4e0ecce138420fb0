//! Where items and members begin and end.
//!
//! A member ends at a line's end unless what stands before or behind the line's end says that it
//! goes on; an item also ends where its body does.

use super::{ItemSlice, Mark, Scanner, Slice, is_word};

/// Words that start an item.
pub(in crate::syntax) const ITEM_WORDS: [&str; 9] =
    ["project", "use", "type", "environment", "abstract", "overlay", "component", "test", "fn"];

/// Words that start a member of an environment or overlay.
pub(in crate::syntax) const MEMBER_WORDS: [&str; 16] = [
    "param",
    "let",
    "resource",
    "data",
    "ephemeral",
    "unit",
    "provider",
    "output",
    "ensure",
    "expect",
    "remove",
    "moved",
    "forget",
    "adopt",
    "final",
    "secret",
];

/// Words that start a layer.
const LAYER_WORDS: [&str; 4] = ["environment", "abstract", "overlay", "component"];

impl Scanner<'_> {
    /// Decides what the token at hand begins; `false` when reading was set back.
    pub(super) fn token_starts(&mut self) -> bool {
        let fresh = std::mem::replace(&mut self.fresh_line, false);
        if fresh && !self.stack.is_empty() {
            let distrusts = self.guided || self.unbalanced;
            if distrusts && self.at == self.line_start && self.starts_item(self.at) {
                self.fresh_line = true;
                self.missing_closer();
                return false;
            }
            if self.guided {
                self.close_by_indentation(self.at - self.line_start);
            }
        }
        if self.layer_is_open() {
            let closes = self.bytes[self.at] == b'}';
            if self.depth_is_cut() && !closes && !self.is_separator() {
                self.member_boundary(fresh);
            }
        } else if self.depth_is_cut() {
            self.item_boundary(fresh);
        }
        true
    }

    fn is_separator(&self) -> bool {
        matches!(self.bytes[self.at], b',' | b';')
    }

    fn member_boundary(&mut self, fresh: bool) {
        if self.member.is_some() {
            if !fresh || self.continues(1) {
                return;
            }
            self.finish_member();
        }
        self.member =
            Some(Slice { start: self.at, end: self.at, after: self.last_end, broken: false });
    }

    fn item_boundary(&mut self, fresh: bool) {
        if let Some(item) = &self.item {
            let layer_is_done = item.layer.is_some();
            let goes_on = !layer_is_done && (!fresh || self.continues(0));
            if goes_on || self.is_separator() {
                return;
            }
            if self.starts_member(self.at) || self.starts_entry(self.at) {
                let start = item.slice.start;
                if !layer_is_done && self.starts_layer(start) {
                    self.open_unopened(start);
                    return self.member_boundary(true);
                }
            }
            self.finish_item();
        }
        if self.bytes[self.at] == b';' {
            return;
        }
        let slice = Slice { start: self.at, end: self.at, after: self.last_end, broken: false };
        self.item = Some(ItemSlice { slice, layer: None, is_unopened: false });
    }

    /// Ends the member that is being read at the last token.
    pub(super) fn finish_member(&mut self) {
        self.forget_conditionals();
        if let Some(mut member) = self.member.take() {
            member.end = self.last_end;
            self.outline.members.push(member);
        }
    }

    /// Ends the item that is being read at the last token.
    pub(super) fn finish_item(&mut self) {
        self.finish_member();
        if let Some(mut item) = self.item.take() {
            item.slice.end = self.last_end;
            if item.layer.is_none() && !item.slice.broken && self.starts_layer(item.slice.start) {
                let none = self.outline.members.len();
                item.layer = Some((self.last_end, none..none));
                item.is_unopened = true;
            }
            if let Some((_, members)) = &mut item.layer {
                members.end = self.outline.members.len();
            }
            self.outline.items.push(item);
        }
        self.mark = Mark {
            at: self.last_end,
            members: self.outline.members.len(),
            comments: self
                .outline
                .comments
                .partition_point(|comment| (comment.span.start as usize) < self.last_end),
            diagnostics: self.outline.diagnostics.len() - self.diagnostics_behind_last_token(),
        };
        self.blamed = false;
        self.guided = false;
    }

    fn diagnostics_behind_last_token(&self) -> usize {
        let is_behind = |span: syncline_model::Span| span.start as usize >= self.last_end;
        let diagnostics = self.outline.diagnostics.iter().rev();
        diagnostics.take_while(|diagnostic| diagnostic.span().is_some_and(is_behind)).count()
    }

    /// Tells whether the brace at hand opens a layer's body.
    pub(super) fn opens_layer(&self) -> bool {
        let Some(item) = &self.item else { return false };
        item.layer.is_none() && self.stack.is_empty() && is_layer(self.words(item.slice.start))
    }

    /// Tells whether a layer's body is being read.
    pub(super) fn layer_is_open(&self) -> bool {
        !self.stack.is_empty() && self.item.as_ref().is_some_and(|item| item.layer.is_some())
    }

    /// Tells whether the current depth is the one at which slices are cut.
    pub(super) fn depth_is_cut(&self) -> bool {
        self.overflow == 0 && self.stack.len() == usize::from(self.layer_is_open())
    }

    /// Tells whether the line at hand goes on with what was read before.
    fn continues(&self, level: usize) -> bool {
        let byte = self.bytes[self.at];
        let [word, _] = self.words(self.at);
        if matches!(word, "then" | "else") {
            return !self.is_assigned(self.at + word.len());
        }
        if !word.is_empty() && self.is_continuation_word(word, level) {
            return !self.is_assigned_or_opened(self.at + word.len());
        }
        let leads = matches!(
            byte,
            b'.' | b'?'
                | b'+'
                | b'*'
                | b'/'
                | b'%'
                | b'&'
                | b'|'
                | b'<'
                | b'>'
                | b'='
                | b'!'
                | b'-'
                | b':'
                | b'{'
                | b'('
                | b'['
                | b')'
                | b']'
                | b'}'
                | b','
        );
        if leads {
            return true;
        }
        self.line_before_is_open(level) && !self.starts_afresh(level)
    }

    fn is_continuation_word(&self, word: &str, level: usize) -> bool {
        match word {
            "where" | "if" | "in" => true,
            "extends" | "with" | "for" | "as" => level == 0,
            _ => false,
        }
    }

    /// Tells whether the last token asks for more.
    fn line_before_is_open(&self, level: usize) -> bool {
        let before = &self.bytes[..self.last_end];
        match before.last() {
            Some(
                b'=' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'<' | b'>' | b':' | b'.',
            ) => true,
            Some(b'?') => before.ends_with(b"??"),
            Some(b',') => level == 0,
            Some(byte) if is_word(*byte) => {
                let start = before.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
                let word = self.text.get(start..self.last_end).unwrap_or("");
                matches!(word, "then" | "else" | "in" | "where" | "if")
                    || level == 0 && matches!(word, "extends" | "with" | "for" | "as")
            }
            Some(_) | None => false,
        }
    }

    /// Tells whether the line at hand is plainly a new member or item.
    fn starts_afresh(&self, level: usize) -> bool {
        let [word, _] = self.words(self.at);
        let declares =
            if level == 0 { self.starts_item(self.at) } else { self.starts_member(self.at) };
        // In a declaration a name before `=` can be the end of its type.
        let ends_type =
            level == 0 || self.member.is_some_and(|member| self.starts_member(member.start));
        let asks_value = self.bytes[..self.last_end].last() == Some(&b'=');
        let assigns = !word.is_empty() && self.is_assigned(self.at + word.len());
        declares || assigns && (asks_value || !ends_type)
    }

    /// Tells whether an item's first words stand at `at`.
    pub(super) fn starts_item(&self, at: usize) -> bool {
        let [word, next] = self.words(at);
        if !ITEM_WORDS.contains(&word) || is_infix_word(next) {
            return false;
        }
        let quoted = self.skip_blanks(at + word.len());
        !next.is_empty() || self.bytes.get(quoted) == Some(&b'"')
    }

    /// Tells whether the keyword of a layer stands at `at`.
    fn starts_layer(&self, at: usize) -> bool {
        let [word, _] = self.words(at);
        word == "test" || LAYER_WORDS.contains(&word)
    }

    /// Tells whether a member's first words stand at `at`.
    pub(super) fn starts_member(&self, at: usize) -> bool {
        let [word, next] = self.words(at);
        MEMBER_WORDS.contains(&word) && !next.is_empty() && !is_infix_word(next)
    }

    /// Tells whether an assignment or a nested body starts at `at`.
    pub(super) fn starts_entry(&self, at: usize) -> bool {
        let [word, _] = self.words(at);
        !word.is_empty() && self.is_assigned_or_opened(at + word.len())
    }

    fn is_assigned(&self, at: usize) -> bool {
        let at = self.skip_blanks(at);
        match self.bytes.get(at) {
            Some(b'=') => !matches!(self.bytes.get(at + 1), Some(b'=' | b'>')),
            Some(b'+') => self.bytes.get(at + 1) == Some(&b'='),
            Some(_) | None => false,
        }
    }

    fn is_assigned_or_opened(&self, at: usize) -> bool {
        let brace = self.bytes.get(self.skip_blanks(at)) == Some(&b'{');
        brace || self.is_assigned(at)
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while matches!(self.bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    }

    /// Returns the word at `at` and, on the same line, the next one.
    fn words(&self, at: usize) -> [&str; 2] {
        let word = |at: usize| {
            let mut end = at;
            while self.bytes.get(end).is_some_and(|byte| is_word(*byte)) {
                end += 1;
            }
            self.text.get(at..end).unwrap_or("")
        };
        let first = word(at);
        let gap = at + first.len();
        let second = self.skip_blanks(gap);
        [first, if second > gap { word(second) } else { "" }]
    }
}

/// Tells whether a word goes on with an expression, so that the one before it is a name.
fn is_infix_word(word: &str) -> bool {
    matches!(word, "in" | "if" | "then" | "else" | "where")
}

/// Tells whether the first two words of an item begin a layer, be it with a typo.
fn is_layer([first, second]: [&str; 2]) -> bool {
    if LAYER_WORDS.contains(&first) || first == "test" {
        return true;
    }
    !second.is_empty()
        && !ITEM_WORDS.contains(&first)
        && syncline_model::nearest(first, LAYER_WORDS).is_some()
}
