//! Values: what expressions evaluate to, what resources are configured with, what is recorded.
//!
//! Laws:
//! * A value may hold an [`Unknown`] anywhere: what it will be is known only after an apply.
//! * A value may hold a [`Secret`] anywhere. A secret in clear prints as `(secret)`, and to
//!   serialise one is an error: only a sealed one can leave the process.
//! * Equal values are equal structures: maps are sorted, sets sorted and without duplicates,
//!   numbers canonical.
//! * The serialised form is natural JSON for null, booleans, strings, lists, maps and whole numbers
//!   that fit 64 bits; anything else is a map with one key that starts with `$`: `$number` (a
//!   decimal's text), `$quantity` (its text), `$set`, `$unknown`, `$sealed`, and `$map` (a list of
//!   pairs) for a map that has itself a key that starts with `$`.

use std::sync::Arc;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Map, Number, Quantity, Residual, Str, Unknown};

/// A value.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// An exact number.
    Number(Number),
    /// Text.
    String(Str),
    /// An exact number with a unit.
    Quantity(Arc<Quantity>),
    /// A list, in order.
    List(Arc<[Value]>),
    /// A set: sorted, without duplicates; make it with [`Value::set`].
    Set(Arc<[Value]>),
    /// A map or a record.
    Map(Arc<Map>),
    /// Not known before an apply.
    Unknown(Arc<Unknown>),
    /// Never to be shown.
    Secret(Arc<Secret>),
}

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// The value itself, in this process's memory alone.
    Clear(Value),
    /// Its encrypted form, as it is stored: printable text.
    Sealed(Str),
}

impl Value {
    /// Returns a list.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// Returns a set: sorted, without duplicates.
    #[must_use]
    pub fn set(items: impl IntoIterator<Item = Self>) -> Self {
        let mut items: Vec<Self> = items.into_iter().collect();
        items.sort();
        items.dedup();
        Self::Set(items.into())
    }

