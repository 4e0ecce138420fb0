//! One resource: from what is desired and what there is to what is to be done.

use std::sync::Arc;

use syncline_model::{
    DesiredResource, Digest, Mode, Path, PlanRequest, Planned, Problem, Provider, ProviderId,
    ResourceSchema, Str, Value,
};

use super::Refresh;
use super::context::{Context, Node};
use super::data::read_data;
use super::ephemeral;
use super::found::{Found, Known, adopt, find};
use super::moved;
use super::provenance;
use super::records::{bookkeeping, is_unseen, record};
use super::validation::validate;
use super::walk::Considered;
use crate::diagnostics;
use crate::plan::{Action, Bytes, Change, Drift, Goal, Reason};
use crate::promises;
use crate::proposal;
use crate::record::Recorded;
use crate::state::Entry;
use crate::values;

/// A resource that a provider has to be asked about.
pub(super) struct Job {
    pub(super) at: u32,
    /// The configuration, as far as it is known; null when nothing is desired.
    pub(super) config: Value,
    pub(super) fingerprint: Digest,
    /// The record is as desired: only reality may differ.
    pub(super) fast: bool,
    /// Something that it needs changes, or has changed.
    pub(super) moved: bool,
    /// Something is still to be done to what it needs.
    pub(super) waits: bool,
    /// `--replace` names it.
    pub(super) replace: bool,
    /// What `@replace_with` names changes.
    pub(super) triggered: bool,
    /// The provider's configuration; none while it is not known.
    pub(super) provider_config: Option<Value>,
}

/// Returns who manages what is recorded.
pub(super) fn provider_of(entry: &Entry) -> Option<&ProviderId> {
    let recorded = entry
        .recorded
        .as_deref()
        .into_iter()
        .chain(&entry.deposed)
        .map(|recorded| &recorded.provider);
    recorded.chain(entry.in_flight.iter().map(|intent| &intent.provider)).next()
}

/// Tells whether nothing of a recorded resource is unfinished, and the one that made it has it.
pub(super) fn is_settled(context: &Context<'_>, node: &Node<'_>, print: Digest) -> bool {
    let (Some(entry), Some(desired)) = (node.entry, node.desired) else { return false };
    let Some(recorded) = &entry.recorded else { return false };
    if recorded.provider.name != desired.provider.name || context.is_taken_over(recorded) {
        return false;
    }
    let settled = entry.deposed.is_empty() && entry.in_flight.is_none();
    let settled = settled && !recorded.tainted && !recorded.outdated;
    settled && recorded.fingerprint == print && print != Digest::ZERO
}

/// Returns the result for a resource whose record is as desired, unless it has to be read.
pub(super) fn unchanged(context: &Context<'_>, at: u32) -> Option<Considered> {
    if context.planner.options.refresh == Refresh::All {
        return None;
    }
    let node = &context.nodes[at as usize];
    let recorded = node.entry?.recorded.as_deref()?;
    let mut considered = Considered {
        view: Some(recorded.attributes.clone()),
        by_fingerprint: true,
        ..Considered::default()
    };
    considered.changes.extend(bookkeeping(context, at, recorded, recorded.fingerprint));
    Some(considered)
}

pub(super) fn blank(
    context: &Context<'_>,
    at: u32,
    desired: &DesiredResource,
    action: Action,
    reason: Reason,
) -> Change {
    let node = &context.nodes[at as usize];
    Change {
        address: node.address.clone(),
        mode: desired.mode,
        kind: desired.kind.clone(),
        resource_type: context.resource_type(&desired.provider, desired.mode, &desired.kind),
        provider: desired.provider.clone(),
        action,
        reason,
        before: Value::Null,
        after: Value::Null,
        replace_paths: Vec::new(),
        config: Value::Null,
        private: Bytes::default(),
        schema_version: 0,
        fingerprint: Digest::ZERO,
        depends_on: node.depends_on.clone(),
        lifecycle: desired.lifecycle.clone(),
        health: Vec::new(),
        provenance: Vec::new(),
        declared: provenance::declared(context.planner.sources, desired),
    }
}

