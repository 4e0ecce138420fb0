//! The providers that are linked in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use syncline_lang::World;
use syncline_model::{Provider, ProviderSchema, Str};
use syncline_planner::ProviderRegistry;

use crate::exit::Failure;

/// The names of the providers that are linked in, sorted.
pub const BUILT_IN: [&str; 3] = ["local", "random", "time"];

/// The providers that are linked in.
#[derive(Debug)]
pub struct BuiltIns {
    /// The project's folder, to which paths are relative.
    root: PathBuf,
    schemas: BTreeMap<Str, Arc<ProviderSchema>>,
}

impl BuiltIns {
    /// Returns the providers of a project.
    ///
    /// # Errors
    /// When a provider does not say what it offers.
    pub fn new(root: &Path) -> Result<Self, Failure> {
        let mut schemas = BTreeMap::new();
        for name in BUILT_IN {
            let schema = at_once(make(name, root).schema())
                .ok_or_else(|| Failure::new(format!("the provider `{name}` does not answer")))?
                .map_err(|problem| Failure::new(problem.summary).note(problem.detail))?;
            schemas.insert(name.into(), schema);
        }
        Ok(Self { root: root.to_owned(), schemas })
    }

    /// Returns the registry for the planner.
    ///
    /// # Errors
    /// When a provider does not say what it offers.
    pub async fn registry(&self) -> Result<ProviderRegistry, Failure> {
        let mut registry = ProviderRegistry::new();
        for name in BUILT_IN {
            let root = self.root.clone();
            registry
                .add(name, Arc::new(move || make(name, &root)))
                .await
                .map_err(|problem| Failure::new(problem.summary).note(problem.detail))?;
        }
        Ok(registry)
    }
}

/// Returns what a future gives that has nothing to wait for; so no runtime is started for it.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

fn make(name: &str, root: &Path) -> Arc<dyn Provider> {
    match name {
        "local" => syncline_provider_local::provider(root.to_owned()),
        "random" => syncline_provider_random::provider(),
        _ => syncline_provider_time::provider(),
    }
}

impl World for BuiltIns {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        self.schemas.get(provider).cloned()
    }

    fn providers(&self) -> Vec<Str> {
        self.schemas.keys().cloned().collect()
    }
}
