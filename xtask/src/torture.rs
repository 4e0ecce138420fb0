//! `cargo xtask torture`: the proofs of `docs/reliability.md` in full.
//!
//! Takes how many percent of the full size are run, and a filter; runs the very tests that
//! `cargo xtask test` runs in a size that fits, and prints the figures that they tell: lines that
//! start with `figure:`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::services::Services;
use crate::{Failure, cargo, complain, providers, say};

/// The tests: the target, the name that they have in common, and whether they are built with
/// optimisation: what is simulated takes all the time that it gets.
const PROOFS: [(&str, &str, bool); 5] = [
    ("torture", "", true),
    ("e2e", "torture::", false),
    ("e2e", "crash::", false),
    ("e2e", "peer::", false),
    ("backends", "", true),
];

/// Returns the tests that a filter is for: the target, the filter that it gets, and whether it is optimised. One that
/// names proofs of one kind builds nothing for the others.
fn chosen(filter: &str) -> Vec<(&'static str, &str, bool)> {
    let is_named = |name: &str| !name.is_empty() && filter.contains(name);
    let is_any_named = PROOFS.iter().any(|(_, name, _)| is_named(name));
    let fits = |name: &str| filter.is_empty() || is_named(name) || name.is_empty() && !is_any_named;
    let proofs = PROOFS.into_iter().filter(|(_, name, _)| fits(name));
    let proofs = proofs.map(|(target, name, is_optimised)| {
        (target, if filter.is_empty() { name } else { filter }, is_optimised)
    });
    proofs.collect()
}

/// Runs the proofs.
///
/// # Errors
/// When a promise does not hold, or a filter leaves nothing.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let (percent, filter) = asked(arguments)?;
    let binary = cargo::build_syncline(false)?;
    cargo::succeed(&mut cargo::cargo(&["build", "--package", "syncline-plugins"]))?;
    let providers = providers::build();
    let services = Services::start();
    services.skipped.iter().for_each(|skipped| complain(&format!("skipped: {skipped}")));
    let mut figures = Vec::new();
    let mut failed = Vec::new();
    for (target, wanted, is_optimised) in chosen(filter) {
        say(&format!("{target} {wanted}"));
        let mut command = cargo::cargo(&["test", "--package", "syncline-tests", "--test", target]);
        command.args(is_optimised.then_some("--release"));
        command.args(["--", "--nocapture", wanted]);
        command.env("SYNCLINE_TORTURE", percent.to_string()).env("SYNCLINE_BIN", &binary);
        command.env("SYNCLINE_TEST_PROVIDERS", &providers);
        command.envs(services.variables.iter().map(|(name, value)| (name, value)));
        command.stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("cargo did not start: {error}"))?;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The runner's dot for the test before stands on the same line.
                match line.split_once("figure: ") {
                    // Told at once as well: what follows may take hours.
                    Some((_, figure)) => {
                        complain(&line);
                        figures.push(figure.to_owned());
                    }
                    None => complain(&line),
                }
            }
        }
        let status = child.wait().map_err(|error| format!("cargo was lost: {error}"))?;
        if !status.success() {
            failed.push(target);
        }
    }
    say(&format!("\n{percent} percent:"));
    figures.iter().for_each(|figure| say(&format!("  {figure}")));
    match failed.as_slice() {
        [] if figures.is_empty() => Err("nothing ran".to_owned()),
        [] => Ok(()),
        failed => Err(format!("a promise does not hold: {}", failed.join(", "))),
    }
}

/// Returns the percentage and the filter that are asked for.
fn asked<'a>(arguments: &[&'a str]) -> Result<(u64, &'a str), Failure> {
    Ok(match arguments {
        [] => (100, ""),
        [first] => first.parse().map_or((100, *first), |percent| (percent, "")),
        [first, filter] => {
            let percent: u64 = first.parse().map_err(|_| format!("`{first}` is no percentage"))?;
            (percent, *filter)
        }
        _ => return Err("torture takes a percentage and a filter".to_owned()),
    })
}
