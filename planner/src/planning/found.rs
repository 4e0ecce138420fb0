//! What there is of a resource before anything is done: the record, brought up to date by reading.
//!
//! Takes a node and its provider; returns what is there now. What an interrupted create made is
//! found first ([`adopt`]): it becomes a record of its own, and the rest is planned as if that
//! record had been there already. It changes nothing, and what a provider cannot tell is warned of,
//! never guessed.

use syncline_model::{
    DesiredResource, Digest, ImportRequest, Mode, Path, Problem, Provider, ReadRequest, Span, Str,
    Value,
};

use super::Refresh;
use super::context::Context;
use super::records;
use super::subject::{self, Job};
use super::walk::Considered;
use crate::diagnostics;
use crate::event::Event;
use crate::plan::{Bytes, Drift, Operation, Reason};
use crate::record::{Intent, Recorded};
use crate::state::Entry;
use crate::values;

/// What there is.
pub(super) struct Found {
    /// The attributes now; null when there is nothing.
    pub(super) prior: Value,
    pub(super) private: Vec<u8>,
    /// The record has other attributes, or there is none though something was found.
    pub(super) differs: bool,
    /// It was recorded and is gone.
    pub(super) gone: bool,
}

/// What is to be taken as recorded of a node.
pub(super) enum Known<'a> {
    /// Nothing; where a create was interrupted and made nothing, the provider's bytes of its plan.
    Nothing(Option<&'a Intent>),
    /// What the log says.
    Recorded(&'a Recorded),
    /// What an interrupted create made. A change that records it is planned already.
    Adopted(Box<Recorded>),
}

impl Known<'_> {
    /// Returns the record, where there is one.
    pub(super) fn record(&self) -> Option<&Recorded> {
        match self {
            Self::Nothing(_) => None,
            Self::Recorded(recorded) => Some(recorded),
            Self::Adopted(recorded) => Some(recorded),
        }
    }
}

