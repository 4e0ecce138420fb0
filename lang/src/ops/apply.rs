//! One operation on its operands: who looks at what, and what flows from where.

use std::sync::Arc;

use syncline_model::{Residual, Unknown, Value};

use super::scan::{Facts, check_residual};
use super::{
    ALL, ErrorKind, OpError, Operation, access, arithmetic, choose, collect, compare, strip, typing,
};

/// Applies an operation to its operands.
///
/// # Errors
/// [`OpError`] when the operands do not fit or the result cannot be made.
pub fn apply(operation: &Operation, operands: &[Value]) -> Result<Value, OpError> {
    use Operation as O;
    match (operation, operands) {
        (O::Add, [left, right]) => {
            strict(operation, operands, 0, |_| arithmetic::add(left.reveal(), right.reveal()))
        }
        (O::Subtract | O::Multiply | O::Divide | O::Remainder, [left, right]) => {
            strict(operation, operands, 0, |_| {
                arithmetic::binary(operation, left.reveal(), right.reveal())
            })
        }
        (O::Negate, [operand]) => {
            strict(operation, operands, 0, |_| arithmetic::negate(operand.reveal()))
        }
        (O::Not, [operand]) => strict(operation, operands, 0, |_| choose::not(operand.reveal())),
        (O::And | O::Or, [left, right]) => choose::logic(operation, left, right),
        (O::Equal | O::NotEqual, [left, right]) => compare::equality(operation, left, right),
        (O::Less | O::LessEqual | O::Greater | O::GreaterEqual, [left, right]) => {
            strict(operation, operands, 0, |_| {
                compare::order(operation, left.reveal(), right.reveal())
            })
        }
        (O::In, [item, container]) => compare::contains(item, container),
        (O::Coalesce, [left, right]) => choose::coalesce(left, right),
        (O::If, [condition, then, otherwise]) => choose::branch(condition, then, otherwise),
        (O::Interpolate, parts) => strict(operation, parts, 0, collect::interpolate),
        (O::Member | O::OptionalMember | O::Index | O::OptionalIndex, [base, key]) => {
            access::access(operation, base, key)
        }
        (O::List, items) => Ok(Value::list(items.iter().cloned())),
        (O::Concat, lists) => strict(operation, lists, 0, collect::concat),
        (O::MapEntry, [key, value]) => collect::map_entry(key, value),
        (O::Merge, maps) => strict(operation, maps, 0, collect::merge),
        (O::Call(name), operands) => match crate::stdlib::find(name) {
            Some(function) => crate::stdlib::call(function, operands),
            None => Err(unsupported(name)),
        },
        (O::Offered(name), operands) => super::offered::call(name, operands, None),
        _ => Err(OpError::new(
            ErrorKind::Unsupported,
            format!("`{}` does not take {} operands", operation.symbol(), operands.len()),
        )),
    }
}

/// The error for an operation that there is not.
pub(crate) fn unsupported(name: &str) -> OpError {
    OpError::new(ErrorKind::Unsupported, format!("there is no operation `{name}`"))
        .help("The plan was made by another version of Syncline. Plan again.")
}

/// Runs an operation for which every operand matters, `levels` deep.
pub(super) fn strict(
    operation: &Operation,
    operands: &[Value],
    levels: u8,
    run: impl FnOnce(&[Value]) -> Result<Value, OpError>,
) -> Result<Value, OpError> {
    // Mostly there is nothing to look into.
    if operands.iter().all(Value::is_scalar) {
        return run(operands);
    }
    let mut facts = Facts::default();
    for operand in operands {
        facts.scan(operand, levels)?;
    }
    if facts.unknown {
        return unknown(operation, operands);
    }
    if !facts.secret {
        return run(operands);
    }
    let clear: Vec<Value> = operands.iter().map(|operand| strip(operand, levels)).collect();
    run(&clear).map(Value::secret).map_err(OpError::conceal)
}

/// Returns the unknown that an operation leaves, secret when something in its operands is.
pub(crate) fn unknown(operation: &Operation, operands: &[Value]) -> Result<Value, OpError> {
    let ty = typing::result_type(operation, operands);
    unknown_of(operation, operands, ty)
}

/// The same with a type that is known better.
pub(crate) fn unknown_of(
    operation: &Operation,
    operands: &[Value],
    ty: syncline_model::Type,
) -> Result<Value, OpError> {
    check_residual(operands)?;
    let mut facts = Facts::default();
    for operand in operands {
        facts.scan(operand, ALL)?;
    }
    let residual =
        Residual::Apply { operation: operation.as_str().into(), operands: operands.to_vec() };
    let secret = facts.secret || ty.is_secret();
    let ty = typing::plain(ty);
    Ok(mark(Value::Unknown(Arc::new(Unknown { ty, residual })), secret))
}

/// Returns the value, marked as secret when `secret` says so.
#[must_use]
pub fn mark(value: Value, secret: bool) -> Value {
    if secret { Value::secret(value) } else { value }
}
