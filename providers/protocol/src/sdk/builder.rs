//! Resources and data sources to a provider.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use syncline_model::{
    Applied, ApplyRequest, Block, DataRequest, ImportRequest, Imported, Mode, PlanRequest, Planned,
    Problem, Provider, ProviderSchema, ReadRequest, ReadState, ResourceSchema, Response, Str,
    ValidateRequest, Value,
};

use super::{Call, DataSource, Proposal, Resource, State};

/// A provider under construction.
pub struct ProviderBuilder {
    schema: ProviderSchema,
    resources: BTreeMap<Str, Box<dyn Resource>>,
    data: BTreeMap<Str, Box<dyn DataSource>>,
}

impl std::fmt::Debug for ProviderBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderBuilder").field("name", &self.schema.name).finish_non_exhaustive()
    }
}

impl ProviderBuilder {
    /// Returns a provider without resources.
    #[must_use]
    pub fn new(name: &str, version: &str, description: &str) -> Self {
        let schema = ProviderSchema {
            name: name.into(),
            version: version.into(),
            description: description.into(),
            ..ProviderSchema::default()
        };
        Self { schema, resources: BTreeMap::new(), data: BTreeMap::new() }
    }

    /// Sets the attributes of the provider's own configuration.
    #[must_use]
    pub fn config(mut self, block: Block) -> Self {
        self.schema.config = block;
        self
    }

    /// Adds a managed resource.
    #[must_use]
    pub fn resource(mut self, kind: &str, resource: impl Resource) -> Self {
        self.schema.resources.insert(kind.into(), Arc::new(resource.schema()));
        self.resources.insert(kind.into(), Box::new(resource));
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data(mut self, kind: &str, source: impl DataSource) -> Self {
        self.schema.data.insert(kind.into(), Arc::new(source.schema()));
        self.data.insert(kind.into(), Box::new(source));
        self
    }

    /// Returns the provider.
    #[must_use]
    pub fn build(self) -> Arc<dyn Provider> {
        Arc::new(Built {
            schema: Arc::new(self.schema),
            resources: self.resources,
            data: self.data,
        })
    }
}

struct Built {
    schema: Arc<ProviderSchema>,
    resources: BTreeMap<Str, Box<dyn Resource>>,
    data: BTreeMap<Str, Box<dyn DataSource>>,
}

impl Built {
    fn resource(&self, kind: &str) -> Result<(&dyn Resource, &ResourceSchema), Problem> {
        match (self.resources.get(kind), self.schema.resources.get(kind)) {
            (Some(resource), Some(schema)) => Ok((&**resource, schema)),
            _ => Err(self.missing("resource", kind)),
        }
    }

    fn missing(&self, what: &str, kind: &str) -> Problem {
        let summary = format!("`{}` has no {what} `{kind}`", self.schema.name);
        Problem::error(summary, "`syncline providers schema` prints what there is.")
    }

    async fn applied(&self, request: ApplyRequest) -> Result<Applied, Problem> {
        let (resource, _) = self.resource(&request.kind)?;
        let creates = request.prior.is_null();
        let deletes = request.planned.is_null();
        let call = Call {
            prior: request.prior,
            planned: request.planned,
            config: request.config,
            private: request.private,
        };
        if deletes {
            caught(resource.delete(call)).await?;
            return Ok(Applied::default());
        }
        let state = match creates {
            true => caught(resource.create(call)).await?,
            false => caught(resource.update(call)).await?,
        };
        Ok(Applied { state: state.value, private: state.private })
    }
}

/// Turns a panic of the author's code into a problem.
async fn caught<T>(call: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let detail = format!("It said: {}", text.unwrap_or_else(|| "nothing".to_owned()));
            Err(Problem::error("the provider failed on a mistake of its own", detail))
        }
    }
}

fn response<T>(result: Result<T, Problem>) -> Response<T> {
    match result {
        Ok(answer) => Response::ok(answer),
        Err(problem) => Response::fail(problem),
    }
}

#[async_trait]
impl Provider for Built {
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
        Ok(Arc::clone(&self.schema))
    }

    async fn configure(&self, _config: Value) -> Vec<Problem> {
        Vec::new()
    }

    async fn validate(&self, request: ValidateRequest) -> Vec<Problem> {
        let checked = match request.mode {
            Mode::Managed => {
                self.resource(&request.kind).map(|(own, _)| own.validate(&request.config))
            }
            Mode::Data => match self.data.get(&request.kind) {
                Some(source) => Ok(source.validate(&request.config)),
                None => Err(self.missing("data source", &request.kind)),
            },
        };
        checked.unwrap_or_else(|problem| vec![problem])
    }

    async fn read(&self, request: ReadRequest) -> Response<ReadState> {
        let resource = match self.resource(&request.kind) {
            Ok((resource, _)) => resource,
            Err(problem) => return Response::fail(problem),
        };
        let state = State { value: request.state, private: request.private };
        let read = caught(resource.read(state)).await;
        response(read.map(|own| ReadState { state: own.value, private: own.private }))
    }

    async fn plan(&self, request: PlanRequest) -> Response<Planned> {
        if request.config.is_null() {
            return Response::ok(Planned { private: request.private, ..Planned::default() });
        }
        let (resource, schema) = match self.resource(&request.kind) {
            Ok(found) => found,
            Err(problem) => return Response::fail(problem),
        };
        let mut proposal = Proposal::new(&schema.block, request);
        response(resource.plan(&mut proposal).map(|()| proposal.finish()))
    }

    async fn apply(&self, request: ApplyRequest) -> Response<Applied> {
        response(self.applied(request).await)
    }

    async fn read_data(&self, request: DataRequest) -> Response<Value> {
        match self.data.get(&request.kind) {
            Some(source) => response(caught(source.read(request.config)).await),
            None => Response::fail(self.missing("data source", &request.kind)),
        }
    }

    async fn import(&self, request: ImportRequest) -> Response<Imported> {
        let resource = match self.resource(&request.kind) {
            Ok((resource, _)) => resource,
            Err(problem) => return Response::fail(problem),
        };
        let found = caught(resource.import(&request.id)).await;
        response(found.map(|own| Imported { state: own.value, private: own.private }))
    }

    async fn upgrade(&self, kind: &str, version: u32, state: Value) -> Response<Value> {
        let upgraded = self.resource(kind).and_then(|(resource, schema)| {
            if version == schema.version {
                return Ok(state);
            }
            resource.upgrade(version, state)
        });
        response(upgraded)
    }

    async fn stop(&self) {
        for resource in self.resources.values() {
            resource.stop();
        }
        for source in self.data.values() {
            source.stop();
        }
    }
}
