//! One step: the provider's call and what is to be recorded of it.

use std::collections::BTreeMap;

use syncline_model::{
    Address, Applied, ApplyRequest, DataRequest, Diagnostic, Path, PlanRequest, Problem, Provider,
    ProviderId, ResourceSchema, Response, Str, Value,
};

use super::Executor;
use crate::diagnostics::{self, Blame};
use crate::plan::{Action, Bytes, Change, Operation, PlanStep, Reason};
use crate::record::{Intent, OutcomeResult, Recorded};
use crate::state::State;
use crate::values;

/// A call that is about to be made, with all that the state tells.
pub(super) struct Call<'a> {
    change: &'a Change,
    operation: Operation,
    provider_config: Result<Value, Box<Diagnostic>>,
    /// The configuration, wholly known.
    config: Result<Value, Box<Diagnostic>>,
    /// The provider's own bytes, as recorded.
    private: Vec<u8>,
    /// What is there is not recorded: an interrupted run made it.
    is_adopted: bool,
    /// An interrupted create-first replacement made it: what is recorded is the old one.
    is_successor: bool,
}

/// What came of a call.
#[derive(Default)]
pub(super) struct Called {
    /// What is to be recorded.
    pub(super) result: Option<OutcomeResult>,
    /// What a data source said.
    pub(super) read: Option<Value>,
    pub(super) failure: Option<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Returns a call's number.
pub(super) fn number(run: u64, step: u32) -> Str {
    Str::from(format!("{run}.{step}"))
}

/// Takes from the state what a step needs.
pub(super) fn prepare<'a>(
    executor: &Executor<'a>,
    state: &State,
    reads: &BTreeMap<Address, Value>,
    step: &PlanStep,
) -> Call<'a> {
    let change = &executor.plan.changes[step.change as usize];
    let entry = state.resources.get(&change.address);
    let recorded = entry.and_then(|entry| entry.recorded.as_ref());
    let what = || format!("what `{}` is configured with", change.address);
    Call {
        change,
        operation: step.operation,
        provider_config: provider_config(executor, state, reads, &change.provider),
        config: known(executor, state, reads, &change.config, &what),
        private: recorded.map(|recorded| recorded.private.0.clone()).unwrap_or_default(),
        is_adopted: recorded.is_none()
            && !change.before.is_null()
            && step.operation != Operation::Create
            && !is_of_deposed(change),
        is_successor: is_successor(executor, change),
    }
}

/// Tells whether a deletion is of what a create-first replacement left behind.
fn is_of_deposed(change: &Change) -> bool {
    change.action == Action::ReplaceCreateFirst
        || change.action == Action::Delete && change.reason == Reason::CannotUpdate
}

/// Tells whether a change takes over what an interrupted create-first replacement has made.
fn is_successor(executor: &Executor<'_>, change: &Change) -> bool {
    let entry = executor.state.resources.get(&change.address);
    let intent = entry.and_then(|entry| entry.in_flight.as_ref());
    matches!(change.action, Action::Record | Action::Update)
        && entry.is_some_and(|entry| entry.recorded.is_some())
        && intent.is_some_and(Intent::is_create_first)
}

/// Returns a provider's configuration.
pub(super) fn provider_config(
    executor: &Executor<'_>,
    state: &State,
    reads: &BTreeMap<Address, Value>,
    id: &ProviderId,
) -> Result<Value, Box<Diagnostic>> {
    let providers = &executor.plan.providers;
    match providers.binary_search_by(|own| own.id.cmp(id)) {
        Ok(at) => {
            let what = || format!("the configuration of the provider `{id}`");
            known(executor, state, reads, &providers[at].config, &what)
        }
        Err(_) => Ok(Value::from(syncline_model::Map::new())),
    }
}

/// Returns a value with every residual computed.
fn known(
    executor: &Executor<'_>,
    state: &State,
    reads: &BTreeMap<Address, Value>,
    value: &Value,
    what: &dyn Fn() -> String,
) -> Result<Value, Box<Diagnostic>> {
    if value.is_known() {
        return Ok(value.clone());
    }
    let value = executor.resolve.resolve(value, &|address| {
        let read = reads.get(address).cloned();
        read.or_else(|| state.recorded(address).map(|recorded| recorded.attributes.clone()))
    })?;
    if value.is_known() {
        return Ok(value);
    }
    let mut waits_for = Vec::new();
    value.waits_for(&mut waits_for);
    Err(Box::new(diagnostics::not_known(&what(), &waits_for)))
}

