//! What can go wrong with an installation.

use std::path::{Path, PathBuf};

use crate::Source;

/// A place where a provider was looked for, and what was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The place: `the folder /opt/mirror`.
    pub place: String,
    /// What was there: `no version that fits; there are 1.0.0, 1.1.0`.
    pub found: String,
    /// Whether the place could not be asked at all.
    pub unreachable: bool,
    /// Whether it has versions that do not fit.
    pub is_there: bool,
    /// The same provider at another registry's address, which a folder has instead.
    pub instead: Option<Box<Source>>,
}

impl Looked {
    /// Returns what came of looking at a place.
    pub(crate) fn new(place: impl Into<String>, found: String, unreachable: bool) -> Self {
        Self { place: place.into(), found, unreachable, is_there: false, instead: None }
    }
}

/// Why a provider could not be installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No place has a version that fits.
    #[error("no place has {source_address} {asked}")]
    NotFound {
        /// The provider.
        source_address: Box<Source>,
        /// What was asked of its version, and the platform.
        asked: String,
        /// Where it was looked for.
        looked: Vec<Looked>,
    },
    /// What is there is not what the lock file has.
    #[error("{source_address} {version} from {place} is not what the lock file has")]
    Changed {
        /// The provider.
        source_address: Box<Source>,
        /// Its version.
        version: String,
        /// Where it came from.
        place: String,
        /// Its hashes.
        got: Vec<String>,
    },
    /// A checksum or a signature does not fit.
    #[error("{what} is not trustworthy: {why}")]
    Untrusted {
        /// What was checked.
        what: String,
        /// What does not fit.
        why: String,
    },
    /// A package holds no program of the provider.
    #[error("{} holds no program named {name}", path.display())]
    NoProgram {
        /// The package's folder.
        path: PathBuf,
        /// The name that the program should have.
        name: String,
    },
    /// What a development override names is not there or is no provider.
    #[error("the override of {source_address} under `dev_overrides`{} {why}", of(file))]
    Override {
        /// The provider.
        source_address: Box<Source>,
        /// The file that has the override.
        file: Option<PathBuf>,
        /// What it names, and what is wrong with that.
        why: String,
    },
    /// A server could not be reached or did not answer as it should.
    #[error("{url}: {why}")]
    Network {
        /// What was asked for.
        url: String,
        /// What came instead.
        why: String,
    },
    /// The disk failed.
    #[error("{}: {error}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What failed.
        error: std::io::Error,
    },
    /// An archive is none, or holds what it must not.
    #[error("the archive {}: {why}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A lock file or a configuration file is not well-formed.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, perhaps with a line.
        why: String,
    },
}

fn of(file: &Option<PathBuf>) -> String {
    file.as_ref().map(|file| format!(" of {}", file.display())).unwrap_or_default()
}

impl Error {
    pub(crate) fn disk(path: &Path, error: std::io::Error) -> Self {
        Self::Disk { path: path.to_owned(), error }
    }

    pub(crate) fn archive(path: &Path, why: impl Into<String>) -> Self {
        Self::Archive { path: path.to_owned(), why: why.into() }
    }

    pub(crate) fn network(url: &str, why: impl Into<String>) -> Self {
        Self::Network { url: url.to_owned(), why: why.into() }
    }

    pub(crate) fn file(path: &Path, why: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), why: why.into() }
    }
}
