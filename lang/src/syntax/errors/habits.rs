//! What people write who come from HCL, JSON, YAML, JavaScript or Python.

use syncline_model::Diagnostic;

use super::{Failure, MEMBER_WORDS, Place, tokens};
use crate::diagnostics::{
    assignment_in_expression, bad_function, colon_for_equals, computed_target, expected_expression,
    foreign_block, invalid_character, misplaced_annotation, not_a_value, ternary, unexpected,
    unknown_declaration, word_operator,
};
use crate::syntax::grammar::Rule;

/// Returns the keyword for what another language declares with `word`.
pub(super) fn keyword_for(word: &str, place: unknown_declaration::Place) -> Option<&'static str> {
    match (word, place) {
        ("variable" | "input", _) => Some("param"),
        ("local" | "locals" | "const" | "var" | "val", unknown_declaration::Place::Layer) => {
            Some("let")
        }
        ("assert" | "check" | "validate" | "require", unknown_declaration::Place::Layer) => {
            Some("ensure")
        }
        ("delete" | "unset", unknown_declaration::Place::Layer) => Some("remove"),
        ("module", unknown_declaration::Place::Layer) => Some("unit"),
        ("import" | "include", unknown_declaration::Place::File) => Some("use"),
        ("env", unknown_declaration::Place::File) => Some("environment"),
        ("typealias" | "enum" | "interface", unknown_declaration::Place::File) => Some("type"),
        ("def" | "function" | "func", unknown_declaration::Place::File) => Some("fn"),
        ("module" | "class" | "construct", unknown_declaration::Place::File) => Some("component"),
        ("terraform", unknown_declaration::Place::File) => Some("project"),
        _ => None,
    }
}

/// Rules that stand behind a complete expression.
const BEHIND_VALUES: [Rule; 12] = [
    Rule::infix,
    Rule::expected_end,
    Rule::expected_separator,
    Rule::expected_then,
    Rule::expected_else,
    Rule::expected_paren,
    Rule::expected_bracket,
    Rule::expected_brace,
    Rule::expected_argument_end,
    Rule::expected_colon,
    Rule::expected_arrow,
    Rule::expected_interpolation_end,
];

/// Rules that stand behind a condition.
const CONDITIONS: [Rule; 3] = [Rule::expected_then, Rule::expected_colon, Rule::expected_body];

