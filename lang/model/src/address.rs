//! The names of resources and environments, as printed and as typed on a command line.
//!
//! An address is members joined by `.`, each with an instance key behind `/` where it is keyed:
//! `web.task`, `jobs/mail`. Bytes of a key outside `[A-Za-z0-9_.-]` are percent-encoded (RFC 3986,
//! upper-case hex), so no shell needs quotes. An [`Address`] keeps that text: comparing, hashing
//! and writing it costs what a string costs. Any member may have a key (`web/eu.task/a`): dots are
//! kept as they are in the last one and encoded in all others.

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
        Self::inside("", name, Some(key))
    }

    /// Returns the address of a member of a unit, whose prefix is that of [`Self::prefix`]; with
    /// the key of an instance of a keyed one.
    #[must_use]
    pub fn inside(prefix: &str, name: &str, key: Option<&str>) -> Self {
        let length = key.map_or(0, |key| 1 + key.len());
        let mut text = Str::with_capacity(prefix.len() + name.len() + length);
        text.push_str(prefix);
        text.push_str(name);
        if let Some(key) = key {
            text.push('/');
            encode(key, &mut text);
        }
        Self(text)
    }

    /// Returns what the addresses of a unit's members begin with: `web.`, or `web/eu.` for an
    /// instance of a keyed one. `outer` is the prefix of the unit around it.
    #[must_use]
    pub fn prefix(outer: &str, name: &str, key: Option<&str>) -> Str {
        let mut text = Str::from(outer);
        text.push_str(name);
        if let Some(key) = key {
            text.push('/');
            encode_inner(key, &mut text);
        }
        text.push('.');
        text
    }

    /// Returns the address without the outermost members that `group` names, when it is one of that
    /// group: the group itself, an instance of it, or a member of it.
    #[must_use]
    pub fn below<'a>(&'a self, group: &Self) -> Option<&'a str> {
        let rest = self.0.strip_prefix(group.as_str())?;
        (rest.is_empty() || rest.starts_with(['.', '/'])).then_some(rest)
    }

    /// Parses the printed form.
    ///
    /// # Errors
    /// [`AddressError`] with the reason.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let fail = |reason| AddressError { text: text.to_owned(), reason };
        let mut canonical = Str::new();
        let segments = Self(text.into()).segments();
        let last = segments.len().saturating_sub(1);
        for (at, segment) in segments.into_iter().enumerate() {
            if !is_identifier(&segment.name) {
                return Err(fail("a name has letters, digits and `_`, and starts with no digit"));
            }
            if at > 0 {
                canonical.push('.');
            }
            canonical.push_str(&segment.name);
            if let Some(key) = segment.key {
                canonical.push('/');
                match text.rsplit_once('/').filter(|_| at == last) {
                    Some((_, key)) => last_key(key, &mut canonical),
                    None => encode_inner(&key, &mut canonical),
                }
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
        let mut segments: Vec<Segment> = Vec::new();
        let mut parts = self.0.split('/').peekable();
        let mut names = parts.next().unwrap_or_default();
        loop {
            let own = names.split('.').map(|name| Segment { name: name.into(), key: None });
            segments.extend(own);
            let Some(part) = parts.next() else { return segments };
            // Only the last key has dots of its own.
            let (key, rest) = match part.split_once('.') {
                Some((key, rest)) if parts.peek().is_some() => (key, Some(rest)),
                _ => (part, None),
            };
            if let Some(last) = segments.last_mut() {
                last.key = Some(decode(key));
            }
            match rest {
                Some(rest) => names = rest,
                // What follows a key without a dot is no part of an address.
                None if parts.peek().is_some() => names = "",
                None => return segments,
            }
        }
    }

    /// Returns the address as the source names it: `pools["eu.west"].jobs`.
    #[must_use]
    pub fn to_source(&self) -> String {
        let segments = self.segments().into_iter().map(|Segment { name, key }| match key {
            Some(key) => format!("{name}[{key:?}]"),
            None => name.to_string(),
        });
        segments.collect::<Vec<_>>().join(".")
    }

    /// Returns the text without the last member's key: what all instances of it share.
    #[must_use]
    pub fn group(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(group, _)| group)
    }

    /// Returns the last member's key, decoded.
    #[must_use]
    pub fn key(&self) -> Option<Str> {
        self.0.rsplit_once('/').map(|(_, key)| decode(key))
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

/// Encodes a key that members follow.
fn encode_inner(key: &str, into: &mut Str) {
    let mut encoded = Str::new();
    encode(key, &mut encoded);
    into.push_str(&encoded.replace(".", "%2E"));
}

/// Encodes what is behind the last `/` anew. Beside a dot that is encoded, one that is not begins a member:
/// `web/a%2Eb.task` is no instance of `web`.
fn last_key(text: &str, into: &mut Str) {
    if !text.contains('.') {
        return encode(&decode(text), into);
    }
    for (at, piece) in text.split('.').enumerate() {
        if at > 0 {
            into.push('.');
        }
        encode_inner(&decode(piece), into);
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
    fn members_of_units_have_the_keys_around_them() {
        let outer = Address::prefix("", "web", Some("a.b"));
        let address = Address::inside(&outer, "task", Some("c.d"));
        assert_eq!(address.as_str(), "web/a%2Eb.task/c.d");
        assert_eq!(Address::parse(address.as_str()), Ok(address.clone()));
        let segments = address.segments();
        assert_eq!(segments[0].key.as_deref(), Some("a.b"));
        assert_eq!(segments[1].key.as_deref(), Some("c.d"));
        let member = Address::inside(&outer, "page", None);
        assert_eq!(member.as_str(), "web/a%2Eb.page");
        assert_eq!(Address::parse(member.as_str()), Ok(member));
        assert_eq!(Address::parse("jobs/a%2Eb"), Ok(Address::instance("jobs", "a.b")));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "1a", "a..b", "a b", "/k", "a/b/c"] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
