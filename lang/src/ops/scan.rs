//! What is in a value: something unknown, something secret, how much.
//!
//! Every operation scans what matters of its operands first. The scan is bounded, since values
//! share their parts and a small program can write a value that is exponentially large when walked.

use syncline_model::{Residual, Secret, Value};

use super::{ErrorKind, MAX_DEPTH, MAX_NODES, MAX_RESIDUAL, OpError};

/// Looks at a value and at everything in it.
pub(crate) const ALL: u8 = u8::MAX;

/// What a scan has found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// Something is unknown.
    pub(crate) unknown: bool,
    /// Something is secret.
    pub(crate) secret: bool,
    nodes: usize,
}

impl Facts {
    /// Scans a value and `levels` levels of what is in it.
    pub(crate) fn scan(&mut self, value: &Value, levels: u8) -> Result<(), OpError> {
        self.walk(value, levels, MAX_DEPTH)
    }

    fn walk(&mut self, value: &Value, levels: u8, depth: usize) -> Result<(), OpError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(too_many());
        }
        let below = if levels == ALL { ALL } else { levels.saturating_sub(1) };
        match value {
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Quantity(_) => {}
            Value::Unknown(unknown) => {
                self.unknown = true;
                self.secret |= unknown.ty.is_secret();
            }
            Value::Secret(secret) => {
                self.secret = true;
                if let Secret::Clear(clear) = &**secret {
                    self.walk(clear, levels, depth)?;
                }
            }
            Value::List(_) | Value::Set(_) | Value::Map(_) if levels == 0 => {}
            Value::List(_) | Value::Set(_) | Value::Map(_) if depth == 0 => return Err(too_deep()),
            Value::List(items) | Value::Set(items) => {
                for item in items.iter() {
                    self.walk(item, below, depth - 1)?;
                }
            }
            Value::Map(map) => {
                for value in map.values() {
                    self.walk(value, below, depth - 1)?;
                }
            }
        }
        Ok(())
    }
}

/// Checks that a value is small enough to be walked, by whoever comes after evaluation: at most
/// [`MAX_NODES`] parts and [`MAX_DEPTH`] levels, counting a shared part wherever it occurs.
///
/// # Errors
/// [`OpError`] of the kind [`ErrorKind::TooLarge`].
pub fn check_size(value: &Value) -> Result<(), OpError> {
    parts(value).map(drop)
}

/// Returns how many parts a value has, as [`check_size`] counts.
///
/// # Errors
/// As [`check_size`].
pub(crate) fn parts(value: &Value) -> Result<usize, OpError> {
    let mut facts = Facts::default();
    facts.scan(value, ALL)?;
    Ok(facts.nodes)
}

/// Returns a value without secret marks on itself and on `levels` levels of what is in it.
pub(crate) fn strip(value: &Value, levels: u8) -> Value {
    let value = value.reveal();
    if levels == 0 {
        return value.clone();
    }
    let below = if levels == ALL { ALL } else { levels - 1 };
    match value {
        Value::List(items) => Value::list(items.iter().map(|item| strip(item, below))),
        Value::Set(items) => Value::set(items.iter().map(|item| strip(item, below))),
        Value::Map(map) => {
            Value::map(map.iter().map(|(key, value)| (key.clone(), strip(value, below))))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Quantity(_)
        | Value::Unknown(_)
        | Value::Secret(_) => value.clone(),
    }
}

/// Checks that a residual with these operands is not too large to be kept and computed.
pub(crate) fn check_residual(operands: &[Value]) -> Result<(), OpError> {
    let mut left = MAX_RESIDUAL;
    operands.iter().try_for_each(|operand| residual(operand, &mut left, MAX_DEPTH))
}

fn residual(value: &Value, left: &mut usize, depth: usize) -> Result<(), OpError> {
    *left = left.checked_sub(1).ok_or_else(too_many)?;
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Quantity(_) => {
            Ok(())
        }
        Value::List(items) | Value::Set(items) => {
            items.iter().try_for_each(|item| residual(item, left, depth))
        }
        Value::Map(map) => map.values().try_for_each(|value| residual(value, left, depth)),
        Value::Secret(secret) => match &**secret {
            Secret::Clear(clear) => residual(clear, left, depth),
            Secret::Sealed(_) => Ok(()),
        },
        Value::Unknown(unknown) => match &unknown.residual {
            Residual::Attribute { .. }
            | Residual::Output { .. }
            | Residual::Provider
            | Residual::Local(_) => Ok(()),
            Residual::Apply { operands, .. } => {
                operands.iter().try_for_each(|operand| residual(operand, left, depth))
            }
            Residual::Each(each) => [Some(&each.source), Some(&each.value)]
                .into_iter()
                .chain([each.condition.as_ref(), each.key.as_ref()])
                .flatten()
                .try_for_each(|part| residual(part, left, depth)),
        },
    }
}

/// The error for a value that is too large to be looked at.
pub(crate) fn too_many() -> OpError {
    OpError::new(ErrorKind::TooLarge, "the value has too many parts to be computed with")
}

/// The error for a value that is nested too deep.
pub(crate) fn too_deep() -> OpError {
    OpError::new(
        ErrorKind::TooLarge,
        format!("the value is nested more than {MAX_DEPTH} levels deep"),
    )
}
