//! What is to be started, and how.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use syncline_model::Str;

use super::attached::Attached;
use super::schemas::Shared;

/// What is to be started, and how. Hosts made from clones of the same options share the provider's
/// schema, and a process that none of them has configured yet.
#[derive(Clone)]
pub struct HostOptions {
    /// The provider's local name, the first part of its resource types.
    pub name: Str,
    /// Where it comes from, for messages: `registry.opentofu.org/hashicorp/time`. May be empty.
    pub source: Str,
    /// Its version, for messages and the schema. May be empty.
    pub version: Str,
    /// The executable.
    pub executable: PathBuf,
    /// Where it listens, when somebody else has started it: then nothing is started, and nothing ended.
    pub attached: Option<Attached>,
    /// The SHA-256 of the executable, when it is known: the name of its schema in the cache.
    pub sha256: Option<[u8; 32]>,
    /// The folder where schemas are kept between runs; none keeps them for this run only.
    pub cache: Option<PathBuf>,
    /// The working directory of the process; none for that of Syncline itself.
    pub directory: Option<PathBuf>,
    /// What is added to the environment of Syncline itself.
    pub environment: Vec<(OsString, OsString)>,
    /// Who is told what the provider logs.
    pub log: Option<LogSink>,
    /// How long is waited, and for how much.
    pub limits: Limits,
    pub(super) shared: Arc<Shared>,
}

/// Is told what a provider logs, line by line; it must not block.
pub type LogSink = Arc<dyn Fn(&LogLine) + Send + Sync>;

/// A line that a provider logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The provider's local name.
    pub provider: Str,
    /// How much it matters.
    pub level: Level,
    /// The part of the provider that logged it; may be empty.
    pub module: String,
    /// What it says, without control characters.
    pub message: String,
    /// What it says it of, `name=value` each.
    pub fields: String,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Each step.
    Trace,
    /// For those who look for a mistake.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl Level {
    /// Returns the level of a name, however it is written.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];
        all.into_iter().find(|level| level.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Returns its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// How long is waited, and for how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the line that says where the provider listens.
    pub start: Duration,
    /// For schemas, validation, upgrades and functions.
    pub short: Duration,
    /// For configuration, reading, planning and importing.
    pub long: Duration,
    /// For a change; none waits for ever, as hours are usual.
    pub apply: Option<Duration>,
    /// For the process to end after it was asked to, and for calls to take note of it.
    pub stop: Duration,
    /// The largest message, in bytes, either way.
    pub message: usize,
    /// Calls at once. Who calls says how many there are (`--parallelism`); this only keeps a flood off.
    pub calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(60),
            short: Duration::from_secs(5 * 60),
            long: Duration::from_secs(30 * 60),
            apply: None,
            stop: Duration::from_secs(2),
            message: 256 << 20,
            calls: 1_000,
        }
    }
}

impl HostOptions {
    /// Returns the options of a provider with nothing but a name and an executable.
    #[must_use]
    pub fn new(name: impl Into<Str>, executable: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            source: Str::new(),
            version: Str::new(),
            executable: executable.into(),
            attached: None,
            sha256: None,
            cache: None,
            directory: None,
            environment: Vec::new(),
            log: None,
            limits: Limits::default(),
            shared: Arc::default(),
        }
    }

    /// Returns what the provider is called in messages: `time` (hashicorp/time 0.14.2).
    pub(super) fn title(&self) -> String {
        match (self.source.as_str(), self.version.as_str()) {
            ("", "") => format!("`{}`", self.name),
            ("", version) => format!("`{}` ({version})", self.name),
            (source, "") => format!("`{}` ({source})", self.name),
            (source, version) => format!("`{}` ({source} {version})", self.name),
        }
    }
}

impl fmt::Debug for HostOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostOptions")
            .field("name", &self.name)
            .field("executable", &self.executable)
            .finish_non_exhaustive()
    }
}
