//! Several environments at a time.
//!
//! Takes environments and how one is evaluated; hands over what was made, in their order. Those that
//! read nothing of one another are evaluated on as many threads as there are cores, with an
//! [`Exchange`] for each. Where one reads the outputs of another they come one after another, since
//! what one offers to others is evaluated once.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use super::Exchange;

/// The most threads.
const MOST: usize = 8;
/// The bytes of a thread's stack.
pub(super) const STACK: usize = 64 << 20;

/// Returns how many threads run at a time; to find out reads files, so it is found out once.
pub(crate) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Evaluates environments, and gives what was made of each to `take`, in order, until that says no.
/// `exchange` is the one of this thread, and `another` makes one for another.
pub(crate) fn each<'a, T: Send>(
    environments: &[String],
    exchange: &Exchange<'a>,
    another: &(dyn Fn() -> Exchange<'a> + Sync),
    evaluate: &(dyn Fn(&Exchange<'a>, &str) -> T + Sync),
    take: &mut dyn FnMut(&str, T) -> bool,
) {
    let threads = environments.len().min(cores()).min(MOST);
    let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut waiting = BTreeMap::new();
    let mut at = 0;
    if threads > 1 && !exchange.project.reads_across() {
        std::thread::scope(|scope| {
            let (made, results) = mpsc::channel();
            let start = |_| {
                let (made, next, stopped) = (made.clone(), &next, &stopped);
                let work = move || {
                    while !stopped.load(Ordering::SeqCst) {
                        let at = next.fetch_add(1, Ordering::SeqCst);
                        let Some(own) = environments.get(at) else { return };
                        if made.send((at, evaluate(&another(), own))).is_err() {
                            return;
                        }
                    }
                };
                let builder = std::thread::Builder::new().stack_size(STACK);
                // What no thread does is done below.
                builder.spawn_scoped(scope, work).ok()
            };
            let workers: Vec<_> = (0..threads).filter_map(start).collect();
            drop(made);
            'results: for (done, result) in results {
                waiting.insert(done, result);
                while let Some(result) = waiting.remove(&at) {
                    if !take(&environments[at], result) {
                        stopped.store(true, Ordering::SeqCst);
                        break 'results;
                    }
                    at += 1;
                }
            }
            // Before glibc 2.38 a thread with a large stack that ends while nobody waits for it may take the
            // process along (glibc bug 19951).
            for worker in workers {
                let _panicked = worker.join();
            }
        });
    }
    if stopped.into_inner() {
        return;
    }
    for own in &environments[at..] {
        if !take(own, evaluate(exchange, own)) {
            return;
        }
    }
}
