//! The nearest name, for "did you mean", with a bound on all searches of a pass.
//!
//! A search looks at every name that there is. Where nearly every name of a large project is wrong, that
//! would be the square of its size: after so much work ([`MOST`]) the mistakes of a pass are told without a guess.
//! [`restart`] begins a pass.
//!
//! Laws: what is guessed depends on the pass alone, so that the same project always gets the same reports.

use std::cell::Cell;

/// How much all searches of a pass may do: about as many names as they look at.
const MOST: usize = 10_000_000;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(MOST) };
}

/// Begins a pass.
pub(crate) fn restart() {
    LEFT.set(MOST);
}

/// How many names are listed where none is near.
const LISTED: usize = 24;

/// Tells whether this pass guesses no more, so that candidates need not be collected.
pub(crate) fn is_over() -> bool {
    LEFT.get() == 0
}

/// Returns names as a message lists them; of very many the first ones.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let shown: Vec<&str> = names.by_ref().take(LISTED).collect();
    let more = if names.next().is_some() { ", ..." } else { "" };
    shown.join(", ") + more
}

/// Returns the candidate that is nearest to a name, as [`syncline_model::nearest`] does.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let left = LEFT.get();
    if left == 0 {
        return None;
    }
    let mut work = 0;
    let found = syncline_model::nearest_counted(name, candidates, &mut work);
    LEFT.set(left.saturating_sub(work));
    found
}

/// Returns the only candidate that has all words of a name in a row: `result_count` for `count`.
pub(crate) fn longer<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if is_over() || name.is_empty() {
        return None;
    }
    let has_words = |candidate: &&str| {
        let mut places = candidate.match_indices(name);
        candidate.len() > name.len()
            && places.any(|(at, _)| {
                let (before, behind) = (&candidate[..at], &candidate[at + name.len()..]);
                (before.is_empty() || before.ends_with('_'))
                    && (behind.is_empty() || behind.starts_with('_'))
            })
    };
    let mut found = candidates.into_iter().filter(has_words);
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_name_has_all_words() {
        restart();
        let names = ["result_count", "max_counted", "name", "node_name_prefix", "pool_name"];
        assert_eq!(longer("count", names), Some("result_count"));
        assert_eq!(longer("node_name", names), Some("node_name_prefix"));
        // Several have it, or none.
        assert_eq!(longer("name", names), None);
        assert_eq!(longer("", names), None);
    }

    #[test]
    fn a_pass_guesses_until_it_has_looked_at_too_many_names() {
        restart();
        let names: Vec<String> = (0..100_000).map(|at| format!("name_{at}")).collect();
        let near = || nearest("nmae_1", names.iter().map(String::as_str));
        assert_eq!(near(), Some("name_1"));
        for _ in 0..MOST / names.len() {
            let _guessed_or_not = near();
        }
        assert!(is_over());
        assert_eq!(near(), None);
        restart();
        assert_eq!(near(), Some("name_1"));
        assert_eq!(listed(["a", "b"]), "a, b");
        assert!(listed(names.iter().map(String::as_str)).ends_with("name_23, ..."));
    }
}
