//! The end of a run: outputs and conditions.

use syncline_model::{Address, Value};

use super::{Execution, Executor};
use crate::diagnostics;
use crate::record::{Body, LogError};
use crate::state::State;

/// Appends bodies and takes them into the execution's state.
pub(super) async fn append(executor: &Executor<'_>, execution: &mut Execution, bodies: Vec<Body>) {
    if execution.log_error.is_none() {
        execution.log_error = record(executor, &mut execution.state, bodies).await.err();
    }
}

/// Appends bodies and takes them into a state.
pub(super) async fn record(
    executor: &Executor<'_>,
    state: &mut State,
    bodies: Vec<Body>,
) -> Result<(), LogError> {
    let told: Vec<Body> = bodies.iter().map(Body::for_state).collect();
    let mark = executor.log.append(bodies, None).await?;
    let first = (mark.sequence + 1).saturating_sub(told.len() as u64);
    let now = executor.clock.now();
    let mut moved = false;
    for (at, body) in told.into_iter().enumerate() {
        moved = state.apply_body(body, first + at as u64, now);
    }
    state.sequence = state.sequence.max(mark.sequence);
    // The hashes of the records before the last are not told; a run's own records decide nothing.
    if moved && mark.sequence >= state.mark.sequence {
        state.mark = mark;
    }
    Ok(())
}

fn lookup(state: &State, address: &Address) -> Option<Value> {
    state.recorded(address).map(|recorded| recorded.attributes.clone())
}

/// Computes the outputs and records them. Those that wait for what failed stay as they were.
pub(super) async fn outputs(executor: &Executor<'_>, execution: &mut Execution) {
    let mut values = Vec::new();
    for output in &executor.plan.outputs {
        if output.ty.is_none() && output.after.is_null() {
            continue;
        }
        let read = &execution.reads;
        let resolved = executor.resolve.resolve(&output.after, &|address| {
            read.get(address).cloned().or_else(|| lookup(&execution.state, address))
        });
        let value = match resolved {
            Ok(value) if value.is_known() => value,
            Ok(_) => output.before.clone(),
            Err(diagnostic) => {
                let note = format!("It is for the output `{}`.", output.name);
                execution.diagnostics.push(diagnostic.note(note));
                output.before.clone()
            }
        };
        values.push((output.name.clone(), value));
    }
    execution.outputs = values.iter().cloned().collect();
    if execution.outputs != execution.state.outputs {
        append(executor, execution, vec![Body::Outputs { values }]).await;
    }
}

/// Decides the conditions that waited for values.
pub(super) fn checks(executor: &Executor<'_>, execution: &mut Execution) {
    for check in &executor.plan.checks {
        let find = |address: &Address| {
            let read = execution.reads.get(address).cloned();
            read.or_else(|| lookup(&execution.state, address))
        };
        let resolved = executor
            .resolve
            .resolve(&check.condition, &find)
            .and_then(|holds| Ok((holds, executor.resolve.resolve(&check.message, &find)?)));
        match resolved {
            Ok((holds, message)) => {
                if holds.as_bool() == Some(false) {
                    let report = diagnostics::check_failed(&message, check.place.as_ref());
                    execution.diagnostics.push(report);
                }
            }
            Err(diagnostic) => execution.diagnostics.push(*diagnostic),
        }
    }
}
