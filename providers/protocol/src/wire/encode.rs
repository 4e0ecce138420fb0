//! Values to MessagePack, as their shape demands.
//!
//! Laws: an object has every attribute of its type, null where the value has none, and an absent
//! block is what the protocol has for one; a number is written exactly; secrets are written in
//! clear, for that is what the provider needs.

use bigdecimal::BigDecimal;
use bytes::Bytes;
use syncline_model::{Map, Number, Secret, Step, Value};

use super::error::{CodecError, CodecErrorKind};
use super::msgpack::Writer;
use super::shape::{Member, Shape};

/// What is done with an attribute that the type does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    /// It is an error: the value was made for this type.
    Refused,
    /// It is left out: the value was recorded by another version of the provider.
    Dropped,
}

/// Returns a value's bytes.
pub(crate) fn encode(shape: &Shape, value: &Value, extra: Extra) -> Result<Bytes, CodecError> {
    let mut encoder = Encoder { writer: Writer::default(), extra };
    encoder.value(shape, value)?;
    Ok(encoder.writer.bytes.into())
}

struct Encoder {
    writer: Writer,
    extra: Extra,
}

impl Encoder {
    fn value(&mut self, shape: &Shape, value: &Value) -> Result<(), CodecError> {
        match (shape, value) {
            (_, Value::Secret(secret)) => match &**secret {
                Secret::Clear(inner) => return self.value(shape, inner),
                Secret::Sealed(_) => return Err(CodecErrorKind::Sealed.here()),
            },
            (Shape::Dynamic(guide), _) => return self.dynamic(guide.as_deref(), value),
            (_, Value::Unknown(_)) => self.writer.unknown(),
            (_, Value::Null) => self.writer.nil(),
            (Shape::String, Value::String(text)) => self.writer.string(text),
            (Shape::String, Value::Quantity(quantity)) => {
                self.writer.string(&quantity.to_string());
            }
            (Shape::Bool, Value::Bool(truth)) => self.writer.bool(*truth),
            (Shape::Number, Value::Number(number)) => self.number(number),
            (
                Shape::List(element) | Shape::Set(element),
                Value::List(items) | Value::Set(items),
            ) => {
                self.writer.array(items.len());
                for (at, item) in items.iter().enumerate() {
                    self.value(element, item).map_err(|e| e.under(Step::Index(at as u32)))?;
                }
            }
            (Shape::Tuple(elements), Value::List(items)) if elements.len() == items.len() => {
                self.writer.array(items.len());
                for (at, (element, item)) in elements.iter().zip(items.iter()).enumerate() {
                    self.value(element, item).map_err(|e| e.under(Step::Index(at as u32)))?;
                }
            }
            (Shape::Map(element), Value::Map(map)) => {
                self.writer.map(map.len());
                for (key, item) in map.iter() {
                    self.writer.string(key);
                    self.value(element, item).map_err(|e| e.under(Step::Key(key.clone())))?;
                }
            }
            (Shape::Object(members), Value::Map(map)) => self.object(members, map)?,
            (shape, value) => {
                let found = value.kind().to_owned();
                return Err(CodecErrorKind::Mismatch { expected: shape.name(), found }.here());
            }
        }
        Ok(())
    }

    fn object(&mut self, members: &[Member], map: &Map) -> Result<(), CodecError> {
        if self.extra == Extra::Refused {
            let known = |name: &str| members.binary_search_by(|own| own.name.as_str().cmp(name));
            if let Some(name) = map.keys().find(|name| known(name).is_err()) {
                return Err(CodecErrorKind::Extra(name.to_string()).here());
            }
        }
        self.writer.map(members.len());
        for member in members {
            self.writer.string(&member.name);
            let value = map.get(&member.name).unwrap_or(&Value::Null);
            let written = if value.is_null() {
                self.value(&member.shape, &member.absent())
            } else {
                self.value(&member.shape, value)
            };
            written.map_err(|error| error.under(Step::Key(member.name.clone())))?;
        }
        Ok(())
    }

    /// Writes the type and the value; bare where the type is not known either.
    fn dynamic(&mut self, guide: Option<&Shape>, value: &Value) -> Result<(), CodecError> {
        let closed = Shape::closed(guide, value);
        if closed == Shape::Dynamic(None) {
            if value.is_null() {
                self.writer.nil();
            } else {
                self.writer.unknown();
            }
            return Ok(());
        }
        self.writer.array(2);
        self.writer.binary(closed.to_json().to_string().as_bytes());
        self.value(&closed, value)
    }

    fn number(&mut self, number: &Number) {
        match number {
            Number::Int(whole) => self.writer.int(*whole),
            Number::Decimal(decimal) => match exact_float(decimal) {
                Some(float) => self.writer.float(float),
                None => self.writer.string(&number.to_string()),
            },
        }
    }
}

/// Returns the binary float that a fraction is exactly, if there is one. Whole numbers beyond the
/// integers are written as text, whether or not a float has them.
fn exact_float(decimal: &BigDecimal) -> Option<f64> {
    if decimal.is_integer() {
        return None;
    }
    let float: f64 = decimal.to_plain_string().parse().ok()?;
    let exact = BigDecimal::try_from(float).ok()?;
    (exact == *decimal).then_some(float)
}
