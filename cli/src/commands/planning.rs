//! From a project on the disk to plans: what plan, apply, destroy and others share.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use syncline_lang::diagnostics::{deprecated_attribute, unapplied_output};
use syncline_lang::ops::Resolver;
use syncline_lang::{Evaluated, Export};
use syncline_model::{
    Address, Attribute, Desired, Diagnostic, Digest, EnvironmentName, Found, Str,
};
use syncline_planner::lease;
use syncline_planner::plan::{Goal, Plan};
use syncline_planner::{
    Clock as _, PlanOptions, Planner, ProviderRegistry, Refresh, State, plan_fingerprint,
};

use crate::arguments::InputArguments;
use crate::commands::environments;
use crate::commands::state::moved_to;
use crate::exit::{Exit, Failure};
use crate::progress::Planning;
use crate::project::{Ahead, Inputs, Loaded, Records, SystemClock, collect, is_alive};
use crate::session::Session;

/// Flags that say what is planned and how.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct PlanFlags {
    /// Plan only this resource and what it depends on (`--target jobs/mail`)
    #[arg(long, value_name = "ADDRESS")]
    target: Vec<String>,
    /// Leave this resource out, and what depends on it (`--exclude jobs`)
    #[arg(long, value_name = "ADDRESS")]
    exclude: Vec<String>,
    /// Replace this resource, whether it changes or not (`--replace web`)
    #[arg(long, value_name = "ADDRESS")]
    replace: Vec<String>,
    /// Which recorded resources are read (`--refresh none`)
    #[arg(long, value_enum, default_value = "all")]
    refresh: RefreshFlag,
    /// The most calls to providers that are under way at once (`--parallelism 4`)
    #[arg(long, value_name = "N", default_value = "10", value_parser = crate::arguments::parallelism)]
    parallelism: NonZeroUsize,
    /// Values of parameters.
    #[command(flatten)]
    pub(super) inputs: InputArguments,
}

/// Which recorded resources are read.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum RefreshFlag {
    /// Every one
    All,
    /// Those whose configuration has changed
    Changed,
    /// None
    None,
}

impl PlanFlags {
    /// Returns what the planner is asked for.
    ///
    /// # Errors
    /// When an address is none.
    pub(super) fn options(&self, goal: Goal) -> Result<PlanOptions, Failure> {
        let parse = |texts: &[String]| -> Result<Vec<Address>, Failure> {
            let parse = |text: &String| {
                Address::parse(text).map_err(|error| Failure::new(error.to_string()))
            };
            texts.iter().map(parse).collect()
        };
        Ok(PlanOptions {
            goal,
            back_to: None,
            is_held: false,
            refresh: match self.refresh {
                RefreshFlag::All => Refresh::All,
                RefreshFlag::Changed => Refresh::Changed,
                RefreshFlag::None => Refresh::None,
            },
            targets: parse(&self.target)?,
            excludes: parse(&self.exclude)?,
            replace: parse(&self.replace)?,
            parallelism: self.parallelism.get(),
            syncline: env!("CARGO_PKG_VERSION").into(),
        })
    }
}

/// Reads the project and the inputs. What is wrong with the project is kept in it.
pub(super) fn load(
    session: &Session,
    arguments: &InputArguments,
) -> Result<(Loaded, Inputs), Failure> {
    let (mut loaded, inputs) = read(session, arguments)?;
    match inputs {
        Some(inputs) => Ok((loaded, inputs)),
        None => Err(loaded.tell(session).err().unwrap_or_else(|| Failure::told(Exit::Error))),
    }
}

/// Reads the project and the inputs; what is wrong with either is kept in the project. There are no inputs where
/// something is wrong with them: what they would have given would only seem to be missing.
pub(super) fn read(
    session: &Session,
    arguments: &InputArguments,
) -> Result<(Loaded, Option<Inputs>), Failure> {
    let mut loaded = Loaded::load(session)?;
    loaded.world.reads = true;
    let mut found = Vec::new();
    let inputs = collect(arguments, &mut loaded.sources, &mut found)?;
    let failed = found.iter().any(Diagnostic::is_error);
    loaded.diagnostics.extend(found);
    Ok((loaded, (!failed).then_some(inputs)))
}

/// Adds to the inputs what is recorded of the environments that some may read.
pub(super) fn with_exports(
    session: &Session,
    loaded: &Loaded,
    environments: &[String],
    inputs: Inputs,
) -> Result<Inputs, Failure> {
    let all = environments.iter().flat_map(|own| loaded.project.may_read(own));
    let read: BTreeSet<Str> = all.collect();
    if read.is_empty() {
        return Ok(inputs);
    }
    let records = Records::open(&loaded.root, &session.output)?;
    super::block_on(async {
        let mut inputs = inputs;
        for environment in read {
            let state = records.state(&EnvironmentName(environment.clone())).await?;
            export(&mut inputs, environment, &state);
        }
        Ok(inputs)
    })
}

/// Notes what is recorded of an environment; nothing of one that was never applied.
fn export(inputs: &mut Inputs, environment: Str, state: &State) {
    let Some(run) = state.runs.iter().rev().find(|run| run.applied.is_some()) else { return };
    let source = format!("run {}", run.begin.run).into();
    inputs
        .exports
        .insert(environment, Export { source, values: state.outputs.clone(), prevails: false });
}

