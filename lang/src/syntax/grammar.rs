//! The parser that `grammar.pest` describes.
//!
//! Takes the text of one item, member or expression and returns the pairs of the rules that
//! matched; nothing outside [`crate::syntax`] sees them. `build.rs` compiles the grammar, which is
//! written in pest's language, to functions. A text is matched without a thought of failures
//! first, and a second time, for the message, where it does not match.

use super::machine::{Machine, Token};

#[cfg(test)]
mod tests;

pub(super) use compiled::Rule;

mod compiled {
    #![expect(
        non_camel_case_types,
        unused_variables,
        unused_parens,
        clippy::all,
        reason = "nobody reads what build.rs writes"
    )]

    use crate::syntax::machine::{Machine, Table};

    include!(concat!(env!("OUT_DIR"), "/grammar.rs"));
}

/// Why a text does not match.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The furthest place that matched, in bytes.
    pub(super) at: usize,
    /// The rules that could have matched there; `None` where matching took too long.
    pub(super) expected: Option<Vec<Rule>>,
}

/// The pairs of a text.
#[derive(Debug, Default)]
pub(super) struct Matched {
    tokens: Vec<Token>,
}

impl Matched {
    /// Matches a text by an entry rule, and forgets what was matched before.
    pub(super) fn take(&mut self, rule: Rule, text: &str) -> Result<(), Refusal> {
        let mut machine = Machine::<false>::new(text, std::mem::take(&mut self.tokens));
        if compiled::matches(rule, &mut machine) {
            self.tokens = machine.tokens;
            return Ok(());
        }
        let mut machine = Machine::<true>::new(text, machine.tokens);
        compiled::matches(rule, &mut machine);
        self.tokens = machine.tokens;
        let failure = machine.failure;
        let expected = (!failure.is_exhausted).then_some(failure.positives);
        Err(Refusal { at: failure.at, expected })
    }

    /// Returns the pair of the entry rule. The text is the one that was matched.
    pub(super) fn root<'p>(&'p self, text: &'p str) -> Option<Pair<'p>> {
        Pairs { tokens: &self.tokens, text, at: 0, end: self.tokens.len() }.next()
    }
}

/// A rule that matched, with what matched within it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'p> {
    tokens: &'p [Token],
    text: &'p str,
    at: usize,
    token: Token,
}

impl<'p> Pair<'p> {
    pub(super) fn as_rule(&self) -> Rule {
        self.token.rule
    }

    /// Returns where it starts and ends, in bytes of the text.
    pub(super) fn range(&self) -> (usize, usize) {
        (self.token.start as usize, self.token.end as usize)
    }

    pub(super) fn as_str(&self) -> &'p str {
        let (start, end) = self.range();
        self.text.get(start..end).unwrap_or_default()
    }

    /// Returns the pairs within.
    pub(super) fn into_inner(self) -> Pairs<'p> {
        let Self { tokens, text, at, token } = self;
        Pairs { tokens, text, at: at + 1, end: token.next as usize }
    }
}

/// Pairs side by side.
#[derive(Clone, Debug)]
pub(super) struct Pairs<'p> {
    tokens: &'p [Token],
    text: &'p str,
    at: usize,
    end: usize,
}

impl<'p> Pairs<'p> {
    /// Returns the next pair, which stays.
    pub(super) fn peek(&self) -> Option<Pair<'p>> {
        if self.at >= self.end {
            return None;
        }
        let token = *self.tokens.get(self.at)?;
        Some(Pair { tokens: self.tokens, text: self.text, at: self.at, token })
    }
}

impl<'p> Iterator for Pairs<'p> {
    type Item = Pair<'p>;

    fn next(&mut self) -> Option<Pair<'p>> {
        let pair = self.peek()?;
        self.at = pair.token.next as usize;
        Some(pair)
    }
}
