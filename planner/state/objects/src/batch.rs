//! A batch of records as the bytes of one object.
//!
//! | line | what |
//! | --- | --- |
//! | 1 | JSON: `log` ([`FORMAT`]), `batch` (who wrote it: 16 random bytes), `first` (sequence number), `previous` (the hash of the record before) and `records` (how many); a blank; BLAKE3-256 of that JSON |
//! | others | a record each: its time, a blank, its hash, a blank, its body as stored |
//!
//! Laws: what was written is read; of what was cut or changed, the records before the damage are
//! read, and the damage is told of.

use serde::{Deserialize, Serialize};
use syncline_model::{Digest, Str};
use syncline_planner::record::LogError;
use syncline_state::Stored;

/// The version that is written and read.
const FORMAT: u32 = 1;

/// Who wrote a batch.
pub(crate) type Mark = String;

#[derive(Serialize, Deserialize)]
struct Header {
    log: u32,
    batch: Mark,
    first: u64,
    previous: Digest,
    records: u64,
}

/// A batch, as far as it could be read.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) mark: Mark,
    pub(crate) records: Vec<Stored>,
    /// What is wrong with the record after them.
    pub(crate) damage: Option<LogError>,
}

/// Returns the bytes of a batch of at least one record.
pub(crate) fn encode(mark: &Mark, records: &[Stored]) -> Option<Vec<u8>> {
    let first = records.first()?;
    let header = Header {
        log: FORMAT,
        batch: mark.clone(),
        first: first.sequence,
        previous: first.previous,
        records: records.len() as u64,
    };
    let header = serde_json::to_string(&header).ok()?;
    let mut bytes = format!("{header} {}\n", Digest::of(header.as_bytes())).into_bytes();
    for stored in records {
        bytes.extend(format!("{} {} ", stored.time, stored.hash).into_bytes());
        bytes.extend(&stored.body);
        bytes.push(b'\n');
    }
    Some(bytes)
}

/// Reads a batch that should begin with a record.
///
/// # Errors
/// [`LogError::Format`] for a newer one; [`LogError::Corrupt`] when not even its header is sound.
pub(crate) fn decode(first: u64, bytes: &[u8]) -> Result<Batch, LogError> {
    let corrupt =
        |sequence, reason: &str| LogError::Corrupt { sequence, reason: reason.to_owned() };
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let header = lines.next().and_then(header);
    let header = header.ok_or_else(|| corrupt(first, "the header of its batch is damaged"))?;
    if header.log > FORMAT {
        return Err(LogError::Format { found: header.log, known: FORMAT });
    }
    if header.first != first {
        return Err(corrupt(first, "its batch is another one"));
    }
    let mut batch = Batch { mark: header.batch, records: Vec::new(), damage: None };
    let (mut sequence, mut previous) = (first, header.previous);
    for line in lines.by_ref().take(usize::try_from(header.records).unwrap_or(usize::MAX)) {
        let Some((time, hash, body)) = record(line) else {
            batch.damage = Some(corrupt(sequence, "its line in the batch is damaged"));
            return Ok(batch);
        };
        batch.records.push(Stored { sequence, previous, hash, time, body: body.to_vec().into() });
        (sequence, previous) = (sequence + 1, hash);
    }
    if sequence != first + header.records {
        batch.damage = Some(corrupt(sequence, "its batch ends before it"));
    } else if lines.next().is_some() {
        // What follows the last record belongs to it: the next one is in another batch.
        batch.records.pop();
        batch.damage = Some(corrupt(sequence - 1, "its batch goes on where it should end"));
    }
    Ok(batch)
}

fn header(line: &[u8]) -> Option<Header> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (json, checksum) = line.rsplit_once(' ')?;
    if Digest::of(json.as_bytes()).to_string() != checksum {
        return None;
    }
    serde_json::from_str(json).ok()
}

fn record(line: &[u8]) -> Option<(u64, Digest, &[u8])> {
    let line = line.strip_suffix(b"\n")?;
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let mut text = || std::str::from_utf8(parts.next()?).ok();
    let (time, hash) = (text()?, text()?);
    let parsed = (time.parse::<u64>().ok()?, Digest::try_from(Str::from(hash)).ok()?);
    // There is one way to write each.
    let is_canonical = parsed.0.to_string() == time && parsed.1.to_string() == hash;
    is_canonical.then_some((parsed.0, parsed.1, parts.next()?))
}
