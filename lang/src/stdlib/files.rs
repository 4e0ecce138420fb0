//! `std.files`: names and digests alone. What reads a file is the evaluation, which knows the project.

use sha2::Digest as _;
use syncline_model::Value;

use super::Entry;
use super::hashes::{base64, hex};
use crate::ops::{ErrorKind, OpError};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("text", nowhere),
    Entry::deep("base64", nowhere),
    Entry::deep("sha256", nowhere),
    Entry::deep("sha512", nowhere),
    Entry::deep("base64_sha256", nowhere),
    Entry::deep("base64_sha512", nowhere),
    Entry::deep("sha1", nowhere),
    Entry::deep("md5", nowhere),
    Entry::deep("exists", nowhere),
    Entry::deep("list", nowhere),
    Entry::deep("template", nowhere),
];

/// No operation of a plan reads a file: its content is known when it is made.
fn nowhere(_: &[Value]) -> Result<Value, OpError> {
    Err(OpError::new(ErrorKind::Invalid, "files are read when the source is evaluated"))
}

/// Returns the digest of that name of some bytes.
pub(crate) fn digest(name: &str, bytes: &[u8]) -> Option<Value> {
    Some(match name {
        "sha256" => hex(&sha2::Sha256::digest(bytes)),
        "sha512" => hex(&sha2::Sha512::digest(bytes)),
        "base64_sha256" => base64(&sha2::Sha256::digest(bytes)),
        "base64_sha512" => base64(&sha2::Sha512::digest(bytes)),
        "sha1" => hex(&sha1::Sha1::digest(bytes)),
        "md5" => hex(&md5::Md5::digest(bytes)),
        _ => return None,
    })
}
