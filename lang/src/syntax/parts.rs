//! The pieces of a file, and the parts in which they are parsed.
//!
//! Takes the outline of a file, be it finished or not; returns its pieces in source order (an item, the
//! header of a layer, a member), cut into parts of about 32 kB. Whoever is free parses a part, and a part
//! that did not change is not parsed again. Where a part ends, the pieces' own text says: an edit moves
//! no cut but those around it.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

use super::ast::{Comment, CommentKind, ItemKind, Member};
use super::scanner::{Seen, Slice};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Pieces that are parsed at once, and the comments that may document them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// In source order.
    pub(super) pieces: Vec<Piece>,
    /// The `///` comments in its range.
    pub(super) docs: Vec<Comment>,
}

impl Part {
    fn new(pieces: Vec<Piece>, seen: Seen<'_>) -> Self {
        let range = range(&pieces).unwrap_or_default();
        let before = |comment: &Comment, place| (comment.span.start as usize) < place;
        let first = seen.comments.partition_point(|comment| before(comment, range.start));
        let own = seen.comments[first..].iter().take_while(|comment| before(comment, range.end));
        let docs = own.filter(|comment| comment.kind == CommentKind::Doc).copied().collect();
        Self { pieces, docs }
    }
}

/// Finds the pieces of an outline in source order, each item and behind it its members, and cuts
/// them into parts. The outline may grow meanwhile.
#[derive(Clone, Debug)]
pub(super) struct Cutter<'t> {
    text: &'t str,
    /// How many items it has taken whole, and how many members.
    items: usize,
    members: usize,
    /// The header of the item behind these is taken.
    is_inside: bool,
    /// What the part at hand has so far, and how many bytes that is.
    pieces: Vec<Piece>,
    bytes: usize,
}

impl<'t> Cutter<'t> {
    /// Returns a cutter at the start of a text.
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, items: 0, members: 0, is_inside: false, pieces: Vec::new(), bytes: 0 }
    }

    /// Returns the next part that no piece can be added to.
    pub(super) fn whole(&mut self, seen: Seen<'_>) -> Option<Part> {
        loop {
            let piece = self.piece(seen)?;
            let slice = piece.slice();
            self.pieces.push(piece);
            self.bytes += slice.end.saturating_sub(slice.start);
            let is_large = self.bytes >= LEAST && ends_part(self.text, slice);
            if is_large || self.bytes >= MOST {
                return self.taken(seen);
            }
        }
    }

    /// Returns the next part of what is all.
    pub(super) fn next(&mut self, seen: Seen<'_>) -> Option<Part> {
        self.whole(seen).or_else(|| self.taken(seen))
    }

    fn taken(&mut self, seen: Seen<'_>) -> Option<Part> {
        self.bytes = 0;
        let mut pieces = std::mem::take(&mut self.pieces);
        pieces.shrink_to_fit();
        (!pieces.is_empty()).then(|| Part::new(pieces, seen))
    }

    /// Goes past a part; `false` where what was seen by now has other pieces or comments there.
    pub(super) fn passes(&mut self, part: &Part, seen: Seen<'_>) -> bool {
        let pieces: Vec<Piece> = part.pieces.iter().map_while(|_| self.piece(seen)).collect();
        *part == Part::new(pieces, seen)
    }

    fn piece(&mut self, seen: Seen<'_>) -> Option<Piece> {
        loop {
            let is_done = self.items < seen.items.len();
            let item = seen.items.get(self.items).or(seen.open)?;
            let Some((open, members)) = &item.layer else {
                // Its own brace may still come.
                self.items += usize::from(is_done);
                return is_done.then(|| Piece::new(item.slice, Kind::Item));
            };
            if !self.is_inside {
                self.is_inside = true;
                let header = Slice { end: *open, ..item.slice };
                let kind = if item.is_unopened { Kind::Unopened } else { Kind::Header };
                return Some(Piece::new(header, kind));
            }
            let end = if is_done { members.end } else { seen.members.len() };
            if self.members < end {
                let slice = *seen.members.get(self.members)?;
                self.members += 1;
                return Some(Piece::new(slice, Kind::Member));
            }
            if !is_done {
                return None;
            }
            self.items += 1;
            self.is_inside = false;
        }
    }
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

/// Returns from where to where pieces reach, the text before the first that may document it counted;
/// `None` where there is no such place.
pub(super) fn range(pieces: &[Piece]) -> Option<std::ops::Range<usize>> {
    let (after, end) = (pieces.first()?.slice().after, pieces.last()?.slice().end);
    (after <= end).then_some(after..end)
}

/// Returns what a part is known by: its text, where its pieces and the comments that document them
/// stand in it, and the parser. `None` for a part that has been reported of already.
pub(super) fn key(text: &str, part: &Part, parser: &Key) -> Option<Key> {
    if part.pieces.iter().any(|piece| piece.broken) {
        return None;
    }
    let range = range(&part.pieces)?;
    let own = text.get(range.clone())?;
    let mut places = Vec::with_capacity(part.pieces.len() * 16);
    let mut tell = |place: usize| {
        places.extend_from_slice(&(place.wrapping_sub(range.start) as u32).to_le_bytes());
    };
    for piece in &part.pieces {
        let Slice { start, end, after, .. } = piece.slice();
        [start, end, after].into_iter().for_each(&mut tell);
        tell(range.start + piece.kind as usize);
    }
    for comment in &part.docs {
        [comment.span.start, comment.span.end].into_iter().for_each(|at| tell(at as usize));
    }
    // What stands on the first line of a file documents what follows, whatever is before it.
    let is_first = range.start == 0;
    let mut hasher = blake3::Hasher::new_keyed(parser);
    hasher.update(&[u8::from(is_first)]);
    hasher.update(&(part.pieces.len() as u64).to_le_bytes());
    hasher.update(&(places.len() as u64).to_le_bytes());
    hasher.update(&places);
    hasher.update(own.as_bytes());
    Some(hasher.finalize().into())
}
