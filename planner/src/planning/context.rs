//! What planning looks at: one node for each address that is desired or recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{
    Address, DesiredProvider, DesiredResource, Diagnostic, Digest, Mode, ProviderId,
    ProviderSchema, ResourceSchema, Str, Value,
};

use super::Planner;
use super::handover::Adoptions;
use crate::diagnostics::Blame;
use crate::drift;
use crate::fingerprint;
use crate::graph::Dependencies;
use crate::leases::Leases;
use crate::plan::Goal;
use crate::record::Recorded;
use crate::resource_type::following;
use crate::state::Entry;

/// An address with what is desired and recorded there.
pub(super) struct Node<'a> {
    pub(super) address: &'a Address,
    pub(super) desired: Option<&'a DesiredResource>,
    pub(super) entry: Option<&'a Entry>,
    /// The fingerprint of the declaration.
    pub(super) fingerprint: Digest,
    /// The managed resources that it depends on, directly or through data sources, sorted.
    pub(super) depends_on: Vec<Address>,
}

/// Everything that planning looks at; it does not change meanwhile.
pub(super) struct Context<'a> {
    pub(super) planner: &'a Planner<'a>,
    /// Desired ones first, by address; then those that are only recorded, by address.
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) index: FxHashMap<&'a Address, u32>,
    /// Who needs whom among the nodes that are desired.
    pub(super) dependencies: Dependencies,
    /// The fingerprint of the configuration.
    pub(super) root: Digest,
    /// What is to be taken over where nothing is recorded.
    pub(super) adoptions: Adoptions,
    moves: BTreeSet<Address>,
    /// The ephemeral resources that were opened for this plan.
    pub(super) leases: Leases,
    schemas: BTreeMap<Str, Option<Arc<ProviderSchema>>>,
}

impl<'a> Context<'a> {
    /// Returns the context.
    ///
    /// # Errors
    /// Reports about circles and about types that no provider offers.
    pub(super) fn of(
        planner: &'a Planner<'a>,
        (adoptions, moves): (Adoptions, BTreeSet<Address>),
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut root = Digest::ZERO;
        let mut dependencies = Dependencies::default();
        let mut nodes = Vec::new();
        if let Some(desired) = planner.desired {
            let all = Dependencies::of(desired)?;
            let key = &planner.secret_key;
            let prints = fingerprint::compute(desired, &all, planner.providers, key)?;
            root = prints.root;
            if planner.options.goal == Goal::Apply {
                let managed = managed_needs(desired, &all);
                for ((resource, fingerprint), depends_on) in
                    desired.resources.iter().zip(prints.resources).zip(managed)
                {
                    let address = &resource.address;
                    let entry = planner.state.resources.get(address);
                    let desired = Some(resource);
                    nodes.push(Node { address, desired, entry, fingerprint, depends_on });
                }
                dependencies = all;
            }
        }
        let mut index: FxHashMap<&Address, u32> =
            nodes.iter().enumerate().map(|(at, node)| (node.address, at as u32)).collect();
        for (address, entry) in &planner.state.resources {
            if index.contains_key(address) {
                continue;
            }
            index.insert(address, nodes.len() as u32);
            nodes.push(Node {
                address,
                desired: None,
                entry: Some(entry),
                fingerprint: Digest::ZERO,
                depends_on: Vec::new(),
            });
        }
        let schemas = schemas(planner, &nodes);
        let leases = Leases::default();
        Ok(Self { planner, nodes, index, dependencies, root, adoptions, moves, leases, schemas })
    }

    /// Tells whether a record at an address may become one of another type: `moved` names it.
    pub(super) fn is_moved(&self, address: &Address) -> bool {
        self.moves.iter().any(|to| address.below(to).is_some())
    }

    /// Tells whether something was made by another provider than the one that has it now.
    pub(super) fn is_taken_over(&self, recorded: &Recorded) -> bool {
        let source = &recorded.source;
        !source.is_empty() && self.planner.providers.source(&recorded.provider.name) != Some(source)
    }

    /// Tells whether two names stand for one provider.
    pub(super) fn is_one(&self, left: &str, right: &str) -> bool {
        let source = |name| self.planner.providers.source(name);
        left == right || source(left).is_some_and(|own| source(right) == Some(own))
    }

