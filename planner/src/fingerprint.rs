//! Fingerprints: what a resource, an environment and a plan are, in 32 bytes.
//!
//! BLAKE3-256 over the canonical encoding of [`syncline_model::Encoder`]; strings, counts, values
//! and digests are written as it documents. An unknown counts as the reference it stands for, a
//! secret as its keyed digest. Places and comments are never part of it.
//!
//! | what | parts, in order |
//! | --- | --- |
//! | a resource | `syncline resource 1`; tag 0 for a managed one, 1 for a data source; type; provider's name; alias (tag 0, or tag 1 and the string); provider's source; schema version as a count; configuration; number of dependencies, then address and fingerprint of each in order of address |
//! | a data source that was read | `syncline data 1`; the fingerprint of its declaration; the values read |
//! | an environment | `syncline environment 1`; number of resources, then address and fingerprint of each; number of outputs, then name and value of each |
//! | a plan | `syncline plan 1`; its parts as [`plan_fingerprint`] writes them |
//!
//! Laws: independent of the order of declaration; equal only for equal parts; how a resource is
//! treated (its annotations) is not part of what it is.

use syncline_model::{Address, Desired, DesiredResource, Diagnostic, Digest, Encoder, Mode, Value};

use crate::diagnostics::{self, Blame};
use crate::graph::Dependencies;
use crate::plan::{Plan, PlanStep};
use crate::providers::Providers;

/// The fingerprints of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    /// One for each of [`Desired::resources`].
    pub resources: Vec<Digest>,
    /// That of the environment.
    pub root: Digest,
}

/// Returns the fingerprints of what is desired.
///
/// # Errors
/// Reports about circles, and about types that no provider offers.
pub fn fingerprints(
    desired: &Desired,
    providers: &dyn Providers,
    secret_key: &[u8; 32],
) -> Result<Fingerprints, Vec<Diagnostic>> {
    let dependencies = Dependencies::of(desired)?;
    compute(desired, &dependencies, providers, secret_key)
}

/// Returns the fingerprints, given who needs whom.
pub(crate) fn compute(
    desired: &Desired,
    dependencies: &Dependencies,
    providers: &dyn Providers,
    secret_key: &[u8; 32],
) -> Result<Fingerprints, Vec<Diagnostic>> {
    let mut resources = vec![Digest::ZERO; desired.resources.len()];
    let mut missing = Vec::new();
    let versions: Vec<Option<u32>> = schema_versions(desired, providers);
    for at in &dependencies.order {
        let resource = &desired.resources[*at as usize];
        let Some(schema_version) = versions[*at as usize] else {
            let blame = Blame { address: &resource.address, desired: Some(resource) };
            missing.push(diagnostics::missing_kind(blame, &resource.type_name()));
            continue;
        };
        let needs: Vec<(&Address, Digest)> = dependencies.needs[*at as usize]
            .iter()
            .map(|to| (&desired.resources[*to as usize].address, resources[*to as usize]))
            .collect();
        let declared = Declared { resource, source: source(desired, resource), schema_version };
        resources[*at as usize] = declared.fingerprint(&needs, secret_key);
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let root = root(desired, &resources, secret_key);
    Ok(Fingerprints { resources, root })
}

fn schema_versions(desired: &Desired, providers: &dyn Providers) -> Vec<Option<u32>> {
    let mut schemas = std::collections::BTreeMap::new();
    let version = |resource: &DesiredResource| {
        let name = &resource.provider.name;
        let schema = schemas.entry(name.clone()).or_insert_with(|| providers.schema(name));
        schema.as_ref()?.get(resource.mode, &resource.kind).map(|schema| schema.version)
    };
    desired.resources.iter().map(version).collect()
}

/// Returns the source address of a resource's provider.
pub(crate) fn source<'a>(desired: &'a Desired, resource: &DesiredResource) -> &'a str {
    let found = desired.providers.binary_search_by(|own| own.id.cmp(&resource.provider));
    found.map_or("", |at| desired.providers[at].source.as_str())
}

/// A declaration with what its fingerprint needs beside it.
pub(crate) struct Declared<'a> {
    pub(crate) resource: &'a DesiredResource,
    pub(crate) source: &'a str,
    pub(crate) schema_version: u32,
}

