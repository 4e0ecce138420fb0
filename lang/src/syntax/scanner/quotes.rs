//! Strings, blocks of text and block comments.

use super::brackets::OpenKind;
use super::{MAX_RESUMPTIONS, Scanner};
use crate::diagnostics::{unterminated_comment, unterminated_string};
use crate::syntax::ast::CommentKind;

impl Scanner<'_> {
    pub(super) fn quote(&mut self) {
        let start = self.at;
        if self.bytes[start..].starts_with(b"\"\"\"") {
            self.at += 3;
            self.block(start);
        } else {
            self.at += 1;
            self.string(start);
        }
    }

    /// Reads on in a string of one line that starts at `start`.
    pub(super) fn string(&mut self, start: usize) {
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'\n'));
            self.at += plain.unwrap_or(rest.len());
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return;
                }
                Some(b'\\') if !matches!(self.bytes.get(self.at + 1), Some(b'\n') | None) => {
                    self.at += 2;
                }
                Some(b'$') if self.next_is(b'{') => {
                    self.push(OpenKind::Inline(start), self.at);
                    self.at += 2;
                    return;
                }
                Some(b'\n') | None => {
                    let span = self.span(start, self.at);
                    // What was meant to close the string around opens one here.
                    match self.innermost_interpolation() {
                        Some((open, around)) => {
                            self.unclosed_interpolation(open, self.span(around, self.at));
                        }
                        None => self.blame(|| unterminated_string::unterminated_string(span)),
                    }
                    return;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Reads on in a block of text that starts at `start`.
    pub(super) fn block(&mut self, start: usize) {
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') if self.bytes[self.at..].starts_with(b"\"\"\"") => {
                    self.at += 3;
                    return;
                }
                Some(b'\\') if self.at + 1 < self.bytes.len() => self.at += 2,
                Some(b'$') if self.next_is(b'{') => {
                    self.push(OpenKind::Block(start), self.at);
                    self.at += 2;
                    return;
                }
                Some(b'\n') => {
                    self.at += 1;
                    self.line_start = self.at;
                }
                Some(_) => self.at += 1,
                None => {
                    let span = self.span(start, start + 3);
                    self.blame(|| unterminated_string::unterminated_block(span));
                    self.resume_behind(start);
                    return;
                }
            }
        }
    }

    pub(super) fn block_comment(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start + 2..];
        let close = rest.windows(2).position(|pair| pair == b"*/");
        if let Some(close) = close {
            self.at = start + 2 + close + 2;
            let inside = &self.bytes[start..self.at];
            if let Some(newline) = inside.iter().rposition(|byte| *byte == b'\n') {
                self.line_start = start + newline + 1;
            }
        } else {
            let span = self.span(start, start + 2);
            self.report(|| unterminated_comment::unterminated_comment(span));
            self.resume_behind(start);
        }
        self.comment(start, CommentKind::Block);
    }

    /// Goes on behind the line in which something starts that is never closed.
    fn resume_behind(&mut self, start: usize) {
        self.at = self.bytes.len();
        if self.resumptions < MAX_RESUMPTIONS {
            self.resumptions += 1;
            self.at = start;
            self.skip_line();
            // What was read in interpolations behind is read again.
            let comments = &mut self.outline.comments;
            let known = comments.partition_point(|own| own.span.end as usize <= self.at);
            comments.truncate(known);
        }
    }
}
