//! From what was found for each resource to one plan.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Mode, ProviderId, Severity, Span, Str, Value};

use super::context::Context;
use super::walk::{Findings, resolve};
use super::{ephemeral, same, steps};
use crate::diagnostics;
use crate::plan::{
    Action, Change, Goal, OutputChange, Plan, PlannedCheck, PlannedHandover, PlannedProvider,
    ReadData, Reads, Reason,
};
use crate::providers::address;

/// Returns the plan, and adds to `reports` what there is to say.
pub(super) fn assemble(
    context: &Context<'_>,
    found: Findings,
    reports: &mut Vec<Diagnostic>,
) -> Plan {
    let outputs = outputs(context, &found, reports);
    let checks = checks(context, &found, reports);
    let openings = ephemeral::openings(context, &found);
    let providers = providers(context, &found, &openings);
    let (reads, unchanged) = counts(context, &found);
    let data = data(context, &found);
    let Findings { results, mut changes } = found;
    let mut drift = Vec::new();
    let mut found = Vec::new();
    for mut result in results {
        drift.extend(result.drift.take().map(|drift| *drift));
        found.append(&mut result.diagnostics);
    }
    say(found, reports);
    changes.extend(openings);
    // Stable: what an address's changes come to is in the order in which they were found. By keys beside them: to sort
    // what is large itself takes as much room again.
    changes.sort_by_cached_key(|change| change.address.clone());
    drift.sort_by_cached_key(|drift| drift.address.clone());
    steps::spread_create_first(context, &mut changes);
    let renamed = same::renamed(context, &changes, reports);
    let steps = steps::steps(context, &changes, &renamed);
    let handovers = adoptions(context, &changes);
    let options = &context.planner.options;
    Plan {
        format: Plan::FORMAT,
        syncline: options.syncline.clone(),
        environment: context.planner.environment.clone(),
        goal: options.goal,
        back_to: options.back_to,
        contested: options.is_held
            && context.planner.state.resources.values().any(|entry| entry.in_flight.is_some()),
        config: context.root,
        state: context.planner.state.mark,
        providers,
        changes,
        unchanged,
        steps,
        handovers,
        drift,
        data,
        outputs,
        checks,
        reads,
        partial: !(options.targets.is_empty() && options.excludes.is_empty()),
    }
}

/// Returns what data sources said; those that are read by the apply have said nothing.
fn data(context: &Context<'_>, found: &Findings) -> Vec<ReadData> {
    let said = context.nodes.iter().enumerate().filter_map(|(at, node)| {
        let desired = node.desired.filter(|desired| desired.mode == Mode::Data)?;
        let attributes =
            found.results[at].view.clone().filter(|_| found.of(at as u32).is_empty())?;
        let schema = context.schema(&desired.provider, Mode::Data, &desired.kind)?;
        Some(ReadData {
            address: node.address.clone(),
            kind: desired.kind.clone(),
            resource_type: context.resource_type(&desired.provider, Mode::Data, &desired.kind),
            provider: desired.provider.clone(),
            source: source(context, &desired.provider),
            schema_version: schema.version,
            attributes,
        })
    });
    let mut said: Vec<ReadData> = said.collect();
    said.sort_by(|left, right| left.address.cmp(&right.address));
    said
}

/// Returns what was read, and how many resources stay as they are.
fn counts(context: &Context<'_>, found: &Findings) -> (Reads, u64) {
    let mut reads = Reads::default();
    let mut unchanged = 0;
    for (at, node) in context.nodes.iter().enumerate() {
        let managed = node.desired.is_none_or(|desired| desired.mode == Mode::Managed);
        let recorded = node.entry.is_some_and(|entry| entry.recorded.is_some());
        // What a crash left in flight is read, too, whether it is recorded or not.
        let in_flight = node.entry.is_some_and(|entry| entry.in_flight.is_some());
        let changes = found.of(at as u32);
        let adopted = changes.iter().any(|change| change.reason == Reason::Adopted);
        let is_still = |change: &Change| matches!(change.action, Action::Record | Action::Check);
        let still = changes.iter().all(is_still);
        let result = &found.results[at];
        reads.total += u64::from(recorded || adopted || in_flight && result.read);
        reads.read += u64::from(result.read);
        reads.unchanged_by_fingerprint += u64::from(result.by_fingerprint);
        unchanged += u64::from(managed && recorded && still && !result.failed);
    }
    (reads, unchanged)
}

/// Adds reports; what a provider warns of at one place of many instances is said once.
fn say(found: Vec<Diagnostic>, reports: &mut Vec<Diagnostic>) {
    let mut said: FxHashMap<(Span, String), usize> = FxHashMap::default();
    let mut more: BTreeMap<usize, usize> = BTreeMap::new();
    for report in found {
        let span = report.span().filter(|_| report.severity == Severity::Warning);
        let what = report.message.split_once("`: ").map(|(_, what)| what);
        if let (Some(span), Some(what)) = (span, what) {
            let text = format!("{what}\n{}", report.notes.join("\n"));
            let first = *said.entry((span, text)).or_insert(reports.len());
            if first < reports.len() {
                *more.entry(first).or_default() += 1;
                continue;
            }
        }
        reports.push(report);
    }
    for (at, count) in more {
        reports[at].notes.push(format!("The same is said of {count} more."));
    }
}

