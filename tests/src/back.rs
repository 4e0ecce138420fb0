//! The planner's stages on a case's sources, each result as text.
//!
//! One `check_*` for each stage. The provider is the in-memory one, the log is in memory, time
//! stands still, and one provider call is made at a time, so that the same case gives the same
//! text.

mod dying;
mod show;
mod wish;
mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use syncline_cli::report::{json, markdown, text};
use syncline_lang::Evaluated;
use syncline_lang::ops::Resolver;
use syncline_model::{Address, Diagnostic, EnvironmentName, Provider, Sources, Str};
use syncline_planner::drift::{Comparison, drift};
use syncline_planner::plan::{Goal, Plan};
use syncline_planner::record::{Holder, Log, Millis};
use syncline_planner::{
    Clock, Event, Executor, PlanOptions, Planner, ProviderRegistry, Refresh, RunInfo, State,
    execute, plan, plan_fingerprint,
};
use syncline_state::{KeySeal, MemoryBackend, Seal, StoredLog};

use self::dying::Dying;
use self::wish::Wish;
use self::world::Asked;
use crate::front::{Outcome, Parsed, Schemas, inputs, outcome};
use crate::memory::{Memory, NAMES, World};

/// A clock that stands still.
#[derive(Clone, Copy, Debug)]
pub struct Still;

/// The moment at which it stands: 2026-01-01.
const MOMENT: Millis = 1_767_225_600_000;

