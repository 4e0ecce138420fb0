//! Where paths are, and what the operating system says of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_model::{Path as AttributePath, Problem};
use syncline_protocol::sdk::{Attributes, Failure, invalid};

use crate::parents::{Ways, is_gone};

/// Where relative paths start.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    path: Arc<PathBuf>,
    /// What is known of the directories on the way to paths.
    pub(crate) ways: Arc<Ways>,
}

impl Root {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { path: Arc::new(root), ways: Arc::default() }
    }

    /// Returns the path on this machine.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Returns the root itself: relative paths stay below it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
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

/// Runs work on the disk beside the tasks, so that several run at once.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Failure::from),
        Err(error) => {
            let summary = "the provider made a mistake while it worked on the disk";
            Err(Problem::error(summary, error.to_string()).into())
        }
    }
}

/// Checks a path.
pub(crate) fn check_path(config: &Attributes) -> Option<Problem> {
    let path = config.get("path").as_str()?;
    let wrong = path.is_empty() || path.contains('\0') || path.ends_with('/') || path == ".";
    wrong.then(|| {
        let detail = "A path names something, such as `out/page.html`, and ends without a `/`.";
        invalid("path", format!("{path:?} is no path to manage"), detail)
    })
}

/// Checks the mode of an attribute.
pub(crate) fn check_mode(config: &Attributes, name: &str) -> Option<Problem> {
    let text = config.get(name).as_str().filter(|text| parse_mode(text).is_none())?;
    let detail = "Write three or four octal digits, such as `0644`.";
    Some(invalid(name, format!("`{text}` is no file mode"), detail))
}

/// Returns the mode of an attribute; `None` when it is unset.
pub(crate) fn mode(attributes: &Attributes, name: &str) -> Option<u32> {
    attributes.get(name).as_str().and_then(parse_mode)
}

/// Returns a mode as it is recorded: as it was written before, where that is the same.
pub(crate) fn mode_text(mode: u32, before: &Attributes) -> String {
    match before.get("mode").as_str() {
        Some(text) if parse_mode(text) == Some(mode & 0o7777) => text.to_owned(),
        _ => format!("{:04o}", mode & 0o7777),
    }
}

/// Reads a mode such as `0644`.
fn parse_mode(text: &str) -> Option<u32> {
    let digits = text.len() == 3 || text.len() == 4;
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| digits)?;
    (mode <= 0o7777).then_some(mode)
}

/// Removes a file or a link; that it is gone already is what is wanted.
pub(crate) fn remove_file(place: &Path, path: &str) -> Result<(), Problem> {
    match std::fs::remove_file(place) {
        Err(error) if !is_gone(&error) => Err(problem("remove", path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
