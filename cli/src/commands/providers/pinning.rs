//! `syncline providers lock` and `syncline providers mirror`.

use std::path::{Path, PathBuf};

use syncline_install::{Installed, LockFile, Platform, Version, fill, lock};
use syncline_model::Sources;

use crate::exit::{Exit, Failure};
use crate::progress::Installing;
use crate::project::{Required, installation, requirements, root, sources};
use crate::session::Session;

/// Arguments of `providers lock`.
#[derive(clap::Args, Clone, Debug)]
pub struct LockArguments {
    /// Take the newest versions that the project allows (`--upgrade`)
    #[arg(long)]
    upgrade: bool,
    /// Note the checksums for a platform too; may be repeated (`--platform darwin_arm64`)
    #[arg(long, value_name = "OS_ARCH")]
    platform: Vec<String>,
    /// Write nothing, and fail when something would be written (`--check`)
    #[arg(long, conflicts_with_all = ["upgrade", "platform"])]
    check: bool,
}

/// Arguments of `providers mirror`.
#[derive(clap::Args, Clone, Debug)]
pub struct MirrorArguments {
    /// The folder to fill
    into: PathBuf,
    /// A platform to fetch for, this one when none is given; may be repeated (`--platform linux_arm64`)
    #[arg(long, value_name = "OS_ARCH")]
    platform: Vec<String>,
}

/// The external providers of a project, installed.
struct Project {
    root: PathBuf,
    found: installation::Found,
}

/// Reads what the project asks for; its resources are not looked at.
fn required(session: &Session) -> Result<(PathBuf, Sources, Vec<Required>), Failure> {
    let root = root(&session.folder)?;
    let (sources, files, mut diagnostics) = sources(&root);
    let (project, _) = syncline_lang::resolve(files);
    let (required, found) = requirements(&project);
    diagnostics.extend(found);
    session.tell(&diagnostics, &sources)?;
    Ok((root, sources, required))
}

fn installed(session: &Session, upgrade: bool) -> Result<Project, Failure> {
    let (root, sources, required) = required(session)?;
    let (found, diagnostics) = installation::install(session, &root, required, upgrade);
    session.tell(&diagnostics, &sources)?;
    Ok(Project { root, found })
}

pub(super) fn lock(session: &Session, arguments: &LockArguments) -> Result<Exit, Failure> {
    if arguments.check {
        return check(session);
    }
    let platforms = platforms(&arguments.platform)?;
    let project = installed(session, arguments.upgrade)?;
    let path = project.root.join(lock::NAME);
    let mut lock = LockFile::read(&path).map_err(|error| Failure::new(error.to_string()))?;
    each(session, &project, |required, version, installer, progress| {
        let request = &required.request;
        let hashes = fill::packages(installer, request, version, &platforms, None, &|event| {
            progress.observe(event);
        })?;
        fill::note(&mut lock, request, hashes);
        Ok(())
    })?;
    lock.write(&path).map_err(|error| Failure::new(error.to_string()))?;
    for (required, installed) in &project.found {
        session.output.line(&line(required, installed));
    }
    if project.found.is_empty() {
        session.output.note("The project uses only providers that are built in: nothing to lock.");
    }
    Ok(Exit::Done)
}

/// Fails unless the lock file pins exactly what the project asks for.
fn check(session: &Session) -> Result<Exit, Failure> {
    let (root, _, required) = required(session)?;
    let path = root.join(lock::NAME);
    let lock = LockFile::read(&path).map_err(|error| Failure::new(error.to_string()))?;
    let mut failure = Failure::new(format!("{} is not up to date", lock::NAME))
        .help("`syncline providers lock` writes it.");
    for own in &required {
        let request = &own.request;
        match lock.providers.get(&request.source) {
            Some(locked) if request.constraints.allow(&locked.version) => {}
            Some(locked) => failure.notes.push(format!(
                "`{}` is locked at {}, and {} is asked for.",
                own.name, locked.version, request.constraints
            )),
            None => failure.notes.push(format!("`{}` is not locked.", own.name)),
        }
    }
    if failure.notes.is_empty() { Ok(Exit::Done) } else { Err(failure) }
}

pub(super) fn mirror(session: &Session, arguments: &MirrorArguments) -> Result<Exit, Failure> {
    let mut platforms = platforms(&arguments.platform)?;
    if platforms.is_empty() {
        platforms.push(Platform::current());
    }
    let folder = session.folder.join(&arguments.into);
    let project = installed(session, false)?;
    each(session, &project, |required, version, installer, progress| {
        let mirror = Some(folder.as_path());
        fill::packages(installer, &required.request, version, &platforms, mirror, &|event| {
            progress.observe(event);
        })?;
        Ok(())
    })?;
    for (required, installed) in &project.found {
        session.output.line(&line(required, installed));
    }
    session.output.note(&format!("{} can be named in SYNCLINE_PLUGIN_DIR.", show(&folder)));
    Ok(Exit::Done)
}

/// Does something with each provider that has a version.
fn each(
    session: &Session,
    project: &Project,
    mut act: impl FnMut(
        &Required,
        &Version,
        &syncline_install::Installer,
        &Installing,
    ) -> Result<(), syncline_install::Error>,
) -> Result<(), Failure> {
    let installer =
        installation::installer().map_err(|diagnostic| Failure::new(diagnostic.message.clone()))?;
    let progress = Installing::new(&session.output);
    for (required, installed) in &project.found {
        let Some(version) = &installed.version else { continue };
        act(required, version, &installer, &progress).map_err(|error| {
            progress.finish();
            let message = format!("the provider `{}` cannot be fetched: {error}", required.name);
            let failure = Failure::new(message);
            let looked = if let syncline_install::Error::NotFound { looked, .. } = error {
                looked
            } else {
                Vec::new()
            };
            looked.into_iter().fold(failure, |failure, looked| {
                failure.note(format!("Looked in {}: {}.", looked.place, looked.found))
            })
        })?;
    }
    progress.finish();
    Ok(())
}

fn platforms(texts: &[String]) -> Result<Vec<Platform>, Failure> {
    let one = |text: &String| {
        text.parse().map_err(|_| {
            Failure::new(format!("`{text}` is no platform"))
                .help("A platform is an operating system and an architecture: `linux_amd64`.")
        })
    };
    texts.iter().map(one).collect()
}

fn line(required: &Required, installed: &Installed) -> String {
    let version = installed.version.as_ref().map_or("developed".to_owned(), ToString::to_string);
    format!("{} {version} {}", required.name, installed.source.short())
}

fn show(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
