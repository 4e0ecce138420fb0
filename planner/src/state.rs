//! What is recorded of an environment: the replay of its log.
//!
//! Takes records in order; returns the state after them. It never fails: any prefix of a log is a
//! valid state, and a record that does not fit (an outcome of what nobody knows) is taken at its
//! word. An intent without an outcome leaves its resource in flight.
//!
//! Laws: replaying all records at once or one by one gives the same; the mark moves with what
//! changes resources and outputs, and never with leases or with a run's begin and end. A state
//! that is written and read again (a checkpoint) takes further records as if it had never been.
//! What a record's provider stands for never changes: where a name stands for something else from
//! now on, the records that have it keep what it stood for, and ones of a name of which nothing was
//! known yet take what is said of it first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_model::{Address, Digest, ProviderId, Str, Value};

use crate::plan::StateMark;
use crate::providers;
use crate::record::{
    Applied, Begin, Body, Intent, Keys, Lease, Millis, Outcome, OutcomeResult, Record, Recorded,
};

/// The state of an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// What is recorded, in flight or yet to be destroyed.
    pub resources: BTreeMap<Address, Entry>,
    /// What each provider was set up with when it was used last, by its id as it is written.
    #[serde(default)]
    pub providers: BTreeMap<Str, Value>,
    /// What providers' local names stand for, as the newest configuration says that names them: their source addresses
    /// ([`providers::address`](crate::providers::address)).
    #[serde(default)]
    pub sources: BTreeMap<Str, Str>,
    /// The newest configuration that is kept: its print, and the record that holds it.
    #[serde(default)]
    pub configuration: Option<(Digest, u64)>,
    /// The outputs.
    pub outputs: BTreeMap<Str, Value>,
    /// Every run, the first one first.
    pub runs: Vec<Run>,
    /// The keys that seal from now on, with the sequence of the record that says so; none while it
    /// is the first one, which nothing records.
    pub keys: Option<(Keys, u64)>,
    /// Who has the environment, with the lease's number: the sequence of its first record.
    pub lease: Option<(Lease, u64)>,
    /// The last record that changed resources or outputs.
    pub mark: StateMark,
    /// The last record of any kind; 0 for an empty log.
    pub sequence: u64,
}

/// What is recorded at an address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The resource.
    pub recorded: Option<Box<Recorded>>,
    /// Old ones that a create-first replacement has yet to destroy, the oldest first.
    pub deposed: Vec<Recorded>,
    /// A call of which no outcome is recorded.
    pub in_flight: Option<Box<Intent>>,
    /// The last record that changed the entry.
    pub sequence: u64,
}

/// A run, as the log tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// How it began.
    pub begin: Begin,
    /// When.
    pub begun: Millis,
    /// The record that holds its configuration; none when that was not kept.
    #[serde(default)]
    pub configured: Option<u64>,
    /// How it ended; none when it was killed or still runs.
    pub applied: Option<Applied>,
    /// How many calls succeeded.
    pub succeeded: u64,
    /// How many calls failed.
    pub failed: u64,
    /// How long its calls took, added up.
    pub call_millis: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            resources: BTreeMap::new(),
            providers: BTreeMap::new(),
            sources: BTreeMap::new(),
            configuration: None,
            outputs: BTreeMap::new(),
            runs: Vec::new(),
            keys: None,
            lease: None,
            mark: StateMark { sequence: 0, hash: Digest::ZERO },
            sequence: 0,
        }
    }
}

impl Entry {
    fn is_empty(&self) -> bool {
        self.recorded.is_none() && self.deposed.is_empty() && self.in_flight.is_none()
    }

    /// Returns who has each of its parts, and what the part itself says of the source.
    pub(crate) fn providers(&self) -> impl Iterator<Item = (&ProviderId, &Str)> {
        let recorded = self.recorded.as_deref().into_iter().chain(&self.deposed);
        let recorded = recorded.map(|own| (&own.provider, &own.source));
        recorded.chain(self.in_flight.as_deref().map(|own| (&own.provider, &own.source)))
    }

    /// Returns the same, in the same order, to be changed.
    pub(crate) fn providers_mut(&mut self) -> impl Iterator<Item = (&mut ProviderId, &mut Str)> {
        let recorded = self.recorded.as_deref_mut().into_iter().chain(&mut self.deposed);
        let recorded = recorded.map(|own| (&mut own.provider, &mut own.source));
        let intent = self.in_flight.as_deref_mut();
        recorded.chain(intent.map(|own| (&mut own.provider, &mut own.source)))
    }
}

