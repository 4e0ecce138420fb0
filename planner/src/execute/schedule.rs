//! What runs when.
//!
//! Steps go from *ready* (all before them done) over *intended* (their intent durable) to *called*
//! (in one of the slots), and their outcomes wait for the log without a slot. Of intents and of
//! outcomes, one append each is under way at a time; what comes meanwhile goes with the next.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustc_hash::FxHashSet;
use syncline_model::{Diagnostic, ProviderId};

use super::calls::{self, Called};
use super::finish::record;
use super::{Execution, Executor, Failure};
use crate::clock::Stage;
use crate::event::Event;
use crate::plan::{Action, Change, Operation, PlanStep, StateMark};
use crate::record::{Body, Intent, LogError, Outcome, OutcomeResult};

/// How many intents are appended ahead of the slots, while calls are quick.
const AHEAD: usize = 64;

/// The mean duration of a call from which on intents are not appended ahead.
const QUICK: Duration = Duration::from_millis(20);

enum Done {
    /// Intents are durable.
    Intended { steps: Vec<u32>, bodies: Vec<Body>, mark: Result<StateMark, LogError> },
    /// A provider has answered.
    Called { step: u32, called: Box<Called>, took: Duration },
    /// Outcomes are durable.
    Recorded { steps: Vec<(u32, bool)>, bodies: Vec<Body>, mark: Result<StateMark, LogError> },
    /// More is asked for than before.
    Cancelled,
}

/// A plan that is being carried out.
pub(super) struct Running<'a> {
    executor: &'a Executor<'a>,
    run: u64,
    execution: Execution,
    waiting: Vec<u32>,
    dependents: Vec<Vec<u32>>,
    settled: Vec<bool>,
    ready: VecDeque<u32>,
    intended: VecDeque<u32>,
    outcomes: Vec<(u32, bool, Body)>,
    tasks: FuturesUnordered<BoxFuture<'a, Done>>,
    calling: usize,
    intending: bool,
    recording: bool,
    calls: u32,
    call_time: Duration,
    used: FxHashSet<ProviderId>,
    stage: Stage,
}

impl<'a> Running<'a> {
    pub(super) fn new(executor: &'a Executor<'a>, run: u64) -> Self {
        let steps = &executor.plan.steps;
        let mut dependents = vec![Vec::new(); steps.len()];
        for (at, step) in steps.iter().enumerate() {
            for before in &step.after {
                dependents[*before as usize].push(at as u32);
            }
        }
        let waiting: Vec<u32> = steps.iter().map(|step| step.after.len() as u32).collect();
        Self {
            executor,
            run,
            execution: Execution {
                state: executor.state.clone(),
                done: crate::plan::Counts::default(),
                failed: Vec::new(),
                skipped: Vec::new(),
                outputs: executor.state.outputs.clone(),
                reads: std::collections::BTreeMap::new(),
                diagnostics: Vec::new(),
                interrupted: false,
                log_error: None,
                millis: 0,
            },
            ready: (0..steps.len() as u32).filter(|at| waiting[*at as usize] == 0).collect(),
            waiting,
            dependents,
            settled: vec![false; steps.len()],
            intended: VecDeque::new(),
            outcomes: Vec::new(),
            tasks: FuturesUnordered::new(),
            calling: 0,
            intending: false,
            recording: false,
            calls: 0,
            call_time: Duration::ZERO,
            used: FxHashSet::default(),
            stage: Stage::Run,
        }
    }

    /// Appends bodies before anything else runs.
    pub(super) async fn append(&mut self, bodies: Vec<Body>) {
        let recorded = record(self.executor, &mut self.execution.state, bodies).await;
        self.execution.log_error = recorded.err();
    }

    /// Runs every step that can be run.
    pub(super) async fn run(&mut self) {
        self.watch();
        loop {
            self.start();
            if self.calling == 0 && !self.intending && !self.recording {
                return;
            }
            match self.tasks.next().await {
                Some(done) => self.take(done).await,
                None => return,
            }
            if self.stage == Stage::Abort {
                // What runs is left alone; its intents tell the next run to ask.
                self.flush().await;
                return;
            }
        }
    }

    /// Returns what came of it; every step that was not settled was skipped.
    pub(super) fn finish(mut self) -> Execution {
        let mut skipped = Vec::new();
        for (at, step) in self.executor.plan.steps.iter().enumerate() {
            let change = &self.executor.plan.changes[step.change as usize];
            if !self.settled[at] && change.action != Action::Record {
                skipped.push(change.address.clone());
                self.executor.observer.observe(Event::Skipped { change });
            }
        }
        skipped.sort();
        skipped.dedup();
        self.execution.skipped = skipped;
        self.execution
    }

