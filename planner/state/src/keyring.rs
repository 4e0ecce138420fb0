//! The data keys of an environment.
//!
//! | key | where it is |
//! | --- | --- |
//! | a user's own | the key file; it seals nothing but other keys |
//! | an environment's first | derived from the key file's key and the environment's name, so that a plan needs no place to keep it |
//! | later ones | random, in a record `keys`, wrapped for each recipient |
//!
//! A ring knows the keys that it could unwrap, by id. It seals with the current one and opens with
//! whichever sealed. It learns from the records as they are read, in their order.
//!
//! Laws: what any key of the log sealed opens as long as one recipient is ours; a key is only
//! believed when it has the id that it is named by; what cannot be unwrapped is an error only when a
//! secret needs it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use syncline_model::{EnvironmentName, Str, Value};
use syncline_planner::record::{Keys, WrappedKey};

use crate::{KeySeal, Seal, SealError, seal};

/// A key.
pub type Key = [u8; 32];

/// Wraps keys for those who may read, and unwraps them.
pub trait Recipients: Send + Sync {
    /// Returns the recipient that stands for this user.
    fn own(&self) -> Str;

    /// Returns a key's text that only a recipient can unwrap.
    ///
    /// # Errors
    /// Why there is none.
    fn wrap(&self, recipient: &str, key: &Key) -> Result<Str, SealError>;

    /// Returns the key of a text; `None` when the recipient is none of ours.
    ///
    /// # Errors
    /// Why a recipient of ours cannot unwrap it.
    fn unwrap(&self, recipient: &str, text: &str) -> Result<Option<Key>, SealError>;
}

/// The data keys of an environment, as far as they could be unwrapped.
pub struct Keyring {
    recipients: Arc<dyn Recipients>,
    ring: RwLock<Ring>,
}

struct Ring {
    /// The key file's, which sealed what is older than data keys are.
    own: KeySeal,
    keys: BTreeMap<Str, (Key, KeySeal)>,
    current: Str,
    /// As last recorded, and by which record.
    recorded: Option<Keys>,
    sequence: u64,
    /// Why keys could not be unwrapped.
    trouble: Option<SealError>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({})", self.current())
    }
}

impl Ring {
    fn add(&mut self, key: Key) -> Str {
        let seal = KeySeal::new(&key);
        let id = Str::from(seal.id());
        self.keys.insert(id.clone(), (key, seal));
        id
    }

    fn key(&self, id: &str) -> Result<&KeySeal, SealError> {
        if let Some((_, seal)) = self.keys.get(id) {
            return Ok(seal);
        }
        if self.own.id() == id {
            return Ok(&self.own);
        }
        let wrapped = self.recorded.iter().flat_map(|keys| &keys.wrapped);
        let mut recipients: Vec<String> =
            wrapped.filter(|own| own.key == id).map(|own| own.recipient.to_string()).collect();
        recipients.sort();
        if recipients.is_empty() {
            let (sealed_with, in_use) = (id.to_owned(), self.current.to_string());
            return Err(SealError::OtherKey { sealed_with, in_use });
        }
        let trouble = self.trouble.as_ref().map(ToString::to_string);
        Err(SealError::Locked { key: id.to_owned(), recipients, trouble })
    }
}

impl Keyring {
    /// Returns the ring of an environment of which nothing is read yet.
    #[must_use]
    pub fn new(
        own: &KeySeal,
        environment: &EnvironmentName,
        recipients: Arc<dyn Recipients>,
    ) -> Self {
        let first = own.data_key(&environment.0);
        let mut ring = Ring {
            own: own.clone(),
            keys: BTreeMap::new(),
            current: Str::new(),
            recorded: None,
            sequence: 0,
            trouble: None,
        };
        ring.current = ring.add(first);
        Self { recipients, ring: RwLock::new(ring) }
    }