/// Returns what there is; none when it could not be told, which is reported.
pub(super) async fn find(
    context: &Context<'_>,
    job: &Job,
    (provider, known): (&dyn Provider, &Known<'_>),
    considered: &mut Considered,
) -> Option<Found> {
    let recorded = match known {
        Known::Recorded(recorded) => *recorded,
        Known::Nothing(intent) => {
            let private = intent.map(|intent| intent.private.0.clone()).unwrap_or_default();
            return Some(Found { prior: Value::Null, private, differs: false, gone: false });
        }
        Known::Adopted(recorded) => {
            let (prior, private) = (recorded.attributes.clone(), recorded.private.0.clone());
            return Some(Found { prior, private, differs: true, gone: false });
        }
    };
    let entry = context.nodes[job.at as usize].entry;
    let intent = entry.and_then(|entry| entry.in_flight.as_deref());
    let wanted = match context.planner.options.refresh {
        Refresh::All => true,
        Refresh::Changed => !job.fast,
        Refresh::None => false,
    };
    let reads = (wanted || intent.is_some()) && job.provider_config.is_some();
    let (state, upgraded) = upgrade(context, job, provider, (recorded, reads), considered).await?;
    if !reads {
        let private = recorded.private.0.clone();
        return Some(Found { prior: state, private, differs: upgraded, gone: false });
    }
    let (now, private) = read(context, job, provider, (recorded, &state), considered).await?;
    let drifted = !values::same(&now, &state);
    if drifted && intent.is_none() {
        considered.drift = Some(Box::new(Drift {
            address: context.nodes[job.at as usize].address.clone(),
            kind: recorded.kind.clone(),
            resource_type: context.resource_type(&recorded.provider, Mode::Managed, &recorded.kind),
            provider: recorded.provider.clone(),
            recorded: state,
            found: now.clone(),
        }));
    }
    Some(Found {
        gone: now.is_null(),
        differs: drifted || upgraded || intent.is_some(),
        private,
        prior: now,
    })
}

/// Reads a resource through its provider, and returns its attributes and the provider's own bytes.
async fn read(
    context: &Context<'_>,
    job: &Job,
    provider: &dyn Provider,
    (recorded, state): (&Recorded, &Value),
    considered: &mut Considered,
) -> Option<(Value, Vec<u8>)> {
    let address = context.nodes[job.at as usize].address;
    context.planner.observer.observe(Event::Refreshing { address });
    considered.read = true;
    let request = ReadRequest {
        kind: recorded.kind.clone(),
        state: state.clone(),
        private: recorded.private.0.clone(),
    };
    let response = provider.read(request).await;
    let failed = response.failed();
    for problem in &response.problems {
        let problem = values::scrubbed(problem, &[&job.config, state]);
        let report = diagnostics::problem(context.blame(job.at), "read", &problem);
        considered.diagnostics.push(report);
    }
    let answer = response.answer.filter(|_| !failed)?;
    let schema = context.schema(&recorded.provider, Mode::Managed, &recorded.kind);
    let now = match schema {
        Some(schema) => values::mark(&schema.block, answer.state, state),
        None => answer.state,
    };
    Some((now, answer.private))
}

/// Returns the recorded attributes in the current schema's version, and whether that is new. What
/// is about to be read is shown to the provider even in the current version: another release of it
/// may have recorded other attributes.
pub(super) async fn upgrade(
    context: &Context<'_>,
    job: &Job,
    provider: &dyn Provider,
    (recorded, reads): (&Recorded, bool),
    considered: &mut Considered,
) -> Option<(Value, bool)> {
    let schema = context.schema(&recorded.provider, Mode::Managed, &recorded.kind);
    let current = schema.map_or(recorded.schema_version, |schema| schema.version);
    // What another provider has recorded may be otherwise in the same version.
    let reads = reads || context.is_taken_over(recorded);
    if current == recorded.schema_version && !reads {
        return Some((recorded.attributes.clone(), false));
    }
    if current < recorded.schema_version {
        let address = context.nodes[job.at as usize].address;
        let report = diagnostics::newer_schema(address, recorded.schema_version, current);
        considered.diagnostics.push(report);
        return None;
    }
    let attributes = recorded.attributes.clone();
    let response = provider.upgrade(&recorded.kind, recorded.schema_version, attributes).await;
    let failed = response.failed();
    for problem in &response.problems {
        let report = diagnostics::problem(context.blame(job.at), "upgrade", problem);
        considered.diagnostics.push(report);
    }
    let upgraded = response.answer.filter(|_| !failed)?;
    let upgraded = match schema {
        Some(schema) => values::mark(&schema.block, upgraded, &recorded.attributes),
        None => upgraded,
    };
    let is_new =
        current != recorded.schema_version || !values::same(&upgraded, &recorded.attributes);
    Some((upgraded, is_new))
}

/// Returns what is to be taken as recorded: what an interrupted create made counts, and is planned
/// to be recorded.
pub(super) async fn adopt<'a>(
    context: &Context<'a>,
    job: &Job,
    considered: &mut Considered,
) -> Option<Known<'a>> {
    let entry = context.nodes[job.at as usize].entry;
    let recorded = entry.and_then(|entry| entry.recorded.as_deref());
    let known = recorded.map(Known::Recorded);
    let created = entry.and_then(|entry| entry.in_flight.as_deref());
    let created = created.filter(|intent| intent.does == Operation::Create);
    let Some(intent) = created else {
        let wished = match (known.is_none(), context.nodes[job.at as usize].desired) {
            (true, Some(desired)) => {
                context.adoptions.get(&desired.address).map(|own| (desired, own))
            }
            (true, None) | (false, _) => None,
        };
        return match wished {
            Some((desired, wish)) => take_over(context, job, (desired, wish), considered).await,
            None => Some(known.unwrap_or(Known::Nothing(None))),
        };
    };
    // What is asked about was made by a provider that was set up by then.
    let config = Some(context.provider_of_old(&intent.provider)).filter(Value::is_known);
    let provider = subject::provider(context, job, (&intent.provider, config), considered).await?;
    let made = look(context, job, (&*provider, intent), considered).await?;
    let Some((attributes, private)) = made else {
        return Some(known.unwrap_or(Known::Nothing(Some(intent))));
    };
    let lifecycle = recorded.map(|recorded| recorded.lifecycle.clone()).unwrap_or_default();
    let adopted = Recorded { lifecycle, ..Recorded::left(intent, attributes, Bytes(private)) };
    considered.changes.push(records::adoption(context, job, &adopted, Reason::Interrupted));
    // One that was made in the place of what had gone has no old one beside it.
    if let Some(old) = recorded.filter(|_| intent.is_create_first()) {
        considered.changes.push(subject::deletion(context, job, old, Reason::CannotUpdate));
    }
    Some(Known::Adopted(Box::new(adopted)))
}

