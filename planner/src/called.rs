//! What the providers of records are called now.
//!
//! Takes what is recorded, what is desired, and the project's providers; returns the state as it would be, had they
//! always been called so. A record is of a source and not of a name: a provider that was renamed has what it made, a
//! provider that takes another one's place has what that one made, and a name that stands for something else has
//! nothing of what was made under it. What nobody stands for any more is told of, and left as it is. It asks no
//! provider.
//!
//! Laws: what was recorded before sources were known goes by its name; nothing is changed where every name stands for
//! what it always stood for.

use std::collections::{BTreeMap, BTreeSet};

use syncline_model::{Address, Desired, DesiredProvider, ProviderId, Str};

use crate::plan::PlannedHandover;
use crate::providers::{Providers, address};
use crate::state::State;

/// What a state comes to under the names of now.
#[derive(Debug, Default)]
pub(crate) struct Called {
    /// The state; none where nothing is called otherwise.
    pub(crate) state: Option<State>,
    /// What there is to tell of providers.
    pub(crate) planned: Vec<PlannedHandover>,
    /// What was made by a provider that the project does not name.
    pub(crate) strange: BTreeMap<Address, Stranger>,
}

/// A provider that made something and is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stranger {
    /// What it was called.
    pub(crate) name: Str,
    /// Its source address.
    pub(crate) source: Str,
    /// What the name stands for now.
    pub(crate) now: Option<Str>,
}

/// Who has a record.
enum Owner {
    /// Whom it names, as it always was.
    Named,
    /// One of that name; the source tells what made it, where that is another one.
    Other { to: ProviderId, source: Str },
    /// Nobody.
    Nobody(Stranger),
}

/// Gives every record the provider that has it.
pub(crate) fn now(state: &State, desired: Option<&Desired>, providers: &dyn Providers) -> Called {
    let names = Names { state, desired, providers };
    let mut called = Called::default();
    let mut told = BTreeSet::new();
    for (address, entry) in &state.resources {
        let owner = |(id, source)| names.owner(address, id, source);
        if entry.providers().all(|part| matches!(owner(part), Owner::Named)) {
            continue;
        }
        let changed = called.state.get_or_insert_with(|| state.clone());
        for (at, (id, source)) in entry.providers().enumerate() {
            match owner((id, source)) {
                Owner::Named => {}
                Owner::Nobody(stranger) => {
                    called.strange.insert(address.clone(), stranger);
                }
                Owner::Other { to, source: made_by } => {
                    if let Some(used) = state.used_with(id) {
                        changed.providers.insert(to.to_string().into(), used.clone());
                    }
                    let was = state.source(id, source).cloned().unwrap_or_default();
                    told.insert((id.name.clone(), to.name.clone(), was));
                    let own = changed.resources.get_mut(address);
                    if let Some((id, source)) = own.and_then(|own| own.providers_mut().nth(at)) {
                        (*id, *source) = (to, made_by);
                    }
                }
            }
        }
    }
    called.planned = told
        .into_iter()
        .map(|(from, to, was)| {
            let is = providers.source(&to).cloned().unwrap_or_default();
            PlannedHandover::Called { from, to, was, is }
        })
        .collect();
    called
}

/// Gives what was desired once the providers that have it now: those of the sources that its names stood for.
pub fn call_as_now(desired: &mut Desired, providers: &dyn Providers) {
    let mut names: BTreeMap<Str, Str> = BTreeMap::new();
    for DesiredProvider { id, source, .. } in &desired.providers {
        let source = address(&id.name, source);
        let all = providers.of_source(&source);
        if let Some(name) = all.iter().find(|name| ***name == id.name).or(all.first()) {
            names.insert(id.name.clone(), (*name).clone());
        }
    }
    let resources = desired.resources.iter_mut().map(|own| &mut own.provider);
    let configured = desired.providers.iter_mut().map(|own| &mut own.id);
    for id in resources.chain(configured) {
        if let Some(name) = names.get(&id.name) {
            id.name.clone_from(name);
        }
    }
    desired.providers.sort_by(|left, right| left.id.cmp(&right.id));
}

struct Names<'a> {
    state: &'a State,
    desired: Option<&'a Desired>,
    providers: &'a dyn Providers,
}

impl Names<'_> {
    fn owner(&self, address: &Address, id: &ProviderId, own: &Str) -> Owner {
        let Some(source) = self.state.source(id, own) else { return Owner::Named };
        let now = self.providers.source(&id.name);
        if now == Some(source) {
            return Owner::Named;
        }
        let all = self.providers.of_source(source);
        let declared = self.desired.and_then(|desired| desired.get(address));
        let declared = declared.map(|declared| &declared.provider.name);
        let wanted = [Some(&id.name), declared];
        let is_wanted = |name: &&&Str| wanted.contains(&Some(**name));
        let Some(name) = all.iter().find(is_wanted).or(all.first()) else {
            let (name, source) = (id.name.clone(), source.clone());
            return Owner::Nobody(Stranger { name, source, now: now.cloned() });
        };
        let is_source = self.providers.source(name) == Some(source);
        let source = if is_source { Str::new() } else { source.clone() };
        Owner::Other { to: self.renamed(id, name), source }
    }

    /// Returns a configuration under another name of its provider. Where that one was there beside it, they were two.
    fn renamed(&self, id: &ProviderId, name: &Str) -> ProviderId {
        let was_there = id.name != *name
            && self.state.sources.get(name) == self.state.sources.get(&id.name)
            && self.state.sources.contains_key(name);
        let alias = if was_there { Some(format!("was {id}").into()) } else { id.alias.clone() };
        ProviderId { name: name.clone(), alias }
    }
}
