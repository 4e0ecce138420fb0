//! What to write in place of what other languages have, where the place is reported for what it lacks.
//!
//! Looks at the token that does not fit and the one before it; returns the way out, and its mend where
//! there is one. What is reported, and where, is not its matter.

use syncline_model::Diagnostic;

use super::tokens::{self, Token};
use super::{Failure, Place};
use crate::diagnostics::invalid_number;
use crate::syntax::grammar::Rule;

/// Rules that stand behind a complete value.
const BEHIND: [Rule; 6] = [
    Rule::infix,
    Rule::expected_end,
    Rule::expected_separator,
    Rule::expected_bracket,
    Rule::expected_brace,
    Rule::expected_arrow,
];

const PATTERN: &str =
    "A pattern is a literal; what depends on a condition is `if condition then a else b`.";

const SIGNED: &str = "What a `match` looks at stands in parentheses where it starts with a sign: `match (-x) { ... }`.";

pub(super) const LOOP: &str =
    "A loop comes first: `[for x in list: value]`, `{for k, v in map: k => v}`.";

impl Failure<'_> {
    /// Puts better advice into a report.
    pub(super) fn advised(&self, place: &Place<'_>, report: Diagnostic) -> Diagnostic {
        let behind_value = place.expects_any(&BEHIND);
        if place.expects(Rule::expected_in) && matches!(place.found.text, "=" | ":" | "of" | "from")
        {
            return report.help("Write `in`.").suggest(self.token_span(&place.found), "in");
        }
        let advice = if self.rule == Rule::header || place.expects(Rule::expected_body) {
            self.advice_on_head(place)
        } else if place.expects_any(&[Rule::arm, Rule::expected_pattern]) {
            return self.advice_on_arm(place, report);
        } else if place.expects(Rule::refinement) {
            self.advice_on_type(place).map(str::to_owned)
        } else if behind_value {
            return self.advice_behind_value(place, report);
        } else {
            return self.advice_on_start(place, report);
        };
        match advice {
            Some(advice) => report.help(advice),
            None => report,
        }
    }

    /// Tells whether the declaration is of a kind that may have keys.
    fn has_keys(&self) -> bool {
        matches!(self.first().text, "resource" | "data" | "unit" | "ephemeral")
    }

    /// What stands where a body is expected.
    fn advice_on_head(&self, place: &Place<'_>) -> Option<String> {
        let next = tokens::at(self.text, place.found.end());
        let is_environment = matches!(self.first().text, "environment" | "abstract");
        if place.expects(Rule::expected_environment) {
            return Some(format!("Write `abstract environment {}`.", place.found.shown()));
        }
        if place.expects(Rule::expected_for) && place.found.text != "extends" {
            return Some(format!("Write `overlay {} for base {{ ... }}`.", place.before.shown()));
        }
        match place.found.text {
            "extends" if place.expects(Rule::expected_for) => {
                Some(format!("Write `for {}`.", next.shown()))
            }
            "(" if self.first().text == "component" => Some(format!(
                "What a component takes stands in its body: `component {} {{ param image: string }}`.",
                place.before.shown()
            )),
            "," if self.text.contains("extends") => Some(
                "An environment extends one other; mixins follow: `extends base with a, b`."
                    .to_owned(),
            ),
            ":" | "<" if is_environment && next.is_word() => {
                Some(format!("Write `extends {}`.", next.shown()))
            }
            "inherits" | "from" | "is" | "implements" if is_environment => {
                Some(format!("Write `extends {}`.", next.shown()))
            }
            "[" if self.has_keys() => Some(format!(
                "Keys stand right behind the name: `{}[key in keys] {{`.",
                place.before.shown()
            )),
            "in" | "for" | "for_each" | "count" | "each" if self.has_keys() => Some(format!(
                "Keys stand behind the name: `{}[key in keys] {{`.",
                place.before.shown()
            )),
            _ => None,
        }
    }

    fn advice_on_arm(&self, place: &Place<'_>, report: Diagnostic) -> Diagnostic {
        let span = self.token_span(&place.found);
        match place.found.text {
            "else" | "default" | "otherwise" => {
                report.help("All else is `_ => value`.").suggest(span, "_")
            }
            "case" | "when" => report.help(format!("An arm needs no `{}`.", place.found.text)),
            _ => report.help(PATTERN),
        }
    }

    fn advice_on_type(&self, place: &Place<'_>) -> Option<&'static str> {
        match (place.found.text, place.before.text) {
            ("{", "enum") => Some("One of some literals is a union: `\"a\" | \"b\"`."),
            ("{", _) if self.first().text == "fn" => {
                Some("A function is one expression behind `=`: `fn twice(x: int) -> int = x * 2`.")
            }
            ("&", _) => Some("Types are not joined: write one record with all fields."),
            _ => None,
        }
    }

    /// What stands behind something complete.
    fn advice_behind_value(&self, place: &Place<'_>, report: Diagnostic) -> Diagnostic {
        let (found, before) = (&place.found, &place.before);
        let next = tokens::at(self.text, found.end());
        let span = self.token_span(found);
        let number = before.text.starts_with(|c: char| c.is_ascii_digit());
        let advice = match found.text {
            "if" if self.is_looped(found) => {
                "The condition of a loop stands before the `:`: `[for x in list if condition: x]`."
            }
            "if" => "A choice is `if condition then a else b`: the condition comes first.",
            "for" => {
                let mut report = report;
                report.suggestions.clear();
                return report.help(LOOP);
            }
            "=>" | "->" | "," if place.expects(Rule::expected_colon) && self.is_looped(found) => {
                return report.help("In a loop the value stands behind `:`.").suggest(span, ":");
            }
            ":" | "->" if place.expects(Rule::expected_arrow) => {
                return report.help("Write `=>`.").suggest(span, "=>");
            }
            "." if place.expects(Rule::expected_arrow) && self.first().text != "for" => PATTERN,
            "mod" => "What is left of a division is `a % b`.",
            "|" if next.text == ">" => "A function is called with its arguments: `f(value)`.",
            "(" if self.first().text == "unit" => {
                "What a unit is given stands in braces: `Component { name = value }`."
            }
            "!" if before.text == "match" && next.text != "=" => SIGNED,
            "{" if self.matches_sign(found) => SIGNED,
            "{" if before.text == "match" => {
                "A `match` looks at one value: `match value { \"a\" => 1, _ => 2 }`; what depends on a \
                 condition is `if condition then a else b`."
            }
            "{" if before.text.starts_with(|c: char| c.is_ascii_uppercase()) => {
                "A component is made by a unit: `unit name = Component { name = value }`."
            }
            _ if before.text == "switch" => "Write `match value { \"a\" => 1, _ => 2 }`.",
            _ if found.is_quoted() && before.text == "f" => {
                "Every text takes values in: `\"a ${b} c\"`."
            }
            _ if number && unit(found.text).is_some() => {
                let written = format!("{}{}", before.text, unit(found.text).unwrap_or_default());
                return report
                    .help(format!("A unit stands directly behind its number: `{written}`."))
                    .suggest(self.span(before.start, found.end()), written);
            }
            _ => return report,
        };
        report.help(advice)
    }

    /// What stands where something begins.
    fn advice_on_start(&self, place: &Place<'_>, report: Diagnostic) -> Diagnostic {
        let (found, before) = (&place.found, &place.before);
        let in_value = report.help.is_none() || place.expects_any(&super::NAMES);
        let advice = match (before.text, found.text) {
            ("for", name) if found.is_word() && self.has_keys() => {
                let span = self.span(before.start, found.start);
                let advice = format!("Keys need no `for`: `[{name} in keys]`.");
                return report.help(advice).suggest(span, "");
            }
            ("[", _) if self.has_keys() => {
                "Keys have a name, by which the body knows them: `[key in [\"a\", \"b\"]]`."
            }
            ("==" | "!=", "=") => {
                let operator = before.text;
                return report
                    .help(format!("Write `{operator}`: values of different types are never equal."))
                    .suggest(self.token_span(found), "");
            }
            (_, "${") => return self.advice_on_interpolation(found, report),
            ("*", "*") => "A power is `std.numbers.pow(base, exponent)`.",
            (".", ".") if in_value => {
                "Whole numbers from one to another, which is not among them, are `range(from, to)`."
            }
            (_, "`") => "Texts stand in double quotes: `\"a ${b} c\"`.",
            (_, "<") if tokens::at(self.text, found.end()).text == "<" => {
                "Text of several lines starts with `\"\"\"` at a line's end, and ends with `\"\"\"`."
            }
            ("%", "") => "A percentage is written without a space: `50%`.",
            ("(", ")") if self.text[found.end()..].trim_start().starts_with("=>") => {
                "A function without a name has parameters, and is an argument: `x => x * 2`."
            }
            (_, "-") if self.text[found.start..].starts_with("--") => "A comment starts with `//`.",
            ("override" | "set" | "change", name) if found.is_word() => {
                return report
                    .help(format!("A bare name changes what is inherited: `{name} = value`."));
            }
            (_, name) if found.is_word() && self.first().text == "unit" => {
                let gap = self.span(found.start, found.start);
                return report.help(format!("Write `= {name}`.")).suggest(gap, "= ");
            }
            ("extends" | "{", _) => return report,
            (_, "=") if place.expects(Rule::expected_result) => {
                return report
                    .help("A function says what it gives: `fn twice(x: int) -> int = x * 2`.");
            }
            (_, ":") if place.expects(Rule::expected_result) => {
                return report.help("Write `->`.").suggest(self.token_span(found), " ->");
            }
            (_, ")" | ",") if place.expects(Rule::expected_colon) && self.first().text == "fn" => {
                return report
                    .help(format!("A parameter has a type: `{}: string`.", before.shown()));
            }
            (_, "to") if place.expects(Rule::expected_destination) => {
                return report.help("Write `->`.").suggest(self.token_span(found), "->");
            }
            _ => return report,
        };
        report.help(advice)
    }

    /// Tells whether a `{` belongs to a `match` whose subject starts with `-`.
    fn matches_sign(&self, brace: &Token<'_>) -> bool {
        let line = self.text[..brace.start].rfind('\n').map_or(0, |at| at + 1);
        let words = self.text[line..brace.start].match_indices("match");
        words.into_iter().any(|(at, word)| {
            let whole = tokens::at(self.text, line + at);
            whole.text == word && tokens::at(self.text, whole.end()).text == "-"
        })
    }

    /// `${` where a value is expected outside of the text of a string, such as `x = ${name}`.
    fn advice_on_interpolation(&self, found: &Token<'_>, report: Diagnostic) -> Diagnostic {
        let name = tokens::at(self.text, found.end());
        let close = tokens::at(self.text, name.end());
        if !name.is_word() || close.text != "}" {
            return report
                .help("`${ }` stands in strings alone: an expression needs nothing around it.");
        }
        let span = self.span(found.start, close.end());
        let help = format!("`${{ }}` stands in strings alone: write `{}`.", name.text);
        report.help(help).suggest(span, name.text)
    }

    /// Tells whether a token is in the brackets of a loop.
    fn is_looped(&self, token: &Token<'_>) -> bool {
        let mut depth = 0_u32;
        let head = self.text.get(..token.start).unwrap_or("");
        for (at, sign) in head.char_indices().rev() {
            match sign {
                ']' | '}' | ')' => depth += 1,
                '[' | '{' | '(' if depth > 0 => depth -= 1,
                '[' | '{' => return tokens::at(self.text, at + 1).text == "for",
                '(' => return false,
                _ => {}
            }
        }
        false
    }
}

/// Returns the unit that a word is.
fn unit(word: &str) -> Option<&str> {
    UNITS.contains(&word).then_some(word).or_else(|| invalid_number::unit(word))
}

/// Units as they are written here.
const UNITS: [&str; 19] = [
    "w", "d", "h", "m", "s", "ms", "us", "ns", "B", "KB", "MB", "GB", "TB", "PB", "KiB", "MiB",
    "GiB", "TiB", "PiB",
];
