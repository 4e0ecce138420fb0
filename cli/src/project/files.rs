//! Files of a project that its source reads: below its folder, bounded, and nothing else.
//!
//! Links are followed as long as they stay below the folder. What the program keeps for itself
//! (`.syncline`, `.git`) is not read.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_lang::{FileProblem, FolderEntry};

/// The most bytes of a file.
const LARGEST: u64 = 16 << 20;
/// What programs keep for themselves in a project's folder.
const KEPT: [&str; 2] = [".syncline", ".git"];

/// Finds what a path below the root names: where it really is.
///
/// # Errors
/// Why it cannot be read.
fn find(root: &Path, path: &str) -> Result<PathBuf, FileProblem> {
    let root = root.canonicalize().map_err(unreadable)?;
    let full = root.join(path);
    let real = full.canonicalize().map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            FileProblem::Missing(near(&full, path))
        } else {
            unreadable(error)
        }
    })?;
    let Ok(inner) = real.strip_prefix(&root) else { return Err(FileProblem::Outside) };
    if KEPT.iter().any(|kept| inner.starts_with(kept)) {
        return Err(FileProblem::Unreadable("it is kept by a program for itself".into()));
    }
    Ok(real)
}

/// Reads a file by its path below the root.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read(root: &Path, path: &str) -> Result<Arc<[u8]>, FileProblem> {
    let real = find(root, path)?;
    let metadata = std::fs::metadata(&real).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(FileProblem::Unreadable("it is not a file".into()));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&real).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileProblem::TooLarge(LARGEST));
    }
    Ok(bytes.into())
}

/// Lists a folder by its path below the root: its files, and the folders that are no links, since those may
/// lead in circles. A link to a file out of the project is no file of it.
///
/// # Errors
/// Why it cannot be listed.
pub(super) fn list(root: &Path, path: &str) -> Result<Arc<[FolderEntry]>, FileProblem> {
    let real = find(root, path)?;
    let root = root.canonicalize().map_err(unreadable)?;
    if !real.is_dir() {
        return Err(FileProblem::Unreadable("it is not a folder".into()));
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(&real).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_kept = real == root && KEPT.contains(&name.as_str());
        let is_link = || {
            let leads_to = entry.path().canonicalize();
            leads_to.is_ok_and(|to| to.starts_with(&root) && to.is_file())
        };
        if !is_kept && (kind.is_dir() || kind.is_file() || kind.is_symlink() && is_link()) {
            entries.push(FolderEntry { name: name.into(), is_folder: kind.is_dir() });
        }
    }
    Ok(entries.into())
}

fn unreadable(error: std::io::Error) -> FileProblem {
    FileProblem::Unreadable(error.to_string().into())
}

/// Returns the file of the same folder whose name is nearest.
fn near(full: &Path, path: &str) -> Option<syncline_model::Str> {
    let name = full.file_name()?.to_str()?;
    let entries = std::fs::read_dir(full.parent()?).ok()?;
    let names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let near = syncline_model::nearest(name, names.iter().map(String::as_str))?;
    Some(match path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{near}").into(),
        None => near.into(),
    })
}
