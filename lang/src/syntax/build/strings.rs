//! Strings and blocks of text: escapes, interpolation, and the indentation of blocks.
//!
//! Laws of a block: it starts on the line behind the opening `"""`; the indentation of its least
//! indented line, the closing `"""` counted where it has a line of its own, is taken off every
//! line; a `"""` on its own line leaves the last line's end in the text, one behind text does not.
//! Line ends are `\n` whatever the file has.

use syncline_model::{Span, Str};

use super::{Builder, fitted, take};
use crate::diagnostics::{invalid_escape, text_block_layout};
use crate::syntax::ast::{Expr, ExprKind, Part};
use crate::syntax::grammar::{Pair, Rule};

/// Returns what a plain string quotes.
pub(super) fn unquote(text: &str) -> &str {
    text.get(1..text.len() - 1).unwrap_or("")
}

/// A part of a block before its indentation is known.
enum RawPart<'i> {
    Text(&'i str),
    Expr(Expr),
}

impl Builder<'_> {
    pub(super) fn plain(&mut self, pair: &Pair<'_>) -> Expr {
        self.height = 1;
        let text = unquote(pair.as_str());
        Expr { span: self.span(pair), kind: ExprKind::String(text.into()) }
    }

    pub(super) fn template(&mut self, pair: Pair<'_>) -> Expr {
        let span = self.span(&pair);
        let mut parts = Vec::new();
        let mut height = 0;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::chunk => {
                    self.check_escapes(&pair);
                    push_text(&mut parts, &unescape(pair.as_str()));
                }
                _ => {
                    parts.push(Part::Expr(self.expr(take(&mut pair.into_inner()))));
                    height = height.max(self.height);
                }
            }
        }
        self.parts(span, parts, height)
    }

    pub(super) fn block(&mut self, pair: Pair<'_>) -> Expr {
        let span = self.span(&pair);
        let mut raw = Vec::new();
        let mut height = 0;
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::block_chunk => {
                    self.check_escapes(&pair);
                    raw.push(RawPart::Text(pair.as_str()));
                }
                _ => {
                    raw.push(RawPart::Expr(self.expr(take(&mut pair.into_inner()))));
                    height = height.max(self.height);
                }
            }
        }
        self.check_opening_line(&raw, span);
        let indentation = indentation(&raw);
        let mut parts = Vec::new();
        let last = raw.len().saturating_sub(1);
        for (index, part) in raw.into_iter().enumerate() {
            match part {
                RawPart::Text(text) => {
                    let text = strip(text, indentation, index == 0, index == last);
                    push_text(&mut parts, &unescape(&text));
                }
                RawPart::Expr(expr) => parts.push(Part::Expr(expr)),
            }
        }
        self.parts(span, parts, height)
    }

    fn parts(&mut self, span: Span, mut parts: Vec<Part>, height: u32) -> Expr {
        let only_text = parts.iter().all(|part| matches!(part, Part::Text(_)));
        if only_text {
            let text = match parts.pop() {
                Some(Part::Text(text)) => text,
                Some(Part::Expr(_)) | None => Str::new(),
            };
            return self.node(span, ExprKind::String(text), 0);
        }
        self.node(span, ExprKind::Template(fitted(parts.into())), height)
    }

    fn check_opening_line(&mut self, raw: &[RawPart<'_>], span: Span) {
        let start = span.start + 3;
        let end = match raw.first() {
            Some(RawPart::Text(text)) => match text.split_once('\n') {
                Some((line, _)) if line.trim().is_empty() => return,
                Some((line, _)) => start + line.trim_end().len() as u32,
                None => start + text.len() as u32,
            },
            Some(RawPart::Expr(expr)) => expr.span.end,
            None => start,
        };
        let place = Span::new(span.file, start, end.max(start));
        self.diagnostics.push(text_block_layout::text_block_layout(place));
    }

    fn check_escapes(&mut self, pair: &Pair<'_>) {
        let text = pair.as_str();
        let mut rest = 0;
        while let Some(at) = text[rest..].find('\\').map(|at| rest + at) {
            let (escaped, length) = escape(&text[at..]);
            if escaped.is_none() {
                let start = self.span(pair).start + at as u32;
                let span = Span::new(self.file, start, start + length as u32);
                let shown = &text[at..at + length];
                self.diagnostics.push(invalid_escape::invalid_escape(span, shown));
            }
            rest = at + length;
        }
    }
}

/// Reads the escape at the start of `text`: what it stands for, and its length.
fn escape(text: &str) -> (Option<char>, usize) {
    let Some(kind) = text[1..].chars().next() else { return (None, 1) };
    let simple = match kind {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '"' | '\\' | '$' => kind,
        'u' => return unicode_escape(text),
        _ => return (None, 1 + kind.len_utf8()),
    };
    (Some(simple), 2)
}

fn unicode_escape(text: &str) -> (Option<char>, usize) {
    let inside = text[2..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
    match inside {
        Some((digits, _)) if digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
            let code = u32::from_str_radix(digits, 16).ok();
            (code.and_then(char::from_u32), digits.len() + 4)
        }
        Some(_) | None => (None, 2),
    }
}

/// Replaces escapes; an unknown one stays as it is.
fn unescape(text: &str) -> Str {
    if !text.contains('\\') {
        return text.into();
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        let (escaped, length) = escape(&rest[at..]);
        match escaped {
            Some(escaped) => result.push(escaped),
            None => result.push_str(&rest[at..at + length]),
        }
        rest = &rest[at + length..];
    }
    result.push_str(rest);
    result.into()
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Part::Text(before)) = parts.last_mut() {
        before.push_str(text);
    } else {
        parts.push(Part::Text(text.into()));
    }
}

fn blanks(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Returns the indentation that every line of a block shares.
fn indentation(raw: &[RawPart<'_>]) -> usize {
    let mut least = usize::MAX;
    let last = raw.len().saturating_sub(1);
    for (index, part) in raw.iter().enumerate() {
        let RawPart::Text(text) = part else { continue };
        let mut lines = text.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            // A blank last line of a part is followed by `${` or by the closing quotes.
            let counts = !line.trim().is_empty() || lines.peek().is_none();
            if counts && (index <= last) {
                least = least.min(blanks(line));
            }
        }
    }
    if least == usize::MAX { 0 } else { least }
}

/// Takes the shared indentation off the lines of a part.
fn strip(text: &str, indentation: usize, is_first: bool, is_last: bool) -> String {
    let mut result = String::with_capacity(text.len());
    let count = text.split('\n').count();
    for (index, line) in text.split('\n').enumerate() {
        let line = if index + 1 < count { line.trim_end_matches('\r') } else { line };
        if index == 0 {
            // What stands on the opening line was reported, or is blank.
            if !is_first {
                result.push_str(line);
            }
            continue;
        }
        if !(is_first && index == 1) {
            result.push('\n');
        }
        let closes = is_last && index + 1 == count;
        let line = &line[blanks(line).min(indentation)..];
        if !(closes && line.trim().is_empty()) {
            result.push_str(line);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_replaced() {
        assert_eq!(unescape(r#"a\n\t\"\\\$\u{1F600}"#), "a\n\t\"\\$\u{1F600}");
        assert_eq!(unescape(r"\q"), r"\q");
        assert_eq!(unescape(r"\u{d800}"), r"\u{d800}");
    }

    #[test]
    fn a_block_loses_the_indentation_of_its_least_indented_line() {
        let text = "\n    a\n\n      b\r\n    ";
        let raw = [RawPart::Text(text)];
        assert_eq!(strip(text, indentation(&raw), true, true), "a\n\n  b\n");
    }
}
