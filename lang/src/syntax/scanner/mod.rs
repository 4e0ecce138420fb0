//! Cuts a file into items and the bodies of environments and overlays into members.
//!
//! Takes text; returns where each item and member starts and ends, the comments, and the
//! diagnostics about what is never closed or closed twice. It knows words, strings, comments and
//! brackets and nothing of the grammar, so one bad member costs one diagnostic and the parser
//! never sees more than a member at once. It bounds nesting before anything recursive runs.
//!
//! Laws: text whose brackets balance is cut by them alone, whatever its layout; time is linear in
//! the text (an item whose brackets do not balance is read again, guided by its indentation); an unclosed opener is reported where it stands; a slice
//! with such an opener is [`Slice::broken`] and has been reported.

mod boundary;
mod brackets;
mod quotes;

use syncline_model::{Diagnostic, FileId, Span};

use super::MAX_DIAGNOSTICS;
use super::ast::{Comment, CommentKind};
use crate::diagnostics::{hash_comment, invalid_character, semicolon, single_quotes};
use brackets::Open;

pub(super) use boundary::{ITEM_WORDS, MEMBER_WORDS};

/// How deep brackets and conditionals may nest.
pub(super) const MAX_DEPTH: usize = 128;

/// How often the scanner starts anew behind a block of text or comment that is never closed.
const MAX_RESUMPTIONS: usize = 8;

/// What the scanner found.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The items in source order.
    pub(super) items: Vec<ItemSlice>,
    /// The members of all layers in source order.
    pub(super) members: Vec<Slice>,
    /// The comments in source order.
    pub(super) comments: Vec<Comment>,
    /// What is wrong with quotes and brackets.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The deepest nesting.
    pub(super) deepest: usize,
}

/// A piece of text that is parsed on its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after its last.
    pub(super) end: usize,
    /// The byte after what stands before it, where its `///` text begins at the earliest.
    pub(super) after: usize,
    /// It was reported already and must not be parsed.
    pub(super) broken: bool,
}

/// An item.
#[derive(Clone, Debug)]
pub(super) struct ItemSlice {
    /// Where it stands.
    pub(super) slice: Slice,
    /// For an environment or overlay: the place of its `{`, and its members.
    pub(super) layer: Option<(usize, std::ops::Range<usize>)>,
    /// The `{` is missing: the header ends where it should be.
    pub(super) is_unopened: bool,
}

/// What the scanner has passed by a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'o> {
    /// The items that ended.
    pub(super) items: &'o [ItemSlice],
    /// The item that has not ended.
    pub(super) open: Option<&'o ItemSlice>,
    /// The members that ended, of that item too.
    pub(super) members: &'o [Slice],
    /// The comments.
    pub(super) comments: &'o [Comment],
}

impl Outline {
    /// Returns everything.
    pub(super) fn seen(&self) -> Seen<'_> {
        let Self { items, members, comments, .. } = self;
        Seen { items, open: None, members, comments }
    }
}

/// Cuts the text.
pub(super) fn scan(file: FileId, text: &str) -> Outline {
    scan_in_steps(file, text, text.len().max(1), |_| ())
}

/// Cuts the text, and tells each so many bytes what was passed by then. When an item has to be read
/// a second time nothing is told any more: what was told of it may be wrong.
pub(super) fn scan_in_steps(
    file: FileId,
    text: &str,
    step: usize,
    mut tell: impl FnMut(Seen<'_>),
) -> Outline {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut scanner = Scanner::new(file, text, start);
    let mut to = step;
    while scanner.advance(to) {
        to = scanner.at + step;
        if !scanner.is_reread {
            tell(Seen { open: scanner.item.as_ref(), ..scanner.outline.seen() });
        }
    }
    scanner.outline
}

struct Scanner<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    outline: Outline,
    stack: Vec<Open>,
    /// Openers beyond [`MAX_DEPTH`] that are counted and not kept.
    overflow: usize,
    /// Conditionals that are open at the current level, and at all levels.
    conditionals: usize,
    all_conditionals: usize,
    /// Interpolations of strings of one line that are open.
    inline_interpolations: usize,
    item: Option<ItemSlice>,
    member: Option<Slice>,
    /// The byte after the last token.
    last_end: usize,
    /// No token stands yet on the current line.
    fresh_line: bool,
    line_start: usize,
    /// The item is read a second time, guided by its indentation.
    guided: bool,
    /// An item was read a second time.
    is_reread: bool,
    /// Brackets are known not to balance, so that an item's first words at the start of a line
    /// are believed even inside of brackets.
    unbalanced: bool,
    /// A slice of the current item was reported as broken.
    blamed: bool,
    /// How much of the outline belongs to earlier items.
    mark: Mark,
    resumptions: usize,
}

