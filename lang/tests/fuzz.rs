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

use campaign::Corpus;
use random::Random;
use stages::Stages;

/// How many inputs are run without optimisation, on a busy machine.
const INPUTS: u64 = 1_000;

/// Inputs that once failed, as the fuzzer made them small.
const FOUND: &[&str] = &[
    // A comment in an interpolation of a block that is never closed was read twice.
    "\"\"\"${\n//\n}",
    // Such a block was reported at its last interpolation, in the midst of a character.
    "\"\"\"${\u{21e}}",
    // A comment that began in it stayed when its second half was read again.
    "\"\"\"${/*$\n/*/}",
    // The format put a comment and a space before a dot, where no space may be.
    "environment a{t=((\"\"))/**/\n.s()\ns={a=\"\"}}",
    "environment a{t=((\"\"))//\n\n.s\n/**/?.[0]}",
    // The format lost its place behind a comma that it drops, and moved the comment behind it.
    "environment a{n=s([d(\"\",\"\")],)//\ns=[for x in []:\"\"]}",
    "environment a{n=s([d(\"\",\"\")] /*a*/,/*b*/)//\ns=1}",
    // Of several carriage returns at the end of a line the format took one at a time.
    "environment a{ensure f else\"\"\"\r\r\n\"\"\"}",
    "//\r\r\nenvironment a{}",
];

#[test]
fn no_input_breaks_a_stage() {
    let mut stages = Stages::new();
    let mut corpus = Corpus::new(Vec::new());
    let mut random = Random::new(1);
    for number in 0..INPUTS {
        let text = corpus.input(&mut random);
        let failure = campaign::verdict(&text, &mut stages).err();
        corpus.note(&text, &stages, &mut random);
        // Time is not looked at here: without optimisation and beside other tests it says nothing.
        if let Some(failure) = failure.filter(|failure| !failure.contains("seconds")) {
            panic!("input {number}: {failure}\n{}", campaign::smaller(&text, &failure));
        }
    }
    assert!(stages.taken.evaluated > INPUTS / 2, "{:?}", stages.taken);
    assert!(corpus.kept() > 10 && corpus.features() > corpus.kept());
}

#[test]
fn what_was_found_stays_mended() {
    for text in FOUND {
        assert_eq!(campaign::verdict(text, &mut Stages::new()), Ok(()), "{text}");
    }
}
