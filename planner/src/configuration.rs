//! What an environment was configured with, as a run recorded it.
//!
//! Takes what is desired; returns plain data that a log keeps ([`Configuration::of`]), and from
//! that, what was desired ([`Configuration::desired`]): so that a plan can lead back to a run
//! whose source is not at hand any more. Places in the source are not kept; in their stead a page
//! is made that names each declaration on a line of its own ([`Configuration::page`]).
//!
//! Laws: what comes back has the fingerprints that the run had; equal prints mean equal
//! configurations, so that each is recorded once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_model::{
    Address, Desired, DesiredCheck, DesiredOutput, DesiredProvider, DesiredResource, Digest, Edge,
    Encoder, EnvironmentName, FileId, Lifecycle, Mode, Origin, Origins, ProviderId, Span, Str,
    Type, Value,
};

/// What an environment was configured with. Secrets are sealed when it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Its fingerprint: the root over resources and outputs.
    pub root: Digest,
    /// What tells it from any other one: unlike the root, it covers how resources are treated,
    /// what providers are set up with, and conditions.
    pub print: Digest,
    /// Resources and data sources by address.
    pub resources: BTreeMap<Address, Declared>,
    /// The providers, sorted by id.
    pub providers: Vec<DeclaredProvider>,
    /// The outputs, sorted by name.
    pub outputs: Vec<DeclaredOutput>,
    /// Conditions that waited for values: the condition and its message.
    pub checks: Vec<(Value, Value)>,
}

/// A resource or data source, as it was declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Managed or data.
    pub mode: Mode,
    /// Its type without the provider's name.
    pub kind: Str,
    /// Who manages it.
    pub provider: ProviderId,
    /// Its configuration, with residuals.
    pub config: Value,
    /// What it depends on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Address>,
    /// How it is treated.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub lifecycle: Lifecycle,
    /// What its health is seen by, with residuals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub health: Vec<Value>,
}

fn is_plain(lifecycle: &Lifecycle) -> bool {
    *lifecycle == Lifecycle::default()
}

/// A provider, as it was declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredProvider {
    /// Which.
    pub id: ProviderId,
    /// Its source address.
    pub source: Str,
    /// The version constraint.
    pub version: Str,
    /// Its configuration, with residuals.
    pub config: Value,
}

/// An output, as it was declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredOutput {
    /// Its name.
    pub name: Str,
    /// Its value, with residuals.
    pub value: Value,
    /// Its type.
    pub ty: Type,
}

impl DeclaredProvider {
    /// Returns what it is and where it comes from, without what it is set up with.
    pub(crate) fn bare(&self) -> Self {
        let (id, source) = (self.id.clone(), self.source.clone());
        Self { id, source, version: Str::new(), config: Value::Null }
    }
}

impl Configuration {
    /// Returns what is desired as a log keeps it.
    #[must_use]
    pub fn of(desired: &Desired, root: Digest, secret_key: &[u8; 32]) -> Self {
        let resources = desired.resources.iter().map(|resource| {
            let declared = Declared {
                mode: resource.mode,
                kind: resource.kind.clone(),
                provider: resource.provider.clone(),
                config: resource.config.clone(),
                depends_on: resource.depends_on.iter().map(|edge| edge.to.clone()).collect(),
                lifecycle: resource.lifecycle.clone(),
                health: resource.health.clone(),
            };
            (resource.address.clone(), declared)
        });
        let providers = desired.providers.iter().map(|provider| DeclaredProvider {
            id: provider.id.clone(),
            source: provider.source.clone(),
            version: provider.version.clone(),
            config: provider.config.clone(),
        });
        let outputs = desired.outputs.iter().map(|output| DeclaredOutput {
            name: output.name.clone(),
            value: output.value.clone(),
            ty: output.ty.clone(),
        });
        let checks = desired.checks.iter();
        let mut configuration = Self {
            root,
            print: Digest::ZERO,
            resources: resources.collect(),
            providers: providers.collect(),
            outputs: outputs.collect(),
            checks: checks.map(|own| (own.condition.clone(), own.message.clone())).collect(),
        };
        configuration.print = configuration.fingerprint(secret_key);
        configuration
    }

