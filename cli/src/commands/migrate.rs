//! `syncline migrate`: a Terraform project and its states to a Syncline project.
//!
//! Reads the project, installs its providers for their schemas, writes the new project, and takes
//! over what the states record. No resource is touched and no Terraform is needed.

mod reading;
mod recording;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_install::TERRAFORM_HOST;
use syncline_lang::World as _;
use syncline_migrate::{Issue, Kind, Migrated, Schemas, Sources, migrate};
use syncline_model::{Diagnostic, FileId, ProviderSchema};

use crate::exit::{Exit, Failure};
use crate::output::Style;
use crate::project::Providers;
use crate::project::installation::NOT_FOUND;
use crate::session::Session;

/// Arguments of `migrate`.
#[derive(clap::Args, Clone, Debug)]
pub struct MigrateArguments {
    /// The folder of the Terraform project
    project: PathBuf,
    /// The folder of the new project; that of the old one when it is not given (`--into shop`)
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// A state to take over, of an environment where there are several; what `terraform state pull`
    /// and `terraform show -json` print will do (`--state prod=prod.tfstate`)
    #[arg(long, value_name = "[ENV=]FILE")]
    state: Vec<String>,
    /// Take no state over (`--no-state`)
    #[arg(long, conflicts_with = "state")]
    no_state: bool,
    /// Write over sources that are there (`--force`)
    #[arg(long)]
    force: bool,
}

/// What the project's providers say of themselves.
struct Known(Option<Providers>);

impl Schemas for Known {
    fn provider(&self, name: &str) -> Option<Arc<ProviderSchema>> {
        self.0.as_ref()?.schema(name)
    }
}

pub(super) fn run(session: &Session, arguments: &MigrateArguments) -> Result<Exit, Failure> {
    let from = session.folder.join(&arguments.project);
    let into = arguments.into.as_ref().map_or(from.clone(), |into| session.folder.join(into));
    let reading::Read { mut sources, mut states, elsewhere, backend } = reading::read(&from)?;
    sources.beside = from.canonicalize().ok() == into.canonicalize().ok();
    let first = migrate(&sources, &());
    if sources.files.is_empty() {
        return Err(Failure::new(format!("there is no Terraform project in {}", from.display()))
            .note("A Terraform project is a folder with `.tf` files."));
    }
    refuse(&into, &first, arguments.force)?;
    let known = Known(known(session, &into, &mut sources, &first)?);
    let migrated = migrate(&sources, &known);
    for (path, text) in migrated.files.iter().chain(&migrated.templates) {
        write(&into, path, text)?;
    }
    let found = |path: &str| {
        let (folder, own) = elsewhere.iter().find_map(|(folder, own)| {
            Some((own, path.strip_prefix(folder.as_str())?.strip_prefix('/')?))
        })?;
        Some(folder.join(own))
    };
    let source = |path: &str| found(path).unwrap_or_else(|| from.join(path));
    copy(session, (&source, &into), &migrated)?;
    if arguments.no_state {
        states.clear();
    }
    let found = states.clone();
    let states = reading::states(session, arguments, &migrated, states)?;
    let mut taken = recording::record(session, (&into, known.0.as_ref()), &migrated, &states)?;
    taken.extend(reading::left(&migrated, &found, &states));
    if let Some(kind) = backend.filter(|_| states.is_empty() && !arguments.no_state) {
        taken.push(format!(
            "No state was taken over: the backend `{kind}` keeps it. `terraform state pull > FILE` \
             prints one, and `syncline migrate --state FILE` takes it over."
        ));
    }
    tell(session, &sources, &migrated, &taken);
    Ok(if migrated.is_broken { Exit::Error } else { Exit::Done })
}

/// Fails when sources are there already.
fn refuse(into: &Path, migrated: &Migrated, force: bool) -> Result<(), Failure> {
    let there = migrated.files.keys().find(|path| into.join(path).exists());
    match there {
        Some(path) if !force => {
            let path = into.join(path);
            Err(Failure::new(format!("{} is there already", path.display()))
                .help("Give --force to write over it, or another folder with --into."))
        }
        Some(_) | None => Ok(()),
    }
}

fn write(into: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let path = into.join(path);
    let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(&path, text).map_err(fail)
}

