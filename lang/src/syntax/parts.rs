//! The pieces of a file, and the parts in which they are parsed.
//!
//! Takes the outline of a file; returns its pieces in source order (an item, the header of a layer, a
//! member), cut into parts of about 32 kB. Whoever is free parses a part, and a part that did not
//! change is not parsed again. Where a part ends, the pieces' own text says: an edit moves no cut but
//! those around it.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

use super::ast::{Comment, ItemKind, Member};
use super::scanner::{ItemSlice, Slice};

/// How large a part is on average, in bytes.
const USUAL: u64 = 32 << 10;
/// How large a part is at least, but for the last of a file.
const LEAST: usize = 8 << 10;
/// From this size on a part ends wherever it can.
const MOST: usize = 64 << 10;
/// How many bytes of a piece decide on a cut.
const LOOKED_AT: usize = 64;

/// What a part is known by: the digest of all that its trees are made of.
pub(super) type Key = [u8; 32];

/// What is parsed at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    start: u32,
    end: u32,
    after: u32,
    broken: bool,
    /// What it is.
    pub(super) kind: Kind,
}

impl Piece {
    /// Returns a piece; a file has less than 4 GB.
    const fn new(slice: Slice, kind: Kind) -> Self {
        let Slice { start, end, after, broken } = slice;
        Self { start: start as u32, end: end as u32, after: after as u32, broken, kind }
    }

    /// Returns where it stands.
    pub(super) const fn slice(&self) -> Slice {
        let Self { start, end, after, broken, .. } = *self;
        Slice { start: start as usize, end: end as usize, after: after as usize, broken }
    }
}

/// The kinds of piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An item that is no layer.
    Item,
    /// A layer, up to its brace.
    Header,
    /// A layer without a brace.
    Unopened,
    /// A member of a layer.
    Member,
}

/// What a piece gives.
#[derive(Debug)]
pub(super) enum Tree {
    /// Not even its name is known.
    Nothing,
    /// An item; a layer without its members.
    Item(Box<ItemKind>),
    /// A member.
    Member(Box<Member>),
}

/// Returns the pieces of a file in source order: each item, and behind it its members.
pub(super) fn pieces(items: &[ItemSlice], members: &[Slice]) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(items.len() + members.len());
    for item in items {
        let Some((open, own)) = &item.layer else {
            pieces.push(Piece::new(item.slice, Kind::Item));
            continue;
        };
        let header = Slice { end: *open, ..item.slice };
        let kind = if item.is_unopened { Kind::Unopened } else { Kind::Header };
        pieces.push(Piece::new(header, kind));
        let own = members.get(own.clone()).unwrap_or_default();
        pieces.extend(own.iter().map(|slice| Piece::new(*slice, Kind::Member)));
    }
    pieces
}

/// Cuts the pieces of a text into parts.
pub(super) fn cut<'p>(text: &str, pieces: &'p [Piece]) -> Vec<&'p [Piece]> {
    let mut parts = Vec::new();
    let (mut first, mut bytes) = (0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        let slice = piece.slice();
        let length = slice.end.saturating_sub(slice.start);
        bytes += length;
        if bytes >= MOST || (bytes >= LEAST && ends_part(text, slice)) {
            parts.push(&pieces[first..=at]);
            (first, bytes) = (at + 1, 0);
        }
    }
    if first < pieces.len() {
        parts.push(&pieces[first..]);
    }
    parts
}

/// Tells whether a part ends behind a piece: by its text alone, and one of so many bytes does.
fn ends_part(text: &str, slice: Slice) -> bool {
    let end = slice.end.min(slice.start + LOOKED_AT);
    let start = text.as_bytes().get(slice.start..end).unwrap_or_default();
    let mut hasher = FxHasher::default();
    hasher.write(start);
    let drawn = ((hasher.finish() >> 32) * USUAL) >> 32;
    drawn < (slice.end - slice.start) as u64
}

/// Returns from where to where a part reaches, the text before its first piece that may document it
/// counted; `None` where there is no such place.
pub(super) fn range(part: &[Piece]) -> Option<std::ops::Range<usize>> {
    let (after, end) = (part.first()?.slice().after, part.last()?.slice().end);
    (after <= end).then_some(after..end)
}

/// Returns what a part is known by: its text, where its pieces and the comments that document them
/// stand in it, and the parser. `None` for a part that has been reported of already.
pub(super) fn key(text: &str, docs: &[Comment], part: &[Piece], parser: &Key) -> Option<Key> {
    if part.iter().any(|piece| piece.broken) {
        return None;
    }
    let range = range(part)?;
    let own = text.get(range.clone())?;
    let mut places = Vec::with_capacity(part.len() * 16);
    let mut tell = |place: usize| {
        places.extend_from_slice(&(place.wrapping_sub(range.start) as u32).to_le_bytes());
    };
    for piece in part {
        let Slice { start, end, after, .. } = piece.slice();
        [start, end, after].into_iter().for_each(&mut tell);
        tell(range.start + piece.kind as usize);
    }
    let first = docs.partition_point(|comment| (comment.span.start as usize) < range.start);
    for comment in &docs[first..] {
        if comment.span.start as usize >= range.end {
            break;
        }
        [comment.span.start, comment.span.end].into_iter().for_each(|at| tell(at as usize));
    }
    // What stands on the first line of a file documents what follows, whatever is before it.
    let is_first = range.start == 0;
    let mut hasher = blake3::Hasher::new_keyed(parser);
    hasher.update(&[u8::from(is_first)]);
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(&(places.len() as u64).to_le_bytes());
    hasher.update(&places);
    hasher.update(own.as_bytes());
    Some(hasher.finalize().into())
}
