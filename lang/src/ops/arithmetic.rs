//! `+ - * / %` on known values without marks.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use syncline_model::{Dimension, Map, Number, NumberError, Quantity, Value};

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
        (Value::Quantity(left), Value::Quantity(right)) if left.dimension == right.dimension => {
            Ok(Quantity::new(left.dimension, left.amount.add(&right.amount)?).into())
        }
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
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => error.help(UNITS),
        (Value::List(_) | Value::Set(_), _) => {
            error.at(1).help("An element is added as a list: `list + [element]`.")
        }
        _ => error,
    }
}

const UNITS: &str =
    "Quantities of one unit are added and compared: `30s + 5 * 1s`; `x.seconds` is a number.";

/// `- * / %` on numbers and quantities.
pub(super) fn binary(operation: &Operation, left: &Value, right: &Value) -> Result<Value, OpError> {
    if matches!(left, Value::Quantity(_)) || matches!(right, Value::Quantity(_)) {
        return match quantities(operation, left, right) {
            Some(result) => result.map_err(OpError::from),
            None => {
                let (left, right) = (left.kind(), right.kind());
                let message =
                    format!("`{}` does not go with {left} and {right}", operation.symbol());
                Err(OpError::new(ErrorKind::Mismatch, message).help(UNITS))
            }
        };
    }
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

/// Computes with a quantity; nothing where the dimensions do not go together. A percentage
/// multiplies and divides as the factor that it is; what has the same dimension divides to a number.
fn quantities(
    operation: &Operation,
    left: &Value,
    right: &Value,
) -> Option<Result<Value, NumberError>> {
    let quantity = |dimension: Dimension, amount: Result<Number, NumberError>| {
        amount.map(|amount| Value::from(Quantity::new(dimension, amount)))
    };
    let is_percent = |own: &Quantity| own.dimension == Dimension::Percent;
    Some(match (operation, left, right) {
        (Operation::Multiply, Value::Quantity(own), Value::Number(number))
        | (Operation::Multiply, Value::Number(number), Value::Quantity(own)) => {
            let product = own.factor().multiply(number);
            if is_percent(own) {
                product.map(Value::from)
            } else {
                quantity(own.dimension, product)
            }
        }
        (Operation::Multiply, Value::Quantity(own), Value::Quantity(factor))
        | (Operation::Multiply, Value::Quantity(factor), Value::Quantity(own))
            if is_percent(factor) =>
        {
            quantity(own.dimension, own.amount.multiply(&factor.factor()))
        }
        (Operation::Divide, Value::Quantity(left), Value::Quantity(right))
            if left.dimension == right.dimension =>
        {
            left.amount.divide(&right.amount).map(Value::from)
        }
        (Operation::Divide, Value::Quantity(own), Value::Quantity(factor))
            if is_percent(factor) =>
        {
            quantity(own.dimension, own.amount.divide(&factor.factor()))
        }
        (Operation::Divide, Value::Quantity(own), Value::Number(number)) => {
            quantity(own.dimension, own.amount.divide(number))
        }
        (Operation::Divide, Value::Number(number), Value::Quantity(factor))
            if is_percent(factor) =>
        {
            number.divide(&factor.factor()).map(Value::from)
        }
        (Operation::Subtract, Value::Quantity(left), Value::Quantity(right))
            if left.dimension == right.dimension =>
        {
            quantity(left.dimension, left.amount.subtract(&right.amount))
        }
        (Operation::Remainder, Value::Quantity(left), Value::Quantity(right))
            if left.dimension == right.dimension =>
        {
            quantity(left.dimension, left.amount.remainder(&right.amount))
        }
        _ => return None,
    })
}

/// `-a`
pub(super) fn negate(operand: &Value) -> Result<Value, OpError> {
    match operand {
        Value::Quantity(own) => Ok(Quantity::new(own.dimension, own.amount.negate()).into()),
        Value::Number(number) => Ok(number.negate().into()),
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("`-` needs a number, not {}", other.kind()),
        )
        .at(0)),
    }
}
