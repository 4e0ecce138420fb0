//! Operations that take one of their operands: `! && || ??` and `if`, in their strict forms.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use syncline_model::{Type, Value};

use super::apply::{mark, unknown, unknown_of};
use super::scan::Facts;
use super::typing::join_value;
use super::{ErrorKind, OpError, Operation, type_of};

/// `!a`
pub(super) fn not(operand: &Value) -> Result<Value, OpError> {
    match operand {
        Value::Bool(value) => Ok(Value::Bool(!value)),
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("`!` needs a bool, not {}", other.kind()),
        )
        .at(0)),
    }
}

/// `a && b`, `a || b`: decided as soon as one side decides it.
pub(super) fn logic(operation: &Operation, left: &Value, right: &Value) -> Result<Value, OpError> {
    let side = |at, value: &Value| match value.reveal() {
        Value::Bool(value) => Ok(Some(*value)),
        Value::Unknown(_) => Ok(None),
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("`{}` needs bools, not {}", operation.symbol(), other.kind()),
        )
        .at(at)),
    };
    let decides = *operation == Operation::Or;
    let secret = secret(left)? || secret(right)?;
    let result = match (side(0, left)?, side(1, right)?) {
        (Some(value), _) | (_, Some(value)) if value == decides => Value::Bool(decides),
        (Some(_), Some(_)) => Value::Bool(!decides),
        (Some(_), None) => right.clone(),
        (None, Some(_)) => left.clone(),
        (None, None) => unknown(operation, &[left.clone(), right.clone()])?,
    };
    Ok(mark(result, secret))
}

/// `a ?? b`
pub(super) fn coalesce(left: &Value, right: &Value) -> Result<Value, OpError> {
    match left.reveal() {
        Value::Null => Ok(mark(right.clone(), secret(left)?)),
        Value::Unknown(unknown) => {
            let present = match &unknown.ty {
                Type::Optional(inner) => (**inner).clone(),
                other => other.clone(),
            };
            let ty = join_value(&present, right);
            unknown_of(&Operation::Coalesce, &[left.clone(), right.clone()], ty)
        }
        _ => Ok(left.clone()),
    }
}

/// `if a then b else c`
pub(super) fn branch(condition: &Value, then: &Value, otherwise: &Value) -> Result<Value, OpError> {
    let secret = secret(condition)?;
    match condition.reveal() {
        Value::Bool(true) => Ok(mark(then.clone(), secret)),
        Value::Bool(false) => Ok(mark(otherwise.clone(), secret)),
        Value::Unknown(_) => {
            let operands = [condition.clone(), then.clone(), otherwise.clone()];
            // Of two, the one whose type says less comes second.
            let is_empty =
                matches!(then, Value::List(items) | Value::Set(items) if items.is_empty());
            let (one, other) = if is_empty { (otherwise, then) } else { (then, otherwise) };
            unknown_of(&Operation::If, &operands, join_value(&type_of(one), other))
        }
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("the condition of `if` needs a bool, not {}", other.kind()),
        )
        .at(0)),
    }
}

fn secret(value: &Value) -> Result<bool, OpError> {
    let mut facts = Facts::default();
    facts.scan(value, 0)?;
    Ok(facts.secret)
}