impl Clock for Still {
    fn now(&self) -> Millis {
        MOMENT
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// What a case's runs share: the world and the log.
pub struct Back {
    /// What the provider manages.
    pub world: Arc<World>,
    seal: Arc<KeySeal>,
    logs: BTreeMap<String, StoredLog>,
}

impl Default for Back {
    fn default() -> Self {
        Self {
            world: Arc::default(),
            seal: Arc::new(KeySeal::new(&[7; 32])),
            logs: BTreeMap::new(),
        }
    }
}

/// Returns who runs cases.
fn holder() -> Holder {
    Holder { user: "tester".into(), host: "here".into(), process: 1, started: Str::new() }
}

/// What a stage is asked for.
struct Request {
    environment: String,
    options: PlanOptions,
}

impl Request {
    fn new(verb: &str, arguments: &[String]) -> Result<Self, String> {
        let mut options =
            PlanOptions { parallelism: 1, syncline: "0.0.0".into(), ..PlanOptions::default() };
        if verb == "destroy" || arguments.iter().any(|argument| argument == "--destroy") {
            options.goal = Goal::Destroy;
        }
        for pair in arguments.windows(2) {
            let address = || Address::parse(&pair[1]).map_err(|error| error.to_string());
            match pair[0].as_str() {
                "--target" => options.targets.push(address()?),
                "--exclude" => options.excludes.push(address()?),
                "--replace" => options.replace.push(address()?),
                "--refresh" => {
                    options.refresh = match pair[1].as_str() {
                        "all" => Refresh::All,
                        "changed" => Refresh::Changed,
                        "none" => Refresh::None,
                        other => return Err(format!("`{other}` is no refresh")),
                    }
                }
                _ => {}
            }
        }
        let environment = arguments.first().map_or("dev", String::as_str).to_owned();
        Ok(Self { environment, options })
    }
}

/// A plan with what it was made from.
struct Made {
    plan: Option<Plan>,
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
    state: State,
    environment: EnvironmentName,
}

impl Back {
    /// Changes the world behind the provider's back.
    ///
    /// # Errors
    /// A line that says nothing known.
    pub fn tamper(&mut self, text: &str) -> Result<(), String> {
        text.lines().filter(|line| !line.trim().is_empty()).try_for_each(|line| {
            world::tamper(&self.world, line).ok_or_else(|| format!("the world has no: {line}"))
        })
    }

    /// Runs a stage.
    pub fn check(
        &mut self,
        verb: &str,
        texts: &BTreeMap<String, String>,
        arguments: &[String],
    ) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("invariant: a runtime on this thread needs nothing");
        let request = match Request::new(verb, arguments) {
            Ok(request) => request,
            Err(text) => return Outcome { text, failed: true, ..Outcome::default() },
        };
        let _calls_before = self.world.take_calls();
        let mut result = runtime.block_on(async {
            match verb {
                "state" => self.check_state(&request).await,
                "history" => self.check_history(&request).await,
                "drift" => self.check_drift(&request, texts, arguments).await,
                "apply" | "destroy" => self.check_apply(request, texts, arguments).await,
                _ => self.check_plan(verb, request, texts, arguments).await,
            }
        });
        result.text = show::masked(&result.text);
        result
    }

    fn log(&mut self, environment: &str) -> &StoredLog {
        let seal = Arc::clone(&self.seal);
        let name = EnvironmentName(environment.into());
        self.logs.entry(environment.to_owned()).or_insert_with(|| {
            let backend = Arc::new(MemoryBackend::default());
            StoredLog::new(backend, name, seal, Arc::new(|| MOMENT))
        })
    }

    async fn state(&mut self, environment: &str) -> State {
        let records = self.log(environment).read(0).await;
        State::replay(records.expect("invariant: a log in memory can be read"))
    }

    async fn providers(&self) -> ProviderRegistry {
        let mut registry = ProviderRegistry::new();
        for name in NAMES {
            let world = Arc::clone(&self.world);
            let factory =
                move || -> Arc<dyn Provider> { Arc::new(Memory::new(*name, Arc::clone(&world))) };
            let origin = self.world.origin(name);
            let added = registry.add_from(*name, origin, Arc::new(factory)).await;
            added.expect("invariant: the in-memory provider has a schema");
        }
        registry
    }

    /// From sources to a plan.
    async fn plan(
        &mut self,
        request: &Request,
        texts: &BTreeMap<String, String>,
        arguments: &[String],
    ) -> (Made, ProviderRegistry, Option<Evaluated>) {
        let mut resolved = Parsed::new(texts).resolve();
        let inputs = inputs(arguments, &mut resolved.sources);
        let evaluated = resolved.evaluate(&request.environment, &inputs);
        let environment = EnvironmentName(request.environment.as_str().into());
        let state = self.state(&request.environment).await;
        let registry = self.providers().await;
        let mut diagnostics = resolved.diagnostics;
        let mut made = None;
        if let Some(evaluated) = &evaluated {
            let planner = Planner {
                environment: &environment,
                desired: Some(&evaluated.desired),
                state: &state,
                providers: &registry,
                resolve: &Resolver { functions: Some(&Schemas) },
                sources: &resolved.sources,
                clock: &Still,
                options: request.options.clone(),
                secret_key: self.seal.digest_key(),
                observer: &|_: Event<'_>| {},
            };
            let (found, said) = plan(&planner).await;
            diagnostics.extend(said);
            made = found;
        }
        let sources = resolved.sources;
        (Made { plan: made, diagnostics, sources, state, environment }, registry, evaluated)
    }

    /// A plan, in the form that the verb names.
    async fn check_plan(
        &mut self,
        verb: &str,
        request: Request,
        texts: &BTreeMap<String, String>,
        arguments: &[String],
    ) -> Outcome {
        let (made, _, evaluated) = self.plan(&request, texts, arguments).await;
        let report = made.plan.as_ref().map_or(String::new(), |plan| match verb {
            "json" => {
                let source = evaluated.as_ref().expect("invariant: what was planned was evaluated");
                let document = json::plan(plan, &made.state, source.into());
                let text = serde_json::to_string_pretty(&document);
                text.expect("invariant: a report can be written") + "\n"
            }
            "markdown" => {
                let print = plan_fingerprint(plan, &self.seal.digest_key());
                markdown::plans(&[(plan, print)])
            }
            _ => {
                let waiting = plan
                    .checks
                    .iter()
                    .map(|check| format!("ensure {}\n", crate::front::shown(&check.condition)));
                let waiting: String = waiting.collect();
                text::plan(plan, text::TextOptions::default()) + &waiting
            }
        });
        outcome(&report, &made.diagnostics, &made.sources)
    }

    /// A plan and its execution: events, the provider's calls, outputs.
    async fn check_apply(
        &mut self,
        request: Request,
        texts: &BTreeMap<String, String>,
        arguments: &[String],
    ) -> Outcome {
        let (mut made, registry, _) = self.plan(&request, texts, arguments).await;
        let Some(plan) = made.plan.take() else {
            return outcome("", &made.diagnostics, &made.sources);
        };
        let _calls_while_planning = self.world.take_calls();
        let events = Mutex::new(String::new());
        let wish = Wish::of(arguments);
        let observer = |event: Event<'_>| {
            wish.hear(&event);
            let mut events = events.lock().unwrap_or_else(PoisonError::into_inner);
            show::event(&event, &mut events);
        };
        let secret_key = self.seal.digest_key();
        let asked = Asked(Arc::clone(&self.world));
        let log = Dying::of(self.log(&request.environment), arguments);
        let executor = Executor {
            plan: &plan,
            desired: None,
            state: made.state.clone(),
            log: &log,
            providers: &registry,
            resolve: &Resolver { functions: Some(&Schemas) },
            prober: &asked,
            clock: &Still,
            observer: &observer,
            run: RunInfo { holder: holder(), commit: Str::new(), syncline: "0.0.0".into() },
            parallelism: 1,
            cancel: wish.cancel.clone(),
            secret_key,
        };
        let found = execute(executor).await;
        let (success, dies) = (found.success(), log.dies());
        let left = show::left(&found);
        made.diagnostics.extend(found.failed.into_iter().map(|failure| failure.diagnostic));
        made.diagnostics.extend(found.diagnostics);
        let mut report = events.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.push_str(&left);
        for call in self.world.take_calls() {
            report.push_str(&format!("called {call}\n"));
        }
        let done = found.done;
        report.push_str(&format!(
            "{} added, {} changed, {} destroyed\n",
            done.add, done.change, done.destroy
        ));
        let state = self.state(&made.environment.0).await;
        for (name, value) in &state.outputs {
            report.push_str(&format!("output {name} = {value}\n"));
        }
        let mut outcome = outcome(&report, &made.diagnostics, &made.sources);
        outcome.failed |= !success && !dies && !found.interrupted;
        outcome
    }

    async fn check_state(&mut self, request: &Request) -> Outcome {
        let state = self.state(&request.environment).await;
        Outcome { text: show::state(&state, &self.world), ..Outcome::default() }
    }

    /// What is recorded against the world.
    async fn check_drift(
        &mut self,
        request: &Request,
        texts: &BTreeMap<String, String>,
        arguments: &[String],
    ) -> Outcome {
        let mut resolved = Parsed::new(texts).resolve();
        let inputs = inputs(arguments, &mut resolved.sources);
        let evaluated = resolved.evaluate(&request.environment, &inputs);
        let state = self.state(&request.environment).await;
        let comparison = Comparison {
            state: &state,
            desired: evaluated.as_ref().map(|evaluated| &evaluated.desired),
            providers: &self.providers().await,
            resolve: &Resolver { functions: Some(&Schemas) },
            parallelism: 4,
            observer: &|_: Event<'_>| {},
        };
        Outcome { text: show::drift(&drift(&comparison).await), ..Outcome::default() }
    }

    async fn check_history(&mut self, request: &Request) -> Outcome {
        let state = self.state(&request.environment).await;
        Outcome { text: show::history(&state), ..Outcome::default() }
    }
}
