//! What a package is known by.
//!
//! Takes a folder or an archive and returns the hashes of lock files: `h1:` of what is in it, the
//! same whether packed or unpacked, and `zh:` of the archive's bytes. Both are those of OpenTofu.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::Error;

/// A hash of a package with its scheme: `h1:…` or `zh:…`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// Returns the text, `h1:…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the hash of an archive that has these bytes' SHA-256, as registries write it.
    #[must_use]
    pub fn archive(hex: &str) -> Self {
        Self(format!("zh:{}", hex.to_ascii_lowercase()))
    }
}

impl FromStr for Hash {
    type Err = ();

    /// Reads a hash; of a scheme that is not known it is kept and never matches.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            Some((scheme, rest)) if !scheme.is_empty() && !rest.is_empty() => {
                Ok(Self(text.to_owned()))
            }
            Some(_) | None => Err(()),
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the SHA-256 of what a reader gives.
///
/// # Errors
/// When it cannot be read.
pub fn sha256(mut reader: impl Read) -> std::io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Returns the `h1:` hash of files: each with its path within the package and its SHA-256.
fn contents(mut files: Vec<(String, [u8; 32])>) -> Hash {
    files.sort();
    let mut hasher = Sha256::new();
    for (path, digest) in files {
        hasher.update(format!("{}  {path}\n", hex(&digest)));
    }
    Hash(format!("h1:{}", STANDARD.encode(hasher.finalize())))
}

/// Returns every file below a folder, with `/` and sorted.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let path = folder.join(&below);
        for entry in std::fs::read_dir(&path).map_err(|error| Error::disk(&path, error))? {
            let entry = entry.map_err(|error| Error::disk(&path, error))?;
            let name = below.join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(name);
            } else {
                found.push(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the `h1:` hash of a folder.
///
/// # Errors
/// When a file cannot be read.
pub fn folder(folder: &Path) -> Result<Hash, Error> {
    let mut all = Vec::new();
    for name in files(folder)? {
        let path = folder.join(&name);
        let digest = std::fs::File::open(&path)
            .and_then(sha256)
            .map_err(|error| Error::disk(&path, error))?;
        all.push((name, digest));
    }
    Ok(contents(all))
}

/// Returns the `h1:` and the `zh:` hash of an archive.
///
/// # Errors
/// When it cannot be read or is no archive.
pub fn archive(path: &Path) -> Result<[Hash; 2], Error> {
    let open = || std::fs::File::open(path).map_err(|error| Error::disk(path, error));
    let whole = sha256(open()?).map_err(|error| Error::disk(path, error))?;
    let bad = |error: zip::result::ZipError| Error::archive(path, error.to_string());
    let mut archive = zip::ZipArchive::new(open()?).map_err(bad)?;
    let mut all = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(bad)?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(bad)?.into_owned();
        let limit = file.size();
        let digest = sha256(file.take(limit)).map_err(|error| Error::disk(path, error))?;
        all.push((name, digest));
    }
    Ok([contents(all), Hash::archive(&hex(&whole))])
}
