//! OpenPGP signatures of checksum files.
//!
//! Takes the armoured keys that a registry vouches for, the signed bytes and a detached signature;
//! returns whether one of the keys (or of their subkeys) made it. Version 4 keys and signatures
//! with RSA, ECDSA and Ed25519 over SHA-2, checked by aws-lc-rs: what registries use. Nothing is
//! asked of a web of trust, and a key's expiry is not looked at, as OpenTofu does not.
//!
//! Source: RFC 4880 and RFC 9580.

use aws_lc_rs::signature::{self as algorithm, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

const PUBLIC_KEY: u8 = 6;
const PUBLIC_SUBKEY: u8 = 14;
const SIGNATURE: u8 = 2;
/// The curve Ed25519 in the older keys: 1.3.6.1.4.1.11591.15.1.
const ED25519: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// The subpackets that change nothing here: times, issuers, flags, preferences, notes.
const KNOWN_SUBPACKETS: [u8; 12] = [2, 3, 9, 11, 16, 20, 21, 22, 26, 27, 28, 33];

/// Checks that one of the keys made the signature.
///
/// # Errors
/// Why it is not known that one did.
pub fn verify(keys: &[String], signed: &[u8], signature: &[u8]) -> Result<(), String> {
    let signature = if signature.starts_with(b"-----BEGIN") {
        dearmor(std::str::from_utf8(signature).map_err(|_| "it is no text".to_owned())?)?
    } else {
        signature.to_owned()
    };
    let mut reason = "no key is given".to_owned();
    let signatures: Vec<_> =
        packets(&signature)?.into_iter().filter(|(tag, _)| *tag == SIGNATURE).collect();
    if signatures.is_empty() {
        return Err("the file holds no signature".to_owned());
    }
    for (_, body) in signatures {
        let made = match Made::read(body) {
            Ok(made) => made,
            Err(why) => {
                reason = why;
                continue;
            }
        };
        for armoured in keys {
            let bytes = dearmor(armoured)?;
            for (tag, body) in packets(&bytes)? {
                if tag != PUBLIC_KEY && tag != PUBLIC_SUBKEY {
                    continue;
                }
                match made.check(body, signed) {
                    Ok(()) => return Ok(()),
                    Err(why) => reason = why,
                }
            }
        }
    }
    Err(reason)
}

/// Returns the bytes of an armoured text.
fn dearmor(text: &str) -> Result<Vec<u8>, String> {
    let mut lines = text.lines().map(str::trim);
    if !lines.any(|line| line.starts_with("-----BEGIN PGP")) {
        return Err("a key is not armoured".to_owned());
    }
    let mut encoded = String::new();
    // Headers such as `Version:` end with an empty line; some write neither.
    for line in lines {
        if line.starts_with("-----END") || line.starts_with('=') {
            break;
        }
        if !line.contains(':') {
            encoded.push_str(line);
        }
    }
    STANDARD.decode(encoded).map_err(|error| format!("the armour is damaged: {error}"))
}

/// Takes some bytes off the front.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], String> {
    let (taken, rest) =
        bytes.split_at_checked(count).ok_or_else(|| "a packet ends too early".to_owned())?;
    *bytes = rest;
    Ok(taken)
}

/// Takes a big-endian number off the front.
fn number(bytes: &mut &[u8], count: usize) -> Result<usize, String> {
    Ok(take(bytes, count)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

/// Takes a multi-precision integer off the front, without leading zeros.
fn integer<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let bits = number(bytes, 2)?;
    take(bytes, bits.div_ceil(8))
}

fn packets(mut bytes: &[u8]) -> Result<Vec<(u8, &[u8])>, String> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let head = number(&mut bytes, 1)?;
        if head & 0x80 == 0 {
            return Err("what should be a packet is none".to_owned());
        }
        let (tag, length) = if head & 0x40 != 0 {
            let first = number(&mut bytes, 1)?;
            let length = match first {
                0..192 => first,
                192..224 => ((first - 192) << 8) + number(&mut bytes, 1)? + 192,
                255 => number(&mut bytes, 4)?,
                _ => return Err("a packet comes in parts".to_owned()),
            };
            (head & 0x3f, length)
        } else {
            let length = match head & 3 {
                0 => number(&mut bytes, 1)?,
                1 => number(&mut bytes, 2)?,
                2 => number(&mut bytes, 4)?,
                _ => bytes.len(),
            };
            ((head >> 2) & 0x0f, length)
        };
        found.push((tag as u8, take(&mut bytes, length)?));
    }
    Ok(found)
}

