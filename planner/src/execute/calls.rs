//! One step: the provider's call and what is to be recorded of it.
//!
//! Takes a step and what is recorded; asks the provider, and returns the outcome. Nothing is
//! appended here. What is there is looked at right before it is changed ([`super::still`]), and a
//! configuration that held unknowns is planned again before the intent is written ([`again`]), so
//! that the intent names what will be made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use syncline_model::{
    Address, Applied, ApplyRequest, DataRequest, Diagnostic, Mode, Problem, Provider, ProviderId,
    ResourceSchema, Response, Str, Value,
};

use super::ephemeral;
use super::{Executor, healthy, made, still};
use crate::diagnostics::{self, Blame};
use crate::leases::Opening;
use crate::plan::{Action, Bytes, Change, Operation, Plan, PlanStep};
use crate::record::{OutcomeResult, Recorded};
use crate::resource_type::to_record;
use crate::state::State;
use crate::values;

/// What has become known in this run: what data sources said, and what was made, recorded or not.
#[derive(Default)]
pub(super) struct Known {
    /// What data sources said.
    pub(super) reads: BTreeMap<Address, Value>,
    /// Attributes whose outcome is on its way into the log.
    pub(super) made: BTreeMap<Address, Value>,
}

impl Known {
    fn find(&self, state: &State, address: &Address) -> Option<Value> {
        let known = self.reads.get(address).or_else(|| self.made.get(address)).cloned();
        known.or_else(|| state.recorded(address).map(|recorded| recorded.attributes.clone()))
    }
}

/// A call that is about to be made, with all that the state tells.
pub(super) struct Call<'a> {
    pub(super) change: &'a Change,
    pub(super) operation: Operation,
    /// The provider's source address, where the log does not say that of its name.
    pub(super) source: Str,
    /// What the record has to say of the type.
    pub(super) resource_type: Str,
    pub(super) provider_config: Result<Value, Box<Diagnostic>>,
    /// The configuration, wholly known.
    pub(super) config: Result<Value, Box<Diagnostic>>,
    /// What is asked for; as it was approved until it is planned again.
    pub(super) planned: Value,
    /// The provider's own bytes, as planned.
    pub(super) planned_private: Vec<u8>,
    /// The provider's own bytes, as recorded.
    pub(super) private: Vec<u8>,
    /// Something else is recorded at the address, which stays beside what is made.
    pub(super) is_successor: bool,
    /// The plan changes something next to it.
    pub(super) has_neighbours: bool,
    /// What its health is seen by.
    pub(super) health: Result<Vec<Value>, Box<Diagnostic>>,
    /// What is recorded once its health was seen.
    pub(super) seen: Option<Recorded>,
}

