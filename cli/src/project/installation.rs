//! Installing what a project asks for.
//!
//! Takes the required providers; returns where each one's program is, writes `syncline.lock` and
//! says what was installed. What cannot be installed is a diagnostic that says where was looked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syncline_install::{
    Error, Installed, Installer, LockFile, Locked, Looked, Settings, Source, lock,
};
use syncline_model::{Code, Diagnostic};
use syncline_protocol::host::Attached;

use super::Required;
use crate::progress::Installing;
use crate::session::Session;

/// A provider is not where it is said to be.
pub const NOT_FOUND: Code = Code { id: "E0806", summary: "a provider is not found" };
const UNTRUSTED: Code =
    Code { id: "E0807", summary: "a provider's package is not what it should be" };
const FAILED: Code = Code { id: "E0808", summary: "a provider cannot be installed" };

/// A required provider and where its program is.
pub type Found = Vec<(Required, Installed)>;

/// Returns an installer as the environment and the user's configuration have it.
///
/// # Errors
/// A diagnostic, when the configuration is not well-formed.
pub fn installer() -> Result<Installer, Box<Diagnostic>> {
    let settings = Settings::discover(&|name| std::env::var(name).ok());
    settings.map(Installer::new).map_err(|error| {
        Box::new(Diagnostic::error(FAILED, error.to_string()).help(
            "The file says how providers are installed; SYNCLINE_CONFIG_FILE names another one.",
        ))
    })
}

/// Returns the providers that somebody else has started, by their sources.
///
/// # Errors
/// A diagnostic, when `TF_REATTACH_PROVIDERS` cannot be read.
pub fn attached() -> Result<BTreeMap<Source, Attached>, Box<Diagnostic>> {
    let Ok(text) = std::env::var("TF_REATTACH_PROVIDERS") else { return Ok(BTreeMap::new()) };
    let failed = |why: String| {
        let message = format!("TF_REATTACH_PROVIDERS cannot be read: {why}");
        let help = "It is what a provider prints that is started with `--debug`.";
        Box::new(Diagnostic::error(FAILED, message).help(help))
    };
    let read = if text.is_empty() { Ok(BTreeMap::new()) } else { Attached::read(&text) };
    let by_source = |(name, attached): (String, Attached)| match name.parse() {
        Ok(source) => Ok((source, attached)),
        Err(error) => Err(failed(format!("`{name}`: {error}"))),
    };
    read.map_err(&failed)?.into_iter().map(by_source).collect()
}

/// Installs providers and writes the lock file of the project where something was chosen anew. Those that
/// somebody else has started are there already.
pub fn install(
    session: &Session,
    root: &Path,
    required: Vec<Required>,
    upgrade: bool,
) -> (Found, Vec<Diagnostic>) {
    let path = root.join(lock::NAME);
    let prepared = installer().and_then(|installer| Ok((installer, locked(&path)?, attached()?)));
    let (installer, mut lock, attached) = match prepared {
        Ok(prepared) => prepared,
        Err(diagnostic) => return (Vec::new(), vec![*diagnostic]),
    };
    let sources: Vec<Source> = required.iter().map(|own| own.request.source.clone()).collect();
    let (running, required): (Vec<_>, Vec<_>) =
        required.into_iter().partition(|own| attached.contains_key(&own.request.source));
    let requests: Vec<_> = required.iter().map(|own| own.request.clone()).collect();
    let before = lock.clone();
    let progress = Installing::new(&session.output);
    let answers =
        installer.install(&requests, &mut lock, upgrade, &|event| progress.observe(event));
    progress.finish();
    let mut found: Found = running.into_iter().map(running_already).collect();
    let mut diagnostics = Vec::new();
    for (required, answer) in required.into_iter().zip(answers) {
        match answer {
            Ok(installed) => found.push((required, installed)),
            Err(error) => {
                let locked = before.providers.get(&required.request.source);
                diagnostics.push(failure(&required, &error, locked.filter(|_| !upgrade)));
            }
        }
    }
    lock.providers.retain(|source, _| sources.contains(source));
    // A lock file that is half chosen is not written: the next run chooses the rest.
    if diagnostics.is_empty() && lock != before {
        match lock.write(&path) {
            Ok(true) if before == LockFile::default() => session.output.note(&format!(
                "{} is new: it pins the providers. Keep it in version control.",
                lock::NAME
            )),
            Ok(true) => session.output.note(&format!("{} has changed.", lock::NAME)),
            Ok(false) => {}
            // What is pinned already is only known by one more checksum.
            Err(_) if pins_the_same(&before, &lock) => {}
            Err(error) => {
                let report = Diagnostic::error(FAILED, error.to_string());
                diagnostics.push(report.help(format!(
                    "Run `syncline providers lock` where the project's folder can be written, and keep {} with it.",
                    lock::NAME
                )));
            }
        }
    }
    (found, diagnostics)
}