/// Returns what is taken over.
fn adoptions(context: &Context<'_>, changes: &[Change]) -> Vec<PlannedHandover> {
    let adoption = |change: &Change| {
        let (id, _) = context.adoptions.get(&change.address)?;
        let id = id.to_string().into();
        Some(PlannedHandover::Adopted { address: change.address.clone(), id })
    };
    let retyping = |change: &Change| {
        let old = context.planner.state.resources.get(&change.address)?.recorded.as_deref()?;
        Some(PlannedHandover::Retyped {
            address: change.address.clone(),
            from: format!("{}.{}", old.provider.name, old.kind),
            to: change.type_name(),
        })
    };
    let is = |reason: Reason| changes.iter().filter(move |change| change.reason == reason);
    let adopted = is(Reason::Adopted).filter_map(adoption);
    adopted.chain(is(Reason::Moved).filter_map(retyping)).collect()
}

fn providers(context: &Context<'_>, found: &Findings, openings: &[Change]) -> Vec<PlannedProvider> {
    let changes = || found.changes.iter().chain(openings);
    let ids: BTreeSet<&ProviderId> = changes().map(|change| &change.provider).collect();
    let waiting = ephemeral::of_providers(context, changes());
    let describe = |id: &ProviderId| {
        let desired = context.provider(id);
        let config = match desired.filter(|_| context.planner.options.goal == Goal::Apply) {
            // What cannot be computed has been reported by the resources that wait for it.
            Some(provider) => resolve(context, found, &provider.config)
                .unwrap_or_else(|_| provider.config.clone()),
            None if waiting.contains_key(id) => {
                desired.map(|provider| provider.config.clone()).unwrap_or_default()
            }
            None => context.provider_of_old(id),
        };
        PlannedProvider {
            id: id.clone(),
            source: source(context, id),
            version: context.version(id),
            config,
        }
    };
    ids.into_iter().map(describe).collect()
}

/// Returns the source address of a provider; nothing for one that is linked in.
fn source(context: &Context<'_>, id: &ProviderId) -> Str {
    let declared = context.provider(id).map(|provider| &provider.source);
    // What nobody configures, and what was made under another name, is told by the project alone.
    let named = || context.planner.providers.source(&id.name);
    let source = declared.filter(|own| !own.is_empty()).or_else(named);
    source.filter(|own| **own != address(&id.name, "")).cloned().unwrap_or_default()
}

fn outputs(
    context: &Context<'_>,
    found: &Findings,
    reports: &mut Vec<Diagnostic>,
) -> Vec<OutputChange> {
    let planner = context.planner;
    let recorded = &planner.state.outputs;
    let mut outputs = Vec::new();
    let desired = planner.desired.filter(|_| planner.options.goal == Goal::Apply);
    let partial = !(planner.options.targets.is_empty() && planner.options.excludes.is_empty());
    for output in desired.into_iter().flat_map(|desired| &desired.outputs) {
        let after = match resolve(context, found, &output.value) {
            Ok(value) => value,
            Err(diagnostic) => {
                reports.push(diagnostic.label(output.origin.span, "for this output"));
                continue;
            }
        };
        outputs.push(OutputChange {
            name: output.name.clone(),
            before: recorded.get(&output.name).cloned().unwrap_or_default(),
            after,
            ty: Some(output.ty.clone()),
            place: planner.sources.place(output.origin.span, &output.origin.overlay),
        });
    }
    let known = |name: &str| {
        desired.is_some_and(|desired| desired.outputs.iter().any(|output| output.name == *name))
    };
    for (name, value) in recorded.iter().filter(|(name, _)| !known(name)) {
        let after = if partial { value.clone() } else { Value::Null };
        let before = value.clone();
        outputs.push(OutputChange { name: name.clone(), before, after, ty: None, place: None });
    }
    outputs.sort_by(|left, right| left.name.cmp(&right.name));
    outputs
}

fn checks(
    context: &Context<'_>,
    found: &Findings,
    reports: &mut Vec<Diagnostic>,
) -> Vec<PlannedCheck> {
    let planner = context.planner;
    let mut checks = Vec::new();
    let desired = planner.desired.filter(|_| planner.options.goal == Goal::Apply);
    for check in desired.into_iter().flat_map(|desired| &desired.checks) {
        let place = planner.sources.place(check.origin.span, &check.origin.overlay);
        let resolved = resolve(context, found, &check.condition)
            .and_then(|condition| Ok((condition, resolve(context, found, &check.message)?)));
        match resolved {
            Ok((condition, message)) => match condition.as_bool() {
                Some(true) => {}
                Some(false) => {
                    let report = diagnostics::check_failed(&message, None);
                    reports.push(report.label(check.origin.span, "this does not hold"));
                }
                None => checks.push(PlannedCheck { condition, message, place }),
            },
            Err(diagnostic) => reports.push(diagnostic.label(check.origin.span, "in this check")),
        }
    }
    checks
}
