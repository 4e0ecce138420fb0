//! Whether attributes have the shape of their schema.
//!
//! Takes a configuration or an instance, returns it whole, or what is wrong with it.

use syncline_model::{Block, Map, Problem, Value};

use super::{Attributes, Failure, Instance, invalid};

/// Returns a problem for each attribute that must be set and is not, or that there is none of.
pub(crate) fn misshapen(block: &Block, config: &Value) -> Vec<Problem> {
    let config = Attributes::new(config);
    let unset = block
        .attributes
        .iter()
        .filter(|(name, attribute)| attribute.required && config.is_null(name))
        .map(|(name, _)| invalid(name, format!("`{name}` must be set"), ""));
    let strange = config.map.iter().filter(|(name, value)| {
        !value.is_null() && !block.get(name).is_some_and(|one| one.is_configurable())
    });
    unset
        .chain(strange.map(|(name, _)| invalid(name, format!("`{name}` cannot be configured"), "")))
        .collect()
}

/// Returns a configuration with defaults where it is null.
pub(crate) fn with_defaults(block: &Block, config: &Value) -> Attributes {
    let mut attributes = Attributes::new(config);
    for (name, attribute) in &block.attributes {
        if let Some(default) = &attribute.default
            && attributes.get(name).is_null()
        {
            attributes.set(name.clone(), default.clone());
        }
    }
    attributes
}

/// Gives an answer every attribute of the schema, and refuses what it must not have.
pub(crate) fn complete(block: &Block, mut instance: Instance) -> Result<Instance, Failure> {
    if let Some(name) = instance.map.keys().find(|name| block.get(name).is_none()) {
        return Err(mistake(&format!("it returned `{name}`, which its schema does not have")));
    }
    let mut map = Map::new();
    for (name, attribute) in &block.attributes {
        let value = if attribute.write_only { &Value::Null } else { instance.get(name) };
        if !value.is_known() {
            return Err(mistake(&format!("it left `{name}` unknown")));
        }
        map.insert(name.clone(), value.clone());
    }
    instance.attributes = Attributes { map };
    Ok(instance)
}

/// Gives a partial answer every attribute of the schema: null where it is not known. What was made
/// half must be recorded, whatever else is wrong with it.
pub(crate) fn known_part(block: &Block, mut instance: Instance) -> Instance {
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let value = instance.get(name);
        let recorded = value.is_known() && !attribute.write_only;
        (name.clone(), if recorded { value.clone() } else { Value::Null })
    });
    instance.attributes = Attributes { map: attributes.collect() };
    instance
}

fn mistake(how: &str) -> Failure {
    Problem::error("the provider made a mistake", format!("After the call, {how}.")).into()
}
