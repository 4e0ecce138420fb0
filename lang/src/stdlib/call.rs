//! Calling a function: arguments against its signature, unknowns and secrets around its body.

use syncline_model::{Type, Value};

use super::{Body, StdFunction};
use crate::ops::{
    ALL, ErrorKind, OpError, Operation, check_items, check_text, mark, strip, type_of, unknown_of,
    unsupported,
};

/// Calls a function with one operand for each parameter, those of a variadic one singly.
///
/// # Errors
/// [`OpError`] when an argument does not fit or the body fails.
pub(crate) fn call(function: &StdFunction, operands: &[Value]) -> Result<Value, OpError> {
    let params = &function.signature.params;
    let mut filled = Vec::new();
    let mut operands = operands;
    let missing = params.iter().skip(operands.len()).filter(|param| !param.variadic);
    if missing.clone().next().is_some() {
        filled.extend_from_slice(operands);
        for param in missing {
            filled.push(param.default.clone().ok_or_else(|| {
                let message = format!("`{}` needs `{}`", function.full_name, param.name);
                OpError::new(ErrorKind::Mismatch, message)
            })?);
        }
        operands = &filled;
    }
    if operands.len() > params.len() && function.signature.param(operands.len()).is_none() {
        let count = params.len();
        let message = format!("`{}` takes {count} arguments", function.full_name);
        return Err(OpError::new(ErrorKind::Mismatch, message));
    }

    let mut facts = crate::ops::Facts::default();
    for (at, operand) in operands.iter().enumerate() {
        facts.scan(operand, looks(function, at)).map_err(|error| error.at(at))?;
    }
    if facts.unknown {
        let types: Vec<Type> = operands.iter().map(type_of).collect();
        let ty = function.signature.infer(&types);
        return unknown_of(&Operation::Call(function.full_name()), operands, ty);
    }
    let mut clear = Vec::new();
    if facts.secret {
        let marked = operands.iter().enumerate();
        clear.extend(marked.map(|(at, operand)| strip(operand, looks(function, at))));
        operands = &clear;
    }
    let native = match &function.body {
        Body::Native(native) => native,
        Body::Written(_) => return Err(unsupported(&function.full_name)),
    };
    let result = check(function, operands).and_then(|()| native(operands));
    match result.and_then(bounded) {
        Ok(value) => Ok(mark(value, facts.secret)),
        Err(error) if facts.secret => Err(error.conceal()),
        Err(error) => Err(error),
    }
}

fn looks(function: &StdFunction, operand: usize) -> u8 {
    let looks = function.looks;
    looks.get(operand).or(looks.last()).copied().unwrap_or(ALL)
}

fn bounded(value: Value) -> Result<Value, OpError> {
    match &value {
        Value::String(text) => check_text(text.len())?,
        Value::List(items) | Value::Set(items) => check_items(items.len())?,
        Value::Map(map) => check_items(map.len())?,
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => {}
    }
    Ok(value)
}

/// Checks the operands against the signature, as deep as the body looks.
fn check(function: &StdFunction, operands: &[Value]) -> Result<(), OpError> {
    for (at, operand) in operands.iter().enumerate() {
        let Some(param) = function.signature.param(at) else { continue };
        if !fits(operand, &param.ty, looks(function, at)) {
            let ty = param.ty.bare();
            let got = if *ty == Type::Int && matches!(operand, Value::Number(_)) {
                "a fraction"
            } else if matches!(ty, Type::List(_)) && operand.as_items().is_some() {
                "a list of other values"
            } else if matches!(ty, Type::Map(_)) && operand.as_map().is_some() {
                "a map of other values"
            } else {
                operand.kind()
            };
            let message = format!(
                "`{}` of `{}` needs `{}`, not {got}",
                param.name, function.full_name, param.ty
            );
            return Err(OpError::new(ErrorKind::Mismatch, message).at(at));
        }
    }
    Ok(())
}

fn fits(value: &Value, ty: &Type, levels: u8) -> bool {
    let below = if levels == ALL { ALL } else { levels.saturating_sub(1) };
    match (ty, value) {
        (Type::Any | Type::Variable(_), _) | (Type::Optional(_), Value::Null) => true,
        (Type::Optional(inner), value) => fits(value, inner, levels),
        (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::String, Value::String(_)) => true,
        (Type::Int, Value::Number(number)) => number.is_whole(),
        (Type::Quantity(own), Value::Quantity(quantity)) => *own == quantity.dimension,
        (Type::List(element) | Type::Set(element), Value::List(items) | Value::Set(items)) => {
            levels == 0 || items.iter().all(|item| fits(item, element, below))
        }
        (Type::Map(element), Value::Map(map)) => {
            levels == 0 || map.values().all(|value| fits(value, element, below))
        }
        _ => false,
    }
}
