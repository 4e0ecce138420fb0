//! What was unknown before a provider planned, after it.
//!
//! On the wire all unknown values look alike. Where the provider hands one of the configuration's
//! back, the plan must hold the configuration's own again, which says what it waits for.

use std::sync::Arc;

use syncline_model::{Map, Residual, Type, Unknown, Value};

/// Returns what was planned, with the configuration's unknowns where they were.
pub(super) fn restore(planned: &Value, config: &Value) -> Value {
    if config.is_known() {
        return planned.clone();
    }
    match (planned, config.reveal()) {
        (Value::Unknown(_), Value::Unknown(_)) => config.clone(),
        (Value::Map(planned), Value::Map(configured)) => {
            let restored = |(key, value): (&syncline_model::Str, &Value)| {
                let configured = configured.get(key).unwrap_or(&Value::Null);
                (key.clone(), restore(value, configured))
            };
            Value::from(planned.iter().map(restored).collect::<Map>())
        }
        (Value::List(items), Value::List(configured)) if items.len() == configured.len() => {
            Value::list(
                items.iter().zip(configured.iter()).map(|(item, config)| restore(item, config)),
            )
        }
        // The elements of a set have no places: all of them are the configuration's, or none.
        (Value::Set(_), Value::Set(_) | Value::List(_)) if alike(planned, config) => config.clone(),
        _ => planned.clone(),
    }
}

/// Tells whether two values are the same but for what their unknowns wait for.
fn alike(planned: &Value, config: &Value) -> bool {
    blank(planned) == blank(config)
}

fn blank(value: &Value) -> Value {
    let mut blanked = |part: Value| -> Result<Value, std::convert::Infallible> {
        Ok(if part.is_unknown() {
            Value::Unknown(Arc::new(Unknown { ty: Type::Any, residual: Residual::Provider }))
        } else {
            part.reveal().clone()
        })
    };
    match value.transform(&mut blanked) {
        Ok(Value::List(items)) => Value::set(items.iter().cloned()),
        Ok(value) => value,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(residual: Residual) -> Value {
        Value::Unknown(Arc::new(Unknown { ty: Type::String, residual }))
    }

    #[test]
    fn the_configurations_unknowns_come_back() {
        let waiting = unknown(Residual::Local(7));
        let own = unknown(Residual::Provider);
        let config = Value::map([
            ("name", waiting.clone()),
            ("tags", Value::set([Value::from("a"), waiting.clone()])),
            ("disks", Value::list([Value::map([("size", waiting.clone()), ("id", Value::Null)])])),
            ("id", Value::Null),
        ]);
        let planned = Value::map([
            ("name", own.clone()),
            ("tags", Value::set([Value::from("a"), own.clone()])),
            ("disks", Value::list([Value::map([("size", own.clone()), ("id", own.clone())])])),
            ("id", own.clone()),
        ]);
        let restored = restore(&planned, &config);
        assert_eq!(restored.attribute("name"), &waiting);
        assert_eq!(restored.attribute("tags"), config.attribute("tags"));
        assert_eq!(restored.attribute("id"), &own);
        let disk = &restored.attribute("disks").as_items().unwrap()[0];
        assert_eq!((disk.attribute("size"), disk.attribute("id")), (&waiting, &own));
    }
}
