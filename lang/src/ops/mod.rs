//! Operations on values, strictly: every operand is a value already.
//!
//! Takes an [`Operation`] and its operands; returns the value, or an [`OpError`] that knows
//! nothing of source places. The evaluator uses it on what it has evaluated and [`Resolver`] on
//! residuals, so that a value computed at apply is the one that the evaluator would have computed.
//! It never reads a file, a clock or an environment variable.
//!
//! Laws:
//! * Where an operand that matters is unknown, the result is an unknown with the operation as its
//!   residual. What only moves values about (members, lists, maps) looks at containers alone, not
//!   at what is in them.
//! * Where an operand that matters is secret, the result is secret, and an error says nothing of
//!   any value. Operations that move values about keep the marks of what they move.
//! * Work and results are bounded by [`MAX_TEXT`], [`MAX_ITEMS`], [`MAX_NODES`] and [`MAX_DEPTH`].

mod access;
mod apply;
mod arithmetic;
mod choose;
mod collect;
mod compare;
pub(crate) mod definite;
mod error;
pub(crate) mod offered;
mod operation;
mod resolve;
mod scan;
mod typing;

pub(crate) use self::access::{element, member};
pub use self::apply::{apply, mark};
pub(crate) use self::apply::{unknown_of, unsupported};
pub(crate) use self::collect::text_of;
pub(crate) use self::compare::ordering;
pub use self::error::{ErrorKind, OpError};
pub use self::operation::Operation;
pub(crate) use self::resolve::replace_unknown;
pub use self::resolve::{Resolver, resolve};
pub(crate) use self::resolve::{resolve_with, typed};
pub use self::scan::check_size;
pub(crate) use self::scan::{ALL, Facts, parts, strip};
pub use self::typing::{join, type_of};

/// The most bytes of text that an operation makes.
pub const MAX_TEXT: usize = 16 * 1024 * 1024;
/// The most elements of a list, set or map that an operation makes.
pub const MAX_ITEMS: usize = 1_000_000;
/// The most values inside its operands that an operation looks at.
pub const MAX_NODES: usize = 10_000_000;
/// How deep values may be nested for an operation that looks into them.
pub const MAX_DEPTH: usize = 500;
/// The most parts of one residual.
pub const MAX_RESIDUAL: usize = 100_000;

/// Checks the size of a text before it is made.
pub(crate) fn check_text(length: usize) -> Result<(), OpError> {
    if length > MAX_TEXT {
        return Err(OpError::new(
            ErrorKind::TooLarge,
            format!("the text would have more than {} MiB", MAX_TEXT / 1024 / 1024),
        ));
    }
    Ok(())
}

/// Checks the size of a collection before it is made.
pub(crate) fn check_items(count: usize) -> Result<(), OpError> {
    if count > MAX_ITEMS {
        return Err(OpError::new(
            ErrorKind::TooLarge,
            format!("the result would have more than {MAX_ITEMS} elements"),
        ));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
