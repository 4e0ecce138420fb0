//! The one cache of installed packages, shared by all projects and all runs.
//!
//! The layout is that of an unpacked mirror, so the cache can be used as one. Laws: a package's
//! folder is made elsewhere and renamed into place, so it is whole or absent; who makes or replaces
//! one holds the package's lock; what was hashed once is not hashed again while the sizes and times
//! of its files stay the same.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::hash::{self, Hash};
use crate::{Error, Platform, Source, Version, archive, folder};

/// What is known of a package's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Its hashes: `h1:`, and `zh:` where it came from an archive.
    pub(crate) hashes: Vec<Hash>,
    /// The SHA-256 of its program.
    pub(crate) program: [u8; 32],
    /// Each file with its size and its time in nanoseconds.
    files: Vec<(String, u64, u128)>,
}

/// What is known of a program that belongs to no package.
#[derive(Serialize, Deserialize)]
struct KnownProgram {
    program: [u8; 32],
    size: u64,
    time: u128,
}

/// How old a program must be before its size and time tell it from what may be written next.
const SETTLED: Duration = Duration::from_secs(2);

/// The cache.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Returns the folder of a package, there or not.
    pub(crate) fn folder(&self, source: &Source, version: &Version, on: &Platform) -> PathBuf {
        folder::unpacked(&self.root, source, version, on)
    }

    /// Returns the versions that are in the cache.
    pub(crate) fn versions(&self, source: &Source, platform: &Platform) -> Vec<Version> {
        folder::versions(&self.root, source, platform).unwrap_or_default()
    }

    /// Returns an empty file in the cache, gone when it is dropped.
    pub(crate) fn scratch(&self) -> Result<tempfile::NamedTempFile, Error> {
        let folder = self.staging()?;
        tempfile::NamedTempFile::new_in(&folder).map_err(|error| Error::disk(&folder, error))
    }

    fn staging(&self) -> Result<PathBuf, Error> {
        self.inner(".staging")
    }

    fn inner(&self, name: &str) -> Result<PathBuf, Error> {
        let folder = self.root.join(name);
        std::fs::create_dir_all(&folder).map_err(|error| Error::disk(&folder, error))?;
        Ok(folder)
    }

    /// Unpacks an archive into its place unless the same is there already.
    pub(crate) fn add(
        &self,
        from: &Path,
        hashes: &[Hash],
        place: (&Source, &Version, &Platform),
    ) -> Result<PathBuf, Error> {
        let (source, version, platform) = place;
        let target = self.folder(source, version, platform);
        let name = format!("{}_{version}_{platform}.lock", source.folder().replace('/', "_"));
        let path = self.inner(".locks")?.join(name);
        let lock = File::create(&path).map_err(|error| Error::disk(&path, error))?;
        // Released when the file is closed, also when the process dies.
        lock.lock().map_err(|error| Error::disk(&path, error))?;
        if let Some((_, known)) = self.package(source, version, platform)?
            && known.hashes.iter().any(|own| hashes.contains(own))
        {
            return Ok(target);
        }
        if target.is_dir() {
            self.discard(&target)?;
        }
        let staging = self.staging()?;
        let made = tempfile::tempdir_in(&staging).map_err(|error| Error::disk(&staging, error))?;
        let whole = made.path().join("package");
        archive::unpack(from, &whole)?;
        let found = folder::program(&whole, source);
        if let Err(Error::NoProgram { name, .. }) = &found {
            return Err(Error::archive(from, format!("it holds no program named {name}")));
        }
        found?;
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(|error| Error::disk(parent, error))?;
        }
        std::fs::rename(&whole, &target).map_err(|error| Error::disk(&target, error))?;
        self.learn(&target, source, hashes)?;
        Ok(target)
    }

    /// Takes a package out; a program of it that runs goes on running.
    fn discard(&self, folder: &Path) -> Result<(), Error> {
        let staging = self.staging()?;
        let away = tempfile::tempdir_in(&staging).map_err(|error| Error::disk(&staging, error))?;
        std::fs::rename(folder, away.path().join("package"))
            .map_err(|error| Error::disk(folder, error))
    }

    /// Returns a package that is in the cache, and what is known of it; one that has lost its program is none.
    pub(crate) fn package(
        &self,
        source: &Source,
        version: &Version,
        on: &Platform,
    ) -> Result<Option<(PathBuf, Known)>, Error> {
        let folder = self.folder(source, version, on);
        if !folder.is_dir() {
            return Ok(None);
        }
        match self.known(&folder, source) {
            Ok(known) => Ok(Some((folder, known))),
            Err(Error::NoProgram { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns what is known of a package's folder; it is read where that is not enough.
    pub(crate) fn known(&self, folder: &Path, source: &Source) -> Result<Known, Error> {
        let noted = std::fs::read(self.note(folder)).ok();
        let noted = noted.and_then(|bytes| serde_json::from_slice::<Known>(&bytes).ok());
        if let Some(known) = noted
            && known.files == files(folder)?
        {
            return Ok(known);
        }
        self.learn(folder, source, &[])
    }

    /// Reads a package's folder and notes what it is.
    fn learn(&self, folder: &Path, source: &Source, more: &[Hash]) -> Result<Known, Error> {
        let before = files(folder)?;
        let program = folder::program(folder, source)?;
        let digest = File::open(&program)
            .and_then(hash::sha256)
            .map_err(|error| Error::disk(&program, error))?;
        let mut hashes = vec![hash::folder(folder)?];
        hashes.extend(more.iter().filter(|own| own.as_str().starts_with("zh:")).cloned());
        let known = Known { hashes, program: digest, files: before };
        self.write_note(folder, &known);
        Ok(known)
    }

    /// Returns the SHA-256 of a program that belongs to no package.
    pub(crate) fn digest(&self, program: &Path) -> Result<[u8; 32], Error> {
        let fail = |error| Error::disk(program, error);
        let metadata = std::fs::metadata(program).map_err(fail)?;
        let (size, time) = (metadata.len(), time(&metadata));
        let noted = std::fs::read(self.note(program)).ok();
        let noted = noted.and_then(|bytes| serde_json::from_slice::<KnownProgram>(&bytes).ok());
        if let Some(known) = noted
            && (known.size, known.time) == (size, time)
        {
            return Ok(known.program);
        }
        let digest = File::open(program).and_then(hash::sha256).map_err(fail)?;
        // Whoever develops a program may write another one of the same size at once.
        let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age >= SETTLED) {
            self.write_note(program, &KnownProgram { program: digest, size, time });
        }
        Ok(digest)
    }

    /// Writes a note. It is a convenience: where it cannot be written, all is read again next time.
    fn write_note(&self, of: &Path, note: &impl Serialize) {
        if let (Ok(bytes), Ok(scratch)) = (serde_json::to_vec(note), self.scratch()) {
            let _written = std::fs::write(scratch.path(), bytes)
                .and_then(|()| self.inner(".notes").map_err(std::io::Error::other))
                .and_then(|_| scratch.persist(self.note(of)).map_err(|error| error.error));
        }
    }

    fn note(&self, folder: &Path) -> PathBuf {
        let path = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let name = hash::sha256(path.as_os_str().as_encoded_bytes()).unwrap_or_default();
        self.root.join(".notes").join(format!("{}.json", hash::hex(&name[..16])))
    }
}

/// Returns each file with its size and time, sorted.
fn files(folder: &Path) -> Result<Vec<(String, u64, u128)>, Error> {
    let mut found = Vec::new();
    for name in hash::files(folder)? {
        let path = folder.join(&name);
        let metadata = std::fs::metadata(&path).map_err(|error| Error::disk(&path, error))?;
        found.push((name, metadata.len(), time(&metadata)));
    }
    Ok(found)
}

/// Returns when a file was written, in nanoseconds; 0 where that is not known.
fn time(metadata: &Metadata) -> u128 {
    let time = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    time.map_or(0, |time| time.as_nanos())
}
