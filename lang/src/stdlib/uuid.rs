//! `std.uuid`: names as identifiers (RFC 9562, section 5.5).

use sha1::Digest as _;
use syncline_model::Value;

use super::Entry;
use super::arguments::{excerpt, invalid, text};
use crate::ops::OpError;

pub(super) const NATIVES: &[Entry] = &[Entry::deep("v5", v5)];

/// The namespaces of RFC 9562 differ in one byte.
const NAMESPACES: [(&str, u128); 4] = [
    ("dns", 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8),
    ("url", 0x6ba7_b811_9dad_11d1_80b4_00c0_4fd4_30c8),
    ("oid", 0x6ba7_b812_9dad_11d1_80b4_00c0_4fd4_30c8),
    ("x500", 0x6ba7_b814_9dad_11d1_80b4_00c0_4fd4_30c8),
];

fn v5(args: &[Value]) -> Result<Value, OpError> {
    let namespace = text(args, 0)?;
    let known = NAMESPACES.iter().find(|(name, _)| *name == namespace).map(|(_, id)| *id);
    let id = known.or_else(|| read(namespace)).ok_or_else(|| {
        invalid(0, "the namespace is no identifier")
            .detail(format!("the namespace {} is no identifier", excerpt(namespace)))
            .help("Use `dns`, `url`, `oid`, `x500`, or a UUID.")
    })?;
    let mut hasher = sha1::Sha1::new();
    hasher.update(id.to_be_bytes());
    hasher.update(text(args, 1)?);
    let digest = hasher.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    let bits = u128::from_be_bytes(bytes);
    let versioned = bits & !(0xf << 76) | 5 << 76;
    let id = versioned & !(0x3 << 62) | 2 << 62;
    let digits = format!("{id:032x}");
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Ok(parts.join("-").into())
}

fn read(text: &str) -> Option<u128> {
    let dashes = text.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at);
    if text.len() != 36 || !dashes.eq([8, 13, 18, 23]) {
        return None;
    }
    u128::from_str_radix(&text.replace('-', ""), 16).ok()
}
