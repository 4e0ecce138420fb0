//! What the functions that `build.rs` makes of the grammar run on.
//!
//! Takes a text; holds the place in it and the pairs that matched so far, as a flat list. The
//! semantics are those of pest (parsing expression grammars: Ford, POPL 2004), and so is what is
//! kept of failures, where they are tracked: the furthest place, and the rules that could have
//! matched there, a rule alone where more than one of its own parts could have.

use super::grammar::Rule;

/// Where nothing follows.
const END: usize = 256;
/// How many rules may be tried for each byte, and for a text without any. The grammar's work is
/// linear, so this is out of reach; it bounds what a mistake in the grammar could cost.
const TRIES: (usize, usize) = (1000, 100_000);

/// What can follow: bytes, and the end; a bit for each alternative.
pub(super) type Table = [u16; END + 1];

/// A rule that matched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the next token is that is no part of this one.
    pub(super) next: u32,
    pub(super) rule: Rule,
}

/// Matches rules at a place in a text.
///
/// With `TRACK` it keeps what failed, for a message; without it, it may leave out what has to fail.
pub(super) struct Machine<'t, const TRACK: bool> {
    text: &'t [u8],
    at: usize,
    pub(super) tokens: Vec<Token>,
    /// How many rules may still be tried.
    tries: usize,
    /// Within an odd number of negative lookaheads.
    is_negative: bool,
    pub(super) failure: Furthest,
}

/// The furthest failure.
#[derive(Debug, Default)]
pub(super) struct Furthest {
    pub(super) at: usize,
    /// What could have matched there.
    pub(super) positives: Vec<Rule>,
    /// What matched there, and should not have.
    negatives: Vec<Rule>,
    /// Too much was tried.
    pub(super) is_exhausted: bool,
}

impl Furthest {
    /// Returns how many rules are known to have failed at a place.
    fn failed_at(&self, at: usize) -> usize {
        if self.at == at { self.positives.len() + self.negatives.len() } else { 0 }
    }
}

/// A place to go back to, and the number of tokens there.
type Place = (usize, usize);

impl<'t, const TRACK: bool> Machine<'t, TRACK> {
    /// Returns a machine at the start of a text; the list takes the tokens.
    pub(super) fn new(text: &'t str, mut tokens: Vec<Token>) -> Self {
        tokens.clear();
        let tries = text.len() * TRIES.0 + TRIES.1;
        let failure = Furthest::default();
        Self { text: text.as_bytes(), at: 0, tokens, tries, is_negative: false, failure }
    }

    /// Returns what follows: a byte, or [`END`].
    #[inline]
    pub(super) fn next(&self) -> usize {
        self.text.get(self.at).map_or(END, |byte| usize::from(*byte))
    }

    /// Takes a byte.
    #[inline]
    pub(super) fn step(&mut self) -> bool {
        self.at += 1;
        true
    }

    /// Takes a character.
    #[inline]
    pub(super) fn any(&mut self) -> bool {
        let Some(first) = self.text.get(self.at) else { return false };
        self.at += match first {
            0..0xc0 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        true
    }

    #[inline]
    pub(super) fn literal(&mut self, literal: &[u8]) -> bool {
        let is_there = self.text.get(self.at..self.at + literal.len()) == Some(literal);
        if is_there {
            self.at += literal.len();
        }
        is_there
    }

    /// Goes to the next of some texts, or to the end.
    pub(super) fn skip_to(&mut self, stops: &[&[u8]]) -> bool {
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            if stops.iter().any(|stop| rest.starts_with(stop)) {
                break;
            }
            self.at += 1;
        }
        true
    }

    #[inline]
    pub(super) fn place(&self) -> Place {
        (self.at, self.tokens.len())
    }

    /// Goes back to where an alternative began.
    #[inline]
    pub(super) fn back(&mut self, (at, tokens): Place) -> bool {
        self.at = at;
        self.tokens.truncate(tokens);
        false
    }

    /// Tries an expression; where it does not match, nothing has happened.
    #[inline]
    pub(super) fn try_take(&mut self, take: impl FnOnce(&mut Self) -> bool) -> bool {
        let place = self.place();
        take(self) || self.back(place)
    }

    #[inline]
    pub(super) fn ahead(&mut self, look: impl FnOnce(&mut Self) -> bool) -> bool {
        let place = self.place();
        let is_there = look(self);
        self.back(place);
        is_there
    }

    #[inline]
    pub(super) fn not_ahead(&mut self, look: impl FnOnce(&mut Self) -> bool) -> bool {
        self.is_negative = !self.is_negative;
        let is_there = self.ahead(look);
        self.is_negative = !self.is_negative;
        !is_there
    }

    /// Matches the end of the text.
    #[inline]
    pub(super) fn end(&mut self) -> bool {
        self.rule(Rule::EOI, |machine| machine.next() == END)
    }

    /// Matches a rule that makes a pair.
    #[inline]
    pub(super) fn rule(&mut self, rule: Rule, body: impl FnOnce(&mut Self) -> bool) -> bool {
        if self.tries == 0 {
            self.failure.is_exhausted = true;
            return false;
        }
        self.tries -= 1;
        let (start, index) = (self.at, self.tokens.len());
        self.tokens.push(Token { start: start as u32, end: 0, next: 0, rule });
        let before = if TRACK { self.before(start) } else { (0, 0, 0) };
        let matches = body(self);
        if TRACK && matches == self.is_negative {
            self.track(rule, start, before);
        }
        if matches {
            let next = self.tokens.len() as u32;
            let end = self.at as u32;
            if let Some(token) = self.tokens.get_mut(index) {
                token.end = end;
                token.next = next;
            }
        }
        matches
    }

    /// Returns how many positives and negatives there are that stay, and what failed at `start`.
    fn before(&self, start: usize) -> (usize, usize, usize) {
        let failure = &self.failure;
        let kept = (failure.positives.len(), failure.negatives.len());
        let kept = if failure.at == start { kept } else { (0, 0) };
        (kept.0, kept.1, failure.failed_at(start))
    }

    /// Keeps that a rule did not match at `start` as it should; of its parts it stands for more
    /// than one that failed at the same place.
    fn track(&mut self, rule: Rule, start: usize, before: (usize, usize, usize)) {
        let failure = &mut self.failure;
        let (positives, negatives, failed) = before;
        if failure.failed_at(start) == failed + 1 {
            return;
        }
        if start == failure.at {
            failure.positives.truncate(positives);
            failure.negatives.truncate(negatives);
        }
        if start > failure.at {
            failure.positives.clear();
            failure.negatives.clear();
            failure.at = start;
        }
        if start == failure.at {
            let own =
                if self.is_negative { &mut failure.negatives } else { &mut failure.positives };
            own.push(rule);
        }
    }
}
