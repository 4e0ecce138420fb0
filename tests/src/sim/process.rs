//! A run as the command line makes it: plan, take the environment, execute, give it back.
//!
//! Takes a source; does what `syncline apply` does, and returns how it ended. A process counts its
//! events, and dies at one of them when it is told to: it then never does anything any more, while
//! what it has sent is under way. It can be paused, cut off from the log, and have a clock that is
//! wrong.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use syncline_lang::ops::Resolver;
use syncline_lang::{Evaluated, Inputs};
use syncline_model::{EnvironmentName, Provider, Sources, Str};
use syncline_planner::lease::{self, Held, LeaseRequest};
use syncline_planner::plan::{Plan, StateMark};
use syncline_planner::record::{Body, Holder, Log, LogError, Millis, Record};
use syncline_planner::{
    CancelToken, Clock, Executor, PlanOptions, Planner, ProviderRegistry, RunInfo, Silent, State,
    execute, plan,
};
use syncline_state::{KeySeal, StoredLog};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::disk::Handle;
use super::remote::Remote;
use super::{Mutant, Sim, lock};
use crate::front::Parsed;

/// How long a lease holds, in milliseconds, as on the command line.
const LEASE: u64 = 60_000;

/// When simulated time begins, in milliseconds since 1970.
const EPOCH: u64 = 1_767_225_600_000;

/// A process.
#[derive(Debug)]
pub struct Process {
    pub(super) sim: Arc<Sim>,
    /// Its number.
    pub number: u64,
    /// Whether others can see that it has died.
    pub is_local: bool,
    /// How far its clock is ahead, in milliseconds.
    pub skew: u64,
    /// The wish to stop.
    pub cancel: CancelToken,
    /// At this event it is told to stop: first gently, then at once.
    pub stops_at: AtomicU64,
    dies_at: AtomicU64,
    events: AtomicU64,
    dead: AtomicBool,
    died: Notify,
    paused: Mutex<Option<Instant>>,
    cut_off: Mutex<Option<Instant>>,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// It came to its end, and everything was done, or not.
    Done {
        /// Everything was done.
        success: bool,
        /// The plan had nothing to do.
        was_empty: bool,
        /// What failed.
        failures: Vec<String>,
    },
    /// There was no plan.
    Refused(String),
    /// Somebody else has the environment, or the log failed.
    Kept(String),
    /// The process died.
    Died,
}

impl Process {
    /// Returns a process.
    #[must_use]
    pub fn new(sim: &Arc<Sim>, number: u64, is_local: bool, skew: u64) -> Arc<Self> {
        Arc::new(Self {
            sim: Arc::clone(sim),
            number,
            is_local,
            skew,
            cancel: CancelToken::new(),
            stops_at: AtomicU64::new(u64::MAX),
            dies_at: AtomicU64::new(u64::MAX),
            events: AtomicU64::new(0),
            dead: AtomicBool::new(false),
            died: Notify::new(),
            paused: Mutex::default(),
            cut_off: Mutex::default(),
        })
    }

    /// Lets it die at an event.
    pub fn die_at(&self, event: u64) {
        self.dies_at.store(event, Ordering::SeqCst);
    }

    /// Lets it stand still for a while.
    pub fn pause(&self, time: Duration) {
        *lock(&self.paused) = Some(Instant::now() + time);
    }

    /// Cuts it off from the log for a while.
    pub fn cut_off(&self, time: Duration) {
        *lock(&self.cut_off) = Some(Instant::now() + time);
    }

