//! The backend itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
use syncline_model::EnvironmentName;
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;
use syncline_state::{Backend, START, Stored, checkpoint_covers};

use crate::answers::refused;
use crate::batch::{self, Batch};
use crate::names;

/// How many objects are fetched at once.
const AT_ONCE: usize = 16;

/// How often a write of which nothing is known is tried.
const TRIES: u32 = 4;

/// Logs in an object store.
pub struct ObjectsBackend {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
    known: Mutex<BTreeMap<EnvironmentName, Known>>,
}

/// What is known of a log's batches.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The first records of batches. All from the lowest one on have been seen once.
    firsts: BTreeSet<u64>,
    /// The batch that was read last, and its first record.
    last: Option<(u64, Arc<Batch>)>,
}

impl std::fmt::Debug for ObjectsBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ObjectsBackend({})", self.place)
    }
}

impl ObjectsBackend {
    /// Returns the backend of a folder, which need not be there. It stands for a store in tests;
    /// a project's own state file is faster.
    ///
    /// # Errors
    /// [`LogError::Storage`] when the folder cannot be made.
    pub fn folder(folder: &std::path::Path) -> Result<Self, LogError> {
        let place = folder.display().to_string();
        let store = std::fs::create_dir_all(folder)
            .map_err(|error| storage("written", &place, &error))
            .and_then(|()| {
                LocalFileSystem::new_with_prefix(folder)
                    .map_err(|error| storage("written", &place, &error))
            })?;
        Ok(Self::new(Arc::new(store.with_fsync(true)), "", place))
    }

