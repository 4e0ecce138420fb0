//! What runs when.
//!
//! Steps go from *ready* (all before them have succeeded) over *planned* (what they ask for is
//! known) and *intended* (their intent is durable) to *called* (in one of the slots), and their
//! outcomes wait for the log without a slot.
//!
//! One append is under way at a time. It takes the outcomes that wait and, behind them, the intents
//! of what is planned; what comes meanwhile goes with the next. A step becomes ready as soon as the
//! provider has answered for all before it, so that its intent goes with their outcomes: a chain of
//! resources costs one sync a link. It is called only when both are durable.

mod intents;
mod stopping;

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use rustc_hash::{FxHashMap, FxHashSet};
use syncline_model::{Address, Diagnostic, ProviderId, Value};

use super::calls::{self, Call, Called, Known};
use super::finish::record;
use super::still::Neighbours;
use super::{Execution, Executor, Failure};
use crate::clock::Stage;
use crate::diagnostics::{self, Blame};
use crate::event::Event;
use crate::leases::{Leases, Told};
use crate::plan::{Change, Operation, PlanStep, Reason, StateMark};
use crate::record::{Body, LogError, Outcome, OutcomeResult};
use crate::state::State;
use crate::trigger;

/// How many intents are appended ahead of the slots, while calls are quick.
const AHEAD: usize = 64;

/// The mean duration of a call from which on intents are not appended ahead.
const QUICK: Duration = Duration::from_millis(20);

/// How long outcomes wait for the intents of what comes after them.
const HOLD: Duration = Duration::from_millis(5);

enum Done {
    /// A provider has planned a step again.
    Planned { step: u32, called: Box<Called> },
    /// Outcomes, and intents behind them, are durable.
    Written(Box<Written>),
    /// A provider has answered.
    Called { step: u32, called: Box<Called>, took: Duration },
    /// Outcomes have waited long enough.
    Held,
    /// More is asked for than before.
    Cancelled,
}

/// An append with what it is about.
struct Written {
    outcomes: Vec<(u32, bool)>,
    intended: Vec<u32>,
    bodies: Vec<Body>,
    mark: Result<StateMark, LogError>,
}

/// What is asked for by a step that was planned again: the attributes and the provider's own bytes.
type Asked = (Value, Vec<u8>);

/// A plan that is being carried out.
pub(super) struct Running<'a> {
    executor: &'a Executor<'a>,
    run: u64,
    execution: Execution,
    known: Known,
    waiting: Vec<u32>,
    dependents: Vec<Vec<u32>>,
    settled: Vec<bool>,
    /// Ready steps that have to be planned again; the others are planned already.
    ready: VecDeque<u32>,
    planned: VecDeque<u32>,
    asked: FxHashMap<u32, Asked>,
    intended: VecDeque<u32>,
    outcomes: Vec<(u32, bool, Body)>,
    /// The ephemeral resources that are open.
    leases: &'a Leases,
    tasks: FuturesUnordered<BoxFuture<'a, Done>>,
    calling: usize,
    /// Whose health is looked at: that takes no slot.
    checking: usize,
    /// The steps that have looked at somebody's health.
    looked: FxHashSet<u32>,
    planning: usize,
    writing: bool,
    hold: Hold,
    calls: u32,
    call_time: Duration,
    /// The providers that were called.
    used: FxHashSet<ProviderId>,
    /// What is replaced since other resources change, by those.
    triggered: FxHashMap<&'a Address, Vec<&'a Change>>,
    /// The providers whose configuration was looked at.
    noted: FxHashSet<ProviderId>,
    neighbours: Neighbours,
    stage: Stage,
}

/// Whether outcomes wait for the intents of what comes after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// They need not have waited yet.
    Not,
    /// They wait.
    Holding,
    /// They have waited long enough.
    Over,
}

impl<'a> Running<'a> {
    pub(super) fn new(
        executor: &'a Executor<'a>,
        leases: &'a Leases,
        (state, run): (State, u64),
    ) -> Self {
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
            neighbours: Neighbours::of(executor.plan, &state),
            execution: Execution::of(state),
            known: Known::default(),
            ready: VecDeque::new(),
            waiting,
            dependents,
            settled: vec![false; steps.len()],
            planned: VecDeque::new(),
            asked: FxHashMap::default(),
            intended: VecDeque::new(),
            outcomes: Vec::new(),
            leases,
            tasks: FuturesUnordered::new(),
            calling: 0,
            checking: 0,
            looked: FxHashSet::default(),
            planning: 0,
            writing: false,
            hold: Hold::Not,
            calls: 0,
            call_time: Duration::ZERO,
            used: FxHashSet::default(),
            triggered: triggered(&executor.plan.changes),
            noted: FxHashSet::default(),
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
        for at in 0..self.waiting.len() {
            if self.waiting[at] == 0 {
                self.admit(at as u32);
            }
        }
        loop {
            self.heed().await;
            if self.stage == Stage::Abort {
                return self.leave().await;
            }
            self.start();
            if self.calling + self.checking + self.planning == 0 && !self.writing {
                return;
            }
            match self.tasks.next().await {
                Some(done) => self.take(done),
                None => return,
            }
            // What has happened by now is taken together, so that what comes of it starts, and is sent, together.
            while let Some(Some(done)) = self.tasks.next().now_or_never() {
                self.take(done);
            }
        }
    }