/// Tells whether two lock files have the same providers in the same versions, each with a checksum.
fn pins_the_same(before: &LockFile, after: &LockFile) -> bool {
    let version = |own: &(&Source, &Locked)| (own.0.clone(), own.1.version.clone());
    before.providers.values().all(|own| !own.hashes.is_empty())
        && before
            .providers
            .iter()
            .map(|own| version(&own))
            .eq(after.providers.iter().map(|own| version(&own)))
}

fn running_already(required: Required) -> (Required, Installed) {
    let installed = Installed {
        source: required.request.source.clone(),
        version: None,
        folder: PathBuf::new(),
        program: PathBuf::new(),
        sha256: None,
        place: "a process that runs already (TF_REATTACH_PROVIDERS)".to_owned(),
    };
    (required, installed)
}

/// Reads the lock file.
fn locked(path: &Path) -> Result<LockFile, Box<Diagnostic>> {
    LockFile::read(path).map_err(|error| {
        let mends = "Take it from version control, or take it away: `syncline providers lock` writes it anew.";
        Box::new(Diagnostic::error(FAILED, error.to_string()).help(mends))
    })
}

/// Tells whether a path is in the cache of providers.
fn is_cached(path: &Path) -> bool {
    let settings = Settings::discover(&|name| std::env::var(name).ok());
    settings.is_ok_and(|settings| path.starts_with(settings.cache))
}

const CHANGED: &str = "If the lock file was written for another platform, `syncline providers lock --platform OS_ARCH` adds this one \
     where the package can be trusted. Otherwise the package has changed: find out why.";

/// Returns why a provider is not there, at the place of its declaration.
fn failure(required: &Required, error: &Error, locked: Option<&Locked>) -> Diagnostic {
    let (name, source) = (&required.name, required.request.source.short());
    let at = |code, message: String| Diagnostic::error(code, message).label(required.span, "");
    match error {
        Error::NotFound { asked, looked, .. } => {
            let message = format!("the provider `{name}` is not found: {source} {asked}");
            not_found(at(NOT_FOUND, message), (required, locked), looked)
        }
        Error::Changed { place, version, got, .. } => {
            let message = format!("the provider `{name}` {version} is not what the lock file pins");
            at(UNTRUSTED, message)
                .note(format!("Its package from {place} has {}.", got.join(" and ")))
                .help(CHANGED)
        }
        Error::Untrusted { what, why } => {
            at(UNTRUSTED, format!("the provider `{name}` cannot be trusted: {why}"))
                .note(format!("It is about {what}."))
        }
        Error::Override { .. } => {
            at(FAILED, format!("the provider `{name}` cannot be used: {error}"))
                .help("Build it there, or take the override out.")
        }
        Error::NoProgram { .. } => {
            at(FAILED, format!("the provider `{name}` cannot be installed: {error}"))
                .help("Put the program there, or take the folder away: then other places are asked.")
        }
        Error::Archive { .. } => {
            at(FAILED, format!("the provider `{name}` cannot be installed: {error}")).help(
                "Fetch it anew: an archive of a provider is a zip file with its program, as registries have it.",
            )
        }
        Error::Disk { path, .. } if is_cached(path) => {
            at(FAILED, format!("the provider `{name}` cannot be installed: {error}")).help(
                "Providers are kept in the cache; SYNCLINE_CACHE_DIR names another folder for it that can be written.",
            )
        }
        Error::Network { .. }
        | Error::Disk { .. }
        | Error::File { .. }
        | _ => at(FAILED, format!("the provider `{name}` cannot be installed: {error}")),
    }
}

/// Returns why a provider is nowhere: what was found at each place, and the way out.
fn not_found(
    mut diagnostic: Diagnostic,
    (required, locked): (&Required, Option<&Locked>),
    looked: &[Looked],
) -> Diagnostic {
    if looked.is_empty() {
        diagnostic = diagnostic.note("No place is set up where it could be looked for.");
    }
    for place in looked {
        diagnostic = diagnostic.note(format!("Looked in {}: {}.", place.place, place.found));
    }
    let unreachable = looked.iter().any(|place| place.unreachable);
    if let Some(other) = looked.iter().find_map(|place| place.instead.as_ref()) {
        return diagnostic.help(format!(
            "Write `source = \"{other}\"`: `{}` alone is short for {}.",
            required.request.source.short(),
            required.request.source
        ));
    }
    let pinned = locked.filter(|own| required.request.constraints.allow(&own.version));
    if let Some(Locked { version, .. }) = pinned {
        diagnostic = diagnostic.note(format!(
            "It is {} that pins {version}: `syncline providers lock --upgrade` takes one that is there.",
            lock::NAME
        ));
    }
    // Where some place has it, it is the version that is wrong.
    if looked.iter().any(|place| place.is_there) {
        return diagnostic.help(
            "Allow one of the versions that are there, or name a folder that has another one in \
             SYNCLINE_PLUGIN_DIR.",
        );
    }
    diagnostic.help(if unreachable {
        "Without a network, put the provider into a folder (`syncline providers mirror DIR` \
         fills one where there is a network) and name it in SYNCLINE_PLUGIN_DIR."
    } else {
        "Mend the source or the version, or name a folder that has the provider in \
         SYNCLINE_PLUGIN_DIR."
    })
}