/// What came of a call.
#[derive(Default)]
pub(super) struct Called {
    /// What is to be recorded.
    pub(super) result: Option<OutcomeResult>,
    /// What a data source said.
    pub(super) read: Option<Value>,
    /// An ephemeral resource that is open now.
    pub(super) opened: Option<Opening>,
    /// What a step that was planned again asks for.
    pub(super) asked: Option<(Value, Vec<u8>)>,
    pub(super) failure: Option<Diagnostic>,
    /// The call may have had its effect, although it failed: nothing is recorded, so that the next run asks.
    pub(super) is_in_doubt: bool,
    /// It was told to stop before it came to anything.
    pub(super) is_given_up: bool,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Returns a call's number.
pub(super) fn number(run: u64, step: u32) -> Str {
    Str::from(format!("{run}.{step}"))
}

/// Returns the source address of a provider, where the log does not say already that its name stands for that.
pub(super) fn source(executor: &Executor<'_>, state: &State, id: &ProviderId) -> Str {
    let source = executor.providers.source(&id.name);
    let source = source.filter(|own| state.sources.get(&id.name) != Some(own));
    source.cloned().unwrap_or_default()
}

/// Returns what the record of a change has to say of its type.
fn own_type(executor: &Executor<'_>, change: &Change) -> Str {
    let name = &change.provider.name;
    let source = executor.providers.source(name).map(Str::as_str);
    to_record(&change.resource_type, name, source, &change.kind)
}

/// Takes from the state what a step needs.
pub(super) fn prepare<'a>(
    executor: &Executor<'a>,
    state: &State,
    known: &Known,
    step: &PlanStep,
) -> Call<'a> {
    let change = &executor.plan.changes[step.change as usize];
    let entry = state.resources.get(&change.address);
    let recorded = entry.and_then(|entry| entry.recorded.as_deref());
    // Of what replacements leave behind, the oldest goes first.
    let deposed = entry.and_then(|entry| entry.deposed.first());
    let is_old = step.operation == Operation::Delete && deletes_deposed(change);
    let before = if is_old { deposed } else { recorded };
    // What was made in the place of what had gone follows nothing.
    let was_second = entry
        .and_then(|entry| entry.in_flight.as_deref())
        .is_some_and(|intent| change.reason.is_adoption() && intent.is_create_first());
    let what = || format!("what `{}` is configured with", change.address);
    let id = &change.provider;
    let [is_delete, is_check] =
        [Operation::Delete, Operation::Check].map(|own| step.operation == own);
    let config = compute(executor, state, known, &change.config)
        .map_err(|diagnostic| late(change, &format!("`{}`", change.address), *diagnostic))
        .and_then(|value| whole(value, &what));
    let config = config.map(|config| match schema(executor, change) {
        Some(schema) => values::complete(&schema.block, &config),
        None => config,
    });
    let provider_config = provider_config(executor, state, known, id);
    Call {
        change,
        operation: step.operation,
        source: source(executor, state, id),
        resource_type: own_type(executor, change),
        provider_config: match (provider_config, state.used_with(id)) {
            // What cannot be computed any more was computed once: what is there can go.
            (Err(_), Some(config)) if is_delete => Ok(config.clone()),
            (Err(diagnostic), _) => {
                let what = format!("the provider of `{}`", change.address);
                Err(late(change, &what, *diagnostic))
            }
            (config, _) => config,
        },
        config,
        planned: change.after.clone(),
        planned_private: change.private.0.clone(),
        private: match before {
            Some(before) => before.private.0.clone(),
            None => kept(state, change).0,
        },
        is_successor: recorded.is_some()
            && (change.action == Action::ReplaceCreateFirst || was_second),
        has_neighbours: false,
        health: if is_check { health(executor, state, known, change) } else { Ok(Vec::new()) },
        seen: recorded
            .filter(|_| is_check)
            .map(|recorded| Recorded { unseen: false, ..recorded.clone() }),
    }
}

/// Returns what a resource's health is seen by, wholly known.
fn health(
    executor: &Executor<'_>,
    state: &State,
    known: &Known,
    change: &Change,
) -> Result<Vec<Value>, Box<Diagnostic>> {
    let what = || format!("the `@health` of `{}`", change.address);
    let probe = |said| {
        let computed = compute(executor, state, known, said);
        let computed = computed.map_err(|diagnostic| late(change, &what(), *diagnostic))?;
        whole(computed, &what)
    };
    change.health.iter().map(probe).collect()
}

/// Returns the provider's own bytes of what is there, or of what a run that ended meant to make.
pub(super) fn kept(state: &State, change: &Change) -> Bytes {
    let Some(entry) = state.resources.get(&change.address) else { return Bytes::default() };
    let recorded = entry.recorded.as_deref().map(|recorded| &recorded.private);
    let meant = entry.in_flight.as_deref().map(|intent| &intent.private);
    recorded.or(meant).cloned().unwrap_or_default()
}

/// Tells whether the provider has to plan a step again, since its configuration held unknowns, or
/// since it was not set up when the plan was made.
pub(super) fn has_to_plan(plan: &Plan, change: &Change, operation: Operation) -> bool {
    let is_made = matches!(operation, Operation::Create | Operation::Update);
    let at = plan.providers.binary_search_by(|own| own.id.cmp(&change.provider));
    let was_set_up = at.map_or(true, |at| plan.providers[at].config.is_known());
    is_made && !(change.config.is_known() && was_set_up)
}

