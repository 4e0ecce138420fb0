//! The trees of a file as they are kept from one run to the next.
//!
//! Takes the bytes of an earlier run and gives the parts of that time by their keys; returns the
//! bytes for the next one. A key is the digest of everything that a part's trees are made of, the
//! parser among it, so a part is found only by the very text that it was parsed from. The bytes
//! carry the digest of themselves: those that were damaged are not believed.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::parts::Key;

/// What the bytes start with.
const MAGIC: &[u8; 8] = b"synctree";

/// Whatever decides on the trees of a text: when it changes, what was kept by then is of no use. A
/// test in `tests/tests/tidy` sees to it that no file is missing.
const PARSER: [&str; 31] = [
    env!("CARGO_PKG_VERSION"),
    include_str!("ast.rs"),
    include_str!("ast/body.rs"),
    include_str!("ast/operators.rs"),
    include_str!("build/bodies.rs"),
    include_str!("build/expressions.rs"),
    include_str!("build/items.rs"),
    include_str!("build/members.rs"),
    include_str!("build/mod.rs"),
    include_str!("build/numbers.rs"),
    include_str!("build/strings.rs"),
    include_str!("build/types.rs"),
    include_str!("comment.rs"),
    include_str!("compact/mod.rs"),
    include_str!("compact/nodes.rs"),
    include_str!("grammar.pest"),
    include_str!("grammar.rs"),
    include_str!("machine.rs"),
    include_str!("mod.rs"),
    include_str!("parts.rs"),
    include_str!("pipeline.rs"),
    include_str!("recover.rs"),
    include_str!("scanner/boundary.rs"),
    include_str!("scanner/brackets.rs"),
    include_str!("scanner/mod.rs"),
    include_str!("scanner/quotes.rs"),
    include_str!("trees.rs"),
    include_str!("../../build.rs"),
    include_str!("../../model/src/number.rs"),
    include_str!("../../model/src/quantity.rs"),
    include_str!("../../model/src/source.rs"),
];

/// Returns the digest of the parser.
pub(super) fn parser() -> &'static Key {
    static DIGEST: OnceLock<Key> = OnceLock::new();
    DIGEST.get_or_init(|| {
        let mut hasher = blake3::Hasher::new();
        for file in PARSER {
            hasher.update(&(file.len() as u64).to_le_bytes());
            hasher.update(file.as_bytes());
        }
        hasher.finalize().into()
    })
}

/// The trees of the parts of a file. Equal trees are shared.
#[derive(Clone, Debug, Default)]
pub struct Trees {
    /// In the order of the file.
    parts: Vec<(Key, Arc<[u8]>)>,
    places: FxHashMap<Key, usize>,
}

impl Trees {
    /// Reads what [`Trees::to_bytes`] gave; `None` for what is damaged or of another parser.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (digest, rest) = rest.split_first_chunk::<32>()?;
        let (of, mut rest) = rest.split_first_chunk::<32>()?;
        let whole = bytes.get(MAGIC.len() + digest.len()..)?;
        if of != parser() || blake3::hash(whole) != blake3::Hash::from_bytes(*digest) {
            return None;
        }
        let mut trees = Self::default();
        while let Some((key, behind)) = rest.split_first_chunk::<32>() {
            let (length, behind) = behind.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (own, behind) = behind.split_at_checked(length)?;
            trees.push(*key, own.into());
            rest = behind;
        }
        rest.is_empty().then_some(trees)
    }

    /// Returns the trees as bytes, for [`Trees::from_bytes`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let size: usize = self.parts.iter().map(|(key, own)| key.len() + 4 + own.len()).sum();
        let mut bytes = Vec::with_capacity(MAGIC.len() + 64 + size);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; 32]);
        bytes.extend_from_slice(parser());
        for (key, own) in &self.parts {
            bytes.extend_from_slice(key);
            // A part is at most as large as a file, 64 MB.
            bytes.extend_from_slice(&(own.len() as u32).to_le_bytes());
            bytes.extend_from_slice(own);
        }
        let from = MAGIC.len() + 32;
        let digest = blake3::hash(&bytes[from..]);
        bytes[MAGIC.len()..from].copy_from_slice(digest.as_bytes());
        bytes
    }

    /// Tells whether there is no tree.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Arc<[u8]>> {
        self.places.get(key).map(|at| &self.parts[*at].1)
    }

    pub(super) fn push(&mut self, key: Key, own: Arc<[u8]>) {
        if !self.places.contains_key(&key) {
            self.places.insert(key, self.parts.len());
            self.parts.push((key, own));
        }
    }
}
