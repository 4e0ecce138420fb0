//! Archives of packages: unpacking and packing.
//!
//! Takes a zip file and fills a folder, or the other way round. Laws: nothing is written outside of
//! the folder; links are not followed and not made; what is too large is refused before the disk
//! is full.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::{Error, hash};

/// The most bytes that a package may have unpacked.
const LARGEST: u64 = 8 << 30;
/// The most files that a package may have.
const MOST: usize = 20_000;

/// Unpacks an archive into a folder, which is made.
///
/// # Errors
/// When the archive is none, holds what it must not, or the disk fails.
pub(crate) fn unpack(path: &Path, into: &Path) -> Result<(), Error> {
    let file = File::open(path).map_err(|error| Error::disk(path, error))?;
    let bad = |error: zip::result::ZipError| Error::archive(path, error.to_string());
    let mut archive = zip::ZipArchive::new(file).map_err(bad)?;
    if archive.len() > MOST {
        return Err(Error::archive(path, format!("it has more than {MOST} files")));
    }
    std::fs::create_dir_all(into).map_err(|error| Error::disk(into, error))?;
    let mut left = LARGEST;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(bad)?;
        let name = entry.name().map_err(bad)?.into_owned();
        let Some(inside) = entry.enclosed_name() else {
            return Err(Error::archive(path, format!("`{name}` would be outside of its folder")));
        };
        let target = into.join(inside);
        if entry.is_symlink() {
            return Err(Error::archive(path, format!("`{name}` is a link")));
        }
        if entry.is_dir() {
            std::fs::create_dir_all(&target).map_err(|error| Error::disk(&target, error))?;
            continue;
        }
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).map_err(|error| Error::disk(parent, error))?;
        }
        let mut out = File::create_new(&target).map_err(|error| Error::disk(&target, error))?;
        let copied = std::io::copy(&mut entry.by_ref().take(left + 1), &mut out)
            .map_err(|error| Error::archive(path, error.to_string()))?;
        if copied > left {
            return Err(Error::archive(path, format!("it has more than {} GiB", LARGEST >> 30)));
        }
        left -= copied;
        executable(&target, entry.unix_mode())?;
    }
    Ok(())
}

/// Makes a file of a package executable, whatever its archive says: some say nothing.
#[cfg(unix)]
fn executable(path: &Path, mode: Option<u32>) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let program = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("terraform-provider-"));
    let mode = if program || mode.is_some_and(|mode| mode & 0o111 != 0) { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
        .map_err(|error| Error::disk(path, error))
}

#[cfg(not(unix))]
fn executable(_path: &Path, _mode: Option<u32>) -> Result<(), Error> {
    Ok(())
}

/// Packs a folder into an archive; the same folder gives the same bytes.
///
/// # Errors
/// When the disk fails.
pub(crate) fn pack(folder: &Path, path: &Path) -> Result<(), Error> {
    let file = File::create(path).map_err(|error| Error::disk(path, error))?;
    let bad = |error: zip::result::ZipError| Error::archive(path, error.to_string());
    let mut writer = zip::ZipWriter::new(file);
    for name in hash::files(folder)? {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .large_file(true)
            .unix_permissions(0o755);
        writer.start_file(name.as_str(), options).map_err(bad)?;
        let from = folder.join(&name);
        let mut from = File::open(&from).map_err(|error| Error::disk(&from, error))?;
        std::io::copy(&mut from, &mut writer).map_err(|error| Error::disk(path, error))?;
    }
    let mut file = writer.finish().map_err(bad)?;
    file.flush().map_err(|error| Error::disk(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_the_same_hash_packed_and_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        std::fs::create_dir_all(from.join("docs")).unwrap();
        std::fs::write(from.join("terraform-provider-x_v1.0.0"), "program").unwrap();
        std::fs::write(from.join("docs/LICENSE"), "free").unwrap();
        let archive = folder.path().join("x.zip");
        pack(&from, &archive).unwrap();
        let to = folder.path().join("to");
        unpack(&archive, &to).unwrap();
        let [packed, _] = hash::archive(&archive).unwrap();
        assert_eq!(hash::folder(&from).unwrap(), packed);
        assert_eq!(hash::folder(&to).unwrap(), packed);
        // As `sha256sum docs/LICENSE terraform-provider-x_v1.0.0 | sha256sum` has it.
        assert_eq!(packed.as_str(), "h1:E3MEB1u5wYNvkVdaRFXwf6gG+8Hg72omknqgy0U6xV8=");
    }

    #[test]
    fn nothing_is_written_outside_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bad.zip");
        let mut writer = zip::ZipWriter::new(File::create(&path).unwrap());
        writer.start_file("../out", zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(b"x").unwrap();
        writer.finish().unwrap();
        assert!(unpack(&path, &folder.path().join("to")).is_err());
        assert!(!folder.path().join("out").exists());
    }
}
