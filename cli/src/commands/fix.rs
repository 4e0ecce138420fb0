//! `syncline fix`.
//!
//! Laws:
//! * Only mends that are beyond doubt are applied; `--guess` adds the nearest names.
//! * The mends of one diagnostic are applied together or not at all, and none into another's.
//! * A file that would have more mistakes afterwards is left as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syncline_lang::Inputs;
use syncline_model::{Diagnostic, FileId, Sources, Str, Suggestion};

use crate::exit::{Exit, Failure};
use crate::project::{self, Providers};
use crate::session::Session;

/// How often mends are looked for: one may bring another mistake to light.
const ROUNDS: usize = 10;

/// Arguments of `fix`.
#[derive(clap::Args, Clone, Debug)]
pub struct FixArguments {
    /// The files to mend, or folders of which all files are; every source of the project when none is named
    #[arg(value_name = "PATHS")]
    files: Vec<PathBuf>,
    /// Also apply guesses, such as the nearest name (`--guess`)
    #[arg(long)]
    guess: bool,
    /// Change nothing, and exit with 1 when there is something to mend (`--check`)
    #[arg(long)]
    check: bool,
    /// Print what would change (`--diff`)
    #[arg(long)]
    diff: bool,
}

pub(super) fn run(session: &Session, arguments: &FixArguments) -> Result<Exit, Failure> {
    let root = project::root(&session.folder)?;
    let (before, files, found) = project::sources(&root);
    let unreadable = |own: &Diagnostic| own.code.id.starts_with("E08");
    session.tell(&found.into_iter().filter(unreadable).collect::<Vec<_>>(), &before)?;
    let (world, _) = Providers::of(session, &root, &syncline_lang::resolve(files).0)?;
    let mut texts: Vec<(Str, String)> =
        before.iter().map(|(_, source)| (source.name.clone(), source.text.to_string())).collect();
    let chosen = chosen(session, &root, &texts, &arguments.files)?;
    let mut told: Vec<String> = Vec::new();
    for _ in 0..ROUNDS {
        let (sources, found) = look(&texts, &world, &chosen);
        let mended = mend((&sources, &chosen), &found, arguments.guess, &mut told);
        if mended.is_empty() {
            break;
        }
        for (id, text) in mended {
            texts[id.0 as usize].1 = text;
        }
    }
    let mut changed = 0;
    for ((_, source), (name, text)) in before.iter().zip(&texts) {
        if *source.text == **text {
            continue;
        }
        changed += 1;
        if arguments.diff {
            session.output.data(&super::fmt::difference(name, &source.text, text));
        }
        if !arguments.check && !arguments.diff {
            super::fmt::write(&root.join(name.as_str()), text)
                .map_err(|error| Failure::new(format!("{name} cannot be written: {error}")))?;
        }
    }
    if !arguments.diff {
        told.iter().for_each(|line| session.output.line(line));
    }
    let (_, left) = look(&texts, &world, &chosen);
    let left = left.iter().filter(|own| own.is_error()).count();
    let verb = if arguments.check || arguments.diff { "can be mended" } else { "mended" };
    session.output.note(&format!("{} {verb}, {left} left.", told.len()));
    Ok(if arguments.check && changed > 0 { Exit::Error } else { Exit::Done })
}

/// Returns the sources that are to be mended.
fn chosen(
    session: &Session,
    root: &Path,
    texts: &[(Str, String)],
    paths: &[PathBuf],
) -> Result<BTreeSet<FileId>, Failure> {
    let all = || (0..texts.len()).map(|at| FileId(at as u32));
    if paths.is_empty() {
        return Ok(all().collect());
    }
    let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let files: Vec<PathBuf> =
        texts.iter().map(|(name, _)| real(root.join(name.as_str()))).collect();
    let mut chosen = BTreeSet::new();
    for path in paths {
        let own = real(session.folder.join(path));
        let below = |id: &FileId| files[id.0 as usize].starts_with(&own);
        chosen.extend(all().filter(below));
        if !all().any(|id| below(&id)) {
            let message = format!("{} is no source of this project", path.display());
            return Err(Failure::new(message).note(
                "Files of the project's own folder and of folders that these `use` belong to it.",
            ));
        }
    }
    Ok(chosen)
}

/// Returns the sources with everything that is wrong with those that are chosen.
fn look(
    texts: &[(Str, String)],
    world: &Providers,
    chosen: &BTreeSet<FileId>,
) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let mut files = Vec::new();
    let mut diagnostics = Vec::new();
    for (name, text) in texts {
        let id = sources.add(name.clone(), text.as_str());
        let (mut file, found) = syncline_lang::syntax::parse(id, text);
        file.folder = name.rsplit_once('/').map_or("", |(folder, _)| folder).into();
        files.push(file);
        diagnostics.extend(found);
    }
    let (project, found) = syncline_lang::resolve(files);
    diagnostics.extend(found);
    diagnostics.extend(syncline_lang::check(&project, &Inputs::default(), world));
    syncline_lang::diagnostics::deduplicate(&mut diagnostics);
    diagnostics.retain(|own| own.span().is_none_or(|span| chosen.contains(&span.file)));
    (sources, diagnostics)
}

/// Returns the new texts of files that were mended, and adds a line for each mend to `told`.
fn mend(
    (sources, chosen): (&Sources, &BTreeSet<FileId>),
    found: &[Diagnostic],
    guess: bool,
    told: &mut Vec<String>,
) -> BTreeMap<FileId, String> {
    let mut edits: BTreeMap<FileId, Vec<(&Suggestion, &Diagnostic)>> = BTreeMap::new();
    for diagnostic in found {
        let wanted = diagnostic.is_mendable() || guess && !diagnostic.suggestions.is_empty();
        let Some(file) = diagnostic.suggestions.first().map(|own| own.span.file) else { continue };
        // What is wrong in one file may be mended in another.
        if !chosen.contains(&file) {
            continue;
        }
        let own = edits.entry(file).or_default();
        let free = diagnostic.suggestions.iter().all(|new| {
            new.span.file == file
                && own.iter().all(|(old, _)| {
                    let apart = old.span.end <= new.span.start || new.span.end <= old.span.start;
                    apart && old.span != new.span
                })
        });
        if wanted && free {
            own.extend(diagnostic.suggestions.iter().map(|new| (new, diagnostic)));
        }
    }
    let mut mended = BTreeMap::new();
    for (file, mut edits) in edits {
        let Some(source) = sources.get(file).filter(|_| !edits.is_empty()) else { continue };
        edits.sort_by_key(|(edit, _)| std::cmp::Reverse((edit.span.start, edit.span.end)));
        let mut text = source.text.to_string();
        for (edit, _) in &edits {
            let range = edit.span.start as usize..edit.span.end as usize;
            if text.get(range.clone()).is_some() {
                text.replace_range(range, &edit.replacement);
            }
        }
        if mistakes(&text) > mistakes(&source.text) || text == *source.text {
            continue;
        }
        for (edit, diagnostic) in edits.iter().rev() {
            let (line, column) = source.line_column(edit.span.start);
            let code = diagnostic.code.id;
            told.push(format!("{}:{line}:{column}: {code} {}", source.name, diagnostic.message));
        }
        mended.insert(file, text);
    }
    mended
}

fn mistakes(text: &str) -> usize {
    syncline_lang::syntax::parse(FileId(0), text).1.len()
}