impl State {
    /// Which way of replaying this is. It is raised whenever the same records would add up to
    /// something else, or what they add up to has another form: a checkpoint of another way is
    /// not read.
    pub const REPLAY: u32 = 7;

    /// Returns the state after records from the first one on.
    #[must_use]
    pub fn replay(records: Vec<Record>) -> Self {
        let mut state = Self::default();
        for record in records {
            state.apply(record);
        }
        state
    }

    /// Returns all but the resources.
    #[must_use]
    pub fn without_resources(&self) -> Self {
        Self {
            resources: BTreeMap::new(),
            providers: self.providers.clone(),
            sources: self.sources.clone(),
            configuration: self.configuration,
            outputs: self.outputs.clone(),
            runs: self.runs.clone(),
            keys: self.keys.clone(),
            lease: self.lease.clone(),
            mark: self.mark,
            sequence: self.sequence,
        }
    }

    /// Takes the next record.
    pub fn apply(&mut self, record: Record) {
        let Record { sequence, hash, time, body, .. } = record;
        self.sequence = sequence;
        if self.apply_body(body, sequence, time) {
            self.mark = StateMark { sequence, hash };
        }
    }

    /// Returns what is recorded at an address.
    #[must_use]
    pub fn recorded(&self, address: &Address) -> Option<&Recorded> {
        self.resources.get(address)?.recorded.as_deref()
    }

    /// Returns what a provider was set up with when it was used last.
    #[must_use]
    pub fn used_with(&self, id: &ProviderId) -> Option<&Value> {
        if self.providers.is_empty() {
            return None;
        }
        self.providers.get(id.to_string().as_str())
    }

    /// Returns what made something that is recorded: the source address of its provider. None where nothing was ever
    /// said of it.
    #[must_use]
    pub fn source<'a>(&'a self, provider: &ProviderId, own: &'a Str) -> Option<&'a Str> {
        if own.is_empty() { self.sources.get(&provider.name) } else { Some(own) }
    }

    /// Notes what a local name stands for from now on.
    fn stands_for(&mut self, name: &Str, source: &str) {
        let source = providers::address(name, source);
        if self.sources.get(name) == Some(&source) {
            return;
        }
        let Some(before) = self.sources.insert(name.clone(), source) else { return };
        for entry in self.resources.values_mut() {
            for (provider, source) in entry.providers_mut() {
                if provider.name == *name && source.is_empty() {
                    source.clone_from(&before);
                }
            }
        }
    }

    /// Returns the number of the next run.
    #[must_use]
    pub fn next_run(&self) -> u64 {
        self.runs.last().map_or(1, |run| run.begin.run + 1)
    }

    /// Takes what a record says, and tells whether it changed resources or outputs.
    pub(crate) fn apply_body(&mut self, body: Body, sequence: u64, time: Millis) -> bool {
        match body {
            Body::Lease(lease) => {
                let number = lease.renews.unwrap_or(sequence);
                self.lease = Some((lease, number));
                return false;
            }
            Body::Released { lease, .. } => {
                if self.lease.as_ref().is_some_and(|(_, number)| *number == lease) {
                    self.lease = None;
                }
                return false;
            }
            Body::Configured(configuration) => {
                self.configuration = Some((configuration.print, sequence));
                for provider in &configuration.providers {
                    self.stands_for(&provider.id.name, &provider.source);
                }
                return false;
            }
            Body::Keys(keys) => {
                self.keys = Some((*keys, sequence));
                return false;
            }
            Body::Begin(begin) => {
                self.begin(*begin, time);
                return false;
            }
            Body::Applied(applied) => {
                let run = self.runs.iter_mut().rev().find(|run| run.begin.run == applied.run);
                if let Some(run) = run {
                    run.applied = Some(applied);
                }
                return false;
            }
            Body::Provider(used) => {
                self.providers.insert(used.provider.to_string().into(), used.config);
                return false;
            }
            Body::Intent(intent) => {
                let entry = self.resources.entry(intent.address.clone()).or_default();
                entry.sequence = sequence;
                entry.in_flight = Some(intent);
            }
            Body::Outcome(outcome) => self.outcome(*outcome, sequence),
            Body::Moved { from, to } => {
                if let Some(entry) = self.resources.remove(&from) {
                    self.resources.insert(to, Entry { sequence, ..entry });
                }
            }
            Body::Forgotten { address } => {
                self.resources.remove(&address);
            }
            Body::Outputs { values } => self.outputs = values.into_iter().collect(),
        }
        true
    }

