//! The canonical encoding that content hashes are made of.
//!
//! A [`Digest`] is BLAKE3-256 (<https://github.com/BLAKE3-team/BLAKE3-specs>) over bytes that an
//! [`Encoder`] writes, so that equal content has equal bytes on every machine and no two different
//! contents share bytes (each part starts with a tag and a length, so nothing runs together).
//!
//! | value | bytes |
//! | --- | --- |
//! | null | `00` |
//! | false, true | `01`, `02` |
//! | number | `03`, then its plain decimal text as a string's length and bytes |
//! | string | `04`, length as 8 bytes little-endian, UTF-8 bytes |
//! | list | `05`, count, the elements |
//! | set | `06`, count, the elements in sorted order |
//! | map | `07`, count, then key (length, bytes) and value, by key |
//! | unknown | `08`, then `00` address and path steps; `01` for the provider's own; `02` and the number of a local; `03`, operation name, count, operands; `04` and the parts of a comprehension |
//! | secret | `09`, then the 32 bytes that the keyed secret digest gives for its content |
//! | quantity | `0a`, then `00` for a duration in seconds, `01` for bytes, `02` for a percentage, then the amount as a number's text |
//!
//! Counts and lengths are 8 bytes little-endian. A path is a count, then `00` and an index or `01`
//! and a key for each step. An absent optional part is `00`, a present one `01` and itself.
//! A secret's content is hashed with a key (BLAKE3 keyed mode), since a plain digest of a short
//! password could be guessed.

use serde::{Deserialize, Serialize};

use crate::{Dimension, Path, Residual, Secret, Step, Str, Unknown, Value};

/// A content hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Str", into = "Str")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest before the first one of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// Returns the digest of raw bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Returns the first eight hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl From<Digest> for Str {
    fn from(digest: Digest) -> Self {
        digest.to_string().into()
    }
}

impl TryFrom<Str> for Digest {
    type Error = String;

    fn try_from(text: Str) -> Result<Self, String> {
        blake3::Hash::from_hex(text.as_bytes())
            .map(|hash| Self(*hash.as_bytes()))
            .map_err(|error| format!("`{text}` is not a digest: {error}"))
    }
}

/// Writes the canonical encoding and hashes it.
#[derive(Clone)]
pub struct Encoder {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
    secret_key: [u8; 32],
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encoder")
    }
}

impl Encoder {
    const FLUSH: usize = 16 * 1024;

    /// Returns an encoder whose content is of the given kind (a constant such as
    /// `syncline resource 1`), with the key under which secrets are hashed.
    #[must_use]
    pub fn new(kind: &str, secret_key: &[u8; 32]) -> Self {
        let mut encoder = Self {
            hasher: blake3::Hasher::new(),
            buffer: Vec::with_capacity(512),
            secret_key: *secret_key,
        };
        encoder.string(kind);
        encoder
    }

