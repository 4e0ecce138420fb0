//! `std.hashes`: digests of a text's UTF-8 bytes, in lower-case hexadecimal.

use sha2::Digest as _;
use syncline_model::Value;

use super::Entry;
use super::arguments::text;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("sha256", |args| Ok(hex(&sha2::Sha256::digest(text(args, 0)?)))),
    Entry::deep("sha512", |args| Ok(hex(&sha2::Sha512::digest(text(args, 0)?)))),
    Entry::deep("base64_sha256", |args| Ok(base64(&sha2::Sha256::digest(text(args, 0)?)))),
    Entry::deep("base64_sha512", |args| Ok(base64(&sha2::Sha512::digest(text(args, 0)?)))),
    Entry::deep("sha1", |args| Ok(hex(&sha1::Sha1::digest(text(args, 0)?)))),
    Entry::deep("md5", |args| Ok(hex(&md5::Md5::digest(text(args, 0)?)))),
    Entry::deep("blake3", |args| Ok(hex(blake3::hash(text(args, 0)?.as_bytes()).as_bytes()))),
];

pub(super) fn base64(bytes: &[u8]) -> Value {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes).into()
}

pub(super) fn hex(bytes: &[u8]) -> Value {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect::<String>().into()
}
