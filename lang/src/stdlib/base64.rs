//! `std.base64`: RFC 4648, section 4 (standard, padded) and section 5 (URL-safe, not padded).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use syncline_model::Value;

use super::Entry;
use super::arguments::{invalid, text};
use crate::ops::{OpError, check_text};

/// The URL-safe alphabet, padded or not: both are met in the wild.
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("encode", |args| encode(&STANDARD, args)),
    Entry::deep("decode", |args| decode(&STANDARD, args)),
    Entry::deep("encode_url", |args| encode(&URL_SAFE_NO_PAD, args)),
    Entry::deep("decode_url", |args| decode(&URL_SAFE, args)),
];

fn encode(engine: &GeneralPurpose, args: &[Value]) -> Result<Value, OpError> {
    let text = text(args, 0)?;
    check_text(text.len() / 3 * 4 + 4)?;
    Ok(engine.encode(text).into())
}

fn decode(engine: &GeneralPurpose, args: &[Value]) -> Result<Value, OpError> {
    // Line breaks are how files wrap it; they carry nothing.
    let compact: String = text(args, 0)?.chars().filter(|at| !at.is_ascii_whitespace()).collect();
    let bytes = engine.decode(&compact).map_err(|error| {
        use base64::DecodeError;
        invalid(0, "the text is not valid base64").detail(match error {
            DecodeError::InvalidByte(at, byte) => format!(
                "the text is not valid base64: character {} is `{}`",
                at + 1,
                char::from(byte).escape_default()
            ),
            DecodeError::InvalidLength(_) => {
                "the text is not valid base64: it ends in the middle".to_owned()
            }
            DecodeError::InvalidLastSymbol { .. } => {
                "the text is not valid base64: its last character has bits too many".to_owned()
            }
            DecodeError::InvalidPadding => {
                "the text is not valid base64: its padding with `=` is wrong".to_owned()
            }
        })
    })?;
    String::from_utf8(bytes).map(Value::from).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        invalid(0, "what is encoded is not UTF-8 text")
            .detail(format!("what is encoded is not UTF-8 text: byte {at} does not fit"))
    })
}
