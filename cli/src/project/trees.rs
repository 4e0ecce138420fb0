//! The syntax trees of large sources, kept from one command to the next.
//!
//! Takes a source; returns its tree, of which only those parts were parsed that have changed since
//! the last command. The trees stand in the user's cache, a file for each source, and nothing there
//! is believed that does not prove itself: the folder may be deleted at any time, and two commands
//! may use it at once. What cannot be read or written costs time and nothing else. A source with a
//! mistake in its syntax is not kept.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use syncline_lang::syntax::{self, Trees, ast};
use syncline_model::{Diagnostic, Digest, FileId, Source};

/// Smaller sources are parsed faster than a file is opened.
const WORTH_KEEPING: usize = 64 << 10;
/// The most bytes of one file.
const LARGEST: u64 = 64 << 20;
/// The most bytes of all files together; the oldest go first.
const MOST: u64 = 256 << 20;
/// A file that is used is marked as new when it is older than this.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where trees are kept, if anywhere.
#[derive(Debug)]
pub(super) struct Store {
    folder: Option<PathBuf>,
}

impl Store {
    /// Returns the store that the environment variables name.
    pub(super) fn discover(variables: &dyn Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variables(name).filter(|value| !value.is_empty());
        if variable("SYNCLINE_PARSE_CACHE").is_some_and(|value| value == "0") {
            return Self { folder: None };
        }
        let home = || variable("HOME").or_else(|| variable("USERPROFILE"));
        let of_user = || {
            let caches = variable("XDG_CACHE_HOME").map(PathBuf::from);
            let caches = caches.or_else(|| home().map(|home| PathBuf::from(home).join(".cache")));
            caches.map(|caches| caches.join("syncline"))
        };
        let cache = variable("SYNCLINE_CACHE_DIR").map(PathBuf::from).or_else(of_user);
        Self { folder: cache.map(|cache| cache.join("syntax")) }
    }

    /// Parses a source of the project in `root`.
    pub(super) fn parse(
        &self,
        root: &Path,
        id: FileId,
        source: &Source,
    ) -> (ast::File, Vec<Diagnostic>) {
        let Some(folder) = &self.folder else { return syntax::parse(id, &source.text) };
        if source.text.len() < WORTH_KEEPING {
            return syntax::parse(id, &source.text);
        }
        let path = folder.join(name(root, source));
        let known = read(&path).and_then(|bytes| Trees::from_bytes(&bytes)).unwrap_or_default();
        let parsed = syntax::parse_with(id, &source.text, &known);
        if parsed.fresh > 0 && parsed.diagnostics.is_empty() {
            write(folder, &path, &parsed.trees.to_bytes());
        }
        (parsed.file, parsed.diagnostics)
    }
}

/// Returns the name of the file for a source.
fn name(root: &Path, source: &Source) -> String {
    let mut place = root.as_os_str().as_encoded_bytes().to_vec();
    place.push(0);
    place.extend_from_slice(source.name.as_bytes());
    Digest::of(&place).to_string()
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let metadata = std::fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    if age(&metadata) > DAY
        && let Ok(file) = File::options().append(true).open(path)
    {
        // What cannot be marked goes a little earlier.
        let _unmarked = file.set_modified(SystemTime::now());
    }
    Some(bytes)
}

fn age(metadata: &std::fs::Metadata) -> Duration {
    metadata.modified().ok().and_then(|at| at.elapsed().ok()).unwrap_or_default()
}

