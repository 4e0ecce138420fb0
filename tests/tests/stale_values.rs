//! What a plan waits for and nobody makes: the step fails and says so, and nothing is guessed.

use std::sync::Arc;

use syncline_lang::ops::Resolver;
use syncline_lang::{Inputs, evaluate, resolve, syntax};
use syncline_model::{Address, EnvironmentName, Provider, Sources, Str};
use syncline_planner::health::Trusting;
use syncline_planner::record::Holder;
use syncline_planner::{
    CancelToken, Executor, PlanOptions, Planner, ProviderRegistry, RunInfo, Silent, State, execute,
    plan,
};
use syncline_state::{KeySeal, MemoryBackend, StoredLog};
use syncline_tests::back::Still;
use syncline_tests::front::Schemas;
use syncline_tests::memory::{Memory, World};

const SOURCE: &str = "environment dev {
  resource mem.thing a { name = \"a\" }
  resource mem.thing b { name = \"b\", extra = a.id }
}
";

#[tokio::test]
async fn a_value_that_nobody_makes_is_not_known() {
    let mut sources = Sources::default();
    let (file, _) = syntax::parse(sources.add("main.sync", SOURCE), SOURCE);
    let (project, _) = resolve(vec![file]);
    let desired = evaluate(&project, "dev", &Inputs::default(), &Schemas).0.unwrap().desired;
    let world = Arc::new(World::default());
    let mut registry = ProviderRegistry::new();
    let factory = move || -> Arc<dyn Provider> { Arc::new(Memory::new("mem", Arc::clone(&world))) };
    registry.add("mem", Arc::new(factory)).await.unwrap();
    let state = State::default();
    let planner = Planner {
        environment: &EnvironmentName("dev".into()),
        desired: Some(&desired),
        state: &state,
        providers: &registry,
        resolve: &Resolver::ALONE,
        sources: &sources,
        clock: &Still,
        options: PlanOptions::default(),
        secret_key: [7; 32],
        observer: &Silent,
    };
    let mut made = plan(&planner).await.0.unwrap();
    // A plan whose step for `a` was lost.
    made.steps.remove(0);
    made.steps[0].after.clear();
    let holder = Holder { user: "t".into(), host: "h".into(), process: 1, started: Str::new() };
    let seal = Arc::new(KeySeal::new(&[7; 32]));
    let backend = Arc::new(MemoryBackend::default());
    let log = StoredLog::new(backend, EnvironmentName("dev".into()), seal, Arc::new(|| 0));
    let executor = Executor {
        plan: &made,
        desired: None,
        state,
        log: &log,
        providers: &registry,
        resolve: &Resolver::ALONE,
        prober: &Trusting,
        clock: &Still,
        observer: &Silent,
        run: RunInfo { holder, commit: Str::new(), syncline: "0".into() },
        parallelism: 1,
        cancel: CancelToken::new(),
        secret_key: [7; 32],
    };
    let execution = execute(executor).await;
    let failure = execution.failed.first().unwrap();
    assert_eq!(failure.address, Address::parse("b").unwrap());
    assert_eq!(failure.diagnostic.code.id, "E0609");
    assert!(failure.diagnostic.notes.iter().any(|note| note.contains("`a`")));
}
