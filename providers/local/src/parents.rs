//! Directories that are made on the way to a path, and go with it.
//!
//! What was made is remembered in the resource's own bytes, the outermost first; when the resource
//! goes, those that are empty by then go too.

use std::io;
use std::path::Path;

use crate::place::Root;

/// Returns the missing directories above a path, the outermost first.
fn missing(path: &Path) -> Vec<&Path> {
    let mut missing: Vec<&Path> = path
        .ancestors()
        .skip(1)
        .take_while(|own| !own.as_os_str().is_empty() && !own.exists())
        .collect();
    missing.reverse();
    missing
}

/// Makes the missing directories above a path and returns them as bytes to remember, those known
/// before among them.
pub(crate) fn make(root: &Root, path: &Path, known: &[u8]) -> io::Result<Vec<u8>> {
    let mut made = read(known);
    for directory in missing(path) {
        match std::fs::create_dir(directory) {
            Ok(()) => {}
            // Somebody else was faster: it is theirs.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        let shown = directory.strip_prefix(root.path()).unwrap_or(directory);
        let shown = shown.to_string_lossy().into_owned();
        if !made.contains(&shown) {
            made.push(shown);
        }
    }
    Ok(made.join("\n").into_bytes())
}

/// Removes the remembered directories that are empty, the innermost first.
pub(crate) fn remove(root: &Root, known: &[u8]) {
    for directory in read(known).iter().rev() {
        // One that is not empty, or gone, stays as it is: that is no failure.
        if std::fs::remove_dir(root.resolve(directory)).is_err() {
            break;
        }
    }
}

fn read(known: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(known);
    text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