    fn watch(&self) {
        let (cancel, stage) = (self.executor.cancel.clone(), self.stage);
        self.tasks.push(Box::pin(async move {
            cancel.beyond(stage).await;
            Done::Cancelled
        }));
    }

    /// Starts what can be started.
    fn start(&mut self) {
        if self.execution.log_error.is_none() {
            if self.stage == Stage::Run {
                self.intend();
                while self.calling < self.executor.parallelism.max(1) {
                    let Some(step) = self.intended.pop_front() else { break };
                    self.call(step);
                }
            } else {
                self.give_back();
            }
        }
        self.write();
    }

    /// Appends the intents of steps that are ready. Steps that call no provider need none.
    fn intend(&mut self) {
        let mean = self.call_time.checked_div(self.calls).unwrap_or(QUICK);
        let slots = self.executor.parallelism.max(1);
        let ahead = if mean < QUICK { AHEAD.max(slots) } else { slots };
        let mut steps = Vec::new();
        let mut bodies = Vec::new();
        let room = ahead.saturating_sub(self.intended.len() + self.calling);
        if self.intending || room == 0 {
            return;
        }
        while steps.len() < room {
            let Some(at) = self.ready.pop_front() else { break };
            match self.intent(at) {
                Some(intent) => {
                    steps.push(at);
                    bodies.push(Body::Intent(Box::new(intent)));
                }
                None => self.intended.push_back(at),
            }
        }
        if steps.is_empty() {
            return;
        }
        self.intending = true;
        let log = self.executor.log;
        self.tasks.push(Box::pin(async move {
            let mark = log.append(bodies.clone(), None).await;
            Done::Intended { steps, bodies, mark }
        }));
    }

    fn intent(&self, at: u32) -> Option<Intent> {
        let (step, change) = self.step(at);
        if matches!(step.operation, Operation::Read | Operation::Record) {
            return None;
        }
        let planned = match step.operation {
            Operation::Delete => change.before.clone(),
            Operation::Create | Operation::Update | Operation::Read | Operation::Record => {
                change.after.clone()
            }
        };
        Some(Intent {
            operation: calls::number(self.run, at),
            address: change.address.clone(),
            does: step.operation,
            action: change.action,
            kind: change.kind.clone(),
            provider: change.provider.clone(),
            fingerprint: change.fingerprint,
            planned,
            private: change.private.clone(),
            schema_version: change.schema_version,
            depends_on: change.depends_on.clone(),
        })
    }

    fn step(&self, at: u32) -> (&'a PlanStep, &'a Change) {
        let step = &self.executor.plan.steps[at as usize];
        (step, &self.executor.plan.changes[step.change as usize])
    }

    fn call(&mut self, at: u32) {
        let (step, change) = self.step(at);
        // Bringing a record up to date is nothing that a user would call a step.
        if step.operation != Operation::Record {
            self.executor.observer.observe(Event::Started { change, operation: step.operation });
        }
        let call =
            calls::prepare(self.executor, &self.execution.state, &self.execution.reads, step);
        self.used.insert(change.provider.clone());
        self.calling += 1;
        let executor = self.executor;
        self.tasks.push(Box::pin(async move {
            let begun = executor.clock.monotonic();
            let called = calls::call(executor, call).await;
            let took = executor.clock.monotonic().saturating_sub(begun);
            Done::Called { step: at, called: Box::new(called), took }
        }));
    }

    /// Records of steps that will not start, though their intents are durable, that they did not.
    fn give_back(&mut self) {
        while let Some(at) = self.intended.pop_front() {
            let (step, change) = self.step(at);
            if matches!(step.operation, Operation::Read | Operation::Record) {
                continue;
            }
            let message = "not started: the run was told to stop".into();
            let body = Body::Outcome(Box::new(Outcome {
                operation: calls::number(self.run, at),
                address: change.address.clone(),
                result: OutcomeResult::Failed { message },
                millis: 0,
            }));
            self.outcomes.push((at, false, body));
        }
    }

    /// Appends the outcomes that wait.
    fn write(&mut self) {
        if self.recording || self.outcomes.is_empty() || self.execution.log_error.is_some() {
            return;
        }
        self.recording = true;
        let (steps, bodies) = self.take_outcomes();
        let log = self.executor.log;
        self.tasks.push(Box::pin(async move {
            let mark = log.append(bodies.clone(), None).await;
            Done::Recorded { steps, bodies, mark }
        }));
    }