impl Failure<'_> {
    /// Returns the diagnostic for a habit, if the place shows one.
    pub(super) fn habit(&self, place: &Place<'_>) -> Option<Diagnostic> {
        self.function(place)
            .or_else(|| self.character(place))
            .or_else(|| self.declaration_habit(place))
            .or_else(|| self.expression_habit(place))
    }

    fn character(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let character = place.found.text.chars().next()?;
        let is_plain = character.is_ascii() && !character.is_ascii_control();
        (!is_plain)
            .then(|| invalid_character::invalid_character(self.token_span(&place.found), character))
    }

    /// A function where there can be none.
    fn function(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let first = self.first();
        let second = tokens::at(self.text, first.start + first.text.len());
        if first.text == "fn" && second.is_word() && self.rule == Rule::member {
            return Some(bad_function::misplaced(self.token_span(&first)));
        }
        let is_lambda = place.found.text == "=>"
            && !place.expects_any(&[Rule::expected_arrow, Rule::expected_colon]);
        is_lambda.then(|| not_a_value::function(self.token_span(&place.found)))
    }

    fn declaration_habit(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let first = self.first();
        let second = tokens::at(self.text, first.start + first.text.len());
        if first.text == "@" && self.rule == Rule::member {
            let name = if second.is_word() { second.text } else { "name" };
            let span = self.span(first.start, second.start + second.text.len());
            return Some(misplaced_annotation::misplaced_annotation(span, name));
        }
        if first.text == "use" && self.rule == Rule::item_entry {
            return self.module_habit(place);
        }
        let computed = place.found.text.starts_with('"') && place.found.text.contains("${");
        if computed
            && place.expects_any(&[
                Rule::member,
                Rule::target,
                Rule::plain,
                Rule::ident,
                Rule::body_entry,
            ])
        {
            let span = self.token_span(&place.found);
            return Some(computed_target::computed_target(span));
        }
        let quoted = second.text.starts_with('"');
        if quoted && place.found.start == second.start {
            return self.foreign_block(first.text, &second);
        }
        None
    }

    /// `use std/cidr`, and a folder without quotes.
    fn module_habit(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let (found, start) = (&place.found, place.found.start);
        let rest = self.text.get(start..)?;
        match found.text {
            "/" => {
                let help = "The parts of a module's name are joined by dots: `std.cidr`.";
                let span = self.token_span(found);
                Some(unexpected::unexpected(span, "`.`", "`/`").help(help).suggest(span, "."))
            }
            "." | "..." if place.before.text == "use" => {
                let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (span, path) = (self.span(start, start + length), &rest[..length]);
                let report = unexpected::unexpected(
                    span,
                    "a module or a path in quotes",
                    &format!("`{path}`"),
                );
                let mended = format!("\"{path}\"");
                Some(
                    report
                        .help(format!("A folder stands in quotes: `use {mended}`."))
                        .suggest(span, mended),
                )
            }
            _ => None,
        }
    }

    /// `resource "type" "name" {` and the like.
    pub(super) fn foreign_block(
        &self,
        keyword: &str,
        second: &tokens::Token<'_>,
    ) -> Option<Diagnostic> {
        let third = tokens::at(self.text, second.start + second.text.len());
        let bare = |token: &tokens::Token<'_>| token.text.trim_matches('"').to_owned();
        let name = bare(&third);
        let mended = match keyword {
            "resource" | "data" | "ephemeral" => {
                let kind = bare(second);
                let (provider, rest) = kind.split_once('_').unwrap_or((kind.as_str(), "type"));
                format!("{keyword} {provider}.{rest} {name} {{")
            }
            "variable" => format!("param {}: string", bare(second)),
            "output" => format!("output {} = value", bare(second)),
            "provider" => format!("provider {} {{", bare(second)),
            "environment" | "overlay" => format!("{keyword} {} {{", bare(second)),
            "module" => return None,
            _ => return None,
        };
        let end = if third.text.starts_with('"') { third } else { *second };
        let span = self.span(second.start, end.start + end.text.len());
        let report = foreign_block::foreign_block(span, &mended);
        let is_outside =
            self.rule == Rule::item_entry && keyword != "environment" && keyword != "overlay";
        Some(if is_outside {
            report.note("It stands in the body of an `environment` or an `overlay`.")
        } else {
            report
        })
    }

    fn expression_habit(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let (found, before) = (&place.found, &place.before);
        let continues = place.expects_any(&BEHIND_VALUES);
        match found.text {
            ":" if place.expects(Rule::expected_assignment) && !self.is_keyword(before) => {
                let (span, name) = (self.token_span(found), before.shown());
                let starts = self.rule == Rule::member && before.start == self.first().start;
                if !starts && self.loops_behind(found) {
                    return Some(unexpected::unexpected(span, "`for`", "`:`").help(super::LOOP));
                }
                return Some(if starts {
                    colon_for_equals::behind_member(span, &name)
                } else {
                    colon_for_equals::colon_for_equals(span, &name)
                });
            }
            ":" if continues && self.text[found.start..].starts_with("::") => {
                return self.provider_function(place);
            }
            "and" if continues => return Some(self.word_operator(found, "&&")),
            "or" if continues => return Some(self.word_operator(found, "||")),
            "?" if continues => return Some(self.ternary(place)),
            "=" if place.expects(Rule::infix) => return Some(self.assignment(place)),
            _ => {}
        }
        if before.text == "not" && continues && !found.text.is_empty() {
            return Some(self.word_operator(before, "!"));
        }
        None
    }

    /// `provider::time::rfc3339_parse`, as Terraform calls a provider's function.
    fn provider_function(&self, place: &Place<'_>) -> Option<Diagnostic> {
        let (name, habit) = (&place.before, "provider::");
        let start = name.start.checked_sub(habit.len())?;
        if self.text.get(start..name.start) != Some(habit) {
            return None;
        }
        let found = format!("`{habit}{}::`", name.text);
        let span = self.span(start, name.end());
        let report = unexpected::unexpected(span, &format!("`{}::`", name.text), &found);
        let help =
            "A provider's function is called by the name that the project gives the provider.";
        Some(report.help(help).mend(span, name.text))
    }

    /// Tells whether a loop follows in the same brackets: `{k: v for k, v in map}`.
    fn loops_behind(&self, colon: &tokens::Token<'_>) -> bool {
        let (mut at, mut depth) = (colon.end(), 0_u32);
        loop {
            let token = tokens::at(self.text, at);
            match token.text {
                "" => return false,
                "for" if depth == 0 => return true,
                "," if depth == 0 => return false,
                "{" | "[" | "(" => depth += 1,
                "}" | "]" | ")" if depth == 0 => return false,
                "}" | "]" | ")" => depth -= 1,
                _ => {}
            }
            at = token.end();
        }
    }

    /// Tells whether a token is the keyword that the member starts with.
    fn is_keyword(&self, token: &tokens::Token<'_>) -> bool {
        let first = self.first().start;
        self.rule == Rule::member && token.start == first && MEMBER_WORDS.contains(&token.text)
    }

    fn word_operator(&self, token: &tokens::Token<'_>, operator: &str) -> Diagnostic {
        word_operator::word_operator(self.token_span(token), token.text, operator)
    }

    /// A `=` behind an expression: a comparison, or a value that is missing on the line before.
    fn assignment(&self, place: &Place<'_>) -> Diagnostic {
        let name = &place.before;
        let line = self.text[..name.start].rfind('\n').map_or(0, |at| at + 1);
        let starts_line = self.text[line..name.start].trim().is_empty();
        let earlier = tokens::before(self.text, line);
        if starts_line && name.is_word() && earlier.text.ends_with('=') {
            let after = format!("after `{}`", earlier.shown());
            let span = self.token_span(&earlier);
            return expected_expression::expected_expression(span, &after, "the end of the line");
        }
        // A condition is a comparison; what else is assigned to may be a line of its own.
        let is_check = self.first().text == "ensure" && place.expects(Rule::expected_else);
        let compares = is_check || place.expects_any(&CONDITIONS);
        assignment_in_expression::assignment_in_expression(self.token_span(&place.found), compares)
    }

    fn ternary(&self, place: &Place<'_>) -> Diagnostic {
        let line_end = self.text[place.found.start..]
            .find(['\n', ','])
            .map_or(self.text.len(), |at| place.found.start + at);
        let choices = &self.text[place.found.start + 1..line_end];
        let start = self.text[..place.found.start].rfind(['=', '\n', '(', '{', ',']);
        let condition = start.map(|at| self.text[at + 1..place.found.start].trim());
        let mended = match (condition, choices.split_once(" : ")) {
            (Some(condition), Some((then, otherwise)))
                if !condition.is_empty() && condition.len() + choices.len() < 60 =>
            {
                Some(format!("if {condition} then {} else {}", then.trim(), otherwise.trim()))
            }
            _ => None,
        };
        ternary::ternary(self.token_span(&place.found), mended.as_deref())
    }
}
