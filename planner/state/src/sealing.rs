//! Sealing of whole nouns: values, record bodies, plans.
//!
//! Takes a noun with clear secrets and returns it with sealed ones, or the other way round. Values
//! that hold no secret are shared, not copied. A secret may stand anywhere, inside residuals too.
//!
//! A provider's private bytes may hold secrets that nobody marked, so they are always sealed as a
//! whole; empty ones stay empty.
//!
//! Laws: opening what was sealed gives back an equal noun; what is sealed already stays as it is.

use std::sync::Arc;

use syncline_model::{Each, Map, Residual, Secret, Unknown, Value};
use syncline_planner::State;
use syncline_planner::configuration::Configuration;
use syncline_planner::plan::{Bytes, Plan};
use syncline_planner::record::{Body, Intent, OutcomeResult, Recorded};

use crate::{Seal, SealError};

/// Returns the value with every secret sealed.
///
/// # Errors
/// What [`Seal::seal`] says.
pub fn seal_value(value: &Value, seal: &dyn Seal) -> Result<Value, SealError> {
    Direction::Seal(seal).value(value)
}

/// Returns the value with every secret in clear, inside its mark.
///
/// # Errors
/// What [`Seal::open`] says.
pub fn open_value(value: &Value, seal: &dyn Seal) -> Result<Value, SealError> {
    Direction::Open(seal).value(value)
}

/// Returns the plan with every secret and all private bytes sealed: fit to be written.
///
/// # Errors
/// What [`Seal::seal`] says.
pub fn seal_plan(plan: &Plan, seal: &dyn Seal) -> Result<Plan, SealError> {
    let mut sealed = plan.clone();
    Direction::Seal(seal).plan(&mut sealed)?;
    Ok(sealed)
}

/// Returns the plan with every secret in clear and the private bytes as the provider gave them.
///
/// # Errors
/// What [`Seal::open`] says.
pub fn open_plan(plan: &Plan, seal: &dyn Seal) -> Result<Plan, SealError> {
    let mut opened = plan.clone();
    Direction::Open(seal).plan(&mut opened)?;
    Ok(opened)
}

/// Returns the record body with every secret and all private bytes sealed: fit to be written.
///
/// # Errors
/// What [`Seal::seal`] says.
pub fn seal_body(mut body: Body, seal: &dyn Seal) -> Result<Body, SealError> {
    Direction::Seal(seal).body(&mut body)?;
    Ok(body)
}

/// Returns the record body with every secret in clear and the private bytes as they were given.
///
/// # Errors
/// What [`Seal::open`] says.
pub fn open_body(mut body: Body, seal: &dyn Seal) -> Result<Body, SealError> {
    Direction::Open(seal).body(&mut body)?;
    Ok(body)
}

/// Returns the state with every secret in clear and the private bytes as they were given.
///
/// # Errors
/// What [`Seal::open`] says.
pub fn open_state(mut state: State, seal: &dyn Seal) -> Result<State, SealError> {
    Direction::Open(seal).state(&mut state)?;
    Ok(state)
}