/// Copies what the new sources read; what is there already stays.
fn copy(
    session: &Session,
    (source, into): (&dyn Fn(&str) -> PathBuf, &Path),
    migrated: &Migrated,
) -> Result<(), Failure> {
    for (to, path) in &migrated.copies {
        let (source, goal) = (source(path), into.join(to));
        if goal.exists() || !source.is_file() {
            continue;
        }
        let fail = |error: std::io::Error| Failure::new(format!("{}: {error}", goal.display()));
        if let Some(folder) = goal.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        std::fs::copy(&source, &goal).map_err(fail)?;
        session.output.line(to);
    }
    Ok(())
}

/// What was found of the providers of a project, and what is wrong with it.
type Found = (Providers, Vec<Diagnostic>, syncline_model::Sources);

/// Returns the providers of the new project; where one cannot be had, it is said and done without. What only a folder
/// of Terraform's has gets the address that it has there.
fn known(
    session: &Session,
    into: &Path,
    sources: &mut Sources,
    first: &Migrated,
) -> Result<Option<Providers>, Failure> {
    write(into, "project.sync", &first.files["project.sync"])?;
    let Some(mut found) = providers(session, into, first) else { return Ok(None) };
    let moves = found.1.iter().any(|own| own.help.iter().any(|help| help.contains(TERRAFORM_HOST)));
    if found.0.incomplete && moves {
        sources.is_terraform = true;
        let second = migrate(sources, &());
        write(into, "project.sync", &second.files["project.sync"])?;
        // One that is found and does not start is told of as it is.
        let is_found = |all: &Found| !all.1.iter().any(|own| own.code.id == NOT_FOUND.id);
        match providers(session, into, &second).filter(is_found) {
            Some(second) => {
                session.output.note(&format!(
                    "note: The providers are named as they are found, at {TERRAFORM_HOST}."
                ));
                found = second;
            }
            None => {
                sources.is_terraform = false;
                write(into, "project.sync", &first.files["project.sync"])?;
            }
        }
    }
    let (providers, mut diagnostics, sources) = found;
    if providers.incomplete {
        for diagnostic in &mut diagnostics {
            diagnostic.severity = syncline_model::Severity::Warning;
        }
        // It is a warning here: nothing is lost but what a schema would have told.
        let _warned = session.tell(&diagnostics, &sources);
        session.output.note(
            "Without a provider's schema a block that occurs once is taken for a record; `syncline \
             check` tells where that is wrong.",
        );
    }
    Ok(Some(providers))
}

/// Returns the providers of a new project; none where no runtime can be started.
fn providers(session: &Session, into: &Path, first: &Migrated) -> Option<Found> {
    let mut sources = syncline_model::Sources::default();
    let id: FileId = sources.add("project.sync", first.files["project.sync"].clone());
    let (file, _) = syncline_lang::syntax::parse(id, &first.files["project.sync"]);
    let (project, _) = syncline_lang::resolve(vec![file]);
    let (providers, diagnostics) = Providers::of(session, into, &project).ok()?;
    Some((providers, diagnostics, sources))
}

/// Says what came of it.
fn tell(session: &Session, sources: &Sources, migrated: &Migrated, taken: &[String]) {
    let output = &session.output;
    for path in migrated.files.keys().chain(migrated.templates.keys()) {
        output.line(path);
    }
    let of = |kind: Kind| -> Vec<&Issue> {
        migrated.issues.iter().filter(|issue| issue.kind == kind).collect()
    };
    let (missing, notes) = (of(Kind::Missing), of(Kind::Note));
    for issue in notes {
        output.note(&format!("note: {issue}"));
    }
    for issue in &missing {
        let word = output.notes_paint.apply(Style::Yellow, "not translated");
        output.note(&format!("{word}: {issue}"));
    }
    for line in taken {
        output.note(line);
    }
    let files = sources.files.len();
    output.note(&match missing.len() {
        0 => format!("Translated {files} files. `syncline plan` shows what is left to do."),
        1 => format!(
            "Translated {files} files; one thing was not: its line fails `syncline check` until it \
             is mended."
        ),
        count => format!(
            "Translated {files} files; {count} things were not: their lines fail `syncline check` \
             until they are mended."
        ),
    });
}
