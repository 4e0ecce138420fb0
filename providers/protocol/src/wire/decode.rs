//! MessagePack to values, as their shape says.
//!
//! Laws: whatever the bytes are, the answer is a value or an error; an object has every attribute
//! of its type and no other; a value that the provider leaves open is an unknown of its type.

use std::sync::{Arc, LazyLock};

use bigdecimal::BigDecimal;
use syncline_model::{Map, Number, Residual, Step, Str, Type, Unknown, Value};

use super::error::{CodecError, CodecErrorKind};
use super::msgpack::{Reader, Token};
use super::shape::{Member, Shape};

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 100;

/// Returns the value of some bytes.
pub(crate) fn decode(shape: &Shape, bytes: &[u8]) -> Result<Value, CodecError> {
    let mut decoder = Decoder { reader: Reader::new(bytes), depth: 0 };
    let value = decoder.value(shape)?;
    match decoder.reader.left() {
        0 => Ok(value),
        left => Err(CodecErrorKind::Trailing(left).here()),
    }
}

/// Returns the provider's own unknown of a shape. Most are texts, of which a plan has several for each resource: these
/// are one.
pub(crate) fn unknown(shape: &Shape) -> Value {
    static TEXT: LazyLock<Arc<Unknown>> = LazyLock::new(|| of_provider(Type::String));
    let is_text = matches!(shape, Shape::String);
    Value::Unknown(if is_text { Arc::clone(&TEXT) } else { of_provider(shape.to_type()) })
}

fn of_provider(ty: Type) -> Arc<Unknown> {
    Arc::new(Unknown { ty, residual: Residual::Provider })
}

struct Decoder<'a> {
    reader: Reader<'a>,
    depth: usize,
}

impl Decoder<'_> {
    fn value(&mut self, shape: &Shape) -> Result<Value, CodecError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(CodecErrorKind::TooDeep.here());
        }
        let token = self.reader.next()?;
        let value = match (shape, token) {
            (_, Token::Extension) => unknown(shape),
            (Shape::Dynamic(_), Token::Array(2)) => self.dynamic()?,
            (_, Token::Nil) => Value::Null,
            (Shape::String, Token::String(text)) => Value::from(text),
            (Shape::Bool, Token::Bool(truth)) => Value::Bool(truth),
            (Shape::Number, token) => number(token)?,
            (Shape::List(element), Token::Array(length)) => {
                Value::List(self.items(length, element)?.into())
            }
            (Shape::Set(element), Token::Array(length)) => Value::set(self.items(length, element)?),
            (Shape::Tuple(elements), Token::Array(length)) if elements.len() == length => {
                let mut items = Vec::with_capacity(length);
                for (at, element) in elements.iter().enumerate() {
                    let item = self.value(element);
                    items.push(item.map_err(|error| error.under(Step::Index(at as u32)))?);
                }
                Value::List(items.into())
            }
            (Shape::Map(element), Token::Map(length)) => self.map(length, element)?,
            (Shape::Object(members), Token::Map(length)) => self.object(members, length)?,
            (shape, token) => return Err(mismatch(shape, token)),
        };
        self.depth -= 1;
        Ok(value)
    }

    fn items(&mut self, length: usize, element: &Shape) -> Result<Vec<Value>, CodecError> {
        let mut items = Vec::with_capacity(length.min(4096));
        for at in 0..length {
            let item = self.value(element);
            items.push(item.map_err(|error| error.under(Step::Index(at as u32)))?);
        }
        Ok(items)
    }

    fn map(&mut self, length: usize, element: &Shape) -> Result<Value, CodecError> {
        let mut entries = Vec::with_capacity(length.min(4096));
        for _ in 0..length {
            let key = self.key()?;
            let value = self.value(element);
            let value = value.map_err(|error| error.under(Step::Key(key.clone())))?;
            entries.push((key, value));
        }
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(Value::from(entries.into_iter().collect::<Map>()))
    }

    fn object(&mut self, members: &[Member], length: usize) -> Result<Value, CodecError> {
        let mut found: Vec<Option<Value>> = vec![None; members.len()];
        for _ in 0..length {
            let key = self.key()?;
            let Ok(at) = members.binary_search_by(|own| own.name.cmp(&key)) else {
                return Err(CodecErrorKind::Extra(key.to_string()).here());
            };
            let value = self.value(&members[at].shape);
            found[at] = Some(value.map_err(|error| error.under(Step::Key(key)))?);
        }
        let mut map = Map::with_capacity(members.len());
        for (member, value) in members.iter().zip(found) {
            let Some(value) = value else {
                return Err(CodecErrorKind::Missing(member.name.to_string()).here());
            };
            // Some answers have null for a block that does not occur.
            let value = if value.is_null() { member.absent() } else { value };
            map.insert(member.name.clone(), value);
        }
        Ok(Value::from(map))
    }

    fn key(&mut self) -> Result<Str, CodecError> {
        let token = self.reader.next()?;
        let Token::String(text) = token else { return Err(mismatch(&Shape::String, token)) };
        Ok(text.into())
    }

    /// Reads a type and a value of it.
    fn dynamic(&mut self) -> Result<Value, CodecError> {
        let token = self.reader.next()?;
        let json = if let Token::Binary(bytes) = token {
            bytes
        } else if let Token::String(text) = token {
            text.as_bytes()
        } else {
            let found = token.name().to_owned();
            return Err(CodecErrorKind::Mismatch { expected: "a type", found }.here());
        };
        let shape = Shape::parse(json)?;
        self.value(&shape)
    }
}

fn mismatch(shape: &Shape, token: Token<'_>) -> CodecError {
    let found = token.name().to_owned();
    CodecErrorKind::Mismatch { expected: shape.name(), found }.here()
}

fn number(token: Token<'_>) -> Result<Value, CodecError> {
    let parse = |text: &str| {
        let malformed = || CodecErrorKind::Number(text.chars().take(60).collect()).here();
        Number::parse(text).map(Value::Number).map_err(|_| malformed())
    };
    match token {
        Token::Int(whole) => Ok(Value::from(whole)),
        Token::Unsigned(whole) => parse(&whole.to_string()),
        Token::String(text) => parse(text),
        Token::Float(float) if float.is_finite() && float.fract() == 0.0 => {
            let exact = BigDecimal::try_from(float).map_err(|error| error.to_string());
            let number = exact
                .and_then(|exact| Number::from_decimal(exact).map_err(|error| error.to_string()));
            number.map(Value::Number).map_err(|_| CodecErrorKind::Number(float.to_string()).here())
        }
        // The shortest decimal that means this float is what its author wrote, and what a state
        // file keeps of it.
        Token::Float(float) => parse(&float.to_string()),
        Token::Nil
        | Token::Bool(_)
        | Token::Binary(_)
        | Token::Array(_)
        | Token::Map(_)
        | Token::Extension => Err(mismatch(&Shape::Number, token)),
    }
}
