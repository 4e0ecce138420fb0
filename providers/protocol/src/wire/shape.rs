//! The protocol's types.
//!
//! The model's types have no tuples and fold blocks into attributes; the bytes of a value depend on
//! both. So a schema keeps the shape of its values beside their model type.

use serde_json::Value as Json;
use syncline_model::{Field, Literal, Step, Str, Type, Value};

use super::error::{CodecError, CodecErrorKind};

/// The protocol's type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text.
    String,
    /// A truth value.
    Bool,
    /// A number.
    Number,
    /// Anything: its type goes with it. A repeated block with a dynamic attribute inside is one
    /// too, and then the shape that its elements have is known.
    Dynamic(Option<Box<Shape>>),
    /// Elements of one type in order.
    List(Box<Shape>),
    /// Elements of one type without order.
    Set(Box<Shape>),
    /// Values of one type by key.
    Map(Box<Shape>),
    /// Elements, each of its own type.
    Tuple(Vec<Shape>),
    /// Attributes, sorted by name.
    Object(Vec<Member>),
}

/// An attribute of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: Str,
    /// Its type.
    pub(crate) shape: Shape,
    /// It is a block: an absent one is empty and not null, unless it occurs at most once.
    pub(crate) is_block: bool,
    /// It is a block that always occurs: an absent one is an object of nulls.
    pub(crate) is_group: bool,
}

impl Member {
    /// Returns a plain attribute.
    pub(crate) fn attribute(name: impl Into<Str>, shape: Shape) -> Self {
        Self { name: name.into(), shape, is_block: false, is_group: false }
    }

    /// Returns what stands for the member where it is absent.
    pub(crate) fn absent(&self) -> Value {
        match &self.shape {
            _ if !self.is_block => Value::Null,
            Shape::List(_) | Shape::Dynamic(_) => Value::list([]),
            Shape::Set(_) => Value::set([]),
            Shape::Map(_) => Value::Map(std::sync::Arc::default()),
            Shape::Object(members) if self.is_group => {
                Value::map(members.iter().map(|one| (one.name.clone(), one.absent())))
            }
            Shape::String | Shape::Bool | Shape::Number | Shape::Tuple(_) | Shape::Object(_) => {
                Value::Null
            }
        }
    }
}

impl Shape {
    /// Returns an object, its members sorted.
    pub(crate) fn object(mut members: Vec<Member>) -> Self {
        members.sort_by(|left, right| left.name.cmp(&right.name));
        members.dedup_by(|later, earlier| later.name == earlier.name);
        Self::Object(members)
    }

