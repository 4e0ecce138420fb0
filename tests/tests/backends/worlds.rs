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

/// The key of the account that Azurite has, which its documentation tells everybody.
const AZURITE: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Where a log is.
pub(crate) struct World {
    pub(crate) name: &'static str,
    /// How another process finds it; empty in memory.
    pub(crate) place: String,
    memory: Arc<MemoryBackend>,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(name: &'static str, place: impl FnOnce(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { name, place: place(folder.path()), memory: Arc::default(), _folder: folder }
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
                bucket: "syncline".to_owned(),
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
                bucket: "syncline".to_owned(),
                prefix: prefix.to_owned(),
                endpoint: Some(endpoint.to_owned()),
                variables: vec![variable("GOOGLE_BEARER_TOKEN", "any")],
            };
            Arc::new(ObjectsBackend::gcs(&settings).unwrap())
        }
        ["azure", endpoint, prefix] => {
            let settings = Azure {
                container: "syncline".to_owned(),
                account: Some("devstoreaccount1".to_owned()),
                prefix: prefix.to_owned(),
                endpoint: Some(endpoint.to_owned()),
                variables: vec![variable("AZURE_STORAGE_ACCOUNT_KEY", AZURITE)],
            };
            Arc::new(ObjectsBackend::azure(&settings).unwrap())
        }
        _ => panic!("no backend has the place `{place}`"),
    }
}

/// Returns every backend that is there, each in a fresh place.
pub(crate) fn worlds() -> Vec<World> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let fresh = format!("t{}_{number}", std::process::id());
    let mut worlds = vec![
        World::new("memory", |_| String::new()),
        World::new("sqlite", |folder| {
            format!("sqlite {}", folder.join(".syncline/state.db").display())
        }),
        World::new("folder", |folder| format!("folder {}", folder.join("objects").display())),
    ];
    if let Ok(url) = std::env::var("SYNCLINE_TEST_POSTGRES") {
        worlds.push(World::new("postgres", |_| format!("postgres {url} {fresh}")));
    }
    if let Ok(endpoint) = std::env::var("SYNCLINE_TEST_S3") {
        worlds.push(World::new("s3", |_| format!("s3 {endpoint} {fresh}")));
    }
    if let Ok(endpoint) = std::env::var("SYNCLINE_TEST_GCS") {
        worlds.push(World::new("gcs", |_| format!("gcs {endpoint} g{fresh}")));
    }
    if let Ok(endpoint) = std::env::var("SYNCLINE_TEST_AZURE") {
        worlds.push(World::new("azure", |_| format!("azure {endpoint} {fresh}")));
    }
    worlds
}

/// Runs a test on every backend.
pub(crate) fn on_each<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    for world in worlds() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let name = world.name;
        let start = std::time::Instant::now();
        runtime.block_on(test(world));
        println!("{name}: {:?}", start.elapsed());
    }
}