    /// Writes a count.
    pub fn count(&mut self, count: usize) {
        self.bytes(&(count as u64).to_le_bytes());
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    /// Writes a digest.
    pub fn digest(&mut self, digest: &Digest) {
        self.bytes(&digest.0);
    }

    /// Writes one byte.
    pub fn tag(&mut self, tag: u8) {
        self.bytes(&[tag]);
    }

    /// Writes a path.
    pub fn path(&mut self, path: &Path) {
        self.count(path.0.len());
        for step in &path.0 {
            match step {
                Step::Index(index) => {
                    self.tag(0);
                    self.count(*index as usize);
                }
                Step::Key(key) => {
                    self.tag(1);
                    self.string(key);
                }
            }
        }
    }

    /// Writes a value.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.tag(0),
            Value::Bool(value) => self.tag(1 + u8::from(*value)),
            Value::Number(number) => {
                self.tag(3);
                self.string(&number.to_string());
            }
            Value::String(text) => {
                self.tag(4);
                self.string(text);
            }
            Value::Quantity(quantity) => {
                self.tag(10);
                self.tag(match quantity.dimension {
                    Dimension::Duration => 0,
                    Dimension::Bytes => 1,
                    Dimension::Percent => 2,
                });
                self.string(&quantity.amount.to_string());
            }
            Value::List(items) => self.items(5, items),
            Value::Set(items) => self.items(6, items),
            Value::Map(map) => {
                self.tag(7);
                self.count(map.len());
                for (key, value) in map.iter() {
                    self.string(key);
                    self.value(value);
                }
            }
            Value::Unknown(unknown) => {
                self.tag(8);
                self.unknown(unknown);
            }
            Value::Secret(secret) => {
                self.tag(9);
                self.secret(secret);
            }
        }
    }

    /// Returns the digest of what was written.
    #[must_use]
    pub fn finish(mut self) -> Digest {
        self.hasher.update(&self.buffer);
        Digest(*self.hasher.finalize().as_bytes())
    }

    fn items(&mut self, tag: u8, items: &[Value]) {
        self.tag(tag);
        self.count(items.len());
        for item in items {
            self.value(item);
        }
    }

    fn secret(&mut self, secret: &Secret) {
        let key = self.secret_key;
        let mut inner =
            Self { hasher: blake3::Hasher::new_keyed(&key), buffer: Vec::new(), secret_key: key };
        match secret {
            Secret::Clear(value) => inner.value(value),
            Secret::Sealed(text) => inner.string(text),
        }
        let digest = inner.finish();
        self.digest(&digest);
    }

    fn unknown(&mut self, unknown: &Unknown) {
        match &unknown.residual {
            Residual::Attribute { address, path } => {
                self.tag(0);
                self.string(address.as_str());
                self.path(path);
            }
            Residual::Output { environment, name, path } => {
                self.tag(5);
                self.string(&environment.0);
                self.string(name);
                self.path(path);
            }
            Residual::Provider => self.tag(1),
            Residual::Local(local) => {
                self.tag(2);
                self.count(*local as usize);
            }
            Residual::Apply { operation, operands } => {
                self.tag(3);
                self.string(operation);
                self.count(operands.len());
                for operand in operands {
                    self.value(operand);
                }
            }
            Residual::Each(each) => {
                self.tag(4);
                self.value(&each.source);
                self.count(each.key_local as usize);
                self.count(each.value_local as usize);
                for part in [&each.condition, &each.key] {
                    match part {
                        Some(value) => {
                            self.tag(1);
                            self.value(value);
                        }
                        None => self.tag(0),
                    }
                }
                self.value(&each.value);
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= Self::FLUSH {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(value: &Value) -> String {
        let mut encoder = Encoder::new("test", &[7; 32]);
        encoder.value(value);
        encoder.finish().to_string()
    }

    #[test]
    fn the_encoding_is_the_documented_one() {
        let mut bytes = Vec::new();
        bytes.extend(4u64.to_le_bytes());
        bytes.extend(b"test");
        bytes.push(7);
        bytes.extend(2u64.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
        bytes.extend(b"a");
        bytes.push(2);
        bytes.extend(1u64.to_le_bytes());
        bytes.extend(b"b");
        bytes.push(3);
        bytes.extend(3u64.to_le_bytes());
        bytes.extend(b"1.5");
        let number = crate::Number::parse("1.50").unwrap();
        let value = Value::map([("b", Value::from(number)), ("a", Value::from(true))]);
        assert_eq!(digest(&value), Digest::of(&bytes).to_string());
    }

    #[test]
    fn neighbours_do_not_run_together() {
        let one = Value::list([Value::from("ab"), Value::from("c")]);
        let other = Value::list([Value::from("a"), Value::from("bc")]);
        assert_ne!(digest(&one), digest(&other));
        assert_ne!(digest(&Value::from("1")), digest(&Value::from(1)));
    }

    #[test]
    fn a_secret_is_not_hashed_as_its_content() {
        let clear = Value::from("hunter2");
        assert_ne!(digest(&clear), digest(&Value::secret(clear.clone())));
    }
}
