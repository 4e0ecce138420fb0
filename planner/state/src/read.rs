//! Reading a log: every record checked against the chain.
//!
//! Records come in pages. While one page is decoded (hash, body, secrets) on several threads, the
//! next one is fetched. The first bad record, by sequence number, is the one that is told of, and
//! everything before it is returned.

use std::sync::Arc;

use syncline_model::EnvironmentName;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{Body, LogError, Record};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::chain::{START, Stored};
use crate::{Backend, Seal};

/// How many records are fetched at a time.
const PAGE: usize = 2048;

/// How many records a thread takes at least.
const SHARE: usize = 256;

/// How a stored record becomes what the reader wants.
pub(crate) type Decode<T> = Arc<dyn Fn(&Stored) -> Result<T, LogError> + Send + Sync>;

/// What a record of keys begins with.
const KEYS: &[u8] = br#"{"keys":"#;

/// Who takes what was read.
pub(crate) type Sink<'a, T> = &'a mut (dyn FnMut(T) + Send);

/// How far a log could be read.
#[derive(Debug)]
pub(crate) struct Reached {
    /// The mark of the last record that is sound.
    pub(crate) tail: StateMark,
    /// What is wrong with the next one.
    pub(crate) damage: Option<LogError>,
}

impl Reached {
    /// Returns the last record's mark when nothing is wrong.
    pub(crate) fn whole(self) -> Result<StateMark, LogError> {
        self.damage.map_or(Ok(self.tail), Err)
    }
}

/// Reads the records after a sequence number, which must be there itself unless it is 0, and hands
/// over each that is sound.
pub(crate) async fn read<T: Send + 'static>(
    backend: &dyn Backend,
    (environment, after): (&EnvironmentName, u64),
    (decode, learner): (&Decode<T>, Option<&dyn Seal>),
    sink: Sink<'_, T>,
) -> Reached {
    let mut tail = START;
    let mut page = first_page(backend, (environment, after), &mut tail).await;
    loop {
        let mut current = match page {
            Ok(current) if current.is_empty() => return Reached { tail, damage: None },
            Ok(current) => current,
            Err(error) => return Reached { tail, damage: Some(error) },
        };
        let damage = cut(&mut current, &mut tail);
        if let Some(seal) = learner {
            // Keys are known before anything is opened that they sealed.
            current.iter().for_each(|stored| learn(stored, seal));
        }
        let taking = take(current, decode, sink);
        let failed;
        if damage.is_some() {
            (failed, page) = (taking.await, Ok(Vec::new()));
        } else {
            let next = backend.read(environment, tail.sequence, PAGE);
            // The next page is asked for first: decoding may keep this thread.
            (page, failed) = tokio::join!(biased; next, taking);
        }
        if let Some((error, before)) = failed {
            return Reached { tail: before, damage: Some(error) };
        }
        if damage.is_some() {
            return Reached { tail, damage };
        }
    }
}

/// Returns the first records after a sequence number, and sets the mark that they must continue.
async fn first_page(
    backend: &dyn Backend,
    (environment, after): (&EnvironmentName, u64),
    tail: &mut StateMark,
) -> Result<Vec<Stored>, LogError> {
    let Some(before) = after.checked_sub(1) else {
        return backend.read(environment, 0, PAGE).await;
    };
    let mut page = backend.read(environment, before, PAGE).await?;
    match page.first() {
        Some(first) if first.sequence == after => *tail = page.remove(0).mark(),
        _ => return Err(ends_before(after, before)),
    }
    if page.is_empty() {
        page = backend.read(environment, after, PAGE).await?;
    }
    Ok(page)
}

/// Takes note of keys, if that is what a record says.
pub(crate) fn learn(stored: &Stored, seal: &dyn Seal) {
    if stored.body.starts_with(KEYS)
        && let Ok(Record { body: Body::Keys(keys), .. }) = stored.decode_sealed()
    {
        seal.learn(&keys, stored.sequence);
    }
}

/// Keeps the records that follow one another, and tells what is wrong with the next one.
fn cut(page: &mut Vec<Stored>, tail: &mut StateMark) -> Option<LogError> {
    for (index, stored) in page.iter().enumerate() {
        if let Err(error) = stored.check_link(tail) {
            page.truncate(index);
            return Some(error);
        }
        *tail = stored.mark();
    }
    None
}

/// Hands over the records of a page; what is wrong with the first one that is not sound, and the mark before it.
///
/// They are decoded in pieces: what a record becomes is larger than what is stored.
async fn take<T: Send + 'static>(
    mut page: Vec<Stored>,
    decode: &Decode<T>,
    sink: Sink<'_, T>,
) -> Option<(LogError, StateMark)> {
    while !page.is_empty() {
        let rest = page.split_off(page.len().min(threads() * SHARE));
        let piece = std::mem::replace(&mut page, rest);
        for (record, before) in decode_piece(piece, decode).await.into_iter().flatten() {
            match record {
                Ok(record) => sink(record),
                Err(error) => return Some((error, before)),
            }
        }
    }
    None
}

/// So many threads decode.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

/// What became of records, in order, each with the mark of the one before.
type Decoded<T> = Vec<Vec<(Result<T, LogError>, StateMark)>>;

/// Decodes some records: few at once, many on threads.
///
/// A runtime of one thread waits for them, so that what happens on it depends on nothing else:
/// simulations replay from their seed.
async fn decode_piece<T: Send + 'static>(piece: Vec<Stored>, decode: &Decode<T>) -> Decoded<T> {
    let decode = Arc::clone(decode);
    let is_short = piece.len() <= SHARE;
    let work = move || {
        if is_short { vec![decode_share(&piece, &decode)] } else { decode_shares(&piece, &decode) }
    };
    if is_short || Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(decoded) => decoded,
        Err(error) => {
            let error = LogError::Storage { doing: "read", reason: error.to_string() };
            vec![vec![(Err(error), START)]]
        }
    }
}

fn decode_shares<T: Send>(piece: &[Stored], decode: &Decode<T>) -> Decoded<T> {
    let share = piece.len().div_ceil(threads()).max(SHARE);
    std::thread::scope(|scope| {
        let decode_chunk = |chunk| scope.spawn(move || decode_share(chunk, decode));
        let shares: Vec<_> = piece.chunks(share).map(decode_chunk).collect();
        let panicked = |_| std::panic::resume_unwind(Box::new("a decoder panicked"));
        shares.into_iter().map(|share| share.join().unwrap_or_else(panicked)).collect()
    })
}

fn decode_share<T>(share: &[Stored], decode: &Decode<T>) -> Vec<(Result<T, LogError>, StateMark)> {
    let before = |own: &Stored| StateMark { sequence: own.sequence - 1, hash: own.previous };
    share.iter().map(|stored| (decode(stored), before(stored))).collect()
}

/// The error of reading behind the end.
pub(crate) fn ends_before(after: u64, tail: u64) -> LogError {
    LogError::Corrupt {
        sequence: tail + 1,
        reason: format!("it is missing, although {after} records were there before"),
    }
}
