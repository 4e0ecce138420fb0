//! Text to words and marks, for text that is being typed.
//!
//! Takes any text and returns its tokens with their places; strings are taken apart at `${`.
//! Unlike the parser it has no notion of a mistake: what is never closed ends with the text.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: TokenKind,
    /// As it stands in the text; for a group, all of it.
    pub(super) text: &'t str,
    /// The offset of its first byte in the file.
    pub(super) start: usize,
}

/// The kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name, a keyword or a number.
    Word,
    /// An operator or a separator.
    Mark,
    /// The end of a line.
    Line,
    /// An opening bracket, `"` or `${`.
    Open,
    /// A closing bracket or quote.
    Close,
    /// A bracketed piece or a string, as one.
    Group,
    /// A comment.
    Comment,
}

impl Token<'_> {
    /// Returns the offset after its last byte.
    pub(super) const fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

const MARKS: [&str; 17] = [
    "...", "::", "?.", "??", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "->", "=", ".", ",",
    ":",
];

/// Goes through the tokens of a text.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    /// What is open: a bracket, a quote (`"`, or `t` for a block of text), or `$` for `${`.
    open: Vec<u8>,
}

impl<'t> Tokens<'t> {
    /// Starts at an offset.
    pub(super) const fn new(text: &'t str, start: usize) -> Self {
        Self { text, at: start, open: Vec::new() }
    }

    fn token(&mut self, kind: TokenKind, length: usize) -> Token<'t> {
        let start = self.at;
        self.at = (start + length).min(self.text.len());
        Token { kind, text: &self.text[start..self.at], start }
    }

    /// The inside of a string: to `${`, to its end or to the end of the text.
    fn inside(&mut self, quote: u8) -> Option<Token<'t>> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'$' if bytes.get(self.at + 1) == Some(&b'{') => {
                    self.open.push(b'$');
                    return Some(self.token(TokenKind::Open, 2));
                }
                b'"' if quote == b'"' => {
                    self.open.pop();
                    return Some(self.token(TokenKind::Close, 1));
                }
                b'"' if self.text[self.at..].starts_with("\"\"\"") => {
                    self.open.pop();
                    return Some(self.token(TokenKind::Close, 3));
                }
                b'\n' if quote == b'"' => {
                    // A string of one line ends with it.
                    self.open.pop();
                    return Some(self.token(TokenKind::Close, 0));
                }
                _ => {}
            }
            self.at += 1;
            while !self.text.is_char_boundary(self.at.min(self.text.len())) {
                self.at += 1;
            }
        }
        None
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        if let Some(quote @ (b'"' | b't')) = self.open.last().copied() {
            return self.inside(quote);
        }
        let rest = self.text.get(self.at..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\u{feff}']).len();
        self.at += blanks;
        let rest = &rest[blanks..];
        let first = rest.chars().next()?;
        Some(match first {
            '\n' => self.token(TokenKind::Line, 1),
            '/' if rest.starts_with("//") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                self.token(TokenKind::Comment, length)
            }
            '/' if rest.starts_with("/*") => {
                let length = rest.find("*/").map_or(rest.len(), |at| at + 2);
                self.token(TokenKind::Comment, length)
            }
            '"' if rest.starts_with("\"\"\"") => {
                self.open.push(b't');
                self.token(TokenKind::Open, 3)
            }
            '"' | '{' | '[' | '(' => {
                self.open.push(first as u8);
                self.token(TokenKind::Open, 1)
            }
            '}' | ']' | ')' => {
                self.open.pop();
                self.token(TokenKind::Close, 1)
            }
            _ if is_word(first) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.token(TokenKind::Word, length)
            }
            _ => {
                let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
                let length = mark.map_or(first.len_utf8(), |mark| mark.len());
                self.token(TokenKind::Mark, length)
            }
        })
    }
}

/// Tells whether a character may be in a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_taken_apart_and_never_run_over() {
        let shown = |text: &'static str| -> Vec<&str> {
            Tokens::new(text, 0).map(|token| token.text).collect()
        };
        assert_eq!(
            shown("a = \"x ${b[\"k\"]} y\""),
            ["a", "=", "\"", "${", "b", "[", "\"", "\"", "]", "}", "\""]
        );
        assert_eq!(shown("a = \"open\nb"), ["a", "=", "\"", "", "\n", "b"]);
        assert_eq!(shown("x?.y ?? z..."), ["x", "?.", "y", "??", "z", "..."]);
        assert_eq!(shown("\"\\"), ["\""]);
        assert_eq!(shown("\"é"), ["\""]);
    }
}
