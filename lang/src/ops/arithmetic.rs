//! `+ - * / %` on known values without marks.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use syncline_model::{Map, Value};

use super::{ErrorKind, OpError, Operation, check_items, check_text};

/// `a + b`: numbers, strings, lists, sets, and maps without a key in common.
pub(super) fn add(left: &Value, right: &Value) -> Result<Value, OpError> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(left.add(right)?.into()),
        (Value::String(left), Value::String(right)) => {
            check_text(left.len() + right.len())?;
            let mut text = left.clone();
            text.push_str(right);
            Ok(text.into())
        }
        (Value::List(left), Value::List(right) | Value::Set(right)) => {
            check_items(left.len() + right.len())?;
            Ok(Value::list(left.iter().chain(right.iter()).cloned()))
        }
        (Value::Set(left), Value::List(right) | Value::Set(right)) => {
            check_items(left.len() + right.len())?;
            Ok(Value::set(left.iter().chain(right.iter()).cloned()))
        }
        (Value::Map(left), Value::Map(right)) => add_maps(left, right),
        _ => Err(no_sum(left, right)),
    }
}

fn add_maps(left: &Map, right: &Map) -> Result<Value, OpError> {
    check_items(left.len() + right.len())?;
    if let Some(key) = right.keys().find(|key| left.contains_key(key)) {
        return Err(OpError::new(ErrorKind::Duplicate, "both maps have the same key")
            .detail(format!("both maps have the key `{key}`"))
            .at(1)
            .help("`+` lets no side win. Write `{ ...a, ...b }` where the later one should."));
    }
    let entries = left.iter().chain(right.iter());
    let sum: Map = entries.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(sum.into())
}

fn no_sum(left: &Value, right: &Value) -> OpError {
    let message = format!(
        "`+` joins two numbers, strings, lists or maps, not {} and {}",
        left.kind(),
        right.kind()
    );
    let error = OpError::new(ErrorKind::Mismatch, message);
    match (left, right) {
        (Value::Null, _) => error.at(0).help("Give a value for null: `value ?? other`."),
        (_, Value::Null) => error.at(1).help("Give a value for null: `value ?? other`."),
        (Value::String(_), _) | (_, Value::String(_)) => {
            error.help("Text is made of other values in a string: `\"${a}${b}\"`.")
        }
        (Value::List(_) | Value::Set(_), _) => {
            error.at(1).help("An element is added as a list: `list + [element]`.")
        }
        _ => error,
    }
}

/// `- * / %` on numbers.
pub(super) fn binary(operation: &Operation, left: &Value, right: &Value) -> Result<Value, OpError> {
    let number = |at, value: &Value| match value {
        Value::Number(number) => Ok(number.clone()),
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("`{}` needs numbers, not {}", operation.symbol(), other.kind()),
        )
        .at(at)),
    };
    let (left, right) = (number(0, left)?, number(1, right)?);
    let result = if *operation == Operation::Subtract {
        left.subtract(&right)
    } else if *operation == Operation::Multiply {
        left.multiply(&right)
    } else if *operation == Operation::Divide {
        left.divide(&right)
    } else {
        left.remainder(&right)
    };
    result.map(Value::from).map_err(|error| {
        let error = OpError::from(error);
        if right.is_zero() { error.at(1) } else { error }
    })
}

/// `-a`
pub(super) fn negate(operand: &Value) -> Result<Value, OpError> {
    match operand {
        Value::Number(number) => Ok(number.negate().into()),
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("`-` needs a number, not {}", other.kind()),
        )
        .at(0)),
    }
}
