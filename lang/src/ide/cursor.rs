//! What stands around a cursor, from the text alone.
//!
//! Takes text and an offset; returns the layer that the offset is in, and the brackets that are open
//! before it, each with the tokens of its current entry. It needs nothing that parses, so it is
//! right while a member is being typed, and it reads no more than one member.

use super::tokens::{Token, TokenKind, Tokens, is_word};
use crate::syntax::locate::{Around, around};

/// What an editor shows.
#[derive(Clone, Copy, Debug)]
pub struct Buffer<'t> {
    /// The file's path below the project root, with `/` between its parts.
    pub name: &'t str,
    /// The whole text.
    pub text: &'t str,
}

/// What stands around a cursor.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    /// The name of the file, below the project's root.
    pub(super) file: &'t str,
    /// The layer's name, when the cursor is in the body of one.
    pub(super) layer: Option<&'t str>,
    /// Which keyword starts the item: `environment`, `overlay`, `project`, `use`, ...
    pub(super) item: Option<&'t str>,
    /// What is open before the cursor; the first is the member or the item itself.
    pub(super) frames: Vec<Frame<'t>>,
    /// The word that the cursor is in or behind, as far as the cursor.
    pub(super) prefix: &'t str,
    /// The whole of that word.
    pub(super) word: &'t str,
    /// Where that word starts.
    pub(super) start: usize,
}

/// An open bracket with what stands in it so far.
#[derive(Debug)]
pub(super) struct Frame<'t> {
    /// `{`, `[`, `(`, `"`, `"""` or `${`; empty for the outermost.
    pub(super) open: &'t str,
    at: usize,
    /// The tokens of the current entry; what is closed is one group.
    pub(super) tokens: Vec<Token<'t>>,
    /// The first tokens of the entries before, up to `=` or `{`.
    pub(super) entries: Vec<&'t str>,
    fresh: bool,
}

impl<'t> Frame<'t> {
    const fn new(open: &'t str, at: usize) -> Self {
        Self { open, at, tokens: Vec::new(), entries: Vec::new(), fresh: false }
    }

    /// Returns the text of a token of the current entry.
    pub(super) fn text(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| token.text)
    }

    /// Returns the last token of the current entry.
    pub(super) fn last(&self) -> &'t str {
        self.tokens.last().map_or("", |token| token.text)
    }

    fn end_entry(&mut self) {
        if let Some(first) = self.tokens.first() {
            self.entries.push(first.text);
        }
        self.tokens.clear();
    }

    /// Tells whether a line's end may end an entry here.
    fn cuts_at_lines(&self) -> bool {
        matches!(self.open, "" | "{" | "[") && self.text(0) != "for"
    }

    fn push(&mut self, token: Token<'t>) {
        if self.fresh && self.cuts_at_lines() && !goes_on(self.last(), token.text) {
            self.end_entry();
        }
        self.fresh = false;
        self.tokens.push(token);
    }
}

/// Tells whether an entry goes on behind a line's end.
fn goes_on(before: &str, after: &str) -> bool {
    let operator = |text: &str| {
        matches!(
            text,
            "=" | "+="
                | "=>"
                | "."
                | "?."
                | ":"
                | "+"
                | "-"
                | "*"
                | "/"
                | "%"
                | "??"
                | "&&"
                | "||"
                | "=="
                | "!="
                | "<="
                | ">="
                | "<"
                | ">"
                | "|"
                | "else"
                | "then"
                | "in"
        )
    };
    operator(before) || operator(after) && after != "-" && after != ":"
}

impl<'t> Cursor<'t> {
    /// Reads what stands before an offset. Returns nothing inside of a comment.
    pub(super) fn read(buffer: Buffer<'t>, offset: usize) -> Option<Self> {
        let Buffer { name: file, text } = buffer;
        let offset = floor(text, offset);
        let before = &text[..offset];
        let start = before.len() - before.chars().rev().take_while(|c| is_word(*c)).count();
        let prefix = &before[start..];
        let behind = text[offset..].find(|c| !is_word(c)).unwrap_or(text.len() - offset);
        let around = around(text, offset);
        let mut cursor = Self {
            file,
            layer: None,
            item: None,
            frames: vec![Frame::new("", 0)],
            prefix,
            word: &text[start..offset + behind],
            start,
        };
        let from = cursor.enter(text, around, start)?;
        for token in Tokens::new(&text[..start], from) {
            cursor.take(text, token)?;
        }
        let outer = cursor.frames.len() == 1;
        let frame = cursor.frames.last_mut()?;
        if frame.fresh && frame.cuts_at_lines() && !goes_on(frame.last(), cursor.word) {
            frame.end_entry();
            // Behind a whole item there is nothing of it any more.
            if outer && cursor.layer.is_none() {
                cursor.item = None;
            }
        }
        Some(cursor)
    }

