//! The names of resources and environments, as printed and as typed on a command line.
//!
//! An address is members joined by `.`, each with an instance key behind `/` where it is keyed:
//! `web.task`, `jobs/mail`. Bytes of a key outside `[A-Za-z0-9_.-]` are percent-encoded (RFC 3986,
//! upper-case hex), so no shell needs quotes. An [`Address`] keeps that text: comparing, hashing
//! and writing it costs what a string costs. Only the last member may have a key.

use serde::{Deserialize, Serialize};

use crate::Str;
use crate::path::is_identifier;

/// The address of a resource instance inside its environment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Str", into = "Str")]
pub struct Address(Str);

/// One member of an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// The member's name.
    pub name: Str,
    /// The instance's key, decoded.
    pub key: Option<Str>,
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address: {reason}; an address is a name such as `web`, or `jobs/mail`")]
pub struct AddressError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Address {
    /// Returns the address of a member without a key.
    #[must_use]
    pub fn member(name: &Str) -> Self {
        Self(name.clone())
    }

    /// Returns the address of an instance of a keyed member.
    #[must_use]
    pub fn instance(name: &str, key: &str) -> Self {
        let mut text = Str::with_capacity(name.len() + 1 + key.len());
        text.push_str(name);
        text.push('/');
        encode(key, &mut text);
        Self(text)
    }

    /// Parses the printed form.
    ///
    /// # Errors
    /// [`AddressError`] with the reason.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let fail = |reason| AddressError { text: text.to_owned(), reason };
        let mut canonical = Str::new();
        for (at, segment) in Self(text.into()).segments().into_iter().enumerate() {
            if !is_identifier(&segment.name) {
                return Err(fail("a name has letters, digits and `_`, and starts with no digit"));
            }
            if at > 0 {
                canonical.push('.');
            }
            canonical.push_str(&segment.name);
            if let Some(key) = segment.key {
                canonical.push('/');
                encode(&key, &mut canonical);
            }
        }
        Ok(Self(canonical))
    }

    /// Returns the printed form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the members from the outermost in.
    #[must_use]
    pub fn segments(&self) -> Vec<Segment> {
        let (names, key) = match self.0.split_once('/') {
            Some((names, key)) => (names, Some(decode(key))),
            None => (self.0.as_str(), None),
        };
        let mut segments: Vec<Segment> =
            names.split('.').map(|name| Segment { name: name.into(), key: None }).collect();
        if let Some(last) = segments.last_mut() {
            last.key = key;
        }
        segments
    }

    /// Returns the text without the last member's key: what all instances of it share.
    #[must_use]
    pub fn group(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(group, _)| group)
    }

    /// Returns the last member's key, decoded.
    #[must_use]
    pub fn key(&self) -> Option<Str> {
        self.0.split_once('/').map(|(_, key)| decode(key))
    }
}

fn encode(key: &str, into: &mut Str) {
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-') {
            into.push(char::from(byte));
        } else {
            into.push('%');
            for digit in [byte >> 4, byte & 15] {
                into.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
}

fn decode(key: &str) -> Str {
    let bytes = key.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| key.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).as_ref().into()
}

impl TryFrom<Str> for Address {
    type Error = AddressError;

    fn try_from(text: Str) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<Address> for Str {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a concrete environment, such as `dev` or `prod/eu-west-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentName(pub Str);

impl std::fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_percent_encoded_and_come_back() {
        let address = Address::instance("jobs", "a b/ü");
        assert_eq!(address.as_str(), "jobs/a%20b%2F%C3%BC");
        assert_eq!(address.key().as_deref(), Some("a b/ü"));
        assert_eq!(Address::parse(address.as_str()), Ok(address));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "1a", "a..b", "a b", "/k"] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
