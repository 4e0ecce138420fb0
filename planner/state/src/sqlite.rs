//! The state file as a backend.
//!
//! Opening writes nothing: the file is made by the first append, so that a plan leaves no trace.
//! One connection reads and another one writes; neither waits for the other.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use syncline_model::{Digest, EnvironmentName};
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;

use crate::chain::{START, Stored};
use crate::store::{Doing, Store};
use crate::{Backend, Clock, Seal, StoredLog};

/// How many bytes of a checkpoint stand in one row.
const PART: usize = 1 << 18;

/// So many records are read at once at most.
const PAGE: usize = 512;

/// The state file of a project, such as `.syncline/state.db`.
#[derive(Clone)]
pub struct SqliteBackend {
    path: PathBuf,
    reader: Arc<Mutex<Option<Store>>>,
    writer: Arc<Mutex<Option<Store>>>,
}

impl std::fmt::Debug for SqliteBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqliteBackend({})", self.path.display())
    }
}

impl SqliteBackend {
    /// Returns the backend of a file, which need not be there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), reader: Arc::default(), writer: Arc::default() }
    }

    /// Returns a handle on the log of an environment in this file.
    #[must_use]
    pub fn log(
        &self,
        environment: &EnvironmentName,
        seal: Arc<dyn Seal>,
        clock: Clock,
    ) -> StoredLog {
        StoredLog::new(Arc::new(self.clone()), environment.clone(), seal, clock)
    }

    /// Runs a query on a thread that may wait; `None` where there is no file.
    async fn query<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Store) -> Result<T, LogError> + Send + 'static,
    ) -> Result<Option<T>, LogError> {
        let own = self.clone();
        blocking("read", move || {
            let mut store = own.reader.lock().unwrap_or_else(PoisonError::into_inner);
            if store.as_ref().is_none_or(Store::is_replaced) {
                *store = Store::open(&own.path, "read")?;
            }
            store.as_ref().map(query).transpose()
        })
        .await
    }

    /// Runs a change on a thread that may wait, on the file opened or made; fails when another one
    /// has taken its place, since what is written into a file without a name is lost.
    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Store) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LogError> {
        let own = self.clone();
        blocking("written", move || {
            let mut kept = own.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let mut store = match kept.take() {
                Some(store) if store.is_replaced() => {
                    let path = own.path.display();
                    let reason =
                        format!("{path} was removed or replaced while this run had it open");
                    return Err(LogError::Storage { doing: "written", reason });
                }
                Some(store) => store,
                None => Store::open_or_create(&own.path)?,
            };
            let changed = change(&mut store).map_err(|error| store.failed("written", &error));
            *kept = Some(store);
            changed
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    doing: Doing,
    work: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let fail = |reason| LogError::Storage { doing, reason };
    tokio::task::spawn_blocking(work).await.map_err(|error| fail(error.to_string()))?
}

#[async_trait]
impl Backend for SqliteBackend {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    async fn read(
        &self,
        environment: &EnvironmentName,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, LogError> {
        let environment = environment.0.to_string();
        let page = self.query(move |store| page(store, &environment, after, limit)).await?;
        Ok(page.unwrap_or_default())
    }

    async fn tail(&self, environment: &EnvironmentName) -> Result<StateMark, LogError> {
        let environment = environment.0.to_string();
        let fail = |store: &Store, error| store.failed("read", &error);
        let tail = self.query(move |store| {
            tail(&store.connection, &environment).map_err(|error| fail(store, error))
        });
        Ok(tail.await?.unwrap_or(START))
    }

    async fn append(
        &self,
        environment: &EnvironmentName,
        after: &StateMark,
        records: &[Stored],
    ) -> Result<bool, LogError> {
        let (environment, after) = (environment.0.to_string(), *after);
        let records = records.to_vec();
        self.change(move |store| append(&mut store.connection, &environment, &after, &records))
            .await
    }

    async fn environments(&self) -> Result<Vec<EnvironmentName>, LogError> {
        let names = self
            .query(|store| names(&store.connection).map_err(|error| store.failed("read", &error)));
        Ok(names.await?.unwrap_or_default())
    }

    async fn checkpoint(&self, environment: &EnvironmentName) -> Result<Option<Vec<u8>>, LogError> {
        let environment = environment.0.to_string();
        let found = self.query(move |store| {
            let checkpoint = checkpoint(&store.connection, &environment);
            checkpoint.map_err(|error| store.failed("read", &error))
        });
        Ok(found.await?.flatten())
    }

    async fn set_checkpoint(
        &self,
        environment: &EnvironmentName,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<(), LogError> {
        let environment = environment.0.to_string();
        self.change(move |store| {
            keep_checkpoint(&mut store.connection, &environment, &checkpoint.unwrap_or_default())
        })
        .await
    }
}

/// Returns the bytes of a checkpoint, part by part: there is no second whole of it beside them.
fn checkpoint(connection: &Connection, environment: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    // The size and the parts are of one moment.
    let snapshot = connection.unchecked_transaction()?;
    let sql = "SELECT sum(length(body)) FROM checkpoint_parts WHERE environment = ?1";
    // A file of before there were checkpoints has no such table.
    let Ok(mut statement) = snapshot.prepare_cached(sql) else { return Ok(None) };
    let size: Option<u64> = statement.query_row([environment], |row| row.get(0))?;
    let Some(size) = size else { return Ok(None) };
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    let mut statement = snapshot
        .prepare_cached("SELECT body FROM checkpoint_parts WHERE environment = ?1 ORDER BY part")?;
    let mut rows = statement.query([environment])?;
    while let Some(row) = rows.next()? {
        bytes.extend_from_slice(row.get_ref(0)?.as_blob()?);
    }
    Ok(Some(bytes))
}

/// Keeps the bytes of a checkpoint in place of those before; none for no bytes.
fn keep_checkpoint(
    connection: &mut Connection,
    environment: &str,
    bytes: &[u8],
) -> rusqlite::Result<()> {
    connection.execute_batch(crate::store::BESIDE)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = "DELETE FROM checkpoint_parts WHERE environment = ?1";
    transaction.execute(before, [environment])?;
    let mut statement =
        transaction.prepare_cached("INSERT INTO checkpoint_parts VALUES (?1, ?2, ?3)")?;
    for (part, body) in (0_u64..).zip(bytes.chunks(PART)) {
        statement.execute(params![environment, part, body])?;
    }
    drop(statement);
    transaction.commit()
}

/// Reads records after a sequence number: some, even where more are asked for, since what was not read yet takes no
/// room and is near. Damage is told of only when nothing stands before it.
fn page(
    store: &Store,
    environment: &str,
    after: u64,
    limit: usize,
) -> Result<Vec<Stored>, LogError> {
    let fail = |error: rusqlite::Error| store.failed("read", &error);
    let corrupt = |reason: String| LogError::Corrupt { sequence: after + 1, reason };
    // The rows and the tail are of one moment.
    let snapshot = store.connection.unchecked_transaction().map_err(fail)?;
    let mut statement = snapshot
        .prepare_cached(
            "SELECT sequence, previous, hash, time, body FROM records
             WHERE environment = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
        )
        .map_err(fail)?;
    let from = i64::try_from(after).unwrap_or(i64::MAX);
    let most = i64::try_from(limit.min(PAGE)).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![environment, from, most]).map_err(fail)?;
    let mut page: Vec<Stored> = Vec::new();
    loop {
        let next = match rows.next() {
            Ok(None) => break,
            Ok(Some(row)) => stored(row),
            Err(error) => Err(error.to_string()),
        };
        match next {
            Ok(stored) => page.push(stored),
            Err(_) if !page.is_empty() => return Ok(page),
            Err(reason) => return Err(corrupt(reason)),
        }
    }
    if page.is_empty() {
        check_end(&snapshot, environment, after).map_err(corrupt)?;
    }
    Ok(page)
}

/// Checks that the log ends with a record, by the other end of its table and by what was noted
/// with it: in a file that was cut, a search may end early without an error.
fn check_end(connection: &Connection, environment: &str, last: u64) -> Result<(), String> {
    let tail = tail(connection, environment).map_err(|error| error.to_string())?;
    if tail.sequence > last {
        return Err("it cannot be found".to_owned());
    }
    let sql = "SELECT sequence, hash FROM heads WHERE environment = ?1";
    // A file that is older than these notes has none.
    let Ok(mut statement) = connection.prepare_cached(sql) else { return Ok(()) };
    let noted = statement.query_row([environment], mark).optional();
    match noted.map_err(|error| error.to_string())? {
        Some(noted) if noted.sequence > last => {
            Err(format!("it is missing: {} were written", noted.sequence))
        }
        Some(noted) if noted != tail => {
            Err("the record before it is not the one that was written last".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}

fn mark(row: &Row<'_>) -> rusqlite::Result<StateMark> {
    Ok(StateMark { sequence: row.get(0)?, hash: Digest(row.get(1)?) })
}

fn stored(row: &Row<'_>) -> Result<Stored, String> {
    fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, at: usize) -> Result<T, String> {
        row.get(at).map_err(|error| error.to_string())
    }
    let body = match row.get_ref(4).map_err(|error| error.to_string())? {
        ValueRef::Blob(bytes) => bytes.to_vec(),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => {
            return Err("its body is not bytes".to_owned());
        }
    };
    Ok(Stored {
        sequence: column(row, 0)?,
        previous: Digest(column(row, 1)?),
        hash: Digest(column(row, 2)?),
        time: column(row, 3)?,
        body: body.into(),
    })
}

fn append(
    connection: &mut Connection,
    environment: &str,
    after: &StateMark,
    records: &[Stored],
) -> rusqlite::Result<bool> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if tail(&transaction, environment)? != *after {
        return Ok(false);
    }
    let mut statement = transaction.prepare_cached(
        "INSERT INTO records (environment, sequence, previous, hash, time, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for stored in records {
        statement.execute(params![
            environment,
            stored.sequence,
            stored.previous.0,
            stored.hash.0,
            stored.time,
            &*stored.body
        ])?;
    }
    drop(statement);
    if let Some(last) = records.last() {
        note_head(&transaction, environment, &last.mark())?;
    }
    transaction.commit()?;
    Ok(true)
}

fn tail(connection: &Connection, environment: &str) -> rusqlite::Result<StateMark> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, hash FROM records WHERE environment = ?1 ORDER BY sequence DESC LIMIT 1",
    )?;
    Ok(statement.query_row([environment], mark).optional()?.unwrap_or(START))
}

fn note_head(connection: &Connection, environment: &str, mark: &StateMark) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO heads VALUES (?1, ?2, ?3)";
    let mut statement = match connection.prepare_cached(sql) {
        Ok(statement) => statement,
        // A file that is older than these notes: from now on it has them.
        Err(_) => {
            connection.execute_batch(crate::store::BESIDE)?;
            connection.prepare_cached(sql)?
        }
    };
    statement.execute(params![environment, mark.sequence, mark.hash.0])?;
    Ok(())
}

fn names(connection: &Connection) -> rusqlite::Result<Vec<EnvironmentName>> {
    // One seek for each environment, where DISTINCT would walk through every record.
    let mut statement = connection.prepare(
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
}
