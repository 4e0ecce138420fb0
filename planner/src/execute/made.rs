//! Making: a create or an update, planned again where it has to be, and its result.
//!
//! Takes a call; returns in it what came of it. An answer counts only where it fits what was
//! approved; a create that failed half-way is recorded as tainted.

use syncline_model::{
    Applied, ApplyRequest, Diagnostic, Path, PlanRequest, Provider, ResourceSchema, Response, Str,
    Value,
};

use super::calls::{Call, Called, is_in_doubt, recorded, said, silent, within};
use crate::diagnostics::{self, Blame};
use crate::plan::{Bytes, Operation};
use crate::promises;
use crate::proposal;
use crate::record::OutcomeResult;
use crate::values;

/// Asks the provider to plan a call again, and takes the answer, if it fits, as what is asked for.
pub(super) async fn plan_again(
    call: &mut Call<'_>,
    provider: &dyn Provider,
    schema: &ResourceSchema,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let config = call.config.clone()?;
    let is_create = call.operation == Operation::Create;
    let prior = if is_create { Value::Null } else { change.before.clone() };
    let request = PlanRequest {
        kind: change.kind.clone(),
        prior: prior.clone(),
        proposed: proposal::propose(&schema.block, &prior, &config),
        config: config.clone(),
        private: if is_create { Vec::new() } else { call.private.clone() },
    };
    let response = provider.plan(request).await;
    said(call, "plan", &response.problems, called)?;
    let Some(answer) = response.answer else { return Err(silent(call)) };
    let again = values::mark(&schema.block, answer.state, &config);
    let blame = Blame { address: &change.address, desired: None };
    let breach = promises::breach(&schema.block, &prior, &config, &again);
    if let Some(breach) = breach.filter(|_| !answer.is_lenient) {
        return Err(Box::new(diagnostics::invalid_plan(blame, &breach)));
    }
    let new = (&again, answer.requires_replace.as_slice(), answer.is_lenient);
    approved(call, &change.after, &prior, new)?;
    call.planned = again;
    call.planned_private = answer.private;
    Ok(())
}

/// Makes what is planned.
pub(super) async fn make(
    call: &Call<'_>,
    provider: &dyn Provider,
    schema: &ResourceSchema,
    called: &mut Called,
) -> Result<(), Box<Diagnostic>> {
    let change = call.change;
    let config = call.config.clone()?;
    let is_create = call.operation == Operation::Create;
    let request = ApplyRequest {
        kind: change.kind.clone(),
        prior: if is_create { Value::Null } else { change.before.clone() },
        planned: call.planned.clone(),
        config: config.clone(),
        private: call.planned_private.clone(),
    };
    let timeouts = change.lifecycle.timeouts;
    let limit = if is_create { timeouts.create } else { timeouts.update };
    let response = within(limit, provider.apply(request)).await;
    called.is_in_doubt = is_in_doubt(&response);
    made(call, schema, (&call.planned, &config), response, called)
}

/// Checks that a second plan fits what was approved.
fn approved(
    call: &Call<'_>,
    approved: &Value,
    prior: &Value,
    (again, requires_replace, is_lenient): (&Value, &[Path], bool),
) -> Result<(), Box<Diagnostic>> {
    let blame = Blame { address: &call.change.address, desired: None };
    let misfit = values::misfit(approved, again, &Path::default());
    if let Some(path) = misfit.filter(|_| !is_lenient) {
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
                .filter(|_| !answer.is_lenient)
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
    let mut recorded = Box::new(recorded(call, state, Bytes(answer.private)));
    let Some(error) = error else {
        called.result = Some(if call.is_successor {
            OutcomeResult::Replaced { recorded }
        } else {
            OutcomeResult::Present(recorded)
        });
        return Ok(());
    };
    recorded.tainted = is_create;
    recorded.fingerprint = syncline_model::Digest::ZERO;
    // Where the old one is still there, it must stay in the record beside the new one.
    called.result = Some(if call.is_successor {
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