#[derive(Clone, Copy)]
enum Direction<'a> {
    Seal(&'a dyn Seal),
    Open(&'a dyn Seal),
}

impl Direction<'_> {
    fn plan(self, plan: &mut Plan) -> Result<(), SealError> {
        for provider in &mut plan.providers {
            self.replace(&mut provider.config)?;
        }
        for change in &mut plan.changes {
            self.replace(&mut change.before)?;
            self.replace(&mut change.after)?;
            self.replace(&mut change.config)?;
            self.bytes(&mut change.private)?;
            change.health.iter_mut().try_for_each(|probe| self.replace(probe))?;
        }
        for drift in &mut plan.drift {
            self.replace(&mut drift.recorded)?;
            self.replace(&mut drift.found)?;
        }
        for output in &mut plan.outputs {
            self.replace(&mut output.before)?;
            self.replace(&mut output.after)?;
        }
        for check in &mut plan.checks {
            self.replace(&mut check.condition)?;
            self.replace(&mut check.message)?;
        }
        Ok(())
    }

    fn body(self, body: &mut Body) -> Result<(), SealError> {
        match body {
            Body::Configured(configuration) => self.configuration(configuration),
            Body::Provider(used) => self.replace(&mut used.config),
            Body::Intent(intent) => self.intent(intent),
            Body::Outcome(outcome) => match &mut outcome.result {
                OutcomeResult::Present(recorded)
                | OutcomeResult::Partial { recorded, .. }
                | OutcomeResult::Replaced { recorded } => self.recorded(recorded),
                OutcomeResult::Absent
                | OutcomeResult::Failed { .. }
                | OutcomeResult::DeposedAbsent => Ok(()),
            },
            Body::Outputs { values } => {
                values.iter_mut().try_for_each(|(_, value)| self.replace(value))
            }
            Body::Lease(_)
            | Body::Begin(_)
            | Body::Moved { .. }
            | Body::Forgotten { .. }
            | Body::Applied(_)
            | Body::Keys(_)
            | Body::Released { .. } => Ok(()),
        }
    }

    fn configuration(self, configuration: &mut Configuration) -> Result<(), SealError> {
        for declared in configuration.resources.values_mut() {
            self.replace(&mut declared.config)?;
            declared.health.iter_mut().try_for_each(|probe| self.replace(probe))?;
        }
        for provider in &mut configuration.providers {
            self.replace(&mut provider.config)?;
        }
        for output in &mut configuration.outputs {
            self.replace(&mut output.value)?;
        }
        for (condition, message) in &mut configuration.checks {
            self.replace(condition)?;
            self.replace(message)?;
        }
        Ok(())
    }

    fn state(self, state: &mut State) -> Result<(), SealError> {
        for entry in state.resources.values_mut() {
            entry.recorded.iter_mut().try_for_each(|recorded| self.recorded(recorded))?;
            entry.deposed.iter_mut().try_for_each(|recorded| self.recorded(recorded))?;
            entry.in_flight.iter_mut().try_for_each(|intent| self.intent(intent))?;
        }
        state.providers.values_mut().try_for_each(|value| self.replace(value))?;
        state.outputs.values_mut().try_for_each(|value| self.replace(value))
    }

    fn intent(self, intent: &mut Intent) -> Result<(), SealError> {
        self.replace(&mut intent.planned)?;
        self.bytes(&mut intent.private)
    }

    fn recorded(self, recorded: &mut Recorded) -> Result<(), SealError> {
        self.replace(&mut recorded.attributes)?;
        self.bytes(&mut recorded.private)
    }

    fn bytes(self, bytes: &mut Bytes) -> Result<(), SealError> {
        if !bytes.0.is_empty() {
            bytes.0 = match self {
                Self::Seal(seal) => seal.seal_bytes(&bytes.0)?,
                Self::Open(seal) => seal.open_bytes(&bytes.0)?,
            };
        }
        Ok(())
    }

    fn replace(self, value: &mut Value) -> Result<(), SealError> {
        if holds_secret(value) {
            *value = self.rebuild(value)?;
        }
        Ok(())
    }

    fn value(self, value: &Value) -> Result<Value, SealError> {
        if holds_secret(value) { self.rebuild(value) } else { Ok(value.clone()) }
    }

    fn rebuild(self, value: &Value) -> Result<Value, SealError> {
        Ok(match value {
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?)
            }
            Value::Set(items) => Value::set(
                items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?,
            ),
            Value::Map(map) => Value::Map(Arc::new(
                map.iter()
                    .map(|(key, value)| Ok((key.clone(), self.value(value)?)))
                    .collect::<Result<Map, SealError>>()?,
            )),
            Value::Unknown(unknown) => Value::Unknown(Arc::new(Unknown {
                ty: unknown.ty.clone(),
                residual: self.residual(&unknown.residual)?,
            })),
            Value::Secret(secret) => Value::Secret(Arc::new(self.secret(secret)?)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Quantity(_) => value.clone(),
        })
    }

    fn secret(self, secret: &Secret) -> Result<Secret, SealError> {
        Ok(match (self, secret) {
            // Secrets inside are sealed first, so that their marks come back.
            (Self::Seal(seal), Secret::Clear(value)) => {
                Secret::Sealed(seal.seal(&self.value(value)?)?)
            }
            (Self::Open(seal), Secret::Sealed(text)) => {
                Secret::Clear(self.value(&seal.open(text)?)?)
            }
            (Self::Open(_), Secret::Clear(value)) => Secret::Clear(self.value(value)?),
            (Self::Seal(_), Secret::Sealed(_)) => secret.clone(),
        })
    }

    fn residual(self, residual: &Residual) -> Result<Residual, SealError> {
        let optional = |value: &Option<Value>| -> Result<Option<Value>, SealError> {
            value.as_ref().map(|value| self.value(value)).transpose()
        };
        Ok(match residual {
            Residual::Apply { operation, operands } => Residual::Apply {
                operation: operation.clone(),
                operands: operands
                    .iter()
                    .map(|operand| self.value(operand))
                    .collect::<Result<_, _>>()?,
            },
            Residual::Each(each) => Residual::Each(Box::new(Each {
                source: self.value(&each.source)?,
                key_local: each.key_local,
                value_local: each.value_local,
                condition: optional(&each.condition)?,
                key: optional(&each.key)?,
                value: self.value(&each.value)?,
            })),
            Residual::Attribute { .. }
            | Residual::Output { .. }
            | Residual::Provider
            | Residual::Local(_) => residual.clone(),
        })
    }
}

