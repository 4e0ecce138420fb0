//! What identifies a resource in the world: kept beside the provider's own bytes, and asked for by `adopt`.
//!
//! Syncline records one string of bytes for a provider. The protocol has two things to keep: the
//! provider's private bytes, and the resource's identity with its version. Where there is an
//! identity, both are put into one string that begins with a mark; without one the bytes are the
//! provider's alone.

use syncline_model::{IdentitySchema, Problem, Str, Value};

/// What no provider's own bytes begin with.
const MARK: &[u8] = b"\0syncline identity 1\0";

/// What is recorded for a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept<'a> {
    /// The provider's own bytes.
    pub(crate) private: &'a [u8],
    /// What identifies the resource.
    pub(crate) identity: Option<KeptIdentity<'a>>,
}

/// What identifies a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptIdentity<'a> {
    /// The version of its schema.
    pub(crate) version: i64,
    /// The attributes, as JSON.
    pub(crate) json: &'a [u8],
}

/// Returns the recorded bytes.
pub(crate) fn pack(private: &[u8], identity: Option<KeptIdentity<'_>>) -> Vec<u8> {
    let Some(identity) = identity else { return private.to_vec() };
    let mut bytes = Vec::with_capacity(MARK.len() + 12 + identity.json.len() + private.len());
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&identity.version.to_be_bytes());
    bytes.extend_from_slice(&(identity.json.len() as u32).to_be_bytes());
    bytes.extend_from_slice(identity.json);
    bytes.extend_from_slice(private);
    bytes
}

/// Returns what recorded bytes hold.
pub(crate) fn unpack(bytes: &[u8]) -> Kept<'_> {
    let plain = Kept { private: bytes, identity: None };
    let Some(rest) = bytes.strip_prefix(MARK) else { return plain };
    let Some((version, rest)) = rest.split_first_chunk() else { return plain };
    let Some((length, rest)) = rest.split_first_chunk() else { return plain };
    let length = u32::from_be_bytes(*length) as usize;
    let Some((json, private)) = rest.split_at_checked(length) else { return plain };
    Kept { private, identity: Some(KeptIdentity { version: i64::from_be_bytes(*version), json }) }
}

/// Returns what is wrong where an identity is given for a type that has none.
pub(crate) fn without_identity() -> Problem {
    Problem::error("the type has no identity of attributes", "Give the id in its place, a text.")
}

/// Returns what is wrong with an identity that somebody has written: what it lacks, or what there is no attribute for.
pub(crate) fn misshapen(schema: &IdentitySchema, given: &Value) -> Option<Problem> {
    let attributes = &schema.block.attributes;
    let made_of = || {
        let names: Vec<String> = attributes.keys().map(|name| format!("`{name}`")).collect();
        format!("It is made of {}.", names.join(", "))
    };
    let is_missing = |name: &&Str| given.attribute(name).is_null();
    let mut required = attributes.iter().filter(|(_, own)| own.required).map(|(name, _)| name);
    if let Some(missing) = required.find(is_missing) {
        return Some(Problem::error(format!("the identity has no `{missing}`"), made_of()));
    }
    let strange = given.as_map()?.keys().find(|name| !attributes.contains_key(*name))?;
    Some(Problem::error(format!("an identity has no attribute `{strange}`"), made_of()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        assert_eq!(pack(b"own", None), b"own");
        assert_eq!(unpack(b"own").private, b"own");
        let identity = Some(KeptIdentity { version: 3, json: b"{\"id\":1}" });
        let packed = pack(b"own", identity);
        assert_eq!(unpack(&packed), Kept { private: b"own", identity });
        assert_eq!(unpack(&packed[..MARK.len() + 4]).identity, None);
    }
}
