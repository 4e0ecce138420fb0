//! Puts a failure of the grammar into the user's words.
//!
//! Takes the text of a slice, the place of the furthest failure and the rules that could have
//! matched there; returns one diagnostic. What people bring from other languages is recognised
//! first (`errors/habits.rs`), then what was expected decides; what follows something complete is
//! the matter of `errors/neighbours.rs`. It looks at the tokens around the place, and parses again
//! only to see whether a mend is one: what is not read any further afterwards is a guess.

mod advice;
mod habits;
mod neighbours;
mod tokens;

use syncline_model::{Diagnostic, FileId, Span, nearest};

use super::grammar::{Matched, Refusal, Rule};
use super::scanner::{ITEM_WORDS, MEMBER_WORDS};
use crate::diagnostics::{
    expected_assignment, expected_body, expected_expression, expected_name, expected_type,
    incomplete_conditional, nested_too_deeply, unexpected, unknown_declaration,
};
use advice::LOOP;
use tokens::Token;

/// A slice that the grammar refused.
pub(super) struct Failure<'t> {
    /// The slice's file.
    pub(super) file: FileId,
    /// The slice's text.
    pub(super) text: &'t str,
    /// Where the slice starts in the file.
    pub(super) base: usize,
    /// The entry rule.
    pub(super) rule: Rule,
    /// A `{` stands behind it.
    pub(super) is_opened: bool,
}

/// The place of a failure with its surroundings.
struct Place<'t> {
    /// The token at the place; empty at the slice's end.
    found: Token<'t>,
    /// The token before it.
    before: Token<'t>,
    /// What could have matched.
    expected: Vec<Rule>,
}

impl Place<'_> {
    fn expects(&self, rule: Rule) -> bool {
        self.expected.contains(&rule)
    }

    fn expects_any(&self, rules: &[Rule]) -> bool {
        rules.iter().any(|rule| self.expects(*rule))
    }

    /// Returns "after `...`" for the token before, or nothing at the start.
    fn after(&self) -> String {
        if self.before.text.is_empty() {
            String::new()
        } else {
            format!("after `{}`", self.before.shown())
        }
    }
}

/// Rules that start an expression.
const VALUE_STARTS: [Rule; 2] = [Rule::expected_value, Rule::expr];

