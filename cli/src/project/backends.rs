//! Where the state of each environment is kept, as the `project` block says.
//!
//! ```text
//! state = local {}
//! state = s3 { bucket = "acme-state", prefix = "shop", region = "eu-central-1" }
//! state = gcs { bucket = "acme-state", prefix = "shop" }
//! state = azure { container = "state", account = "acme", prefix = "shop" }
//! state = postgres { url = "postgres://syncline@db.example/state" }
//! state = { prod = s3(bucket = "acme-state"), dev = local() }
//! ```
//!
//! Takes the entries of the block; returns a backend for each environment, and diagnostics. Values are
//! plain strings, since the state is opened before anything is evaluated. What is secret, a
//! password or a key, comes from the environment variables that the tools of each store know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use syncline_lang::syntax::ast::{Expr, ExprKind, MapEntry, MapKey};
use syncline_model::{Code, Diagnostic, EnvironmentName, Span, nearest};
use syncline_state::{Backend, SqliteBackend};
use syncline_state_objects::{Azure, Gcs, ObjectsBackend, S3, is_address, is_name};
use syncline_state_postgres::{Postgres, PostgresBackend};

use crate::exit::Failure;

const UNKNOWN_BACKEND: Code = Code { id: "E0820", summary: "there is no such place for state" };
const BAD_SETTING: Code = Code { id: "E0821", summary: "a setting of the state makes no sense" };

/// The places that there are, each with its settings; those that have to be there first.
const KNOWN: [(&str, usize, &[&str]); 5] = [
    ("local", 0, &["path"]),
    ("s3", 1, &["bucket", "prefix", "region", "endpoint"]),
    ("gcs", 1, &["bucket", "prefix", "endpoint"]),
    ("azure", 1, &["container", "account", "prefix", "endpoint"]),
    ("postgres", 1, &["url", "schema", "ca"]),
];

/// Where one log is kept, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    kind: &'static str,
    settings: BTreeMap<String, String>,
}

/// Where the logs of a project are kept.
#[derive(Debug)]
pub struct Backends {
    root: PathBuf,
    common: Place,
    own: BTreeMap<EnvironmentName, Place>,
    opened: Mutex<Vec<(Place, Arc<dyn Backend>)>>,
}

impl Backends {
    /// Returns the places that the entries of a `project` block name, and what is wrong with them.
    #[must_use]
    pub fn of(root: &Path, settings: &[MapEntry]) -> (Self, Vec<Diagnostic>) {
        let mut reader = Reader::default();
        let local = Place { kind: "local", settings: BTreeMap::new() };
        let (mut common, mut own) = (local, BTreeMap::new());
        for entry in settings {
            let state = plain(entry).filter(|(name, _)| *name == "state");
            let Some((_, value)) = state else { continue };
            let ExprKind::Map(entries) = &value.kind else {
                common = reader.place(value).unwrap_or(common);
                continue;
            };
            for entry in entries {
                match plain(entry) {
                    Some((name, value)) => {
                        let place = reader.place(value);
                        own.extend(place.map(|place| (EnvironmentName(name.into()), place)));
                    }
                    None => reader.bad(entry.span(), "an environment and its place are expected"),
                }
            }
        }
        let opened = Mutex::default();
        (Self { root: root.to_owned(), common, own, opened }, reader.diagnostics)
    }

    /// Reads where the logs of a project are kept, and nothing else of its sources.
    ///
    /// # Errors
    /// When what the `project` block says of the state makes no sense.
    pub fn read(root: &Path) -> Result<Self, Failure> {
        let sources = super::load::with_project_block(root);
        let mut settings = Vec::new();
        for (id, source) in sources.iter() {
            settings.extend(syncline_lang::syntax::project_settings(id, &source.text));
        }
        let (backends, diagnostics) = Self::of(root, &settings);
        match diagnostics.first() {
            None => Ok(backends),
            Some(found) => Err(Failure::new(found.message.clone())
                .note("It stands in the `project` block, under `state`.")
                .help("`syncline check` shows the place.")),
        }
    }

