//! Checkpoints: what the records up to one add up to, so that opening a log costs what came after.
//!
//! | line | what |
//! | --- | --- |
//! | 1 | JSON: `checkpoint` ([`FORMAT`]), `replay` ([`State::REPLAY`]), `sequence` and `hash` of the last record that is covered, how many `resources` there are, and the record that names the `keys`, or null |
//! | 2 | JSON: the state without its resources |
//! | 3... | JSON: lists of address and entry, up to [`PART`] a line |
//! | last | BLAKE3-256 under a key, of the environment's name, a line feed and everything above, in hexadecimal |
//!
//! Secrets are sealed, as in the records that they come from. The key is derived from that for
//! secret fingerprints, so nobody without it can make a checkpoint that is believed.
//!
//! Laws: a checkpoint is only a shortcut. One that is missing, damaged, forged, of another key,
//! environment, format or way of replaying, or of a record that the log does not have, is as good
//! as none. [`verify`](crate::verify) replays everything and compares.

use std::io::Write;

use serde::{Deserialize, Serialize};
use syncline_model::{Address, Digest, EnvironmentName};
use syncline_planner::plan::StateMark;
use syncline_planner::{Entry, State};

use crate::{Seal, codec};

/// The version of the form.
const FORMAT: u32 = 1;

/// How many entries stand on one line.
const PART: usize = 512;

#[derive(Serialize, Deserialize)]
struct Header {
    checkpoint: u32,
    replay: u32,
    sequence: u64,
    hash: Digest,
    resources: u64,
    /// The record that names the keys, where one does.
    keys: Option<u64>,
}

/// How much a checkpoint covers, as it says itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    pub(crate) sequence: u64,
    pub(crate) resources: u64,
}

/// A checkpoint that is to be believed, its secrets still sealed.
pub(crate) struct Checkpoint {
    pub(crate) mark: StateMark,
    pub(crate) state: State,
}

/// Returns the bytes of a checkpoint behind a record; `None` when the state cannot be written.
pub(crate) fn write(
    environment: &EnvironmentName,
    mark: StateMark,
    state: &State,
    seal: &dyn Seal,
) -> Option<Vec<u8>> {
    let header = Header {
        checkpoint: FORMAT,
        replay: State::REPLAY,
        sequence: mark.sequence,
        hash: mark.hash,
        resources: state.resources.len() as u64,
        keys: state.keys.as_ref().map(|(_, sequence)| *sequence),
    };
    let mut bytes = serde_json::to_vec(&header).ok()?;
    bytes.push(b'\n');
    // To grow by doubling would take twice as much, and to write it twice takes little time.
    let mut length = Length(0);
    body(state, &mut length)?;
    bytes.reserve_exact(length.0 + 2 * blake3::OUT_LEN + 1);
    body(state, &mut bytes)?;
    let mac = mac(environment, &bytes, seal);
    writeln!(bytes, "{}", mac.to_hex()).ok()?;
    Some(bytes)
}

/// Returns the checkpoint that bytes hold, if it is to be believed.
pub(crate) fn read(
    environment: &EnvironmentName,
    bytes: &[u8],
    seal: &dyn Seal,
) -> Option<Checkpoint> {
    let mark = covers(bytes)?;
    let (signed, found) = split(bytes)?;
    let found = blake3::Hash::from_hex(found).ok()?;
    // Comparing hashes takes the same time wherever they differ.
    if found != mac(environment, signed, seal) {
        return None;
    }
    let mut lines = signed.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
    let mut state: State = codec::parse(lines.next()?).ok()?;
    let parts: Vec<&[u8]> = lines.collect();
    state.resources = parse_parts(&parts)?.into_iter().flatten().collect();
    Some(Checkpoint { mark, state })
}

/// Returns the record that a checkpoint claims to cover, where its form is known.
#[must_use]
pub fn covers(bytes: &[u8]) -> Option<StateMark> {
    let header = header(bytes)?;
    Some(StateMark { sequence: header.sequence, hash: header.hash })
}

/// Returns how much a checkpoint claims to cover, where its form is known.
pub(crate) fn size(bytes: &[u8]) -> Option<Size> {
    let header = header(bytes)?;
    Some(Size { sequence: header.sequence, resources: header.resources })
}

/// Returns the record that names the keys of a checkpoint, where one does.
pub(crate) fn keys(bytes: &[u8]) -> Option<u64> {
    header(bytes)?.keys
}

fn header(bytes: &[u8]) -> Option<Header> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let header: Header = serde_json::from_slice(line).ok()?;
    let is_known = header.checkpoint == FORMAT && header.replay == State::REPLAY;
    (is_known && header.sequence > 0).then_some(header)
}

/// Tells whether a checkpoint says just what a state is, secrets sealed.
pub(crate) fn agrees(bytes: &[u8], state: &State) -> bool {
    let mut expected = Vec::new();
    let found = split(bytes).and_then(|(signed, _)| {
        let header = signed.iter().position(|byte| *byte == b'\n')?;
        body(state, &mut expected)?;
        signed.get(header + 1..)
    });
    found == Some(&expected)
}

/// Returns what the last line vouches for, and that line.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = bytes.strip_suffix(b"\n")?;
    let start = text.iter().rposition(|byte| *byte == b'\n')? + 1;
    Some(text.split_at(start))
}

fn body(state: &State, out: &mut impl Write) -> Option<()> {
    let rest = state.without_resources();
    serde_json::to_writer(&mut *out, &rest).ok()?;
    out.write_all(b"\n").ok()?;
    let entries: Vec<(&Address, &Entry)> = state.resources.iter().collect();
    for part in entries.chunks(PART) {
        serde_json::to_writer(&mut *out, part).ok()?;
        out.write_all(b"\n").ok()?;
    }
    Some(())
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

type Part = Vec<(Address, Entry)>;

/// Parses lines of entries on several threads.
fn parse_parts(parts: &[&[u8]]) -> Option<Vec<Part>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    let share = parts.len().div_ceil(threads).max(1);
    let parse = |part: &&[u8]| codec::parse::<Part>(part).ok();
    if parts.len() <= 1 {
        return parts.iter().map(parse).collect();
    }
    let shares = std::thread::scope(|scope| {
        let threads: Vec<_> = parts
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(parse).collect::<Option<Vec<_>>>()))
            .collect();
        threads.into_iter().map(|thread| thread.join().ok().flatten()).collect::<Option<Vec<_>>>()
    })?;
    Some(shares.into_iter().flatten().collect())
}

fn mac(environment: &EnvironmentName, signed: &[u8], seal: &dyn Seal) -> blake3::Hash {
    let key = blake3::derive_key("syncline 1 checkpoint", &seal.digest_key());
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(environment.0.as_bytes());
    hasher.update(b"\n");
    hasher.update(signed);
    hasher.finalize()
}
