//! The walk over the graph: each resource once all that it needs is planned.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use futures_util::future::{BoxFuture, Either, join_all, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use syncline_model::{Address, DesiredResource, Diagnostic, Digest, Map, Mode, ProviderId, Value};

use super::context::Context;
use super::subject::{self, Job};
use crate::event::Event;
use crate::fingerprint;
use crate::plan::{Action, Change, Drift};
use crate::trigger;
use crate::values;

/// What planning found for one node.
#[derive(Default)]
pub(super) struct Considered {
    /// What is to be done, in order, until all of that is in one place.
    pub(super) changes: Vec<Change>,
    /// Where it is then.
    pub(super) placed: Range<u32>,
    pub(super) drift: Option<Box<Drift>>,
    /// The attributes as others see them; none when nothing is known, or when they see what is planned.
    pub(super) view: Option<Value>,
    /// Others see what the last change makes of it.
    pub(super) shows_plan: bool,
    /// Others may see other attributes than before.
    pub(super) changed: bool,
    /// It could not be planned, or something that it needs could not.
    pub(super) failed: bool,
    /// It was left alone since its fingerprint is as recorded.
    pub(super) by_fingerprint: bool,
    /// It was read through its provider.
    pub(super) read: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// What is found for all nodes.
pub(super) struct Findings {
    /// For each node.
    pub(super) results: Vec<Considered>,
    /// What is to be done, of one node after another.
    pub(super) changes: Vec<Change>,
}

impl Findings {
    /// Returns what is to be done to a node.
    pub(super) fn of(&self, at: u32) -> &[Change] {
        let Range { start, end } = self.results[at as usize].placed;
        &self.changes[start as usize..end as usize]
    }

    /// Returns the attributes of a node as others see them. What is planned is made up for them each time: most
    /// resources are seen by few, and a copy of each would be half of what a plan takes.
    fn view(&self, at: u32) -> Option<Value> {
        let considered = &self.results[at as usize];
        match self.of(at).last() {
            Some(change) if considered.shows_plan => {
                Some(values::referable(&change.after, &change.address))
            }
            _ => considered.view.clone(),
        }
    }
}

/// What a fingerprint is, once what data sources say counts too.
#[derive(Clone, Copy)]
struct Print {
    digest: Digest,
    /// It is another than that of the declaration.
    own: bool,
}

struct Walk<'a> {
    context: &'a Context<'a>,
    selected: &'a [bool],
    replace: BTreeSet<&'a Address>,
    found: Findings,
    prints: Vec<Print>,
    waiting: Vec<u32>,
    ready: VecDeque<u32>,
    done: usize,
}

/// Returns what is found for each node.
pub(super) async fn walk(context: &Context<'_>, selected: &[bool]) -> Findings {
    let count = context.nodes.len();
    let waiting: Vec<u32> = (0..count).map(|at| context.needs(at as u32).len() as u32).collect();
    let mut walk = Walk {
        context,
        selected,
        replace: replaced(context),
        found: Findings {
            results: std::iter::repeat_with(Considered::default).take(count).collect(),
            // Room that is not used costs nothing, and to grow would take twice as much.
            changes: Vec::with_capacity(count),
        },
        prints: context
            .nodes
            .iter()
            .map(|node| Print { digest: node.fingerprint, own: false })
            .collect(),
        ready: (0..count as u32).filter(|at| waiting[*at as usize] == 0).collect(),
        waiting,
        done: 0,
    };
    // What goes wrong with a provider is told to the first that asks it.
    let ahead = walk.asked_for_sure().into_iter().map(|(id, config)| async move {
        let _told_later = context.planner.providers.get(id, Some(config)).await;
    });
    let ahead = join_all(ahead);
    let all = async {
        let mut running: FuturesUnordered<BoxFuture<'_, (u32, Considered)>> =
            FuturesUnordered::new();
        loop {
            while running.len() < context.planner.options.parallelism.max(1) {
                let Some(at) = walk.ready.pop_front() else { break };
                match walk.prepare(at) {
                    Prepared::Done(considered) => walk.finish(at, *considered),
                    Prepared::Job(job) => running.push(Box::pin(async move {
                        (at, subject::consider(context, *job).await)
                    })),
                }
            }
            match running.next().await {
                Some((at, considered)) => walk.finish(at, considered),
                None if walk.ready.is_empty() => return walk.found,
                None => {}
            }
            // What has been answered by now is taken together, so that what comes of it is asked together.
            while let Some(Some((at, considered))) = running.next().now_or_never() {
                walk.finish(at, considered);
            }
        }
    };
    match select(std::pin::pin!(all), std::pin::pin!(ahead)).await {
        Either::Left((found, _)) => found,
        Either::Right((_, all)) => all.await,
    }
}