/// Returns what is to be done about a resource.
pub(super) async fn consider(context: &Context<'_>, job: Job) -> Considered {
    let mut considered = Considered::default();
    let done = decide(context, &job, &mut considered).await;
    if done.is_none() {
        considered.failed = true;
        if !considered.diagnostics.iter().any(syncline_model::Diagnostic::is_error) {
            let problem = Problem::error("the provider gave no answer", "");
            let report = diagnostics::problem(context.blame(job.at), "plan", &problem);
            considered.diagnostics.push(report);
        }
    }
    considered
}

async fn decide(context: &Context<'_>, job: &Job, considered: &mut Considered) -> Option<()> {
    let node = &context.nodes[job.at as usize];
    if let Some(entry) = node.entry {
        destroy_deposed(context, job, entry, considered);
    }
    let known = adopt(context, job, considered).await?;
    let known = moved::take_over(context, job, known, considered).await?;
    let recorded = known.record();
    let Some(desired) = node.desired else {
        let id = match recorded {
            Some(recorded) => recorded.provider.clone(),
            None => provider_of(node.entry?)?.clone(),
        };
        let config = job.provider_config.clone();
        let provider = provider(context, job, (&id, config), considered).await?;
        return remove(context, job, (&*provider, &known), considered).await;
    };
    let own = (&desired.provider, job.provider_config.clone());
    let provider = provider(context, job, own, considered).await?;
    let schema = context.schema(&desired.provider, desired.mode, &desired.kind)?;
    match desired.mode {
        Mode::Managed => {}
        Mode::Data => return read_data(context, job, desired, &*provider, considered).await,
        Mode::Ephemeral => return ephemeral::open(context, job, provider, considered).await,
    }
    let other = recorded.and_then(|recorded| Some((recorded, elsewhere(context, job, recorded)?)));
    let found = match other {
        // Something else: the old one goes, and the new one is made as if nothing had been there.
        Some((old, why)) => {
            let mut delete = deletion(context, job, old, why);
            delete.before = old.attributes.clone();
            protect(context, job, old.lifecycle.protect, true, considered)?;
            considered.changes.push(delete);
            Found { prior: Value::Null, private: Vec::new(), differs: false, gone: false }
        }
        None => find(context, job, (&*provider, &known), considered).await?,
    };
    let subject = Subject { context, job, desired, schema, provider: &*provider, known: &known };
    if job.fast && !found.differs && found.is_as_recorded(considered) {
        considered.by_fingerprint = true;
        considered.view = Some(found.prior);
        let recorded = recorded?;
        considered.changes.extend(bookkeeping(context, job.at, recorded, job.fingerprint));
        return Some(());
    }
    subject.plan(found, considered).await
}

/// Returns why what is recorded is not the one that is declared: it is of another type, or its provider is set up for
/// another place. What a configuration is called does not matter where it says the same.
fn elsewhere(context: &Context<'_>, job: &Job, recorded: &Recorded) -> Option<Reason> {
    let desired = context.nodes[job.at as usize].desired?;
    let (old, new) = (&recorded.provider, &desired.provider);
    if recorded.kind != desired.kind || !context.is_one(&old.name, &new.name) {
        return Some(Reason::OtherType);
    }
    let is_same = |config: &Value| values::alike(config, &context.provider_of_old(old));
    let is_same = old == new || job.provider_config.as_ref().is_some_and(is_same);
    (!is_same).then_some(Reason::OtherConfiguration)
}

impl Found {
    /// Tells whether nothing was found to differ.
    fn is_as_recorded(&self, considered: &Considered) -> bool {
        considered.drift.is_none() && !self.gone
    }
}

/// Returns a provider; none when it could not be had, which is reported.
pub(super) async fn provider(
    context: &Context<'_>,
    job: &Job,
    (id, config): (&ProviderId, Option<Value>),
    considered: &mut Considered,
) -> Option<Arc<dyn Provider>> {
    match context.planner.providers.get(id, config.clone()).await {
        Ok(provider) => Some(provider),
        Err(problem) => {
            // What a provider says may quote what it was set up with.
            let own: Vec<&Value> = config.iter().collect();
            let problem = values::scrubbed(&problem, &own);
            let mut report = diagnostics::problem(context.blame(job.at), "plan", &problem);
            let config = context.provider(id);
            if let Some(config) = config {
                let origin = config.origins.winner(&problem.path).map(|origin| origin.span);
                if let Some(span) = origin.or(config.span) {
                    report.labels.insert(0, syncline_model::Label { span, text: String::new() });
                }
            }
            considered.diagnostics.push(report);
            None
        }
    }
}