/// Tells whether a secret stands anywhere in the value, residuals included (which
/// [`Value::has_secret`] does not look into).
fn holds_secret(value: &Value) -> bool {
    match value {
        Value::List(items) | Value::Set(items) => items.iter().any(holds_secret),
        Value::Map(map) => map.values().any(holds_secret),
        Value::Unknown(unknown) => match &unknown.residual {
            Residual::Apply { operands, .. } => operands.iter().any(holds_secret),
            Residual::Each(each) => {
                let parts = [Some(&each.source), each.condition.as_ref(), each.key.as_ref()];
                holds_secret(&each.value) || parts.into_iter().flatten().any(holds_secret)
            }
            Residual::Attribute { .. }
            | Residual::Output { .. }
            | Residual::Provider
            | Residual::Local(_) => false,
        },
        Value::Secret(_) => true,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Quantity(_) => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeySeal;
    use syncline_model::Type;

    fn samples() -> Vec<Value> {
        let secret = || Value::secret(Value::from("tiger"));
        let nested = Value::Secret(Arc::new(Secret::Clear(Value::list([secret()]))));
        let apply = Residual::Apply { operation: "add".into(), operands: vec![secret()] };
        let each = Residual::Each(Box::new(Each {
            source: Value::list([secret()]),
            key_local: 0,
            value_local: 1,
            condition: Some(secret()),
            key: None,
            value: nested.clone(),
        }));
        let unknown = |residual| Value::Unknown(Arc::new(Unknown { ty: Type::String, residual }));
        vec![
            Value::Null,
            secret(),
            nested,
            Value::set([secret(), Value::secret(Value::from(1)), Value::from("plain")]),
            Value::map([("a", Value::map([("b", secret())])), ("c", Value::from(1))]),
            unknown(apply),
            Value::secret(unknown(each)),
        ]
    }

    #[test]
    fn every_secret_is_sealed_wherever_it_stands_and_comes_back() {
        let seal = KeySeal::new(&[1; 32]);
        for value in samples() {
            let sealed = seal_value(&value, &seal).unwrap();
            let text = serde_json::to_string(&sealed).unwrap();
            assert!(!text.contains("tiger"), "{text}");
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                serde_json::to_string(&open_value(&read, &seal).unwrap()).is_err(),
                holds_secret(&value)
            );
            assert!(open_value(&read, &seal).unwrap() == value, "{value:?}");
            assert!(seal_value(&sealed, &seal).unwrap() == sealed, "{value:?}");
        }
    }
}
