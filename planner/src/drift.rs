//! Reality against the record: what was changed, deleted, left behind or left in flight.
//!
//! Takes what is recorded and the providers; reads every managed resource, so many at once, and
//! returns what differs. It plans nothing and changes nothing. What cannot be read is told as such:
//! it is never taken for unchanged.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use syncline_model::{
    Address, Desired, DesiredProvider, Map, Mode, Path, Problem, Provider, ProviderId, ReadRequest,
    Resolve, Str, Value,
};

use crate::called;
use crate::event::{Event, Observer};
use crate::providers::Providers;
use crate::record::{Intent, Recorded};
use crate::resource_type::following;
use crate::state::{Entry, State};
use crate::values;

/// Everything that reality is compared with.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// What is recorded.
    pub state: &'a State,
    /// What is desired: it tells what providers are set up with. It may be missing.
    pub desired: Option<&'a Desired>,
    /// Where the providers come from.
    pub providers: &'a dyn Providers,
    /// The language's operations.
    pub resolve: &'a dyn Resolve,
    /// How many resources are read at once.
    pub parallelism: usize,
    /// Who is told of progress.
    pub observer: &'a dyn Observer,
}

impl std::fmt::Debug for Comparison<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Comparison").field("parallelism", &self.parallelism).finish_non_exhaustive()
    }
}

/// How a resource differs from its record.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// It has other attributes.
    Changed {
        /// As recorded.
        recorded: Value,
        /// As found.
        found: Value,
        /// Where they differ.
        paths: Vec<Path>,
    },
    /// It is gone.
    Deleted {
        /// As recorded.
        recorded: Value,
    },
    /// An old one, whose replacement is there, is still to be destroyed.
    LeftBehind {
        /// As recorded.
        recorded: Value,
    },
    /// A run was stopped while it worked on it, and the next one has to find out.
    InFlight {
        /// The number of the call: `RUN.STEP`.
        operation: Str,
    },
    /// It could not be told.
    Unverifiable {
        /// Why.
        problem: Problem,
    },
}

/// A resource that is not as recorded, or may not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Drifted {
    /// Its address.
    pub address: Address,
    /// Its type without the provider's name.
    pub kind: Str,
    /// The same as its provider calls it.
    pub resource_type: Str,
    /// Who manages it.
    pub provider: ProviderId,
    /// How it differs.
    pub difference: Difference,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// What differs, sorted by address.
    pub drifted: Vec<Drifted>,
    /// How many resources were compared.
    pub compared: u64,
}