/// Reports what a provider said, and tells whether it may go on.
pub(super) fn said(
    context: &Context<'_>,
    job: &Job,
    doing: &str,
    problems: &[Problem],
    considered: &mut Considered,
) -> Option<()> {
    let null = Value::Null;
    let entry = context.nodes[job.at as usize].entry;
    let recorded = entry.and_then(|entry| entry.recorded.as_deref());
    let before = recorded.map_or(&null, |recorded| &recorded.attributes);
    for problem in problems {
        let problem = values::scrubbed(problem, &[&job.config, before]);
        considered.diagnostics.push(diagnostics::problem(context.blame(job.at), doing, &problem));
    }
    (!problems.iter().any(|problem| problem.is_error)).then_some(())
}

fn protect(
    context: &Context<'_>,
    job: &Job,
    protected: bool,
    replaced: bool,
    considered: &mut Considered,
) -> Option<()> {
    if !protected {
        return Some(());
    }
    let address = context.nodes[job.at as usize].address;
    let declared = context.planner.desired.and_then(|desired| desired.get(address));
    let why = match declared {
        None => diagnostics::Protection::Recorded,
        Some(declared) if declared.lifecycle.protect => {
            diagnostics::Protection::Declared(declared.span)
        }
        Some(declared) => diagnostics::Protection::Lifted(declared.span),
    };
    considered.diagnostics.push(diagnostics::protected(address, replaced, why));
    None
}

/// Returns the change that destroys what is recorded.
pub(super) fn deletion(
    context: &Context<'_>,
    job: &Job,
    recorded: &Recorded,
    reason: Reason,
) -> Change {
    Change {
        address: context.nodes[job.at as usize].address.clone(),
        mode: Mode::Managed,
        kind: recorded.kind.clone(),
        resource_type: context.resource_type(&recorded.provider, Mode::Managed, &recorded.kind),
        provider: recorded.provider.clone(),
        action: Action::Delete,
        reason,
        before: recorded.attributes.clone(),
        after: Value::Null,
        replace_paths: Vec::new(),
        config: Value::Null,
        private: recorded.private.clone(),
        schema_version: recorded.schema_version,
        fingerprint: recorded.fingerprint,
        depends_on: recorded.depends_on.clone(),
        lifecycle: recorded.lifecycle.clone(),
        health: Vec::new(),
        provenance: Vec::new(),
        declared: None,
    }
}

/// Adds the destruction of what a create-first replacement left behind. (Such a deletion has the
/// reason [`Reason::CannotUpdate`], which no other has.)
fn destroy_deposed(context: &Context<'_>, job: &Job, entry: &Entry, considered: &mut Considered) {
    for deposed in &entry.deposed {
        let change = deletion(context, job, deposed, Reason::CannotUpdate);
        considered.changes.push(change);
    }
}

/// Plans the destruction of what is not desired.
async fn remove(
    context: &Context<'_>,
    job: &Job,
    (provider, known): (&dyn Provider, &Known<'_>),
    considered: &mut Considered,
) -> Option<()> {
    let node = &context.nodes[job.at as usize];
    let found = find(context, job, (provider, known), considered).await?;
    considered.changed = true;
    let stand_in;
    let in_flight = node.entry?.in_flight.as_deref();
    let recorded = match (known.record(), in_flight) {
        (Some(recorded), _) => recorded,
        (None, Some(intent)) => {
            stand_in = Recorded::left(intent, Value::Null, Bytes::default());
            &stand_in
        }
        (None, None) => return Some(()),
    };
    let reason = if context.planner.options.goal == Goal::Destroy {
        Reason::Destroy
    } else if node.address.key().is_some() && is_group_desired(context, node.address.group()) {
        Reason::KeyRemoved
    } else {
        Reason::Removed
    };
    let mut change = deletion(context, job, recorded, reason);
    change.before = found.prior.clone();
    change.private = Bytes(found.private.clone());
    if found.prior.is_null() {
        // Gone already, or never made: only the record goes.
        change.action = Action::Record;
        change.before = recorded.attributes.clone();
        considered.changes.push(change);
        return Some(());
    }
    protect(context, job, recorded.lifecycle.protect, false, considered)?;
    if job.provider_config.is_some() {
        let response = provider.plan(destruction(&recorded.kind, found)).await;
        said(context, job, "destroy", &response.problems, considered)?;
        if let Some(planned) = response.answer {
            change.private = Bytes(planned.private);
        }
    }
    considered.changes.push(change);
    Some(())
}

fn destruction(kind: &Str, found: Found) -> PlanRequest {
    let (proposed, config) = (Value::Null, Value::Null);
    PlanRequest { kind: kind.clone(), prior: found.prior, proposed, config, private: found.private }
}

/// Tells whether other instances of a group are desired. Desired nodes are sorted by address.
fn is_group_desired(context: &Context<'_>, group: &str) -> bool {
    let Some(desired) = context.planner.desired else { return false };
    let prefix = format!("{group}/");
    let at = desired.resources.partition_point(|own| own.address.as_str() < prefix.as_str());
    desired.resources.get(at).is_some_and(|own| own.address.as_str().starts_with(&prefix))
}

struct Subject<'a> {
    context: &'a Context<'a>,
    job: &'a Job,
    desired: &'a DesiredResource,
    schema: &'a ResourceSchema,
    provider: &'a dyn Provider,
    known: &'a Known<'a>,
}

