//! Reading a log: every record checked against the chain.
//!
//! One thread takes rows from SQLite and checks that they follow one another; others check each
//! row's hash, parse its body and open its secrets, a batch at a time. The first bad record, by
//! sequence number, is the one that is told of.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Row, Rows};
use syncline_model::Digest;
use syncline_planner::plan::StateMark;
use syncline_planner::record::LogError;

use crate::chain::{START, Stored};
use crate::memory::ends_before;
use crate::store::Store;

/// How many records are decoded at a time.
const BATCH: usize = 512;

/// What a verified log consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many records it has.
    pub records: u64,
    /// The hash of the last one: it vouches for all; [`Digest::ZERO`] for an empty log.
    pub head: Digest,
}

/// Reads the records after a sequence number, each through `decode`; returns them with the mark of
/// the last one.
pub(crate) fn read<T: Send>(
    store: &Store,
    environment: &str,
    after: u64,
    decode: &(dyn Fn(&Stored) -> Result<T, LogError> + Sync),
) -> Result<(Vec<T>, StateMark), LogError> {
    let fail = |error: rusqlite::Error| store.failed("read", &error);
    let mut statement = store
        .connection
        .prepare_cached(
            "SELECT sequence, previous, hash, time, body FROM records
             WHERE environment = ?1 AND sequence >= ?2 ORDER BY sequence",
        )
        .map_err(fail)?;
    let first = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = statement.query(rusqlite::params![environment, first]).map_err(fail)?;
    let mut source = Source { rows, tail: START, ended: false };
    if after > 0 {
        // The record that the caller has already: what comes next must continue it.
        let last = source.next(None)?.filter(|stored| stored.sequence == after);
        source.tail = last.ok_or_else(|| ends_before(after, after - 1))?.mark();
    }
    let (batch, failure) = source.batch();
    if source.ended || failure.is_some() {
        let decoded = batch.iter().map(decode).collect::<Result<_, _>>()?;
        return failure.map_or(Ok((decoded, source.tail)), Err);
    }
    let decoded = read_batches(batch, &mut source, decode)?;
    Ok((decoded, source.tail))
}

/// Decodes a first batch and all that follow, on as many threads as there are processors, up to 4.
fn read_batches<T: Send>(
    first: Vec<Stored>,
    source: &mut Source<'_>,
    decode: &(dyn Fn(&Stored) -> Result<T, LogError> + Sync),
) -> Result<Vec<T>, LogError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let (sender, receiver) = sync_channel(threads * 2);
    let receiver = Mutex::new(receiver);
    let done = Mutex::new(BTreeMap::new());
    let failure = std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| decode_batches(&receiver, &done, decode));
        }
        let (mut batch, mut failure) = (first, None);
        for number in 0.. {
            // Sending fails only when every decoder is gone, and these end last.
            if batch.is_empty() || sender.send((number, batch)).is_err() || failure.is_some() {
                break;
            }
            (batch, failure) = source.batch();
        }
        drop(sender);
        failure
    });
    let mut decoded = Vec::new();
    for batch in done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values() {
        decoded.append(&mut batch?);
    }
    failure.map_or(Ok(decoded), Err)
}

/// A decoded batch by its number.
type Done<T> = Mutex<BTreeMap<usize, Result<Vec<T>, LogError>>>;

fn decode_batches<T>(
    batches: &Mutex<Receiver<(usize, Vec<Stored>)>>,
    done: &Done<T>,
    decode: &(dyn Fn(&Stored) -> Result<T, LogError> + Sync),
) {
    loop {
        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, batch)) = next else { return };
        let decoded = batch.iter().map(decode).collect();
        done.lock().unwrap_or_else(PoisonError::into_inner).insert(number, decoded);
    }
}

/// Rows in order, checked to follow one another.
struct Source<'a> {
    rows: Rows<'a>,
    tail: StateMark,
    ended: bool,
}

impl Source<'_> {
    /// Returns the next records and what is wrong with the one after them. An empty batch without
    /// a failure, or `ended`, means that there are no more.
    fn batch(&mut self) -> (Vec<Stored>, Option<LogError>) {
        let mut batch = Vec::new();
        while batch.len() < BATCH && !self.ended {
            match self.next(Some(self.tail)) {
                Ok(Some(stored)) => {
                    self.tail = stored.mark();
                    batch.push(stored);
                }
                Ok(None) => self.ended = true,
                Err(error) => return (batch, Some(error)),
            }
        }
        (batch, None)
    }

    /// Returns the next record, which must follow a mark, if one is given.
    fn next(&mut self, before: Option<StateMark>) -> Result<Option<Stored>, LogError> {
        let sequence = before.map_or(0, |before| before.sequence + 1);
        let corrupt = |reason: String| LogError::Corrupt { sequence, reason };
        let row = self.rows.next().map_err(|error| corrupt(error.to_string()))?;
        let Some(row) = row else { return Ok(None) };
        let stored = stored(row).map_err(corrupt)?;
        if let Some(before) = before {
            stored.check_link(&before)?;
        }
        Ok(Some(stored))
    }
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
        body,
    })
}
