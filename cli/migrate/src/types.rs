//! Types of variables.
//!
//! Takes a type expression of HCL and returns the type as the language writes it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "every other kind of key is a text or computed"
)]

use hcl_edit::expr::{Expression, ObjectKey};

use crate::text;

/// A type, as far as values must be written differently for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text, which Terraform also takes from numbers and bools.
    String,
    /// A number.
    Number,
    /// A bool.
    Bool,
    /// A list or a tuple.
    List(Box<Shape>),
    /// A set.
    Set(Box<Shape>),
    /// A map.
    Map(Box<Shape>),
    /// A record: its fields, and whether each may be left out.
    Record(Vec<(String, Shape, Optional)>),
    /// An instance of a module, by the label of its call.
    Unit(String),
    /// Anything.
    Any,
}

/// Whether a field may be left out, and what it is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Optional {
    /// It must be there.
    No,
    /// It may be left out; with a default it is that, as the language writes it.
    Yes(Option<String>),
}

impl Shape {
    /// Reads a type expression; what is none is anything.
    pub fn read(expression: &Expression, default: &dyn Fn(&Expression) -> String) -> Self {
        if let Some(name) = expression.as_variable() {
            return match name.as_str() {
                "string" => Self::String,
                "number" => Self::Number,
                "bool" => Self::Bool,
                "list" => Self::List(Box::new(Self::Any)),
                "set" => Self::Set(Box::new(Self::Any)),
                "map" => Self::Map(Box::new(Self::Any)),
                _ => Self::Any,
            };
        }
        // Terraform 0.11 wrote types as texts.
        match expression.as_str() {
            Some("string") => return Self::String,
            Some("list") => return Self::List(Box::new(Self::Any)),
            Some("map") => return Self::Map(Box::new(Self::Any)),
            Some(_) | None => {}
        }
        let Some(call) = expression.as_func_call() else { return Self::Any };
        let inner = || call.args.get(0).map_or(Self::Any, |own| Self::read(own, default));
        match call.name.name.as_str() {
            "list" => Self::List(Box::new(inner())),
            "set" => Self::Set(Box::new(inner())),
            "map" => Self::Map(Box::new(inner())),
            "tuple" => Self::List(Box::new(Self::Any)),
            "object" => match call.args.get(0).and_then(Expression::as_object) {
                Some(object) => {
                    let fields = object.iter().map(|(key, value)| {
                        let (shape, optional) = field(value.expr(), default);
                        (key_text(key), shape, optional)
                    });
                    Self::Record(fields.collect())
                }
                None => Self::Any,
            },
            _ => Self::Any,
        }
    }

    /// Lets fields be null that are null in a value.
    pub fn admit(&mut self, value: &Expression) {
        match (self, value) {
            (own, Expression::Parenthesis(inner)) => own.admit(inner.inner()),
            (Self::List(element) | Self::Set(element), Expression::Array(array)) => {
                array.iter().for_each(|own| element.admit(own));
            }
            (Self::Map(inner), Expression::Object(object)) => {
                object.iter().for_each(|(_, own)| inner.admit(own.expr()));
            }
            (Self::Record(fields), Expression::Object(object)) => {
                for (key, own) in object.iter() {
                    let key = key_text(key);
                    let field = fields.iter_mut().find(|(name, ..)| *name == key);
                    let Some((_, shape, optional)) = field else { continue };
                    if own.expr().is_null() && *optional == Optional::No {
                        *optional = Optional::Yes(None);
                    }
                    shape.admit(own.expr());
                }
            }
            _ => {}
        }
    }

    /// Returns the type as the language writes it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::String => "string".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Any | Self::Unit(_) => "any".to_owned(),
            Self::List(element) => format!("[{}]", element.text()),
            Self::Set(element) => format!("set [{}]", element.text()),
            Self::Map(value) => format!("{{string: {}}}", value.text()),
            Self::Record(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, shape, optional)| {
                        let name = text::key(name);
                        match optional {
                            Optional::No => format!("{name}: {}", shape.text()),
                            Optional::Yes(None) => format!("{name}?: {}?", shape.text()),
                            Optional::Yes(Some(value)) => {
                                format!("{name}?: {} = {value}", shape.text())
                            }
                        }
                    })
                    .collect();
                format!("{{ {} }}", fields.join(", "))
            }
        }
    }
}

fn field(expression: &Expression, default: &dyn Fn(&Expression) -> String) -> (Shape, Optional) {
    match expression.as_func_call() {
        Some(call) if call.name.name.as_str() == "optional" => {
            let shape = call.args.get(0).map_or(Shape::Any, |own| Shape::read(own, default));
            let value = call.args.get(1).filter(|own| !own.is_null()).map(default);
            (shape, Optional::Yes(value))
        }
        Some(_) | None => (Shape::read(expression, default), Optional::No),
    }
}

/// Returns the key of an object, where it is a plain one.
#[must_use]
pub fn key_text(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Ident(name) => name.as_str().to_owned(),
        ObjectKey::Expression(expression) => match expression {
            Expression::Variable(name) => name.as_str().to_owned(),
            other => other.as_str().unwrap_or_default().to_owned(),
        },
    }
}