/// What is compared: a resource, an old one that was replaced, or what a call left.
#[derive(Clone, Copy)]
enum Part<'a> {
    Current(&'a Recorded),
    Old(&'a Recorded),
    InFlight(&'a Intent),
}

/// Compares every recorded resource with reality.
pub async fn drift(comparison: &Comparison<'_>) -> Drift {
    let called = called::now(comparison.state, comparison.desired, comparison.providers);
    let state = called.state.as_ref().unwrap_or(comparison.state);
    let comparison = &Comparison { state, ..*comparison };
    let resources = comparison.state.resources.iter();
    let parts: Vec<(&Address, Part<'_>)> = resources
        .flat_map(|(address, entry)| parts(entry).map(move |part| (address, part)))
        .collect();
    let compared = parts.len() as u64;
    let found = stream::iter(parts.into_iter().enumerate())
        .map(async |(place, (address, part))| Some((place, one(comparison, address, part).await?)))
        .buffer_unordered(comparison.parallelism.max(1));
    let mut found: Vec<(usize, Drifted)> =
        found.filter_map(|found| async { found }).collect().await;
    found.sort_by_key(|(place, _)| *place);
    Drift { drifted: found.into_iter().map(|(_, drifted)| drifted).collect(), compared }
}

/// Returns what is compared of an entry. What is in flight is not: nobody knows what it is.
fn parts(entry: &Entry) -> impl Iterator<Item = Part<'_>> {
    let current = match &entry.in_flight {
        Some(intent) => Some(Part::InFlight(intent)),
        None => entry.recorded.as_deref().map(Part::Current),
    };
    current.into_iter().chain(entry.deposed.iter().map(Part::Old))
}

async fn one(comparison: &Comparison<'_>, address: &Address, part: Part<'_>) -> Option<Drifted> {
    let told = |kind: &Str, provider: &ProviderId, difference| {
        let source = comparison.providers.source(&provider.name).map(Str::as_str);
        let resource_type = match (part, comparison.providers.schema(&provider.name)) {
            (_, Some(schema)) => schema.resource_type(Mode::Managed, kind),
            (Part::Current(own) | Part::Old(own), None) => comparison.state.resource_type(own),
            (Part::InFlight(_), None) => following(&provider.name, source, kind),
        };
        let (kind, provider) = (kind.clone(), provider.clone());
        Some(Drifted { address: address.clone(), kind, resource_type, provider, difference })
    };
    let recorded = match part {
        Part::InFlight(intent) => {
            let operation = intent.operation.clone();
            return told(&intent.kind, &intent.provider, Difference::InFlight { operation });
        }
        Part::Current(recorded) | Part::Old(recorded) => recorded,
    };
    comparison.observer.observe(Event::Refreshing { address });
    let found = match found(comparison, recorded).await {
        Ok(found) => found,
        Err(problem) => {
            return told(&recorded.kind, &recorded.provider, Difference::Unverifiable { problem });
        }
    };
    let was = recorded.attributes.clone();
    let difference = match (part, found.is_null()) {
        (Part::Old(_), true) => return None,
        (Part::Old(_), false) => Difference::LeftBehind { recorded: was },
        (_, true) => Difference::Deleted { recorded: was },
        (_, false) => {
            let mut paths = values::differences(&recorded.attributes, &found);
            paths.retain(|path| {
                let null = Value::Null;
                let (was, is) = (path.get(&recorded.attributes), path.get(&found));
                !values::alike(was.unwrap_or(&null), is.unwrap_or(&null))
            });
            let ignored = &recorded.lifecycle.ignore;
            paths.retain(|path| !ignored.iter().any(|own| path.0.starts_with(&own.0)));
            if paths.is_empty() {
                return None;
            }
            Difference::Changed { recorded: was, found, paths }
        }
    };
    told(&recorded.kind, &recorded.provider, difference)
}

/// Returns a resource as it is; null when it is gone.
async fn found(comparison: &Comparison<'_>, recorded: &Recorded) -> Result<Value, Problem> {
    let id = &recorded.provider;
    let made_by = comparison.state.source(id, &recorded.source);
    if let Some(source) = made_by.filter(|own| comparison.providers.of_source(own).is_empty()) {
        let summary = format!("it was made by {source}, which the project does not name");
        return Err(Problem::error(summary, "Name it to compare what it manages."));
    }
    let schema = comparison.providers.schema(&id.name);
    let schema = schema.and_then(|own| own.get(Mode::Managed, &recorded.kind).cloned());
    let Some(schema) = schema else {
        let detail = "Bring the provider back to compare what it manages.";
        return Err(Problem::error(
            format!("no provider offers `{}.{}`", id.name, recorded.kind),
            detail,
        ));
    };
    if schema.version != recorded.schema_version {
        let summary = format!(
            "it is recorded with schema version {}, and the provider has {}",
            recorded.schema_version, schema.version
        );
        return Err(Problem::error(summary, "A plan brings the record to the provider's version."));
    }
    let config = set_up_with(comparison.state, comparison.desired, comparison.resolve, id);
    if !config.is_known() {
        let summary = format!("what the provider `{id}` is set up with is not known");
        return Err(Problem::error(summary, "It waits for what is not recorded."));
    }
    let provider: Arc<dyn Provider> = comparison.providers.get(id, Some(config)).await?;
    let request = ReadRequest {
        kind: recorded.kind.clone(),
        state: recorded.attributes.clone(),
        private: recorded.private.0.clone(),
    };
    let response = provider.read(request).await;
    if let Some(problem) = response.problems.iter().find(|problem| problem.is_error) {
        return Err(values::scrubbed(problem, &[&recorded.attributes]));
    }
    match response.answer {
        Some(answer) => Ok(values::mark(&schema.block, answer.state, &recorded.attributes)),
        None => Err(Problem::error("the provider gave no answer", "")),
    }
}

/// Returns what a provider is set up with for what is recorded: what is declared, computed from
/// what is recorded, or else what was used last.
pub(crate) fn set_up_with(
    state: &State,
    desired: Option<&Desired>,
    resolve: &dyn Resolve,
    id: &ProviderId,
) -> Value {
    let last = state.used_with(id);
    let declared = desired.and_then(|desired| declared(&desired.providers, id));
    let Some(declared) = declared else {
        return last.cloned().unwrap_or_else(|| Value::from(Map::new()));
    };
    let recorded =
        |address: &Address| state.recorded(address).map(|recorded| recorded.attributes.clone());
    let computed = resolve.resolve(&declared.config, &recorded).ok().filter(Value::is_known);
    computed.or_else(|| last.cloned()).unwrap_or_else(|| declared.config.clone())
}

fn declared<'a>(providers: &'a [DesiredProvider], id: &ProviderId) -> Option<&'a DesiredProvider> {
    let at = providers.binary_search_by(|own| own.id.cmp(id)).ok()?;
    Some(&providers[at])
}
