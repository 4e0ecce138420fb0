//! One input, from its seed to a verdict, and the smallest that fails the same way.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::random::Random;
use super::stages::{self, Taken};
use super::{generate, mutate};

/// How many texts are tried to make one smaller.
const TRIES: usize = 3_000;

/// Returns the input of a seed.
pub(crate) fn input(seed: u64, seeds: &[String]) -> String {
    let mut random = Random::new(seed);
    match random.below(10) {
        0..=3 => generate::program(&mut random),
        4 | 5 => {
            let program = generate::program(&mut random);
            mutate::mutated(&mut random, &program, seeds)
        }
        _ if seeds.is_empty() => generate::program(&mut random),
        _ => {
            let at = random.below(seeds.len());
            mutate::mutated(&mut random, &seeds[at], seeds)
        }
    }
}

/// Gives a text to every stage; `Err` is how it failed, in words that do not depend on the text.
pub(crate) fn verdict(text: &str, taken: &mut Taken) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| stages::run(text, taken))) {
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
            if verdict(&candidate, &mut Taken::default()).is_err_and(|found| found == failure) {
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