/// Makes the call.
pub(super) async fn call(executor: &Executor<'_>, call: Call<'_>) -> Called {
    let mut called = Called::default();
    if call.operation == Operation::Record {
        called.result = Some(note(&call));
        return called;
    }
    if let Err(diagnostic) = attempt(executor, &call, &mut called).await {
        if called.result.is_none() && call.operation != Operation::Read {
            called.result = Some(left(&call, &diagnostic));
        }
        called.failure = Some(*diagnostic);
    }
    called
}

/// Returns what a failed call without an answer leaves: what was there before.
fn left(call: &Call<'_>, diagnostic: &Diagnostic) -> OutcomeResult {
    let message = Str::from(diagnostic.message.as_str());
    if call.is_adopted {
        let change = call.change;
        let mut recorded = recorded(change, change.before.clone(), change.private.clone());
        recorded.fingerprint = syncline_model::Digest::ZERO;
        return OutcomeResult::Partial { recorded: Box::new(recorded), message };
    }
    OutcomeResult::Failed { message }
}

fn note(call: &Call<'_>) -> OutcomeResult {
    let change = call.change;
    if change.after.is_null() {
        return OutcomeResult::Absent;
    }
    let recorded = Box::new(recorded(change, change.after.clone(), change.private.clone()));
    if call.is_successor {
        OutcomeResult::Replaced { recorded }
    } else {
        OutcomeResult::Present(recorded)
    }
}

fn recorded(change: &Change, attributes: Value, private: Bytes) -> Recorded {
    Recorded {
        kind: change.kind.clone(),
        provider: change.provider.clone(),
        schema_version: change.schema_version,
        attributes,
        private,
        fingerprint: change.fingerprint,
        depends_on: change.depends_on.clone(),
        lifecycle: change.lifecycle.clone(),
        tainted: false,
    }
}

async fn attempt(
    executor: &Executor<'_>,
    call: &Call<'_>,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let blame = Blame { address: &change.address, desired: None };
    let config = call.provider_config.clone()?;
    let provider =
        executor.providers.get(&change.provider, Some(config)).await.map_err(|problem| {
            Box::new(diagnostics::problem(blame, "reach the provider of", &problem))
        })?;
    let schema = executor
        .providers
        .schema(&change.provider.name)
        .and_then(|schema| schema.get(change.mode, &change.kind).cloned());
    let Some(schema) = schema else {
        return Err(Box::new(diagnostics::missing_kind(blame, &change.type_name())));
    };
    match call.operation {
        Operation::Read => read(call, &*provider, &schema, called).await,
        Operation::Delete => delete(call, &*provider, called).await,
        Operation::Create | Operation::Update => make(call, &*provider, &schema, called).await,
        Operation::Record => Ok(()),
    }
}

