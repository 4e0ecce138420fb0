//! The chain: how records hang together, and who may add one.
//!
//! The hash of a record is BLAKE3-256 over these bytes, one after the other:
//!
//! | bytes | what |
//! | --- | --- |
//! | 18 | `syncline record 1` and a line feed |
//! | 32 | the hash of the record before; zeros for the first |
//! | 8 | the sequence number, little-endian |
//! | 8 | the time in milliseconds, little-endian |
//! | the rest | the body as stored: JSON, secrets sealed |
//!
//! So the hash of a log's last record vouches for all of the log, and whoever keeps that one hash
//! elsewhere can tell whether anything was changed. Nobody needs a key to verify a chain. (Cutting
//! records off the end leaves a valid, shorter chain: only a hash kept elsewhere tells.)

use bytes::Bytes;
use syncline_model::Digest;
use syncline_planner::plan::StateMark;
use syncline_planner::record::{LogError, Millis, Record};

use crate::{Seal, codec, sealing};

/// The mark of an empty log.
pub const START: StateMark = StateMark { sequence: 0, hash: Digest::ZERO };

/// Returns the hash of a record.
#[must_use]
pub fn record_hash(previous: &Digest, sequence: u64, time: Millis, body: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"syncline record 1\n");
    hasher.update(&previous.0);
    hasher.update(&sequence.to_le_bytes());
    hasher.update(&time.to_le_bytes());
    hasher.update(body);
    Digest(*hasher.finalize().as_bytes())
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log, from 1.
    pub sequence: u64,
    /// The hash of the record before.
    pub previous: Digest,
    /// Its own hash: see [`record_hash`].
    pub hash: Digest,
    /// When it was written.
    pub time: Millis,
    /// JSON, secrets sealed.
    pub body: Bytes,
}

impl Stored {
    /// Returns the record that follows a mark.
    pub(crate) fn following(tail: &StateMark, time: Millis, body: Bytes) -> Self {
        let sequence = tail.sequence + 1;
        let hash = record_hash(&tail.hash, sequence, time, &body);
        Self { sequence, previous: tail.hash, hash, time, body }
    }

    /// Returns the mark of a log whose last record it is.
    #[must_use]
    pub const fn mark(&self) -> StateMark {
        StateMark { sequence: self.sequence, hash: self.hash }
    }

    fn corrupt(&self, reason: impl Into<String>) -> LogError {
        LogError::Corrupt { sequence: self.sequence, reason: reason.into() }
    }

    /// Checks that the record stands right behind a mark.
    pub(crate) fn check_link(&self, before: &StateMark) -> Result<(), LogError> {
        if self.sequence != before.sequence + 1 {
            let sequence = before.sequence + 1;
            let reason = format!("it is missing; the next one is {}", self.sequence);
            return Err(LogError::Corrupt { sequence, reason });
        }
        if self.previous != before.hash {
            return Err(self.corrupt("it does not continue the record before it"));
        }
        Ok(())
    }

    /// Checks that the record is what was written.
    pub(crate) fn check_hash(&self) -> Result<(), LogError> {
        let found = record_hash(&self.previous, self.sequence, self.time, &self.body);
        if found == self.hash {
            Ok(())
        } else {
            Err(self.corrupt("its content does not have the hash that was written with it"))
        }
    }

    /// Returns the record, checked, its secrets as they are stored.
    pub(crate) fn decode_sealed(&self) -> Result<Record, LogError> {
        self.check_hash()?;
        let body = codec::parse(&self.body)
            .map_err(|reason| self.corrupt(format!("it says nothing that is known: {reason}")))?;
        Ok(Record {
            sequence: self.sequence,
            previous: self.previous,
            hash: self.hash,
            time: self.time,
            body,
        })
    }

    /// Returns the record, checked, its secrets in clear.
    pub(crate) fn decode(&self, seal: &dyn Seal) -> Result<Record, LogError> {
        let record = self.decode_sealed()?;
        let body = sealing::open_body(record.body, seal).map_err(|error| LogError::Sealed {
            sequence: self.sequence,
            reason: error.to_string(),
        })?;
        Ok(Record { body, ..record })
    }
}

/// What a handle knows of its log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The last record that it has read or written.
    pub(crate) seen: StateMark,
    /// The last record that it has written; [`START`] before the first.
    pub(crate) written: StateMark,
}

impl Default for Known {
    fn default() -> Self {
        Self { seen: START, written: START }
    }
}

impl Known {
    /// Decides whether the handle may append to a log with this tail.
    pub(crate) fn admit(&self, tail: &StateMark, expected: Option<u64>) -> Result<(), LogError> {
        let admitted = match expected {
            Some(sequence) => {
                tail.sequence == sequence && (self.seen.sequence != sequence || self.seen == *tail)
            }
            None => self.written == *tail,
        };
        if admitted { Ok(()) } else { Err(LogError::Moved) }
    }

    /// Takes note of a record that was read.
    pub(crate) fn saw(&mut self, mark: StateMark) {
        self.seen = mark;
    }

    /// Takes note of a record that was written.
    pub(crate) fn wrote(&mut self, mark: StateMark) {
        self.written = mark;
        self.saw(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_over_the_documented_bytes() {
        let previous = Digest([7; 32]);
        let mut bytes = b"syncline record 1\n".to_vec();
        assert_eq!(bytes.len(), 18);
        bytes.extend([7; 32]);
        bytes.extend(5u64.to_le_bytes());
        bytes.extend(9u64.to_le_bytes());
        bytes.extend(b"{}");
        assert_eq!(record_hash(&previous, 5, 9, b"{}"), Digest::of(&bytes));
        assert_eq!(
            record_hash(&Digest::ZERO, 1, 0, b"").to_string(),
            "6e4e1e5de253952ba3983d02a7c84c4d5a704b48b7ff22fd7608a9d438d95720"
        );
    }
}
