//! The log of one environment in a project's state file.
//!
//! Opening writes nothing: the file is made by the first append, so that a plan leaves no trace.
//! A handle reads through one connection and writes through another one, on a thread of its own
//! that starts with the first append and ends, with all it was given written, when the handle is
//! dropped.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use syncline_model::EnvironmentName;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{Body, Log, LogError, Record};
use tokio::sync::oneshot;

use crate::chain::{Known, Stored};
use crate::memory::ends_before;
use crate::read::{self, Verified};
use crate::store::Store;
use crate::writer::{Request, Writer};
use crate::{Clock, Seal, codec};

/// A handle on the log of one environment.
pub struct SqliteLog {
    reader: Arc<Reader>,
    clock: Clock,
    writer: Mutex<Option<(Sender<Request>, JoinHandle<()>)>>,
}

struct Reader {
    path: PathBuf,
    environment: String,
    seal: Arc<dyn Seal>,
    known: Arc<Mutex<Known>>,
    store: Mutex<Option<Store>>,
}

impl std::fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqliteLog({}, {})", self.reader.path.display(), self.reader.environment)
    }
}

/// Nothing panics while it holds one of these locks, so what is behind a poisoned one is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SqliteLog {
    /// Opens the log of an environment in a state file, such as `.syncline/state.db`. Where there
    /// is no file, the log is empty.
    ///
    /// # Errors
    /// [`LogError::Storage`] when the file cannot be read or is no state file,
    /// [`LogError::Format`] when a newer version wrote it.
    pub fn open(
        path: &Path,
        environment: &EnvironmentName,
        seal: Arc<dyn Seal>,
        clock: Clock,
    ) -> Result<Self, LogError> {
        let store = Store::open(path, "read")?;
        let reader = Reader {
            path: path.to_owned(),
            environment: environment.0.to_string(),
            seal,
            known: Arc::default(),
            store: Mutex::new(store),
        };
        Ok(Self { reader: Arc::new(reader), clock, writer: Mutex::default() })
    }

    fn send(&self, request: Request) -> Result<(), LogError> {
        let fail = |reason: String| LogError::Storage { doing: "written", reason };
        let mut writer = lock(&self.writer);
        let sender = match &*writer {
            Some((sender, _)) => sender,
            None => {
                let (sender, requests) = channel();
                let own = Writer {
                    path: self.reader.path.clone(),
                    environment: self.reader.environment.clone(),
                    clock: Arc::clone(&self.clock),
                    known: Arc::clone(&self.reader.known),
                    store: None,
                };
                let thread = std::thread::Builder::new()
                    .name("log writer".to_owned())
                    .spawn(move || own.run(&requests))
                    .map_err(|error| fail(error.to_string()))?;
                &writer.insert((sender, thread)).0
            }
        };
        sender.send(request).map_err(|_| fail("its writer has stopped".to_owned()))
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        if let Some((sender, thread)) = lock(&self.writer).take() {
            drop(sender);
            // A writer that panicked has nothing more to write.
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl Log for SqliteLog {
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        let reader = Arc::clone(&self.reader);
        let read = tokio::task::spawn_blocking(move || reader.read(after)).await;
        let fail = |reason| LogError::Storage { doing: "read", reason };
        read.map_err(|error| fail(error.to_string()))?
    }

    async fn append(
        &self,
        bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<StateMark, LogError> {
        let seal = &*self.reader.seal;
        let bodies =
            bodies.into_iter().map(|body| codec::encode(body, seal)).collect::<Result<_, _>>()?;
        let (reply, answer) = oneshot::channel();
        self.send(Request { bodies, expected, reply })?;
        let gone =
            |_| LogError::Storage { doing: "written", reason: "its writer has stopped".to_owned() };
        answer.await.map_err(gone)?
    }
}

impl Reader {
    fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        let mut store = lock(&self.store);
        if store.as_ref().is_none_or(Store::is_replaced) {
            *store = Store::open(&self.path, "read")?;
        }
        let Some(store) = &*store else {
            return if after == 0 { Ok(Vec::new()) } else { Err(ends_before(after, 0)) };
        };
        let decode = |stored: &Stored| stored.decode(&*self.seal);
        let (records, tail) = read::read(store, &self.environment, after, &decode)?;
        lock(&self.known).saw(tail);
        Ok(records)
    }
}

/// Returns the environments that have a log in a state file, sorted; none where there is no file.
///
/// # Errors
/// As [`SqliteLog::open`].
pub fn environments(path: &Path) -> Result<Vec<EnvironmentName>, LogError> {
    let Some(store) = Store::open(path, "read")? else { return Ok(Vec::new()) };
    let names = || -> rusqlite::Result<Vec<EnvironmentName>> {
        // One seek for each environment, where DISTINCT would walk through every record.
        let mut statement = store.connection.prepare(
            "WITH RECURSIVE names(name) AS (
                 SELECT min(environment) FROM records
                 UNION ALL
                 SELECT (SELECT min(environment) FROM records WHERE environment > name)
                 FROM names WHERE name IS NOT NULL
             )
             SELECT name FROM names WHERE name IS NOT NULL",
        )?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        names.map(|name| Ok(EnvironmentName(name?.into()))).collect()
    };
    names().map_err(|error| store.failed("read", &error))
}

/// Reads the whole log of an environment and checks every record against the chain. Needs no key:
/// secrets stay sealed.
///
/// # Errors
/// [`LogError::Corrupt`] names the first bad record; the rest as [`SqliteLog::open`].
pub fn verify(path: &Path, environment: &EnvironmentName) -> Result<Verified, LogError> {
    let Some(store) = Store::open(path, "read")? else {
        return Ok(Verified { records: 0, head: syncline_model::Digest::ZERO });
    };
    let decode = |stored: &Stored| stored.decode_sealed().map(|_| ());
    let (records, tail) = read::read(&store, &environment.0, 0, &decode)?;
    Ok(Verified { records: records.len() as u64, head: tail.hash })
}