    /// Takes what there is to say of what is open; it fails nothing.
    pub(super) fn told(&mut self, told: Vec<Told>) {
        self.execution.diagnostics.extend(told.iter().map(|told| {
            let blame = Blame { address: &told.address, desired: None };
            diagnostics::warned(blame, told.doing, &told.problem)
        }));
    }

    /// Starts what can be started.
    fn start(&mut self) {
        if self.execution.log_error.is_none() {
            if self.stage == Stage::Run {
                while let Some(step) = self.next_intended() {
                    self.call(step);
                }
                self.plan_ready();
            } else {
                self.give_back();
            }
        }
        self.write();
        if self.stage == Stage::Run {
            // What had nothing to write is intended at once.
            while let Some(step) = self.next_intended() {
                self.call(step);
            }
        }
    }

    fn has_slot(&self) -> bool {
        self.calling + self.planning < self.executor.parallelism.max(1)
    }

    fn next_intended(&mut self) -> Option<u32> {
        let may = self.execution.log_error.is_none() && self.has_slot();
        if may { self.intended.pop_front() } else { None }
    }

    /// Takes a step that nothing holds back any more: what it asks for is known, or has to be planned again.
    fn admit(&mut self, at: u32) {
        let (step, change) = self.step(at);
        let has_to_plan = calls::has_to_plan(self.executor.plan, change, step.operation);
        if has_to_plan { self.ready.push_back(at) } else { self.planned.push_back(at) }
    }

    /// Lets providers plan again what has to be, as far as there are slots.
    fn plan_ready(&mut self) {
        while self.has_slot()
            && let Some(at) = self.ready.pop_front()
        {
            self.plan_again(at);
        }
    }

    fn plan_again(&mut self, at: u32) {
        let mut call = self.prepare(at);
        self.planning += 1;
        let executor = self.executor;
        self.tasks.push(Box::pin(async move {
            let mut called = calls::again(executor, &mut call).await;
            called.asked = Some((call.planned, call.planned_private));
            Done::Planned { step: at, called: Box::new(called) }
        }));
    }

