//! Right before a change: is the resource still as it was when the change was planned?
//!
//! Takes a call that changes or destroys something; asks the provider what there is now. A resource
//! that somebody has changed since the plan is left alone, since nobody has reviewed what would be
//! done to it. One that is to be destroyed and is gone already is what was wanted.

use syncline_model::{Diagnostic, Path, Provider, ReadRequest, ResourceSchema};

use super::Executor;
use super::calls::{Call, Called, is_of_deposed, said};
use crate::diagnostics;
use crate::plan::Operation;
use crate::values;

/// Checks that the run still has its environment for sure: whoever was paused for longer than its
/// lease lasts finds out here.
pub(super) fn held(executor: &Executor<'_>, call: &Call<'_>) -> Result<(), Box<Diagnostic>> {
    if executor.cancel.is_over(executor.clock) {
        return Err(Box::new(diagnostics::lost(&call.change.address)));
    }
    Ok(())
}

/// Returns whether what is to be destroyed is gone already.
pub(super) async fn check(
    call: &Call<'_>,
    provider: &dyn Provider,
    schema: &ResourceSchema,
    called: &mut Called,
) -> Result<bool, Box<Diagnostic>> {
    let change = call.change;
    let request = ReadRequest {
        kind: change.kind.clone(),
        state: change.before.clone(),
        private: call.private.clone(),
    };
    let response = provider.read(request).await;
    said(call, "look at", &response.problems, called)?;
    // No answer and no error: there is nothing to compare with, and the change itself will tell.
    let Some(answer) = response.answer else { return Ok(false) };
    let now = values::mark(&schema.block, answer.state, &change.before);
    if now.is_null() && call.operation == Operation::Delete {
        return Ok(true);
    }
    // What a replacement has left behind goes, however it is now: nothing uses it any more.
    if is_of_deposed(change) || values::same(&now, &change.before) {
        return Ok(false);
    }
    let paths = values::differences(&change.before, &now);
    let paths: Vec<&Path> = paths.iter().filter(|path| !path.0.is_empty()).collect();
    Err(Box::new(diagnostics::moved(change, now.is_null(), &paths)))
}
