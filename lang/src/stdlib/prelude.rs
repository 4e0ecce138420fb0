//! What needs no module.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use std::cmp::Ordering;

use syncline_model::{Dimension, Quantity, Value};

use super::arguments::any;
use super::lists::{extreme, range};
use super::{Entry, maps, numbers};
use crate::ops::{ErrorKind, OpError, text_of};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("range", range),
    Entry::looking("length", &[0], length),
    Entry::looking("keys", &[0], maps::keys),
    Entry::looking("values", &[0], maps::values),
    Entry::deep("min", |args| extreme(args, Ordering::Less)),
    Entry::deep("max", |args| extreme(args, Ordering::Greater)),
    Entry::looking("string", &[0], |args| {
        text_of(any(args, 0)).map(Value::String).map_err(|error| error.at(0))
    }),
    Entry::looking("number", &[0], number),
    Entry::looking("int", &[0], int),
    Entry::looking("duration", &[0], |args| quantity(args, Dimension::Duration)),
    Entry::looking("bytes", &[0], |args| quantity(args, Dimension::Bytes)),
    Entry::looking("percent", &[0], |args| quantity(args, Dimension::Percent)),
];

fn length(args: &[Value]) -> Result<Value, OpError> {
    let length = match any(args, 0) {
        Value::String(text) => text.chars().count(),
        Value::List(items) | Value::Set(items) => items.len(),
        Value::Map(map) => map.len(),
        other => {
            let error = OpError::mismatch(0, "a string, a list or a map", other);
            return Err(if other.is_null() {
                error.help("Give a value for null: `length(list ?? [])`.")
            } else {
                error
            });
        }
    };
    Ok((length as i64).into())
}

fn number(args: &[Value]) -> Result<Value, OpError> {
    match any(args, 0) {
        Value::Number(number) => Ok(number.clone().into()),
        Value::String(text) => numbers::parse(text).map(Value::from),
        other => Err(OpError::mismatch(0, "a number or its text", other)),
    }
}

fn int(args: &[Value]) -> Result<Value, OpError> {
    let value = number(args)?;
    match &value {
        Value::Number(number) if !number.is_whole() => {
            Err(OpError::new(ErrorKind::Invalid, "the number is not whole")
                .detail(format!("{number} is not whole"))
                .at(0)
                .help("Say how to round it: `std.numbers.round(value)`, `floor` or `ceil`."))
        }
        _ => Ok(value),
    }
}

fn quantity(args: &[Value], dimension: Dimension) -> Result<Value, OpError> {
    let value = any(args, 0);
    match value {
        Value::Quantity(own) if own.dimension == dimension => Ok(value.clone()),
        Value::String(text) => match Quantity::parse(text.trim()) {
            Ok(Some(own)) if own.dimension == dimension => Ok(own.into()),
            _ => Err(OpError::new(ErrorKind::Invalid, format!("it is not {}", dimension.kind()))
                .detail(format!("{value} is not {}", dimension.kind()))
                .at(0)),
        },
        other => Err(OpError::mismatch(0, "its text", other)),
    }
}
