//! The runs of an environment: who, when, what, how long.

use syncline_model::Str;

use crate::plan::{Counts, Goal};
use crate::record::{Holder, Millis};
use crate::state::State;

/// One run in a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its number.
    pub run: u64,
    /// Who.
    pub holder: Holder,
    /// Apply or destroy.
    pub goal: Goal,
    /// When it began.
    pub begun: Millis,
    /// The commit of the source; empty without one.
    pub commit: Str,
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
}

/// Returns every run, the first one first.
#[must_use]
pub fn runs(state: &State) -> Vec<Summary> {
    let summaries = state.runs.iter().map(|run| {
        let end = run.applied.as_ref();
        Summary {
            run: run.begin.run,
            holder: run.begin.holder.clone(),
            goal: run.begin.goal,
            begun: run.begun,
            commit: run.begin.commit.clone(),
            planned: run.begin.counts,
            done: end.map(|applied| applied.counts),
            success: end.map(|applied| applied.success),
            interrupted: end.is_some_and(|applied| applied.interrupted),
            failed: end.map_or(run.failed, |applied| applied.failed),
            skipped: end.map_or(0, |applied| applied.skipped),
            millis: end.map(|applied| applied.millis),
        }
    });
    summaries.collect()
}