    /// Reads a type from its JSON form.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, CodecError> {
        let text = || String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        // The parser itself bounds the depth.
        let json: Json =
            serde_json::from_slice(bytes).map_err(|_| CodecErrorKind::Type(text()).here())?;
        Self::of_json(&json).ok_or_else(|| CodecErrorKind::Type(text()).here())
    }

    fn of_json(json: &Json) -> Option<Self> {
        if let Some(name) = json.as_str() {
            return match name {
                "string" => Some(Self::String),
                "bool" => Some(Self::Bool),
                "number" => Some(Self::Number),
                "dynamic" => Some(Self::Dynamic(None)),
                _ => None,
            };
        }
        let [kind, inner, ..] = json.as_array()?.as_slice() else { return None };
        let element = || Some(Box::new(Self::of_json(inner)?));
        match kind.as_str()? {
            "list" => Some(Self::List(element()?)),
            "set" => Some(Self::Set(element()?)),
            "map" => Some(Self::Map(element()?)),
            "tuple" => {
                inner.as_array()?.iter().map(Self::of_json).collect::<Option<_>>().map(Self::Tuple)
            }
            "object" => {
                let members = inner.as_object()?.iter();
                let members = members
                    .map(|(name, json)| Some(Member::attribute(&**name, Self::of_json(json)?)));
                Some(Self::object(members.collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    /// Returns the type's JSON form.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::String => "string".into(),
            Self::Bool => "bool".into(),
            Self::Number => "number".into(),
            Self::Dynamic(_) => "dynamic".into(),
            Self::List(element) => Json::Array(vec!["list".into(), element.to_json()]),
            Self::Set(element) => Json::Array(vec!["set".into(), element.to_json()]),
            Self::Map(element) => Json::Array(vec!["map".into(), element.to_json()]),
            Self::Tuple(elements) => {
                let elements = elements.iter().map(Self::to_json).collect();
                Json::Array(vec!["tuple".into(), Json::Array(elements)])
            }
            Self::Object(members) => {
                let members = members.iter().map(|one| (one.name.to_string(), one.shape.to_json()));
                Json::Array(vec!["object".into(), Json::Object(members.collect())])
            }
        }
    }

    /// Returns the type as the language knows it.
    pub(crate) fn to_type(&self) -> Type {
        match self {
            Self::String => Type::String,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::Dynamic(None) => Type::Any,
            Self::Dynamic(Some(inner)) => inner.to_type(),
            Self::List(element) => Type::list(element.to_element_type()),
            Self::Set(element) => Type::set(element.to_element_type()),
            Self::Map(element) => Type::map(element.to_element_type()),
            Self::Tuple(_) => Type::list(Type::Any),
            Self::Object(members) => Type::record(members.iter().map(|one| {
                let ty = one.shape.to_type().optional();
                (one.name.clone(), Field { ty, optional: true })
            })),
        }
    }

    /// Returns the type of an element. A null among elements is legal for the protocol.
    fn to_element_type(&self) -> Type {
        self.to_type()
    }

    /// Returns the shape that values of a type have.
    ///
    /// # Errors
    /// When no type of the protocol has them: it knows no functions.
    pub(crate) fn of_schema(ty: &Type) -> Result<Self, CodecError> {
        Ok(match ty.bare() {
            Type::String | Type::Quantity(_) => Self::String,
            Type::Bool => Self::Bool,
            Type::Number | Type::Int => Self::Number,
            Type::List(element) => Self::List(Box::new(Self::of_schema(element)?)),
            Type::Set(element) => Self::Set(Box::new(Self::of_schema(element)?)),
            Type::Map(element) => Self::Map(Box::new(Self::of_schema(element)?)),
            Type::Record(record) => {
                let members = record.fields.iter().map(|(name, field)| {
                    let shape = Self::of_schema(&field.ty);
                    let shape = shape.map_err(|error| error.under(Step::Key(name.clone())))?;
                    Ok(Member::attribute(name.clone(), shape))
                });
                Self::object(members.collect::<Result<_, CodecError>>()?)
            }
            Type::Union(literals) => union(literals),
            Type::Any | Type::Null => Self::Dynamic(None),
            other @ (Type::Optional(_)
            | Type::Secret(_)
            | Type::Refined(_)
            | Type::Variable(_)
            | Type::Function(_)) => return Err(CodecErrorKind::Type(other.to_string()).here()),
        })
    }

    /// Returns the shape that a value has where its schema leaves it open.
    pub(crate) fn of_value(value: &Value) -> Self {
        match value.reveal() {
            Value::Null | Value::Secret(_) => Self::Dynamic(None),
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) | Value::Quantity(_) => Self::String,
            Value::List(items) => Self::Tuple(items.iter().map(Self::of_value).collect()),
            Value::Set(items) => match items.iter().map(Self::of_value).reduce(join) {
                Some(element) => Self::Set(Box::new(element)),
                None => Self::Tuple(Vec::new()),
            },
            Value::Map(map) => Self::object(
                map.iter()
                    .map(|(name, one)| Member::attribute(name.clone(), Self::of_value(one)))
                    .collect(),
            ),
            Value::Unknown(unknown) => Self::of_type(&unknown.ty),
        }
    }

    /// Returns the shape of an unknown's type, where that says all of it.
    fn of_type(ty: &Type) -> Self {
        match ty.bare() {
            Type::String => Self::String,
            Type::Bool => Self::Bool,
            Type::Number | Type::Int => Self::Number,
            Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Record(_)
            | Type::Any
            | Type::Null
            | Type::Union(_)
            | Type::Optional(_)
            | Type::Secret(_)
            | Type::Refined(_)
            | Type::Quantity(_)
            | Type::Function(_)
            | Type::Variable(_) => Self::Dynamic(None),
        }
    }

    /// Returns what an open shape is for a value: that of the value, guided by what is known of
    /// its elements.
    pub(crate) fn closed(guide: Option<&Self>, value: &Value) -> Self {
        match (guide, value.reveal()) {
            (Some(Self::List(element)), Value::List(items) | Value::Set(items)) => {
                Self::Tuple(items.iter().map(|item| element.closed_member(item)).collect())
            }
            (Some(Self::Map(element)), Value::Map(map)) => Self::object(
                map.iter()
                    .map(|(name, one)| Member::attribute(name.clone(), element.closed_member(one)))
                    .collect(),
            ),
            _ => Self::of_value(value),
        }
    }

    fn closed_member(&self, value: &Value) -> Self {
        if let Self::Dynamic(guide) = self {
            return Self::closed(guide.as_deref(), value);
        }
        let Self::Object(members) = self else { return self.clone() };
        let closed = |one: &Member| Member {
            shape: one.shape.closed_member(value.attribute(&one.name)),
            ..one.clone()
        };
        Self::Object(members.iter().map(closed).collect())
    }

    /// Returns what the shape is called in messages.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Bool => "a bool",
            Self::Number => "a number",
            Self::Dynamic(_) => "a value",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
        }
    }
}

/// Returns a shape that both shapes have; open where they differ.
fn join(left: Shape, right: Shape) -> Shape {
    if left == right { left } else { Shape::Dynamic(None) }
}

/// Returns the shape that all of some literals have; open where they differ.
fn union(literals: &[Literal]) -> Shape {
    let shape = |literal: &Literal| match literal {
        Literal::String(_) => Shape::String,
        Literal::Int(_) => Shape::Number,
        Literal::Bool(_) => Shape::Bool,
    };
    let mut shapes = literals.iter().map(shape);
    match shapes.next() {
        Some(first) if shapes.all(|other| other == first) => first,
        Some(_) | None => Shape::Dynamic(None),
    }
}
