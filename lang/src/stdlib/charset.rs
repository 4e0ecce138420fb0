//! Text as bytes in other encodings than UTF-8, by the names that the IANA gives them.

/// How a text is written as bytes.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    /// Two or four bytes a character, the smaller byte of a pair first or last.
    Utf16 {
        little: bool,
        marked: bool,
    },
    /// A byte a character, up to this one.
    Single {
        last: u8,
    },
}

fn named(name: &str) -> Option<Charset> {
    Some(match name.to_ascii_uppercase().as_str() {
        "UTF-8" => Charset::Utf8,
        "UTF-16LE" => Charset::Utf16 { little: true, marked: false },
        "UTF-16BE" => Charset::Utf16 { little: false, marked: false },
        "UTF-16" => Charset::Utf16 { little: false, marked: true },
        "ISO-8859-1" => Charset::Single { last: 0xff },
        "US-ASCII" => Charset::Single { last: 0x7f },
        _ => return None,
    })
}

/// Why a text has no bytes, or bytes have no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// There is no encoding of that name.
    Unknown,
    /// The encoding lacks this character.
    Lacks(char),
    /// What starts at this byte is no character.
    Byte(usize),
}

/// Returns the bytes of a text.
///
/// # Errors
/// [`Problem`]
pub(super) fn encode(text: &str, name: &str) -> Result<Vec<u8>, Problem> {
    match named(name).ok_or(Problem::Unknown)? {
        Charset::Utf8 => Ok(text.as_bytes().to_vec()),
        Charset::Utf16 { little, marked } => {
            let mark = marked.then_some(0xfeff);
            let units = mark.into_iter().chain(text.encode_utf16());
            let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            Ok(units.flat_map(bytes).collect())
        }
        Charset::Single { last } => {
            let byte = |own: char| {
                let byte = u8::try_from(u32::from(own)).ok().filter(|byte| *byte <= last);
                byte.ok_or(Problem::Lacks(own))
            };
            text.chars().map(byte).collect()
        }
    }
}

/// Returns the text of bytes; a byte order mark is no part of it where the encoding has one.
///
/// # Errors
/// [`Problem`]
pub(super) fn decode(bytes: Vec<u8>, name: &str) -> Result<String, Problem> {
    match named(name).ok_or(Problem::Unknown)? {
        Charset::Utf8 => String::from_utf8(bytes)
            .map_err(|error| Problem::Byte(error.utf8_error().valid_up_to())),
        Charset::Utf16 { little, marked } => {
            let (pairs, rest) = bytes.as_chunks::<2>();
            let swapped = marked && pairs.first() == Some(&[0xff, 0xfe]);
            let little = little || swapped;
            let skipped = usize::from(marked && (swapped || pairs.first() == Some(&[0xfe, 0xff])));
            let unit = |pair: &[u8; 2]| {
                if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
            };
            let mut text = String::new();
            let mut at = 2 * skipped;
            for character in char::decode_utf16(pairs[skipped..].iter().map(unit)) {
                let character = character.map_err(|_| Problem::Byte(at))?;
                at += 2 * character.len_utf16();
                text.push(character);
            }
            if rest.is_empty() { Ok(text) } else { Err(Problem::Byte(at)) }
        }
        Charset::Single { last } => match bytes.iter().position(|byte| *byte > last) {
            Some(at) => Err(Problem::Byte(at)),
            None => Ok(bytes.into_iter().map(char::from).collect()),
        },
    }
}
