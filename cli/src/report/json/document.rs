//! The document as a whole: its parts in the order of their names, each made when it is written.
//!
//! Takes a plan and what is recorded; gives a serialiser one part after the other. It makes no tree
//! of the whole: what it holds at once is a list of references and one resource. What was handed over is called
//! as it will be.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value as Json, json};
use syncline_model::Address;
use syncline_planner::State;
use syncline_planner::plan::{Action, Change, Plan, PlannedHandover};
use syncline_planner::record::Recorded;

use super::configuration::{Configuration, relevant_attributes, variables};
use super::{
    Source, checks, drift, forgotten, importing, kept, no_change, noted, output_changes, outputs,
    planned, planned_outputs, prior_data, prior_resource, provenance, provider_of, providers,
    resource_change,
};

/// A plan as one JSON document.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a State,
    pub(super) source: Source<'a>,
}

/// A resource of the document: recorded and left alone, left alone and recorded anew (as one that is taken over), recorded
/// and left to others, or changed.
#[derive(Clone, Copy)]
enum Resource<'a> {
    Kept(&'a Address, &'a Recorded),
    Noted(&'a Change),
    Forgotten(&'a Address, &'a Recorded),
    Changed(&'a Change),
}

impl<'a> Resource<'a> {
    fn address(self) -> &'a Address {
        match self {
            Self::Kept(address, _) | Self::Forgotten(address, _) => address,
            Self::Noted(change) | Self::Changed(change) => &change.address,
        }
    }
}

/// What is done to what is at an address.
enum Still<'a> {
    /// Something that is shown as a change.
    Changes,
    /// It is recorded anew.
    Noted(&'a Change),
    /// Nothing.
    Kept,
}

/// How what is recorded is called from now on.
#[derive(Default)]
struct Names<'a> {
    /// The recorded address of what gets another one, by that.
    before: BTreeMap<&'a Address, &'a Address>,
    /// The same the other way round.
    now: BTreeMap<&'a Address, &'a Address>,
    /// What is managed no more, as it is recorded.
    forgotten: BTreeSet<&'a Address>,
    /// What is taken over, and by which id.
    adopted: BTreeMap<&'a Address, &'a str>,
}

impl<'a> Names<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut names = Self::default();
        for handover in &plan.handovers {
            match handover {
                PlannedHandover::Moved { from, to } => {
                    let first = names.before.remove(from).unwrap_or(from);
                    names.before.insert(to, first);
                }
                PlannedHandover::Forgotten { address } => {
                    let first = names.before.remove(address).unwrap_or(address);
                    names.forgotten.insert(first);
                }
                PlannedHandover::Adopted { address, id } => {
                    names.adopted.insert(address, id);
                }
                PlannedHandover::Retyped { .. } | PlannedHandover::Called { .. } => {}
            }
        }
        names.before.retain(|now, before| now != before);
        names.now = names.before.iter().map(|(now, before)| (*before, *now)).collect();
        names
    }
}

/// A list whose elements are made one by one.
pub(super) struct List<F>(pub(super) F);

impl<I: Iterator<Item = Json>, F: Fn() -> I> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// An object whose members are made one by one; the names come sorted.
struct Members<F>(F);

impl<'a, I: Iterator<Item = (&'a str, Json)>, F: Fn() -> I> Serialize for Members<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
    }
}

/// An object of few members, each of which may be made piece by piece.
macro_rules! object {
    ($name:ident, $self:ident, $($member:literal: $value:expr),+ $(,)?) => {
        impl Serialize for $name<'_> {
            fn serialize<S: Serializer>(&$self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry($member, $value)?;)+
                map.end()
            }
        }
    };
}

