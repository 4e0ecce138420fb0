//! The providers of a project: those that are linked in, and the processes of external ones.
//!
//! Takes what the project asks for; installs, starts and asks for schemas what is external, and
//! gives the front end a [`World`] and the planner a registry. A provider that cannot be had is a
//! diagnostic, and the rest is there all the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use syncline_install::Installed;
use syncline_lang::{DataQuery, FileProblem, FolderEntry, Project, World};
use syncline_model::{Code, Diagnostic, Functions, Problem, Provider, ProviderSchema, Str, Value};
use syncline_planner::ProviderRegistry;
use syncline_protocol::host::{Host, HostOptions, Level};
use tokio::runtime::Runtime;

use super::calls::{Called, aside, at_once};
use super::{Required, installation, requirements};
use crate::exit::Failure;
use crate::session::Session;

const NO_ANSWER: Code = Code { id: "E0809", summary: "a provider cannot be used" };
const OVERRIDDEN: Code = Code { id: "W0810", summary: "a provider is overridden" };

/// The names of the providers that are linked in, sorted.
pub const BUILT_IN: [&str; 4] = ["local", "random", "terraform", "time"];

/// The providers of a project.
#[derive(Debug)]
pub struct Providers {
    /// The project's folder, to which paths are relative.
    root: PathBuf,
    schemas: BTreeMap<Str, Arc<ProviderSchema>>,
    /// What is not linked in.
    external: BTreeMap<Str, External>,
    /// Whether something that the project asks for is not there, and has been told.
    pub incomplete: bool,
    /// What was asked of providers while environments were evaluated.
    called: Called,
    /// Whether data sources are read on which it hangs which resources there are: what is only checked asks no provider.
    pub reads: bool,
    /// What the schemas were asked for on; it lives as long as the processes that it started.
    runtime: Kept,
}

/// A provider that is a process of its own.
pub struct External {
    /// What was asked for.
    pub required: Required,
    /// Where its program is.
    pub installed: Installed,
    options: HostOptions,
}

impl std::fmt::Debug for External {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("External").field(&self.installed).finish()
    }
}

/// A runtime that may be dropped anywhere.
#[derive(Debug, Default)]
struct Kept(Option<Runtime>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Providers {
    /// Returns the providers that are linked in.
    ///
    /// # Errors
    /// When a provider does not say what it offers.
    pub fn built_in(root: &Path) -> Result<Self, Failure> {
        let mut schemas = BTreeMap::new();
        for name in BUILT_IN {
            let schema = at_once(make(name, root).schema())
                .ok_or_else(|| Failure::new(format!("the provider `{name}` does not answer")))?
                .map_err(|problem| Failure::new(problem.summary).note(problem.detail))?;
            schemas.insert(name.into(), schema);
        }
        let external = BTreeMap::new();
        let root = root.to_owned();
        let (called, runtime) = (Called::default(), Kept::default());
        Ok(Self { root, schemas, external, incomplete: false, called, reads: false, runtime })
    }

    /// Returns the providers of a project; those that it asks for are installed.
    ///
    /// # Errors
    /// When a provider that is linked in does not say what it offers, or no runtime can be started.
    pub fn of(
        session: &Session,
        root: &Path,
        project: &Project,
    ) -> Result<(Self, Vec<Diagnostic>), Failure> {
        let mut all = Self::built_in(root)?;
        let (required, mut diagnostics) = requirements(project);
        if required.is_empty() {
            all.incomplete = !diagnostics.is_empty();
            return Ok((all, diagnostics));
        }
        let (found, told) = installation::install(session, root, required, false);
        diagnostics.extend(told);
        for (required, installed) in found {
            if installed.version.is_none() {
                diagnostics.push(overridden(&required, &installed));
            }
            let options = options(session, root, &required, &installed);
            let name = required.name.clone();
            all.external.insert(name, External { required, installed, options });
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("no runtime could be started: {error}")))?;
        for (name, answer) in ask(&runtime, &all.external) {
            match answer {
                Ok(schema) => {
                    all.schemas.insert(name, schema);
                }
                Err(problem) => {
                    all.schemas.remove(&name);
                    diagnostics.push(no_answer(&all.external[&name].required, &problem));
                }
            }
        }
        all.runtime = Kept(Some(runtime));
        all.incomplete = diagnostics.iter().any(Diagnostic::is_error);
        Ok((all, diagnostics))
    }

    /// Returns the registry for the planner.
    ///
    /// # Errors
    /// When a provider does not say what it offers.
    pub async fn registry(&self) -> Result<ProviderRegistry, Failure> {
        self.called.let_go();
        let mut registry = ProviderRegistry::new();
        let failure = |problem: Problem| Failure::new(problem.summary).note(problem.detail);
        for name in BUILT_IN.into_iter().filter(|name| !self.external.contains_key(*name)) {
            let root = self.root.clone();
            registry.add(name, Arc::new(move || make(name, &root))).await.map_err(failure)?;
        }
        for (name, external) in &self.external {
            let options = external.options.clone();
            let factory = move || Host::new(options.clone()) as Arc<dyn Provider>;
            let origin = external.required.origin();
            registry.add_from(name.clone(), origin, Arc::new(factory)).await.map_err(failure)?;
        }
        Ok(registry)
    }

    fn make(&self, name: &str) -> Arc<dyn Provider> {
        match self.external.get(name) {
            Some(external) => Host::new(external.options.clone()) as Arc<dyn Provider>,
            None => make(name, &self.root),
        }
    }

    /// Returns the external providers, sorted by their local names.
    pub fn external(&self) -> impl Iterator<Item = &External> {
        self.external.values()
    }
}

