//! Terraform's functions of texts, numbers, bools and lists, where those of the other modules give something else.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is no bool")]

use bigdecimal::ToPrimitive as _;
use syncline_model::{Number, Value};

use super::super::arguments::{any, invalid, number, text, whole};
use super::super::numbers::{parse, pow};
use super::super::strings::titled;
use crate::ops::{OpError, check_items};

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

/// Goes through a list, and through anything else as the only one.
pub(super) fn splat(args: &[Value]) -> Result<Value, OpError> {
    Ok(match any(args, 0) {
        Value::Null => Value::list([]),
        own @ Value::List(_) => own.clone(),
        Value::Set(items) => Value::list(items.iter().cloned()),
        other => Value::list([other.clone()]),
    })
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
    let (base, exponent) = (number(args, 0)?, number(args, 1)?);
    let float = |number: &Number| number.to_decimal().to_f64().unwrap_or(f64::NAN);
    let exact = pow(args).ok().filter(|_| exponent.is_whole());
    let power = match (exact, float(exponent)) {
        (Some(Value::Number(exact)), _) => float(&exact),
        (_, 0.5) => float(base).sqrt(),
        (_, exponent) => float(base).powf(exponent),
    };
    if !power.is_finite() {
        return Err(invalid(0, "the power is no number within the limits"));
    }
    parse(&power.to_string()).map(Value::from)
}