    fn prepare(&mut self, at: u32) -> Call<'a> {
        let (step, _) = self.step(at);
        let mut call = calls::prepare(self.executor, &self.execution.state, &self.known, step);
        call.has_neighbours = self.neighbours.contains(&call.change.address);
        if let Some((planned, private)) = self.asked.remove(&at) {
            call.planned = planned;
            call.planned_private = private;
        }
        call
    }

    /// Returns how long a call takes on average.
    fn mean(&self) -> Duration {
        self.call_time.checked_div(self.calls).unwrap_or(QUICK)
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
        let call = self.prepare(at);
        if step.operation == Operation::Check {
            self.checking += 1;
            self.looked.insert(at);
        } else {
            self.used.insert(change.provider.clone());
            self.calling += 1;
        }
        let executor = self.executor;
        self.tasks.push(Box::pin(async move {
            let begun = executor.clock.monotonic();
            let called = calls::call(executor, call).await;
            let took = executor.clock.monotonic().saturating_sub(begun);
            Done::Called { step: at, called: Box::new(called), took }
        }));
    }

    /// Appends the outcomes that wait and the intents of what is planned.
    fn write(&mut self) {
        if self.writing || self.execution.log_error.is_some() || self.holds() {
            return;
        }
        self.hold = Hold::Not;
        let (outcomes, mut bodies) = self.take_outcomes();
        let intended = if self.stage == Stage::Run { self.intend(&mut bodies) } else { Vec::new() };
        if bodies.is_empty() {
            self.intended.extend(intended);
            return;
        }
        self.writing = true;
        let log = self.executor.log;
        self.tasks.push(Box::pin(async move {
            let mark = log.append(bodies.clone(), None).await;
            Done::Written(Box::new(Written { outcomes, intended, bodies, mark }))
        }));
    }

    /// Tells whether outcomes shall wait a little: for others, where calls take no time, and for
    /// the intents of what comes after them.
    fn holds(&mut self) -> bool {
        let soon = self.calling > 0 && self.mean() < HOLD / 2;
        if !(soon || self.planning > 0) || self.outcomes.is_empty() || self.stage != Stage::Run {
            return false;
        }
        if self.hold == Hold::Not {
            self.hold = Hold::Holding;
            self.tasks.push(Box::pin(async {
                tokio::time::sleep(HOLD).await;
                Done::Held
            }));
        }
        self.hold == Hold::Holding
    }

    fn take_outcomes(&mut self) -> (Vec<(u32, bool)>, Vec<Body>) {
        let outcomes = std::mem::take(&mut self.outcomes);
        outcomes.into_iter().map(|(at, ok, body)| ((at, ok), body)).unzip()
    }

    fn take(&mut self, done: Done) {
        match done {
            Done::Planned { step, called } => {
                self.planning -= 1;
                self.planned_again(step, *called);
            }
            Done::Written(written) => {
                self.writing = false;
                let Written { outcomes, intended, bodies, mark } = *written;
                if self.replay(bodies, mark) {
                    for (at, success) in outcomes {
                        self.settled[at as usize] |= success;
                        let (_, change) = self.step(at);
                        self.known.made.remove(&change.address);
                    }
                    self.intended.extend(intended);
                }
            }
            Done::Called { step, called, took } => {
                if self.step(step).0.operation == Operation::Check {
                    self.checking -= 1;
                } else {
                    self.calling -= 1;
                    self.calls += 1;
                    self.call_time += took;
                }
                if !called.is_given_up {
                    self.answered(step, *called, took);
                }
            }
            Done::Held if self.hold == Hold::Holding => self.hold = Hold::Over,
            Done::Held => {}
            Done::Cancelled => self.watch(),
        }
    }

    /// Takes what a provider has planned again; what does not fit has failed.
    fn planned_again(&mut self, at: u32, mut called: Called) {
        if called.failure.is_some() {
            let (step, change) = self.step(at);
            let operation = step.operation;
            self.executor.observer.observe(Event::Started { change, operation });
            self.answered(at, called, Duration::ZERO);
            return;
        }
        self.execution.diagnostics.append(&mut called.warnings);
        if let Some(asked) = called.asked {
            self.asked.insert(at, asked);
        }
        self.planned.push_back(at);
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
        if let Some(opened) = called.opened {
            self.leases.add(opened);
        }
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
            self.known.reads.insert(change.address.clone(), values);
        }
        match called.result {
            Some(result) => {
                if success {
                    self.count(operation);
                    self.note(change, &result);
                }
                // What comes after that (a look at its health, the end of what it replaces) is no news.
                let is_news = !matches!(operation, Operation::Delete | Operation::Check);
                let outdates =
                    if success && is_news { self.outdated_by(change) } else { Vec::new() };
                let body = Body::Outcome(Box::new(Outcome {
                    operation: calls::number(self.run, at),
                    address: change.address.clone(),
                    result,
                    millis,
                    outdates,
                }));
                self.outcomes.push((at, success, body));
            }
            None => self.settled[at as usize] |= success,
        }
        self.release(at, success);
    }

    /// Returns what is still to be replaced since a resource has changed: should this run end before, the next one
    /// has to know.
    fn outdated_by(&self, change: &Change) -> Vec<Address> {
        let entry = self.execution.state.resources.get(&change.address);
        let waiting = self.triggered.get(&change.address).into_iter().flatten().filter(|own| {
            let mut triggers = own.lifecycle.replace_with.iter();
            triggers.any(|own| own.to == change.address && trigger::fires(change, &own.path, entry))
        });
        waiting.map(|own| own.address.clone()).collect()
    }

    /// Shows what was made to what comes after it, before it is recorded.
    fn note(&mut self, change: &Change, result: &OutcomeResult) {
        match result {
            OutcomeResult::Present(recorded) | OutcomeResult::Replaced { recorded } => {
                let attributes = recorded.attributes.clone();
                self.known.made.insert(change.address.clone(), attributes);
            }
            OutcomeResult::Absent
            | OutcomeResult::Failed { .. }
            | OutcomeResult::Partial { .. }
            | OutcomeResult::DeposedAbsent => {}
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
            Operation::Read | Operation::Record | Operation::Check => {}
        }
    }

    /// Lets start what waited for a step, when it has succeeded.
    fn release(&mut self, at: u32, success: bool) {
        if !success {
            return;
        }
        for dependent in std::mem::take(&mut self.dependents[at as usize]) {
            let left = &mut self.waiting[dependent as usize];
            *left -= 1;
            if *left == 0 {
                self.admit(dependent);
            }
        }
    }
}

/// Returns what is replaced since other resources change, by those.
fn triggered(changes: &[Change]) -> FxHashMap<&Address, Vec<&Change>> {
    let mut triggered = FxHashMap::<&Address, Vec<&Change>>::default();
    for change in changes.iter().filter(|own| own.reason == Reason::Dependency) {
        // Triggers are sorted: those of one resource stand side by side.
        for of_one in change.lifecycle.replace_with.chunk_by(|one, next| one.to == next.to) {
            triggered.entry(&of_one[0].to).or_default().push(change);
        }
    }
    triggered
}