/// Puts environments behind those that they read; else the order is kept.
fn in_order(all: Vec<Evaluated>) -> Vec<Evaluated> {
    if all.iter().all(|own| own.desired.reads.is_empty()) {
        return all;
    }
    let mut waiting: Vec<Option<Evaluated>> = all.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    // Circles were found when they were evaluated, so that each round takes at least one.
    loop {
        let names: BTreeSet<EnvironmentName> =
            waiting.iter().flatten().map(|own| own.desired.environment.clone()).collect();
        let is_ready = |own: &Evaluated| {
            let mut reads = own.desired.reads.iter();
            !reads.any(|read| {
                read.environment != own.desired.environment && names.contains(&read.environment)
            })
        };
        let next = waiting.iter().position(|own| own.as_ref().is_some_and(is_ready));
        match next.and_then(|at| waiting[at].take()) {
            Some(evaluated) => ordered.push(evaluated),
            None => break,
        }
    }
    ordered.extend(waiting.into_iter().flatten());
    ordered
}

/// Evaluates environments and tells everything that is wrong at once.
pub(super) fn evaluate_all(
    session: &Session,
    loaded: &mut Loaded,
    environments: &[String],
    inputs: &Inputs,
) -> Result<Vec<Evaluated>, Failure> {
    let all = evaluated_all(loaded, environments, inputs);
    told(session, loaded, environments, all)
}

/// Evaluates environments; what is wrong is kept in the project.
fn evaluated_all(loaded: &mut Loaded, environments: &[String], inputs: &Inputs) -> Vec<Evaluated> {
    let mut all = Vec::with_capacity(environments.len());
    let project = &loaded.project;
    for (evaluated, found) in
        syncline_lang::evaluate_all(project, environments, inputs, &loaded.world)
    {
        loaded.diagnostics.extend(found);
        all.extend(evaluated);
    }
    all
}

/// Tells everything that is wrong with environments that were evaluated.
fn told(
    session: &Session,
    loaded: &mut Loaded,
    environments: &[String],
    all: Vec<Evaluated>,
) -> Result<Vec<Evaluated>, Failure> {
    loaded.tell(session)?;
    if all.len() < environments.len() {
        // Whoever returns nothing has said why.
        return Err(Failure::told(Exit::Error));
    }
    Ok(all)
}

/// Evaluates environments, puts those that are read first, and gives back what is only needed to evaluate where
/// nothing of it is needed again: planning and applying take that memory.
pub(super) fn evaluate_in_order(
    session: &Session,
    loaded: &mut Loaded,
    environments: &[String],
    inputs: &Inputs,
) -> Result<Vec<Evaluated>, Failure> {
    let evaluated = evaluated_all(loaded, environments, inputs);
    // Of these the provider will say what to use in their place, since it is asked.
    let is_vague = |own: &Diagnostic| own.help.as_deref() == Some(Attribute::DEPRECATED);
    loaded.diagnostics.retain(|own| own.code != deprecated_attribute::CODE || !is_vague(own));
    let all = in_order(told(session, loaded, environments, evaluated)?);
    if all.len() <= 1 || all.iter().all(|own| own.desired.reads.is_empty()) {
        let project = std::mem::take(&mut loaded.project);
        drop(std::mem::ManuallyDrop::into_inner(project));
    }
    Ok(all)
}

/// Evaluates one environment of a project.
pub(super) fn evaluate_loaded(
    session: &Session,
    loaded: &mut Loaded,
    environment: &str,
    inputs: &Inputs,
) -> Result<Evaluated, Failure> {
    let mut all = evaluate_all(session, loaded, &[environment.to_owned()], inputs)?;
    all.pop().ok_or_else(|| Failure::told(Exit::Error))
}

/// One environment of a project, evaluated.
pub(super) struct One {
    pub(super) loaded: Loaded,
    pub(super) inputs: Inputs,
    pub(super) environment: String,
    pub(super) evaluated: Evaluated,
}

/// Loads the project and evaluates the one environment that is named.
pub(super) fn evaluate_one(
    session: &Session,
    name: &str,
    arguments: &InputArguments,
) -> Result<One, Failure> {
    let (mut loaded, inputs) = load(session, arguments)?;
    let environment = environments::one(session, &mut loaded, Vec::new(), name)?;
    let inputs = with_exports(session, &loaded, std::slice::from_ref(&environment), inputs)?;
    let evaluated = evaluate_loaded(session, &mut loaded, &environment, &inputs)?;
    Ok(One { loaded, inputs, environment, evaluated })
}

/// Everything that plans of one project are made with.
pub(super) struct Workbench {
    pub(super) loaded: Loaded,
    pub(super) records: Records,
    pub(super) registry: ProviderRegistry,
    pub(super) options: PlanOptions,
    /// States that were read ahead; each is used once.
    read: Mutex<BTreeMap<EnvironmentName, State>>,
}

/// A plan with what it was made from.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) state: State,
    pub(super) fingerprint: Digest,
    pub(super) seconds: f64,
}

