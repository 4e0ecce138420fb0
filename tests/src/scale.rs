//! How much of a proof is run, on how many threads, and where its figures go.
//!
//! `cargo test` runs a size that fits. `SYNCLINE_TORTURE`, which `cargo xtask torture` sets, is how
//! many percent of the full size are run. `SYNCLINE_SEED` runs one seed of a simulation, and tells its
//! events.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

fn percent() -> Option<u64> {
    std::env::var("SYNCLINE_TORTURE").ok()?.parse().ok()
}

/// Returns the one seed that is asked for.
#[must_use]
pub fn seed() -> Option<u64> {
    std::env::var("SYNCLINE_SEED").ok()?.parse().ok()
}

/// Tells whether more than what fits is asked for.
#[must_use]
pub fn is_full() -> bool {
    percent().is_some()
}

/// Returns so many percent of the full size, or the one that fits.
#[must_use]
pub fn full(full: u64, bounded: u64) -> u64 {
    percent().map_or(bounded, |percent| (full * percent / 100).max(1))
}

/// Returns an evenly spread part of all: so many percent, or as many as fit.
#[must_use]
pub fn share<T>(all: Vec<T>, bounded: usize) -> Vec<T> {
    let wanted = percent().map_or(bounded, |percent| all.len() * percent as usize / 100);
    let wanted = wanted.clamp(1, all.len().max(1));
    let count = all.len();
    let chosen = |at: &usize| (at * wanted) / count != ((at + 1) * wanted) / count;
    all.into_iter().enumerate().filter(|(at, _)| chosen(at)).map(|(_, one)| one).collect()
}

/// Prints a figure.
#[expect(clippy::print_stdout, reason = "the runner collects these lines")]
pub fn figure(text: &str) {
    println!("figure: {text}");
}

/// Runs numbers from 0 on all cores and returns the results in their order.
pub fn spread<T: Send>(count: u64, one: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let results = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    let result = one(number);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
