//! Where paths are, and what the operating system says of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_model::{Path as AttributePath, Problem};

/// Where relative paths start.
#[derive(Clone, Debug)]
pub(crate) struct Root(Arc<PathBuf>);

impl Root {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self(Arc::new(root))
    }

    /// Returns the path on this machine.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Returns the root itself: relative paths stay below it.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Returns what went wrong with a path, with the reason and a way out.
#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds of error are open")]
pub(crate) fn problem(doing: &str, path: &str, error: &io::Error) -> Problem {
    let way_out = match error.kind() {
        io::ErrorKind::PermissionDenied => "Give this user the permission, or use another path.",
        io::ErrorKind::NotFound => "Look whether the path is right.",
        io::ErrorKind::IsADirectory => "There is a directory in its place: use another path.",
        io::ErrorKind::NotADirectory => {
            "A file stands where a directory must be: use another path."
        }
        io::ErrorKind::StorageFull => "Make room on the disk, then apply again.",
        io::ErrorKind::ReadOnlyFilesystem => "The file system is read-only: use another path.",
        io::ErrorKind::DirectoryNotEmpty => "Empty it first.",
        _ => "Look at the path, then apply again.",
    };
    Problem::error(format!("cannot {doing} `{path}`: {}", reason(error)), way_out)
        .at(AttributePath::attribute("path"))
}

/// Returns the operating system's reason without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Checks a mode such as `0644`.
pub(crate) fn mode(text: &str) -> Option<u32> {
    let digits = text.len() == 3 || text.len() == 4;
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| digits)?;
    (mode <= 0o7777).then_some(mode)
}

/// Returns the problem with a mode.
pub(crate) fn bad_mode(name: &str, text: &str) -> Problem {
    let summary = format!("`{text}` is no file mode");
    Problem::error(summary, "Write three or four octal digits, such as `0644`.")
        .at(AttributePath::attribute(name))
}

/// Writes a mode as it is recorded.
pub(crate) fn mode_text(mode: u32) -> String {
    format!("{:04o}", mode & 0o7777)
}
