//! A few inputs of the fuzzer, so that it stays alive, and what it found once. `cargo xtask fuzz` runs more.

#[path = "../examples/fuzz/campaign.rs"]
mod campaign;
#[path = "../examples/fuzz/generate.rs"]
mod generate;
#[path = "../examples/fuzz/mutate.rs"]
mod mutate;
#[path = "../examples/fuzz/random.rs"]
mod random;
#[path = "../examples/fuzz/stages.rs"]
mod stages;

use stages::Taken;

/// How many inputs are run without optimisation, on a busy machine.
const INPUTS: u64 = 300;

/// Inputs that once failed, as the fuzzer made them small.
const FOUND: &[&str] = &[
    // A comment in an interpolation of a block that is never closed was read twice.
    "\"\"\"${\n//\n}",
];

#[test]
fn no_input_breaks_a_stage() {
    let mut taken = Taken::default();
    for seed in 0..INPUTS {
        let text = campaign::input(seed, &[]);
        let failure = campaign::verdict(&text, &mut taken).err();
        // Time is not looked at here: without optimisation and beside other tests it says nothing.
        if let Some(failure) = failure.filter(|failure| !failure.contains("seconds")) {
            panic!("seed {seed}: {failure}\n{}", campaign::smaller(&text, &failure));
        }
    }
    assert!(taken.evaluated > INPUTS / 2, "{taken:?}");
}

#[test]
fn what_was_found_stays_mended() {
    for text in FOUND {
        assert_eq!(campaign::verdict(text, &mut Taken::default()), Ok(()), "{text}");
    }
}
