//! The one thread of a handle that writes.
//!
//! Appends come by a channel. Whatever waits when the thread is free goes into one transaction: so
//! all of them share one sync of the disk (group commit), and the more callers there are, the more
//! share it. A request is answered after the commit, that is, when it is durable.
//!
//! Laws: the bodies of a request become neighbours, in their order; requests become records in the
//! order in which they came; a request that is refused leaves nothing and does not hinder those
//! that share its transaction; after a commit that failed nothing of it counts as written.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use syncline_model::Digest;
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;
use tokio::sync::oneshot;

use crate::Clock;
use crate::chain::{Known, START, Stored};
use crate::store::Store;

/// How many requests share a transaction at most.
const GROUP: usize = 4096;

/// An append that waits.
pub(crate) struct Request {
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) expected: Option<u64>,
    pub(crate) reply: oneshot::Sender<Result<StateMark, LogError>>,
}

/// The thread's own data.
pub(crate) struct Writer {
    pub(crate) path: PathBuf,
    pub(crate) environment: String,
    pub(crate) clock: Clock,
    /// Shared with the handle, which takes note of what it reads.
    pub(crate) known: Arc<Mutex<Known>>,
    pub(crate) store: Option<Store>,
}

impl Writer {
    /// Writes what comes until nobody can send any more.
    pub(crate) fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let mut group = vec![first];
            group.extend(requests.try_iter().take(GROUP - 1));
            let answers = match self.commit(&mut group) {
                Ok(answers) => answers,
                Err(error) => vec![Err(error); group.len()],
            };
            for (request, answer) in group.into_iter().zip(answers) {
                // A caller that does not wait any more does not need the answer.
                let _ = request.reply.send(answer);
            }
        }
    }

    fn commit(
        &mut self,
        group: &mut [Request],
    ) -> Result<Vec<Result<StateMark, LogError>>, LogError> {
        let mut known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.written;
        let (environment, clock) = (self.environment.clone(), Arc::clone(&self.clock));
        let store = self.store()?;
        let written = write(&mut store.connection, &environment, &clock, &mut known, group);
        let answers = written.map_err(|error| store.failed("written", &error))?;
        if known.written != before {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).wrote(known.written);
        }
        Ok(answers)
    }

    /// Returns the state file, opened or made; fails when another one has taken its place, since
    /// what is written into a file without a name is lost.
    fn store(&mut self) -> Result<&mut Store, LogError> {
        let store = match self.store.take() {
            Some(store) if store.is_replaced() => {
                let reason = format!(
                    "{} was removed or replaced while this run had it open",
                    self.path.display()
                );
                return Err(LogError::Storage { doing: "written", reason });
            }
            Some(store) => store,
            None => Store::open_or_create(&self.path)?,
        };
        Ok(self.store.insert(store))
    }
}

/// Writes a group as one transaction; what is refused is not in it.
fn write(
    connection: &mut Connection,
    environment: &str,
    clock: &Clock,
    known: &mut Known,
    group: &mut [Request],
) -> rusqlite::Result<Vec<Result<StateMark, LogError>>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut tail = tail(&transaction, environment)?;
    let mut answers = Vec::with_capacity(group.len());
    for request in group {
        if let Err(error) = known.admit(&tail, request.expected) {
            answers.push(Err(error));
            continue;
        }
        for body in std::mem::take(&mut request.bodies) {
            let stored = Stored::following(&tail, clock(), body);
            insert(&transaction, environment, &stored)?;
            tail = stored.mark();
            known.wrote(tail);
        }
        answers.push(Ok(tail));
    }
    transaction.commit()?;
    Ok(answers)
}

fn tail(transaction: &Transaction<'_>, environment: &str) -> rusqlite::Result<StateMark> {
    let mut statement = transaction.prepare_cached(
        "SELECT sequence, hash FROM records WHERE environment = ?1 ORDER BY sequence DESC LIMIT 1",
    )?;
    let found = statement
        .query_row([environment], |row| {
            Ok(StateMark { sequence: row.get(0)?, hash: Digest(row.get(1)?) })
        })
        .optional()?;
    Ok(found.unwrap_or(START))
}

fn insert(
    transaction: &Transaction<'_>,
    environment: &str,
    stored: &Stored,
) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO records (environment, sequence, previous, hash, time, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    statement.execute(params![
        environment,
        stored.sequence,
        stored.previous.0,
        stored.hash.0,
        stored.time,
        stored.body
    ])?;
    Ok(())
}
