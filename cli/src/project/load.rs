//! Finding a project and reading its sources.
//!
//! The project is the nearest folder, from the given one upward, that holds `project.sync` or a
//! source with a `project` block; where there is none, the given folder itself when it holds any
//! source. Its `*.sync` files make one module, those of a folder that they use another; hidden
//! files are not read. What cannot be read is a
//! diagnostic, and the rest is read all the same.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_lang::Project;
use syncline_lang::syntax::{self, ast};
use syncline_model::{Code, Diagnostic, FileId, Source, Sources, Span, Str};

use super::Providers;
use crate::exit::Failure;
use crate::session::Session;

const UNREADABLE: Code = Code { id: "E0801", summary: "a source cannot be read" };
const NOT_TEXT: Code = Code { id: "E0802", summary: "a source is not UTF-8 text" };
const TOO_LARGE: Code = Code { id: "E0803", summary: "a source is too large" };

/// How the names of files with tests end: only those who test, format or edit read them.
const TESTS: &str = "_test.sync";

/// The most bytes of a source.
const LARGEST: u64 = 64 << 20;

/// A project, read and resolved.
pub struct Loaded {
    /// Its folder.
    pub root: PathBuf,
    /// Its sources, and after them those of inputs.
    pub sources: Sources,
    /// What they declare. A command reads one project and ends: it is given back before only where that makes room.
    pub project: ManuallyDrop<Project>,
    /// The providers.
    pub world: Providers,
    /// Everything that was found wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Loaded {
    /// Finds, reads and resolves the project of a session.
    ///
    /// # Errors
    /// When there is no project.
    pub fn load(session: &Session) -> Result<Self, Failure> {
        Self::load_with(session, false)
    }

    /// Finds, reads and resolves the project of a session; its tests too, if they are wanted.
    ///
    /// # Errors
    /// When there is no project.
    pub fn load_with(session: &Session, with_tests: bool) -> Result<Self, Failure> {
        let root = root(&session.folder)?;
        let trees = super::trees::Store::discover(&|name| std::env::var(name).ok());
        let mut parse = |id, source: &Source| trees.parse(&root, id, source);
        let (sources, files, mut diagnostics) =
            sources_with(&root, &Overlay::new(), with_tests, &mut parse);
        let (project, found) = syncline_lang::resolve(files);
        diagnostics.extend(found);
        diagnostics.extend(super::Backends::of(&root, project.settings()).1);
        let (world, found) = Providers::of(session, &root, &project)?;
        diagnostics.extend(found);
        Ok(Self { root, sources, project: ManuallyDrop::new(project), world, diagnostics })
    }

    /// Tells everything that was found wrong so far and forgets it.
    ///
    /// # Errors
    /// A failure that has been told, when there was an error.
    pub fn tell(&mut self, session: &Session) -> Result<(), Failure> {
        let diagnostics = self.found();
        session.tell(&diagnostics, &self.sources)
    }

    /// Returns everything that was found wrong so far, each once, and forgets it.
    pub fn found(&mut self) -> Vec<Diagnostic> {
        syncline_lang::diagnostics::deduplicate(&mut self.diagnostics);
        if self.world.incomplete {
            // Of a provider that is not there, the reason has been said.
            self.diagnostics.retain(|found| found.code.id != "E0307");
        }
        std::mem::take(&mut self.diagnostics)
    }

    /// Tells whether an error was found so far.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Returns the folder of the project that a folder belongs to.
///
/// # Errors
/// When there is none.
pub fn root(folder: &Path) -> Result<PathBuf, Failure> {
    let start = folder.canonicalize().map_err(|error| {
        Failure::new(format!("the folder {} cannot be read: {error}", folder.display()))
    })?;
    for folder in start.ancestors() {
        if folder.join("project.sync").is_file() || declares_project(folder) {
            return Ok(folder.to_owned());
        }
        // A repository is a world of its own: what lies above it is somebody else's.
        if folder.join(".git").exists() {
            break;
        }
    }
    if !names(&start).unwrap_or_default().is_empty() {
        return Ok(start);
    }
    Err(Failure::new(format!("there is no project in {} or above it", start.display()))
        .note("A project is a folder with .sync files; project.sync marks its root.")
        .help("`syncline new DIR` writes a small one; `-C DIR` works in another folder."))
}

/// Returns the name of a source that a folder has.
#[must_use]
pub fn source_in(folder: &Path) -> Option<String> {
    names(folder).unwrap_or_default().into_iter().next()
}

fn declares_project(folder: &Path) -> bool {
    let declares = |path: PathBuf| {
        let mut start = Vec::new();
        let file = std::fs::metadata(&path)
            .is_ok_and(|metadata| metadata.is_file())
            .then(|| std::fs::File::open(path));
        file.and_then(Result::ok)
            .is_some_and(|file| file.take(65_536).read_to_end(&mut start).is_ok())
            && start.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"project "))
    };
    names(folder).unwrap_or_default().into_iter().any(|name| declares(folder.join(name)))
}

/// Returns the names of the sources in a folder, sorted.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if name.ends_with(".sync") && !name.starts_with('.') && !is_folder {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Returns the sources in a folder and in the folders below it, sorted. What is hidden is left out, and no
/// link to a folder is followed.
///
/// # Errors
/// When a folder cannot be read.
pub fn sources_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> =
        names(folder)?.into_iter().map(|name| folder.join(name)).collect();
    let mut below = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            below.push(entry.path());
        }
    }
    below.sort();
    for folder in below {
        found.extend(sources_below(&folder)?);
    }
    Ok(found)
}

