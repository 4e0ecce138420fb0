//! Numbers as written.

use pest::iterators::Pair;
use syncline_model::{Number, NumberError, Span};

use super::Builder;
use crate::diagnostics::{invalid_number, not_in_this_version};
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::grammar::Rule;

impl Builder<'_> {
    pub(super) fn number(&mut self, pair: &Pair<'_, Rule>) -> Expr {
        let (span, text) = (self.span(pair), pair.as_str());
        self.height = 1;
        let kind = match parse(text) {
            Ok(number) => ExprKind::Number(number),
            Err(reason) => {
                self.malformed_number(span, text, &reason);
                ExprKind::Error
            }
        };
        Expr { span, kind }
    }

    fn malformed_number(&mut self, span: Span, text: &str, reason: &str) {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_' || c == '.');
        let later = match unit {
            "ns" | "us" | "ms" | "s" | "m" | "h" | "d" | "w" => Some("durations"),
            "B" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" | "TiB" => Some("sizes"),
            _ => None,
        };
        self.diagnostics.push(match later {
            Some(what) => not_in_this_version::not_in_this_version(
                span,
                what,
                "Write a plain number in the unit that is asked for.",
            ),
            None => invalid_number::invalid_number(span, text, reason),
        });
    }
}

fn parse(text: &str) -> Result<Number, String> {
    if let Some(digits) = text.strip_prefix("0x") {
        return hexadecimal(digits);
    }
    let parsed = if text.contains('_') {
        Number::parse(&text.replace('_', ""))
    } else {
        Number::parse(text)
    };
    parsed.map_err(|error| match error {
        NumberError::Malformed => "it has stray letters".to_owned(),
        NumberError::TooLarge | NumberError::DivisionByZero => error.to_string(),
    })
}

fn hexadecimal(digits: &str) -> Result<Number, String> {
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("`0x` is followed by hexadecimal digits".to_owned());
    }
    let value = u128::from_str_radix(&digits, 16)
        .map_err(|_| "it has more than 32 hexadecimal digits".to_owned())?;
    Number::parse(&value.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written() {
        assert_eq!(parse("1_000"), Ok(Number::from(1000)));
        assert_eq!(parse("0xff_ff"), Ok(Number::from(65535)));
        assert_eq!(parse("1.5e3"), Ok(Number::from(1500)));
        assert!(parse("0x").is_err());
        assert!(parse("12abc").is_err());
        assert!(parse("1e999").is_err());
    }
}
