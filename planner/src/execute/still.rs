//! Right before a change: is the resource still as it was when the change was planned?
//!
//! Takes a call that changes or destroys something; asks the provider what there is now. A resource
//! that somebody has changed since the plan is left alone, since nobody has reviewed what would be
//! done to it. One that is to be destroyed and is gone already is what was wanted.
//!
//! What a provider fills in may follow from something else that the plan changes: a bucket's rules are told of
//! the bucket as well as of the resource that sets them. Where the plan changes a neighbour, that is no news.

use rustc_hash::FxHashSet;
use syncline_model::{Address, Diagnostic, Path, Provider, ReadRequest, ResourceSchema, Step};

use super::Executor;
use super::calls::{Call, Called, deletes_deposed, said};
use crate::diagnostics;
use crate::plan::{Action, Change, Operation, Plan};
use crate::state::State;
use crate::values;

/// The resources next to which a plan changes something: what depends on them, or what they depend on.
#[derive(Default)]
pub(super) struct Neighbours(FxHashSet<Address>);

impl Neighbours {
    /// Returns those of a plan.
    pub(super) fn of(plan: &Plan, state: &State) -> Self {
        let acts = |change: &&Change| {
            !matches!(change.action, Action::Record | Action::Check | Action::Read)
        };
        let acting: Vec<&Change> = plan.changes.iter().filter(acts).collect();
        // Only what is there already is looked at.
        if acting.iter().all(|change| change.action == Action::Create) {
            return Self::default();
        }
        let changed: FxHashSet<&Address> = acting.iter().map(|change| &change.address).collect();
        let mut all = FxHashSet::default();
        for change in acting {
            let recorded = state.recorded(&change.address);
            let recorded = recorded.map_or(&[][..], |recorded| &recorded.depends_on);
            for need in change.depends_on.iter().chain(recorded) {
                all.insert(need.clone());
                if changed.contains(need) {
                    all.insert(change.address.clone());
                }
            }
        }
        Self(all)
    }

    pub(super) fn contains(&self, address: &Address) -> bool {
        self.0.contains(address)
    }
}

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
    if deletes_deposed(change) || values::same(&now, &change.before) {
        return Ok(false);
    }
    let paths = values::differences(&change.before, &now);
    let paths: Vec<&Path> = paths.iter().filter(|path| !path.0.is_empty()).collect();
    if call.has_neighbours && !now.is_null() && paths.iter().all(|path| follows(call, schema, path))
    {
        return Ok(false);
    }
    Err(Box::new(diagnostics::moved(change, now.is_null(), &paths)))
}

/// Tells whether what is at a path is the provider's to say, and nothing that the plan changes.
fn follows(call: &Call<'_>, schema: &ResourceSchema, path: &Path) -> bool {
    let Some(Step::Key(name)) = path.0.first() else { return false };
    let (before, after) = (&call.change.before, &call.change.after);
    let is_planned =
        call.operation == Operation::Update && before.attribute(name) != after.attribute(name);
    schema.block.get(name).is_some_and(|attribute| attribute.computed) && !is_planned
}