/// Takes over what exists: `adopt` says which. It is asked for by its id and read, and a change that
/// records it is planned.
async fn take_over<'a>(
    context: &Context<'a>,
    job: &Job,
    (desired, (id, span)): (&DesiredResource, &(Value, Span)),
    considered: &mut Considered,
) -> Option<Known<'a>> {
    if !id.is_known() {
        considered.diagnostics.push(diagnostics::unknown_identity(&desired.address, *span));
        return None;
    }
    let own = (&desired.provider, job.provider_config.clone());
    let provider = subject::provider(context, job, own, considered).await?;
    let schema = context.schema(&desired.provider, Mode::Managed, &desired.kind)?;
    let request = match id.as_str() {
        Some(id) => ImportRequest::by_id(desired.kind.clone(), id),
        None => {
            ImportRequest { identity: id.clone(), ..ImportRequest::by_id(desired.kind.clone(), "") }
        }
    };
    let response = provider.import(request).await;
    let mut failed = response.failed();
    let mut problems = response.problems;
    let mut found = None;
    if let Some(imported) = response.answer.filter(|_| !failed) {
        considered.read = true;
        let (kind, private) = (desired.kind.clone(), imported.private);
        let response = provider.read(ReadRequest { kind, state: imported.state, private }).await;
        failed = response.failed();
        problems.extend(response.problems);
        found = response.answer.filter(|answer| !failed && !answer.state.is_null());
        if found.is_none() && !failed {
            let summary = match id.as_str() {
                Some(id) => format!("nothing exists with the id `{id}`"),
                None => format!("nothing exists with the identity {id}"),
            };
            problems.push(Problem::error(summary, "There is nothing to adopt."));
        }
    }
    let report = |problem| diagnostics::problem(context.blame(job.at), "adopt", problem);
    let reports = problems.iter().map(|own| report(own).label(*span, "adopted here"));
    considered.diagnostics.extend(reports);
    let found = found?;
    let adopted = Recorded {
        kind: desired.kind.clone(),
        resource_type: Str::new(),
        provider: desired.provider.clone(),
        source: Str::new(),
        schema_version: schema.version,
        attributes: values::mark(&schema.block, found.state, &Value::Null),
        private: Bytes(found.private),
        fingerprint: Digest::ZERO,
        depends_on: context.nodes[job.at as usize].depends_on.clone(),
        lifecycle: desired.lifecycle.clone(),
        tainted: false,
        outdated: false,
        unseen: true,
    };
    considered.changes.push(records::adoption(context, job, &adopted, Reason::Adopted));
    Some(Known::Adopted(Box::new(adopted)))
}

/// Asks the provider for what an interrupted create may have made, and returns that if there is any.
///
/// What it cannot find by what was planned is warned of, and counts as not made. Where reading
/// fails, nothing is returned, which is reported: to make it anew might be to make it twice.
async fn look(
    context: &Context<'_>,
    job: &Job,
    (provider, intent): (&dyn Provider, &Intent),
    considered: &mut Considered,
) -> Option<Option<(Value, Vec<u8>)>> {
    let identified = intent.planned.is_known();
    let asked = values::known_part(&intent.planned);
    considered.read = true;
    let request = ReadRequest {
        kind: intent.kind.clone(),
        state: asked.clone(),
        private: intent.private.0.clone(),
    };
    let response = provider.read(request).await;
    let failed = response.failed();
    for problem in &response.problems {
        let problem = values::scrubbed(problem, &[&job.config, &asked]);
        let report = diagnostics::problem(context.blame(job.at), "read", &problem);
        considered.diagnostics.push(diagnostics::in_doubt(report, &context.blame(job.at), intent));
    }
    let found = response.answer.filter(|_| !failed)?;
    let mut warn = || {
        if !identified {
            considered.diagnostics.push(diagnostics::interrupted(context.blame(job.at), intent));
        }
    };
    if found.state.is_null() {
        // A provider that knew all it needed and found nothing has told: nothing was made.
        warn();
        return Some(None);
    }
    let filled =
        values::differences(&intent.planned, &known_part_of(&intent.planned, &found.state));
    let is_misfit = || values::misfit(&intent.planned, &found.state, &Path::default()).is_some();
    let entry = context.nodes[job.at as usize].entry;
    if (!filled.is_empty() && !identified)
        || is_misfit()
        || entry.is_some_and(|entry| is_recorded(entry, &intent.planned, &found.state))
    {
        // It did not tell all, or something has that identity and is not what was planned: the one
        // that is to be replaced, or somebody else's.
        warn();
        return Some(None);
    }
    let schema = context.schema(&intent.provider, Mode::Managed, &intent.kind)?;
    let state = values::mark(&schema.block, found.state, &intent.planned);
    Some(Some((state, found.private)))
}

/// Tells whether what was found is what is recorded already: the old one may have all that was
/// planned of the new one. Two are one when they have the same `id`, or, where there is none, when
/// nothing differs that was to become known.
fn is_recorded(entry: &Entry, planned: &Value, found: &Value) -> bool {
    entry.recorded.as_deref().into_iter().chain(&entry.deposed).any(|old| {
        let (id, own) = (found.attribute("id"), old.attributes.attribute("id"));
        if !id.is_null() && !own.is_null() {
            return values::same(id, own);
        }
        let differences = values::differences(found, &old.attributes);
        differences.iter().all(|path| path.get(planned).is_some_and(Value::is_known))
    })
}

/// Returns what was planned, with a null left wherever reading did not fill an unknown in.
fn known_part_of(planned: &Value, found: &Value) -> Value {
    let Some(map) = planned.as_map() else { return planned.clone() };
    let seen: syncline_model::Map = map
        .iter()
        .map(|(name, value)| {
            let empty = !value.is_known() && found.attribute(name).is_null();
            (name.clone(), if empty { Value::Null } else { value.clone() })
        })
        .collect();
    Value::from(seen)
}
