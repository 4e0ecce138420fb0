//! The log of one environment on a backend: chained, sealed, written in groups, checkpointed.
//!
//! Appends that wait at the same time go to the backend in one call, so that they share one sync
//! or one round trip, and the more callers there are, the more share it. A caller is answered when
//! its records are durable.
//!
//! Laws: the bodies of a call become neighbours, in their order; calls become records in the order
//! in which they came; one that is refused leaves nothing and does not hinder those that share its
//! group; after a write that failed nothing of it counts as written.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use syncline_model::EnvironmentName;
use syncline_planner::State;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{Body, Log, LogError, Record};
use tokio::sync::oneshot;

use crate::chain::{Known, Stored};
use crate::{Backend, Clock, Seal, checkpoint, codec, read, sealing};

/// How many calls share a write at most.
const GROUP: usize = 4096;

/// How many records come before a checkpoint at least.
const CHECKPOINT_AFTER: u64 = 2048;

/// How many records come before it is looked again whether a checkpoint is due.
const CONSIDER_AFTER: u64 = 512;

/// A handle on the log of one environment.
#[derive(Clone)]
pub struct StoredLog {
    shared: Arc<Shared>,
}

struct Shared {
    backend: Arc<dyn Backend>,
    environment: EnvironmentName,
    seal: Arc<dyn Seal>,
    clock: Clock,
    known: Mutex<Known>,
    queue: Mutex<Queue>,
    /// The record at which it was last thought about making a checkpoint.
    considered: AtomicU64,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Request>,
    /// Somebody takes what waits.
    is_served: bool,
}

/// An append that waits.
struct Request {
    bodies: Vec<Bytes>,
    expected: Option<u64>,
    reply: oneshot::Sender<Result<StateMark, LogError>>,
}

impl std::fmt::Debug for StoredLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoredLog({}, {})", self.shared.backend.place(), self.shared.environment)
    }
}

/// Nothing panics while it holds one of these locks, so what is behind a poisoned one is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StoredLog {
    /// Returns a handle on the log of an environment. Nothing is read or written before it is used.
    #[must_use]
    pub fn new(
        backend: Arc<dyn Backend>,
        environment: EnvironmentName,
        seal: Arc<dyn Seal>,
        clock: Clock,
    ) -> Self {
        let (known, queue, considered) = (Mutex::default(), Mutex::default(), AtomicU64::new(0));
        let shared = Shared { backend, environment, seal, clock, known, queue, considered };
        Self { shared: Arc::new(shared) }
    }

    /// Returns another handle on the same log, as another process would have it.
    #[must_use]
    pub fn another(&self) -> Self {
        let Shared { backend, environment, seal, clock, .. } = &*self.shared;
        Self::new(Arc::clone(backend), environment.clone(), Arc::clone(seal), Arc::clone(clock))
    }

    /// Returns what the records add up to, from the last checkpoint on where there is one.
    ///
    /// # Errors
    /// As [`Log::read`].
    pub async fn state(&self) -> Result<State, LogError> {
        let own = &self.shared;
        let seal = Arc::clone(&own.seal);
        let decode: read::Decode<Record> = Arc::new(move |stored| stored.decode(&*seal));
        let start = match own.checkpoint().await {
            Some(state) => sealing::open_state(state, &*own.seal).ok(),
            None => None,
        };
        let mut state = start.unwrap_or_default();
        let from = state.sequence;
        let reached = own.read(from, &decode, &mut |record| state.apply(record)).await;
        lock(&own.known).saw(reached.whole()?);
        Ok(state)
    }

    /// Returns the records that stand before the first bad one, and what is wrong with that.
    pub async fn read_sound(&self) -> (Vec<Record>, Option<LogError>) {
        let seal = Arc::clone(&self.shared.seal);
        let decode: read::Decode<Record> = Arc::new(move |stored| stored.decode(&*seal));
        let mut records = Vec::new();
        let reached = self.shared.read(0, &decode, &mut |record| records.push(record)).await;
        (records, reached.damage)
    }

    /// Keeps a checkpoint of everything that is recorded.
    ///
    /// # Errors
    /// [`LogError`] when the log cannot be read or the checkpoint cannot be written.
    pub async fn write_checkpoint(&self) -> Result<(), LogError> {
        self.shared.write_checkpoint(0).await
    }
}

