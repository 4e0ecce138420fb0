//! `== != < <= > >= in`.
//!
//! Equality and `in` are decided with three values: two values that differ in something known are
//! different whatever is unknown in them.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use std::cmp::Ordering;

use syncline_model::Value;

use super::apply::{mark, unknown};
use super::scan::Facts;
use super::{ALL, ErrorKind, OpError, Operation, access, strip};

/// `a == b`, `a != b`
pub(super) fn equality(
    operation: &Operation,
    left: &Value,
    right: &Value,
) -> Result<Value, OpError> {
    let mut facts = Facts::default();
    // Whether something is null tells nothing of the secrets in it.
    let levels = if left.is_null() || right.is_null() { 0 } else { ALL };
    facts.scan(left, levels)?;
    facts.scan(right, levels)?;
    let equal = if facts.secret {
        equal(&strip(left, ALL), &strip(right, ALL))
    } else {
        equal(left, right)
    };
    match equal {
        Some(equal) => {
            Ok(mark(Value::Bool(equal == (*operation == Operation::Equal)), facts.secret))
        }
        None => unknown(operation, &[left.clone(), right.clone()]),
    }
}

/// Tells whether two values without marks are equal; nothing when that is not known.
fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
        (Value::List(left), Value::List(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            all(left.iter().zip(right.iter()).map(|(left, right)| equal(left, right)))
        }
        (Value::Map(left), Value::Map(right)) => {
            if left.len() != right.len() || !left.keys().eq(right.keys()) {
                return Some(false);
            }
            all(left.values().zip(right.values()).map(|(left, right)| equal(left, right)))
        }
        (Value::Set(left), Value::Set(right)) => {
            if left.iter().chain(right.iter()).all(Value::is_known) {
                return Some(left == right);
            }
            None
        }
        (Value::Set(_), Value::List(items)) => equal(left, &Value::set(items.iter().cloned())),
        (Value::List(items), Value::Set(_)) => equal(&Value::set(items.iter().cloned()), right),
        _ => Some(left == right),
    }
}

fn all(pairs: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for pair in pairs {
        match pair {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// `< <= > >=` on two numbers, two strings or two quantities of one dimension.
pub(super) fn order(operation: &Operation, left: &Value, right: &Value) -> Result<Value, OpError> {
    let ordering = ordering(left, right).ok_or_else(|| {
        let message = format!(
            "`{}` compares two numbers or two strings, not {} and {}",
            operation.symbol(),
            left.kind(),
            right.kind()
        );
        let error = OpError::new(ErrorKind::Mismatch, message);
        match (left, right) {
            (Value::Quantity(_), _) | (_, Value::Quantity(_)) => {
                error.help("Quantities compare with those of their unit: `timeout > 30s`.")
            }
            _ => error,
        }
    })?;
    let holds = if *operation == Operation::Less {
        ordering == Ordering::Less
    } else if *operation == Operation::LessEqual {
        ordering != Ordering::Greater
    } else if *operation == Operation::Greater {
        ordering == Ordering::Greater
    } else {
        ordering != Ordering::Less
    };
    Ok(Value::Bool(holds))
}

/// Returns the order of two numbers, of two quantities of one dimension, or of two strings by their
/// code points.
pub(crate) fn ordering(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Quantity(left), Value::Quantity(right)) if left.dimension == right.dimension => {
            Some(left.amount.cmp(&right.amount))
        }
        _ => None,
    }
}

/// `a in b`: an element of a list or set, a key of a map.
pub(super) fn contains(item: &Value, container: &Value) -> Result<Value, OpError> {
    let mut facts = Facts::default();
    facts.scan(item, ALL)?;
    facts.scan(container, 0)?;
    let found = match container.reveal() {
        Value::Unknown(_) => None,
        Value::Map(_) if item.is_unknown() => None,
        Value::Map(map) => {
            let key = access::key_text(item.reveal()).map_err(|error| error.at(0))?;
            Some(map.contains_key(&key))
        }
        Value::List(items) | Value::Set(items) => {
            facts.scan(container, ALL)?;
            let item = strip(item, ALL);
            let mut found = Some(false);
            for element in items.iter() {
                match equal(&item, &strip(element, ALL)) {
                    Some(true) => {
                        found = Some(true);
                        break;
                    }
                    Some(false) => {}
                    None => found = None,
                }
            }
            found
        }
        other => {
            let error = OpError::new(
                ErrorKind::Mismatch,
                format!("`in` looks into a list or a map's keys, not into {}", other.kind()),
            )
            .at(1);
            return Err(match other {
                Value::String(_) => error.help("A part of a text: `std.strings.contains`."),
                Value::Null => error.help("Give a value for null: `list ?? []`."),
                _ => error,
            });
        }
    };
    match found {
        Some(found) => Ok(mark(Value::Bool(found), facts.secret)),
        None => unknown(&Operation::In, &[item.clone(), container.clone()]),
    }
}
