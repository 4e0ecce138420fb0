//! Numbers as written.

use syncline_model::{Number, NumberError, Quantity};

use super::Builder;
use crate::diagnostics::invalid_number;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::grammar::Pair;

impl Builder<'_> {
    pub(super) fn number(&mut self, pair: &Pair<'_>) -> Expr {
        let (span, text) = (self.span(pair), pair.as_str());
        self.height = 1;
        let kind = match parse(text) {
            Ok(kind) => kind,
            Err(reason) => {
                let report = invalid_number::invalid_number(span, text, &reason);
                self.diagnostics.push(report);
                ExprKind::Error
            }
        };
        Expr { span, kind }
    }
}

fn parse(text: &str) -> Result<ExprKind, String> {
    if let Some(digits) = text.strip_prefix("0x") {
        return hexadecimal(digits).map(ExprKind::Number);
    }
    let parsed = if text.contains('_') {
        Number::parse(&text.replace('_', ""))
    } else {
        Number::parse(text)
    };
    match parsed {
        Ok(number) => Ok(ExprKind::Number(number)),
        Err(NumberError::Malformed) => match Quantity::parse(&text.replace('_', "")) {
            Ok(Some(quantity)) => Ok(ExprKind::Quantity(quantity.into())),
            Ok(None) => Err("what follows the digits is no unit".to_owned()),
            Err(error) => Err(error.to_string()),
        },
        Err(error @ (NumberError::TooLarge | NumberError::DivisionByZero)) => {
            Err(error.to_string())
        }
    }
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
        let number = |text| match parse(text) {
            Ok(ExprKind::Number(number)) => Some(number),
            _ => None,
        };
        assert_eq!(number("1_000"), Some(Number::from(1000)));
        assert_eq!(number("0xff_ff"), Some(Number::from(65535)));
        assert_eq!(number("1.5e3"), Some(Number::from(1500)));
        assert!(matches!(parse("1_000ms"), Ok(ExprKind::Quantity(_))));
        assert!(parse("0x").is_err());
        assert!(parse("12abc").is_err());
        assert!(parse("1e999").is_err());
    }
}