/// Tells whether a deletion is of what a create-first replacement left behind.
pub(super) fn deletes_deposed(change: &Change) -> bool {
    change.action == Action::ReplaceCreateFirst || change.is_of_deposed()
}

/// Tells whether a provider's configuration is the same for the whole run.
pub(super) fn has_fixed_config(executor: &Executor<'_>, id: &ProviderId) -> bool {
    let providers = &executor.plan.providers;
    let found = providers.binary_search_by(|own| own.id.cmp(id));
    found.map_or(true, |at| providers[at].config.is_known())
}

/// Tells whether a provider is set up with something that is open for this run alone.
pub(super) fn waits_for_open(executor: &Executor<'_>, id: &ProviderId) -> bool {
    let providers = &executor.plan.providers;
    let Ok(at) = providers.binary_search_by(|own| own.id.cmp(id)) else { return false };
    let mut waits = Vec::new();
    providers[at].config.waits_for(&mut waits);
    let ephemeral = |change: &&Change| change.mode == Mode::Ephemeral;
    let mut open = executor.plan.changes.iter().filter(ephemeral);
    open.any(|change| waits.contains(&change.address))
}

/// Returns a provider's configuration.
pub(super) fn provider_config(
    executor: &Executor<'_>,
    state: &State,
    known: &Known,
    id: &ProviderId,
) -> Result<Value, Box<Diagnostic>> {
    let providers = &executor.plan.providers;
    match providers.binary_search_by(|own| own.id.cmp(id)) {
        Ok(at) => {
            let what = || format!("the configuration of the provider `{id}`");
            whole(compute(executor, state, known, &providers[at].config)?, &what)
        }
        Err(_) => Ok(Value::from(syncline_model::Map::new())),
    }
}

/// Returns a value with every residual computed as far as it can be.
pub(super) fn compute(
    executor: &Executor<'_>,
    state: &State,
    known: &Known,
    value: &Value,
) -> Result<Value, Box<Diagnostic>> {
    if value.is_known() {
        return Ok(value.clone());
    }
    executor.resolve.resolve(value, &|address| known.find(state, address))
}

/// Returns a value that is wholly known, or the report that it is not.
fn whole(value: Value, what: &dyn Fn() -> String) -> Result<Value, Box<Diagnostic>> {
    if value.is_known() {
        return Ok(value);
    }
    let mut waits_for = Vec::new();
    value.waits_for(&mut waits_for);
    Err(Box::new(diagnostics::not_known(&what(), &waits_for)))
}

/// Returns a report about something that failed once it was computed, with the resource that it
/// was computed for.
fn late(change: &Change, what: &str, diagnostic: Diagnostic) -> Box<Diagnostic> {
    let diagnostic = diagnostic.note(format!("It was computed for {what}."));
    Box::new(diagnostics::declared(change, diagnostic))
}

/// Plans a step again, now that its configuration is known.
pub(super) async fn again(executor: &Executor<'_>, call: &mut Call<'_>) -> Called {
    let mut called = Called::default();
    if let Err(diagnostic) = plan_again(executor, call, &mut called).await {
        called.result = Some(left(&diagnostic));
        called.failure = Some(*diagnostic);
    }
    called
}

async fn plan_again(
    executor: &Executor<'_>,
    call: &mut Call<'_>,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let (provider, schema) = reach(executor, call).await?;
    made::plan_again(call, &*provider, &schema, called).await
}

/// Makes the call.
pub(super) async fn call(executor: &Executor<'_>, call: Call<'_>) -> Called {
    let mut called = Called::default();
    if call.operation == Operation::Record {
        called.result = Some(note(&call));
        return called;
    }
    let done = if call.operation == Operation::Check {
        healthy::check(executor, &call, &mut called).await
    } else {
        attempt(executor, &call, &mut called).await
    };
    if let Err(diagnostic) = done {
        called.is_in_doubt &= called.result.is_none();
        called.failure = Some(if called.is_in_doubt {
            diagnostic
                .note("Whether it had its effect is not known: the next run asks the provider.")
        } else {
            *diagnostic
        });
        if called.result.is_none() && !called.is_in_doubt && call.operation != Operation::Read {
            called.result = called.failure.as_ref().map(left);
        }
    }
    called
}

