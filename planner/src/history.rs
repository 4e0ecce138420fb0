//! The runs of an environment: who, when, what, how long.
//!
//! Takes what is recorded, or a log's records; returns one run or all of them in a few words. It
//! decides nothing.

use std::collections::BTreeMap;

use syncline_model::{Address, Digest, Handover, HandoverKind, ProviderId, Span, Str};

use crate::plan::{Action, Counts, Goal, Operation};
use crate::record::{Body, Holder, Millis, OutcomeResult, Record};
use crate::state::{Run, State};

/// One run in a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its number.
    pub run: u64,
    /// Who.
    pub holder: Holder,
    /// Apply or destroy.
    pub goal: Goal,
    /// The run that it goes back to; none for one that follows the source.
    pub back_to: Option<u64>,
    /// When it began.
    pub begun: Millis,
    /// The commit of the source; empty without one.
    pub commit: Str,
    /// The fingerprint of the configuration.
    pub config: Digest,
    /// What was planned.
    pub planned: Counts,
    /// What was done; none when the run did not come to its end.
    pub done: Option<Counts>,
    /// Whether all of it succeeded; none when the run did not come to its end.
    pub success: Option<bool>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How many steps failed.
    pub failed: u64,
    /// How many steps were not started.
    pub skipped: u64,
    /// How long it took; none when the run did not come to its end.
    pub millis: Option<u64>,
    /// The record that holds its configuration; none when that was not kept.
    pub configured: Option<u64>,
}

impl Summary {
    fn of(run: &Run) -> Self {
        let end = run.applied.as_ref();
        Self {
            run: run.begin.run,
            holder: run.begin.holder.clone(),
            goal: run.begin.goal,
            back_to: run.begin.back_to,
            begun: run.begun,
            commit: run.begin.commit.clone(),
            config: run.begin.config,
            planned: run.begin.counts,
            done: end.map(|applied| applied.counts),
            success: end.map(|applied| applied.success),
            interrupted: end.is_some_and(|applied| applied.interrupted),
            failed: end.map_or(run.failed, |applied| applied.failed),
            skipped: end.map_or(0, |applied| applied.skipped),
            millis: end.map(|applied| applied.millis),
            configured: run.configured,
        }
    }
}

/// Returns every run, the first one first.
#[must_use]
pub fn runs(state: &State) -> Vec<Summary> {
    state.runs.iter().map(Summary::of).collect()
}

/// Returns a run.
#[must_use]
pub fn run(state: &State, number: u64) -> Option<Summary> {
    state.runs.iter().find(|run| run.begin.run == number).map(Summary::of)
}

/// Returns what gives resources back the addresses that they had after a run: each at once the one that it had then,
/// and nothing for what has it again. Takes all records of the log, and what to name as its place.
#[must_use]
pub fn moves_back(records: &[Record], run: u64, span: Span) -> Vec<Handover> {
    let moves = moves_since(records, run);
    // What is called so now, and what it was called then.
    let mut then: BTreeMap<&Address, &Address> = BTreeMap::new();
    for (from, to) in &moves {
        let first = then.remove(from).unwrap_or(from);
        then.insert(to, first);
    }
    then.retain(|now, then| now != then);
    let mut back = Vec::new();
    // An address is free once what has it now was given its own.
    while let Some((&now, &own)) = then.iter().find(|(_, own)| !then.contains_key(*own)) {
        then.remove(now);
        back.push((now, own));
    }
    if !then.is_empty() {
        // They go in a circle, which can only be gone back as it was made: by an address that is none of theirs.
        back = moves.iter().rev().map(|(from, to)| (*to, *from)).collect();
    }
    let handover = |(now, own): (&Address, &Address)| {
        let kind = HandoverKind::Moved { to: own.clone() };
        Handover { kind, address: now.clone(), span }
    };
    back.into_iter().map(handover).collect()
}

/// Returns which addresses have changed since a run, in the order in which they did.
fn moves_since(records: &[Record], run: u64) -> Vec<(&Address, &Address)> {
    let mut is_later = false;
    let mut moves = Vec::new();
    for record in records {
        match &record.body {
            Body::Begin(begin) => is_later = begin.run > run,
            Body::Applied(applied) if applied.run == run => is_later = true,
            Body::Moved { from, to } if is_later => moves.push((from, to)),
            Body::Lease(_)
            | Body::Provider(_)
            | Body::Configured(_)
            | Body::Intent(_)
            | Body::Outcome(_)
            | Body::Moved { .. }
            | Body::Forgotten { .. }
            | Body::Outputs { .. }
            | Body::Applied(_)
            | Body::Keys(_)
            | Body::Released { .. } => {}
        }
    }
    moves
}

/// What a run did to one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which.
    pub address: Address,
    /// Its type without the provider's name.
    pub kind: Str,
    /// Who did it.
    pub provider: ProviderId,
    /// What was done.
    pub operation: Operation,
    /// What the change as a whole was.
    pub action: Action,
    /// What came of it; none when that is not recorded.
    pub end: Option<End>,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Why it failed; none when it succeeded.
    pub failure: Option<Str>,
}

/// Returns what a run did, in the order in which it began it. Takes all records of the log, or
/// those from the run on.
#[must_use]
pub fn steps(records: &[Record], run: u64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut index: BTreeMap<&Str, usize> = BTreeMap::new();
    let mut is_inside = false;
    for record in records {
        match &record.body {
            Body::Begin(begin) => is_inside = begin.run == run,
            Body::Intent(intent) if is_inside => {
                let step = Step {
                    address: intent.address.clone(),
                    kind: intent.kind.clone(),
                    provider: intent.provider.clone(),
                    operation: intent.does,
                    action: intent.action,
                    end: None,
                };
                index.insert(&intent.operation, steps.len());
                steps.push(step);
            }
            Body::Outcome(outcome) if is_inside => {
                if let Some(at) = index.get(&outcome.operation) {
                    let failure = failure(&outcome.result);
                    steps[*at].end = Some(End { millis: outcome.millis, failure });
                }
            }
            Body::Lease(_)
            | Body::Provider(_)
            | Body::Configured(_)
            | Body::Intent(_)
            | Body::Outcome(_)
            | Body::Moved { .. }
            | Body::Forgotten { .. }
            | Body::Outputs { .. }
            | Body::Applied(_)
            | Body::Keys(_)
            | Body::Released { .. } => {}
        }
    }
    steps
}

fn failure(result: &OutcomeResult) -> Option<Str> {
    match result {
        OutcomeResult::Failed { message } | OutcomeResult::Partial { message, .. } => {
            Some(message.clone())
        }
        OutcomeResult::Present(_)
        | OutcomeResult::Absent
        | OutcomeResult::Replaced { .. }
        | OutcomeResult::DeposedAbsent => None,
    }
}
