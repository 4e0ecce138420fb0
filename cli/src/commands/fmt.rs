//! `syncline fmt`.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use syncline_model::{Diagnostic, Sources};

use crate::exit::{Exit, Failure};
use crate::project;
use crate::session::Session;

/// Arguments of `fmt`.
#[derive(clap::Args, Clone, Debug)]
pub struct FmtArguments {
    /// The files to format, or folders of which all files are; every source of the project when none is named;
    /// `-` for standard input
    #[arg(value_name = "PATHS")]
    files: Vec<PathBuf>,
    /// Change nothing, and exit with 1 when a file is not formatted (`--check`)
    #[arg(long)]
    check: bool,
    /// Print what would change (`--diff`)
    #[arg(long)]
    diff: bool,
}

pub(super) fn run(session: &Session, arguments: &FmtArguments) -> Result<Exit, Failure> {
    if arguments.files.iter().any(|file| file.as_os_str() == "-") {
        return standard_input(session, arguments);
    }
    let mut sources = Sources::default();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    if arguments.files.is_empty() {
        let root = project::root(&session.folder)?;
        (sources, _, diagnostics) = project::sources(&root);
        paths.extend(sources.iter().map(|(_, source)| root.join(source.name.as_str())));
    } else {
        for file in named(session, &arguments.files)? {
            let path = session.folder.join(&file);
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&file, &error))?;
            sources.add(file.display().to_string(), text);
            paths.push(path);
        }
    }
    let mut unformatted = 0;
    for ((id, source), path) in sources.iter().zip(&paths) {
        // What could not be read as text has been told and must not be written.
        if diagnostics.iter().any(|found| found.span().is_some_and(|span| span.file == id)) {
            continue;
        }
        match format(&source.text, id) {
            Ok(formatted) if formatted == *source.text => {}
            Ok(formatted) => {
                unformatted += 1;
                one(session, arguments, path, (&source.name, &source.text, &formatted))?;
            }
            Err(found) => diagnostics.extend(found),
        }
    }
    session.tell(&diagnostics, &sources)?;
    let fails = arguments.check && unformatted > 0;
    Ok(if fails { Exit::Error } else { Exit::Done })
}

/// Returns the files that are named, and those of the folders that are, each once.
fn named(session: &Session, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let whole = session.folder.join(path);
        if !whole.is_dir() {
            files.push(path.clone());
            continue;
        }
        let below = project::sources_below(&whole).map_err(|error| unreadable(path, &error))?;
        let own = below.iter().map(|file| file.strip_prefix(&whole).unwrap_or(file));
        files.extend(
            own.map(|file| if path == Path::new(".") { file.into() } else { path.join(file) }),
        );
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be read: {error}", path.display()))
}

/// Formats a text; the diagnostics of one that does not parse point into the given file.
fn format(text: &str, file: syncline_model::FileId) -> Result<String, Vec<Diagnostic>> {
    syncline_lang::fmt::format(text).map_err(|mut diagnostics| {
        for diagnostic in &mut diagnostics {
            for label in &mut diagnostic.labels {
                label.span.file = file;
            }
            for suggestion in &mut diagnostic.suggestions {
                suggestion.span.file = file;
            }
        }
        diagnostics
    })
}

fn one(
    session: &Session,
    arguments: &FmtArguments,
    path: &Path,
    (name, text, formatted): (&str, &str, &str),
) -> Result<(), Failure> {
    if arguments.diff {
        session.output.data(&difference(name, text, formatted));
    } else {
        session.output.line(name);
    }
    if arguments.check || arguments.diff {
        return Ok(());
    }
    write(path, formatted)
        .map_err(|error| Failure::new(format!("{name} cannot be written: {error}")))
}

/// Replaces a file as a whole, so that a crash leaves the old text or the new one.
pub(super) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize()?;
    let mut draft = path.clone().into_os_string();
    draft.push(format!(".{}.tmp", std::process::id()));
    let draft = PathBuf::from(draft);
    std::fs::write(&draft, text)?;
    let moved = std::fs::metadata(&path)
        .and_then(|metadata| std::fs::set_permissions(&draft, metadata.permissions()))
        .and_then(|()| std::fs::rename(&draft, &path));
    if moved.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    moved
}

pub(super) fn difference(name: &str, text: &str, formatted: &str) -> String {
    TextDiff::from_lines(text, formatted)
        .unified_diff()
        .context_radius(3)
        .header(name, name)
        .to_string()
}

fn standard_input(session: &Session, arguments: &FmtArguments) -> Result<Exit, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(format!("the standard input cannot be read: {error}")))?;
    let mut sources = Sources::default();
    let file = sources.add("(standard input)", text.as_str());
    match format(&text, file) {
        Ok(formatted) if arguments.diff => {
            session.output.data(&difference("(standard input)", &text, &formatted));
            Ok(if arguments.check && formatted != text { Exit::Error } else { Exit::Done })
        }
        Ok(formatted) if arguments.check => {
            Ok(if formatted == text { Exit::Done } else { Exit::Error })
        }
        Ok(formatted) => {
            session.output.data(&formatted);
            Ok(Exit::Done)
        }
        Err(diagnostics) => session.tell(&diagnostics, &sources).map(|()| Exit::Done),
    }
}
