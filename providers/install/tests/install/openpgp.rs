//! A signer of checksum files: an OpenPGP key of the curve Ed25519.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The curve's object identifier.
const ED25519: [u8; 9] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// A key that signs.
pub(crate) struct Signer(Ed25519KeyPair);

fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc0 | tag, u8::try_from(body.len()).unwrap()];
    bytes.extend(body);
    bytes
}

fn integer(number: &[u8]) -> Vec<u8> {
    let number = &number[number.iter().position(|byte| *byte != 0).unwrap()..];
    let bits = number.len() * 8 - number[0].leading_zeros() as usize;
    [&(bits as u16).to_be_bytes()[..], number].concat()
}

impl Signer {
    pub(crate) fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    /// Returns the public key, armoured.
    pub(crate) fn armour(&self) -> String {
        let point = [&[0x40][..], self.0.public_key().as_ref()].concat();
        let body = [&[4, 0, 0, 0, 0, 22, 9][..], &ED25519, &integer(&point)].concat();
        let encoded = STANDARD.encode(packet(6, &body));
        format!(
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{encoded}\n-----END PGP PUBLIC KEY BLOCK-----\n"
        )
    }

    /// Returns a detached signature.
    pub(crate) fn sign(&self, signed: &[u8]) -> Vec<u8> {
        // Version, a binary document, EdDSA, SHA-256, one subpacket: the time.
        let head = [4, 0, 22, 8, 0, 6, 5, 2, 0x60, 0, 0, 0];
        let trailer = [&head[..], &[4, 0xff, 0, 0, 0, head.len() as u8]].concat();
        let digest = Sha256::digest([signed, &trailer].concat());
        let made = self.0.sign(&digest);
        let (r, s) = made.as_ref().split_at(32);
        packet(2, &[&head[..], &[0, 0], &digest[..2], &integer(r), &integer(s)].concat())
    }
}