    /// Finds the layer and where reading starts.
    fn enter(&mut self, text: &'t str, around: Around, start: usize) -> Option<usize> {
        let Some(item) = around.item.filter(|item| *item < start) else {
            // Only a comment could matter on a line that belongs to no item.
            return Some(text[..start].rfind('\n').map_or(0, |at| at + 1));
        };
        let mut words = Tokens::new(&text[..start], item).filter(|t| t.kind == TokenKind::Word);
        let mut keyword = words.next()?.text;
        if keyword == "abstract" {
            keyword = words.next().map_or("environment", |token| token.text);
        }
        self.item = Some(keyword);
        let Some(open) = around.open.filter(|open| *open < start) else { return Some(item) };
        self.layer = words.next().map(|token| token.text);
        Some(around.member.filter(|member| *member < start).unwrap_or(open + 1))
    }

    /// Takes in one token. Returns nothing when the cursor is inside of a comment.
    fn take(&mut self, text: &'t str, token: Token<'t>) -> Option<()> {
        let frame = self.frames.last_mut()?;
        match token.kind {
            TokenKind::Word | TokenKind::Group => frame.push(token),
            TokenKind::Mark if token.text == "," && frame.open != "\"" => {
                frame.fresh = false;
                frame.end_entry();
                if frame.open == "(" {
                    frame.entries.push(",");
                }
            }
            TokenKind::Mark => frame.push(token),
            TokenKind::Line => frame.fresh = true,
            TokenKind::Comment => {
                let open = token.text.starts_with("/*") && !token.text.ends_with("*/");
                if open || token.text.starts_with("//") && !has_line_end(text, token, self.start) {
                    return None;
                }
            }
            TokenKind::Open => {
                if frame.fresh && frame.cuts_at_lines() && !goes_on(frame.last(), token.text) {
                    frame.end_entry();
                }
                frame.fresh = false;
                self.frames.push(Frame::new(token.text, token.start));
            }
            TokenKind::Close => {
                if self.frames.len() > 1 {
                    let closed = self.frames.pop()?;
                    let group = Token {
                        kind: TokenKind::Group,
                        text: &text[closed.at..token.end()],
                        start: closed.at,
                    };
                    self.frames.last_mut()?.push(group);
                }
            }
        }
        Some(())
    }

    /// Returns the innermost frame.
    pub(super) fn frame(&self) -> &Frame<'t> {
        &self.frames[self.frames.len() - 1]
    }

    /// Tells whether the cursor is in the text of a string.
    pub(super) fn in_text(&self) -> bool {
        self.frame().open.starts_with('"')
    }

    /// Returns the variables that comprehensions, keyed resources and lambdas around bind.
    pub(super) fn locals(&self) -> Vec<&'t str> {
        let mut found = Vec::new();
        for frame in &self.frames {
            for (at, token) in frame.tokens.iter().enumerate() {
                match token.text {
                    "for" => words_before_in(&frame.tokens[at + 1..], &mut found),
                    "=>" if at > 0 => {
                        let before = frame.tokens[at - 1].text;
                        found.extend(before.split([',', '(', ')', ' ']).filter(|w| !w.is_empty()));
                    }
                    _ => {}
                }
            }
        }
        // The head of the member: `resource a.b name[k, v in source] {`.
        for token in self.frames[0].tokens.iter().filter(|token| token.text.starts_with('[')) {
            if let Some((names, _)) = token.text[1..].split_once(" in ") {
                found.extend(names.split([',', ' ']).filter(|name| !name.is_empty()));
            }
        }
        found
    }
}

fn words_before_in<'t>(tokens: &[Token<'t>], found: &mut Vec<&'t str>) {
    for token in tokens.iter().take_while(|token| token.text != "in") {
        if token.kind == TokenKind::Word {
            found.push(token.text);
        }
    }
}

fn has_line_end(text: &str, token: Token<'_>, start: usize) -> bool {
    text.get(token.end()..start).is_some_and(|gap| gap.contains('\n'))
}

/// Returns the nearest boundary of a character at or before an offset.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