#[async_trait]
impl Log for StoredLog {
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        let seal = Arc::clone(&self.shared.seal);
        let decode: read::Decode<Record> = Arc::new(move |stored| stored.decode(&*seal));
        let mut records = Vec::new();
        let reached = self.shared.read(after, &decode, &mut |record| records.push(record)).await;
        lock(&self.shared.known).saw(reached.whole()?);
        Ok(records)
    }

    async fn append(
        &self,
        bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<StateMark, LogError> {
        let own = &self.shared;
        let ends_run = bodies.iter().any(|body| matches!(body, Body::Released { .. }));
        let bodies = bodies.into_iter().map(|body| codec::encode(body, &*own.seal));
        let bodies = bodies.collect::<Result<_, _>>()?;
        let (reply, answer) = oneshot::channel();
        let is_served = {
            let mut queue = lock(&own.queue);
            queue.waiting.push_back(Request { bodies, expected, reply });
            std::mem::replace(&mut queue.is_served, true)
        };
        if !is_served {
            tokio::spawn(serve(Arc::clone(own)));
        }
        let gone =
            |_| LogError::Storage { doing: "written", reason: "its writer has stopped".to_owned() };
        let mark = answer.await.map_err(gone)??;
        if ends_run && own.crosses(mark.sequence) {
            // A checkpoint that could not be written costs time at the next opening, and no more.
            let _ = own.write_checkpoint(CHECKPOINT_AFTER).await;
        }
        Ok(mark)
    }
}

/// Writes what waits until nothing does.
async fn serve(own: Arc<Shared>) {
    let mut serving = Serving { own, is_over: false };
    loop {
        let group = serving.next();
        if group.is_empty() {
            return;
        }
        let answers = match serving.own.write(&group).await {
            Ok(answers) => answers,
            Err(error) => vec![Err(error); group.len()],
        };
        for (request, answer) in group.into_iter().zip(answers) {
            // A caller that does not wait any more does not need the answer.
            let _ = request.reply.send(answer);
        }
    }
}

/// Who takes what waits. A runtime may end in the middle: then the next append serves again.
struct Serving {
    own: Arc<Shared>,
    is_over: bool,
}

impl Serving {
    fn next(&mut self) -> Vec<Request> {
        let mut queue = lock(&self.own.queue);
        let count = queue.waiting.len().min(GROUP);
        queue.is_served = count > 0;
        self.is_over = count == 0;
        queue.waiting.drain(..count).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if !self.is_over {
            lock(&self.own.queue).is_served = false;
        }
    }
}

