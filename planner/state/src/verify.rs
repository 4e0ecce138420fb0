//! Checking a whole log, without a key.

use std::sync::Arc;

use syncline_model::{Digest, EnvironmentName};
use syncline_planner::State;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{LogError, Record};

use crate::chain::Stored;
use crate::{Backend, checkpoint, read};

/// What a verified log consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many records it has.
    pub records: u64,
    /// The hash of the last one: it vouches for all; [`Digest::ZERO`] for an empty log.
    pub head: Digest,
    /// The last record that the checkpoint covers, where there is one.
    pub checkpoint: Option<u64>,
}

/// Why a log does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A record is bad, or the storage failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The records are sound, and the checkpoint is not what they add up to.
    #[error("the checkpoint at record {sequence} is not what the records before it add up to")]
    Checkpoint {
        /// The last record that it claims to cover.
        sequence: u64,
    },
}

/// Reads the whole log of an environment, checks every record against the chain, and replays all of
/// it to check the checkpoint. Needs no key: secrets stay sealed.
///
/// # Errors
/// [`LogError::Corrupt`] names the first bad record.
pub async fn verify(
    backend: &dyn Backend,
    environment: &EnvironmentName,
) -> Result<Verified, VerifyError> {
    let kept = backend.checkpoint(environment).await?;
    let covered = kept.as_deref().and_then(checkpoint::covers);
    let wrong = |mark: StateMark| VerifyError::Checkpoint { sequence: mark.sequence };
    let decode: read::Decode<Record> = Arc::new(Stored::decode_sealed);
    let (mut state, mut agrees) = (State::default(), covered.is_none());
    let mut replay = |record: Record| {
        let Some(mark) = covered.filter(|mark| record.sequence <= mark.sequence) else { return };
        let last = StateMark { sequence: record.sequence, hash: record.hash };
        state.apply(record);
        if last == mark {
            agrees = kept.as_deref().is_some_and(|bytes| checkpoint::agrees(bytes, &state));
        }
    };
    let reached = read::read(backend, (environment, 0), (&decode, None), &mut replay).await;
    let tail = reached.whole()?;
    match covered {
        Some(mark) if !agrees => Err(wrong(mark)),
        Some(_) | None => Ok(Verified {
            records: tail.sequence,
            head: tail.hash,
            checkpoint: covered.map(|mark| mark.sequence),
        }),
    }
}