    /// Returns the backend of a store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str, place: String) -> Self {
        Self { store, prefix: Path::from(prefix), place, known: Mutex::default() }
    }

    /// Nothing panics while it holds the lock, so what is behind a poisoned one is whole.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<EnvironmentName, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, doing: &'static str, error: &Error) -> LogError {
        refused(doing, &self.place, error)
    }

    async fn get(&self, path: &Path) -> Result<Option<Vec<u8>>, LogError> {
        let found = match self.store.get(path).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match found {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed("read", &error)),
        }
    }

    async fn batch(
        &self,
        environment: &EnvironmentName,
        first: u64,
    ) -> Result<Option<Arc<Batch>>, LogError> {
        let kept = self.lock().get(environment).and_then(|known| known.last.clone());
        if let Some((_, batch)) = kept.filter(|(own, _)| *own == first) {
            return Ok(Some(batch));
        }
        let bytes = self.get(&names::batch(&self.prefix, environment, first)).await?;
        bytes.map(|bytes| batch::decode(first, &bytes).map(Arc::new)).transpose()
    }

    /// Lists the batches after the last known one.
    async fn list(&self, environment: &EnvironmentName) -> Result<(), LogError> {
        let last = self.lock().get(environment).and_then(|own| own.firsts.last().copied());
        let folder = names::log(&self.prefix, environment);
        let after = names::batch(&self.prefix, environment, last.unwrap_or(0));
        let found = self.store.list_with_offset(Some(&folder), &after);
        let found: Vec<u64> = found
            .try_filter_map(|object| async move { Ok(names::first(&object.location)) })
            .try_collect()
            .await
            .map_err(|error| self.failed("read", &error))?;
        self.lock().entry(environment.clone()).or_default().firsts.extend(found);
        Ok(())
    }

    /// Makes sure that something is known, from the checkpoint on where there is one.
    async fn begin(&self, environment: &EnvironmentName) -> Result<(), LogError> {
        let is_known = self.lock().get(environment).is_some_and(|own| !own.firsts.is_empty());
        if is_known {
            return Ok(());
        }
        self.checkpoint(environment).await?;
        self.list(environment).await
    }

    /// Returns the batch that a record is in, or should be.
    async fn holding(
        &self,
        environment: &EnvironmentName,
        sequence: u64,
    ) -> Result<Option<(u64, Arc<Batch>)>, LogError> {
        self.begin(environment).await?;
        let mut is_listed = false;
        loop {
            let firsts = self.lock().get(environment).map(|own| own.firsts.clone());
            let firsts = firsts.unwrap_or_default();
            let first = firsts.range(..=sequence).next_back().copied();
            let Some(first) = first else {
                if firsts.is_empty() {
                    return Ok(None);
                }
                // It is older than where the checkpoint has led.
                self.lock().remove(environment);
                self.list(environment).await?;
                let oldest =
                    self.lock().get(environment).and_then(|own| own.firsts.first().copied());
                return match oldest {
                    Some(oldest) if oldest <= sequence => {
                        Box::pin(self.holding(environment, sequence)).await
                    }
                    Some(_) => Err(missing(sequence)),
                    None => Ok(None),
                };
            };
            let Some(batch) = self.batch(environment, first).await? else {
                return Err(LogError::Corrupt {
                    sequence: first,
                    reason: "the batch that holds it was removed".to_owned(),
                });
            };
            let end = batch.records.last().map_or(first, |last| last.sequence);
            self.lock().entry(environment.clone()).or_default().last =
                Some((first, Arc::clone(&batch)));
            if end >= sequence || batch.damage.is_some() {
                return Ok(Some((first, batch)));
            }
            match firsts.range(sequence + 1..).next() {
                Some(_) => return Err(missing(sequence)),
                None if is_listed => return Ok(None),
                None => self.list(environment).await?,
            }
            is_listed = true;
        }
    }

    /// Returns the batches after one, as many as hold about so many records.
    async fn following(
        &self,
        environment: &EnvironmentName,
        first: u64,
    ) -> Result<Vec<(u64, Arc<Batch>)>, LogError> {
        let next: Vec<u64> = self.lock().get(environment).map_or_else(Vec::new, |own| {
            own.firsts.range(first + 1..).take(AT_ONCE).copied().collect()
        });
        let fetch = |first| async move {
            let batch = self.batch(environment, first).await?;
            Ok(batch.map(|batch| (first, batch)))
        };
        let fetched: Vec<_> =
            futures_util::stream::iter(next).map(fetch).buffered(AT_ONCE).try_collect().await?;
        Ok(fetched.into_iter().map_while(|found| found).collect())
    }

    /// Tells who wrote the batch that begins with a record; none where there is none.
    async fn writer_of(&self, path: &Path, first: u64) -> Result<Option<String>, LogError> {
        let Some(bytes) = self.get(path).await? else { return Ok(None) };
        Ok(Some(batch::decode(first, &bytes)?.mark))
    }
}