    /// Nothing panics while it holds the lock, so what is behind a poisoned one is whole.
    fn with<T>(&self, look: impl FnOnce(&Ring) -> T) -> T {
        look(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the id of the key that seals.
    #[must_use]
    pub fn current(&self) -> Str {
        self.with(|ring| ring.current.clone())
    }

    /// Returns who can read, sorted: this user alone as long as nothing else is recorded.
    #[must_use]
    pub fn readers(&self) -> Vec<Str> {
        self.with(|ring| match &ring.recorded {
            None => vec![self.recipients.own()],
            Some(keys) => {
                let current = keys.wrapped.iter().filter(|own| own.key == keys.current);
                let mut readers: Vec<Str> = current.map(|own| own.recipient.clone()).collect();
                readers.sort();
                readers.dedup();
                readers
            }
        })
    }

    /// Returns what is to be recorded so that just these can read, with a new key if asked for.
    /// What was wrapped for them stays as it is.
    ///
    /// # Errors
    /// When a key is not known or cannot be wrapped.
    pub fn rewrap(&self, readers: &[Str], with_new: bool) -> Result<Keys, SealError> {
        let mut fresh = [0; 32];
        seal::random(&mut fresh)?;
        self.with(|ring| {
            let recorded = ring.recorded.as_ref();
            let mut ids: Vec<Str> = match recorded {
                Some(keys) => keys.wrapped.iter().map(|own| own.key.clone()).collect(),
                None => vec![ring.current.clone()],
            };
            ids.sort();
            ids.dedup();
            let mut keys = Vec::new();
            for id in ids {
                ring.key(&id)?;
                keys.extend(ring.keys.get(&id).map(|(key, _)| (id.clone(), *key)));
            }
            let mut current = ring.current.clone();
            if with_new {
                current = KeySeal::new(&fresh).id().into();
                keys.push((current.clone(), fresh));
            }
            let mut wrapped = Vec::new();
            for (id, key) in &keys {
                for reader in readers {
                    let before = recorded.iter().flat_map(|keys| &keys.wrapped);
                    let same = |own: &&WrappedKey| own.key == *id && own.recipient == *reader;
                    let text = match before.clone().find(same) {
                        Some(own) => own.text.clone(),
                        None => self.recipients.wrap(reader, key)?,
                    };
                    wrapped.push(WrappedKey { key: id.clone(), recipient: reader.clone(), text });
                }
            }
            Ok(Keys { current, wrapped })
        })
    }

    /// Returns the ids of the keys that a record wraps and the ring does not know.
    fn unknown(&self, keys: &Keys) -> Vec<WrappedKey> {
        self.with(|ring| {
            let is_unknown = |own: &&WrappedKey| !ring.keys.contains_key(&own.key);
            keys.wrapped.iter().filter(is_unknown).cloned().collect()
        })
    }
}

impl Seal for Keyring {
    fn seal(&self, value: &Value) -> Result<Str, SealError> {
        self.with(|ring| ring.key(&ring.current)?.seal(value))
    }

    fn open(&self, sealed: &str) -> Result<Value, SealError> {
        self.with(|ring| ring.key(seal::key_id(sealed.as_bytes())?)?.open(sealed))
    }

    fn seal_bytes(&self, clear: &[u8]) -> Result<Vec<u8>, SealError> {
        self.with(|ring| ring.key(&ring.current)?.seal_bytes(clear))
    }

    fn open_bytes(&self, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.with(|ring| ring.key(seal::key_id(sealed)?)?.open_bytes(sealed))
    }

    fn digest_key(&self) -> [u8; 32] {
        self.with(|ring| match ring.key(&ring.current) {
            Ok(seal) => seal.digest_key(),
            // Whoever cannot unwrap the key can compare nothing either: equal to no other.
            Err(_) => blake3::derive_key("syncline 1 no key", ring.current.as_bytes()),
        })
    }

    fn learn(&self, keys: &Keys, sequence: u64) {
        if self.with(|ring| sequence <= ring.sequence) {
            // The log is read again: a later record has wrapped all of these.
            return;
        }
        let mut found = Vec::new();
        let mut trouble = None;
        for own in self.unknown(keys) {
            match self.recipients.unwrap(&own.recipient, &own.text) {
                Ok(Some(key)) if KeySeal::new(&key).id() == own.key => found.push(key),
                Ok(Some(_)) => {
                    let reason = format!("the key wrapped for {} is another one", own.recipient);
                    trouble = Some(SealError::Damaged { reason });
                }
                Ok(None) => {}
                Err(error) => trouble = Some(error),
            }
        }
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        for key in found {
            ring.add(key);
        }
        ring.current = keys.current.clone();
        ring.recorded = Some(keys.clone());
        ring.sequence = sequence;
        ring.trouble = trouble;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wraps for the names it has, by a seal of each name's own.
    struct Named(&'static [&'static str]);

    impl Recipients for Named {
        fn own(&self) -> Str {
            self.0[0].into()
        }

        fn wrap(&self, recipient: &str, key: &Key) -> Result<Str, SealError> {
            let hidden = KeySeal::new(blake3::hash(recipient.as_bytes()).as_bytes());
            let text = hidden.seal_bytes(key)?;
            let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(hex.as_str().into())
        }

        fn unwrap(&self, recipient: &str, text: &str) -> Result<Option<Key>, SealError> {
            if !self.0.contains(&recipient) {
                return Ok(None);
            }
            let bytes: Vec<u8> = (0..text.len() / 2)
                .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap())
                .collect();
            let hidden = KeySeal::new(blake3::hash(recipient.as_bytes()).as_bytes());
            Ok(hidden.open_bytes(&bytes)?.try_into().ok())
        }
    }

    fn ring(own: u8, names: &'static [&'static str]) -> Keyring {
        Keyring::new(
            &KeySeal::new(&[own; 32]),
            &EnvironmentName("dev".into()),
            Arc::new(Named(names)),
        )
    }

