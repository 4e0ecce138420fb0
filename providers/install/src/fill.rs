//! Filling a mirror.
//!
//! Takes which providers, at which versions and for which platforms, and writes a folder that is a
//! packed file system mirror and, served as it is, a network mirror.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::hash::Hash;
use crate::installer::{Installer, Observer, Request};
use crate::lock::LockFile;
use crate::{Error, Platform, Version, folder};

/// Fetches packages and notes their hashes, for several platforms.
///
/// Returns the hashes of all packages; with a `mirror` the archives are kept there.
///
/// # Errors
/// When a package cannot be had or the disk fails.
pub fn packages(
    installer: &Installer,
    request: &Request,
    version: &Version,
    platforms: &[Platform],
    mirror: Option<&Path>,
    observer: Observer<'_>,
) -> Result<Vec<Hash>, Error> {
    let scratch = tempfile::tempdir().map_err(|error| Error::disk(Path::new("."), error))?;
    let to = match mirror {
        Some(mirror) => mirror.join(request.source.folder()),
        None => scratch.path().to_owned(),
    };
    std::fs::create_dir_all(&to).map_err(|error| Error::disk(&to, error))?;
    let mut all = Vec::new();
    let mut archives = BTreeMap::new();
    for platform in platforms {
        let name = folder::archive_name(&request.source, version, platform);
        let part = to.join(format!(".{name}.part"));
        let (own, others) = installer.archive(request, (version, platform), &part, observer)?;
        let whole = to.join(&name);
        std::fs::rename(&part, &whole).map_err(|error| Error::disk(&whole, error))?;
        archives.insert(platform.to_string(), json!({ "url": name, "hashes": own }));
        all.extend(own);
        all.extend(others);
    }
    if mirror.is_some() {
        index(&to, version, archives)?;
    }
    Ok(all)
}

/// Writes the two documents of a network mirror; what they say of other versions and platforms
/// stays.
fn index(to: &Path, version: &Version, archives: BTreeMap<String, Value>) -> Result<(), Error> {
    let amend = |name: String, key: &str, entries: BTreeMap<String, Value>| {
        let path = to.join(name);
        let old: Option<Value> =
            std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let old = old.and_then(|old| old.get(key).and_then(Value::as_object).cloned());
        let mut whole: BTreeMap<String, Value> = old.into_iter().flatten().collect();
        whole.extend(entries);
        let text = serde_json::to_string_pretty(&json!({ (key): whole })).unwrap_or_default();
        std::fs::write(&path, text + "\n").map_err(|error| Error::disk(&path, error))
    };
    amend(format!("{version}.json"), "archives", archives)?;
    let versions = BTreeMap::from([(version.to_string(), json!({}))]);
    amend("index.json".to_owned(), "versions", versions)
}

/// Adds hashes to what the lock file says of a provider.
pub fn note(lock: &mut LockFile, request: &Request, hashes: impl IntoIterator<Item = Hash>) {
    if let Some(locked) = lock.providers.get_mut(&request.source) {
        locked.hashes.extend(hashes);
    }
}