    /// Returns a map.
    #[must_use]
    pub fn map<K: Into<Str>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
        Self::Map(Arc::new(entries.collect()))
    }

    /// Returns the value marked as secret; what is secret already stays as it is.
    #[must_use]
    pub fn secret(value: Self) -> Self {
        if value.is_secret() { value } else { Self::Secret(Arc::new(Secret::Clear(value))) }
    }

    /// Returns the value under a clear secret mark, or the value itself.
    #[must_use]
    pub fn reveal(&self) -> &Self {
        let Self::Secret(secret) = self else { return self };
        match &**secret {
            Secret::Clear(value) => value.reveal(),
            Secret::Sealed(_) => self,
        }
    }

    /// Tells whether the value itself is secret; what it contains is not looked at.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }

    /// Tells whether the value is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Tells whether the value has no parts, is known and may be shown.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::Quantity(_) => {
                true
            }
            Self::List(_) | Self::Set(_) | Self::Map(_) | Self::Unknown(_) | Self::Secret(_) => {
                false
            }
        }
    }

    /// Tells whether the value itself is unknown, be it secret or not.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.reveal(), Self::Unknown(_))
    }

    /// Tells whether nothing in the value is unknown.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.any(&|value| matches!(value, Self::Unknown(_)))
    }

    /// Tells whether the value is secret or contains a secret.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.any(&|value| matches!(value, Self::Secret(_)))
    }

    /// Tells whether the predicate holds for the value or for one inside it, secrets included.
    pub fn any(&self, predicate: &dyn Fn(&Self) -> bool) -> bool {
        predicate(self)
            || match self {
                Self::List(items) | Self::Set(items) => items.iter().any(|v| v.any(predicate)),
                Self::Map(map) => map.values().any(|value| value.any(predicate)),
                Self::Secret(secret) => match &**secret {
                    Secret::Clear(value) => value.any(predicate),
                    Secret::Sealed(_) => false,
                },
                Self::Null
                | Self::Bool(_)
                | Self::Number(_)
                | Self::String(_)
                | Self::Quantity(_)
                | Self::Unknown(_) => false,
            }
    }

    /// Returns the value with a function applied from the inside out to every part of it.
    ///
    /// # Errors
    /// The function's first error.
    pub fn transform<E>(
        &self,
        function: &mut dyn FnMut(Self) -> Result<Self, E>,
    ) -> Result<Self, E> {
        let inner = match self {
            Self::List(items) => Self::List(
                items.iter().map(|item| item.transform(function)).collect::<Result<_, E>>()?,
            ),
            Self::Set(items) => Self::set(
                items.iter().map(|item| item.transform(function)).collect::<Result<Vec<_>, E>>()?,
            ),
            Self::Map(map) => Self::Map(Arc::new(
                map.iter()
                    .map(|(key, value)| Ok((key.clone(), value.transform(function)?)))
                    .collect::<Result<Map, E>>()?,
            )),
            Self::Secret(secret) => match &**secret {
                Secret::Clear(value) => Self::secret(value.transform(function)?),
                Secret::Sealed(_) => self.clone(),
            },
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::Quantity(_)
            | Self::Unknown(_) => self.clone(),
        };
        function(inner)
    }

    /// Returns the text, looking through a secret mark.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self.reveal() { Some(text) } else { None }
    }

    /// Returns the truth value, looking through a secret mark.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self.reveal() { Some(*value) } else { None }
    }

    /// Returns the whole number, looking through a secret mark.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Number(number) = self.reveal() { number.as_i64() } else { None }
    }

    /// Returns the quantity, looking through a secret mark.
    #[must_use]
    pub fn as_quantity(&self) -> Option<&Quantity> {
        if let Self::Quantity(quantity) = self.reveal() { Some(quantity) } else { None }
    }

    /// Returns the map, looking through a secret mark.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self.reveal() { Some(map) } else { None }
    }

    /// Returns the items of a list or set, looking through a secret mark.
    #[must_use]
    pub fn as_items(&self) -> Option<&[Self]> {
        if let Self::List(items) | Self::Set(items) = self.reveal() { Some(items) } else { None }
    }

    /// Returns the attribute of a map, or null where there is none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &Self {
        self.as_map().and_then(|map| map.get(name)).unwrap_or(&Self::Null)
    }

    /// Returns what kind of value it is, for messages: `a string`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Quantity(quantity) => quantity.dimension.kind(),
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Unknown(_) => "a value known after apply",
            Self::Secret(_) => "a secret",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number::Int(value))
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<Str> for Value {
    fn from(value: Str) -> Self {
        Self::String(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<Quantity> for Value {
    fn from(value: Quantity) -> Self {
        Self::Quantity(Arc::new(value))
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Self::Map(Arc::new(value))
    }
}

impl std::fmt::Display for Value {
    /// Writes the value as an expression of the language on one line, secrets and unknowns as
    /// `(secret)` and `(known after apply)`, or `(known after network is applied)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => write!(f, "{}", Quoted(text)),
            Self::Quantity(quantity) => write!(f, "{quantity}"),
            Self::List(items) | Self::Set(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Map(map) if map.is_empty() => f.write_str("{}"),
            Self::Map(map) => {
                for (at, (key, value)) in map.iter().enumerate() {
                    f.write_str(if at > 0 { ", " } else { "{ " })?;
                    if crate::path::is_identifier(key) {
                        write!(f, "{key} = {value}")?;
                    } else {
                        write!(f, "{} = {value}", Quoted(key))?;
                    }
                }
                f.write_str(" }")
            }
            Self::Unknown(unknown) => match &unknown.residual {
                Residual::Output { environment, .. } => {
                    write!(f, "(known after {environment} is applied)")
                }
                Residual::Attribute { .. }
                | Residual::Provider
                | Residual::Local(_)
                | Residual::Apply { .. }
                | Residual::Each(_) => f.write_str("(known after apply)"),
            },
            Self::Secret(_) => f.write_str("(secret)"),
        }
    }
}

/// Text as a string literal of the language.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("\"")?;
        let mut rest = self.0.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '$' if rest.peek() == Some(&'{') => f.write_str("\\$")?,
                control if control.is_control() => write!(f, "\\u{{{:x}}}", control as u32)?,
                plain => write!(f, "{plain}")?,
            }
        }
        f.write_str("\"")
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(Number::Int(whole)) => serializer.serialize_i64(*whole),
            Self::Number(decimal) => tagged(serializer, "$number", &decimal.to_string()),
            Self::String(text) => serializer.serialize_str(text),
            Self::Quantity(quantity) => tagged(serializer, "$quantity", &quantity.to_string()),
            Self::List(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items.iter() {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Self::Set(items) => tagged(serializer, "$set", &items[..]),
            Self::Map(map) if map.keys().any(|key| key.starts_with('$')) => {
                tagged(serializer, "$map", &map.iter().collect::<Vec<_>>())
            }
            Self::Map(map) => {
                let mut entries = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in map.iter() {
                    entries.serialize_entry(key, value)?;
                }
                entries.end()
            }
            Self::Unknown(unknown) => tagged(serializer, "$unknown", &**unknown),
            Self::Secret(secret) => match &**secret {
                Secret::Sealed(text) => tagged(serializer, "$sealed", text),
                Secret::Clear(_) => {
                    Err(S::Error::custom("invariant: a secret is sealed before it is written"))
                }
            },
        }
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    tag: &str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        Number::parse(&value.to_string()).map(Value::Number).map_err(E::custom)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::parse(&value.to_string()).map(Value::Number).map_err(E::custom)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(sequence.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut special = None;
        while let Some(key) = access.next_key::<Str>()? {
            match key.as_str() {
                "$number" => {
                    let text: String = access.next_value()?;
                    let number = Number::parse(&text).map_err(A::Error::custom)?;
                    special = Some(Value::Number(number));
                }
                "$quantity" => {
                    let text: String = access.next_value()?;
                    let quantity = Quantity::parse(&text).map_err(A::Error::custom)?;
                    let quantity = quantity
                        .ok_or_else(|| A::Error::custom(format!("`{text}` is no quantity")))?;
                    special = Some(Value::from(quantity));
                }
                "$set" => special = Some(Value::set(access.next_value::<Vec<Value>>()?)),
                "$map" => special = Some(Value::map(access.next_value::<Vec<(Str, Value)>>()?)),
                "$unknown" => special = Some(Value::Unknown(Arc::new(access.next_value()?))),
                "$sealed" => {
                    let sealed = Secret::Sealed(access.next_value()?);
                    special = Some(Value::Secret(Arc::new(sealed)));
                }
                tag if tag.starts_with('$') => {
                    return Err(A::Error::custom(format!("`{tag}` is no kind of value")));
                }
                _ => {
                    map.insert(key, access.next_value()?);
                }
            }
        }
        match special {
            Some(value) if map.is_empty() => Ok(value),
            Some(_) => Err(A::Error::custom("a map that mixes keys with a `$` key")),
            None => Ok(Value::Map(Arc::new(map))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialised_values_come_back() {
        let values = [
            Value::Null,
            Value::from(Number::parse("1.5").unwrap()),
            Value::from(Quantity::parse("1h30m").unwrap().unwrap()),
            Value::set([Value::from(2), Value::from(1), Value::from(2)]),
            Value::map([("$number", Value::from("x")), ("a", Value::list([Value::Null]))]),
            Value::map([("a", Value::from(true)), ("b", Value::from("x"))]),
            Value::Secret(Arc::new(Secret::Sealed("abc".into()))),
        ];
        for value in values {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn a_clear_secret_is_neither_written_nor_printed() {
        let value = Value::map([("password", Value::secret(Value::from("hunter2")))]);
        assert!(serde_json::to_string(&value).is_err());
        assert_eq!(format!("{value} {value:?}"), "{ password = (secret) } { password = (secret) }");
    }

    #[test]
    fn printed_strings_are_literals() {
        assert_eq!(Value::from("a\"b\n${x} $5").to_string(), r#""a\"b\n\${x} $5""#);
    }
}