    fn begin(&mut self, begin: Begin, time: Millis) {
        let kept = self.configuration.filter(|(print, _)| Some(*print) == begin.configuration);
        self.runs.push(Run {
            configured: kept.map(|(_, sequence)| sequence),
            begin,
            begun: time,
            applied: None,
            succeeded: 0,
            failed: 0,
            call_millis: 0,
        });
    }

    fn outcome(&mut self, outcome: Outcome, sequence: u64) {
        let failed =
            matches!(outcome.result, OutcomeResult::Failed { .. } | OutcomeResult::Partial { .. });
        if let Some(run) = self.runs.last_mut().filter(|run| run.applied.is_none()) {
            run.call_millis += outcome.millis;
            run.failed += u64::from(failed);
            run.succeeded += u64::from(!failed);
        }
        let address = outcome.address;
        let entry = self.resources.entry(address.clone()).or_default();
        entry.sequence = sequence;
        entry.in_flight = None;
        match outcome.result {
            OutcomeResult::Present(recorded) | OutcomeResult::Partial { recorded, .. } => {
                entry.recorded = Some(recorded);
            }
            OutcomeResult::Absent => entry.recorded = None,
            OutcomeResult::Failed { .. } => {}
            OutcomeResult::Replaced { recorded } => {
                let old = entry.recorded.replace(recorded);
                entry.deposed.extend(old.map(|old| *old));
            }
            OutcomeResult::DeposedAbsent => {
                if !entry.deposed.is_empty() {
                    entry.deposed.remove(0);
                }
            }
        }
        if entry.is_empty() {
            self.resources.remove(&address);
        }
        for outdated in &outcome.outdates {
            let entry = self.resources.get_mut(outdated);
            if let Some(recorded) = entry.and_then(|entry| entry.recorded.as_mut()) {
                recorded.outdated = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Configuration, DeclaredProvider};

    fn configured(name: &str, source: &str) -> Body {
        let id = ProviderId { name: name.into(), alias: None };
        let provider = DeclaredProvider {
            id,
            source: source.into(),
            version: Str::new(),
            config: Value::Null,
        };
        Body::Configured(Box::new(Configuration {
            root: Digest::ZERO,
            print: Digest::of(source.as_bytes()),
            resources: BTreeMap::new(),
            providers: vec![provider],
            outputs: Vec::new(),
            checks: Vec::new(),
        }))
    }

    fn recorded(address: &str, name: &str) -> Body {
        let text = format!(
            r#"{{"outcome":{{"operation":"1.1","address":"{address}","millis":0,"result":{{"present":{{
            "kind":"thing","provider":{{"name":"{name}"}},"schema_version":1,"attributes":null,
            "fingerprint":"{}"}}}}}}}}"#,
            Digest::ZERO
        );
        serde_json::from_str(&text).expect("a record of before sources were known is read")
    }

    fn source<'a>(state: &'a State, address: &str) -> Option<&'a str> {
        let recorded = state.recorded(&Address::parse(address).ok()?)?;
        state.source(&recorded.provider, &recorded.source).map(Str::as_str)
    }

    #[test]
    fn what_made_a_resource_stays_what_it_is() {
        let mut state = State::default();
        let take = |state: &mut State, body: Body| state.apply_body(body, 1, 1);
        take(&mut state, recorded("a", "x"));
        assert_eq!(source(&state, "a"), None);
        // What nothing was known of takes what is said first.
        take(&mut state, configured("x", "host/one/x"));
        take(&mut state, recorded("b", "x"));
        take(&mut state, recorded("c", "y"));
        assert_eq!(source(&state, "a"), Some("host/one/x"));
        take(&mut state, configured("x", "host/two/x"));
        take(&mut state, recorded("b", "x"));
        let all = ["a", "b", "c"].map(|address| source(&state, address));
        assert_eq!(all, [Some("host/one/x"), Some("host/two/x"), None]);
        take(&mut state, configured("y", ""));
        assert_eq!(source(&state, "c"), Some("syncline/y"));
        // A copy that was cut down for the state of a run says the same.
        let mut again = state.clone();
        assert!(!again.apply_body(configured("x", "host/one/x").for_state(), 1, 1));
        assert_eq!(source(&again, "b"), Some("host/two/x"));
        assert_eq!(again.sources["x"], "host/one/x");
    }
}
