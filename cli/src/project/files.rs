//! Files of a project that its source reads: below its folder, bounded, and nothing else.
//!
//! Links are followed as long as they stay below the folder. What the program keeps for itself
//! (`.syncline`, `.git`) is not read.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use syncline_lang::FileProblem;

/// The most bytes of a file.
const LARGEST: u64 = 16 << 20;

/// Reads a file by its path below the root.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read(root: &Path, path: &str) -> Result<Arc<[u8]>, FileProblem> {
    let unreadable = |error: std::io::Error| FileProblem::Unreadable(error.to_string().into());
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
    if inner.starts_with(".syncline") || inner.starts_with(".git") {
        return Err(FileProblem::Unreadable("it is kept by a program for itself".into()));
    }
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