impl<'a> Document<'a> {
    /// Returns what is recorded.
    fn recorded(&self) -> impl Iterator<Item = (&'a Address, &'a Recorded)> + use<'a> {
        let entries = self.state.resources.iter();
        entries.filter_map(|(address, entry)| Some((address, entry.recorded.as_deref()?)))
    }

    /// Returns what is recorded, as it was found, and what data sources said, sorted by address.
    fn prior(&self) -> impl Iterator<Item = Json> + use<'a> {
        let (plan, state) = (self.plan, self.state);
        let now = Names::of(plan).now;
        let recorded = self.recorded().filter_map(move |(address, recorded)| {
            let called = now.get(address).copied().unwrap_or(address);
            let drift = plan.drift.binary_search_by(|own| own.address.cmp(called));
            let found = drift.map_or(&recorded.attributes, |at| &plan.drift[at].found);
            // What is gone is not there.
            (!found.is_null()).then_some((address, recorded, found))
        });
        let mut recorded = recorded.peekable();
        let mut data = plan.data.iter().peekable();
        std::iter::from_fn(move || {
            let next = data.next_if(|data| {
                recorded.peek().is_none_or(|(address, ..)| data.address < **address)
            });
            next.map(prior_data).or_else(|| {
                let (address, recorded, found) = recorded.next()?;
                Some(prior_resource(address, recorded, (found, state)))
            })
        })
    }

    /// Returns every resource once for each thing that happens to it, sorted by address; what is
    /// left alone comes before what is done at the same address.
    fn resources(&self, names: &Names<'a>) -> Vec<Resource<'a>> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for (address, recorded) in self.recorded() {
            if names.forgotten.contains(address) {
                all.push(Resource::Forgotten(address, recorded));
                continue;
            }
            let now = names.now.get(address).copied().unwrap_or(address);
            seen.insert(now);
            match self.still(now) {
                Still::Changes => {}
                Still::Noted(change) => all.push(Resource::Noted(change)),
                Still::Kept => all.push(Resource::Kept(now, recorded)),
            }
        }
        for change in &self.plan.changes {
            if !change.is_silent() {
                all.push(Resource::Changed(change));
            } else if seen.insert(&change.address)
                && let Still::Noted(change) = self.still(&change.address)
            {
                all.push(Resource::Noted(change));
            }
        }
        all.sort_by(|left, right| left.address().as_str().cmp(right.address().as_str()));
        all
    }

    /// Tells what is done to what is at an address now. That an old one is destroyed whose replacement is there does nothing
    /// to that.
    fn still(&self, address: &Address) -> Still<'a> {
        let changes = &self.plan.changes;
        let start = changes.partition_point(|own| own.address < *address);
        let own = changes[start..].iter().take_while(|own| own.address == *address);
        let mut still = Still::Kept;
        for change in own {
            if !change.is_silent() && !change.is_of_deposed() {
                return Still::Changes;
            }
            if change.is_silent() && !change.after.is_null() {
                still = Still::Noted(change);
            }
        }
        still
    }

    /// Returns what happens to each resource.
    fn changes(&self) -> impl Iterator<Item = Json> + use<'a> {
        let (plan, state) = (self.plan, self.state);
        let names = Names::of(plan);
        self.resources(&names).into_iter().map(move |resource| {
            let mut json = match resource {
                Resource::Kept(address, recorded) => no_change(address, recorded, state),
                Resource::Forgotten(address, recorded) => forgotten(address, recorded, state),
                Resource::Noted(change) => {
                    noted(change, &provider_of(&change.provider, plan, state))
                }
                Resource::Changed(change) => {
                    resource_change(change, &provider_of(&change.provider, plan, state))
                }
            };
            if let Some(before) = names.before.get(resource.address()) {
                json["previous_address"] = json!(before);
            }
            if let Some(id) = names.adopted.get(resource.address()) {
                json["change"]["importing"] = importing(id);
            }
            json
        })
    }
}

struct Values<'a>(Document<'a>);
struct PriorState<'a>(Document<'a>);
struct PriorValues<'a>(Document<'a>);
struct Root<'a, F>(&'a F);
struct Own<'a>(Document<'a>);

impl<F: Serialize> Serialize for Root<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("resources", self.0)?;
        map.end()
    }
}

object!(Document, self,
    "applyable": &!self.plan.is_empty(),
    "checks": &checks(self.plan),
    "complete": &!self.plan.partial,
    "configuration": &Configuration::of(self),
    "errored": &false,
    "format_version": "1.2",
    "output_changes": &output_changes(self.plan),
    "planned_values": &Values(*self),
    "prior_state": &PriorState(*self),
    "relevant_attributes": &relevant_attributes(self.plan, self.source.desired),
    "resource_changes": &List(|| self.changes()),
    "resource_drift": &List(|| {
        self.plan.drift.iter().map(|own| drift(own, &provider_of(&own.provider, self.plan, self.state)))
    }),
    "syncline": &Own(*self),
    "terraform_version": &self.plan.syncline,
    "variables": &variables(self.source.params),
);

object!(Values, self,
    "outputs": &planned_outputs(self.0.plan),
    "root_module": &Root(&List(|| {
        let resources = self.0.resources(&Names::of(self.0.plan));
        resources.into_iter().filter_map(|resource| match resource {
            Resource::Kept(address, recorded) => Some(kept(address, recorded, self.0.state)),
            Resource::Forgotten(..) => None,
            Resource::Noted(change) | Resource::Changed(change) => {
                let provider = provider_of(&change.provider, self.0.plan, self.0.state);
                (change.action != Action::Delete).then(|| planned(change, &provider))
            }
        })
    })),
);

object!(PriorState, self,
    "format_version": "1.0",
    "terraform_version": &self.0.plan.syncline,
    "values": &PriorValues(self.0),
);

object!(PriorValues, self,
    "outputs": &outputs(&self.0.state.outputs),
    "root_module": &Root(&List(|| {
        self.0.prior()
    })),
);

object!(Own, self,
    "config": &self.0.plan.config,
    "counts": &json!(self.0.plan.counts()),
    "environment": &self.0.plan.environment,
    "goal": &self.0.plan.goal,
    "handovers": &self.0.plan.handovers,
    "provenance": &Members(|| {
        let changes = self.0.plan.changes.iter();
        let mut changes: Vec<&Change> =
            changes.filter(|change| !change.is_silent()).collect();
        // Of several changes at one address, the last one is what the address comes to.
        changes.reverse();
        changes.dedup_by(|left, right| left.address == right.address);
        changes.reverse();
        changes.into_iter().map(|change| (change.address.as_str(), provenance(change)))
    }),
    "providers": &providers(self.0.plan),
    "reads": &json!(self.0.plan.reads),
    "state": &json!({
        "sequence": self.0.plan.state.sequence,
        "hash": self.0.plan.state.hash,
    }),
    "unchanged": &self.0.plan.unchanged,
);