impl Subject<'_> {
    fn recorded(&self) -> Option<&Recorded> {
        self.known.record()
    }

    async fn plan(&self, found: Found, considered: &mut Considered) -> Option<()> {
        let own = (self.desired, self.schema, self.provider);
        validate(self.context, self.job, own, "plan", considered).await?;
        let tainted = self.recorded().is_some_and(|recorded| recorded.tainted);
        let mut config = self.job.config.clone();
        if !found.prior.is_null() {
            for path in &self.desired.lifecycle.ignore {
                config = values::take_from(&self.schema.block, &config, &found.prior, path);
            }
            let outdated = self.recorded().is_some_and(|recorded| recorded.outdated);
            let reasons = [
                (tainted, Reason::Tainted),
                (self.job.replace, Reason::Requested),
                (self.job.triggered || outdated, Reason::Dependency),
            ];
            if let Some((_, reason)) = reasons.into_iter().find(|(holds, _)| *holds) {
                return self.replace(found, config, (reason, Vec::new()), considered).await;
            }
        }
        let private = found.private.clone();
        let planned = self.ask(&found.prior, &config, private, considered).await?;
        if found.prior.is_null() {
            let reason = if found.gone { Reason::Gone } else { Reason::New };
            self.change(Action::Create, reason, &found, (planned, config), considered);
            return Some(());
        }
        if values::same(&planned.state, &found.prior) {
            self.keep(found, considered);
            return Some(());
        }
        let mut paths = planned.requires_replace.clone();
        paths.retain(|path| self.forces(path, &found.prior, &planned.state));
        paths.sort();
        paths.dedup();
        if paths.is_empty() {
            let reason = self.reason(considered);
            self.change(Action::Update, reason, &found, (planned, config), considered);
            return Some(());
        }
        let mut found = found;
        found.private = planned.private;
        self.replace(found, config, (Reason::CannotUpdate, paths), considered).await
    }

    fn reason(&self, considered: &Considered) -> Reason {
        if considered.drift.is_some() && self.job.fast { Reason::Drifted } else { Reason::Changed }
    }

    /// Tells whether an attribute that cannot be changed in place does change.
    fn forces(&self, path: &Path, prior: &Value, planned: &Value) -> bool {
        let write_only = path
            .root()
            .and_then(|name| self.schema.block.get(name))
            .is_some_and(|attribute| attribute.write_only);
        let null = Value::Null;
        let (old, new) = (path.get(prior).unwrap_or(&null), path.get(planned).unwrap_or(&null));
        write_only || !new.is_known() || !values::same(old, new)
    }

    async fn ask(
        &self,
        prior: &Value,
        config: &Value,
        private: Vec<u8>,
        considered: &mut Considered,
    ) -> Option<Planned> {
        if self.job.provider_config.is_none() {
            let state = proposal::unasked(&self.schema.block, prior, config);
            let state = values::mark(&self.schema.block, state, config);
            return Some(Planned { state, private, ..Planned::default() });
        }
        let request = PlanRequest {
            kind: self.desired.kind.clone(),
            prior: prior.clone(),
            proposed: proposal::propose(&self.schema.block, prior, config),
            config: config.clone(),
            private,
        };
        let response = self.provider.plan(request).await;
        said(self.context, self.job, "plan", &response.problems, considered)?;
        let mut planned = response.answer?;
        planned.state = values::mark(&self.schema.block, planned.state, config);
        if planned.is_lenient {
            for path in self.desired.lifecycle.ignore.iter().filter(|_| !prior.is_null()) {
                planned.state = values::take_from(&self.schema.block, &planned.state, prior, path);
            }
            return Some(planned);
        }
        match promises::breach(&self.schema.block, prior, config, &planned.state) {
            None => Some(planned),
            Some(breach) => {
                let blame = self.context.blame(self.job.at);
                considered.diagnostics.push(diagnostics::invalid_plan(blame, &breach));
                None
            }
        }
    }

    async fn replace(
        &self,
        found: Found,
        config: Value,
        why: (Reason, Vec<Path>),
        considered: &mut Considered,
    ) -> Option<()> {
        protect(self.context, self.job, self.desired.lifecycle.protect, true, considered)?;
        if let Some((_, span)) = self.context.adoptions.get(&self.desired.address)
            && considered.changes.iter().any(|own| own.reason == Reason::Adopted)
        {
            let address = &self.desired.address;
            considered.diagnostics.push(diagnostics::adopted_to_go(address, &why.1, *span));
        }
        let private = found.private.clone();
        let planned = self.ask(&Value::Null, &config, private, considered).await?;
        let action = if self.desired.lifecycle.create_first {
            Action::ReplaceCreateFirst
        } else {
            Action::Replace
        };
        self.change(action, why.0, &found, (planned, config), considered);
        if let Some(change) = considered.changes.last_mut() {
            change.replace_paths = why.1;
        }
        Some(())
    }

    /// Adds a change and shows its result to others.
    fn change(
        &self,
        action: Action,
        reason: Reason,
        found: &Found,
        (planned, config): (Planned, Value),
        considered: &mut Considered,
    ) {
        let mut change = blank(self.context, self.job.at, self.desired, action, reason);
        change.before = found.prior.clone();
        change.after = planned.state;
        change.private = Bytes(planned.private);
        change.config = values::sparse(config);
        change.schema_version = self.schema.version;
        change.fingerprint = self.job.fingerprint;
        change.health = self.desired.health.clone();
        change.provenance = provenance::of(
            self.context.planner.sources,
            self.desired,
            &change.before,
            &change.after,
        );
        considered.shows_plan = true;
        considered.changed = true;
        considered.changes.push(change);
    }

    /// Keeps the resource as it is; the record may have to follow.
    fn keep(&self, found: Found, considered: &mut Considered) {
        let known = self.recorded().map(|recorded| &recorded.attributes);
        considered.changed = known.is_none_or(|known| !values::same(known, &found.prior));
        considered.view = Some(found.prior.clone());
        // Where nothing is to be done, an empty collection in place of none is nothing to tell.
        let is_telling = |drift: &Drift| !values::alike(&drift.recorded, &drift.found);
        considered.drift = considered.drift.take().filter(|drift| is_telling(drift));
        let adoption = considered.changes.iter_mut().find(|own| own.reason.is_adoption());
        if let Some(adoption) = adoption {
            // What is to be recorded is what is desired: one record says both.
            considered.changed = true;
            adoption.fingerprint = self.job.fingerprint;
            adoption.depends_on.clone_from(&self.context.nodes[self.job.at as usize].depends_on);
            adoption.lifecycle = self.desired.lifecycle.clone();
            let node = &self.context.nodes[self.job.at as usize];
            if adoption.reason != Reason::Moved || is_unseen(node) {
                adoption.health = self.desired.health.clone();
            }
            return;
        }
        if !found.differs {
            let recorded = self.recorded();
            let change = recorded.and_then(|recorded| {
                bookkeeping(self.context, self.job.at, recorded, self.job.fingerprint)
            });
            considered.changes.extend(change);
            return;
        }
        let reason = if considered.drift.is_some() { Reason::Drifted } else { Reason::Changed };
        let mut change = record(self.context, self.job.at, self.desired, reason);
        change.before = known.cloned().unwrap_or_default();
        change.after = found.prior;
        change.private = Bytes(found.private);
        change.schema_version = self.schema.version;
        change.fingerprint = self.job.fingerprint;
        considered.changes.push(change);
    }
}
