//! What follows something complete that nothing joins to it.
//!
//! Between brackets a `,` was forgotten, and that is beyond doubt. Elsewhere two things side by side
//! may mean anything: what they are says what is missing most likely, and that is no more than a guess.

use syncline_model::Diagnostic;

use super::tokens::{self, Token};
use super::{Failure, ITEM_WORDS, MEMBER_WORDS, Place};
use crate::diagnostics::{expected_assignment, expected_separator, unexpected, unknown_type};
use crate::syntax::grammar::Rule;

impl Failure<'_> {
    /// Something follows a complete member, element or entry.
    pub(super) fn missing_separator(&self, place: &Place<'_>) -> Diagnostic {
        let (span, shown) = (self.found_span(place), self.found_text(place));
        let end = place.before.end();
        let gap = self.span(end, end);
        if let Some(report) = self.arguments_of_type(place) {
            return report;
        }
        let next = tokens::at(self.text, place.found.end());
        if place.expects(Rule::expected_separator) {
            // A text on its own is an element, and no entry.
            let may_be_entry = !(place.found.is_quoted() && next.text == "}");
            return match starts_entry(&place.found) {
                true if may_be_entry => expected_separator::inside(span, gap, &shown),
                true | false => unexpected::unexpected(span, NOTHING_JOINS, &shown),
            };
        }
        if place.expects(Rule::expected_clause) && starts_entry(&place.found) {
            return self.missing_clause(place);
        }
        let declares = |words: &[&str]| {
            words.contains(&place.found.text) && (next.is_word() || next.is_quoted())
        };
        let assigns = place.found.is_word() && matches!(next.text, "=" | "+=");
        if self.rule == Rule::item_entry && declares(&ITEM_WORDS) {
            return expected_separator::between_items(span, gap, &shown);
        }
        if self.rule == Rule::member && (declares(&MEMBER_WORDS) || assigns) {
            return expected_separator::between_members(span, gap, &shown);
        }
        self.side_by_side(place)
    }

    /// The name of a parameter is followed by a type without `:`, or by a value without `=`.
    fn missing_clause(&self, place: &Place<'_>) -> Diagnostic {
        let (span, shown) = (self.found_span(place), self.found_text(place));
        let (name, end) = (place.before.shown(), place.before.end());
        let report = unexpected::unexpected(span, "`:` and a type, or `=` and a value", &shown);
        let joins = if place.found.is_literal() { " =" } else { ":" };
        report
            .help(format!("Write `{name}{joins} {}`.", place.found.shown()))
            .suggest(self.span(end, end), joins)
    }

    /// Two things stand side by side, and the second starts nothing of its own.
    fn side_by_side(&self, place: &Place<'_>) -> Diagnostic {
        let (span, shown) = (self.found_span(place), self.found_text(place));
        let start = self.span(place.found.start, place.found.start);
        let (before, found) = (&place.before, &place.found);
        if place.expects(Rule::alias) && found.is_word() {
            return unexpected::unexpected(span, "`as` or the end of the line", &shown)
                .help(format!("Write `as {}` to give it that name.", found.shown()))
                .suggest(start, "as ");
        }
        if place.expects(Rule::refinement) {
            if before.is_literal() && found.is_literal() {
                return unexpected::unexpected(span, "`|`", &shown)
                    .help("A `|` stands between the literals of a union: `\"a\" | \"b\"`.")
                    .suggest(start, "| ");
            }
            if self.rule == Rule::member && found.is_literal() {
                let behind = before.shown();
                return expected_assignment::expected_assignment(span, &behind, &shown, false);
            }
            return unexpected::unexpected(span, "`|`, `where` or the end of the type", &shown);
        }
        let report = unexpected::unexpected(span, NOTHING_JOINS, &shown);
        match (before.text, self.percentage(before)) {
            _ if !starts_entry(found) => report,
            ("%", Some(number)) => report.help(format!(
                "`{number}%` is a percentage; what is left of a division is `{number} % {}`.",
                found.shown()
            )),
            _ => report.help(
                "Two values side by side mean nothing: put an operator between them, or start a \
                 new line.",
            ),
        }
    }

    /// Returns the number before a `%` that makes a percentage of it.
    fn percentage(&self, sign: &Token<'_>) -> Option<&str> {
        let head = self.text.get(..sign.start)?;
        let start = head.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        head.get(start..).filter(|number| !number.is_empty())
    }

    /// `map(string)`, `list<int>` and the like.
    fn arguments_of_type(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let closer = match place.found.text {
            "(" => ")",
            "[" => "]",
            "<" => ">",
            _ => return None,
        };
        if !place.expects(Rule::refinement) || !place.before.is_word() {
            return None;
        }
        let mut argument = tokens::at(self.text, place.found.end());
        let mut end = tokens::at(self.text, argument.end());
        if argument.text == closer {
            (argument, end) = (place.before, argument);
        }
        let goes_on = tokens::at(self.text, end.end());
        let is_whole = goes_on.start > end.end() || !goes_on.is_word();
        let is_plain = argument.is_word() && end.text == closer && is_whole;
        let span = self.token_span(&place.before);
        let whole = is_plain.then(|| (self.span(place.before.start, end.end()), argument.text));
        Some(unknown_type::with_arguments(place.before.text, span, whole))
    }
}

/// What can stand behind a value.
const NOTHING_JOINS: &str = "an operator, `,` or the end of the line";

/// Tells whether a token can start an element or an entry.
fn starts_entry(token: &Token<'_>) -> bool {
    token.text.starts_with(|c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '"' | '{' | '[' | '(' | '@' | '!' | '\'')
    })
}
