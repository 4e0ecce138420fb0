//! The world as a test sees it: nobody reads a data source there but its mocks.

use std::sync::Arc;

use syncline_model::{Diagnostic, Functions, Mode, Problem, ProviderSchema, Str, Value};

use super::mocks::{self, Mock};
use crate::diagnostics::not_known_yet;
use crate::eval::{DataQuery, FileProblem, FolderEntry, World};

/// The world with what `mocks` says in place of what providers would answer.
pub(super) struct MockedWorld<'a> {
    pub(super) world: &'a dyn World,
    pub(super) mocks: &'a [Mock<'a>],
}

impl World for MockedWorld<'_> {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        self.world.schema(provider)
    }

    fn providers(&self) -> Vec<Str> {
        self.world.providers()
    }

    fn file(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        self.world.file(path)
    }

    fn folder(&self, path: &str) -> Result<Arc<[FolderEntry]>, FileProblem> {
        self.world.folder(path)
    }

    fn functions(&self) -> Option<&dyn Functions> {
        self.world.functions()
    }

    fn read(&self, query: &DataQuery<'_>) -> Option<Result<Value, Problem>> {
        let DataQuery { address, provider, kind, config, .. } = *query;
        let fitting = mocks::of(self.mocks, &format!("{}.{kind}", provider.name), address);
        if fitting.is_empty() {
            return None;
        }
        let schema = self.world.schema(&provider.name)?;
        let schema = schema.get(Mode::Data, kind)?;
        Some(Ok(mocks::attributes(&fitting, schema, (address, config))))
    }

    fn source(&self, provider: &str) -> (Str, Str) {
        self.world.source(provider)
    }
}

/// Adds to a report that something must be known how a test tells it.
pub(super) fn mockable(diagnostic: Diagnostic) -> Diagnostic {
    if diagnostic.code.id != not_known_yet::CODE.id {
        return diagnostic;
    }
    diagnostic.note("A test asks no provider: what a data source would say, its `mocks` tell.")
}
