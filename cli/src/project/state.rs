//! The recorded state of a project, its key, and who this process is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use syncline_model::EnvironmentName;
use syncline_planner::record::{Holder, Millis};
use syncline_planner::{Clock, State};
use syncline_state::{Backend, KeySeal, Keyring, Seal as _, StoredLog};

use super::Backends;
use super::recipients::Own;

use crate::exit::Failure;
use crate::output::Output;

/// Where logs are kept, and the key.
#[derive(Clone, Debug)]
pub struct Records {
    /// What keeps the logs.
    pub backends: Arc<Backends>,
    own: Arc<KeySeal>,
    rings: Arc<Mutex<BTreeMap<EnvironmentName, Arc<Keyring>>>>,
}

/// The clock of the machine.
#[derive(Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Records {
    /// Opens the state of a project; makes the key where there is none.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn open(root: &Path, output: &Output) -> Result<Self, Failure> {
        let key = key_path()?;
        let is_new = !key.exists();
        let seal =
            KeySeal::load_or_create(&key).map_err(|error| Failure::new(error.to_string()))?;
        if is_new {
            output.note(&format!(
                "Made the key {}, which secrets in state and plans are encrypted with. Keep it: \
                 without it they cannot be read.",
                key.display()
            ));
        }
        let backends = Arc::new(Backends::read(root)?);
        Ok(Self::new(backends, seal))
    }

    /// Returns the state that is kept in some places, with the key file's key.
    #[must_use]
    pub fn new(backends: Arc<Backends>, own: KeySeal) -> Self {
        Self { backends, own: Arc::new(own), rings: Arc::default() }
    }

    /// Returns the keys of an environment; they are complete once its state has been read.
    #[must_use]
    pub fn keys(&self, environment: &EnvironmentName) -> Arc<Keyring> {
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        let ring = rings.entry(environment.clone()).or_insert_with(|| {
            let recipients = Arc::new(Own { file: (*self.own).clone() });
            Arc::new(Keyring::new(&self.own, environment, recipients))
        });
        Arc::clone(ring)
    }

    /// Takes note of the keys that a state names, which was read elsewhere.
    pub fn learn(&self, environment: &EnvironmentName, state: &State) {
        if let Some((keys, sequence)) = &state.keys {
            self.keys(environment).learn(keys, *sequence);
        }
    }

    /// Returns the key under which secrets are fingerprinted.
    #[must_use]
    pub fn digest_key(&self, environment: &EnvironmentName) -> [u8; 32] {
        self.keys(environment).digest_key()
    }

    /// Returns a handle on the log of an environment.
    ///
    /// # Errors
    /// When the settings of what keeps it make no sense.
    pub fn log(&self, environment: &EnvironmentName) -> Result<StoredLog, Failure> {
        Ok(self.log_on(self.backends.of_environment(environment)?, environment))
    }

    /// Returns a handle on the log of an environment in another place.
    #[must_use]
    pub fn log_on(&self, backend: Arc<dyn Backend>, environment: &EnvironmentName) -> StoredLog {
        let clock: syncline_state::Clock = Arc::new(|| SystemClock::default().now());
        let seal: Arc<dyn syncline_state::Seal> = self.keys(environment);
        StoredLog::new(backend, environment.clone(), seal, clock)
    }

    /// Reads what is recorded of an environment.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn state(&self, environment: &EnvironmentName) -> Result<State, Failure> {
        let backend = self.backends.of_environment(environment)?;
        let place = backend.place();
        let state = self.log_on(backend, environment).state().await;
        state.map_err(|error| {
            Failure::from(error).note(format!("It is the log of `{environment}`, in {place}."))
        })
    }

    /// Returns the environments that have a log.
    ///
    /// # Errors
    /// When what keeps them cannot be read.
    pub async fn environments(&self) -> Result<Vec<EnvironmentName>, Failure> {
        self.backends.environments().await
    }
}

/// Returns where the key is: `SYNCLINE_KEY_FILE`, or `syncline/key` in the folder for settings.
///
/// # Errors
/// When neither that variable nor a home folder is known.
pub fn key_path() -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = variable("SYNCLINE_KEY_FILE") {
        return Ok(path.into());
    }
    let settings = variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")));
    settings.map(|folder| folder.join("syncline").join("key")).ok_or_else(|| {
        Failure::new("there is no folder for the key")
            .help("Set SYNCLINE_KEY_FILE to a file that only you can read.")
    })
}

/// Returns who this process is.
#[must_use]
pub fn holder() -> Holder {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(variable).or_else(user);
    let process = std::process::id();
    Holder {
        user: user.unwrap_or_else(|| "unknown".to_owned()).into(),
        host: host().into(),
        process,
        started: started(process).unwrap_or_default().into(),
    }
}

/// Returns the name of the user that this process runs as, where the environment does not say.
#[cfg(unix)]
fn user() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(id.as_str())).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
const fn user() -> Option<String> {
    None
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok());
    name.map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Returns when a process of this machine started, in the kernel's ticks since the boot; it tells a
/// process from a later one of the same number.
fn started(process: u32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in brackets, may hold anything; what follows is numbers.
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(19).map(str::to_owned)
}

/// Tells whether a holder may still run. Of other machines nothing is known, so there it may.
#[must_use]
pub fn is_alive(holder: &Holder) -> bool {
    if holder.host != host() || !Path::new("/proc/self/stat").exists() {
        return true;
    }
    match started(holder.process) {
        Some(now) => holder.started.is_empty() || holder.started == now,
        None => false,
    }
}
