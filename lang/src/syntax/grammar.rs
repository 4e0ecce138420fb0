//! The pest parser that `grammar.pest` describes.
//!
//! Takes the text of one item, member or expression and returns pest's pairs; nothing outside
//! [`crate::syntax`] sees them.

use std::num::NonZeroUsize;
use std::sync::Once;

use pest::Parser;
use pest::error::Error;
use pest::iterators::Pairs;

/// The most rule calls of one parse. Text costs about ten a byte, so this is out of reach for a
/// member within the size limit, and bounds what hostile text can cost.
const CALL_LIMIT: usize = 400_000_000;

#[derive(pest_derive::Parser)]
#[grammar = "syntax/grammar.pest"]
struct Grammar;

/// Parses one piece of text by an entry rule.
pub(super) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<Error<Rule>>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALL_LIMIT)));
    Grammar::parse(rule, text).map_err(Box::new)
}