    /// Returns the backend of an environment.
    ///
    /// # Errors
    /// When its settings make no sense to it.
    pub fn of_environment(&self, name: &EnvironmentName) -> Result<Arc<dyn Backend>, Failure> {
        self.open(self.place(name))
    }

    /// Returns the place of an environment: its own, that of its group, or the common one.
    fn place(&self, name: &EnvironmentName) -> &Place {
        let group = name.0.split('/').next().unwrap_or_default();
        let own = self.own.get(name).or_else(|| self.own.get(&EnvironmentName(group.into())));
        own.unwrap_or(&self.common)
    }

    /// Returns every environment that has a log, sorted.
    ///
    /// # Errors
    /// When a place cannot be read.
    pub async fn environments(&self) -> Result<Vec<EnvironmentName>, Failure> {
        let mut found = Vec::new();
        for place in std::iter::once(&self.common).chain(self.own.values()) {
            let is_its = |name: &EnvironmentName| self.place(name) == place;
            found.extend(self.open(place)?.environments().await?.into_iter().filter(is_its));
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Returns the backend that text names, such as `local`, `local path=old.db` or `s3 bucket=b`.
    ///
    /// # Errors
    /// When it names none.
    pub fn named(&self, text: &str) -> Result<Arc<dyn Backend>, Failure> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let mut settings = BTreeMap::new();
        for word in words {
            let (key, value) = word.split_once('=').ok_or_else(|| {
                Failure::new(format!("`{word}` is no setting"))
                    .help("Write `s3 bucket=NAME prefix=NAME`, with a `=` in each setting.")
            })?;
            settings.insert(key.to_owned(), value.to_owned());
        }
        self.open(
            &place_of(name, settings).map_err(|reason| Failure::new(reason.0).help(reason.1))?,
        )
    }

    fn open(&self, place: &Place) -> Result<Arc<dyn Backend>, Failure> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, backend)) = opened.iter().find(|(own, _)| own == place) {
            return Ok(Arc::clone(backend));
        }
        let backend = open(&self.root, place)?;
        opened.push((place.clone(), Arc::clone(&backend)));
        Ok(backend)
    }
}

fn open(root: &Path, place: &Place) -> Result<Arc<dyn Backend>, Failure> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let setting = |name: &str| place.settings.get(name).cloned();
    Ok(match place.kind {
        "s3" => Arc::new(ObjectsBackend::s3(&S3 {
            bucket: setting("bucket").unwrap_or_default(),
            prefix: setting("prefix").unwrap_or_default(),
            region: setting("region"),
            endpoint: setting("endpoint"),
            variables: variables("AWS_"),
        })?),
        "gcs" => Arc::new(ObjectsBackend::gcs(&Gcs {
            bucket: setting("bucket").unwrap_or_default(),
            prefix: setting("prefix").unwrap_or_default(),
            endpoint: setting("endpoint"),
            variables: variables("GOOGLE_"),
        })?),
        "azure" => Arc::new(ObjectsBackend::azure(&Azure {
            container: setting("container").unwrap_or_default(),
            account: setting("account"),
            prefix: setting("prefix").unwrap_or_default(),
            endpoint: setting("endpoint"),
            variables: variables("AZURE_"),
        })?),
        "postgres" => {
            let file = setting("ca")
                .map(PathBuf::from)
                .or_else(|| variable("PGSSLROOTCERT").map(Into::into));
            let trusted = file.map(|file| {
                std::fs::read(root.join(&file)).map_err(|error| {
                    Failure::new(format!(
                        "the certificates {} cannot be read: {error}",
                        file.display()
                    ))
                })
            });
            Arc::new(PostgresBackend::new(&Postgres {
                url: setting("url").unwrap_or_default(),
                user: variable("PGUSER"),
                password: variable("PGPASSWORD"),
                schema: setting("schema").unwrap_or_default(),
                trusted: trusted.transpose()?,
            })?)
        }
        _ => {
            let path = setting("path").unwrap_or_else(|| ".syncline/state.db".to_owned());
            Arc::new(SqliteBackend::new(&root.join(path)))
        }
    })
}