impl Declared<'_> {
    /// Returns the fingerprint; `needs` are the dependencies in order of address.
    pub(crate) fn fingerprint(
        &self,
        needs: &[(&Address, Digest)],
        secret_key: &[u8; 32],
    ) -> Digest {
        let mut encoder = Encoder::new("syncline resource 1", secret_key);
        encoder.tag(match self.resource.mode {
            Mode::Managed => 0,
            Mode::Data => 1,
            Mode::Ephemeral => 2,
        });
        encoder.string(&self.resource.kind);
        encoder.string(&self.resource.provider.name);
        match &self.resource.provider.alias {
            Some(alias) => {
                encoder.tag(1);
                encoder.string(alias);
            }
            None => encoder.tag(0),
        }
        encoder.string(self.source);
        encoder.count(self.schema_version as usize);
        encoder.value(&self.resource.config);
        encoder.count(needs.len());
        for (address, digest) in needs {
            encoder.string(address.as_str());
            encoder.digest(digest);
        }
        encoder.finish()
    }
}

/// Returns the fingerprint of a data source together with what it said.
pub(crate) fn of_data(declaration: &Digest, values: &Value, secret_key: &[u8; 32]) -> Digest {
    let mut encoder = Encoder::new("syncline data 1", secret_key);
    encoder.digest(declaration);
    encoder.value(values);
    encoder.finish()
}

fn root(desired: &Desired, resources: &[Digest], secret_key: &[u8; 32]) -> Digest {
    let mut encoder = Encoder::new("syncline environment 1", secret_key);
    encoder.count(resources.len());
    for (resource, digest) in desired.resources.iter().zip(resources) {
        encoder.string(resource.address.as_str());
        encoder.digest(digest);
    }
    encoder.count(desired.outputs.len());
    for output in &desired.outputs {
        encoder.string(&output.name);
        encoder.value(&output.value);
    }
    encoder.finish()
}

/// Returns the fingerprint of a plan: of what it does and from what it was made, the same whether
/// its secrets are in clear form in this process or come from a saved plan that was opened.
#[must_use]
pub fn plan_fingerprint(plan: &Plan, secret_key: &[u8; 32]) -> Digest {
    let mut encoder = Encoder::new("syncline plan 1", secret_key);
    encoder.count(plan.format as usize);
    encoder.string(&plan.environment.0);
    encoder.string(&format!("{:?}", plan.goal));
    if let Some(run) = plan.back_to {
        encoder.string(&format!("back to {run}"));
    }
    encoder.digest(&plan.config);
    encoder.count(plan.state.sequence as usize);
    encoder.digest(&plan.state.hash);
    encoder.count(plan.providers.len());
    for provider in &plan.providers {
        encoder.string(&provider.id.to_string());
        encoder.string(&provider.version);
        encoder.value(&provider.config);
    }
    encoder.count(plan.changes.len());
    for change in &plan.changes {
        encoder.string(change.address.as_str());
        encoder.string(&change.type_name());
        encoder.string(&format!("{:?} {:?}", change.action, change.reason));
        for value in [&change.before, &change.after, &change.config] {
            encoder.value(value);
        }
        encoder.count(change.private.0.len());
        encoder.digest(&Digest::of(&change.private.0));
        encoder.digest(&change.fingerprint);
        change.health.iter().for_each(|probe| encoder.value(probe));
    }
    encoder.count(plan.steps.len());
    for step in &plan.steps {
        encode_step(&mut encoder, step);
    }
    encoder.count(plan.outputs.len());
    for output in &plan.outputs {
        encoder.string(&output.name);
        encoder.value(&output.before);
        encoder.value(&output.after);
    }
    encoder.count(plan.checks.len());
    for check in &plan.checks {
        encoder.value(&check.condition);
        encoder.value(&check.message);
    }
    encoder.finish()
}

fn encode_step(encoder: &mut Encoder, step: &PlanStep) {
    encoder.count(step.change as usize);
    encoder.string(&format!("{:?}", step.operation));
    encoder.count(step.after.len());
    for after in &step.after {
        encoder.count(*after as usize);
    }
}