/// Writes a file as a whole: whoever reads it meanwhile reads the old one.
fn write(folder: &Path, path: &Path, bytes: &[u8]) {
    if bytes.len() as u64 > LARGEST {
        return;
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if builder.create(folder).is_err() {
        return;
    }
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let Ok(mut file) = options.open(&draft) else { return };
    let written = file.write_all(bytes);
    drop(file);
    if written.and_then(|()| std::fs::rename(&draft, path)).is_err() {
        let _gone = std::fs::remove_file(&draft);
    }
    prune(folder, MOST);
}

/// Removes the oldest files until the others take at most so many bytes, and drafts that nobody
/// finished.
fn prune(folder: &Path, most: u64) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        let path = entry.path();
        if path.extension().is_some() {
            if age(&metadata) > DAY {
                let _gone = std::fs::remove_file(path);
            }
        } else if let Ok(modified) = metadata.modified() {
            files.push((modified, metadata.len(), path));
        }
    }
    let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
    files.sort();
    for (_, bytes, path) in files {
        if total <= most {
            break;
        }
        let _gone = std::fs::remove_file(path);
        total -= bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a folder of its own below the one for temporary files.
    fn folder(name: &str) -> PathBuf {
        let own = format!("syncline-trees-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(own);
        let _absent = std::fs::remove_dir_all(&folder);
        folder
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    fn source(last: &str) -> syncline_model::Sources {
        let mut text = "environment dev {\n".to_owned();
        for at in 0..4_000 {
            text.push_str(&format!("  resource local.file r{at} {{ path = \"p{at}\" }}\n"));
        }
        let mut sources = syncline_model::Sources::default();
        sources.add("main.sync", text + last + "}\n");
        sources
    }

    /// Parses with a store, and tells whether that is the same as without one.
    fn parse(store: &Store, sources: &syncline_model::Sources) -> bool {
        let own = sources.get(FileId(0)).unwrap();
        let (file, found) = store.parse(Path::new("/project"), FileId(0), own);
        let (same, expected) = syntax::parse(FileId(0), &own.text);
        format!("{file:?}") == format!("{same:?}") && found == expected
    }

    #[test]
    fn what_is_kept_is_what_is_parsed_however_it_is_treated() {
        let folder = folder("kept");
        let store = Store { folder: Some(folder.clone()) };
        assert!(parse(&store, &source("")));
        let kept = files(&folder);
        assert_eq!(kept.len(), 1, "{kept:?}");
        let bytes = std::fs::read(&kept[0]).unwrap();
        assert!(parse(&store, &source("")));
        assert_eq!(std::fs::read(&kept[0]).unwrap(), bytes, "nothing changed");
        assert!(parse(&store, &source("  let more = 1\n")));
        assert_ne!(std::fs::read(&kept[0]).unwrap(), bytes, "the new part is kept");
        for at in [0, 8, 50, 200, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            std::fs::write(&kept[0], &damaged[..]).unwrap();
            assert!(parse(&store, &source("")), "a flip at {at}");
            assert_eq!(std::fs::read(&kept[0]).unwrap(), bytes, "and it is mended");
        }
        std::fs::write(&kept[0], &bytes[..bytes.len() / 2]).unwrap();
        assert!(parse(&store, &source("")));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_source_with_a_mistake_is_not_kept() {
        let folder = folder("mistake");
        let store = Store { folder: Some(folder.clone()) };
        assert!(parse(&store, &source("  let x 1\n")));
        assert_eq!(files(&folder), Vec::<PathBuf>::new());
        assert!(parse(&store, &source("")));
        let bytes = std::fs::read(&files(&folder)[0]).unwrap();
        assert!(parse(&store, &source("  let x 1\n")));
        assert_eq!(std::fs::read(&files(&folder)[0]).unwrap(), bytes);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn several_may_parse_at_once() {
        let folder = folder("several");
        std::thread::scope(|scope| {
            let parses = |at: usize| {
                let store = Store { folder: Some(folder.clone()) };
                (0..4).all(|turn| parse(&store, &source(&format!("  let x = {}\n", at + turn))))
            };
            let workers: Vec<_> = (0..3).map(|at| scope.spawn(move || parses(at))).collect();
            assert!(workers.into_iter().all(|worker| worker.join().unwrap()));
        });
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_folder_is_bounded_and_can_be_left_out() {
        let folder = folder("bounded");
        std::fs::create_dir_all(&folder).unwrap();
        for (at, name) in ["b", "a", "c"].into_iter().enumerate() {
            std::fs::write(folder.join(name), [0; 100]).unwrap();
            let file = File::options().append(true).open(folder.join(name)).unwrap();
            let time = SystemTime::now() - Duration::from_secs(600 - 60 * at as u64);
            file.set_modified(time).unwrap();
        }
        prune(&folder, 250);
        assert_eq!(files(&folder), [folder.join("a"), folder.join("c")]);
        std::fs::remove_dir_all(&folder).unwrap();
        let named = |pairs: &'static [(&str, &str)]| {
            let find = |name: &str| pairs.iter().find(|(own, _)| *own == name);
            Store::discover(&|name| find(name).map(|(_, value)| (*value).to_owned())).folder
        };
        assert_eq!(named(&[("HOME", "/h")]), Some("/h/.cache/syncline/syntax".into()));
        assert_eq!(
            named(&[("SYNCLINE_CACHE_DIR", "/c"), ("HOME", "/h")]),
            Some("/c/syntax".into())
        );
        assert_eq!(named(&[("SYNCLINE_PARSE_CACHE", "0"), ("HOME", "/h")]), None);
        assert_eq!(named(&[]), None);
    }
}
