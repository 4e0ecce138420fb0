//! How a run ends before its time.
//!
//! Takes the wish to stop, which may come at any moment and in any haste; starts nothing, and takes nothing back that
//! was done.
//!
//! Laws: the wish is looked at before anything starts, and not only once it is its turn among what has happened:
//! the very answer that frees a slot may be owed to it, as where a terminal sends one signal to all that run in it. A step that was not called is recorded as that, also where
//! its intent is durable, so that what is in flight is what a provider was called for.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use syncline_model::{Address, Mode};

use super::super::finish::record;
use super::super::{Execution, calls};
use super::intents::changes_something;
use super::{Done, Running};
use crate::clock::Stage;
use crate::event::Event;
use crate::plan::{Action, Change};
use crate::record::{Body, Outcome, OutcomeResult};

/// What is there to say of an address that not everything was done for.
#[derive(Clone, Copy)]
enum End<'a> {
    /// A provider was called, and has not answered.
    Unfinished,
    /// Its health was looked at, and not seen.
    Unseen,
    /// Nobody was called.
    Skipped(&'a Change),
}

impl End<'_> {
    /// Of several steps at one address, that is told which says the most.
    const fn rank(self) -> u8 {
        match self {
            Self::Unfinished => 2,
            Self::Unseen => 1,
            Self::Skipped(_) => 0,
        }
    }
}

impl Running<'_> {
    /// Wakes the run when more is asked for than now.
    pub(super) fn watch(&self) {
        let cancel = self.executor.cancel.clone();
        let stage = cancel.stage().max(self.stage);
        if stage == Stage::Abort {
            return;
        }
        self.tasks.push(Box::pin(async move {
            cancel.beyond(stage).await;
            Done::Cancelled
        }));
    }

    /// Takes the wish to stop, if there is one.
    pub(super) async fn heed(&mut self) {
        if self.stage == Stage::Run && !self.is_idle() {
            // Whoever listens for it may have been woken together with this.
            tokio::task::yield_now().await;
        }
        let cancel = &self.executor.cancel;
        if cancel.is_over(self.executor.clock) {
            // Somebody else may have the environment by now.
            cancel.abort();
        }
        let stage = cancel.stage();
        if stage > self.stage {
            self.stage = stage;
            if stage == Stage::Abort {
                self.stop().await;
            }
        }
    }

    /// Returns what came of it. A step that was not settled was skipped, unless somebody was called for it.
    pub(in super::super) fn finish(mut self) -> Execution {
        let mut ends: BTreeMap<&Address, End<'_>> = BTreeMap::new();
        for (at, step) in self.executor.plan.steps.iter().enumerate() {
            let change = &self.executor.plan.changes[step.change as usize];
            if self.settled[at] || change.action == Action::Record {
                continue;
            }
            let end = if self.is_in_flight(at as u32, change) {
                End::Unfinished
            } else if self.looked.contains(&(at as u32)) {
                End::Unseen
            } else {
                End::Skipped(change)
            };
            let own = ends.entry(&change.address).or_insert(end);
            if end.rank() > own.rank() {
                *own = end;
            }
        }
        // What failed says more than that the rest of it was not started.
        for failure in &self.execution.failed {
            if let Some(End::Skipped(_)) = ends.get(&failure.address) {
                ends.remove(&failure.address);
            }
        }
        for (address, end) in ends {
            let list = match end {
                End::Unfinished => &mut self.execution.unfinished,
                End::Unseen => &mut self.execution.unseen,
                End::Skipped(change) => {
                    self.executor.observer.observe(Event::Skipped { change });
                    &mut self.execution.skipped
                }
            };
            list.push(address.clone());
        }
        // What was open for a while is nobody's business any more.
        let ephemeral = |change: &&Change| change.mode == Mode::Ephemeral;
        for change in self.executor.plan.changes.iter().filter(ephemeral) {
            self.known.reads.remove(&change.address);
        }
        self.execution.reads = self.known.reads;
        self.execution
    }

    /// Tells whether there is nothing to start.
    fn is_idle(&self) -> bool {
        self.ready.is_empty() && self.planned.is_empty() && self.intended.is_empty()
    }

    /// Asks every provider in use to come to an end.
    async fn stop(&mut self) {
        let (executor, state, known) = (self.executor, &self.execution.state, &self.known);
        // All at once: one that does not hear keeps none of the others from it.
        let stops = self.used.iter().map(|id| async move {
            let config = calls::provider_config(executor, state, known, id);
            if let Ok(provider) = executor.providers.get(id, config.ok()).await {
                provider.stop().await;
            }
        });
        futures_util::future::join_all(stops).await;
    }

    /// Records what is known of what was begun, and waits for no provider: what one was called for is left alone, and
    /// its intent tells the next run to ask.
    pub(super) async fn leave(&mut self) {
        // What is being appended may be intents of steps that are never called.
        while self.writing
            && let Some(done) = self.tasks.next().await
        {
            self.take(done);
        }
        self.give_back();
        self.flush().await;
    }

    /// Records of steps that will not start, though their intents are durable, that they did not.
    pub(super) fn give_back(&mut self) {
        while let Some(at) = self.intended.pop_front() {
            let (step, change) = self.step(at);
            if !changes_something(step.operation) {
                continue;
            }
            let message = "not started: the run was told to stop".into();
            let body = Body::Outcome(Box::new(Outcome {
                operation: calls::number(self.run, at),
                address: change.address.clone(),
                result: OutcomeResult::Failed { message },
                millis: 0,
                outdates: Vec::new(),
            }));
            self.outcomes.push((at, false, body));
        }
    }

    /// Records the outcomes at hand before leaving.
    async fn flush(&mut self) {
        if self.execution.log_error.is_some() || self.outcomes.is_empty() {
            return;
        }
        let (steps, bodies) = self.take_outcomes();
        let recorded = record(self.executor, &mut self.execution.state, bodies).await;
        self.execution.log_error = recorded.err();
        for (at, success) in steps {
            self.settled[at as usize] |= success;
        }
    }
}
