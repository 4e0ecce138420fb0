//! Files that only their owner may read, written as a whole or not at all.
//!
//! A file is written beside its place, made durable, and then put there in one step: a reader sees
//! all of it or nothing, and so does whoever comes after a crash.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Makes a folder that only its owner may enter, and those above it, where they are missing.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a new, empty file that only its owner may read and write.
pub(crate) fn create_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file, in place of one that may be there. A link stays one: what it leads to is written. What is no file,
/// as a pipe or a device, takes what is written and stays what it is.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let found = fs::metadata(path).ok();
    if found.as_ref().is_some_and(|found| !found.is_file() && !found.is_dir()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    let target = found.map(|_| path.canonicalize()).transpose()?;
    let path = target.as_deref().unwrap_or(path);
    let draft = Draft::write(path, content)?;
    fs::rename(&draft.0, path)?;
    sync_folder(path)
}

/// Writes a file unless there is one; tells whether it did.
pub(crate) fn create(path: &Path, content: &[u8]) -> io::Result<bool> {
    Draft::write(path, content)?.publish(path)
}

/// A file beside its place, removed when it is dropped.
pub(crate) struct Draft(pub(crate) PathBuf);

impl Draft {
    /// Makes an empty one.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        let mut number = [0; 8];
        crate::seal::random(&mut number).map_err(io::Error::other)?;
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{:016x}.new", u64::from_le_bytes(number)));
        let draft = Self(path.with_file_name(name));
        create_file(&draft.0)?;
        Ok(draft)
    }

    /// Makes one with a content that is durable.
    pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<Self> {
        let draft = Self::new(path)?;
        let mut file = fs::OpenOptions::new().write(true).open(&draft.0)?;
        file.write_all(content)?;
        file.sync_all()?;
        Ok(draft)
    }

    /// Puts it in its place unless there is a file already; tells whether it did.
    pub(crate) fn publish(self, path: &Path) -> io::Result<bool> {
        let done = match fs::hard_link(&self.0, path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            // A file system without hard links: what is left is to look first.
            Err(_) if path.try_exists()? => false,
            Err(_) => {
                fs::rename(&self.0, path)?;
                true
            }
        };
        sync_folder(path)?;
        Ok(done)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone already where it was renamed.
        let _ = fs::remove_file(&self.0);
    }
}

/// Makes durable that a file is where it is.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