impl Shared {
    async fn read<T: Send + 'static>(
        &self,
        after: u64,
        decode: &read::Decode<T>,
        sink: read::Sink<'_, T>,
    ) -> read::Reached {
        let decoding = (decode, Some(&*self.seal));
        read::read(&*self.backend, (&self.environment, after), decoding, sink).await
    }

    /// Returns the state of the last checkpoint that is to be believed, secrets sealed.
    async fn checkpoint(&self) -> Option<State> {
        let bytes = self.backend.checkpoint(&self.environment).await.ok()??;
        if let Some(sequence) = checkpoint::keys(&bytes) {
            // Without them nothing tells whether the checkpoint is to be believed.
            let before = sequence.checked_sub(1)?;
            let keys = self.backend.read(&self.environment, before, 1).await.ok()?;
            keys.iter().for_each(|stored| read::learn(stored, &*self.seal));
        }
        let found = checkpoint::read(&self.environment, &bytes, &*self.seal)?;
        let (sequence, hash) = (found.mark.sequence, found.mark.hash);
        let before = sequence.checked_sub(1)?;
        let last = self.backend.read(&self.environment, before, 1).await.ok()?;
        let last = last.first().filter(|last| last.sequence == sequence && last.hash == hash)?;
        last.check_hash().ok()?;
        (found.state.sequence == sequence).then_some(found.state)
    }

    /// Tells whether enough came since the last time to see whether a checkpoint is due.
    fn crosses(&self, sequence: u64) -> bool {
        let last = self.considered.swap(sequence, Ordering::Relaxed);
        sequence / CONSIDER_AFTER > last / CONSIDER_AFTER
    }

    /// Keeps a checkpoint when at least so many records, and as many as there are resources, have
    /// come since the last one: so the cost of writing it is shared by those.
    async fn write_checkpoint(&self, least: u64) -> Result<(), LogError> {
        if least > 0 {
            let tail = self.backend.tail(&self.environment).await?;
            let kept = self.backend.checkpoint(&self.environment).await?;
            let size = kept.as_deref().and_then(checkpoint::size).unwrap_or_default();
            if tail.sequence.saturating_sub(size.sequence) < least.max(size.resources) {
                return Ok(());
            }
        }
        let mut state = self.checkpoint().await.unwrap_or_default();
        let decode: read::Decode<Record> = Arc::new(Stored::decode_sealed);
        let from = state.sequence;
        let reached = self.read(from, &decode, &mut |record| state.apply(record)).await;
        let mark = reached.whole()?;
        let bytes = checkpoint::write(&self.environment, mark, &state, &*self.seal);
        drop(state);
        match bytes {
            Some(bytes) if mark.sequence > 0 => {
                self.backend.set_checkpoint(&self.environment, Some(bytes)).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Writes a group; what is refused is not in it.
    async fn write(&self, group: &[Request]) -> Result<Vec<Result<StateMark, LogError>>, LogError> {
        let known = *lock(&self.known);
        let mut tail = self.presumed_tail(&known, group).await?;
        loop {
            let (records, answers, after) = self.line_up(known, tail, group);
            if records.is_empty() {
                // Nothing to write: what was refused on a presumption is refused on a fact.
                let found = self.backend.tail(&self.environment).await?;
                if found == tail {
                    return Ok(answers);
                }
                tail = found;
                continue;
            }
            if self.backend.append(&self.environment, &tail, &records).await? {
                lock(&self.known).wrote(after);
                return Ok(answers);
            }
            tail = self.backend.tail(&self.environment).await?;
        }
    }

    /// Returns what the tail is as far as this handle knows; asks only where that cannot be it.
    async fn presumed_tail(&self, known: &Known, group: &[Request]) -> Result<StateMark, LogError> {
        if group.iter().any(|request| request.expected.is_none()) {
            return Ok(known.written);
        }
        if group.iter().any(|request| request.expected == Some(known.seen.sequence)) {
            return Ok(known.seen);
        }
        self.backend.tail(&self.environment).await
    }

    /// Makes the records that follow a tail, the answer to each call, and the new tail.
    fn line_up(
        &self,
        mut known: Known,
        mut tail: StateMark,
        group: &[Request],
    ) -> (Vec<Stored>, Vec<Result<StateMark, LogError>>, StateMark) {
        let (mut records, mut answers) = (Vec::new(), Vec::with_capacity(group.len()));
        for request in group {
            if let Err(error) = known.admit(&tail, request.expected) {
                answers.push(Err(error));
                continue;
            }
            for body in &request.bodies {
                let stored = Stored::following(&tail, (self.clock)(), body.clone());
                tail = stored.mark();
                records.push(stored);
                known.wrote(tail);
            }
            answers.push(Ok(tail));
        }
        (records, answers, tail)
    }
}
