//! How a secret leaves the process: as sealed text.
//!
//! A [`Seal`] turns a value into text that only its key opens. [`KeySeal`] is XChaCha20-Poly1305
//! (RFC 8439 with the 24-byte nonce of draft-irtf-cfrg-xchacha-03) under a key of 32 bytes, with a
//! random nonce for each secret, so that equal secrets have different texts.
//!
//! | what | form |
//! | --- | --- |
//! | a sealed value | `v1:`, the key's id (8 hexadecimal digits), `:`, base64 of nonce and ciphertext; the clear text is the value's JSON |
//! | sealed bytes | the same, nonce and ciphertext not in base64 |
//! | authenticated beside it | `v1:`, the key's id and `:` |
//! | the key's id | the first 4 bytes of BLAKE3 `derive_key("syncline 1 key id", key)` |
//! | an environment's first data key | BLAKE3 `derive_key("syncline 1 data key of an environment", base, environment's name)`, `base` being `derive_key("syncline 1 data keys", key)` |
//! | the digest key | BLAKE3 `derive_key("syncline 1 secret digest", key)`: secrets are fingerprinted under it |
//!
//! Laws: what is sealed opens to the same value; text that was changed, or that another key sealed,
//! never opens to anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use syncline_model::{Str, Value};

use syncline_planner::record::Keys;

use crate::codec;

const VERSION: &str = "v1";
const NONCE: usize = 24;

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another key sealed it.
    #[error(
        "a secret was sealed with key {sealed_with}, and the key in use is {in_use}; \
         set SYNCLINE_KEY_FILE to the file that holds key {sealed_with}"
    )]
    OtherKey {
        /// The id of the key that sealed it.
        sealed_with: String,
        /// The id of the key at hand.
        in_use: String,
    },
    /// It is not what was sealed.
    #[error("a sealed secret is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// None of its recipients is this user.
    #[error(
        "secrets of this environment are sealed with key {key}, which only these can unwrap: {}{}",
        recipients.join(", "),
        trouble.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default()
    )]
    Locked {
        /// The key's id.
        key: String,
        /// Who can unwrap it.
        recipients: Vec<String>,
        /// Why a recipient that is this user could not.
        trouble: Option<String>,
    },
    /// A key could not be wrapped or unwrapped.
    #[error("the key of {recipient} could not be wrapped or unwrapped: {reason}")]
    Wrap {
        /// For whom.
        recipient: String,
        /// Why.
        reason: String,
    },
    /// A newer version sealed it.
    #[error("a secret is sealed in the form `{found}`, and this version of Syncline knows `v1`")]
    Form {
        /// The form found.
        found: String,
    },
    /// It cannot be written as JSON.
    #[error("a secret could not be sealed: {reason}")]
    Encode {
        /// Why.
        reason: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
}

/// Seals secrets and opens them.
pub trait Seal: Send + Sync {
    /// Returns the sealed text of a value that holds no clear secret itself.
    ///
    /// # Errors
    /// [`SealError::Encode`] for a value that cannot be written; [`SealError::Random`].
    fn seal(&self, value: &Value) -> Result<Str, SealError>;

    /// Returns the value of a sealed text.
    ///
    /// # Errors
    /// [`SealError::OtherKey`], [`SealError::Damaged`] or [`SealError::Form`].
    fn open(&self, sealed: &str) -> Result<Value, SealError>;

    /// Returns the sealed form of bytes.
    ///
    /// # Errors
    /// [`SealError::Random`].
    fn seal_bytes(&self, clear: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Returns the bytes of their sealed form.
    ///
    /// # Errors
    /// As [`Seal::open`].
    fn open_bytes(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError>;

    /// Returns the key under which secrets are hashed in fingerprints.
    fn digest_key(&self) -> [u8; 32];

    /// Takes note of the keys that a record names, before what they sealed is opened. A seal of
    /// one key needs none.
    fn learn(&self, keys: &Keys, sequence: u64) {
        let _ = (keys, sequence);
    }
}

/// Seals with a key of 32 bytes.
#[derive(Clone)]
pub struct KeySeal {
    cipher: XChaCha20Poly1305,
    id: String,
    digest_key: [u8; 32],
    /// What the keys of environments are derived from.
    data_base: [u8; 32],
}

impl std::fmt::Debug for KeySeal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySeal({})", self.id)
    }
}