/// A signature, read.
struct Made<'a> {
    key_algorithm: u8,
    hash_algorithm: u8,
    /// What is hashed after the signed bytes.
    trailer: Vec<u8>,
    /// The algorithm's own numbers.
    rest: &'a [u8],
}

impl<'a> Made<'a> {
    fn read(body: &'a [u8]) -> Result<Self, String> {
        let mut rest = body;
        let [version, kind, key_algorithm, hash_algorithm] = *take(&mut rest, 4)? else {
            return Err("a packet ends too early".to_owned());
        };
        if version != 4 {
            return Err(format!("a signature of version {version} is not understood"));
        }
        if kind > 1 {
            return Err("it is a signature of something else than a file".to_owned());
        }
        let length = number(&mut rest, 2)?;
        subpackets(take(&mut rest, length)?)?;
        let hashed = 6 + length;
        let mut trailer = body[..hashed].to_vec();
        trailer.extend([4, 0xff]);
        trailer.extend((hashed as u32).to_be_bytes());
        let unhashed = number(&mut rest, 2)?;
        take(&mut rest, unhashed)?;
        take(&mut rest, 2)?;
        Ok(Self { key_algorithm, hash_algorithm, trailer, rest })
    }

    fn check(&self, key: &[u8], signed: &[u8]) -> Result<(), String> {
        let mut key = key;
        let version = number(&mut key, 1)?;
        take(&mut key, 4)?;
        let own = number(&mut key, 1)? as u8;
        let same = match self.key_algorithm {
            1 | 3 => own == 1 || own == 3,
            other => own == other,
        };
        if version != 4 || !same {
            return Err("it is of another key".to_owned());
        }
        let message = [signed, &self.trailer].concat();
        match own {
            1 | 3 => self.rsa(key, &message),
            19 => self.ecdsa(key, &message),
            22 => {
                let length = number(&mut key, 1)?;
                if take(&mut key, length)? != ED25519 {
                    return Err("the key's curve is not understood".to_owned());
                }
                let point = integer(&mut key)?;
                let point = point.strip_prefix(&[0x40]).unwrap_or(point);
                let mut rest = self.rest;
                let (r, s) = (integer(&mut rest)?, integer(&mut rest)?);
                self.ed25519(point, &[padded(r, 32)?, padded(s, 32)?].concat(), &message)
            }
            27 => {
                let mut rest = self.rest;
                self.ed25519(take(&mut key, 32)?, take(&mut rest, 64)?, &message)
            }
            17 => Err("DSA keys are too weak to be trusted".to_owned()),
            other => Err(format!("keys of algorithm {other} are not understood")),
        }
    }

    fn rsa(&self, mut key: &[u8], message: &[u8]) -> Result<(), String> {
        let (n, e) = (integer(&mut key)?, integer(&mut key)?);
        let parameters = match self.hash_algorithm {
            8 => &algorithm::RSA_PKCS1_2048_8192_SHA256,
            9 => &algorithm::RSA_PKCS1_2048_8192_SHA384,
            10 => &algorithm::RSA_PKCS1_2048_8192_SHA512,
            other => return Err(weak(other)),
        };
        let mut rest = self.rest;
        let signature = padded(integer(&mut rest)?, n.len())?;
        RsaPublicKeyComponents { n, e }.verify(parameters, message, &signature).map_err(differs)
    }