/// Turns what a provider said into warnings, or into the error.
fn said(
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
        Some(error) => Err(Box::new(match &call.change.declared {
            Some(place) => error.note(format!("It is declared at {place}.")),
            None => error,
        })),
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

fn silent(call: &Call<'_>) -> Box<Diagnostic> {
    let blame = Blame { address: &call.change.address, desired: None };
    Box::new(diagnostics::broken_promise(blame, "it gave no answer"))
}

async fn delete(
    call: &Call<'_>,
    provider: &dyn Provider,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let of_deposed = is_of_deposed(change);
    let private = if change.action == Action::Replace {
        call.private.clone()
    } else {
        change.private.0.clone()
    };
    let request = ApplyRequest {
        kind: change.kind.clone(),
        prior: change.before.clone(),
        planned: Value::Null,
        config: Value::Null,
        private,
    };
    let response = provider.apply(request).await;
    if let Err(error) = said(call, "destroy", &response.problems, called) {
        let partial = response.answer.filter(|answer| !answer.state.is_null() && !of_deposed);
        if let Some(answer) = partial {
            called.result = Some(partial_delete(change, answer, &error));
        }
        return Err(error);
    }
    if response.answer.is_none() {
        return Err(silent(call));
    }
    called.result =
        Some(if of_deposed { OutcomeResult::DeposedAbsent } else { OutcomeResult::Absent });
    Ok(())
}

fn partial_delete(change: &Change, answer: Applied, error: &Diagnostic) -> OutcomeResult {
    let attributes = match mark_like_before(change, answer.state) {
        state if state.is_known() => state,
        state => values::known_part(&state),
    };
    OutcomeResult::Partial {
        recorded: Box::new(recorded(change, attributes, Bytes(answer.private))),
        message: error.message.as_str().into(),
    }
}

/// Returns attributes with secret marks where they had some before.
fn mark_like_before(change: &Change, state: Value) -> Value {
    values::mark(&syncline_model::Block::default(), state, &change.before)
}

async fn make(
    call: &Call<'_>,
    provider: &dyn Provider,
    schema: &ResourceSchema,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let config = call.config.clone()?;
    let is_create = call.operation == Operation::Create;
    let prior = if is_create { Value::Null } else { change.before.clone() };
    let mut planned = change.after.clone();
    let mut private = change.private.0.clone();
    if !change.config.is_known() {
        let response = provider
            .plan(PlanRequest {
                kind: change.kind.clone(),
                prior: prior.clone(),
                proposed: values::propose(&schema.block, &prior, &config),
                config: config.clone(),
                private: if is_create { Vec::new() } else { call.private.clone() },
            })
            .await;
        said(call, "plan", &response.problems, called)?;
        let Some(answer) = response.answer else { return Err(silent(call)) };
        let again = values::mark(&schema.block, answer.state, &config);
        approved(call, &planned, &again, &prior, &answer.requires_replace)?;
        (planned, private) = (again, answer.private);
    }
    let request = ApplyRequest {
        kind: change.kind.clone(),
        prior,
        planned: planned.clone(),
        config: config.clone(),
        private,
    };
    let response = provider.apply(request).await;
    made(call, schema, (&planned, &config), response, called)
}

/// Checks that a second plan fits what was approved.
fn approved(
    call: &Call<'_>,
    approved: &Value,
    again: &Value,
    prior: &Value,
    requires_replace: &[Path],
) -> Result<(), Box<Diagnostic>> {
    let blame = Blame { address: &call.change.address, desired: None };
    if let Some(path) = values::misfit(approved, again, &Path::default()) {
        let how = format!("now that all values are known, it plans another `{path}`");
        return Err(Box::new(diagnostics::broken_promise(blame, &how)));
    }
    if prior.is_null() {
        return Ok(());
    }
    let null = Value::Null;
    let forces = |path: &&Path| {
        let (old, new) = (path.get(prior).unwrap_or(&null), path.get(again).unwrap_or(&null));
        !values::same(old, new)
    };
    match requires_replace.iter().find(forces) {
        Some(path) => {
            let how = format!(
                "now that `{path}` is known, it would have to replace the resource, and an update \
                 was approved"
            );
            Err(Box::new(diagnostics::broken_promise(blame, &how)))
        }
        None => Ok(()),
    }
}

/// Records what a create or an update came to.
fn made(
    call: &Call<'_>,
    schema: &ResourceSchema,
    (planned, config): (&Value, &Value),
    response: Response<Applied>,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let is_create = call.operation == Operation::Create;
    let doing = if is_create { "create" } else { "update" };
    let mut error = said(call, doing, &response.problems, called).err();
    let Some(answer) = response.answer else { return Err(error.unwrap_or_else(|| silent(call))) };
    let blame = Blame { address: &change.address, desired: None };
    let mut state = values::mark(&schema.block, answer.state, config);
    if error.is_none() {
        let how = if state.is_null() {
            Some("it says that there is nothing".to_owned())
        } else if !state.is_known() {
            Some("it leaves values unknown".to_owned())
        } else {
            let planned = without_write_only(schema, planned);
            values::misfit(&planned, &state, &Path::default())
                .map(|path| format!("`{path}` is not as planned"))
        };
        error = how.map(|how| Box::new(diagnostics::broken_promise(blame, &how)));
    }
    if state.is_null() {
        return Err(error.unwrap_or_else(|| silent(call)));
    }
    if !state.is_known() {
        state = values::known_part(&state);
    }
    let mut recorded = Box::new(recorded(change, state, Bytes(answer.private)));
    let Some(error) = error else {
        called.result = Some(if change.action == Action::ReplaceCreateFirst || call.is_successor {
            OutcomeResult::Replaced { recorded }
        } else {
            OutcomeResult::Present(recorded)
        });
        return Ok(());
    };
    recorded.tainted = is_create;
    recorded.fingerprint = syncline_model::Digest::ZERO;
    // Where the old one is still there, it must stay in the record beside the new one.
    called.result = Some(if change.action == Action::ReplaceCreateFirst || call.is_successor {
        OutcomeResult::Replaced { recorded }
    } else {
        let message = Str::from(error.message.as_str());
        OutcomeResult::Partial { recorded, message }
    });
    Err(error)
}

/// Returns what was planned, as it is recorded: write-only attributes are not.
fn without_write_only(schema: &ResourceSchema, planned: &Value) -> Value {
    let plain = schema.block.attributes.values().all(|attribute| !attribute.write_only);
    if plain { planned.clone() } else { values::mark(&schema.block, planned.clone(), &Value::Null) }
}
