//! A plan to events: carrying it out.
//!
//! Takes a plan, the state that it was made from, and a log whose lease is held; calls providers,
//! appends what happens, and returns what came of it. It reads no source and decides nothing anew:
//! where a configuration held unknowns, the provider plans that resource again once they are
//! known, and the answer must fit what was approved.
//!
//! Laws: an intent is durable before its provider is called; an outcome is durable before anything
//! that comes after it starts; what comes after a resource whose health is looked at starts once that is seen, and
//! that it was seen is recorded; an outcome and the intents of what comes after it become durable at
//! once; a resource is changed only while it is as it was planned; a failure stops what comes after it and nothing else; a step costs the
//! same however many there are.

mod calls;
mod ephemeral;
mod finish;
mod healthy;
mod made;
mod schedule;
mod still;

use std::collections::BTreeMap;

use syncline_model::{Address, Desired, Diagnostic, Resolve, Str, Value};

use crate::clock::{CancelToken, Clock, Stage};
use crate::configuration::Configuration;
use crate::event::Observer;
use crate::fingerprint::plan_fingerprint;
use crate::health::Prober;
use crate::leases::Leases;
use crate::plan::{Counts, Operation, Plan, PlannedHandover};
use crate::providers::Providers;
use crate::record::{Applied, Begin, Body, Holder, Log, LogError};
use crate::state::State;

/// Who carries a plan out.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Who.
    pub holder: Holder,
    /// The commit of the source; empty without one.
    pub commit: Str,
    /// The version of Syncline.
    pub syncline: Str,
}

/// Everything that carrying out a plan needs.
pub struct Executor<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What the plan was made from: it is kept in the log, so that one can go back to it.
    pub desired: Option<&'a Desired>,
    /// What is recorded, current.
    pub state: State,
    /// The environment's log, whose lease is held.
    pub log: &'a dyn Log,
    /// Where the providers come from.
    pub providers: &'a dyn Providers,
    /// The language's operations.
    pub resolve: &'a dyn Resolve,
    /// Who asks after the health of what was made.
    pub prober: &'a dyn Prober,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Who is told of progress.
    pub observer: &'a dyn Observer,
    /// Who carries it out.
    pub run: RunInfo,
    /// How many providers' answers are waited for at once.
    pub parallelism: usize,
    /// The wish to stop.
    pub cancel: CancelToken,
    /// The key under which secrets are fingerprinted.
    pub secret_key: [u8; 32],
}

impl std::fmt::Debug for Executor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("run", &self.run).finish_non_exhaustive()
    }
}

/// What failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which resource.
    pub address: Address,
    /// What should have been done.
    pub operation: Operation,
    /// Why it was not.
    pub diagnostic: Diagnostic,
}

/// What came of a plan.
#[derive(Clone, Debug)]
pub struct Execution {
    /// What is recorded afterwards.
    pub state: State,
    /// What was done.
    pub done: Counts,
    /// What failed, in the order of events.
    pub failed: Vec<Failure>,
    /// What was not started, by address.
    pub skipped: Vec<Address>,
    /// What a provider was called for and given up, by address: the next run asks what became of it.
    pub unfinished: Vec<Address>,
    /// Whose health was looked at when the run was told to stop, by address: the next run asks again.
    pub unseen: Vec<Address>,
    /// The outputs afterwards.
    pub outputs: BTreeMap<Str, Value>,
    /// What data sources said meanwhile.
    pub reads: BTreeMap<Address, Value>,
    /// Conditions that do not hold, outputs that could not be computed, and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// It was told to stop.
    pub interrupted: bool,
    /// The log could not be written; what was done since may not be recorded.
    pub log_error: Option<LogError>,
    /// How long it took.
    pub millis: u64,
}

impl Execution {
    /// Returns the execution of a plan that has not begun.
    fn of(state: State) -> Self {
        Self {
            outputs: state.outputs.clone(),
            state,
            done: Counts::default(),
            failed: Vec::new(),
            skipped: Vec::new(),
            unfinished: Vec::new(),
            unseen: Vec::new(),
            reads: BTreeMap::new(),
            diagnostics: Vec::new(),
            interrupted: false,
            log_error: None,
            millis: 0,
        }
    }

    /// Tells whether everything was done and every condition holds.
    #[must_use]
    pub fn success(&self) -> bool {
        self.failed.is_empty()
            && self.skipped.is_empty()
            && self.unfinished.is_empty()
            && self.unseen.is_empty()
            && self.log_error.is_none()
            && !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Carries out a plan.
pub async fn execute(mut executor: Executor<'_>) -> Execution {
    // It moves on with the run: a second one would be as large.
    let state = std::mem::take(&mut executor.state);
    let begun = executor.clock.monotonic();
    let run = state.next_run();
    let configuration = executor
        .desired
        .map(|desired| Configuration::of(desired, executor.plan.config, &executor.secret_key));
    let print = configuration.as_ref().map(|configuration| configuration.print);
    let begin = Body::Begin(Box::new(Begin {
        run,
        holder: executor.run.holder.clone(),
        goal: executor.plan.goal,
        config: executor.plan.config,
        configuration: print,
        back_to: executor.plan.back_to,
        plan: plan_fingerprint(executor.plan, &executor.secret_key),
        commit: executor.run.commit.clone(),
        counts: executor.plan.counts(),
        syncline: executor.run.syncline.clone(),
    }));
    let is_kept = state.configuration.is_some_and(|(kept, _)| Some(kept) == print);
    let leases = Leases::default();
    let mut running = schedule::Running::new(&executor, &leases, (state, run));
    let handed = executor.plan.handovers.iter().filter_map(handed);
    let configured = configuration.filter(|_| !is_kept);
    let configured = configured.map(|configuration| Body::Configured(Box::new(configuration)));
    running.append(configured.into_iter().chain([begin]).chain(handed).collect()).await;
    let ((), told) = leases.keep(executor.clock, running.run()).await;
    running.told(told);
    running.told(leases.close().await);
    let mut execution = running.finish();
    if execution.log_error.is_none() && executor.cancel.stage() != Stage::Abort {
        finish::outputs(&executor, &mut execution).await;
        finish::checks(&executor, &mut execution);
    }
    execution.interrupted = executor.cancel.stage() != Stage::Run;
    let elapsed = executor.clock.monotonic().saturating_sub(begun);
    execution.millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let applied = Body::Applied(Applied {
        run,
        success: execution.success(),
        interrupted: execution.interrupted,
        counts: execution.done,
        failed: execution.failed.len() as u64,
        skipped: execution.skipped.len() as u64,
        millis: execution.millis,
    });
    finish::append(&executor, &mut execution, vec![applied]).await;
    execution
}

/// Returns the record that says what is called otherwise or let go; the others go with a change.
fn handed(handover: &PlannedHandover) -> Option<Body> {
    match handover {
        PlannedHandover::Moved { from, to } => {
            Some(Body::Moved { from: from.clone(), to: to.clone() })
        }
        PlannedHandover::Forgotten { address } => {
            Some(Body::Forgotten { address: address.clone() })
        }
        PlannedHandover::Adopted { .. }
        | PlannedHandover::Retyped { .. }
        | PlannedHandover::Called { .. } => None,
    }
}
