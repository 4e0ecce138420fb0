//! The tokens around a failure.
//!
//! Reads single tokens off a text that did not parse; never fails, and costs no more than the
//! space and the token it passes.

use crate::syntax::scanner::is_word;

/// A token as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    /// Where it starts.
    pub(super) start: usize,
    /// Its text; empty at the text's end.
    pub(super) text: &'t str,
}

/// Operators of more than one character.
const LONG: [&str; 14] =
    ["...", "=>", "->", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "+=", "${", "//"];

impl Token<'_> {
    /// Tells whether the token is a word that is no number.
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }

    /// Tells whether the token is a text in quotes.
    pub(super) fn is_quoted(&self) -> bool {
        self.text.starts_with('"')
    }

    /// Tells whether the token is a text in quotes or a number.
    pub(super) fn is_literal(&self) -> bool {
        self.is_quoted() || self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Returns where it ends.
    pub(super) const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Returns the text, cut to a readable length.
    pub(super) fn shown(&self) -> String {
        match self.text.char_indices().nth(32) {
            Some((at, _)) => format!("{}...", &self.text[..at]),
            None => self.text.to_owned(),
        }
    }

    /// Returns the text in backquotes, or words for the end.
    pub(super) fn described(&self) -> String {
        if self.text.is_empty() {
            "the end of the line".to_owned()
        } else {
            format!("`{}`", self.shown())
        }
    }
}

/// Returns the first token at or behind `at`.
pub(super) fn at(text: &str, at: usize) -> Token<'_> {
    let start = skip_space(text, at);
    let rest = text.get(start..).unwrap_or("");
    let length = match rest.bytes().next() {
        None => 0,
        Some(b'"') => quoted(rest),
        Some(byte) if is_word(byte) => rest.bytes().take_while(|byte| is_word(*byte)).count(),
        Some(_) => LONG
            .iter()
            .find(|operator| rest.starts_with(**operator))
            .map_or_else(|| rest.chars().next().map_or(0, char::len_utf8), |found| found.len()),
    };
    Token { start, text: &rest[..length] }
}

/// Returns the last token before `at`; comments between the two count as its part.
pub(super) fn before(text: &str, at: usize) -> Token<'_> {
    let head = text.get(..at).unwrap_or("").trim_end();
    let end = head.len();
    let Some(last) = head.bytes().last() else { return Token { start: 0, text: "" } };
    let start = if is_word(last) {
        head.bytes().rposition(|byte| !is_word(byte)).map_or(0, |at| at + 1)
    } else if last == b'"' {
        let line = head.bytes().rposition(|byte| byte == b'\n').map_or(0, |at| at + 1);
        head[line..end - 1].rfind('"').map_or(end - 1, |at| line + at)
    } else {
        let operator = LONG.iter().find(|operator| head.ends_with(**operator));
        let one = head.chars().next_back().map_or(0, char::len_utf8);
        end - operator.map_or(one, |operator| operator.len())
    };
    Token { start, text: &head[start..] }
}

fn quoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.floor_char_boundary(at.min(rest.len()))
}

fn skip_space(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or("");
        let space = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        at += space;
        let rest = &rest[space..];
        if rest.starts_with("//") || rest.starts_with('#') {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else {
            return at;
        }
    }
}