    /// Returns how many events it has seen.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::SeqCst)
    }

    async fn resumed(&self) {
        loop {
            let until = *lock(&self.paused);
            match until.filter(|until| *until > Instant::now()) {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    /// An event, after up to so many milliseconds. A dead process does not come back from it.
    pub(super) async fn point(&self, event: &str, most: u64) {
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.sim.wait(most).await;
        self.resumed().await;
        let count = self.events.fetch_add(1, Ordering::SeqCst) + 1;
        self.sim.note(&format!("process {} {event}", self.number));
        if count == self.stops_at.load(Ordering::SeqCst) {
            self.cancel.drain();
        } else if count == self.stops_at.load(Ordering::SeqCst).saturating_add(9) {
            self.cancel.abort();
        }
        if count == self.dies_at.load(Ordering::SeqCst) {
            self.sim.note(&format!("process {} dies", self.number));
            self.dead.store(true, Ordering::SeqCst);
            self.died.notify_one();
        }
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// Waits while it is cut off from the log; what takes too long fails.
    pub(super) async fn reach(&self, doing: &'static str) -> Result<(), LogError> {
        let until = *lock(&self.cut_off);
        let Some(until) = until.filter(|until| *until > Instant::now()) else { return Ok(()) };
        let patience = Instant::now() + Duration::from_secs(30);
        tokio::time::sleep_until(until.min(patience)).await;
        if until <= patience {
            return Ok(());
        }
        Err(LogError::Storage { doing, reason: "no answer".to_owned() })
    }

    fn holder(&self) -> Holder {
        let host = if self.is_local { "here".to_owned() } else { format!("host {}", self.number) };
        let process = u32::try_from(self.number).unwrap_or_default();
        Holder { user: "sim".into(), host: host.into(), process, started: Str::new() }
    }

    /// Applies a source, as the command line does.
    pub async fn apply(self: &Arc<Self>, text: &str) -> Ended {
        let run = Box::pin(self.run(text));
        let died = async {
            self.died.notified().await;
        };
        tokio::select! {
            biased;
            () = died => Ended::Died,
            ended = Pausable { process: self, run, sleep: None } => ended,
        }
    }

    async fn run(self: &Arc<Self>, text: &str) -> Ended {
        let (evaluated, sources) = evaluated(text);
        let environment = EnvironmentName("dev".into());
        let backend = Handle { sim: Arc::clone(&self.sim), process: Arc::clone(self) };
        let clock = Arc::new(OwnClock(Arc::clone(self)));
        let record_clock = Arc::clone(&clock);
        let log = StoredLog::new(
            Arc::new(backend),
            environment.clone(),
            Arc::new(KeySeal::new(&[7; 32])),
            Arc::new(move || record_clock.now()),
        );
        let log = Recording { log, mutant: self.sim.faults().mutant, last: Mutex::default() };
        let job = Job { process: self, environment, evaluated, sources, clock };
        match job.apply(&log).await {
            Ok(ended) => ended,
            Err(error) => Ended::Kept(error),
        }
    }
}

/// One run with all that it needs.
struct Job<'a> {
    process: &'a Arc<Process>,
    environment: EnvironmentName,
    evaluated: Evaluated,
    sources: Sources,
    clock: Arc<OwnClock>,
}

impl Job<'_> {
    async fn apply(&self, log: &Recording) -> Result<Ended, String> {
        let mut registry = ProviderRegistry::new();
        let (sim, process) = (Arc::clone(&self.process.sim), Arc::clone(self.process));
        let factory = move || -> Arc<dyn Provider> { Arc::new(Remote::new(&sim, &process)) };
        let added = registry.add("mem", Arc::new(factory)).await;
        added.map_err(|problem| problem.summary)?;
        let mut state = log.log.state().await.map_err(|error| error.to_string())?;
        let mut plan = match self.plan(&state, &registry).await {
            Ok(plan) => plan,
            Err(why) => return Ok(Ended::Refused(why)),
        };
        let mut held = self.acquire(log, &mut state).await?;
        if state.mark != plan.state || plan.contested {
            let seen = State { lease: None, ..state.clone() };
            match self.plan(&seen, &registry).await {
                Ok(again) => plan = again,
                Err(why) => {
                    lease::release(log, &held).await.map_err(|error| error.to_string())?;
                    return Ok(Ended::Refused(why));
                }
            }
        }
        let was_empty = plan.changes.is_empty();
        let executor = Executor {
            plan: &plan,
            desired: Some(&self.evaluated.desired),
            state,
            log,
            providers: &registry,
            resolve: &Resolver::ALONE,
            prober: &Remote::new(&self.process.sim, self.process),
            clock: &*self.clock,
            observer: &Silent,
            run: RunInfo {
                holder: self.process.holder(),
                commit: Str::new(),
                syncline: "0".into(),
            },
            parallelism: 4,
            cancel: self.process.cancel.clone(),
            secret_key: [7; 32],
        };
        let running = execute(executor);
        let cancel = &self.process.cancel;
        let execution = lease::hold(log, &mut held, &*self.clock, cancel, running).await;
        let released = lease::release(log, &held).await;
        let failures = execution.failed.iter().map(|failure| failure.diagnostic.message.clone());
        let failures = failures.chain(execution.log_error.iter().map(ToString::to_string));
        Ok(Ended::Done {
            success: execution.success() && released.is_ok(),
            was_empty,
            failures: failures.collect(),
        })
    }

    async fn acquire(&self, log: &Recording, state: &mut State) -> Result<Held, String> {
        let request = LeaseRequest {
            holder: self.process.holder(),
            purpose: "apply".into(),
            duration: LEASE,
            timeout: Duration::from_secs(900),
            cancel: CancelToken::new(),
        };
        let held = lease::acquire(log, state, request, &*self.clock, &self.alive()).await;
        held.map_err(|error| error.to_string())
    }

    /// Tells of others whether they may live.
    fn alive(&self) -> impl Fn(&Holder) -> bool + Sync + use<> {
        let (sim, own) = (Arc::clone(&self.process.sim), self.process.holder());
        move |other| other.host != own.host || sim.is_alive(other.process)
    }

    async fn plan(&self, state: &State, registry: &ProviderRegistry) -> Result<Plan, String> {
        let is_held = lease::holding(state, self.clock.now(), &self.alive()).is_some();
        let planner = Planner {
            environment: &self.environment,
            desired: Some(&self.evaluated.desired),
            state,
            providers: registry,
            resolve: &Resolver::ALONE,
            sources: &self.sources,
            clock: &*self.clock,
            options: PlanOptions { parallelism: 4, is_held, ..PlanOptions::default() },
            secret_key: [7; 32],
            observer: &Silent,
        };
        let (made, said) = plan(&planner).await;
        let said: Vec<String> = said.iter().map(|one| one.message.clone()).collect();
        made.ok_or_else(|| said.join("; "))
    }
}

/// Evaluates a source that the program generator has made, which is always sound.
fn evaluated(text: &str) -> (Evaluated, Sources) {
    let texts = BTreeMap::from([("main.sync".to_owned(), text.to_owned())]);
    let mut resolved = Parsed::new(&texts).resolve();
    let evaluated = resolved.evaluate("dev", &Inputs::default());
    assert!(resolved.diagnostics.is_empty(), "{:?}\n{text}", resolved.diagnostics);
    (evaluated.expect("invariant: a sound source has its environment"), resolved.sources)
}

/// A process's clock, which may be wrong.
#[derive(Debug)]
struct OwnClock(Arc<Process>);

impl Clock for OwnClock {
    fn now(&self) -> Millis {
        let elapsed = u64::try_from(self.0.sim.elapsed().as_millis()).unwrap_or(u64::MAX);
        EPOCH + elapsed + self.0.skew
    }

    fn monotonic(&self) -> Duration {
        self.0.sim.elapsed()
    }
}

/// The log as it is, or without intents.
struct Recording {
    log: StoredLog,
    mutant: Mutant,
    last: Mutex<Option<StateMark>>,
}

#[async_trait]
impl Log for Recording {
    async fn read(&self, after: u64) -> Result<Vec<Record>, LogError> {
        self.log.read(after).await
    }

    async fn append(
        &self,
        mut bodies: Vec<Body>,
        expected: Option<u64>,
    ) -> Result<StateMark, LogError> {
        if self.mutant == Mutant::NoIntent {
            bodies.retain(|body| !matches!(body, Body::Intent(_)));
            let last = *lock(&self.last);
            if let Some(last) = last.filter(|_| bodies.is_empty()) {
                return Ok(last);
            }
        }
        let mark = self.log.append(bodies, expected).await?;
        *lock(&self.last) = Some(mark);
        Ok(mark)
    }
}

/// A run that does not go on while its process is paused.
struct Pausable<'a, F> {
    process: &'a Process,
    run: Pin<Box<F>>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl<F: Future> Future for Pausable<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        loop {
            let until = *lock(&self.process.paused);
            let Some(until) = until.filter(|until| *until > Instant::now()) else { break };
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
            if sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
        self.run.as_mut().poll(context)
    }
}