/// Asks external providers beside each other for their schemas.
fn ask(
    runtime: &Runtime,
    external: &BTreeMap<Str, External>,
) -> Vec<(Str, Result<Arc<ProviderSchema>, Problem>)> {
    let running: Vec<_> = external
        .iter()
        .map(|(name, own)| {
            let host = Host::new(own.options.clone());
            (name.clone(), runtime.spawn(async move { host.schema().await }))
        })
        .collect();
    running
        .into_iter()
        .map(|(name, task)| match aside(|| runtime.block_on(task)) {
            Some(Ok(answer)) => (name, answer),
            Some(Err(_)) | None => (name, Err(Problem::error("it could not be asked", ""))),
        })
        .collect()
}

fn options(
    session: &Session,
    root: &Path,
    required: &Required,
    installed: &Installed,
) -> HostOptions {
    let mut options = HostOptions::new(required.name.clone(), installed.program.clone());
    options.source = installed.source.to_string().into();
    options.version =
        installed.version.as_ref().map(ToString::to_string).unwrap_or_default().into();
    options.sha256 = installed.sha256;
    options.directory = Some(root.to_owned());
    // What cannot be read has been told by the installation.
    options.attached =
        installation::attached().ok().and_then(|mut all| all.remove(&installed.source));
    if let Some(patience) = patience() {
        (options.limits.short, options.limits.long) = (patience, patience);
    }
    let settings = syncline_install::Settings::discover(&|name| std::env::var(name).ok());
    options.cache = settings
        .ok()
        .and_then(|settings| settings.cache.parent().map(|cache| cache.join("schemas")));
    if let Some(least) = least_level() {
        let output = session.output.clone();
        options.log = Some(Arc::new(move |line| {
            if line.level >= least {
                let gap = if line.fields.is_empty() { "" } else { ": " };
                output.note(&format!(
                    "[{}] {}: {}{gap}{}",
                    line.provider,
                    line.level.name(),
                    line.message,
                    line.fields
                ));
            }
        }));
    }
    options
}

/// Returns from which level on providers' lines are shown, as `SYNCLINE_LOG` says it: all of them where it is no level.
fn least_level() -> Option<Level> {
    let text = std::env::var("SYNCLINE_LOG").ok().filter(|text| !text.is_empty())?;
    (!text.eq_ignore_ascii_case("off")).then(|| Level::named(&text).unwrap_or(Level::Trace))
}

/// Returns how long an answer is waited for, where `SYNCLINE_PROVIDER_TIMEOUT` says so in seconds.
fn patience() -> Option<Duration> {
    let seconds: u64 = std::env::var("SYNCLINE_PROVIDER_TIMEOUT").ok()?.trim().parse().ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn no_answer(required: &Required, problem: &Problem) -> Diagnostic {
    let message = format!("the provider `{}` cannot be used: {}", required.name, problem.summary);
    let diagnostic = Diagnostic::error(NO_ANSWER, message).label(required.span, "");
    let detail = problem.detail.trim();
    if detail.is_empty() { diagnostic } else { diagnostic.note(detail) }
}

fn overridden(required: &Required, installed: &Installed) -> Diagnostic {
    let message = format!("the provider `{}` comes from {}", required.name, installed.place);
    Diagnostic::warning(OVERRIDDEN, message)
        .label(required.span, "")
        .note("Neither its version nor its checksum is looked at, and it is not locked.")
}

fn make(name: &str, root: &Path) -> Arc<dyn Provider> {
    match name {
        "local" => syncline_provider_local::provider(root.to_owned()),
        "random" => syncline_provider_random::provider(),
        "terraform" => syncline_provider_terraform::provider(root.to_owned()),
        _ => syncline_provider_time::provider(),
    }
}

impl Functions for Providers {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        self.schemas.get(provider).cloned()
    }

    fn call(&self, provider: &str, function: &str, arguments: &[Value]) -> Result<Value, Problem> {
        let runtime = self.runtime.0.as_ref();
        let make = || self.make(provider);
        self.called.answer((provider, function, arguments), runtime, &make)
    }
}

impl World for Providers {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        self.schemas.get(provider).cloned()
    }

    fn functions(&self) -> Option<&dyn Functions> {
        Some(self)
    }

    fn read(&self, query: &DataQuery<'_>) -> Option<Result<Value, Problem>> {
        let make = || self.make(&query.provider.name);
        self.reads.then(|| self.called.read(query, self.runtime.0.as_ref(), &make))
    }

    fn providers(&self) -> Vec<Str> {
        self.schemas.keys().cloned().collect()
    }

    fn file(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        super::files::read(&self.root, path)
    }

    fn folder(&self, path: &str) -> Result<Arc<[FolderEntry]>, FileProblem> {
        super::files::list(&self.root, path)
    }

    fn source(&self, provider: &str) -> (Str, Str) {
        match self.external.get(provider) {
            Some(external) => (
                external.installed.source.to_string().into(),
                external.required.request.constraints.to_string().into(),
            ),
            None => (Str::new(), Str::new()),
        }
    }
}
