//! A world for the tests of this crate.

use std::sync::Arc;

use syncline_model::{ProviderSchema, Str};

use crate::World;

/// One provider, `mem`.
pub(crate) struct Mem(pub(crate) Arc<ProviderSchema>);

impl World for Mem {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        (provider == "mem").then(|| self.0.clone())
    }

    fn providers(&self) -> Vec<Str> {
        vec!["mem".into()]
    }
}