/// The outline's sizes before an item, and where the item's reading starts.
#[derive(Clone, Copy, Default)]
struct Mark {
    at: usize,
    members: usize,
    comments: usize,
    diagnostics: usize,
}

impl<'t> Scanner<'t> {
    fn new(file: FileId, text: &'t str, at: usize) -> Self {
        Self {
            file,
            text,
            bytes: text.as_bytes(),
            at,
            outline: Outline::default(),
            stack: Vec::new(),
            overflow: 0,
            conditionals: 0,
            all_conditionals: 0,
            inline_interpolations: 0,
            item: None,
            member: None,
            last_end: at,
            fresh_line: true,
            line_start: at,
            guided: false,
            is_reread: false,
            unbalanced: false,
            blamed: false,
            mark: Mark { at, ..Mark::default() },
            resumptions: 0,
        }
    }

    /// Reads to a place; `false` when that was all.
    fn advance(&mut self, to: usize) -> bool {
        let to = to.min(self.bytes.len());
        loop {
            while self.at < to {
                self.step();
            }
            if self.at < self.bytes.len() {
                return true;
            }
            if self.stack.is_empty() {
                self.finish_item();
                return false;
            }
            self.unbalanced = true;
            self.missing_closer();
        }
    }

    /// Reads one token, comment or piece of space; or several that begin and end nothing.
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        if IS_PLAIN[usize::from(byte)] && self.is_inside() {
            return self.plain();
        }
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => {
                self.at += 1;
                self.line_start = self.at;
                self.fresh_line = true;
                if self.inline_interpolations > 0 {
                    self.interpolation_at_line_end();
                }
            }
            b'/' if self.next_is(b'/') => self.line_comment(),
            b'/' if self.next_is(b'*') => self.block_comment(),
            b'#' => self.hash(),
            _ => {
                if !self.token_starts() {
                    return;
                }
                self.token(byte);
                self.last_end = self.at;
            }
        }
    }

    /// Tells whether a token that is no bracket and separates nothing goes on with what is being
    /// read, wherever it stands before the next line.
    fn is_inside(&self) -> bool {
        if !self.depth_is_cut() {
            return !self.fresh_line || !self.guided && !self.unbalanced;
        }
        let is_layer = self.layer_is_open();
        let goes_on = self.item.as_ref().is_some_and(|item| item.layer.is_none());
        !self.fresh_line && if is_layer { self.member.is_some() } else { goes_on }
    }

    /// Reads words, numbers, operators and space that begin nothing, up to what may.
    fn plain(&mut self) {
        let rest = &self.bytes[self.at..];
        let mut length = 0;
        loop {
            let tail = &rest[length..];
            let plain = tail.iter().position(|byte| !IS_PLAIN[usize::from(*byte)]);
            length += plain.unwrap_or(tail.len());
            if rest.get(length) != Some(&b'i') || self.is_if(self.at + length) {
                break;
            }
            length += 1;
        }
        let last = rest[..length].iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        if let Some(last) = last {
            self.fresh_line = false;
            self.last_end = self.at + last + 1;
        }
        self.at += length;
    }

    /// Tells whether the word `if` stands at a place.
    fn is_if(&self, at: usize) -> bool {
        let continues = |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte));
        let before = at.checked_sub(1).and_then(|at| self.bytes.get(at));
        let [next, behind] = [at + 1, at + 2].map(|at| self.bytes.get(at));
        next == Some(&b'f') && !continues(behind) && !continues(before)
    }

    fn token(&mut self, byte: u8) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => self.word(),
            b'"' => self.quote(),
            b'\'' => self.single_quote(),
            b'{' | b'[' | b'(' => self.open(byte),
            b'}' | b']' | b')' => self.close(byte),
            b',' => self.separator(),
            b';' => self.semicolon(),
            b'=' => {
                let next = self.bytes.get(self.at + 1);
                if !matches!(next, Some(b'=' | b'>')) {
                    self.forget_conditionals();
                    self.at += 1;
                } else {
                    self.at += 2;
                }
            }
            0..=31 | 127 => {
                let span = self.span(self.at, self.at + 1);
                self.blame(|| invalid_character::invalid_character(span, char::from(byte)));
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| is_word(*byte)) {
            self.at += 1;
        }
        if &self.bytes[start..self.at] == b"if" {
            self.conditionals += 1;
            self.all_conditionals += 1;
            self.deepen(start);
        }
    }

    fn separator(&mut self) {
        self.forget_conditionals();
        if self.layer_is_open() && self.depth_is_cut() {
            self.finish_member();
        }
        self.at += 1;
    }

    /// Between members and elements it stands for a `,`; what is at the top of a file ends by itself.
    fn semicolon(&mut self) {
        let span = self.span(self.at, self.at + 1);
        if self.layer_is_open() || !self.depth_is_cut() {
            self.report(|| semicolon::semicolon(span, ","));
            self.separator();
            return;
        }
        let rest = &self.bytes[self.at + 1..];
        let next = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        let goes_on = next.is_some_and(|byte| is_word(*byte));
        self.report(|| semicolon::semicolon(span, if goes_on { "\n" } else { "" }));
        self.finish_item();
        self.at += 1;
        // Whoever reads on from here again has this behind it, and what was said of it.
        self.mark.at = self.at;
        self.mark.diagnostics = self.outline.diagnostics.len();
    }

    fn forget_conditionals(&mut self) {
        self.all_conditionals -= self.conditionals;
        self.conditionals = 0;
    }

    fn single_quote(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let close = rest[..line].iter().position(|byte| *byte == b'\'');
        let length = close.map_or(1, |close| close + 2);
        let span = self.span(self.at, self.at + length);
        let content = close.and_then(|close| self.text.get(self.at + 1..self.at + 1 + close));
        let report = || single_quotes::single_quotes(span, content);
        if content.is_none() {
            self.blame(report);
        } else {
            self.report(report);
        }
        self.at += length;
    }

    fn line_comment(&mut self) {
        let start = self.at;
        self.skip_line();
        let text = &self.bytes[start..self.at];
        let is_doc = text.starts_with(b"///") && text.get(3) != Some(&b'/');
        let kind = if is_doc { CommentKind::Doc } else { CommentKind::Line };
        self.comment(start, kind);
    }

    fn hash(&mut self) {
        let start = self.at;
        if let Some(end) = self.colour() {
            let (span, written) = (self.span(start, end), &self.text[start..end]);
            self.blame(|| hash_comment::colour(span, written));
            self.fresh_line = false;
            (self.at, self.last_end) = (end, end);
            return;
        }
        self.skip_line();
        let span = self.span(start, start + 1);
        // The grammar does not know it: what it stands in goes unread.
        self.report(|| hash_comment::hash_comment(span));
        if !self.depth_is_cut() {
            self.spoil();
        }
        self.comment(start, CommentKind::Line);
    }

    /// Returns where a colour ends that starts with the `#` here: digits of one, where a value is expected.
    fn colour(&self) -> Option<usize> {
        let digits = &self.bytes[self.at + 1..];
        let length = digits.iter().position(|byte| !is_word(*byte)).unwrap_or(digits.len());
        let is_colour = matches!(length, 3 | 4 | 6 | 8)
            && digits[..length].iter().all(u8::is_ascii_hexdigit)
            && !self.fresh_line
            && matches!(
                self.bytes.get(self.last_end.wrapping_sub(1)),
                Some(b'=' | b'[' | b'(' | b',')
            );
        is_colour.then(|| self.at + 1 + length)
    }

    fn comment(&mut self, start: usize, kind: CommentKind) {
        let mut end = self.at;
        while kind != CommentKind::Block && end > start && self.bytes[end - 1] == b'\r' {
            end -= 1;
        }
        let span = self.span(start, end);
        self.outline.comments.push(Comment { span, kind });
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    fn next_is(&self, byte: u8) -> bool {
        self.bytes.get(self.at + 1) == Some(&byte)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    /// Reports what makes the slice that is being read unfit for the parser, once a slice.
    fn blame(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        let is_broken = match (&self.member, &self.item) {
            (Some(member), _) => member.broken,
            (None, Some(item)) => item.slice.broken,
            (None, None) => false,
        };
        if !is_broken {
            self.report(diagnostic);
        }
        self.spoil();
    }

    /// Keeps a report, unless there are so many that nobody will read it.
    fn report(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.outline.diagnostics.len() < MAX_DIAGNOSTICS {
            self.outline.diagnostics.push(diagnostic());
        }
    }

    /// Marks the slice that is being read as reported.
    fn spoil(&mut self) {
        self.blamed = true;
        match (&mut self.member, &mut self.item) {
            (Some(member), _) => member.broken = true,
            (None, Some(item)) => item.slice.broken = true,
            (None, None) => {}
        }
    }
}

/// The bytes that mean nothing to the scanner inside of what it reads, but that an `if` begins with
/// `i`.
const IS_PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut at = 0;
    while at < plain.len() {
        let byte = at as u8;
        plain[at] = !matches!(
            byte,
            b'i' | b'"'
                | b'\''
                | b'{'
                | b'['
                | b'('
                | b'}'
                | b']'
                | b')'
                | b','
                | b';'
                | b'='
                | b'/'
                | b'#'
                | 127
        ) && (byte >= b' ' || byte == b'\t' || byte == b'\r');
        at += 1;
    }
    plain
};

/// Tells whether a byte continues a word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests;
