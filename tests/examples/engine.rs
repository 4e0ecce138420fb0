//! The engine's own time: a project of so many resources, planned and applied in one process with
//! the in-memory provider and a durable log, without reports and without a command line.
//!
//! Takes the number of resources; prints a line for each measurement: its name, seconds, and the
//! peak memory in bytes so far.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use syncline_lang::ops::Resolver;
use syncline_lang::{Evaluated, Inputs, evaluate, resolve, syntax};
use syncline_model::{EnvironmentName, Provider, Sources, Str};
use syncline_planner::health::Trusting;
use syncline_planner::plan::Plan;
use syncline_planner::record::{Holder, Log};
use syncline_planner::{
    CancelToken, Clock, Executor, PlanOptions, Planner, ProviderRegistry, Refresh, RunInfo, Silent,
    State, execute, plan,
};
use syncline_state::{KeySeal, Seal, SqliteBackend};
use syncline_tests::front::Schemas;
use syncline_tests::memory::{Memory, World};

/// The clock of this machine.
struct Real(Instant);

impl Clock for Real {
    fn now(&self) -> u64 {
        now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns the largest resident set so far, in bytes; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn report(name: &str, since: Instant) {
    println!("engine: {name} {:.6} {}", since.elapsed().as_secs_f64(), peak());
}

fn source(size: usize) -> String {
    let mut text = String::from("environment dev {\n");
    for index in 0..size {
        let members = match index {
            0 => "[]".to_owned(),
            _ => format!("[r{}.id]", index / 10),
        };
        let _infallible = writeln!(
            text,
            "  resource mem.thing r{index} {{ name = \"r{index}\", size = {}, members = {members} }}",
            index % 1000
        );
    }
    text + "}\n"
}

/// What all measurements share.
struct Engine {
    environment: EnvironmentName,
    evaluated: Evaluated,
    sources: Sources,
    registry: ProviderRegistry,
    seal: Arc<KeySeal>,
}

impl Engine {
    async fn new(size: usize) -> Self {
        let mut sources = Sources::default();
        let text = source(size);
        let id = sources.add("main.sync", text.as_str());
        let start = Instant::now();
        let (file, said) = syntax::parse(id, &text);
        assert!(said.is_empty(), "{said:?}");
        report("parse", start);
        let start = Instant::now();
        let (project, said) = resolve(vec![file]);
        assert!(said.is_empty(), "{said:?}");
        let (evaluated, said) = evaluate(&project, "dev", &Inputs::default(), &Schemas);
        assert!(said.is_empty(), "{said:?}");
        report("resolve and evaluate", start);
        let world = Arc::new(World::default());
        let mut registry = ProviderRegistry::new();
        let factory =
            move || -> Arc<dyn Provider> { Arc::new(Memory::new("mem", Arc::clone(&world))) };
        registry.add("mem", Arc::new(factory)).await.expect("the provider has a schema");
        Self {
            environment: EnvironmentName("dev".into()),
            evaluated: evaluated.expect("it evaluates"),
            sources,
            registry,
            seal: Arc::new(KeySeal::new(&[7; 32])),
        }
    }

    async fn plan(&self, state: &State, refresh: Refresh) -> Plan {
        let planner = Planner {
            environment: &self.environment,
            desired: Some(&self.evaluated.desired),
            state,
            providers: &self.registry,
            resolve: &Resolver::ALONE,
            sources: &self.sources,
            clock: &Real(Instant::now()),
            options: PlanOptions { refresh, ..PlanOptions::default() },
            secret_key: self.seal.digest_key(),
            observer: &Silent,
        };
        let (plan, said) = plan(&planner).await;
        plan.unwrap_or_else(|| panic!("{said:?}"))
    }

    async fn apply(&self, plan: &Plan, state: State, log: &dyn Log) -> State {
        let clock = Real(Instant::now());
        let holder =
            Holder { user: "bench".into(), host: "here".into(), process: 1, started: Str::new() };
        let executor = Executor {
            plan,
            desired: None,
            state,
            log,
            providers: &self.registry,
            resolve: &Resolver::ALONE,
            prober: &Trusting,
            clock: &clock,
            observer: &Silent,
            run: RunInfo { holder, commit: Str::new(), syncline: "0.0.0".into() },
            parallelism: 10,
            cancel: CancelToken::new(),
            secret_key: self.seal.digest_key(),
        };
        let execution = execute(executor).await;
        assert!(execution.success(), "{:?}", execution.failed.first());
        execution.state
    }
}

#[tokio::main]
async fn main() {
    let size = std::env::args().nth(1).and_then(|size| size.parse().ok()).unwrap_or(1_000);
    let engine = Engine::new(size).await;
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let path = folder.path().join("state.db");
    let seal: Arc<dyn Seal> = engine.seal.clone();
    let open =
        || SqliteBackend::new(&path).log(&engine.environment, Arc::clone(&seal), Arc::new(now));
    let log = open();

    let start = Instant::now();
    let first = engine.plan(&State::default(), Refresh::All).await;
    report("first plan", start);

    let start = Instant::now();
    engine.apply(&first, State::default(), &log).await;
    report("apply (in memory, durable log)", start);

    let start = Instant::now();
    let state = State::replay(open().read(0).await.expect("the log can be read"));
    report("replay", start);

    for (name, refresh) in [("none", Refresh::None), ("all", Refresh::All)] {
        let start = Instant::now();
        let again = engine.plan(&state, refresh).await;
        assert!(again.is_empty(), "{:?}", again.changes.first());
        report(&format!("no-op plan, refresh {name}"), start);
    }
}