/// Reads and parses every source of a project, tests among them: those of its own folder, and of every folder that
/// one of them uses. One that cannot be read is empty, and told of.
#[must_use]
pub fn sources(root: &Path) -> (Sources, Vec<ast::File>, Vec<Diagnostic>) {
    sources_with(root, &Overlay::new(), true, &mut |id, source| syntax::parse(id, &source.text))
}

/// Parses one file.
pub type Parse<'a> = dyn FnMut(FileId, &Source) -> (ast::File, Vec<Diagnostic>) + 'a;

/// Texts that stand for what is on the disk, by their paths.
pub type Overlay = BTreeMap<PathBuf, Arc<str>>;

/// Reads every source of a project, those with tests if they are wanted; texts of the overlay come
/// before those of the disk.
pub fn sources_with(
    root: &Path,
    overlay: &Overlay,
    with_tests: bool,
    parse: &mut Parse<'_>,
) -> (Sources, Vec<ast::File>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let mut files = Vec::new();
    let mut diagnostics = Vec::new();
    let mut folders = vec![Str::new()];
    // Links can lead in circles, or out of the project.
    let mut seen = vec![root.canonicalize().unwrap_or_else(|_| root.to_owned())];
    let mut next = 0;
    while let Some(folder) = folders.get(next).cloned() {
        next += 1;
        let before = sources.iter().count();
        let path = root.join(folder.as_str());
        match names(&path) {
            Ok(mut names) => {
                names.extend(overlaid(&path, overlay));
                names.retain(|name| with_tests || !name.ends_with(TESTS));
                names.sort();
                names.dedup();
                for name in names {
                    let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                    match overlay.get(&root.join(&name)) {
                        Some(text) => drop(sources.add(name, text.clone())),
                        None => read(root, &name, &mut sources, &mut diagnostics),
                    }
                }
            }
            Err(error) if folder.is_empty() => diagnostics.push(Diagnostic::error(
                UNREADABLE,
                format!("the folder {} cannot be read: {error}", root.display()),
            )),
            // Resolving says which `use` finds nothing.
            Err(_) => {}
        }
        for (id, source) in sources.iter().skip(before) {
            let (mut file, found) = parse(id, source);
            // What stands for bytes that are no text has been told of.
            let is_told = |own: &Diagnostic| {
                own.span().is_some_and(|span| sources.text(span).starts_with('\u{fffd}'))
            };
            diagnostics.extend(found.into_iter().filter(|own| !is_told(own)));
            file.folder = folder.clone();
            for (folder, _) in syncline_lang::imports(&file) {
                let Ok(real) = root.join(folder.as_str()).canonicalize() else { continue };
                if !seen.contains(&real) && real.starts_with(&seen[0]) {
                    folders.push(folder);
                    seen.push(real);
                }
            }
            files.push(file);
        }
    }
    (sources, files, diagnostics)
}

/// Reads those sources of a project's own folder that have a `project` block. What is wrong with
/// one is told when the whole project is read.
pub(super) fn with_project_block(root: &Path) -> Sources {
    let mut sources = Sources::default();
    for name in names(root).unwrap_or_default() {
        let file = std::fs::metadata(root.join(&name));
        if !file.is_ok_and(|file| file.is_file() && file.len() <= LARGEST) {
            continue;
        }
        if let Ok(text) = std::fs::read_to_string(root.join(&name))
            && text.lines().any(|line| line.starts_with("project "))
        {
            sources.add(name, text);
        }
    }
    sources
}

/// Returns the names of the sources in a folder that only an overlay has.
fn overlaid(folder: &Path, overlay: &Overlay) -> Vec<String> {
    let own = overlay.keys().filter(|path| path.parent() == Some(folder));
    let names = own.filter_map(|path| path.file_name()?.to_str().map(str::to_owned));
    names.filter(|name| name.ends_with(".sync") && !name.starts_with('.')).collect()
}

fn read(root: &Path, name: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
    let path = root.join(name);
    let unreadable =
        |reason: String| Diagnostic::error(UNREADABLE, format!("{name} cannot be read: {reason}"));
    let metadata = match std::fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) => return diagnostics.push(unreadable(error.to_string())),
    };
    if !metadata.is_file() {
        return diagnostics.push(unreadable("it is not a file".to_owned()));
    }
    let too_large = || {
        Diagnostic::error(TOO_LARGE, format!("{name} has more than {} MiB", LARGEST >> 20))
            .help("Split it: the .sync files of a folder are one module, whatever their names.")
    };
    if metadata.len() > LARGEST {
        return diagnostics.push(too_large());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&path);
    if let Err(error) = file.and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)) {
        return diagnostics.push(unreadable(error.to_string()));
    }
    if bytes.len() as u64 > LARGEST {
        return diagnostics.push(too_large());
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            sources.add(name, text);
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bad = error.as_bytes().get(at).copied().unwrap_or_default();
            // All else is read: what it declares is there, and its brackets close.
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let file: FileId = sources.add(name, text);
            let span = Span::new(file, at as u32, at as u32 + 3);
            diagnostics.push(
                Diagnostic::error(NOT_TEXT, format!("{name} is not UTF-8 text"))
                    .label(span, format!("the byte {bad:#04x} is here"))
                    .help("Save the file as UTF-8."),
            );
        }
    }
}