    /// Returns a page that names every declaration, a line each: what messages show in place of a
    /// source that is not at hand.
    #[must_use]
    pub fn page(&self) -> String {
        let resources = self.resources.iter().map(|(address, declared)| {
            let word = declared.mode.keyword();
            format!("{word} {}.{} {address}\n", declared.provider.name, declared.kind)
        });
        let providers = self.providers.iter().map(|own| format!("provider {}\n", own.id));
        let outputs = self.outputs.iter().map(|own| format!("output {}\n", own.name));
        let checks = self.checks.iter().map(|_| "ensure\n".to_owned());
        resources.chain(providers).chain(outputs).chain(checks).collect()
    }

    /// Returns what was desired; places are those of the page.
    #[must_use]
    pub fn desired(&self, environment: &EnvironmentName, page: FileId) -> Desired {
        let text = self.page();
        let mut lines = Lines { page, at: 0, text: &text };
        let resources = self.resources.iter().map(|(address, declared)| {
            let span = lines.next();
            let edge = |to: &Address| Edge { to: to.clone(), span };
            DesiredResource {
                address: address.clone(),
                mode: declared.mode,
                kind: declared.kind.clone(),
                provider: declared.provider.clone(),
                config: declared.config.clone(),
                depends_on: declared.depends_on.iter().map(edge).collect(),
                lifecycle: declared.lifecycle.clone(),
                health: declared.health.clone(),
                span,
                origins: Origins::default(),
            }
        });
        let resources = resources.collect();
        let providers = self.providers.iter().map(|provider| DesiredProvider {
            id: provider.id.clone(),
            source: provider.source.clone(),
            version: provider.version.clone(),
            config: provider.config.clone(),
            span: Some(lines.next()),
            origins: Origins::default(),
        });
        let providers = providers.collect();
        let outputs = self.outputs.iter().map(|output| DesiredOutput {
            name: output.name.clone(),
            value: output.value.clone(),
            ty: output.ty.clone(),
            doc: Str::new(),
            origin: Origin::new(Str::new(), lines.next()),
        });
        let outputs = outputs.collect();
        let checks = self.checks.iter().map(|(condition, message)| DesiredCheck {
            condition: condition.clone(),
            message: message.clone(),
            origin: Origin::new(Str::new(), lines.next()),
        });
        let checks = checks.collect();
        let handovers = Vec::new();
        let environment = environment.clone();
        let reads = Vec::new();
        Desired { environment, resources, providers, outputs, checks, handovers, reads }
    }

    fn fingerprint(&self, secret_key: &[u8; 32]) -> Digest {
        let mut encoder = Encoder::new("syncline configuration 1", secret_key);
        encoder.digest(&self.root);
        encoder.count(self.resources.len());
        for (address, declared) in &self.resources {
            encoder.string(address.as_str());
            encoder.string(&declared.kind);
            encoder.string(&declared.provider.to_string());
            encoder.value(&declared.config);
            encoder.count(declared.depends_on.len());
            declared.depends_on.iter().for_each(|to| encoder.string(to.as_str()));
            encoder.string(&format!("{:?}", declared.lifecycle));
            declared.health.iter().for_each(|probe| encoder.value(probe));
        }
        encoder.count(self.providers.len());
        for provider in &self.providers {
            encoder.string(&provider.id.to_string());
            encoder.string(&provider.source);
            encoder.string(&provider.version);
            encoder.value(&provider.config);
        }
        encoder.count(self.checks.len());
        for (condition, message) in &self.checks {
            encoder.value(condition);
            encoder.value(message);
        }
        encoder.finish()
    }
}

/// The lines of a page, one after the other.
struct Lines<'a> {
    page: FileId,
    at: usize,
    text: &'a str,
}

impl Lines<'_> {
    fn next(&mut self) -> Span {
        let start = self.at;
        let length = self.text[start..].find('\n').unwrap_or(0);
        self.at = start + length + 1;
        Span::new(self.page, start as u32, (start + length) as u32)
    }
}
