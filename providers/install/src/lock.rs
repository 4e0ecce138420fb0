//! The lock file: which version of each provider, and what its packages are known by.
//!
//! Takes and writes the form of OpenTofu's `.terraform.lock.hcl`, so that either file can be
//! copied from the other. Laws: providers and hashes are sorted; what did not change is not
//! written; a hash of a scheme that is not known is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::blocks::{self, Entry};
use crate::hash::Hash;
use crate::{Constraints, Error, Source, Version};

/// What a lock file says of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The version.
    pub version: Version,
    /// The constraints that it was chosen for.
    pub constraints: Constraints,
    /// What its packages may be known by, for any platform.
    pub hashes: BTreeSet<Hash>,
}

impl Locked {
    /// Tells whether a package with these hashes is one that is meant. A provider without any
    /// hash is pinned by its version alone.
    #[must_use]
    pub fn accepts(&self, hashes: &[Hash]) -> bool {
        let checkable =
            |hash: &&Hash| ["h1:", "zh:"].iter().any(|own| hash.as_str().starts_with(own));
        self.hashes.iter().filter(checkable).count() == 0
            || hashes.iter().any(|hash| self.hashes.contains(hash))
    }
}

/// A lock file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The providers.
    pub providers: BTreeMap<Source, Locked>,
}

/// The name of the lock file in a project's folder.
pub const NAME: &str = "syncline.lock";

const HEADER: &str = "\
# Written by `syncline`: which version of each provider this project uses, and the checksums of its
# packages. Keep it in version control. `syncline providers lock` writes it anew.
";

impl LockFile {
    /// Reads a lock file; one that does not exist is empty.
    ///
    /// # Errors
    /// When it cannot be read or is not well-formed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|why| Error::file(path, why)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::disk(path, error)),
        }
    }

    /// Reads the text of a lock file.
    ///
    /// # Errors
    /// What is not well-formed.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.lines().any(|line| line.starts_with("<<<<<<< ")) {
            return Err(
                "it has the marks of a merge that is not finished: keep what one of both sides has"
                    .to_owned(),
            );
        }
        let mut providers = BTreeMap::new();
        for entry in blocks::parse(text)?.iter().filter(|entry| entry.name == "provider") {
            let [label] = entry.labels.as_slice() else {
                return Err("a provider has one address".to_owned());
            };
            let source: Source = label.parse().map_err(|error| format!("`{label}`: {error}"))?;
            let locked = locked(entry.item.body()).map_err(|why| format!("{source}: {why}"))?;
            if providers.contains_key(&source) {
                return Err(format!("{source} is there twice: keep one of both"));
            }
            providers.insert(source, locked);
        }
        Ok(Self { providers })
    }

    /// Returns the text of the lock file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = HEADER.to_owned();
        for (source, locked) in &self.providers {
            let _ = write!(text, "\nprovider \"{source}\" {{\n");
            if locked.constraints.is_empty() {
                let _ = writeln!(text, "  version = \"{}\"", locked.version);
            } else {
                let _ = writeln!(text, "  version     = \"{}\"", locked.version);
                let _ = writeln!(text, "  constraints = \"{}\"", locked.constraints);
            }
            if !locked.hashes.is_empty() {
                text.push_str("  hashes = [\n");
                for hash in &locked.hashes {
                    let _ = writeln!(text, "    \"{hash}\",");
                }
                text.push_str("  ]\n");
            }
            text.push_str("}\n");
        }
        text
    }

    /// Writes the lock file where it says something else; returns whether it did.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write(&self, path: &Path) -> Result<bool, Error> {
        let text = self.text();
        if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
            return Ok(false);
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let fail = |error| Error::disk(path, error);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        file.write_all(text.as_bytes()).map_err(fail)?;
        readable(file.as_file()).map_err(fail)?;
        file.persist(path).map_err(|error| fail(error.error))?;
        Ok(true)
    }
}

/// A temporary file is its owner's alone; a lock file is everybody's.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

fn locked(body: &[Entry]) -> Result<Locked, String> {
    let text = |name: &str| blocks::value(body, name).and_then(|item| item.text());
    let version = text("version").ok_or("the version is missing")?;
    let constraints = text("constraints").unwrap_or_default();
    let mut hashes = BTreeSet::new();
    if let Some(item) = blocks::value(body, "hashes") {
        for text in item.texts().ok_or("`hashes` is a list of texts")? {
            hashes.insert(text.parse().map_err(|()| format!("`{text}` is no hash"))?);
        }
    }
    Ok(Locked {
        version: version.parse().map_err(|error| format!("{error}"))?,
        constraints: constraints.parse().map_err(|error| format!("{error}"))?,
        hashes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OpenTofu writes it.
    const TOFU: &str = r#"# This file is maintained automatically by "tofu init".
# Manual edits may be lost in future updates.

provider "registry.opentofu.org/hashicorp/null" {
  version     = "3.2.3"
  constraints = ">= 3.0.0, < 4.0.0"
  hashes = [
    "h1:+AnORRgFbRO6qqcfaQyeX80W0eX3VmjadjnUFUJTiXo=",
    "zh:22d062e5278d872fe7aed834f5577ba0a5afe34a3bdac2b81f828d8d3e6706d2",
  ]
}

provider "registry.opentofu.org/hashicorp/random" {
  version = "3.6.3"
}
"#;

    #[test]
    fn the_file_of_opentofu_is_read_and_written_as_it_is() {
        let lock = LockFile::parse(TOFU).unwrap();
        assert_eq!(lock.providers.len(), 2);
        let body = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
        assert_eq!(body(&lock.text()), body(TOFU));
        assert_eq!(LockFile::parse(&lock.text()).unwrap(), lock);
    }

    #[test]
    fn what_is_not_well_formed_has_a_reason() {
        for text in [
            "provider {}",
            "provider \"a/b\" {}",
            "provider \"a/b\" { version = \"1\" }",
            "provider \"a/b\" {\n version = \"1.0.0\"\n hashes = [\"x\"]\n}",
            "provider \"",
            "provider \"a/b\" {\n version = \"1.0.0\"\n}\nprovider \"a/b\" {\n version = \"1.0.0\"\n}",
            "<<<<<<< HEAD\n=======\n>>>>>>> other\n",
        ] {
            assert!(LockFile::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn any_hash_suffices_and_none_asks_for_nothing() {
        let lock = LockFile::parse(TOFU).unwrap();
        let null = &lock.providers[&"hashicorp/null".parse().unwrap()];
        let hash = |text: &str| text.parse::<Hash>().unwrap();
        assert!(
            null.accepts(&[hash("h1:x"), hash("h1:+AnORRgFbRO6qqcfaQyeX80W0eX3VmjadjnUFUJTiXo=")])
        );
        assert!(!null.accepts(&[hash("h1:x")]));
        assert!(lock.providers[&"hashicorp/random".parse().unwrap()].accepts(&[]));
    }
}