#[async_trait]
impl Backend for ObjectsBackend {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn read(
        &self,
        environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError> {
        let Some((mut first, mut batch)) = self.holding(environment, after + 1).await? else {
            return Ok(Vec::new());
        };
        let mut records: Vec<Stored> = Vec::new();
        let mut ahead = Vec::new().into_iter();
        loop {
            let next = records.last().map_or(after, |last| last.sequence);
            records.extend(batch.records.iter().filter(|own| own.sequence > next).cloned());
            if let Some(damage) = &batch.damage {
                return if records.is_empty() { Err(damage.clone()) } else { Ok(records) };
            }
            if records.len() >= limit {
                return Ok(records);
            }
            (first, batch) = match ahead.next() {
                Some(next) => next,
                None => {
                    // What is wrong with a later batch is told when the reader comes to it.
                    ahead =
                        self.following(environment, first).await.unwrap_or_default().into_iter();
                    let Some(next) = ahead.next() else { return Ok(records) };
                    next
                }
            };
            self.lock().entry(environment.clone()).or_default().last =
                Some((first, Arc::clone(&batch)));
        }
    }

    async fn tail(&self, environment: &EnvironmentName) -> Result<StateMark, LogError> {
        self.begin(environment).await?;
        self.list(environment).await?;
        let last = self.lock().get(environment).and_then(|own| own.firsts.last().copied());
        let Some(last) = last else { return Ok(START) };
        let batch = self.batch(environment, last).await?.ok_or_else(|| missing(last))?;
        match (&batch.damage, batch.records.last()) {
            (Some(damage), _) => Err(damage.clone()),
            (None, Some(record)) => Ok(record.mark()),
            (None, None) => Err(missing(last)),
        }
    }

    async fn append(
        &self,
        environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError> {
        let first = after.sequence + 1;
        let path = names::batch(&self.prefix, environment, first);
        let mark = random_mark().map_err(|reason| storage("written", &self.place, &reason))?;
        let Some(bytes) = batch::encode(&mark, records) else { return Ok(true) };
        let mut failure = None;
        for attempt in 0..TRIES {
            let payload = PutPayload::from(bytes.clone());
            match self.store.put_opts(&path, payload, PutMode::Create.into()).await {
                Ok(_) => {
                    let mut known = self.lock();
                    known.entry(environment.clone()).or_default().firsts.insert(first);
                    return Ok(true);
                }
                // It may be this very write, of which the answer was lost.
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                    match self.writer_of(&path, first).await? {
                        Some(writer) => return Ok(writer == mark),
                        // Another write was under way and has come to nothing.
                        None => failure = None,
                    }
                }
                Err(error) => failure = Some(self.failed("written", &error)),
            }
            pause(attempt).await;
        }
        let unknown =
            || storage("written", &self.place, &"the store did not say what became of it");
        Err(failure.unwrap_or_else(unknown))
    }

    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError> {
        let prefix = Some(&self.prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let found = self.store.list_with_delimiter(prefix).await;
        let found = found.map_err(|error| self.failed("read", &error))?;
        let names = found.common_prefixes.iter().filter_map(Path::filename);
        let mut names: Vec<_> = names.filter_map(names::environment_of).collect();
        names.sort();
        Ok(names)
    }

    async fn checkpoint(&self, environment: &EnvironmentName) -> Result<Option<Vec<u8>>, LogError> {
        let path = names::checkpoint(&self.prefix, environment);
        let Some(bytes) = self.get(&path).await? else { return Ok(None) };
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let first = std::str::from_utf8(&bytes[..end]).ok().and_then(|text| text.parse().ok());
        if let Some(first) = first {
            let is_known = self.lock().get(environment).is_some_and(|own| !own.firsts.is_empty());
            // What the line says is only believed when there is such a batch.
            if !is_known && matches!(self.batch(environment, first).await, Ok(Some(_))) {
                let mut known = self.lock();
                known.entry(environment.clone()).or_default().firsts.insert(first);
            }
        }
        Ok(Some(bytes[end + 1..].to_vec()))
    }

    async fn set_checkpoint(
        &self,
        environment: &EnvironmentName,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError> {
        let path = names::checkpoint(&self.prefix, environment);
        let Some(bytes) = checkpoint else {
            return match self.store.delete(&path).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(self.failed("written", &error)),
            };
        };
        let ends = checkpoint_covers(&bytes).map_or(0, |mark| mark.sequence);
        let known = self.lock().get(environment).cloned().unwrap_or_default();
        let first = known.firsts.range(..=ends).next_back().copied().unwrap_or(1);
        let mut content = format!("{first}\n").into_bytes();
        content.extend_from_slice(&bytes);
        let put = self.store.put(&path, PutPayload::from(content)).await;
        put.map(drop).map_err(|error| self.failed("written", &error))
    }
}

fn missing(sequence: u64) -> LogError {
    LogError::Corrupt { sequence, reason: "it is missing; later ones are there".to_owned() }
}

pub(crate) fn storage(doing: &'static str, place: &str, error: &dyn std::fmt::Display) -> LogError {
    LogError::Storage { doing, reason: format!("{place}: {error}") }
}

fn random_mark() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Waits a little longer each time.
async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
}