/// Returns what a failed call without an answer leaves: what was there before.
fn left(diagnostic: &Diagnostic) -> OutcomeResult {
    OutcomeResult::Failed { message: Str::from(diagnostic.message.as_str()) }
}

fn note(call: &Call<'_>) -> OutcomeResult {
    let change = call.change;
    if change.after.is_null() {
        return OutcomeResult::Absent;
    }
    let recorded = Box::new(recorded(call, change.after.clone(), change.private.clone()));
    if call.is_successor {
        OutcomeResult::Replaced { recorded }
    } else {
        OutcomeResult::Present(recorded)
    }
}

pub(super) fn recorded(call: &Call<'_>, attributes: Value, private: Bytes) -> Recorded {
    let change = call.change;
    Recorded {
        kind: change.kind.clone(),
        resource_type: call.resource_type.clone(),
        provider: change.provider.clone(),
        source: call.source.clone(),
        schema_version: change.schema_version,
        attributes,
        private,
        fingerprint: change.fingerprint,
        depends_on: change.depends_on.clone(),
        lifecycle: change.lifecycle.clone(),
        tainted: false,
        outdated: false,
        unseen: !change.health.is_empty(),
    }
}

/// Returns the provider of a call, set up, and the schema of what is called for.
async fn reach(
    executor: &Executor<'_>,
    call: &Call<'_>,
) -> Result<(Arc<dyn Provider>, Arc<ResourceSchema>), Box<Diagnostic>> {
    let change = call.change;
    let blame = Blame { address: &change.address, desired: None };
    let config = call.provider_config.clone()?;
    let provider = executor.providers.get(&change.provider, Some(config.clone())).await.map_err(
        |problem| {
            let problem = values::scrubbed(&problem, &[&config]);
            Box::new(diagnostics::problem(blame, "reach the provider of", &problem))
        },
    )?;
    match schema(executor, change) {
        Some(schema) => Ok((provider, schema)),
        None => Err(Box::new(diagnostics::missing_kind(blame, &change.type_name()))),
    }
}

fn schema(executor: &Executor<'_>, change: &Change) -> Option<Arc<ResourceSchema>> {
    let schema = executor.providers.schema(&change.provider.name)?;
    schema.get(change.mode, &change.kind).cloned()
}

async fn attempt(
    executor: &Executor<'_>,
    call: &Call<'_>,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let (provider, schema) = reach(executor, call).await?;
    if matches!(call.operation, Operation::Update | Operation::Delete) {
        let is_gone = still::check(call, &*provider, &schema, called).await?;
        if is_gone {
            called.result = Some(gone(call.change));
            return Ok(());
        }
    }
    match call.operation {
        Operation::Read if call.change.mode == Mode::Ephemeral => {
            ephemeral::open(call, provider, called).await
        }
        Operation::Read => read(call, &*provider, &schema, called).await,
        Operation::Delete => {
            still::held(executor, call)?;
            delete(call, &*provider, called).await
        }
        Operation::Create | Operation::Update => {
            still::held(executor, call)?;
            made::make(call, &*provider, &schema, called).await
        }
        Operation::Record | Operation::Check => Ok(()),
    }
}

/// Waits for a change, and no longer than its resource says, in milliseconds.
pub(super) async fn within(
    limit: Option<u64>,
    change: impl Future<Output = Response<Applied>>,
) -> Response<Applied> {
    let Some(millis) = limit else { return change.await };
    let limit = Duration::from_millis(millis);
    tokio::time::timeout(limit, change).await.unwrap_or_else(|_| {
        let summary = format!("it took longer than its `@timeout`, {limit:?}");
        let detail = "The call was given up. It may go on at the provider for a while.";
        Response::fail(Problem::error(summary, detail).in_doubt())
    })
}

