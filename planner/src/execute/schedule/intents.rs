//! What is written down before a provider is called.
//!
//! Takes planned steps; returns the bodies of their intents, with what their providers are set up with, for the next
//! append. Never calls a provider.

use super::super::calls;
use super::{AHEAD, QUICK, Running};
use crate::plan::{Bytes, Change, Operation};
use crate::record::{Body, Intent, ProviderUse};
use crate::values;
use syncline_model::ProviderId;

impl Running<'_> {
    /// Takes steps whose intents go with the next append. Steps that change nothing need none.
    pub(super) fn intend(&mut self, bodies: &mut Vec<Body>) -> Vec<u32> {
        let mean = self.mean();
        let slots = self.executor.parallelism.max(1);
        let ahead = if mean < QUICK { AHEAD.max(slots) } else { slots };
        let room = ahead.saturating_sub(self.intended.len() + self.calling);
        let mut steps = Vec::new();
        while steps.len() < room {
            let Some(at) = self.planned.pop_front() else { break };
            steps.push(at);
            let Some(intent) = self.intent(at) else {
                // What is only recorded is that provider's from now on, too.
                let (step, change) = self.step(at);
                if step.operation == Operation::Record && !change.after.is_null() {
                    self.use_provider(&change.provider, bodies);
                }
                continue;
            };
            let is_known = self.execution.state.used_with(&intent.provider).is_some();
            if intent.does != Operation::Delete || !is_known {
                self.use_provider(&intent.provider, bodies);
            }
            bodies.push(Body::Intent(Box::new(intent)));
        }
        steps
    }

    /// Records what a provider is set up with, unless that is recorded already.
    fn use_provider(&mut self, id: &ProviderId, bodies: &mut Vec<Body>) {
        // One that waits for a resource may be another one by now.
        let is_fixed = calls::has_fixed_config(self.executor, id);
        if !self.noted.insert(id.clone()) && is_fixed {
            return;
        }
        // What it holds for a while is recorded nowhere.
        if calls::waits_for_open(self.executor, id) {
            return;
        }
        let state = &self.execution.state;
        let Ok(config) = calls::provider_config(self.executor, state, &self.known, id) else {
            return;
        };
        let schema = self.executor.providers.schema(&id.name);
        let config = match schema {
            Some(schema) => values::mark(&schema.config, config.clone(), &config),
            None => config,
        };
        let is_empty = config.as_map().is_none_or(|map| map.is_empty());
        let before = state.used_with(id);
        if before != Some(&config) && !(is_empty && before.is_none()) {
            bodies.push(Body::Provider(Box::new(ProviderUse { provider: id.clone(), config })));
        }
    }

    /// Tells whether a provider was called for a step, and has not answered.
    pub(super) fn is_in_flight(&self, at: u32, change: &Change) -> bool {
        let entry = self.execution.state.resources.get(&change.address);
        let intent = entry.and_then(|entry| entry.in_flight.as_ref());
        intent.is_some_and(|intent| intent.operation == calls::number(self.run, at))
    }

    fn intent(&self, at: u32) -> Option<Intent> {
        let (step, change) = self.step(at);
        if !changes_something(step.operation) {
            return None;
        }
        let (planned, private) = match (step.operation, self.asked.get(&at)) {
            // The bytes of a planned end are for that alone, and not to read by.
            (Operation::Delete, _) if !calls::deletes_deposed(change) => {
                (change.before.clone(), calls::kept(&self.execution.state, change))
            }
            (Operation::Delete, _) => (change.before.clone(), change.private.clone()),
            (_, Some((planned, private))) => (planned.clone(), Bytes(private.clone())),
            (_, None) => (change.after.clone(), change.private.clone()),
        };
        Some(Intent {
            operation: calls::number(self.run, at),
            address: change.address.clone(),
            does: step.operation,
            action: change.action,
            kind: change.kind.clone(),
            provider: change.provider.clone(),
            source: calls::source(self.executor, &self.execution.state, &change.provider),
            fingerprint: change.fingerprint,
            planned,
            private,
            schema_version: change.schema_version,
            depends_on: change.depends_on.clone(),
        })
    }
}

/// Tells whether a provider is asked to change something.
pub(super) const fn changes_something(operation: Operation) -> bool {
    matches!(operation, Operation::Create | Operation::Update | Operation::Delete)
}
