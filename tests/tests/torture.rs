//! What the promises are proved by: random lives, races, and mutants that must be found.
//!
//! `cargo test` runs a size that fits, `cargo xtask torture` all of it; with `SYNCLINE_SEED=649` and a
//! filter, one seed with its events. Each proof prints a line that starts with `figure:`.

use syncline_tests::scale::{figure, full, seed, spread};
use syncline_tests::sim::Mutant;
use syncline_tests::sim::lives::{Story, live};
use syncline_tests::sim::races::race;

/// How many changes a life has.
const CHANGES: u64 = 5;

#[derive(Default)]
struct Sum {
    seeds: u64,
    runs: u64,
    cut_short: u64,
    broken: Vec<(u64, Vec<String>)>,
}

/// Runs every seed and adds up what came of it.
fn sum(name: &str, count: u64, one: impl Fn(u64) -> Story + Sync) -> Sum {
    let stories = match seed() {
        Some(seed) => vec![(seed, one(seed))],
        None => spread(count, |seed| (seed, one(seed))),
    };
    let mut sum = Sum { seeds: count, ..Sum::default() };
    for (seed, story) in stories {
        sum.runs += story.runs;
        sum.cut_short += story.cut_short;
        if !story.broken.is_empty() {
            let lines = story.lines.iter().chain(&story.broken).cloned();
            sum.broken.push((seed, lines.collect()));
        }
    }
    figure(&format!(
        "{name}: {} seeds, {} runs, {} of them cut short or failed, {} seeds broke a law",
        sum.seeds,
        sum.runs,
        sum.cut_short,
        sum.broken.len()
    ));
    sum
}

fn whole(name: &str, count: u64, one: impl Fn(u64) -> Story + Sync) {
    let sum = sum(name, count, one);
    let shown: Vec<_> = sum.broken.iter().take(3).collect();
    assert!(shown.is_empty(), "{name}: {} seeds broke a law, such as {shown:#?}", sum.broken.len());
    assert!(sum.cut_short > 0, "{name}: nothing ever went wrong, so nothing was proved");
}

#[test]
fn after_any_life_what_is_recorded_is_what_is_there() {
    whole("lives", full(10_000, 150), |seed| live(seed, CHANGES, Mutant::None));
}

#[test]
fn of_many_runs_at_once_only_the_holder_writes() {
    whole("races", full(2_000, 60), |seed| race(seed, Mutant::None));
}

#[test]
fn the_same_seed_gives_the_same_events() {
    for seed in 0..full(50, 5) {
        let (first, again) = (live(seed, CHANGES, Mutant::None), live(seed, CHANGES, Mutant::None));
        assert_eq!(first.trace, again.trace, "life {seed}");
        assert_eq!(race(seed, Mutant::None).trace, race(seed, Mutant::None).trace, "race {seed}");
        assert_ne!(first.trace, live(seed + 1, CHANGES, Mutant::None).trace);
    }
}

/// A harness that finds nothing proves nothing: what is left out must be found, and soon.
#[test]
fn what_is_left_out_on_purpose_is_found() {
    let mutants = [
        ("without a sync", Mutant::NoSync, true),
        ("without an intent", Mutant::NoIntent, true),
        ("without the fence", Mutant::NoFence, false),
    ];
    for (name, mutant, in_lives) in mutants {
        let count = full(200, 40);
        let sum = if in_lives {
            sum(name, count, |seed| live(seed, CHANGES, mutant))
        } else {
            sum(name, count, |seed| race(seed, mutant))
        };
        assert!(!sum.broken.is_empty(), "{name}: nobody noticed in {count} seeds");
    }
}

/// Who was paused for longer than its lease lasts starts nothing any more (E0612).
#[test]
fn a_pause_beyond_the_lease_is_noticed() {
    let failures: u64 = (0..40).map(|seed| race(seed, Mutant::None).cut_short).sum();
    assert!(failures > 0);
}