/// Tells whether a change may have been made although no answer tells of it.
pub(super) fn is_in_doubt(response: &Response<Applied>) -> bool {
    let said_nothing = response.problems.iter().all(|problem| !problem.is_error);
    let is_lost = response.problems.iter().any(|problem| problem.is_in_doubt);
    response.answer.is_none() && (said_nothing || is_lost)
}

/// Returns what is recorded once a resource is no more.
fn gone(change: &Change) -> OutcomeResult {
    if deletes_deposed(change) { OutcomeResult::DeposedAbsent } else { OutcomeResult::Absent }
}

/// Turns what a provider said into warnings, or into the error.
pub(super) fn said(
    call: &Call<'_>,
    doing: &str,
    problems: &[Problem],
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let blame = Blame { address: &call.change.address, desired: None };
    let mut error: Option<Diagnostic> = None;
    for problem in problems {
        let config = call.config.as_ref().unwrap_or(&Value::Null);
        let problem = values::scrubbed(problem, &[config, &call.change.before, &call.change.after]);
        let report = diagnostics::problem(blame, doing, &problem);
        match &mut error {
            _ if !problem.is_error => called.warnings.push(report),
            None => error = Some(report),
            Some(first) => {
                first.notes.push(format!("{}.", report.message));
                first.notes.extend(report.notes);
            }
        }
    }
    match error {
        Some(error) => Err(Box::new(diagnostics::declared(call.change, error))),
        None => Ok(()),
    }
}

async fn read(
    call: &Call<'_>,
    provider: &dyn Provider,
    schema: &ResourceSchema,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let config = call.config.clone()?;
    let request = DataRequest { kind: call.change.kind.clone(), config: config.clone() };
    let response = provider.read_data(request).await;
    said(call, "read", &response.problems, called)?;
    let Some(answer) = response.answer else { return Err(silent(call)) };
    called.read = Some(values::mark(&schema.block, answer, &config));
    Ok(())
}

pub(super) fn silent(call: &Call<'_>) -> Box<Diagnostic> {
    let blame = Blame { address: &call.change.address, desired: None };
    Box::new(diagnostics::broken_promise(blame, "it gave no answer"))
}

async fn delete(
    call: &Call<'_>,
    provider: &dyn Provider,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let request = ApplyRequest {
        kind: change.kind.clone(),
        prior: change.before.clone(),
        planned: Value::Null,
        config: Value::Null,
        // Where it replaces something, its end was not planned by itself.
        private: match change.action {
            Action::Delete if !deletes_deposed(change) => call.planned_private.clone(),
            Action::Delete
            | Action::Create
            | Action::Update
            | Action::Replace
            | Action::ReplaceCreateFirst
            | Action::Read
            | Action::Check
            | Action::Record => call.private.clone(),
        },
    };
    let response = within(change.lifecycle.timeouts.delete, provider.apply(request)).await;
    called.is_in_doubt = is_in_doubt(&response);
    if let Err(error) = said(call, "destroy", &response.problems, called) {
        let partial =
            response.answer.filter(|answer| !answer.state.is_null() && !deletes_deposed(change));
        if let Some(answer) = partial {
            called.result = Some(partial_delete(call, answer, &error));
        }
        return Err(error);
    }
    if response.answer.is_none() {
        return Err(silent(call));
    }
    called.result = Some(gone(change));
    Ok(())
}

fn partial_delete(call: &Call<'_>, answer: Applied, error: &Diagnostic) -> OutcomeResult {
    let change = call.change;
    let attributes = match mark_like_before(change, answer.state) {
        state if state.is_known() => state,
        state => values::known_part(&state),
    };
    OutcomeResult::Partial {
        recorded: Box::new(recorded(call, attributes, Bytes(answer.private))),
        message: error.message.as_str().into(),
    }
}

/// Returns attributes with secret marks where they had some before.
fn mark_like_before(change: &Change, state: Value) -> Value {
    values::mark(&syncline_model::Block::default(), state, &change.before)
}
