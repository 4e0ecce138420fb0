//! Terraform's functions of texts, numbers, bools and lists, where those of the other modules give something else.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is no bool")]

use syncline_model::{Map, Number, Value};

use super::super::arguments::{any, invalid, items, number, text, whole};
use super::super::numbers::parse;
use super::super::strings::titled;
use crate::ops::{OpError, check_items, text_of};

/// Raises the first letter of each word, as Go's `strings.Title` tells words apart.
pub(super) fn title(args: &[Value]) -> Result<Value, OpError> {
    let is_inside = |letter: char| match letter.is_ascii() {
        true => letter.is_ascii_alphanumeric() || letter == '_',
        false => !letter.is_whitespace(),
    };
    Ok(titled(text(args, 0)?, is_inside).into())
}

/// Counts a negative start from the end, and goes to the end where the length is negative; from a
/// negative start also where it is 0.
pub(super) fn substr(args: &[Value]) -> Result<Value, OpError> {
    let (text, start, length) = (text(args, 0)?, whole(args, 1)?, whole(args, 2)?);
    let length = if start < 0 && length == 0 { -1 } else { length };
    let start = if start < 0 { start + text.chars().count() as i64 } else { start };
    let letters = text.chars().skip(usize::try_from(start).unwrap_or(0));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(letters.take(length).collect::<String>().into())
}

/// Takes texts for bools as Terraform does.
pub(super) fn tobool(args: &[Value]) -> Result<Value, OpError> {
    match any(args, 0) {
        own @ (Value::Null | Value::Bool(_)) => Ok(own.clone()),
        Value::String(text) if matches!(&**text, "true" | "1") => Ok(true.into()),
        Value::String(text) if matches!(&**text, "false" | "0") => Ok(false.into()),
        other => Err(OpError::mismatch(0, "a bool, `\"true\"` or `\"false\"`", other)),
    }
}

/// Makes texts of the numbers and bools in a list or a map; what else there is stays.
pub(super) fn texts(args: &[Value]) -> Result<Value, OpError> {
    let one = |own: &Value| match own {
        Value::Number(_) | Value::Bool(_) => text_of(own).map(Value::String),
        other => Ok(other.clone()),
    };
    Ok(match any(args, 0) {
        Value::List(all) => Value::List(all.iter().map(one).collect::<Result<Vec<_>, _>>()?.into()),
        Value::Set(all) => Value::set(all.iter().map(one).collect::<Result<Vec<_>, _>>()?),
        Value::Map(all) => {
            let entries = all.iter().map(|(key, own)| Ok((key.clone(), one(own)?)));
            Value::from(entries.collect::<Result<Map, OpError>>()?)
        }
        other => other.clone(),
    })
}

/// Goes through a list, and through anything else as the only one.
pub(super) fn splat(args: &[Value]) -> Result<Value, OpError> {
    Ok(match any(args, 0) {
        Value::Null => Value::list([]),
        own @ Value::List(_) => own.clone(),
        Value::Set(items) => Value::list(items.iter().cloned()),
        other => Value::list([other.clone()]),
    })
}

/// Takes lists in lists apart, as deep as they go; what is no list stays what it is.
pub(super) fn flatten(args: &[Value]) -> Result<Value, OpError> {
    fn take(value: &Value, all: &mut Vec<Value>) -> Result<(), OpError> {
        match value {
            Value::List(items) | Value::Set(items) => {
                items.iter().try_for_each(|own| take(own, all))
            }
            other => {
                check_items(all.len() + 1)?;
                all.push(other.clone());
                Ok(())
            }
        }
    }
    let mut all = Vec::new();
    items(args, 0)?.iter().try_for_each(|own| take(own, &mut all))?;
    Ok(Value::list(all))
}

/// Counts up or down, by fractions too.
pub(super) fn range(args: &[Value]) -> Result<Value, OpError> {
    let (start, end) = match any(args, 1) {
        Value::Null => (Number::ZERO, number(args, 0)?.clone()),
        _ => (number(args, 0)?.clone(), number(args, 1)?.clone()),
    };
    let falls = end < start;
    let step = match any(args, 2) {
        Value::Null => Number::Int(if falls { -1 } else { 1 }),
        _ => number(args, 2)?.clone(),
    };
    if step == Number::ZERO {
        return Err(invalid(2, "the step must not be 0"));
    }
    if start != end && falls != (step < Number::ZERO) {
        return Err(invalid(2, "the step leads away from the end"));
    }
    let (mut all, mut next) = (Vec::new(), start);
    while if falls { next > end } else { next < end } {
        check_items(all.len() + 1)?;
        all.push(Value::from(next.clone()));
        next = next.add(&step)?;
    }
    Ok(Value::list(all))
}

/// Gives a power with as many digits as 64 bits of binary have.
pub(super) fn power(args: &[Value]) -> Result<Value, OpError> {
    let float = |number: &Number| number.to_string().parse().unwrap_or(f64::NAN);
    let power = go_pow(float(number(args, 0)?), float(number(args, 1)?));
    if !power.is_finite() {
        return Err(invalid(0, "the power is no number within the limits"));
    }
    parse(&power.to_string()).map(Value::from)
}

/// Rounds where Go's `math.Pow` does: it multiplies the squares of the base, and keeps powers of two apart.
fn go_pow(base: f64, exponent: f64) -> f64 {
    if base == 0.0 && exponent < 0.0 {
        return f64::INFINITY;
    }
    if exponent == 0.0 || exponent == 1.0 || base == 0.0 || base == 1.0 {
        return libm::pow(base, exponent);
    }
    if exponent.abs() == 0.5 {
        return if exponent < 0.0 { 1.0 / base.sqrt() } else { base.sqrt() };
    }
    let (mut whole, mut part) = (exponent.abs().trunc(), exponent.abs().fract());
    if whole >= 9_223_372_036_854_775_808.0 || part != 0.0 && base < 0.0 {
        return libm::pow(base, exponent);
    }
    if part > 0.5 {
        part -= 1.0;
        whole += 1.0;
    }
    let (mut power, mut twos) =
        (if part == 0.0 { 1.0 } else { libm::exp(part * libm::log(base)) }, 0);
    let (mut square, mut its_twos) = taken_apart(base);
    let mut left = whole as u64;
    while left > 0 {
        if its_twos.abs() > 1 << 12 {
            twos += its_twos;
            break;
        }
        if left & 1 == 1 {
            power *= square;
            twos += its_twos;
        }
        square *= square;
        its_twos *= 2;
        if square < 0.5 {
            square += square;
            its_twos -= 1;
        }
        left >>= 1;
    }
    if exponent < 0.0 {
        power = 1.0 / power;
        twos = -twos;
    }
    power * two_to(twos / 2) * two_to(twos - twos / 2)
}

/// Returns a number of 0.5 to 1 and the power of two that it is multiplied with.
fn taken_apart(number: f64) -> (f64, i32) {
    if number.abs() < f64::MIN_POSITIVE {
        let (fraction, twos) = taken_apart(number * two_to(52));
        return (fraction, twos - 52);
    }
    let bits = number.to_bits();
    let twos = ((bits >> 52) & 0x7ff) as i32 - 1_022;
    (f64::from_bits(bits & !(0x7ff << 52) | 1_022 << 52), twos)
}

/// Returns a power of two that a float can hold, or the next one of those.
fn two_to(twos: i32) -> f64 {
    f64::from_bits(((twos.clamp(-1_022, 1_023) + 1_023) as u64) << 52)
}
