//! One input, from its seed to a verdict, and the smallest that fails the same way.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rustc_hash::FxHashSet;

use super::random::Random;
use super::stages::Stages;
use super::{generate, mutate};

/// How many texts are tried to make one smaller.
const TRIES: usize = 3_000;

/// The most inputs that are kept to be changed further.
const MOST_KEPT: usize = 4_096;
/// The longest of them: what is small is taken fast, and its changes hit something.
const LONGEST_KEPT: usize = 512;
/// A piece of a seed ends with the first item that reaches so many bytes.
const PIECE: usize = 120;

/// What inputs are made from.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    /// The texts that were given.
    whole: Vec<String>,
    /// Their items, one or a few together.
    pieces: Vec<String>,
    /// Inputs that led to something new: a message, two of them together, a kind of value.
    kept: Vec<String>,
    seen: FxHashSet<u64>,
}

impl Corpus {
    pub(crate) fn new(whole: Vec<String>) -> Self {
        let pieces = whole.iter().flat_map(|text| pieces(text)).collect();
        Self { whole, pieces, ..Self::default() }
    }

    /// Keeps an input that led to something new, or to two things that no other led to together.
    pub(crate) fn note(&mut self, text: &str, stages: &Stages, random: &mut Random) {
        let mut is_new = false;
        for feature in stages.said.iter().chain(&stages.seen) {
            is_new |= self.seen.insert(*feature);
        }
        for (at, first) in stages.said.iter().enumerate() {
            for second in &stages.said[at + 1..] {
                is_new |= self.seen.insert((first ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            }
        }
        if !is_new || text.len() > LONGEST_KEPT {
            return;
        }
        if self.kept.len() < MOST_KEPT {
            self.kept.push(text.to_owned());
        } else {
            let at = random.below(MOST_KEPT);
            self.kept[at] = text.to_owned();
        }
    }

    pub(crate) const fn kept(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn features(&self) -> usize {
        self.seen.len()
    }

    /// Returns the next input: most are small, since many of them find more than few large ones.
    pub(crate) fn input(&self, random: &mut Random) -> String {
        match random.below(40) {
            0 => generate::program(random),
            1 => {
                let program = generate::program(random);
                mutate::mutated(random, &program, &self.whole)
            }
            2 if !self.whole.is_empty() => {
                let at = random.below(self.whole.len());
                mutate::mutated(random, &self.whole[at], &self.whole)
            }
            3..=11 if !self.pieces.is_empty() => {
                let at = random.below(self.pieces.len());
                mutate::mutated(random, &self.pieces[at], &self.pieces)
            }
            12..=23 if !self.kept.is_empty() => {
                let at = random.below(self.kept.len());
                mutate::mutated(random, &self.kept[at], &self.pieces)
            }
            24..=30 => {
                let program = generate::small(random);
                mutate::mutated(random, &program, &self.pieces)
            }
            _ => generate::small(random),
        }
    }
}

/// Cuts a text behind items: where a line that is not indented follows one that closes or is empty.
fn pieces(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut piece = String::new();
    let mut is_end = true;
    for line in text.split_inclusive('\n') {
        let begins = !line.starts_with([' ', '\t', '}', '\n']);
        if is_end && begins && piece.len() >= PIECE {
            all.push(std::mem::take(&mut piece));
        }
        piece.push_str(line);
        is_end = line.starts_with('}') || line.trim().is_empty();
    }
    all.push(piece);
    all
}

/// Gives a text to every stage; `Err` is how it failed, in words that do not depend on the text.
pub(crate) fn verdict(text: &str, stages: &mut Stages) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| stages.run(text))) {
        Ok(result) => result,
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
            let said = said.unwrap_or_default();
            let start: String = said.chars().take(40).collect();
            Err(format!("a panic: {start}"))
        }
    }
}

/// Returns a smaller text that fails the same way.
pub(crate) fn smaller(text: &str, failure: &str) -> String {
    let mut stages = Stages::new();
    let mut text = text.to_owned();
    let mut tries = 0;
    let mut size = text.len() / 2;
    while size > 0 && tries < TRIES {
        let mut at = 0;
        let mut shrunk = false;
        while at < text.len() && tries < TRIES {
            let start = text.floor_char_boundary(at);
            let end = text.ceil_char_boundary((at + size).min(text.len()));
            let candidate = format!("{}{}", &text[..start], &text[end..]);
            tries += 1;
            if verdict(&candidate, &mut stages).is_err_and(|found| found == failure) {
                text = candidate;
                shrunk = true;
            } else {
                at += size;
            }
        }
        if !shrunk || size > text.len() {
            size /= 2;
        }
    }
    text
}
