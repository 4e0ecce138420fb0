//! File system mirrors.
//!
//! Takes a folder of OpenTofu's layout and returns what is in it:
//! `HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/` unpacked, and
//! `HOST/NAMESPACE/TYPE/terraform-provider-TYPE_VERSION_OS_ARCH.zip` packed. The cache has the
//! unpacked layout too. A folder that does not exist has nothing.

use std::path::{Path, PathBuf};

use crate::place::Package;
use crate::{Error, Platform, Source, Version};

/// Returns the name of a packed provider.
pub(crate) fn archive_name(source: &Source, version: &Version, platform: &Platform) -> String {
    format!("terraform-provider-{}_{version}_{platform}.zip", source.kind)
}

/// Returns the folder of an unpacked provider.
pub(crate) fn unpacked(
    mirror: &Path,
    source: &Source,
    version: &Version,
    platform: &Platform,
) -> PathBuf {
    mirror.join(source.folder()).join(version.to_string()).join(platform.to_string())
}

/// Returns the versions that a mirror has for a platform, sorted.
pub(crate) fn versions(
    mirror: &Path,
    source: &Source,
    platform: &Platform,
) -> Result<Vec<Version>, Error> {
    let folder = mirror.join(source.folder());
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::disk(&folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::disk(&folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let packed = name
            .strip_prefix(&format!("terraform-provider-{}_", source.kind))
            .and_then(|rest| rest.strip_suffix(&format!("_{platform}.zip")));
        if let Some(version) = packed.and_then(|text| text.parse().ok()) {
            found.push(version);
        } else if let Ok(version) = name.parse::<Version>()
            && entry.path().join(platform.to_string()).is_dir()
        {
            found.push(version);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Returns the platforms that a mirror has something for, sorted.
pub(crate) fn platforms(mirror: &Path, source: &Source) -> Vec<String> {
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|own| own.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let folder = mirror.join(source.folder());
    let packed = format!("terraform-provider-{}_", source.kind);
    let mut found = Vec::new();
    for name in names(&folder) {
        if let Some(rest) = name.strip_prefix(&packed).and_then(|own| own.strip_suffix(".zip")) {
            found.extend(rest.split_once('_').map(|(_, platform)| platform.to_owned()));
        } else if name.parse::<Version>().is_ok() {
            found.extend(names(&folder.join(name)));
        }
    }
    found.retain(|own| own.parse::<Platform>().is_ok());
    found.sort();
    found.dedup();
    found
}

/// Returns a package of a mirror, the unpacked one first.
pub(crate) fn package(
    mirror: &Path,
    source: &Source,
    version: &Version,
    platform: &Platform,
) -> Result<Option<Package>, Error> {
    let folder = unpacked(mirror, source, version, platform);
    if folder.is_dir() {
        return Ok(Some(Package::Folder(folder)));
    }
    let archive = mirror.join(source.folder()).join(archive_name(source, version, platform));
    Ok(archive.is_file().then_some(Package::Archive(archive)))
}

/// Returns the program in a package's folder: the first file of the provider's name.
pub(crate) fn program(folder: &Path, source: &Source) -> Result<PathBuf, Error> {
    let name = format!("terraform-provider-{}", source.kind);
    let entries = std::fs::read_dir(folder).map_err(|error| Error::disk(folder, error))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| !entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let fits = |own: &&String| {
        own.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.']))
    };
    match names.iter().find(fits) {
        Some(found) => Ok(folder.join(found)),
        None => Err(Error::NoProgram { path: folder.to_owned(), name }),
    }
}
