//! Types: of parameters, of schemas' attributes, of values that are not known yet.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Dimension, Number, Str, Value};

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// Any value: a provider's dynamic attribute.
    Any,
    /// Only null; what `null` infers to.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// An exact decimal number.
    Number,
    /// Text.
    String,
    /// An exact number with a unit.
    Quantity(Dimension),
    /// A list with elements of one type.
    List(Arc<Type>),
    /// A set with elements of one type.
    Set(Arc<Type>),
    /// A map from strings to values of one type.
    Map(Arc<Type>),
    /// A record with named fields.
    Record(Arc<RecordType>),
    /// One of some literals; never empty.
    Union(Arc<[Literal]>),
    /// The type or null.
    Optional(Arc<Type>),
    /// The type, never to be shown.
    Secret(Arc<Type>),
    /// The type, where a condition holds.
    Refined(Arc<Refinement>),
    /// A type variable of a function.
    Variable(Str),
    /// A function, which only a parameter of a function can be.
    Function(Arc<FunctionType>),
}

/// What a function takes and returns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionType {
    /// The types of its arguments.
    pub params: Vec<Type>,
    /// The type of its result.
    pub result: Type,
}

/// A record's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordType {
    /// The fields, sorted by name.
    pub fields: Vec<(Str, Field)>,
    /// Other keys may be there too.
    pub open: bool,
    /// The fields with a default, each with the default's index among those of the project; only
    /// the language can evaluate it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<(Str, u32)>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Field {
    /// Its type.
    pub ty: Type,
    /// It may be left out.
    pub optional: bool,
}

/// A literal as a type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    /// Text.
    String(Str),
    /// A whole number.
    Int(i64),
    /// A truth value.
    Bool(bool),
}

/// A type with a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Refinement {
    /// The type without it.
    pub base: Type,
    /// The condition as written.
    pub text: Str,
    /// The condition's index among those of the project; only the language can evaluate it.
    pub id: u32,
}

impl RecordType {
    /// Returns the field of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        let at = self.fields.binary_search_by(|(own, _)| own.as_str().cmp(name)).ok()?;
        Some(&self.fields[at].1)
    }
}

impl Type {
    /// Returns a list type.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// Returns a set type.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// Returns a map type.
    #[must_use]
    pub fn map(value: Self) -> Self {
        Self::Map(Arc::new(value))
    }

    /// Returns a closed record type.
    #[must_use]
    pub fn record(fields: impl IntoIterator<Item = (Str, Field)>) -> Self {
        let mut fields: Vec<_> = fields.into_iter().collect();
        fields.sort_by(|left, right| left.0.cmp(&right.0));
        fields.dedup_by(|later, earlier| later.0 == earlier.0);
        Self::Record(Arc::new(RecordType { fields, ..RecordType::default() }))
    }

    /// Returns the union of string literals.
    #[must_use]
    pub fn one_of<S: Into<Str>>(options: impl IntoIterator<Item = S>) -> Self {
        Self::Union(options.into_iter().map(|option| Literal::String(option.into())).collect())
    }

    /// Returns the type that also allows null; applied twice it is applied once.
    #[must_use]
    pub fn optional(self) -> Self {
        if matches!(self, Self::Any | Self::Null | Self::Optional(_)) {
            self
        } else {
            Self::Optional(Arc::new(self))
        }
    }

    /// Returns the secret type; applied twice it is applied once.
    #[must_use]
    pub fn secret(self) -> Self {
        if matches!(self, Self::Secret(_)) { self } else { Self::Secret(Arc::new(self)) }
    }

    /// Returns the type without outer optional, secret and refinement marks.
    #[must_use]
    pub fn bare(&self) -> &Self {
        if let Self::Optional(inner) | Self::Secret(inner) = self {
            inner.bare()
        } else if let Self::Refined(refinement) = self {
            refinement.base.bare()
        } else {
            self
        }
    }

