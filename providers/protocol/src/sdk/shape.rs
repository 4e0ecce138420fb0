//! Whether attributes have the shape of their schema.
//!
//! Takes a configuration or an instance, returns it whole, or what is wrong with it.

use syncline_model::{Block, Map, Path, Problem, Value};

use super::nested::each;
use super::{Attributes, Failure, Instance};

/// Returns a problem for each attribute that must be set and is not, or that there is none of.
pub(crate) fn misshapen(block: &Block, config: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    look(block, config, &Path::default(), &mut problems);
    problems
}

fn look(block: &Block, config: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let own = Attributes::new(config);
    let mut tell = |name: &str, what: &str| {
        let path = path.key(name);
        problems.push(Problem::error(format!("`{path}` {what}"), "").at(path));
    };
    for (name, attribute) in &block.attributes {
        if attribute.required && own.is_null(name) {
            tell(name, "must be set");
        }
    }
    for (name, _) in own.map.iter().filter(|(_, value)| !value.is_null()) {
        if !block.get(name).is_some_and(|one| one.is_configurable()) {
            tell(name, "cannot be configured");
        }
    }
    for (name, attribute) in &block.attributes {
        let Some((nesting, inner)) = attribute.nested.as_deref() else { continue };
        let value = own.get(name);
        each(*nesting, (value, value), &path.key(name.clone()), &mut |record, _, path| {
            if record.reveal().as_map().is_some() {
                look(inner, record.reveal(), path, problems);
            }
            Value::Null
        });
    }
}

/// Returns a configuration with defaults where it is null.
pub(crate) fn with_defaults(block: &Block, config: &Value) -> Attributes {
    let mut attributes = Attributes::new(config);
    for (name, attribute) in &block.attributes {
        let value = attributes.get(name);
        if let (Some((nesting, inner)), false) = (attribute.nested.as_deref(), value.is_null()) {
            let mut fill = |record: &Value, _: &Value, _: &Path| {
                let own = record.reveal();
                let filled = own.as_map().map(|_| with_defaults(inner, own).into_value());
                filled.unwrap_or_else(|| own.clone())
            };
            let filled = each(*nesting, (value, value), &Path::default(), &mut fill);
            attributes.set(name.clone(), filled);
        } else if let Some(default) = &attribute.default
            && value.is_null()
        {
            attributes.set(name.clone(), default.clone());
        }
    }
    attributes
}

/// Gives an answer every attribute of the schema, and refuses what it must not have.
pub(crate) fn complete(block: &Block, mut instance: Instance) -> Result<Instance, Failure> {
    let map = whole(block, &instance.map, &Path::default()).map_err(|how| mistake(&how))?;
    instance.attributes = Attributes { map };
    Ok(instance)
}

/// Returns every attribute of a record, or what is wrong with it.
fn whole(block: &Block, given: &Map, path: &Path) -> Result<Map, String> {
    if let Some(name) = given.keys().find(|name| block.get(name).is_none()) {
        let path = path.key(name.clone());
        return Err(format!("it returned `{path}`, which its schema does not have"));
    }
    let mut map = Map::new();
    for (name, attribute) in &block.attributes {
        let value = given.get(name).filter(|_| !attribute.write_only).unwrap_or(&Value::Null);
        let path = path.key(name.clone());
        let mut wrong = None;
        let value = match attribute.nested.as_deref() {
            Some((nesting, inner)) => each(*nesting, (value, value), &path, &mut |own, _, path| {
                let Value::Map(given) = own.reveal() else { return own.clone() };
                match whole(inner, given, path) {
                    Ok(map) => Value::from(map),
                    Err(how) => {
                        wrong = wrong.take().or(Some(how));
                        Value::Null
                    }
                }
            }),
            None => value.clone(),
        };
        if let Some(how) = wrong {
            return Err(how);
        }
        if !value.is_known() {
            return Err(format!("it left `{path}` unknown"));
        }
        map.insert(name.clone(), value);
    }
    Ok(map)
}

/// Gives a partial answer every attribute of the schema: null where it is not known. What was made
/// half must be recorded, whatever else is wrong with it.
pub(crate) fn known_part(block: &Block, mut instance: Instance) -> Instance {
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let only = instance.map.get(name).cloned().unwrap_or_default();
        let only: Map = [(name.clone(), only)].into_iter().collect();
        let one = Block { attributes: [(name.clone(), attribute.clone())].into() };
        let own = whole(&one, &only, &Path::default()).ok();
        (name.clone(), own.and_then(|own| own.get(name).cloned()).unwrap_or_default())
    });
    instance.attributes = Attributes { map: attributes.collect() };
    instance
}

fn mistake(how: &str) -> Failure {
    Problem::error("the provider made a mistake", format!("After the call, {how}.")).into()
}
