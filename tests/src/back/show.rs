//! Events, state and history as text.

use std::fmt::Write as _;

use syncline_planner::drift::{Difference, Drift, Drifted};
use syncline_planner::plan::{Goal, Operation};
use syncline_planner::record::Recorded;
use syncline_planner::{Event, Execution, State, history};

use crate::memory::World;

/// Writes an event as a line.
pub(super) fn event(event: &Event<'_>, into: &mut String) {
    let _infallible = match event {
        Event::Refreshing { .. } | Event::Planned { .. } => Ok(()),
        Event::Started { change, operation } => {
            writeln!(into, "{}: {} ...", change.address, verb(*operation))
        }
        Event::Finished { change, operation, .. } => {
            writeln!(into, "{}: {} done", change.address, verb(*operation))
        }
        Event::Failed { change, operation, diagnostic } => {
            let message = &diagnostic.message;
            writeln!(into, "{}: {} failed: {message}", change.address, verb(*operation))
        }
        Event::Skipped { change } => writeln!(into, "{}: not started", change.address),
    };
}

const fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Read => "read",
        Operation::Record => "record",
        Operation::Check => "check",
    }
}

/// Returns what a run has left open, a line each, and why it died if it did.
pub(super) fn left(found: &Execution) -> String {
    let unfinished = found.unfinished.iter().map(|own| format!("{own}: not finished\n"));
    let unseen = found.unseen.iter().map(|own| format!("{own}: health still open\n"));
    let died = found.log_error.iter().map(|error| format!("the run died: {error}\n"));
    unfinished.chain(unseen).chain(died).collect()
}

/// Returns what is recorded, and what the world has that is not recorded.
pub(super) fn state(state: &State, world: &World) -> String {
    let mut text = String::new();
    let mut known = Vec::new();
    for (address, entry) in &state.resources {
        if let Some(recorded) = &entry.recorded {
            let mark = if recorded.tainted { " (tainted)" } else { "" };
            let _infallible =
                writeln!(text, "{}.{} {address}{mark}", recorded.provider, recorded.kind);
            attributes(recorded, &mut text);
            known.push(recorded.attributes.attribute("id").clone());
        }
        for deposed in &entry.deposed {
            let _infallible =
                writeln!(text, "{}.{} {address} (deposed)", deposed.provider, deposed.kind);
            known.push(deposed.attributes.attribute("id").clone());
        }
        if entry.in_flight.is_some() {
            let _infallible = writeln!(text, "{address} (in flight)");
        }
    }
    for (name, value) in &state.outputs {
        let _infallible = writeln!(text, "output {name} = {value}");
    }
    for (id, _, _) in world.things() {
        if !known.iter().any(|own| own.as_str() == Some(&id)) {
            let _infallible = writeln!(text, "the world has {id}, which nobody recorded");
        }
    }
    if text.is_empty() { "nothing is recorded\n".to_owned() } else { text }
}

/// Returns what differs from the record, a line each.
pub(super) fn drift(drift: &Drift) -> String {
    let mut text = format!("{} compared\n", drift.compared);
    for Drifted { address, kind, provider, difference, .. } in &drift.drifted {
        let what = match difference {
            Difference::Changed { paths, .. } => {
                let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
                format!("changed: {}", paths.join(", "))
            }
            Difference::Deleted { .. } => "deleted".to_owned(),
            Difference::LeftBehind { .. } => "left behind".to_owned(),
            Difference::InFlight { operation } => format!("in flight: {operation}"),
            Difference::Unverifiable { problem } => format!("unverifiable: {}", problem.summary),
        };
        let _infallible = writeln!(text, "{provider}.{kind} {address} {what}");
    }
    text
}

fn attributes(recorded: &Recorded, text: &mut String) {
    let empty = syncline_model::Map::new();
    for (name, value) in recorded.attributes.as_map().unwrap_or(&empty).iter() {
        if !value.is_null() {
            let _infallible = writeln!(text, "  {name} = {value}");
        }
    }
    if !recorded.depends_on.is_empty() {
        let depends: Vec<String> = recorded.depends_on.iter().map(ToString::to_string).collect();
        let _infallible = writeln!(text, "  after {}", depends.join(", "));
    }
}

/// Returns every run as a line.
pub(super) fn history(state: &State) -> String {
    let mut text = String::new();
    for run in history::runs(state) {
        let goal = match run.goal {
            Goal::Apply => "apply",
            Goal::Destroy => "destroy",
        };
        let done = run.done.unwrap_or_default();
        let end = match run.success {
            Some(true) => "succeeded",
            Some(false) => "failed",
            None => "did not end",
        };
        let _infallible = writeln!(
            text,
            "{} {goal} by {}: {} added, {} changed, {} destroyed, {} failed, {} not started: {end}",
            run.run, run.holder.user, done.add, done.change, done.destroy, run.failed, run.skipped
        );
    }
    text
}

/// Puts stars in place of fingerprints, which change with every form of encoding.
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut digits = String::new();
    for character in text.chars().chain(std::iter::once('\0')) {
        if character.is_ascii_digit() || matches!(character, 'a'..='f') {
            digits.push(character);
            continue;
        }
        let word_before = masked.chars().last().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let word_behind = character.is_alphanumeric() || character == '_';
        let is_print = matches!(digits.len(), 8 | 64)
            && digits.contains(|c: char| c.is_ascii_digit())
            && !word_before
            && !word_behind;
        masked.push_str(if is_print { "********" } else { &digits });
        digits.clear();
        if character != '\0' {
            masked.push(character);
        }
    }
    masked
}