    #[test]
    fn each_environment_has_its_own_first_key() {
        let other = Keyring::new(
            &KeySeal::new(&[1; 32]),
            &EnvironmentName("prod".into()),
            Arc::new(Named(&["ada"])),
        );
        let dev = ring(1, &["ada"]);
        assert_ne!(dev.current(), other.current());
        assert_eq!(dev.current(), ring(1, &["ada"]).current());
        assert!(other.open(&dev.seal(&Value::from("x")).unwrap()).is_err());
    }

    #[test]
    fn a_reader_that_is_added_reads_old_and_new_and_one_that_is_removed_no_more() {
        let (ada, bob) = (ring(1, &["ada"]), ring(2, &["bob"]));
        let old = ada.seal(&Value::from("old")).unwrap();
        assert!(matches!(bob.open(&old), Err(SealError::OtherKey { .. })));
        let added = ada.rewrap(&["ada".into(), "bob".into()], true).unwrap();
        for ring in [&ada, &bob] {
            ring.learn(&added, 1);
        }
        assert_eq!(bob.open(&old).unwrap(), Value::from("old"));
        let new = bob.seal(&Value::from("new")).unwrap();
        assert_eq!(ada.open(&new).unwrap(), Value::from("new"));
        assert_eq!((ada.digest_key(), ada.readers().len()), (bob.digest_key(), 2));
        let removed = ada.rewrap(&["ada".into()], true).unwrap();
        ada.learn(&removed, 2);
        let later = ada.seal(&Value::from("later")).unwrap();
        let fresh = ring(2, &["bob"]);
        fresh.learn(&removed, 2);
        assert!(matches!(fresh.open(&later), Err(SealError::Locked { .. })));
        assert!(matches!(fresh.seal(&Value::from("x")), Err(SealError::Locked { .. })));
        let fresh = ring(1, &["ada"]);
        fresh.learn(&removed, 2);
        for (sealed, clear) in [(&old, "old"), (&new, "new"), (&later, "later")] {
            assert_eq!(fresh.open(sealed).unwrap(), Value::from(clear));
        }
    }

    #[test]
    fn a_key_that_is_not_the_one_it_is_named_by_is_not_believed() {
        let ada = ring(1, &["ada"]);
        let mut keys = ada.rewrap(&["ada".into()], true).unwrap();
        let foreign = Named(&["ada"]).wrap("ada", &[9; 32]).unwrap();
        keys.wrapped.iter_mut().for_each(|own| own.text = foreign.clone());
        let fresh = ring(3, &["ada"]);
        fresh.learn(&keys, 1);
        let error = fresh.seal(&Value::from("x")).unwrap_err().to_string();
        assert!(error.contains("another one") && error.contains("ada"), "{error}");
    }
}
