//! The backends, each in a fresh place.
//!
//! A place is text, so that another process finds it: `sqlite FILE`, `folder FOLDER`,
//! `postgres URL SCHEMA`, `s3 ENDPOINT PREFIX`, `gcs ENDPOINT PREFIX`, `azure ENDPOINT PREFIX`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use syncline_model::EnvironmentName;
use syncline_state::{Backend, Clock, KeySeal, MemoryBackend, SqliteBackend, StoredLog};
use syncline_state_objects::{Azure, Gcs, ObjectsBackend, S3};
use syncline_state_postgres::{Postgres, PostgresBackend};

/// Where a log is.
pub(crate) struct World {
    pub(crate) name: &'static str,
    /// How another process finds it; empty in memory.
    pub(crate) place: String,
    memory: Arc<MemoryBackend>,
    _folder: tempfile::TempDir,
}

impl World {
    /// Makes one at a place that nobody has used.
    pub(crate) fn fresh(name: &'static str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let fresh = format!("t{}_{number}", std::process::id());
        let folder = tempfile::tempdir().unwrap();
        let served = |variable: &str| std::env::var(variable).unwrap();
        let place = match name {
            "memory" => String::new(),
            "sqlite" => format!("sqlite {}", folder.path().join(".syncline/state.db").display()),
            "folder" => format!("folder {}", folder.path().join("objects").display()),
            _ => format!("{name} {} {fresh}", served(variable_of(name))),
        };
        Self { name, place, memory: Arc::default(), _folder: folder }
    }

    /// Returns the backend as another process would have it: nothing is shared but the storage.
    pub(crate) fn backend(&self) -> Arc<dyn Backend> {
        if self.place.is_empty() { Arc::clone(&self.memory) as _ } else { open(&self.place) }
    }

    /// Returns a handle on the log of `dev`, as another process would have it.
    pub(crate) fn log(&self) -> StoredLog {
        log_on(self.backend())
    }
}

pub(crate) fn dev() -> EnvironmentName {
    EnvironmentName("dev".into())
}

pub(crate) fn log_on(backend: Arc<dyn Backend>) -> StoredLog {
    StoredLog::new(backend, dev(), Arc::new(KeySeal::new(&[1; 32])), clock())
}

/// A clock that goes on with each record.
fn clock() -> Clock {
    let now = AtomicU64::new(1_000);
    Arc::new(move || now.fetch_add(1, Ordering::Relaxed))
}

/// Returns the bucket of a place. Each has its own: a stand-in goes through all of a bucket for a list.
fn bucket(prefix: &str) -> String {
    prefix.replace('_', "x")
}

/// Returns the backend at a place.
pub(crate) fn open(place: &str) -> Arc<dyn Backend> {
    let words: Vec<&str> = place.split(' ').collect();
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match words[..] {
        ["sqlite", file] => Arc::new(SqliteBackend::new(Path::new(file))),
        ["folder", folder] => Arc::new(ObjectsBackend::folder(Path::new(folder)).unwrap()),
        ["postgres", url, schema] => {
            let (url, schema) = (url.to_owned(), schema.to_owned());
            let settings = Postgres { url, schema, ..Postgres::default() };
            Arc::new(PostgresBackend::new(&settings).unwrap())
        }
        ["s3", endpoint, prefix] => {
            let settings = S3 {
                bucket: bucket(prefix),
                prefix: prefix.to_owned(),
                region: Some("us-east-1".to_owned()),
                endpoint: Some(endpoint.to_owned()),
                variables: vec![
                    variable("AWS_ACCESS_KEY_ID", "test"),
                    variable("AWS_SECRET_ACCESS_KEY", "test"),
                ],
            };
            Arc::new(ObjectsBackend::s3(&settings).unwrap())
        }
        ["gcs", endpoint, prefix] => {
            let settings = Gcs {
                bucket: bucket(prefix),
                prefix: prefix.to_owned(),
                endpoint: Some(endpoint.to_owned()),
                variables: vec![variable("GOOGLE_BEARER_TOKEN", "any")],
            };
            Arc::new(ObjectsBackend::gcs(&settings).unwrap())
        }
        ["azure", endpoint, prefix] => {
            let key = std::env::var("SYNCLINE_TEST_AZURE_KEY").expect("xtask tells the key");
            let settings = Azure {
                container: "syncline".to_owned(),
                account: Some("devstoreaccount1".to_owned()),
                prefix: prefix.to_owned(),
                endpoint: Some(endpoint.to_owned()),
                variables: vec![variable("AZURE_STORAGE_ACCOUNT_KEY", &key)],
            };
            Arc::new(ObjectsBackend::azure(&settings).unwrap())
        }
        _ => panic!("no backend has the place `{place}`"),
    }
}

/// Returns the variable that says where a service is.
fn variable_of(name: &str) -> &'static str {
    let served = SERVED.iter().find(|(served, _)| *served == name);
    served.map(|(_, variable)| *variable).unwrap_or_else(|| panic!("no backend is named `{name}`"))
}

/// The backends that need a service, and the variable that says where it is.
const SERVED: [(&str, &str); 4] = [
    ("postgres", "SYNCLINE_TEST_POSTGRES"),
    ("s3", "SYNCLINE_TEST_S3"),
    ("gcs", "SYNCLINE_TEST_GCS"),
    ("azure", "SYNCLINE_TEST_AZURE"),
];

/// Returns the names of the backends that are there.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let is_there = |variable: &str| std::env::var_os(variable).is_some();
    let served = SERVED.iter().filter(move |(_, variable)| is_there(variable));
    ["memory", "sqlite", "folder"].into_iter().chain(served.map(|(name, _)| *name))
}

/// Returns what runs the appliers of a test at once.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

/// Runs a test on every backend.
pub(crate) fn on_each<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    for name in names() {
        let start = std::time::Instant::now();
        runtime().block_on(test(World::fresh(name)));
        println!("{name}: {:?}", start.elapsed());
    }
}
