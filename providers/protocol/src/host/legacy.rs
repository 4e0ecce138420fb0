//! What providers on the first SDKs answer, which have no unknown blocks.

use syncline_model::{Map, Value};

use crate::wire::decode::unknown;
use crate::wire::shape::{Member, Shape};

/// Returns a planned value in which an unknown block is one block of unknowns.
pub(super) fn with_known_blocks(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Object(members), Value::Map(map)) => Value::from(
            members
                .iter()
                .map(|member| {
                    let value = map.get(&member.name).unwrap_or(&Value::Null);
                    (member.name.clone(), with_known_block(member, value))
                })
                .collect::<Map>(),
        ),
        _ => value.clone(),
    }
}

fn with_known_block(member: &Member, value: &Value) -> Value {
    if !member.is_block {
        return value.clone();
    }
    match (&member.shape, value) {
        (Shape::List(element), Value::Unknown(_)) => Value::list([all_unknown(element)]),
        (Shape::Set(element), Value::Unknown(_)) => Value::set([all_unknown(element)]),
        (Shape::List(element), Value::List(items)) => {
            Value::list(items.iter().map(|item| with_known_blocks(element, item)))
        }
        (Shape::Set(element), Value::Set(items)) => {
            Value::set(items.iter().map(|item| with_known_blocks(element, item)))
        }
        (shape, value) => with_known_blocks(shape, value),
    }
}

fn all_unknown(shape: &Shape) -> Value {
    let Shape::Object(members) = shape else { return unknown(shape) };
    Value::map(members.iter().map(|member| {
        let value = with_known_block(member, &unknown(&member.shape));
        (member.name.clone(), value)
    }))
}
