//! A world in one thread whose time, order, faults and crashes come from a seed.
//!
//! Takes a seed and what may go wrong; runs the planner, the executor, leases and the stored log as
//! they are, against a disk, a network and a provider that are simulated, and returns what broke.
//! Time is tokio's paused clock, so that hours take milliseconds, and nothing depends on the
//! machine: the same seed gives the same events to the last bit ([`Sim::trace`]).
//!
//! | module | what it has |
//! | --- | --- |
//! | [`disk`] | the log's backend: writes, syncs, errors, loss of power |
//! | [`laws`] | what must hold of every record, call and end |
//! | [`program`] | random configurations and changes of them |
//! | [`remote`] | the provider: slow, failing, and going on when its caller has died; who asks after health |
//! | [`process`] | a run as the command line makes it, which may die at any event |
//! | [`lives`] | one environment through random changes, failures and crashes |
//! | [`races`] | several runs at once, with skewed clocks, pauses and partitions |
//!
//! The harness itself is tested by [`Mutant`]s: with one of them, a law must break.

pub mod disk;
pub mod laws;
pub mod lives;
pub mod process;
pub mod program;
pub mod races;
pub mod remote;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use syncline_model::Value;

use crate::memory::World;
use disk::Disk;

/// Random numbers from a seed: SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Returns the numbers of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below a bound.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        if bound == 0 { 0 } else { mixed % bound }
    }

    /// Tells yes so many times of a hundred.
    pub const fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A mistake that is built in on purpose: the laws must find it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutant {
    /// None: everything must hold.
    #[default]
    None,
    /// The disk says that records are durable without having synced them.
    NoSync,
    /// The log lets in who does not hold the environment.
    NoFence,
    /// Intents are not written.
    NoIntent,
}

/// What may go wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// How many appends of a hundred fail, before or after they were written.
    pub disk: u64,
    /// How many provider calls of a hundred fail without an effect.
    pub provider: u64,
    /// What is built in.
    pub mutant: Mutant,
}

/// One simulated machine room.
#[derive(Debug)]
pub struct Sim {
    random: Mutex<Random>,
    /// What may go wrong, from now on.
    faults: Mutex<Faults>,
    /// The log's disk.
    pub disk: Mutex<Disk>,
    /// What the provider manages.
    pub world: Arc<World>,
    /// What was healthy when it was asked, as it was then, by its id.
    healthy: Mutex<BTreeMap<String, Value>>,
    dead: Mutex<BTreeSet<u64>>,
    trace: Mutex<blake3::Hasher>,
    /// Whether events are told to people as well.
    tells: bool,
    broken: Mutex<Vec<String>>,
    /// The moment at which time began.
    begun: tokio::time::Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sim {
    /// Returns a machine room in which nothing has happened yet.
    #[must_use]
    pub fn new(seed: u64, faults: Faults) -> Arc<Self> {
        Arc::new(Self {
            random: Mutex::new(Random::new(seed)),
            faults: Mutex::new(faults),
            disk: Mutex::new(Disk::default()),
            world: Arc::default(),
            healthy: Mutex::default(),
            dead: Mutex::default(),
            trace: Mutex::new(blake3::Hasher::new()),
            tells: crate::scale::seed().is_some(),
            broken: Mutex::default(),
            begun: tokio::time::Instant::now(),
        })
    }

    /// Returns a random number below a bound.
    pub fn below(&self, bound: u64) -> u64 {
        lock(&self.random).below(bound)
    }

    /// Returns what may go wrong.
    pub fn faults(&self) -> Faults {
        *lock(&self.faults)
    }

    /// Lets nothing go wrong any more; what is built in stays.
    pub fn heal(&self) {
        let mut faults = lock(&self.faults);
        *faults = Faults { mutant: faults.mutant, ..Faults::default() };
        self.world.heal();
    }

    /// Takes note that a process is dead, as its own machine sees.
    pub fn bury(&self, process: u64) {
        lock(&self.dead).insert(process);
    }

    /// Tells whether a process of this machine lives.
    pub fn is_alive(&self, process: u32) -> bool {
        !lock(&self.dead).contains(&u64::from(process))
    }

    /// Takes note of an event.
    #[expect(clippy::print_stderr, reason = "who asked for one seed wants to see its events")]
    pub fn note(&self, event: &str) {
        let now = self.elapsed().as_nanos();
        if self.tells {
            eprintln!("{:>12.6} {event}", self.elapsed().as_secs_f64());
        }
        lock(&self.trace).update(format!("{now} {event}\n").as_bytes());
    }

    /// Takes note of a law that does not hold.
    pub fn broke(&self, law: String) {
        self.note(&law);
        lock(&self.broken).push(law);
    }

    /// Returns the laws that did not hold so far.
    pub fn broken(&self) -> Vec<String> {
        lock(&self.broken).clone()
    }

    /// Returns the digest of everything that has happened, with the moments at which it did.
    pub fn trace(&self) -> String {
        lock(&self.trace).finalize().to_hex().to_string()
    }

    /// Returns how long the simulation has run, in its own time.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Waits for up to so many milliseconds.
    pub async fn wait(&self, most: u64) {
        let millis = self.below(most + 1);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// Runs a simulation to its end, on a thread of its own time.
///
/// # Panics
/// When no runtime can be started.
pub fn simulate<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    runtime.expect("invariant: a runtime on this thread needs nothing").block_on(future)
}