/// Rules that start a type.
const TYPE_STARTS: [Rule; 4] = [Rule::r#type, Rule::type_term, Rule::list_type, Rule::record_type];

/// Rules that start a name.
const NAMES: [Rule; 5] =
    [Rule::ident, Rule::fresh, Rule::expected_name, Rule::target, Rule::type_path];

/// Names of the `expected_*` rules that need no more than their words.
const WORDS: [(Rule, &str); 17] = [
    (Rule::params, "`(` and the parameters"),
    (Rule::expected_destination, "`->` and what it is now"),
    (Rule::expected_environment, "`environment`"),
    (Rule::offered, "the name of a function of the provider"),
    (Rule::expected_in, "`in`"),
    (Rule::expected_colon, "`:`"),
    (Rule::expected_arrow, "`=>` and the value"),
    (Rule::expected_result, "`->` and the result's type"),
    (Rule::expected_for, "`for` and the name of what the overlay may stand on"),
    (Rule::expected_arms, "`{` and the arms: `\"a\" => 1`"),
    (Rule::expected_pattern, "a literal, or `_` for all else"),
    (Rule::expected_paren, "`)`"),
    (Rule::expected_argument_end, "`,` or `)`"),
    (Rule::expected_bracket, "`]`"),
    (Rule::expected_brace, "`}`"),
    (Rule::expected_interpolation_end, "`}`"),
    (Rule::arm, "a literal and `=>`, or `_ =>` for all else"),
];

impl<'t> Failure<'t> {
    /// Returns the diagnostic.
    pub(super) fn report(&self, refusal: Refusal) -> Diagnostic {
        let Refusal { at, expected: Some(expected) } = refusal else {
            return nested_too_deeply::brackets(self.span(0, 1), super::scanner::MAX_DEPTH);
        };
        let found = tokens::at(self.text, at);
        let place = Place { found, before: tokens::before(self.text, at), expected };
        self.habit(&place).unwrap_or_else(|| self.advised(&place, self.by_expectation(&place)))
    }

    /// Tells whether what stands behind the mends of a report is read once they are applied, at
    /// least one token of it.
    pub(super) fn is_mended(&self, report: &Diagnostic, matched: &mut Matched) -> bool {
        let Some(last) = report.suggestions.last().filter(|_| report.is_mendable()) else {
            return true;
        };
        let mut mended = self.text.to_owned();
        for own in report.suggestions.iter().rev() {
            let range = own.span.start as usize - self.base..own.span.end as usize - self.base;
            mended.replace_range(range, &own.replacement);
        }
        let behind = tokens::at(self.text, last.span.end as usize - self.base);
        match matched.take(self.rule, &mended) {
            Ok(()) => true,
            Err(again) => {
                let left = self.text.len() - behind.end();
                !behind.text.is_empty() && mended.len() - again.at <= left
            }
        }
    }

    /// Returns the slice's first token.
    fn first(&self) -> Token<'t> {
        tokens::at(self.text, 0)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, (self.base + start) as u32, (self.base + end) as u32)
    }

    fn token_span(&self, token: &Token<'_>) -> Span {
        self.span(token.start, token.start + token.text.len())
    }

    /// Returns where to point: at the token found, or behind the last one when the line ends.
    fn found_span(&self, place: &Place<'_>) -> Span {
        let end = place.before.start + place.before.text.len();
        let gap = self.text.get(end..place.found.start).unwrap_or("");
        if place.found.text.is_empty() || gap.contains('\n') {
            let start = if end > 0 { end - 1 } else { 0 };
            let start = self.text.floor_char_boundary(start);
            return self.span(start, end.max(start));
        }
        self.token_span(&place.found)
    }

    fn found_text(&self, place: &Place<'_>) -> String {
        let end = place.before.start + place.before.text.len();
        let gap = self.text.get(end..place.found.start).unwrap_or("");
        if place.found.text.is_empty() || gap.contains('\n') {
            let end = if self.is_opened { "`{`" } else { "the end of the line" };
            return end.to_owned();
        }
        format!("`{}`", place.found.shown())
    }

    /// A name with a `-` in it, as other tools have them.
    fn hyphen(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let end = place.before.start + place.before.text.len();
        let declares = [Rule::expected_body, Rule::expected_separator, Rule::expected_end];
        let first = self.first();
        if place.found.text != "-"
            || place.found.start != end
            || !place.before.is_word()
            || !(place.expects_any(&declares) || place.expects(Rule::expected_assignment))
            || !MEMBER_WORDS.contains(&first.text)
            || first.start == place.before.start
        {
            return None;
        }
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let rest = self.text.get(end..)?;
        let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
        let whole = self.text.get(place.before.start..end + length)?;
        let span = self.span(place.before.start, end + length);
        Some(expected_name::hyphen(span, whole))
    }

    fn by_expectation(&self, place: &Place<'_>) -> Diagnostic {
        if let Some(report) = self.hyphen(place) {
            return report;
        }
        let (span, found) = (self.found_span(place), self.found_text(place));
        if place.expects(Rule::expected_then) {
            return incomplete_conditional::incomplete_conditional(span, "then", &found, false);
        }
        if place.expects(Rule::expected_else) {
            let is_check = self.text.starts_with("ensure");
            return incomplete_conditional::incomplete_conditional(span, "else", &found, is_check);
        }
        let starts = [Rule::expected_declaration, Rule::item_entry, Rule::header];
        if place.expects_any(&starts) {
            return self.unknown(unknown_declaration::Place::File);
        }
        if place.expects(Rule::expected_assignment) {
            return self.missing_assignment(place);
        }
        if place.expects(Rule::expected_body) {
            let links = ["extends", "with"].into_iter().filter(|_| self.rule == Rule::header);
            if let Some(near) = nearest(place.found.text, links) {
                return expected_body::misspelled(span, &found, near);
            }
            let next_line = place.found.text == "{";
            let span = if next_line { self.token_span(&place.found) } else { span };
            return expected_body::expected_body(span, &found, next_line);
        }
        if let Some((_, words)) = WORDS.iter().find(|(rule, _)| place.expects(*rule)) {
            return unexpected::unexpected(span, words, &found);
        }
        if place.expects_any(&[Rule::expected_separator, Rule::expected_end]) {
            return self.missing_separator(place);
        }
        if place.expects_any(&VALUE_STARTS) {
            return expected_expression::expected_expression(span, &place.after(), &found);
        }
        if place.expects_any(&TYPE_STARTS) {
            return expected_type::expected_type(span, &place.after(), &found);
        }
        if place.expects_any(&NAMES) {
            return expected_name::expected_name(span, &place.after(), &found);
        }
        if place.expects(Rule::plain) {
            return unexpected::unexpected(span, "a name in quotes", &found);
        }
        unexpected::out_of_place(span, &found)
    }

    /// A name is not followed by what gives it a value; or it was meant as a keyword.
    fn missing_assignment(&self, place: &Place<'_>) -> Diagnostic {
        let first = self.first();
        let at_start = place.before.start == first.start;
        let words_follow = place.found.is_word() || place.found.is_literal();
        let is_member = self.rule == Rule::member;
        if at_start && is_member && words_follow && first.is_word() {
            if MEMBER_WORDS.contains(&first.text) {
                let span = self.found_span(place);
                return expected_name::expected_name(span, &place.after(), &self.found_text(place));
            }
            if ITEM_WORDS.contains(&first.text) {
                let span = self.token_span(&first);
                return unknown_declaration::item_inside(span, first.text);
            }
            let layer = unknown_declaration::Place::Layer;
            let near = nearest(first.text, MEMBER_WORDS).is_some()
                || habits::keyword_for(first.text, layer).is_some();
            let opens = self.text.trim_end().ends_with('}');
            if near || opens {
                return self.unknown(unknown_declaration::Place::Layer);
            }
        }
        if is_member && at_start && MEMBER_WORDS.contains(&first.text) {
            let span = self.found_span(place);
            return expected_name::expected_name(span, &place.after(), &self.found_text(place));
        }
        let name = place.before.shown();
        let can_amend = !matches!(first.text, "let" | "output" | "type" | "project");
        expected_assignment::expected_assignment(
            self.found_span(place),
            &name,
            &self.found_text(place),
            can_amend,
        )
    }

    /// The slice's first word declares nothing.
    fn unknown(&self, place: unknown_declaration::Place) -> Diagnostic {
        let first = self.first();
        let span = self.token_span(&first);
        if !first.is_word() {
            return unexpected::unexpected(span, "a declaration", &format!("`{}`", first.shown()));
        }
        let second = tokens::at(self.text, first.start + first.text.len());
        if second.text.starts_with('"')
            && let Some(report) = self.foreign_block(first.text, &second)
        {
            return report;
        }
        let in_file = place == unknown_declaration::Place::File;
        if in_file && MEMBER_WORDS.contains(&first.text) {
            return unknown_declaration::member_outside(span, first.text);
        }
        if in_file && ITEM_WORDS.contains(&first.text) {
            let after = format!("after `{}`", first.text);
            let span = self.token_span(&second);
            return expected_name::expected_name(span, &after, &second.described());
        }
        let near = if in_file {
            nearest(first.text, ITEM_WORDS)
        } else {
            nearest(first.text, MEMBER_WORDS)
        };
        let near = near.or_else(|| habits::keyword_for(first.text, place));
        unknown_declaration::unknown_declaration(span, first.text, near, place)
    }
}
