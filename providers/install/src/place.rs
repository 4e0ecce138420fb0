//! Places that have providers: folders, network mirrors, registries.
//!
//! Each place answers two questions: which versions it has for a platform, and what the package of
//! one of them is.

use std::fmt;
use std::path::PathBuf;

use crate::hash::Hash;
use crate::registry::Registries;
use crate::{Error, Platform, Source, Version, folder, network};

/// A place that has providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file system mirror, unpacked or packed.
    Folder(PathBuf),
    /// A network mirror: its address, with `/` at its end.
    Mirror(String),
    /// The registry that a provider's own address names.
    Registry,
}

/// What a package was trusted by when it was installed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// A signature over its checksum, by a key that the registry names.
    Signed {
        /// The key's id, as the registry writes it.
        key: String,
    },
    /// A checksum, without a signature.
    Checksum,
    /// Its place alone.
    Place,
}

/// A package as a place has it.
#[derive(Clone, Debug)]
pub(crate) enum Package {
    /// An unpacked folder, used where it is.
    Folder(PathBuf),
    /// An archive on the disk.
    Archive(PathBuf),
    /// An archive to be fetched.
    Remote(Remote),
}

/// An archive to be fetched.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) url: String,
    /// The hashes of which one must be the archive's.
    pub(crate) expected: Vec<Hash>,
    /// Hashes of the other platforms' archives, trusted as this one's is.
    pub(crate) others: Vec<Hash>,
    pub(crate) trust: Trust,
}

impl Place {
    /// Tells whether the network is needed to ask.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        !matches!(self, Self::Folder(_))
    }

    /// Returns the place as a message names it.
    #[must_use]
    pub fn name(&self, source: &Source) -> String {
        match self {
            Self::Folder(_) | Self::Mirror(_) => self.to_string(),
            Self::Registry => format!("the registry {}", source.host),
        }
    }

    pub(crate) fn versions(
        &self,
        source: &Source,
        platform: &Platform,
        registries: &Registries,
    ) -> Result<Vec<Version>, Error> {
        match self {
            Self::Folder(path) => folder::versions(path, source, platform),
            Self::Mirror(url) => network::versions(url, source, &registries.client),
            Self::Registry => registries.versions(source, platform),
        }
    }

    pub(crate) fn package(
        &self,
        source: &Source,
        version: &Version,
        platform: &Platform,
        registries: &Registries,
    ) -> Result<Option<Package>, Error> {
        match self {
            Self::Folder(path) => folder::package(path, source, version, platform),
            Self::Mirror(url) => {
                network::package(url, source, version, platform, &registries.client)
            }
            Self::Registry => registries.package(source, version, platform),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "the folder {}", path.display()),
            Self::Mirror(url) => write!(f, "the mirror {url}"),
            Self::Registry => f.write_str("the provider's registry"),
        }
    }
}
