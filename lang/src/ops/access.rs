//! `a.name`, `a?.name`, `a[b]`, `a?.[b]`.
//!
//! A member of an unknown attribute is an unknown attribute with a longer path, so that what is
//! left says exactly what is waited for.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of value is a mismatch")]

use syncline_model::{Dimension, Number, Path, Residual, Step, Str, Type, Unknown, Value};

use crate::near::nearest;

use super::apply::{mark, unknown_of};
use super::scan::Facts;
use super::typing;
use super::{ALL, ErrorKind, OpError, Operation};

/// Returns a member that is plainly there: what is secret, unknown or missing is for [`access`].
pub(crate) fn member<'a>(base: &'a Value, name: &str) -> Option<&'a Value> {
    if let Value::Map(map) = base { map.get(name) } else { None }
}

/// Returns an element that is plainly there: what is secret, unknown or missing is for [`access`].
pub(crate) fn element<'a>(base: &'a Value, key: &Value) -> Option<&'a Value> {
    match (base, key) {
        (Value::List(items) | Value::Set(items), Value::Number(Number::Int(index))) => {
            items.get(usize::try_from(*index).ok()?)
        }
        (Value::Map(map), Value::String(key)) => map.get(key),
        _ => None,
    }
}

/// Takes a member or an element.
pub(super) fn access(operation: &Operation, base: &Value, key: &Value) -> Result<Value, OpError> {
    let mut facts = Facts::default();
    facts.scan(base, 0)?;
    facts.scan(key, ALL)?;
    let optional = matches!(operation, Operation::OptionalMember | Operation::OptionalIndex);
    let is_index = matches!(operation, Operation::Index | Operation::OptionalIndex);
    let taken = match (base.reveal(), key.reveal()) {
        (Value::Null, _) if optional => Ok(Value::Null),
        (Value::Unknown(unknown), key_value) => {
            return of_unknown(operation, (base, unknown), (key, key_value), facts.secret);
        }
        (known, Value::Unknown(_)) => {
            check_container(known, is_index)?;
            let ty = typing::element(&typing::type_of(known));
            return unknown_of(operation, &[base.clone(), key.clone()], ty);
        }
        (known, key) if is_index => index(known, key),
        (known, key) => member_of(known, key),
    };
    match taken {
        Ok(value) => Ok(mark(value, facts.secret)),
        Err(error) if facts.secret => Err(error.conceal()),
        Err(error) => Err(error),
    }
}

fn of_unknown(
    operation: &Operation,
    (base, unknown): (&Value, &Unknown),
    (key, key_value): (&Value, &Value),
    secret: bool,
) -> Result<Value, OpError> {
    let container = unknown.ty.bare();
    let is_index = matches!(operation, Operation::Index | Operation::OptionalIndex);
    let step = match (container, key_value) {
        (Type::List(_), Value::Number(number)) if is_index => {
            number.as_i64().and_then(|index| u32::try_from(index).ok()).map(Step::Index)
        }
        (Type::List(_) | Type::Set(_), Value::Number(number)) if *number < Number::ZERO => {
            return Err(negative());
        }
        (Type::List(_), _) if !is_index => return Err(no_members("a list")),
        (Type::Set(_), _) if !is_index => return Err(no_members("a set")),
        (Type::String, _) if !is_index => return Err(no_members("a string")),
        (Type::Bool, _) if !is_index => return Err(no_members("a bool")),
        (Type::Int | Type::Number, _) if !is_index => return Err(no_members("a number")),
        (Type::Quantity(own), Value::String(name)) if !is_index => {
            check_unit(*own, name)?;
            None
        }
        (Type::Map(_) | Type::Record(_) | Type::Any, Value::String(name)) => {
            Some(Step::Key(name.clone()))
        }
        (Type::Map(_), key) => key_text(key).ok().map(Step::Key),
        _ => None,
    };
    let ty = match (container, key_value) {
        (Type::Record(record), Value::String(name)) => match record.get(name) {
            Some(field) if field.optional => field.ty.clone().optional(),
            Some(field) => field.ty.clone(),
            None if record.open => Type::Any,
            None => {
                let names = record.fields.iter().map(|(name, _)| name.as_str());
                return Err(missing(name, "member", names).at(1));
            }
        },
        (Type::Quantity(_), _) => Type::Number,
        (container, _) => typing::element(container),
    };
    let nullable = unknown.ty.is_nullable() && unknown.ty != Type::Any;
    if let (Residual::Attribute { address, path }, Some(step)) = (&unknown.residual, step)
        && !nullable
        && matches!(operation, Operation::Member | Operation::Index)
    {
        let secret = secret || ty.is_secret();
        return Ok(mark(Unknown::attribute(ty, address, path.with(step)), secret));
    }
    let optional = matches!(operation, Operation::OptionalMember | Operation::OptionalIndex);
    let ty = if optional { ty.optional() } else { ty };
    unknown_of(operation, &[base.clone(), key.clone()], ty)
}

fn check_unit(dimension: Dimension, name: &str) -> Result<(), OpError> {
    if dimension.members().any(|member| member == name) {
        return Ok(());
    }
    Err(missing(name, "member", dimension.members()).at(1))
}

fn check_container(base: &Value, is_index: bool) -> Result<(), OpError> {
    match base {
        Value::Map(_) => Ok(()),
        Value::Quantity(_) if !is_index => Ok(()),
        Value::List(_) | Value::Set(_) if is_index => Ok(()),
        other if is_index => Err(no_elements(other)),
        other => Err(no_members(other.kind())),
    }
}