    fn ecdsa(&self, mut key: &[u8], message: &[u8]) -> Result<(), String> {
        let length = number(&mut key, 1)?;
        let curve = take(&mut key, length)?;
        let (parameters, size) = match (curve, self.hash_algorithm) {
            (P256, 8) => (&algorithm::ECDSA_P256_SHA256_FIXED, 32),
            (P384, 9) => (&algorithm::ECDSA_P384_SHA384_FIXED, 48),
            (P256 | P384, other) => return Err(weak(other)),
            _ => return Err("the key's curve is not understood".to_owned()),
        };
        let point = integer(&mut key)?;
        let mut rest = self.rest;
        let (r, s) = (integer(&mut rest)?, integer(&mut rest)?);
        let signature = [padded(r, size)?, padded(s, size)?].concat();
        UnparsedPublicKey::new(parameters, point).verify(message, &signature).map_err(differs)
    }

    /// Ed25519 signs the digest, not the message.
    fn ed25519(&self, key: &[u8], signature: &[u8], message: &[u8]) -> Result<(), String> {
        let digest = match self.hash_algorithm {
            8 => Sha256::digest(message).to_vec(),
            9 => Sha384::digest(message).to_vec(),
            10 => Sha512::digest(message).to_vec(),
            other => return Err(weak(other)),
        };
        UnparsedPublicKey::new(&algorithm::ED25519, key).verify(&digest, signature).map_err(differs)
    }
}

fn differs(_: aws_lc_rs::error::Unspecified) -> String {
    "the signature is not of this file and this key".to_owned()
}

fn weak(hash: u8) -> String {
    format!("the hash algorithm {hash} is not understood or too weak to be trusted")
}

fn padded(number: &[u8], size: usize) -> Result<Vec<u8>, String> {
    let missing =
        size.checked_sub(number.len()).ok_or_else(|| "a number is too large".to_owned())?;
    let mut whole = vec![0; missing];
    whole.extend(number);
    Ok(whole)
}

/// Refuses what the signer calls critical and is not understood.
fn subpackets(mut bytes: &[u8]) -> Result<(), String> {
    while !bytes.is_empty() {
        let first = number(&mut bytes, 1)?;
        let length = match first {
            0..192 => first,
            192..255 => ((first - 192) << 8) + number(&mut bytes, 1)? + 192,
            _ => number(&mut bytes, 4)?,
        };
        let mut body = take(&mut bytes, length)?;
        let kind = number(&mut body, 1)?;
        let (critical, kind) = (kind & 0x80 != 0, (kind & 0x7f) as u8);
        if critical && !KNOWN_SUBPACKETS.contains(&kind) {
            return Err(format!("it has a critical part {kind} that is not understood"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys and signatures made by GnuPG 2.2 over the text `checksums\n`; the first is RSA with a
    /// subkey that signs.
    const MADE: [(&str, &str); 4] = [
        (include_str!("signature/rsa.key"), include_str!("signature/rsa.sig")),
        (include_str!("signature/ed25519.key"), include_str!("signature/ed25519.sig")),
        (include_str!("signature/p256.key"), include_str!("signature/p256.sig")),
        (include_str!("signature/p384.key"), include_str!("signature/p384.sig")),
    ];

    #[test]
    fn what_gnupg_signed_is_verified() {
        for (key, signature) in MADE {
            let keys = [key.to_owned()];
            assert_eq!(verify(&keys, b"checksums\n", signature.as_bytes()), Ok(()));
            let binary = dearmor(signature).unwrap();
            assert_eq!(verify(&keys, b"checksums\n", &binary), Ok(()));
            assert!(verify(&keys, b"checksums", &binary).is_err());
        }
    }

    #[test]
    fn another_key_is_refused() {
        for (at, (_, signature)) in MADE.into_iter().enumerate() {
            let (key, _) = MADE[(at + 1) % MADE.len()];
            assert!(verify(&[key.to_owned()], b"checksums\n", signature.as_bytes()).is_err());
        }
        assert!(verify(&[], b"checksums\n", MADE[0].1.as_bytes()).is_err());
    }

    #[test]
    fn damaged_signatures_end_in_an_error() {
        for (key, signature) in MADE {
            let whole = dearmor(signature).unwrap();
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes.truncate(at);
                assert!(verify(&[key.to_owned()], b"checksums\n", &bytes).is_err(), "cut at {at}");
            }
        }
    }
}
