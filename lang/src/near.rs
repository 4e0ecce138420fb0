//! The nearest name, for "did you mean", with a bound on all searches of a pass.
//!
//! A search looks at every name that there is. Where nearly every name of a large project is wrong, that
//! would be the square of its size: after [`MOST`] names the mistakes of a pass are told without a guess.
//! [`restart`] begins a pass.
//!
//! Laws: what is guessed depends on the pass alone, so that the same project always gets the same reports.

use std::cell::Cell;

/// How many names all searches of a pass look at.
const MOST: usize = 10_000_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(MOST) };
}

/// Begins a pass.
pub(crate) fn restart() {
    LEFT.set(MOST);
}

/// Returns the candidate that is nearest to a name, as [`syncline_model::nearest`] does.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let mut left = LEFT.get();
    if left == 0 {
        return None;
    }
    let counted = candidates.into_iter().inspect(|_| left = left.saturating_sub(1));
    let found = syncline_model::nearest(name, counted);
    LEFT.set(left);
    found
}
