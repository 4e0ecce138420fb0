//! `std.numbers`: exact decimals throughout.

use std::cmp::Ordering;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode, ToPrimitive};
use syncline_model::{Number, Rounding, Value};

use super::Entry;
use super::arguments::{excerpt, invalid, number, text, whole};
use super::lists::extreme;
use crate::ops::{ErrorKind, OpError};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("abs", |args| {
        let own = number(args, 0)?;
        Ok(if *own < Number::ZERO { own.negate() } else { own.clone() }.into())
    }),
    Entry::deep("sign", |args| {
        Ok(Value::from(match number(args, 0)?.cmp(&Number::ZERO) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }))
    }),
    Entry::deep("ceil", |args| Ok(number(args, 0)?.round(Rounding::Up)?.into())),
    Entry::deep("floor", |args| Ok(number(args, 0)?.round(Rounding::Down)?.into())),
    Entry::deep("round", |args| Ok(rounded(args)?.into())),
    Entry::deep("format", format),
    Entry::deep("min", |args| extreme(args, Ordering::Less)),
    Entry::deep("max", |args| extreme(args, Ordering::Greater)),
    Entry::deep("clamp", clamp),
    Entry::deep("pow", pow),
    Entry::deep("parse", |args| match whole(args, 1)? {
        10 => parse(text(args, 0)?).map(Value::from),
        base => based(text(args, 0)?, base).map(Value::from),
    }),
    Entry::deep("log", log),
];

/// Reads a number that is written in decimal.
pub(super) fn parse(written: &str) -> Result<Number, OpError> {
    Number::parse(written.trim()).map_err(|error| {
        OpError::new(ErrorKind::Invalid, "the text is not a number within the limits")
            .detail(format!("{} cannot be read as a number: {error}", excerpt(written)))
            .at(0)
    })
}

fn based(written: &str, base: i64) -> Result<Number, OpError> {
    let Some(base) = u32::try_from(base).ok().filter(|base| (2..=62).contains(base)) else {
        return Err(invalid(1, "the base must be in 2 to 62"));
    };
    in_base(written.trim(), base).ok_or_else(|| {
        invalid(0, format!("the text is no whole number of base {base}"))
            .detail(format!("{} is no whole number of base {base}", excerpt(written)))
    })
}

/// Reads a whole number of a base of 2 to 62; nothing where it is none, or too large.
pub(super) fn in_base(written: &str, base: u32) -> Option<Number> {
    let digits = written.strip_prefix(['-', '+']).unwrap_or(written);
    // The largest number has 400 decimal digits, and so fewer bits than this.
    if digits.is_empty() || digits.trim_start_matches('0').len() > 1_400 {
        return None;
    }
    let mut number = BigInt::ZERO;
    for digit in digits.chars() {
        let value = match digit {
            '0'..='9' | 'a'..='z' => digit.to_digit(36)?,
            'A'..='Z' if base <= 36 => digit.to_digit(36)?,
            'A'..='Z' => digit.to_digit(36)? + 26,
            _ => return None,
        };
        if value >= base {
            return None;
        }
        number = number * base + value;
    }
    let number = if written.starts_with('-') { -number } else { number };
    Number::from_decimal(BigDecimal::from(number)).ok()
}

/// Estimates in binary, and takes a whole power where that is it. No library of the system's has a part in it: their last
/// digits differ between machines.
fn log(args: &[Value]) -> Result<Value, OpError> {
    let (own, base) = (number(args, 0)?, number(args, 1)?);
    if *own <= Number::ZERO {
        return Err(invalid(0, "a logarithm is of a number above 0"));
    }
    if *base <= Number::ZERO || *base == Number::Int(1) {
        return Err(invalid(1, "the base of a logarithm is above 0 and not 1"));
    }
    let natural = |number: &Number| number.to_decimal().to_f64().map(libm::log);
    let estimate = natural(own).zip(natural(base)).map(|(own, base)| own / base);
    let Some(estimate) = estimate.filter(|estimate| estimate.is_finite()) else {
        return Err(invalid(0, "the number is too large or too small for a logarithm"));
    };
    let exponent = Value::from(estimate.round() as i64);
    let power = pow(&[base.clone().into(), exponent.clone()]);
    if power.is_ok_and(|power| power == Value::from(own.clone())) {
        return Ok(exponent);
    }
    parse(&format!("{estimate:.12}")).map(Value::from)
}

fn digits(args: &[Value], least: i64) -> Result<i64, OpError> {
    let digits = whole(args, 1)?;
    if !(least..=Number::MAX_EXPONENT).contains(&digits) {
        let range = format!("{least} to {}", Number::MAX_EXPONENT);
        return Err(invalid(1, format!("the number of digits must be in {range}")));
    }
    Ok(digits)
}

fn rounded(args: &[Value]) -> Result<Number, OpError> {
    let digits = digits(args, -Number::MAX_EXPONENT)?;
    let decimal = number(args, 0)?.to_decimal();
    Ok(Number::from_decimal(decimal.with_scale_round(digits, RoundingMode::HalfUp))?)
}

fn format(args: &[Value]) -> Result<Value, OpError> {
    let digits = usize::try_from(digits(args, 0)?).unwrap_or(0);
    let mut written = rounded(args)?.to_string();
    let present = match written.find('.') {
        Some(point) => written.len() - point - 1,
        None if digits == 0 => 0,
        None => {
            written.push('.');
            0
        }
    };
    written.push_str(&"0".repeat(digits.saturating_sub(present)));
    Ok(written.into())
}

fn clamp(args: &[Value]) -> Result<Value, OpError> {
    let (own, low, high) = (number(args, 0)?, number(args, 1)?, number(args, 2)?);
    if low > high {
        return Err(invalid(1, "the lower bound is above the upper one")
            .detail(format!("the lower bound {low} is above the upper one {high}")));
    }
    Ok(own.clamp(low, high).clone().into())
}

/// Squares and multiplies: at most 126 products, each within the limits of a number.
pub(super) fn pow(args: &[Value]) -> Result<Value, OpError> {
    let exponent = whole(args, 1)?;
    let (mut power, mut base) = (Number::Int(1), number(args, 0)?.clone());
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        if left & 1 == 1 {
            power = power.multiply(&base)?;
        }
        left >>= 1;
        if left > 0 {
            base = base.multiply(&base)?;
        }
    }
    if exponent < 0 {
        power = Number::Int(1).divide(&power).map_err(|error| OpError::from(error).at(0))?;
    }
    Ok(power.into())
}