    /// Returns the schema of a type.
    pub(super) fn schema(
        &self,
        provider: &ProviderId,
        mode: Mode,
        kind: &str,
    ) -> Option<&Arc<ResourceSchema>> {
        self.schemas.get(&provider.name)?.as_ref()?.get(mode, kind)
    }

    /// Returns a type as its provider calls it.
    pub(super) fn resource_type(&self, provider: &ProviderId, mode: Mode, kind: &str) -> Str {
        match self.schemas.get(&provider.name) {
            Some(Some(schema)) => schema.resource_type(mode, kind),
            Some(None) | None => {
                let source = self.planner.providers.source(&provider.name);
                following(&provider.name, source.map(Str::as_str), kind)
            }
        }
    }

    /// Returns a provider's version.
    pub(super) fn version(&self, provider: &ProviderId) -> Str {
        let schema = self.schemas.get(&provider.name).and_then(Option::as_ref);
        schema.map(|schema| schema.version.clone()).unwrap_or_default()
    }

    /// Returns a provider's configuration, where it has one.
    pub(super) fn provider(&self, id: &ProviderId) -> Option<&'a DesiredProvider> {
        let providers = &self.planner.desired?.providers;
        let at = providers.binary_search_by(|own| own.id.cmp(id)).ok()?;
        Some(&providers[at])
    }

    /// Returns the configuration with which a provider destroys what is not desired any more: what
    /// is declared, computed from what is recorded, or else what was used last.
    pub(super) fn provider_of_old(&self, id: &ProviderId) -> Value {
        let planner = self.planner;
        drift::set_up_with(planner.state, planner.desired, planner.resolve, id)
    }

    /// Tells whether a node is an ephemeral resource.
    pub(super) fn is_ephemeral(&self, at: u32) -> bool {
        let desired = self.nodes[at as usize].desired;
        desired.is_some_and(|desired| desired.mode == Mode::Ephemeral)
    }

    /// Returns whom to blame for a node.
    pub(super) fn blame(&self, at: u32) -> Blame<'a> {
        let node = &self.nodes[at as usize];
        Blame { address: node.address, desired: node.desired }
    }

    /// Returns what a node needs; nothing for one that is only recorded.
    pub(super) fn needs(&self, at: u32) -> &[u32] {
        self.dependencies.needs.get(at as usize).map_or(&[], Vec::as_slice)
    }
}

fn schemas(
    planner: &Planner<'_>,
    nodes: &[Node<'_>],
) -> BTreeMap<Str, Option<Arc<ProviderSchema>>> {
    let mut schemas = BTreeMap::new();
    let mut add = |name: &Str| {
        if !schemas.contains_key(name) {
            schemas.insert(name.clone(), planner.providers.schema(name));
        }
    };
    for node in nodes {
        if let Some(desired) = node.desired {
            add(&desired.provider.name);
        }
        let Some(entry) = node.entry else { continue };
        for recorded in entry.recorded.as_deref().into_iter().chain(&entry.deposed) {
            add(&recorded.provider.name);
        }
        if let Some(intent) = &entry.in_flight {
            add(&intent.provider.name);
        }
    }
    schemas
}

/// Returns for each resource the managed ones that it depends on, looking through data sources:
/// those are not recorded, and the order of destruction must not get lost with them.
fn managed_needs(
    desired: &syncline_model::Desired,
    dependencies: &Dependencies,
) -> Vec<Vec<Address>> {
    let mut managed: Vec<Vec<Address>> = vec![Vec::new(); desired.resources.len()];
    for at in &dependencies.order {
        let mut own = Vec::new();
        let mut mixed = false;
        for to in &dependencies.needs[*at as usize] {
            let need = &desired.resources[*to as usize];
            match need.mode {
                Mode::Managed => own.push(need.address.clone()),
                Mode::Data | Mode::Ephemeral => {
                    own.extend(managed[*to as usize].iter().cloned());
                    mixed = true;
                }
            }
        }
        if mixed {
            own.sort();
            own.dedup();
        }
        managed[*at as usize] = own;
    }
    managed
}