    fn take_outcomes(&mut self) -> (Vec<(u32, bool)>, Vec<Body>) {
        let outcomes = std::mem::take(&mut self.outcomes);
        outcomes.into_iter().map(|(at, ok, body)| ((at, ok), body)).unzip()
    }

    async fn take(&mut self, done: Done) {
        match done {
            Done::Intended { steps, bodies, mark } => {
                self.intending = false;
                if self.replay(bodies, mark) {
                    self.intended.extend(steps);
                }
            }
            Done::Called { step, called, took } => {
                self.calling -= 1;
                self.calls += 1;
                self.call_time += took;
                self.answered(step, *called, took);
            }
            Done::Recorded { steps, bodies, mark } => {
                self.recording = false;
                if self.replay(bodies, mark) {
                    for (at, success) in steps {
                        self.release(at, success);
                    }
                }
            }
            Done::Cancelled => {
                self.stage = self.executor.cancel.stage();
                if self.stage == Stage::Abort {
                    self.stop().await;
                } else {
                    self.watch();
                }
            }
        }
    }

    /// Takes appended bodies into the state.
    fn replay(&mut self, bodies: Vec<Body>, mark: Result<StateMark, LogError>) -> bool {
        let mark = match mark {
            Ok(mark) => mark,
            Err(error) => {
                self.execution.log_error.get_or_insert(error);
                return false;
            }
        };
        let state = &mut self.execution.state;
        let first = (mark.sequence + 1).saturating_sub(bodies.len() as u64);
        for (at, body) in bodies.into_iter().enumerate() {
            state.apply_body(body, first + at as u64, 0);
        }
        state.sequence = state.sequence.max(mark.sequence);
        if mark.sequence > state.mark.sequence {
            state.mark = mark;
        }
        true
    }

    fn answered(&mut self, at: u32, called: Called, took: Duration) {
        let (step, change) = self.step(at);
        let operation = step.operation;
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.execution.diagnostics.extend(called.warnings);
        let success = called.failure.is_none();
        match called.failure {
            None if operation == Operation::Record => {}
            None => self.executor.observer.observe(Event::Finished { change, operation, millis }),
            Some(diagnostic) => {
                self.settled[at as usize] = true;
                self.failed(change, operation, diagnostic);
            }
        }
        if let Some(values) = called.read {
            self.execution.reads.insert(change.address.clone(), values);
        }
        match called.result {
            Some(result) => {
                if success {
                    self.count(operation);
                }
                let body = Body::Outcome(Box::new(Outcome {
                    operation: calls::number(self.run, at),
                    address: change.address.clone(),
                    result,
                    millis,
                }));
                self.outcomes.push((at, success, body));
            }
            None => self.release(at, success),
        }
    }

    fn failed(&mut self, change: &Change, operation: Operation, diagnostic: Diagnostic) {
        let event = Event::Failed { change, operation, diagnostic: &diagnostic };
        self.executor.observer.observe(event);
        let address = change.address.clone();
        self.execution.failed.push(Failure { address, operation, diagnostic });
    }

    fn count(&mut self, operation: Operation) {
        let done = &mut self.execution.done;
        match operation {
            Operation::Create => done.add += 1,
            Operation::Update => done.change += 1,
            Operation::Delete => done.destroy += 1,
            Operation::Read | Operation::Record => {}
        }
    }

    /// Lets start what waited for a step, when it has succeeded.
    fn release(&mut self, at: u32, success: bool) {
        self.settled[at as usize] |= success;
        if !success {
            return;
        }
        for dependent in std::mem::take(&mut self.dependents[at as usize]) {
            let left = &mut self.waiting[dependent as usize];
            *left -= 1;
            if *left == 0 {
                self.ready.push_back(dependent);
            }
        }
    }

    /// Asks every provider in use to come to an end.
    async fn stop(&self) {
        let mut used: Vec<&ProviderId> = self.used.iter().collect();
        used.sort();
        for id in used {
            let config = calls::provider_config(
                self.executor,
                &self.execution.state,
                &self.execution.reads,
                id,
            );
            if let Ok(provider) = self.executor.providers.get(id, config.ok()).await {
                provider.stop().await;
            }
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
            self.settled[at as usize] = success;
        }
    }
}
