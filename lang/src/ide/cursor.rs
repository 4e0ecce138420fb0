//! What stands around a cursor, from the text alone.
//!
//! Takes text and an offset; returns the layer that the offset is in, and the brackets that are open
//! before it, each with the tokens of its current entry. It needs nothing that parses, so it is
//! right while a member is being typed, and it reads no more than one member.

use super::occurrence::Nth;
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
    /// Where the cursor is in the text of a string, what stands in that before the word.
    pub(super) typed: &'t str,
}

/// A variable that is bound around a cursor.
#[derive(Debug)]
pub(super) struct Local<'t> {
    pub(super) name: &'t str,
    /// What it goes through, where it goes through something, and which of its variables it is.
    pub(super) source: Option<(Vec<Token<'t>>, Nth)>,
    /// Where it is a variable of a function without a name, the call that this is an argument of.
    pub(super) given: Option<Given<'t>>,
}

/// A call with an argument that is a function without a name.
#[derive(Debug)]
pub(super) struct Given<'t> {
    /// What is called.
    pub(super) callee: Vec<Token<'t>>,
    /// The arguments before it.
    pub(super) before: Vec<Vec<Token<'t>>>,
    /// The name of the parameter, where the argument says one.
    pub(super) named: Option<&'t str>,
    /// Which variable of the function it is.
    pub(super) nth: usize,
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
    /// The arguments before the current one, in the parentheses of a call.
    arguments: Vec<Vec<Token<'t>>>,
    fresh: bool,
}

impl<'t> Frame<'t> {
    const fn new(open: &'t str, at: usize) -> Self {
        Self {
            open,
            at,
            tokens: Vec::new(),
            entries: Vec::new(),
            arguments: Vec::new(),
            fresh: false,
        }
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
        let entry = std::mem::take(&mut self.tokens);
        if self.open == "(" {
            self.arguments.push(entry);
        }
    }

    /// Tells whether a line's end may end an entry here.
    fn cuts_at_lines(&self) -> bool {
        matches!(self.open, "" | "{" | "[") && self.text(0) != "for"
    }

    /// Tells whether the variables of a loop stand here.
    fn binds(&self) -> bool {
        self.text(0) == "for" && !self.tokens.iter().any(|token| token.text == "in")
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
            typed: "",
        };
        let from = cursor.enter(text, around, start)?;
        for token in Tokens::new(&text[..start], from) {
            cursor.take(text, token)?;
        }
        let outer = cursor.frames.len() == 1;
        let frame = cursor.frames.last_mut()?;
        if frame.open == "\"" {
            cursor.typed = text.get(frame.at + 1..start).unwrap_or_default();
        }
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
        self.layer = match keyword {
            "test" => Some(tested(text, open).unwrap_or_default()),
            _ => words.next().map(|token| token.text),
        };
        Some(around.member.filter(|member| *member < start).unwrap_or(open + 1))
    }

    /// Takes in one token. Returns nothing when the cursor is inside of a comment.
    fn take(&mut self, text: &'t str, token: Token<'t>) -> Option<()> {
        let frame = self.frames.last_mut()?;
        match token.kind {
            TokenKind::Word | TokenKind::Group => frame.push(token),
            // The `,` between the variables of a loop ends nothing.
            TokenKind::Mark if token.text == "," && frame.binds() => frame.push(token),
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

    /// Returns the variables that comprehensions, keyed resources and lambdas around bind, and the parameters
    /// of a function, the outermost first.
    pub(super) fn locals(&self) -> Vec<Local<'t>> {
        let mut found = Vec::new();
        let plain = |name| Local { name, source: None, given: None };
        let head = &self.frames[0].tokens;
        if self.item == Some("fn")
            && let Some(params) = head.iter().find(|token| token.text.starts_with('('))
        {
            let params = params.text[1..].split([',', ')']).filter_map(|own| own.split_once(':'));
            found.extend(params.map(|(name, _)| plain(name.trim().trim_start_matches("..."))));
        }
        // The head of the member: `resource a.b name[k, v in source] {`.
        for token in head.iter().filter(|token| token.text.starts_with('[')) {
            let inner: Vec<Token<'t>> = Tokens::new(token.text.trim_end_matches(']'), 1).collect();
            go_through(&inner, &mut found);
        }
        for (depth, frame) in self.frames.iter().enumerate() {
            for (at, token) in frame.tokens.iter().enumerate() {
                match token.text {
                    "for" => go_through(&frame.tokens[at + 1..], &mut found),
                    "=>" if at > 0 => {
                        let before = frame.tokens[at - 1].text;
                        let names = before.split([',', '(', ')', ' ']).filter(|w| !w.is_empty());
                        let around = depth.checked_sub(1).map(|outer| &self.frames[outer]);
                        found.extend(names.enumerate().map(|(nth, name)| Local {
                            given: around.and_then(|outer| given(outer, frame, nth)),
                            ..plain(name)
                        }));
                    }
                    _ => {}
                }
            }
        }
        found
    }
}

/// Returns the call that a function without a name is an argument of.
fn given<'t>(outer: &Frame<'t>, frame: &Frame<'t>, nth: usize) -> Option<Given<'t>> {
    let named = (frame.text(1) == "=").then(|| frame.text(0));
    (frame.open == "(").then(|| Given {
        callee: outer.tokens.clone(),
        before: frame.arguments.clone(),
        named,
        nth,
    })
}

/// Adds the variables of `k, v in source`.
fn go_through<'t>(tokens: &[Token<'t>], found: &mut Vec<Local<'t>>) {
    let end = tokens.iter().position(|token| token.text == "in").unwrap_or(tokens.len());
    let (names, source) = tokens.split_at(end);
    let source: Vec<Token<'t>> =
        source.iter().skip(1).take_while(|token| token.text != ":").copied().collect();
    let names: Vec<&'t str> = names
        .iter()
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| token.text)
        .collect();
    for (at, name) in names.iter().enumerate() {
        let nth = match (at, names.len()) {
            (_, 1) => Nth::Only,
            (0, _) => Nth::First,
            _ => Nth::Second,
        };
        found.push(Local { name, source: Some((source.clone(), nth)), given: None });
    }
}

/// Returns the environment that a test is about, be it named before or behind the cursor.
fn tested(text: &str, open: usize) -> Option<&str> {
    let mut tokens = Tokens::new(text, open + 1).filter(|token| token.kind != TokenKind::Comment);
    let mut depth = 0_u32;
    while let Some(token) = tokens.next() {
        if token.kind == TokenKind::Open {
            depth += 1;
        } else if token.kind == TokenKind::Close {
            depth = depth.checked_sub(1)?;
        } else if depth == 0 && token.text == "environment" && tokens.next()?.text == "=" {
            return tokens.next().filter(|own| own.kind == TokenKind::Word).map(|own| own.text);
        }
    }
    None
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