impl KeySeal {
    /// Returns the seal of a key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        let id = blake3::derive_key("syncline 1 key id", key);
        Self {
            cipher: XChaCha20Poly1305::new(&(*key).into()),
            id: blake3::Hash::from_bytes(id).to_hex()[..8].to_owned(),
            digest_key: blake3::derive_key("syncline 1 secret digest", key),
            data_base: blake3::derive_key("syncline 1 data keys", key),
        }
    }

    /// Returns the seal of a random key that nobody will know again: for what lives and dies with
    /// this process.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn ephemeral() -> Result<Self, SealError> {
        let mut key = [0; 32];
        random(&mut key)?;
        Ok(Self::new(&key))
    }

    /// Returns the key's id: 8 hexadecimal digits that tell nothing about the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the first data key of an environment, which only this key gives.
    pub(crate) fn data_key(&self, environment: &str) -> [u8; 32] {
        let material = [&self.data_base[..], environment.as_bytes()].concat();
        blake3::derive_key("syncline 1 data key of an environment", &material)
    }

    fn prefix(&self) -> String {
        format!("{VERSION}:{}:", self.id)
    }

    fn encrypt(&self, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let aad = self.prefix();
        let payload = Payload { msg: clear, aad: aad.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Encode { reason: "it is too long".to_owned() })?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn decrypt(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let damaged = |reason: &str| SealError::Damaged { reason: reason.to_owned() };
        let (nonce, text) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or_else(|| damaged("it is shorter than its nonce"))?;
        let aad = self.prefix();
        let payload = Payload { msg: text, aad: aad.as_bytes() };
        self.cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| damaged("it is not what was sealed"))
    }

    /// Returns what follows the prefix, once the prefix says that this key sealed it.
    fn strip<'a>(&self, sealed: &'a [u8]) -> Result<&'a [u8], SealError> {
        let mut parts = sealed.splitn(3, |byte| *byte == b':');
        let version = parts.next().unwrap_or_default();
        let (Some(id), Some(rest)) = (parts.next(), parts.next()) else {
            return Err(SealError::Damaged { reason: "it names no key".to_owned() });
        };
        let shown = |bytes: &[u8]| {
            let text: String = String::from_utf8_lossy(bytes).chars().take(16).collect();
            text.escape_debug().to_string()
        };
        if version != VERSION.as_bytes() {
            return Err(SealError::Form { found: shown(version) });
        }
        if id != self.id.as_bytes() {
            return Err(SealError::OtherKey { sealed_with: shown(id), in_use: self.id.clone() });
        }
        Ok(rest)
    }
}

impl Seal for KeySeal {
    fn seal(&self, value: &Value) -> Result<Str, SealError> {
        let clear = serde_json::to_vec(value)
            .map_err(|error| SealError::Encode { reason: error.to_string() })?;
        let mut text = Str::from(self.prefix());
        text.push_str(&BASE64.encode(self.encrypt(&clear)?));
        Ok(text)
    }

    fn open(&self, sealed: &str) -> Result<Value, SealError> {
        let damaged = |reason: String| SealError::Damaged { reason };
        let sealed =
            BASE64.decode(self.strip(sealed.as_bytes())?).map_err(|e| damaged(e.to_string()))?;
        // The parser's message may quote what it reads: it is not passed on.
        codec::parse(&self.decrypt(&sealed)?)
            .map_err(|_| damaged("its content is not a value".to_owned()))
    }

    fn seal_bytes(&self, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        Ok([self.prefix().as_bytes(), &self.encrypt(clear)?].concat())
    }

    fn open_bytes(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.decrypt(self.strip(sealed)?)
    }

    fn digest_key(&self) -> [u8; 32] {
        self.digest_key
    }
}

/// Returns the id of the key that sealed something.
pub(crate) fn key_id(sealed: &[u8]) -> Result<&str, SealError> {
    let id = sealed.splitn(3, |byte| *byte == b':').nth(1);
    id.and_then(|id| std::str::from_utf8(id).ok())
        .filter(|id| id.len() == 8)
        .ok_or_else(|| SealError::Damaged { reason: "it names no key".to_owned() })
}

/// Fills a buffer with random bytes of the operating system.
pub(crate) fn random(into: &mut [u8]) -> Result<(), SealError> {
    getrandom::fill(into).map_err(|error| SealError::Random { reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_and_shows_nothing() {
        let seal = KeySeal::new(&[1; 32]);
        let value = Value::map([("user", Value::from("root")), ("password", Value::from("tiger"))]);
        let sealed = seal.seal(&value).unwrap();
        assert!(sealed.starts_with(&format!("v1:{}:", seal.id())), "{sealed}");
        assert_ne!(sealed, seal.seal(&value).unwrap());
        assert_eq!(seal.open(&sealed).unwrap(), value);
        let bytes = seal.seal_bytes(b"tiger").unwrap();
        assert!(!bytes.windows(5).any(|window| window == b"tiger"));
        assert_eq!(seal.open_bytes(&bytes).unwrap(), b"tiger");
    }

    #[test]
    fn ids_and_digest_keys_are_known() {
        let seal = KeySeal::new(&[0; 32]);
        assert_eq!(seal.id(), "8b3b5f20");
        assert_eq!(blake3::Hash::from_bytes(seal.digest_key()).to_hex()[..16], *"8f6aa89d99fed6bd");
    }

    #[test]
    fn a_text_sealed_by_this_format_opens_for_ever() {
        let sealed = "v1:8b3b5f20:4Pl3hUwOrmk3l1voHm5+B/lQVgzZjmnxUYYnuXCZavJGSbT7afD+Gj2CUaAIq8c=";
        assert_eq!(KeySeal::new(&[0; 32]).open(sealed).unwrap(), Value::from("tiger"));
    }

    #[test]
    fn another_key_is_named() {
        let (one, other) = (KeySeal::new(&[1; 32]), KeySeal::new(&[2; 32]));
        let error = other.open(&one.seal(&Value::from("tiger")).unwrap()).unwrap_err();
        assert_eq!(
            error,
            SealError::OtherKey { sealed_with: one.id().to_owned(), in_use: other.id().to_owned() }
        );
        assert!(error.to_string().contains("SYNCLINE_KEY_FILE"));
    }

    #[test]
    fn no_changed_byte_opens() {
        let seal = KeySeal::new(&[1; 32]);
        let sealed = seal.seal_bytes(b"tiger").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal.open_bytes(&changed).is_err(), "byte {at}");
            assert!(seal.open_bytes(&sealed[..at]).is_err(), "cut at {at}");
        }
        for text in ["", "v1", "v1:", "v1:00000000:", "v2:00000000:AAAA", "tiger"] {
            assert!(seal.open(text).is_err(), "{text}");
        }
    }
}
