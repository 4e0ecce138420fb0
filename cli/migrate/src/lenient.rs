//! Sources that the parser is too strict with.
//!
//! Takes the text of a file and returns it with spaces in the place of line breaks, and of comments, where
//! the language does not care for them: inside of brackets, and of braces that open a comprehension. A block of
//! text without a line, whose end the parser overlooks, becomes an empty string. What
//! is left stands where it stood, so that places in the one text are places in the other. What it goes through
//! finds comments, too.

/// What is open at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A string.
    Text,
    /// `{`, where lines matter.
    Body,
    /// `(`, `[`, `{ for` and `${`, where they do not.
    Expression,
}

/// A text while it is gone through.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
    out: Vec<u8>,
    /// Where comments are.
    comments: Vec<std::ops::Range<usize>>,
    /// Lines are joined.
    joins: bool,
}

impl<'a> Scanner<'a> {
    /// Goes through a text.
    fn through(text: &'a str, joins: bool) -> Self {
        let text = text.as_bytes();
        let (open, out, comments) = (Vec::new(), Vec::new(), Vec::new());
        let mut scanner = Scanner { text, at: 0, open, out, comments, joins };
        while scanner.at < text.len() {
            scanner.step();
        }
        scanner
    }

    /// Takes a comment.
    fn comment(&mut self, count: usize, is_kept: bool) {
        let start = self.at;
        self.take(count, is_kept);
        self.comments.push(start..self.at);
    }

    fn starts_with(&self, what: &str) -> bool {
        self.text[self.at..].starts_with(what.as_bytes())
    }

    /// Takes bytes as they are, or as spaces.
    fn take(&mut self, count: usize, is_kept: bool) {
        let end = (self.at + count).min(self.text.len());
        for &byte in &self.text[self.at..end] {
            self.out.push(if is_kept { byte } else { b' ' });
        }
        self.at = end;
    }

    /// Returns how many bytes there are until a text, or until the end.
    fn until(&self, what: &str) -> usize {
        let rest = &self.text[self.at..];
        let mut windows = rest.windows(what.len());
        windows.position(|own| own == what.as_bytes()).unwrap_or(rest.len())
    }

    fn is_loose(&self) -> bool {
        self.joins && self.open.last() == Some(&Open::Expression)
    }

    /// Goes on inside of a string.
    fn string(&mut self) {
        if self.starts_with("\\") || self.starts_with("$${") || self.starts_with("%%{") {
            self.take(if self.starts_with("\\") { 2 } else { 3 }, true);
        } else if self.starts_with("${") || self.starts_with("%{") {
            self.open.push(Open::Expression);
            self.take(2, true);
        } else {
            if self.starts_with("\"") {
                self.open.pop();
            }
            self.take(1, true);
        }
    }

    /// Takes a block of text as it is, where one starts here.
    fn heredoc(&mut self) -> bool {
        if !self.starts_with("<<") {
            return false;
        }
        let line = &self.text[self.at..self.at + self.until("\n")];
        let name = String::from_utf8_lossy(line);
        let name = name.trim_start_matches("<<").trim_start_matches('-').trim().to_owned();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return false;
        }
        let start = self.at;
        loop {
            let is_first = self.at == start;
            self.take(self.until("\n") + 1, true);
            let line = &self.text[self.at..self.at + self.until("\n")];
            let line = String::from_utf8_lossy(line).into_owned();
            let own = line.trim_start();
            let is_end = own.strip_prefix(&name).is_some_and(|rest| {
                !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
            });
            if is_end || self.at >= self.text.len() {
                self.take(line.len() - own.len() + name.len(), true);
                if is_first && is_end {
                    // The parser would look for the end further down.
                    self.out[start..].fill(b' ');
                    self.out[start..start + 2].fill(b'"');
                }
                return true;
            }
        }
    }

    fn step(&mut self) {
        if self.open.last() == Some(&Open::Text) {
            return self.string();
        }
        let is_loose = self.is_loose();
        if self.starts_with("#") || self.starts_with("//") {
            return self.comment(self.until("\n"), !is_loose);
        }
        if self.starts_with("/*") {
            return self.comment(self.until("*/") + 2, !is_loose);
        }
        if self.heredoc() {
            return;
        }
        match self.text[self.at] {
            b'"' => self.open.push(Open::Text),
            b'(' | b'[' => self.open.push(Open::Expression),
            b'{' => {
                let rest = String::from_utf8_lossy(&self.text[self.at + 1..]);
                let is_for = rest.trim_start().strip_prefix("for");
                let is_for = is_for.is_some_and(|rest| rest.starts_with(char::is_whitespace));
                self.open.push(if is_for { Open::Expression } else { Open::Body });
            }
            b')' | b']' | b'}' => {
                self.open.pop();
            }
            _ => {}
        }
        let is_break = matches!(self.text[self.at], b'\n' | b'\r');
        self.take(1, !(is_break && is_loose));
    }
}

/// Returns a text with the line breaks that matter.
#[must_use]
pub fn joined(text: &str) -> String {
    written(text, true)
}

/// Returns a text with `""` in the place of blocks of text without a line.
#[must_use]
pub fn filled(text: &str) -> String {
    written(text, false)
}

fn written(text: &str, joins: bool) -> String {
    let scanner = Scanner::through(text, joins);
    String::from_utf8(scanner.out).unwrap_or_else(|_| text.to_owned())
}

/// Returns the comments of a text.
#[must_use]
pub fn comments(text: &str) -> Vec<&str> {
    let scanner = Scanner::through(text, false);
    scanner.comments.into_iter().filter_map(|range| text.get(range)).collect()
}

#[cfg(test)]
mod tests {
    use super::{filled, joined};

    #[test]
    fn blocks_of_text_without_a_line_are_empty_strings() {
        for (text, expected) in [
            ("a = <<E\n  E\nb = <<E\nE\n", "a = \"\"     \nb = \"\"   \n"),
            ("a = (<<-E\n\n  E\n)", "a = (<<-E\n\n  E\n)"),
            ("a = <<E\n", "a = <<E\n"),
        ] {
            assert_eq!(filled(text), expected, "{text}");
        }
    }

    #[test]
    fn lines_matter_where_they_do() {
        for (text, expected) in [
            ("a = {\n  b = (1 +\n2)\n}\n", "a = {\n  b = (1 + 2)\n}\n"),
            (
                "{ for k in x : k =>\n c ? \"a\n${\n1}\" : # why\n d\n}",
                "{ for k in x : k =>  c ? \"a\n${ 1}\" :        d }",
            ),
            ("(a ? <<-E\n  x (\n  E\n  : 1)\n", "(a ? <<-E\n  x (\n  E   : 1)\n"),
            ("\"$${\" (\n)\n", "\"$${\" ( )\n"),
            ("(\"\\\"\n", "(\"\\\"\n"),
            ("<<", "<<"),
            ("/* x", "/* x"),
        ] {
            assert_eq!(joined(text), expected, "{text}");
            assert_eq!(joined(text).len(), text.len(), "{text}");
        }
    }
}