fn replaced<'a>(context: &Context<'a>) -> BTreeSet<&'a Address> {
    let asked = &context.planner.options.replace;
    if asked.is_empty() {
        return BTreeSet::new();
    }
    let names = |address: &Address| {
        asked.iter().any(|one| one == address || one.as_str() == address.group())
    };
    context.nodes.iter().map(|node| node.address).filter(|address| names(address)).collect()
}

enum Prepared {
    Done(Box<Considered>),
    Job(Box<Job>),
}

impl Prepared {
    fn done(considered: Considered) -> Self {
        Self::Done(Box::new(considered))
    }
}

impl<'a> Walk<'a> {
    /// Returns the providers that are asked whatever is found, with what is known of how they are set up: they start
    /// together, and not each when the first resource of it is reached.
    fn asked_for_sure(&self) -> BTreeMap<&'a ProviderId, Value> {
        let mut all = BTreeMap::new();
        for (node, _) in self.context.nodes.iter().zip(self.selected).filter(|(_, own)| **own) {
            let Some(desired) = node.desired else { continue };
            let is_asked = desired.mode == Mode::Data || node.entry.is_none();
            if !is_asked || desired.mode == Mode::Ephemeral || all.contains_key(&desired.provider) {
                continue;
            }
            let config = match self.context.provider(&desired.provider) {
                Some(provider) if provider.config.is_known() => provider.config.clone(),
                Some(_) => continue,
                None => Value::from(Map::new()),
            };
            all.insert(&desired.provider, config);
        }
        all
    }

    /// Returns what can be told of a node without a provider, or what to ask one.
    fn prepare(&mut self, at: u32) -> Prepared {
        let node = &self.context.nodes[at as usize];
        let recorded = node.entry.and_then(|entry| entry.recorded.as_deref());
        if !self.selected[at as usize] {
            let view = recorded.map(|recorded| recorded.attributes.clone());
            return Prepared::done(Considered { view, ..Considered::default() });
        }
        let needs = self.context.needs(at);
        if needs.iter().any(|to| self.found.results[*to as usize].failed) {
            return Prepared::done(Considered { failed: true, ..Considered::default() });
        }
        let moved = needs.iter().any(|to| self.found.results[*to as usize].changed);
        self.refine_print(at);
        let print = self.prints[at as usize].digest;
        let fast = recorded.is_some_and(|recorded| recorded.fingerprint == print)
            && !moved
            && subject::is_settled(self.context, node, print)
            && !self.replace.contains(node.address);
        let unchanged = if fast { subject::unchanged(self.context, at) } else { None };
        if let Some(considered) = unchanged {
            return Prepared::done(considered);
        }
        match self.job(at, print, fast, moved) {
            Ok(job) => Prepared::Job(Box::new(job)),
            Err(diagnostic) => Prepared::done(Considered {
                failed: true,
                diagnostics: vec![*diagnostic],
                ..Considered::default()
            }),
        }
    }

    fn job(
        &self,
        at: u32,
        fingerprint: Digest,
        fast: bool,
        moved: bool,
    ) -> Result<Job, Box<Diagnostic>> {
        let node = &self.context.nodes[at as usize];
        let mut job = Job {
            at,
            config: Value::Null,
            fingerprint,
            fast,
            moved,
            waits: self.waits(at),
            replace: self.replace.contains(node.address),
            triggered: node.desired.is_some_and(|desired| self.triggers(desired)),
            provider_config: None,
        };
        job.provider_config = match (node.desired, node.entry) {
            (Some(desired), _) => {
                let config = match self.context.provider(&desired.provider) {
                    Some(provider) => self.resolve(&provider.config, true)?,
                    None => Value::from(Map::new()),
                };
                config.is_known().then_some(config)
            }
            (None, Some(entry)) => subject::provider_of(entry)
                .map(|id| self.context.provider_of_old(id))
                .filter(Value::is_known),
            (None, None) => None,
        };
        if let Some(desired) = node.desired {
            let opens = desired.mode == Mode::Ephemeral;
            let config = self.resolve(&desired.config, opens).map_err(|diagnostic| {
                let blame = self.context.blame(at);
                let span = blame.span(&syncline_model::Path::default());
                match span.filter(|_| diagnostic.labels.is_empty()) {
                    Some(span) => Box::new(diagnostic.label(span, "for this resource")),
                    None => diagnostic,
                }
            })?;
            let schema = self.context.schema(&desired.provider, desired.mode, &desired.kind);
            job.config = match schema {
                Some(schema) => values::complete(&schema.block, &config),
                None => config,
            };
        }
        Ok(job)
    }

    /// Tells whether something is still to be done to what a node needs. What only was changed outside is as it is.
    fn waits(&self, at: u32) -> bool {
        let changes = |to: &u32| self.found.of(*to);
        let mut changes = self.context.needs(at).iter().flat_map(changes);
        changes.any(|change| !matches!(change.action, Action::Record | Action::Check))
    }

    /// Tells whether something changes that a resource is to be replaced with.
    fn triggers(&self, desired: &DesiredResource) -> bool {
        desired.lifecycle.replace_with.iter().any(|trigger| {
            let at = self.context.index.get(&trigger.to);
            at.is_some_and(|at| {
                let entry = self.context.nodes[*at as usize].entry;
                self.found.of(*at).iter().any(|change| trigger::fires(change, &trigger.path, entry))
            })
        })
    }

    /// Computes what is known of a value; what is open for a while only where nothing is recorded of it.
    fn resolve(&self, value: &Value, opens: bool) -> Result<Value, Box<Diagnostic>> {
        if value.is_known() {
            return Ok(value.clone());
        }
        let seen = |at: &u32| opens || !self.context.is_ephemeral(*at);
        resolve_seen(self.context, &self.found, value, &seen)
    }

    /// Brings the fingerprint up to date where a data source, or something that depends on one, is
    /// among what the node needs.
    fn refine_print(&mut self, at: u32) {
        let needs = self.context.needs(at);
        if !needs.iter().any(|to| self.prints[*to as usize].own) {
            return;
        }
        let node = &self.context.nodes[at as usize];
        let (Some(resource), Some(desired)) = (node.desired, self.context.planner.desired) else {
            return;
        };
        let schema = self.context.schema(&resource.provider, resource.mode, &resource.kind);
        let needs: Vec<(&Address, Digest)> = needs
            .iter()
            .map(|to| (self.context.nodes[*to as usize].address, self.prints[*to as usize].digest))
            .collect();
        let declared = fingerprint::Declared {
            resource,
            source: fingerprint::source(desired, resource),
            schema_version: schema.map_or(0, |schema| schema.version),
        };
        let digest = declared.fingerprint(&needs, &self.context.planner.secret_key);
        self.prints[at as usize] = Print { digest, own: true };
    }

    fn finish(&mut self, at: u32, mut considered: Considered) {
        let node = &self.context.nodes[at as usize];
        if node.desired.is_some_and(|desired| desired.mode == Mode::Data) {
            let key = &self.context.planner.secret_key;
            let view = considered.view.as_ref().unwrap_or(&Value::Null);
            let digest = fingerprint::of_data(&self.prints[at as usize].digest, view, key);
            self.prints[at as usize] = Print { digest, own: true };
        }
        let start = self.found.changes.len() as u32;
        self.found.changes.extend(std::mem::take(&mut considered.changes));
        considered.placed = start..self.found.changes.len() as u32;
        self.found.results[at as usize] = considered;
        self.done += 1;
        let total = self.context.nodes.len();
        self.context.planner.observer.observe(Event::Planned { done: self.done, total });
        let Some(dependents) = self.context.dependencies.needed_by.get(at as usize) else { return };
        for dependent in dependents {
            let left = &mut self.waiting[*dependent as usize];
            *left -= 1;
            if *left == 0 {
                self.ready.push_back(*dependent);
            }
        }
    }
}

/// Returns a value with every residual computed as far as what is planned allows. What waits for an ephemeral
/// resource goes on waiting: a plan is kept.
pub(super) fn resolve(
    context: &Context<'_>,
    found: &Findings,
    value: &Value,
) -> Result<Value, Box<Diagnostic>> {
    resolve_seen(context, found, value, &|at| !context.is_ephemeral(*at))
}

fn resolve_seen(
    context: &Context<'_>,
    found: &Findings,
    value: &Value,
    seen: &dyn Fn(&u32) -> bool,
) -> Result<Value, Box<Diagnostic>> {
    context.planner.resolve.resolve(value, &|address| {
        let at = context.index.get(address).filter(|at| seen(at))?;
        found.view(*at)
    })
}

/// Returns a data source's attributes before it can be read.
pub(super) fn unread(block: &syncline_model::Block, address: &Address, config: &Value) -> Value {
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let configured = config.attribute(name);
        if attribute.is_configurable() && !(attribute.computed && configured.is_null()) {
            return (name.clone(), configured.clone());
        }
        let path = syncline_model::Path::attribute(name.clone());
        (name.clone(), attribute.unknown(address, path))
    });
    Value::from(attributes.collect::<Map>())
}
