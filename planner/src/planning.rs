//! Desired and recorded state to a plan.
//!
//! Takes what is desired, what is recorded, and the providers; returns a [`Plan`] and what there is
//! to say. It changes nothing: providers are only asked. It is total: one resource's problem
//! becomes a report, and what does not depend on that resource is planned all the same.
//!
//! Laws: the same input gives the same plan; a resource whose fingerprint is as recorded, and whose
//! dependencies do not change, costs no provider call (but a read, where that is asked for); the
//! work is linear in the number of resources and references.

mod assemble;
mod context;
mod data;
mod ephemeral;
mod found;
mod handover;
mod moved;
mod provenance;
mod records;
mod same;
mod selection;
mod steps;
mod subject;
mod validation;
mod walk;

use std::collections::BTreeMap;

use syncline_model::{Address, Desired, Diagnostic, EnvironmentName, Resolve, Sources, Str};

use crate::called::{self, Stranger};
use crate::clock::Clock;
use crate::diagnostics;
use crate::event::Observer;
use crate::plan::{Goal, Plan};
use crate::providers::Providers;
use crate::state::State;

/// Which recorded resources are read through their providers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    /// Every one.
    #[default]
    All,
    /// Those whose fingerprint is not as recorded.
    Changed,
    /// None, but what a crash left in flight.
    None,
}

/// What a plan is asked for.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Apply or destroy.
    pub goal: Goal,
    /// The run that the plan goes back to, whose configuration is what is desired.
    pub back_to: Option<u64>,
    /// Another run may be under way in the environment ([`lease::holding`](crate::lease::holding)).
    pub is_held: bool,
    /// What is read.
    pub refresh: Refresh,
    /// Only these resources, or groups of them, and what they depend on; all when empty.
    pub targets: Vec<Address>,
    /// Not these, nor what depends on them.
    pub excludes: Vec<Address>,
    /// These are replaced, whether they change or not.
    pub replace: Vec<Address>,
    /// How many providers' answers are waited for at once.
    pub parallelism: usize,
    /// The version of Syncline, for the plan.
    pub syncline: Str,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            goal: Goal::Apply,
            back_to: None,
            is_held: false,
            refresh: Refresh::default(),
            targets: Vec::new(),
            excludes: Vec::new(),
            replace: Vec::new(),
            parallelism: 10,
            syncline: Str::new(),
        }
    }
}

/// Everything that a plan is made from.
#[derive(Clone)]
pub struct Planner<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// What is desired. For a destroy, it tells the providers' configurations and may be missing.
    pub desired: Option<&'a Desired>,
    /// What is recorded.
    pub state: &'a State,
    /// Where the providers come from.
    pub providers: &'a dyn Providers,
    /// The language's operations.
    pub resolve: &'a dyn Resolve,
    /// The source files, for places.
    pub sources: &'a Sources,
    /// What time it is: what is open while the plan is made is renewed in time.
    pub clock: &'a dyn Clock,
    /// What is asked for.
    pub options: PlanOptions,
    /// The key under which secrets are fingerprinted.
    pub secret_key: [u8; 32],
    /// Who is told of progress.
    pub observer: &'a dyn Observer,
}

impl std::fmt::Debug for Planner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planner")
            .field("environment", self.environment)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Returns the plan, unless something is wrong, and every report.
pub async fn plan(planner: &Planner<'_>) -> (Option<Plan>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let sayings = match planner.desired {
        Some(desired) if planner.options.goal == Goal::Apply => desired.handovers.as_slice(),
        Some(_) | None => &[],
    };
    let handed = handover::apply(sayings, planner.state);
    let state = handed.state.as_ref().unwrap_or(planner.state);
    let called = called::now(state, planner.desired, planner.providers);
    let planner = &Planner { state: called.state.as_ref().unwrap_or(state), ..planner.clone() };
    let context = match context::Context::of(planner, (handed.adoptions, handed.moves)) {
        Ok(context) => context,
        Err(found) => return (None, found),
    };
    let selected = match selection::select(&context) {
        Ok(selected) => selected,
        Err(found) => return (None, found),
    };
    let strange = strangers(&context, &selected, &called.strange);
    if !strange.is_empty() {
        return (None, strange);
    }
    let walk = walk::walk(&context, &selected);
    let (found, told) = context.leases.keep(planner.clock, walk).await;
    diagnostics.extend(ephemeral::reports(&context, told));
    diagnostics.extend(ephemeral::reports(&context, context.leases.close().await));
    let mut plan = assemble::assemble(&context, found, &mut diagnostics);
    plan.handovers.splice(0..0, handed.planned.into_iter().chain(called.planned));
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    ((!failed).then_some(plan), diagnostics)
}

/// Returns reports about what was made by providers that are not there: one for each of them.
fn strangers(
    context: &context::Context<'_>,
    selected: &[bool],
    strange: &BTreeMap<Address, Stranger>,
) -> Vec<Diagnostic> {
    let mut all: BTreeMap<&Stranger, Vec<diagnostics::Blame<'_>>> = BTreeMap::new();
    for (address, stranger) in strange {
        let Some(at) = context.index.get(address) else { continue };
        if selected[*at as usize] {
            all.entry(stranger).or_default().push(context.blame(*at));
        }
    }
    all.into_iter().map(|(stranger, made)| diagnostics::stranger(stranger, &made)).collect()
}