fn member_of(base: &Value, name: &Value) -> Result<Value, OpError> {
    let Value::String(name) = name else {
        return Err(OpError::mismatch(1, "a name", name));
    };
    match base {
        Value::Map(map) => map
            .get(name)
            .cloned()
            .ok_or_else(|| missing(name, "member", map.keys().map(Str::as_str)).at(1)),
        Value::Quantity(own) => {
            check_unit(own.dimension, name)?;
            Ok(own.member(name).map(Value::from).unwrap_or_default())
        }
        Value::Null => Err(of_null(format!("null has no member `{name}`"))),
        other => Err(no_members(other.kind())),
    }
}

fn index(base: &Value, key: &Value) -> Result<Value, OpError> {
    match (base, key) {
        (Value::List(items) | Value::Set(items), Value::Number(number)) => {
            let index = number.as_i64();
            if number.is_whole() && *number < Number::ZERO {
                return Err(negative());
            }
            let item = match index.and_then(|index| usize::try_from(index).ok()) {
                Some(index) => items.get(index),
                None if number.is_whole() => None,
                None => return Err(fraction()),
            };
            item.cloned().ok_or_else(|| {
                let count = items.len();
                OpError::new(ErrorKind::Missing, "the list has no such element")
                    .detail(match count {
                        0 => format!("there is no element {number}: the list is empty"),
                        1 => format!("there is no element {number}: the list has one, 0"),
                        _ => format!(
                            "there is no element {number}: the list has {count}, 0 to {}",
                            count - 1
                        ),
                    })
                    .at(1)
            })
        }
        (Value::List(_) | Value::Set(_), key) => Err(OpError::mismatch(1, "a whole number", key)
            .help("A list is indexed by position, from 0; a map by key.")),
        (Value::Map(map), key) => {
            let name = key_text(key).map_err(|error| error.at(1))?;
            map.get(&name)
                .cloned()
                .ok_or_else(|| missing(&name, "key", map.keys().map(Str::as_str)).at(1))
        }
        (Value::Null, _) => Err(of_null("null has no elements".to_owned())),
        (other, _) => Err(no_elements(other)),
    }
}

fn fraction() -> OpError {
    OpError::new(ErrorKind::Mismatch, "an index has no fraction")
        .at(1)
        .help("Round it: `std.numbers.floor(number)`.")
}

fn negative() -> OpError {
    OpError::new(ErrorKind::Missing, "an index is never negative")
        .at(1)
        .help("The last element is `std.lists.last(list)`.")
}

/// Returns the text of a map's key: a string, or a whole number's digits.
pub(crate) fn key_text(key: &Value) -> Result<Str, OpError> {
    match key {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_whole() => Ok(number.to_string().into()),
        other => Err(OpError::new(
            ErrorKind::Mismatch,
            format!("a key is a string or a whole number, not {}", other.kind()),
        )),
    }
}

/// The error for a name that is not there.
pub(crate) fn missing<'a>(
    name: &str,
    what: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> OpError {
    let hint = match nearest(name, names.clone()) {
        Some(near) => Some(format!("Did you mean `{near}`?")),
        None => {
            let shown: Vec<String> =
                names.clone().take(8).map(|name| format!("`{name}`")).collect();
            let more = if names.count() > 8 { ", ..." } else { "" };
            let absent = match what {
                "key" => " Where it may be missing: `std.maps.get(map, key, default)`.",
                _ => "",
            };
            match shown.is_empty() {
                true => Some(format!("It has no {what}s at all.{absent}")),
                false => Some(format!("It has {}{more}.{absent}", shown.join(", "))),
            }
        }
    };
    OpError::new(ErrorKind::Missing, format!("there is no such {what}"))
        .detail(format!("there is no {what} `{name}`"))
        .hint(hint)
}

fn of_null(message: String) -> OpError {
    OpError::new(ErrorKind::Mismatch, "null has no members and no elements")
        .detail(message)
        .at(0)
        .help("Write `?.` to get null from null, or give a value for null: `value ?? other`.")
}

fn no_members(kind: &str) -> OpError {
    let error = OpError::new(ErrorKind::Mismatch, format!("{kind} has no members")).at(0);
    match kind {
        "a list" | "a set" => error.help(
            "Take one element, `list[0].name`, or make a list: `[for item in list: item.name]`.",
        ),
        "a string" => error.help(
            "What is asked of a text is a function: `length(text)`. A loop with one name goes through the keys of a map: \
             `for key, item in map` has the items.",
        ),
        _ => error,
    }
}

fn no_elements(value: &Value) -> OpError {
    let error = OpError::new(ErrorKind::Mismatch, format!("{} has no elements", value.kind()));
    match value {
        Value::String(_) => error.at(0).help("A part of a text: `std.strings.substring`."),
        _ => error.at(0),
    }
}

/// Returns the value at a path, as the member and index operations would; nothing when the first
/// step leads nowhere.
pub(super) fn at_path(value: &Value, path: &Path) -> Result<Option<Value>, OpError> {
    let mut value = value.clone();
    for (at, step) in path.0.iter().enumerate() {
        let (operation, key) = match step {
            Step::Key(name) => (Operation::Member, Value::String(name.clone())),
            Step::Index(index) => (Operation::Index, Value::from(i64::from(*index))),
        };
        if at == 0
            && let (Some(map), Step::Key(name)) = (value.as_map(), step)
            && !map.contains_key(name)
        {
            return Ok(None);
        }
        value = access(&operation, &value, &key)?;
        if value.is_unknown() {
            return Ok(Some(value));
        }
    }
    Ok(Some(value))
}