    /// Returns the type with other types of its elements, or of what it is where it is not null; any other type as it
    /// is.
    #[must_use]
    pub fn with_elements(&self, change: impl FnOnce(&Self) -> Self) -> Self {
        if let Self::List(element) = self {
            Self::list(change(element))
        } else if let Self::Set(element) = self {
            Self::set(change(element))
        } else if let Self::Map(element) = self {
            Self::map(change(element))
        } else if let Self::Optional(inner) = self {
            change(inner).optional()
        } else {
            self.clone()
        }
    }

    /// Tells whether the type is secret, looking through optional and refined.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        if let Self::Optional(inner) = self {
            inner.is_secret()
        } else if let Self::Refined(refinement) = self {
            refinement.base.is_secret()
        } else {
            matches!(self, Self::Secret(_))
        }
    }

    /// Tells whether the type is secret, or something in its values is.
    #[must_use]
    pub fn holds_secret(&self) -> bool {
        match self {
            Self::Secret(_) => true,
            Self::Optional(inner) | Self::List(inner) | Self::Set(inner) | Self::Map(inner) => {
                inner.holds_secret()
            }
            Self::Refined(refinement) => refinement.base.holds_secret(),
            Self::Record(record) => record.fields.iter().any(|(_, own)| own.ty.holds_secret()),
            Self::Any
            | Self::Null
            | Self::Bool
            | Self::Int
            | Self::Number
            | Self::String
            | Self::Quantity(_)
            | Self::Union(_)
            | Self::Variable(_)
            | Self::Function(_) => false,
        }
    }

    /// Tells whether null is of the type.
    #[must_use]
    pub fn is_nullable(&self) -> bool {
        if let Self::Secret(inner) = self {
            inner.is_nullable()
        } else if let Self::Refined(refinement) = self {
            refinement.base.is_nullable()
        } else {
            matches!(self, Self::Any | Self::Null | Self::Optional(_) | Self::Variable(_))
        }
    }
}

impl Literal {
    /// Returns the literal as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::String(text) => Value::String(text.clone()),
            Self::Int(whole) => Value::Number(Number::Int(*whole)),
            Self::Bool(value) => Value::Bool(*value),
        }
    }
}

impl std::fmt::Display for Type {
    /// Writes the type as the language writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Quantity(dimension) => f.write_str(dimension.name()),
            Self::List(element) => write!(f, "[{element}]"),
            Self::Set(element) => write!(f, "set [{element}]"),
            Self::Map(value) => write!(f, "{{string: {value}}}"),
            Self::Record(record) => {
                f.write_str("{ ")?;
                for (at, (name, field)) in record.fields.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    let mark = if field.optional { "?" } else { "" };
                    write!(f, "{comma}{name}{mark}: {}", field.ty)?;
                }
                f.write_str(if record.open { ", ... }" } else { " }" })
            }
            Self::Union(literals) => {
                for (at, literal) in literals.iter().enumerate() {
                    write!(f, "{}{}", if at > 0 { " | " } else { "" }, literal.to_value())?;
                }
                Ok(())
            }
            Self::Optional(inner)
                if matches!(
                    **inner,
                    Self::Union(_) | Self::Refined(_) | Self::Secret(_) | Self::Function(_)
                ) =>
            {
                write!(f, "({inner})?")
            }
            Self::Optional(inner) => write!(f, "{inner}?"),
            Self::Secret(inner) => write!(f, "secret {inner}"),
            Self::Refined(refinement) => {
                write!(f, "{} where {}", refinement.base, refinement.text)
            }
            Self::Variable(name) => f.write_str(name),
            Self::Function(function) => {
                f.write_str("(")?;
                for (at, param) in function.params.iter().enumerate() {
                    write!(f, "{}{param}", if at > 0 { ", " } else { "" })?;
                }
                write!(f, ") -> {}", function.result)
            }
        }
    }
}
