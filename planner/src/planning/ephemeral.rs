//! Ephemeral resources: opened while a plan is made where a provider has to be set up with them, and opened again
//! while it is carried out.
//!
//! Takes what is desired; returns what is to be opened for the changes of a plan. What one holds is never part of a
//! plan: only the configuration of a provider or of another ephemeral resource sees it, and for a while.
//!
//! Laws: what is opened here is renewed in time ([`crate::leases`]) and closed before the plan is returned; a plan opens
//! what its changes need, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use syncline_model::{
    Address, DesiredResource, Diagnostic, Digest, Mode, OpenRequest, Provider, ProviderId, Value,
};

use super::context::Context;
use super::provenance;
use super::subject::{Job, said};
use super::validation::validate;
use super::walk::{Considered, Findings, resolve, unread};
use crate::diagnostics::{self, Blame};
use crate::leases::{Opening, Told};
use crate::plan::{Action, Bytes, Change, Reason};
use crate::values;

/// Opens an ephemeral resource where a provider has to be set up with it.
pub(super) async fn open(
    context: &Context<'_>,
    job: &Job,
    provider: Arc<dyn Provider>,
    considered: &mut Considered,
) -> Option<()> {
    let desired = context.nodes[job.at as usize].desired?;
    let schema = context.schema(&desired.provider, Mode::Ephemeral, &desired.kind)?;
    let (kind, config) = (desired.kind.clone(), job.config.clone());
    validate(context, job, (desired, schema, &*provider), "open", considered).await?;
    considered.changed = job.moved;
    let can_open = !job.moved && config.is_known() && job.provider_config.is_some();
    if !can_open || !sets_up(context).contains(&desired.address) {
        considered.view = Some(unread(&schema.block, &desired.address, &config));
        return Some(());
    }
    let response = provider.open(OpenRequest { kind: kind.clone(), config: config.clone() }).await;
    let opened = response.answer;
    if let Some(opened) = &opened {
        let (address, lease) = (desired.address.clone(), opened.lease.clone());
        context.leases.add(Opening { address, kind, provider, lease });
    }
    said(context, job, "open", &response.problems, considered)?;
    considered.view = Some(values::hidden(&opened?.result));
    Some(())
}

/// Returns the ephemeral resources that providers are set up with, and those that these need.
fn sets_up(context: &Context<'_>) -> BTreeSet<Address> {
    let Some(desired) = context.planner.desired else { return BTreeSet::new() };
    let configs = desired.providers.iter().map(|provider| &provider.config);
    needed(context, configs.cloned().collect())
}

/// Returns the ephemeral resources that values wait for, and those that these need.
fn needed(context: &Context<'_>, mut values: Vec<Value>) -> BTreeSet<Address> {
    let mut needed = BTreeSet::new();
    while let Some(value) = values.pop() {
        let mut waits = Vec::new();
        value.waits_for(&mut waits);
        for address in waits {
            let Some(own) = find(context, &address) else { continue };
            if needed.insert(address) {
                values.push(own.config.clone());
                values.extend(context.provider(&own.provider).map(|own| own.config.clone()));
            }
        }
    }
    needed
}

fn find<'a>(context: &Context<'a>, address: &Address) -> Option<&'a DesiredResource> {
    let found = context.planner.desired?.get(address)?;
    (found.mode == Mode::Ephemeral).then_some(found)
}

/// Returns the reports of what there is to say of what was open.
pub(super) fn reports(context: &Context<'_>, told: Vec<Told>) -> Vec<Diagnostic> {
    let report = |told: Told| {
        let blame = Blame { address: &told.address, desired: find(context, &told.address) };
        diagnostics::warned(blame, told.doing, &told.problem)
    };
    told.into_iter().map(report).collect()
}

/// Returns what has to be opened for the changes of a plan.
pub(super) fn openings(context: &Context<'_>, found: &Findings) -> Vec<Change> {
    let called = || found.changes.iter().filter(|change| !change.is_silent());
    let ids: BTreeSet<&ProviderId> = called().map(|change| &change.provider).collect();
    let configs = ids.into_iter().filter_map(|id| context.provider(id));
    let mut values: Vec<Value> = configs.map(|provider| provider.config.clone()).collect();
    values.extend(called().map(|change| change.config.clone()));
    let needed = needed(context, values);
    needed.iter().filter_map(|address| opening(context, found, find(context, address)?)).collect()
}

fn opening(context: &Context<'_>, found: &Findings, desired: &DesiredResource) -> Option<Change> {
    let offered = context.planner.providers.schema(&desired.provider.name)?;
    let schema = offered.get(Mode::Ephemeral, &desired.kind)?;
    let config = resolve(context, found, &desired.config).ok()?;
    let config = values::complete(&schema.block, &config);
    Some(Change {
        address: desired.address.clone(),
        mode: Mode::Ephemeral,
        kind: desired.kind.clone(),
        resource_type: offered.resource_type(Mode::Ephemeral, &desired.kind),
        provider: desired.provider.clone(),
        action: Action::Read,
        reason: Reason::Ephemeral,
        before: Value::Null,
        after: unread(&schema.block, &desired.address, &config),
        replace_paths: Vec::new(),
        config: values::sparse(config),
        private: Bytes::default(),
        schema_version: schema.version,
        fingerprint: Digest::ZERO,
        depends_on: Vec::new(),
        lifecycle: desired.lifecycle.clone(),
        health: Vec::new(),
        provenance: Vec::new(),
        declared: provenance::declared(context.planner.sources, desired),
    })
}

/// Returns for each provider the ephemeral resources that its configuration waits for.
pub(super) fn of_providers<'a>(
    context: &Context<'_>,
    changes: impl Iterator<Item = &'a Change>,
) -> BTreeMap<ProviderId, Vec<Address>> {
    let ids: BTreeSet<&ProviderId> = changes.map(|change| &change.provider).collect();
    let waits = |id: &ProviderId| {
        let mut waits = Vec::new();
        context.provider(id)?.config.waits_for(&mut waits);
        waits.retain(|address| find(context, address).is_some());
        (!waits.is_empty()).then(|| (id.clone(), waits))
    };
    ids.into_iter().filter_map(waits).collect()
}
