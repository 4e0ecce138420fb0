//! `std.url`.

use syncline_model::Value;

use super::Entry;
use super::arguments::{invalid, text};
use crate::ops::{OpError, check_text};

pub(super) const NATIVES: &[Entry] =
    &[Entry::deep("encode", encode), Entry::deep("decode", decode)];

fn encode(args: &[Value]) -> Result<Value, OpError> {
    let text = text(args, 0)?;
    check_text(3 * text.len())?;
    let mut made = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'~' | b'-' => {
                made.push(char::from(byte));
            }
            other => made.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(made.into())
}

fn decode(args: &[Value]) -> Result<Value, OpError> {
    let mut bytes = text(args, 0)?.bytes();
    let mut made = Vec::with_capacity(bytes.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            made.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16).map(|value| value as u8);
        let pair = digit().zip(digit());
        let (high, low) =
            pair.ok_or_else(|| invalid(0, "a `%` is not followed by two hexadecimal digits"))?;
        made.push(high * 16 + low);
    }
    String::from_utf8(made)
        .map(Value::from)
        .map_err(|_| invalid(0, "what is encoded is not UTF-8 text"))
}