impl Workbench {
    /// Returns the workbench of a project whose source is sound.
    pub(super) async fn new(
        session: &Session,
        loaded: Loaded,
        (options, ahead): (PlanOptions, Option<Ahead>),
    ) -> Result<Self, Failure> {
        let records = Records::open(&loaded.root, &session.output)?;
        let registry = loaded.world.registry().await?;
        let read = Mutex::new(ahead.map(Ahead::finish).unwrap_or_default());
        Ok(Self { loaded, records, registry, options, read })
    }

    /// Plans an environment from what is recorded of it.
    pub(super) async fn plan(
        &self,
        session: &Session,
        environment: &EnvironmentName,
        desired: Option<&Desired>,
    ) -> Result<Planned, Failure> {
        let ahead = self.read.lock().unwrap_or_else(PoisonError::into_inner).remove(environment);
        let state = match ahead {
            Some(state) => state,
            None => self.records.state(environment).await?,
        };
        let taken = state.lease.as_ref();
        if let Some(place) = taken.and_then(|(lease, _)| moved_to(&lease.holder)) {
            session.output.note(&format!(
                "The log of `{environment}` has moved to {place}: this plan is made from what it was then, and \
                 cannot be applied."
            ));
        }
        self.plan_from(session, environment, desired, state).await
    }

    /// Evaluates an environment again where it reads what this command has just changed.
    pub(super) fn again(
        &self,
        session: &Session,
        inputs: &Inputs,
        evaluated: &mut Evaluated,
    ) -> Result<(), Failure> {
        let Loaded { project, world, sources, .. } = &self.loaded;
        let environment = evaluated.desired.environment.0.clone();
        let (again, found) = syncline_lang::evaluate(project, &environment, inputs, world);
        session.tell(&found, sources)?;
        if let Some(again) = again {
            *evaluated = again;
        }
        Ok(())
    }

    /// Notes what is recorded of an environment by now.
    pub(super) async fn export(
        &self,
        inputs: &mut Inputs,
        environment: &EnvironmentName,
    ) -> Result<(), Failure> {
        let state = self.records.state(environment).await?;
        export(inputs, environment.0.clone(), &state);
        Ok(())
    }

    /// Plans an environment from a state.
    pub(super) async fn plan_from(
        &self,
        session: &Session,
        environment: &EnvironmentName,
        desired: Option<&Desired>,
        state: State,
    ) -> Result<Planned, Failure> {
        let begun = Instant::now();
        let progress = Planning::new(&session.output, environment);
        self.records.learn(environment, &state);
        let secret_key = self.records.digest_key(environment);
        let clock = SystemClock::default();
        let is_held = lease::holding(&state, clock.now(), &is_alive).is_some();
        let planner = Planner {
            environment,
            desired,
            state: &state,
            providers: &self.registry,
            resolve: &Resolver { functions: Some(&self.loaded.world) },
            sources: &self.loaded.sources,
            clock: &clock,
            options: PlanOptions { is_held, ..self.options.clone() },
            secret_key,
            observer: &progress,
        };
        let (plan, mut diagnostics) = syncline_planner::plan(&planner).await;
        progress.finish();
        // What another run is doing right now is in flight, not left behind.
        if is_held {
            diagnostics.retain(Diagnostic::is_error);
        }
        let refused = diagnostics.iter().any(|found| {
            found.code == syncline_planner::diagnostics::PROTECTED && found.is_error()
        });
        if let Err(failure) = session.tell(&diagnostics, &self.loaded.sources) {
            return Err(if refused { failure.exits(Exit::Refused) } else { failure });
        }
        let plan = plan.ok_or_else(|| Failure::new(format!("`{environment}` has no plan")))?;
        let fingerprint = plan_fingerprint(&plan, &secret_key);
        Ok(Planned { plan, state, fingerprint, seconds: begun.elapsed().as_secs_f64() })
    }
}

/// Returns what there is to say of what an environment reads, but of what this command takes first.
pub(super) fn reads(desired: &Desired, taken: &BTreeSet<EnvironmentName>) -> Vec<Diagnostic> {
    let reader = &desired.environment.0;
    let others = desired.reads.iter().filter(|read| !taken.contains(&read.environment));
    unapplied_output::diagnostics(reader, others)
}

/// Tells whether an environment reads one of these.
pub(super) fn reads_of(desired: &Desired, taken: &BTreeSet<EnvironmentName>) -> bool {
    desired.reads.iter().any(|read| taken.contains(&read.environment))
}

/// Refuses to apply an environment that reads what is not known.
pub(super) fn complete(desired: &Desired) -> Result<(), Failure> {
    let missing = |read: &&syncline_model::OutputRead| read.found == Found::Nothing;
    let Some(read) = desired.reads.iter().find(missing) else { return Ok(()) };
    let (reader, other) = (&desired.environment, &read.environment);
    Err(Failure::new(format!("`{reader}` reads what `{other}` has not been applied with"))
        .note(format!("It is the output `{}`.", read.name))
        .help(format!("Apply both, in this order: `syncline apply {other} {reader}`.")))
}
