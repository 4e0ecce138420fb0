//! Where the providers come from.
//!
//! Laws: a provider is configured once for each of its ids and configurations; the schema of a
//! provider is known without configuring it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use syncline_model::{Map, Problem, Provider, ProviderId, ProviderSchema, Str, Value};
use tokio::sync::OnceCell;

/// Gives out providers.
#[async_trait]
pub trait Providers: Send + Sync {
    /// Returns a provider: with a configuration (wholly known, a map of what is set) a configured
    /// one, without it one that can validate and no more is promised.
    ///
    /// # Errors
    /// What the provider said when it was started or configured.
    async fn get(
        &self,
        id: &ProviderId,
        config: Option<Value>,
    ) -> Result<Arc<dyn Provider>, Problem>;

    /// Returns what a provider offers, by its local name.
    fn schema(&self, name: &str) -> Option<Arc<ProviderSchema>>;

    /// Returns what a local name stands for: the provider's source address.
    fn source(&self, name: &str) -> Option<&Str>;

    /// Returns the local names of the providers that stand for what a source has made: those of that source, or else
    /// those that take its place. Sorted.
    fn of_source(&self, source: &str) -> Vec<&Str>;
}

/// Returns the source address of a provider as records know it: that of one that is linked in is `syncline/NAME`.
#[must_use]
pub fn address(name: &str, source: &str) -> Str {
    if source.is_empty() { Str::from(format!("syncline/{name}")) } else { source.into() }
}

/// Where a provider comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Its source address; empty where it is linked in.
    pub source: Str,
    /// The source addresses of those whose place it takes.
    pub replaces: Vec<Str>,
}

/// Makes a provider that is not configured yet.
pub type Factory = Arc<dyn Fn() -> Arc<dyn Provider> + Send + Sync>;

/// Providers by their local names.
#[derive(Default)]
pub struct ProviderRegistry {
    factories: BTreeMap<Str, (Factory, Arc<ProviderSchema>)>,
    origins: BTreeMap<Str, Origin>,
    made: Mutex<Made>,
}

/// The providers made so far, each with the configuration that it was made with. Who asks for one that is being set up
/// waits for that one alone.
type Made = BTreeMap<ProviderId, Vec<(Option<Value>, Arc<OnceCell<Arc<dyn Provider>>>)>>;

impl std::fmt::Debug for ProviderRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.factories.keys()).finish()
    }
}

impl ProviderRegistry {
    /// Returns a registry without providers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider that is linked in under its local name and asks it for its schema.
    ///
    /// # Errors
    /// What the provider said instead.
    pub async fn add(&mut self, name: impl Into<Str>, factory: Factory) -> Result<(), Problem> {
        self.add_from(name, Origin::default(), factory).await
    }

    /// Adds a provider under its local name and asks it for its schema.
    ///
    /// # Errors
    /// What the provider said instead.
    pub async fn add_from(
        &mut self,
        name: impl Into<Str>,
        origin: Origin,
        factory: Factory,
    ) -> Result<(), Problem> {
        let (name, schema) = (name.into(), factory().schema().await?);
        let source = address(&name, &origin.source);
        self.origins.insert(name.clone(), Origin { source, ..origin });
        self.factories.insert(name, (factory, schema));
        Ok(())
    }

    /// Returns the local names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &Str> {
        self.factories.keys()
    }
}

#[async_trait]
impl Providers for ProviderRegistry {
    async fn get(
        &self,
        id: &ProviderId,
        config: Option<Value>,
    ) -> Result<Arc<dyn Provider>, Problem> {
        let Some((factory, schema)) = self.factories.get(&id.name) else {
            return Err(Problem::error(
                format!("there is no provider `{}`", id.name),
                "It has made what is recorded, or is named in a plan: the project's `providers` have to name it \
                 until that is destroyed or, with `moved`, taken over; `syncline state forget` lets go of it.",
            ));
        };
        let cell = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            let instances = made.entry(id.clone()).or_default();
            match instances.iter().find(|(own, _)| *own == config) {
                Some((_, cell)) => Arc::clone(cell),
                None => {
                    let cell = Arc::default();
                    instances.push((config.clone(), Arc::clone(&cell)));
                    cell
                }
            }
        };
        let set_up = || async {
            let provider = factory();
            if let Some(config) = &config {
                let names = schema.config.attributes.keys();
                let whole: Map =
                    names.map(|name| (name.clone(), config.attribute(name).clone())).collect();
                let problems = provider.configure(Value::from(whole)).await;
                if let Some(problem) = problems.into_iter().find(|problem| problem.is_error) {
                    return Err(problem);
                }
            }
            Ok(provider)
        };
        cell.get_or_try_init(set_up).await.cloned()
    }

    fn schema(&self, name: &str) -> Option<Arc<ProviderSchema>> {
        self.factories.get(name).map(|(_, schema)| Arc::clone(schema))
    }

    fn source(&self, name: &str) -> Option<&Str> {
        self.origins.get(name).map(|origin| &origin.source)
    }

    fn of_source(&self, source: &str) -> Vec<&Str> {
        let is = |origin: &Origin| origin.source == source;
        let replaces = |origin: &Origin| origin.replaces.iter().any(|own| own == source);
        let names = |wanted: &dyn Fn(&Origin) -> bool| {
            let found = self.origins.iter().filter(|(_, origin)| wanted(origin));
            found.map(|(name, _)| name).collect::<Vec<_>>()
        };
        let own = names(&is);
        if own.is_empty() { names(&replaces) } else { own }
    }
}
