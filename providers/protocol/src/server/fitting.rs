//! Whether values are of their types, as far as the protocol's types say less.
//!
//! In Syncline the language has checked this before a provider is asked; others know only the
//! protocol's types, which have no whole numbers and no choice among some.

use syncline_model::{Block, Literal, Path, Problem, Type, Value};

/// Returns a problem for each part of a configuration that is not of its type.
pub(super) fn misfits(block: &Block, config: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, attribute) in &block.attributes {
        fit(&attribute.ty, config.attribute(name), &Path::attribute(name.clone()), &mut problems);
    }
    problems
}

/// Returns a problem where an argument is not of its parameter's type.
pub(super) fn misfit(ty: &Type, value: &Value) -> Option<Problem> {
    let mut problems = Vec::new();
    fit(ty, value, &Path::default(), &mut problems);
    problems.into_iter().next()
}

fn fit(ty: &Type, value: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let value = value.reveal();
    match (ty.bare(), value) {
        (_, Value::Null | Value::Unknown(_)) => {}
        (Type::Int, Value::Number(_)) if value.as_i64().is_none() => {
            let detail = format!("`{path}` takes whole numbers of 64 bits.");
            problems.push(Problem::error("the number is not whole", detail).at(path.clone()));
        }
        (Type::Union(options), _) if !options.iter().any(|option| option.to_value() == *value) => {
            let options: Vec<String> = options.iter().map(shown).collect();
            let detail = format!("`{path}` is one of {}.", options.join(", "));
            problems.push(Problem::error("the value is none of those", detail).at(path.clone()));
        }
        (Type::List(element), Value::List(items)) => {
            for (at, item) in items.iter().enumerate() {
                fit(element, item, &path.index(at), problems);
            }
        }
        // An element of a set has no place that could be named.
        (Type::Set(element), Value::Set(items)) => {
            items.iter().for_each(|item| fit(element, item, path, problems));
        }
        (Type::Map(element), Value::Map(map)) => {
            for (key, item) in map.iter() {
                fit(element, item, &path.key(key.clone()), problems);
            }
        }
        (Type::Record(record), Value::Map(_)) => {
            for (name, field) in &record.fields {
                fit(&field.ty, value.attribute(name), &path.key(name.clone()), problems);
            }
        }
        _ => {}
    }
}

fn shown(option: &Literal) -> String {
    format!("`{}`", Type::Union([option.clone()].into()))
}

#[cfg(test)]
mod tests {
    use syncline_model::{Attribute, Number};

    use super::*;

    #[test]
    fn what_the_protocol_cannot_say_is_checked() {
        let attribute = |ty: Type| Attribute { ty, ..Attribute::default() };
        let block = Block {
            attributes: [
                ("mode".into(), attribute(Type::one_of(["fast", "slow"]))),
                ("ports".into(), attribute(Type::list(Type::Int))),
            ]
            .into(),
        };
        let half = Value::Number(Number::parse("0.5").unwrap());
        let config = Value::map([
            ("mode", Value::from("quick")),
            ("ports", Value::list([Value::from(80), half])),
        ]);
        let problems = misfits(&block, &config);
        let said: Vec<_> =
            problems.iter().map(|one| format!("{}: {}", one.path, one.detail)).collect();
        assert_eq!(
            said,
            [
                "mode: `mode` is one of `\"fast\"`, `\"slow\"`.",
                "ports[1]: `ports[1]` takes whole numbers of 64 bits."
            ]
        );
        assert!(misfits(&block, &Value::map([("mode", Value::from("slow"))])).is_empty());
    }
}
