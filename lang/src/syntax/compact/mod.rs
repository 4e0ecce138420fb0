//! Syntax trees as bytes, from which they are built again without a parser.
//!
//! Takes what the pieces of a part gave and the text that they were parsed from; returns bytes, and
//! from these and the same text equal trees, wherever in a file the text stands by then. A number is
//! a varint of seven bits a byte; a place is told from the place before it; a name that stands in the
//! text under its place costs one byte. Bytes of any other origin give `None`: nothing is read beyond
//! their end, no place beyond the part, and no nesting goes deeper than what is parsed.

mod nodes;

use std::ops::Range;
use std::sync::Arc;

use syncline_model::{FileId, Number, Quantity, Span, Str};
use thin_vec::ThinVec;

use super::ast::ItemKind;
use super::parts::{Kind, Piece, Tree};

/// How many nodes may be in one another: more than the parser lets pass.
const DEEPEST: usize = 1024;
/// The most elements for which there is space before they are read.
const RESERVED: usize = 1024;

/// Returns the trees of a part as bytes; `None` where something could not be told again.
pub(super) fn write(text: &str, range: Range<usize>, trees: &[Tree]) -> Option<Vec<u8>> {
    let start = u32::try_from(range.start).ok()?;
    let mut out = Writer { text, out: Vec::new(), last: start..start, is_lossy: false };
    for tree in trees {
        tree.write(&mut out);
    }
    out.out.shrink_to_fit();
    (!out.is_lossy).then_some(out.out)
}

/// Returns the trees of the pieces of a part, which stand in `range` of the text.
pub(super) fn read(
    file: FileId,
    text: &str,
    range: Range<usize>,
    pieces: &[Piece],
    bytes: &[u8],
) -> Option<Vec<Tree>> {
    let range = u32::try_from(range.start).ok()?..u32::try_from(range.end).ok()?;
    let last = range.start..range.start;
    let mut from = Reader { file, text, range, rest: bytes, last, depth: 0 };
    let mut trees = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let tree = Tree::read(&mut from)?;
        let fits = match (&tree, piece.kind) {
            (Tree::Member(_), Kind::Member) => true,
            (Tree::Item(item), Kind::Header) => matches!(**item, ItemKind::Layer(_)),
            (Tree::Item(item), Kind::Item) => !matches!(**item, ItemKind::Layer(_)),
            (Tree::Nothing | Tree::Item(_) | Tree::Member(_), _) => false,
        };
        if !fits {
            return None;
        }
        trees.push(tree);
    }
    from.rest.is_empty().then_some(trees)
}

/// What can be told in bytes.
trait Compact: Sized {
    fn write(&self, out: &mut Writer<'_>);
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

struct Writer<'t> {
    text: &'t str,
    out: Vec<u8>,
    /// The place that was told last.
    last: Range<u32>,
    /// Something could not be told so that it would be read again.
    is_lossy: bool,
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// Where the part stands.
    range: Range<u32>,
    rest: &'t [u8],
    last: Range<u32>,
    depth: usize,
}

impl Writer<'_> {
    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.out.push(number as u8);
    }

    fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }
}

impl<'t> Reader<'t> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn take(&mut self, count: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Reads what is inside of something.
    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let inside = read(self);
        self.depth -= 1;
        inside
    }
}

/// Returns the text under a place, and that between its first and its last byte.
fn under<'t>(text: &'t str, place: &Range<u32>) -> (Option<&'t str>, Option<&'t str>) {
    let (start, end) = (place.start as usize, place.end as usize);
    let inner = end.checked_sub(1).and_then(|end| text.get(start + 1..end));
    (text.get(start..end), inner)
}

impl Compact for Span {
    fn write(&self, out: &mut Writer<'_>) {
        out.signed(i64::from(self.start) - i64::from(out.last.start));
        out.number(u64::from(self.end.wrapping_sub(self.start)));
        out.last = self.start..self.end;
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let start = i64::from(from.last.start).checked_add(from.signed()?)?;
        let start = u32::try_from(start).ok()?;
        let end = start.checked_add(u32::try_from(from.number()?).ok()?)?;
        if start < from.range.start || end > from.range.end {
            return None;
        }
        from.last = start..end;
        Some(Self::new(from.file, start, end))
    }
}

/// A text is 0 where it stands under the last place, 1 where that place quotes it, and else its
/// length and 2, and its bytes.
impl Compact for Str {
    fn write(&self, out: &mut Writer<'_>) {
        let (whole, inner) = under(out.text, &out.last);
        if whole == Some(self.as_str()) {
            out.byte(0);
        } else if inner == Some(self.as_str()) {
            out.byte(1);
        } else {
            out.number(self.len() as u64 + 2);
            out.out.extend_from_slice(self.as_bytes());
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (whole, inner) = under(from.text, &from.last);
        let text = match from.number()? {
            0 => whole?,
            1 => inner?,
            more => std::str::from_utf8(from.take(usize::try_from(more - 2).ok()?)?).ok()?,
        };
        Some(text.into())
    }
}

impl Compact for bool {
    fn write(&self, out: &mut Writer<'_>) {
        out.byte(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Compact for Number {
    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Int(whole) => {
                out.byte(0);
                out.signed(*whole);
            }
            Self::Decimal(_) => {
                let text = self.to_string();
                out.is_lossy |= Self::parse(&text).as_ref() != Ok(self);
                out.byte(1);
                Str::from(text).write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(Self::Int(from.signed()?)),
            1 => Self::parse(&Str::read(from)?).ok(),
            _ => None,
        }
    }
}

impl Compact for Quantity {
    fn write(&self, out: &mut Writer<'_>) {
        let text = self.to_text();
        out.is_lossy |= Self::parse(&text).ok().flatten().as_ref() != Some(self);
        text.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Self::parse(&Str::read(from)?).ok().flatten()
    }
}

impl<T: Compact> Compact for Option<T> {
    fn write(&self, out: &mut Writer<'_>) {
        self.is_some().write(out);
        if let Some(inner) = self {
            inner.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        if bool::read(from)? { T::read(from).map(Some) } else { Some(None) }
    }
}

impl<T: Compact> Compact for Box<T> {
    fn write(&self, out: &mut Writer<'_>) {
        (**self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.inside(T::read).map(Self::new)
    }
}

impl<T: Compact> Compact for Arc<T> {
    fn write(&self, out: &mut Writer<'_>) {
        (**self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.inside(T::read).map(Self::new)
    }
}

impl<A: Compact, B: Compact> Compact for (A, B) {
    fn write(&self, out: &mut Writer<'_>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<T: Compact> Compact for ThinVec<T> {
    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.len() as u64);
        for element in self {
            element.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let count = usize::try_from(from.number()?).ok()?;
        from.inside(|from| {
            let mut elements = Self::with_capacity(count.min(RESERVED));
            for _ in 0..count {
                elements.push(T::read(from)?);
            }
            elements.shrink_to_fit();
            Some(elements)
        })
    }
}

/// A list that the tree has once in a declaration.
impl<T: Compact> Compact for Vec<T> {
    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.len() as u64);
        for element in self {
            element.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        ThinVec::read(from).map(|elements| elements.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