/// Returns the environment's variables whose names begin so.
fn variables(begin: &str) -> Vec<(String, String)> {
    let all = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        name.starts_with(begin).then_some((name, value))
    });
    all.collect()
}

/// Returns a place, or what is wrong with it and the way out.
fn place_of(name: &str, settings: BTreeMap<String, String>) -> Result<Place, (String, String)> {
    let Some((kind, required, known)) = KNOWN.iter().find(|(kind, ..)| *kind == name) else {
        let names = KNOWN.iter().map(|(kind, ..)| *kind);
        let help = match nearest(name, names.clone()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("There are: {}.", names.collect::<Vec<_>>().join(", ")),
        };
        return Err((format!("there is no place for state called `{name}`"), help));
    };
    let all = || format!("`{kind}` takes: {}.", known.join(", "));
    if let Some(unknown) = settings.keys().find(|key| !known.contains(&key.as_str())) {
        return Err((format!("`{kind}` has no setting `{unknown}`"), all()));
    }
    if let Some(missing) = known[..*required].iter().find(|key| !settings.contains_key(**key)) {
        return Err((format!("`{kind}` needs the setting `{missing}`"), all()));
    }
    for (key, value) in &settings {
        let expected = match key.as_str() {
            "endpoint" if !is_address(value) => "an address such as https://storage.example:9000",
            "bucket" | "region" | "container" | "account" if !is_name(value) => {
                "a name of letters, digits and `.`, `_`, `-`"
            }
            "path" | "url" | "schema" | "ca" if value.is_empty() => "a text that is not empty",
            _ => continue,
        };
        return Err((format!("the setting `{key}` of `{kind}` has to be {expected}"), all()));
    }
    Ok(Place { kind, settings })
}

#[derive(Default)]
struct Reader {
    diagnostics: Vec<Diagnostic>,
}

impl Reader {
    fn bad(&mut self, span: Span, message: &str) {
        self.diagnostics.push(
            Diagnostic::error(BAD_SETTING, message.to_owned())
                .label(span, "here")
                .help("Write `state = s3 { bucket = \"NAME\" }`, or `state = { prod = s3(...) }`."),
        );
    }

    /// Reads `s3 { bucket = "b" }`, or `s3(bucket = "b")`, which may stand anywhere.
    fn place(&mut self, value: &Expr) -> Option<Place> {
        let ExprKind::Call { callee, args } = &value.kind else {
            self.bad(value.span, "a place for state is a name and its settings");
            return None;
        };
        let ExprKind::Name(name) = &callee.kind else {
            self.bad(callee.span, "a place for state is a plain name");
            return None;
        };
        let mut settings = BTreeMap::new();
        for arg in args {
            let found = match (&arg.name, &arg.value.kind) {
                (Some(name), _) => vec![Some((name.name.as_str(), &arg.value))],
                (None, ExprKind::Map(entries)) => entries.iter().map(plain).collect(),
                (None, _) => vec![None],
            };
            for setting in found {
                let text = setting.and_then(|(key, value)| {
                    let ExprKind::String(text) = &value.kind else { return None };
                    Some((key.to_owned(), text.to_string()))
                });
                let Some((key, text)) = text else {
                    self.bad(arg.value.span, "a setting of the state is a plain string");
                    return None;
                };
                settings.insert(key, text);
            }
        }
        let span = callee.span;
        place_of(name, settings)
            .map_err(|(message, help)| {
                let code = if help.starts_with('`') { BAD_SETTING } else { UNKNOWN_BACKEND };
                let found = Diagnostic::error(code, message).label(span, "here").help(help);
                self.diagnostics.push(found);
            })
            .ok()
    }
}

/// Returns an entry `key = value` with a plain key.
fn plain(entry: &MapEntry) -> Option<(&str, &Expr)> {
    match entry {
        MapEntry::Set { key: MapKey::Plain(key), value } => Some((&key.name, value)),
        MapEntry::Set { key: MapKey::Computed(_), .. }
        | MapEntry::Shorthand(_)
        | MapEntry::Spread(_) => None,
    }
}
