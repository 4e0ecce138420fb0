//! Taking a body's arguments apart. They fit the signature already, so that an error here is a
//! body that asks for what its signature does not promise.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use syncline_model::{Map, Number, Value};

use crate::ops::{ErrorKind, OpError};

/// What the arguments of a call have at an index.
const NULL: &Value = &Value::Null;

/// Returns an argument; null when there is none.
pub(super) fn any(args: &[Value], at: usize) -> &Value {
    args.get(at).unwrap_or(NULL)
}

/// Returns an argument that is text.
pub(super) fn text(args: &[Value], at: usize) -> Result<&str, OpError> {
    match any(args, at) {
        Value::String(text) => Ok(text),
        other => Err(OpError::mismatch(at, "a string", other)),
    }
}

/// Returns an argument that is a number.
pub(super) fn number(args: &[Value], at: usize) -> Result<&Number, OpError> {
    match any(args, at) {
        Value::Number(number) => Ok(number),
        other => Err(OpError::mismatch(at, "a number", other)),
    }
}

/// Returns an argument that is a whole number of 64 bits.
pub(super) fn whole(args: &[Value], at: usize) -> Result<i64, OpError> {
    number(args, at)?.as_i64().ok_or_else(|| {
        OpError::new(ErrorKind::Invalid, "the number is too large here")
            .detail(format!("{} is too large here", any(args, at)))
            .at(at)
    })
}

/// Returns an argument that counts something: a whole number that is not negative.
pub(super) fn count(args: &[Value], at: usize) -> Result<usize, OpError> {
    let whole = whole(args, at)?;
    usize::try_from(whole).map_err(|_| {
        OpError::new(ErrorKind::Invalid, "the number must not be negative here")
            .detail(format!("{whole} is negative, which has no meaning here"))
            .at(at)
    })
}

/// Returns an argument that counts something, or nothing for null.
pub(super) fn optional_count(args: &[Value], at: usize) -> Result<Option<usize>, OpError> {
    if any(args, at).is_null() { Ok(None) } else { count(args, at).map(Some) }
}

/// Returns the elements of an argument that is a list or a set.
pub(super) fn items(args: &[Value], at: usize) -> Result<&[Value], OpError> {
    match any(args, at) {
        Value::List(items) | Value::Set(items) => Ok(items),
        other => Err(OpError::mismatch(at, "a list", other)),
    }
}

/// Returns an argument that is a map.
pub(super) fn map(args: &[Value], at: usize) -> Result<&Map, OpError> {
    match any(args, at) {
        Value::Map(map) => Ok(map),
        other => Err(OpError::mismatch(at, "a map", other)),
    }
}

/// The error for an argument that cannot be read or is out of its range; no value in it.
pub(super) fn invalid(at: usize, message: impl Into<String>) -> OpError {
    OpError::new(ErrorKind::Invalid, message).at(at)
}

/// Returns the first part of a text for a message, as a literal.
pub(super) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    Value::from(short).to_string()
}
