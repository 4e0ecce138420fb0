//! `std.hex`.

use syncline_model::Value;

use super::Entry;
use super::arguments::{invalid, text};
use super::hashes::hex;
use crate::ops::{OpError, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("encode", |args| {
        let text = text(args, 0)?;
        check_text(2 * text.len())?;
        Ok(hex(text.as_bytes()))
    }),
    Entry::deep("decode", decode),
];

fn decode(args: &[Value]) -> Result<Value, OpError> {
    let digits = text(args, 0)?.as_bytes();
    let wrong = || invalid(0, "the text is no even number of hexadecimal digits");
    if !digits.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|pair| Some(value(pair[0])? * 16 + value(pair[1])?)).collect();
    String::from_utf8(bytes.ok_or_else(wrong)?)
        .map(Value::from)
        .map_err(|_| invalid(0, "what is encoded is not UTF-8 text"))
}
