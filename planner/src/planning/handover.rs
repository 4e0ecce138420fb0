//! `moved`, `forget` and `adopt`: the recorded state as it is called now.
//!
//! Takes what the source says and what is recorded; returns the state that the rest is planned from
//! and what is to be recorded first. A saying about what is not recorded, or was done already,
//! means nothing: it can stay in the source as long as somebody may need it.

use std::collections::{BTreeMap, BTreeSet};

use syncline_model::{Address, Handover, HandoverKind, Span, Value};

use crate::plan::PlannedHandover;
use crate::state::State;

/// What `adopt` asks for: the id, and where it says so.
pub(super) type Adoptions = BTreeMap<Address, (Value, Span)>;

/// What the handovers come to.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// The state as it is called now; none when nothing is.
    pub(super) state: Option<State>,
    /// What is to be recorded first.
    pub(super) planned: Vec<PlannedHandover>,
    /// What is to be taken over where nothing is recorded.
    pub(super) adoptions: Adoptions,
    /// Where records may become ones of another type: at and below these.
    pub(super) moves: BTreeSet<Address>,
}

/// Applies handovers to a state.
pub(super) fn apply(handovers: &[Handover], recorded: &State) -> Handed {
    let mut handed = Handed::default();
    for handover in handovers {
        let Handover { kind, address, span } = handover;
        match kind {
            HandoverKind::Moved { to } => {
                handed.rename(recorded, address, to);
                handed.moves.insert(to.clone());
            }
            HandoverKind::Forget => handed.forget(recorded, address),
            HandoverKind::Adopt { id } => {
                handed.adoptions.insert(address.clone(), (id.clone(), *span));
            }
        }
    }
    handed
}

impl Handed {
    fn current<'a>(&'a self, recorded: &'a State) -> &'a State {
        self.state.as_ref().unwrap_or(recorded)
    }

    /// Gives everything at or below an address its new one, unless that is taken.
    fn rename(&mut self, recorded: &State, from: &Address, to: &Address) {
        let resources = &self.current(recorded).resources;
        let renamed: Vec<(Address, Address)> = resources
            .keys()
            .filter_map(|own| {
                let new = Address::parse(&format!("{to}{}", own.below(from)?)).ok()?;
                (!resources.contains_key(&new)).then(|| (own.clone(), new))
            })
            .collect();
        for (from, to) in renamed {
            let state = self.state.get_or_insert_with(|| recorded.clone());
            if let Some(entry) = state.resources.remove(&from) {
                state.resources.insert(to.clone(), entry);
            }
            self.planned.push(PlannedHandover::Moved { from, to });
        }
    }

    fn forget(&mut self, recorded: &State, address: &Address) {
        let resources = &self.current(recorded).resources;
        let forgotten: Vec<Address> =
            resources.keys().filter(|own| own.below(address).is_some()).cloned().collect();
        for address in forgotten {
            let state = self.state.get_or_insert_with(|| recorded.clone());
            state.resources.remove(&address);
            self.planned.push(PlannedHandover::Forgotten { address });
        }
    }
}
