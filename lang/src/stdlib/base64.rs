//! `std.base64`: RFC 4648, section 4 (standard, padded) and section 5 (URL-safe, not padded), of texts in
//! some encoding or of compressed ones.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use syncline_model::Value;

use super::arguments::{excerpt, invalid, text};
use super::charset::{self, Problem};
use super::{Entry, gzip};
use crate::ops::{MAX_TEXT, OpError, check_text};

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
    Entry::deep("gzip", |args| {
        let text = text(args, 0)?;
        check_text(text.len() / 3 * 4 + 4)?;
        Ok(STANDARD.encode(gzip::compress(text.as_bytes())).into())
    }),
    Entry::deep("gunzip", |args| {
        let bytes = gzip::expand(&bytes(&STANDARD, args)?, MAX_TEXT).map_err(|problem| {
            invalid(0, "what is encoded cannot be expanded")
                .detail(format!("what is encoded cannot be expanded: {problem}"))
        })?;
        decoded(bytes, "UTF-8")
    }),
];

/// The name of the text's encoding; those of URLs are always of UTF-8.
fn encoding(args: &[Value]) -> Result<&str, OpError> {
    if args.len() > 1 { text(args, 1) } else { Ok("UTF-8") }
}

fn encode(engine: &GeneralPurpose, args: &[Value]) -> Result<Value, OpError> {
    let (text, name) = (text(args, 0)?, encoding(args)?);
    check_text(text.len() / 3 * 4 + 4)?;
    let bytes = charset::encode(text, name).map_err(|problem| report(&problem, name))?;
    check_text(bytes.len() / 3 * 4 + 4)?;
    Ok(engine.encode(bytes).into())
}

fn decode(engine: &GeneralPurpose, args: &[Value]) -> Result<Value, OpError> {
    decoded(bytes(engine, args)?, encoding(args)?)
}

fn decoded(bytes: Vec<u8>, name: &str) -> Result<Value, OpError> {
    charset::decode(bytes, name).map(Value::from).map_err(|problem| report(&problem, name))
}

fn report(problem: &Problem, name: &str) -> OpError {
    match problem {
        Problem::Unknown => invalid(1, "there is no such encoding of text")
            .detail(format!("there is no encoding of text {}", excerpt(name)))
            .help(
                "There are `UTF-8`, `UTF-16LE`, `UTF-16BE`, `UTF-16`, `ISO-8859-1` and `US-ASCII`.",
            ),
        Problem::Lacks(character) => invalid(0, format!("{name} has not all of these characters"))
            .detail(format!("{name} has no {}", excerpt(&character.to_string()))),
        Problem::Byte(at) => invalid(0, format!("what is encoded is not {name} text"))
            .detail(format!("what is encoded is not {name} text: byte {at} does not fit")),
    }
}

fn bytes(engine: &GeneralPurpose, args: &[Value]) -> Result<Vec<u8>, OpError> {
    // Line breaks are how files wrap it; they carry nothing.
    let compact: String = text(args, 0)?.chars().filter(|at| !at.is_ascii_whitespace()).collect();
    engine.decode(&compact).map_err(|error| {
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
    })
}
