//! A provider made of resources and data sources.
//!
//! Takes an author's code, answers the protocol's calls; see the laws of [`super`].

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use syncline_model::{
    Applied, ApplyRequest, DataRequest, HandOverRequest, HandedOver, ImportRequest, Imported, Mode,
    Open, OpenRequest, Opened, PlanRequest, Planned, Problem, Provider, ProviderSchema,
    ReadRequest, ReadState, ResourceSchema, Response, Str, ValidateRequest, Value, nearest,
};

use super::answer::{answer, applied, guard};
use super::managed::Managed;
use super::shape::{complete, misshapen, with_defaults};
use super::sound;
use super::{
    Attributes, DataSource, Ephemeral, Failure, Function, Instance, Resource, Schema, Stop,
};
use crate::wire::json;

type Configure = Box<dyn Fn(&Attributes) -> Result<(), Problem> + Send + Sync>;

/// A provider that is being put together.
pub struct ProviderBuilder {
    schema: ProviderSchema,
    resources: BTreeMap<Str, Managed>,
    data: BTreeMap<Str, Looked>,
    ephemeral: BTreeMap<Str, Lent>,
    functions: BTreeMap<Str, Function>,
    configure: Configure,
    stop: Stop,
}

/// A provider made by [`ProviderBuilder`].
pub struct BuiltProvider {
    schema: Arc<ProviderSchema>,
    resources: BTreeMap<Str, Managed>,
    data: BTreeMap<Str, Looked>,
    ephemeral: BTreeMap<Str, Lent>,
    functions: BTreeMap<Str, Function>,
    configure: Configure,
    stop: Stop,
}

struct Looked {
    source: Arc<dyn DataSource>,
    schema: Arc<ResourceSchema>,
}

struct Lent {
    ephemeral: Arc<dyn Ephemeral>,
    schema: Arc<ResourceSchema>,
}

impl ProviderBuilder {
    /// Returns a provider that offers nothing yet.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        let schema = ProviderSchema {
            name: name.into(),
            version: version.into(),
            ..ProviderSchema::default()
        };
        Self {
            schema,
            resources: BTreeMap::new(),
            data: BTreeMap::new(),
            ephemeral: BTreeMap::new(),
            functions: BTreeMap::new(),
            configure: Box::new(|_| Ok(())),
            stop: Stop::new(),
        }
    }

    /// Says what the provider is for: one paragraph of Markdown.
    #[must_use]
    pub fn describe(mut self, description: &str) -> Self {
        self.schema.description = description.into();
        self
    }

    /// Gives the provider a configuration and what is done with it, defaults filled in.
    #[must_use]
    pub fn configure(
        mut self,
        schema: Schema,
        configure: impl Fn(&Attributes) -> Result<(), Problem> + Send + Sync + 'static,
    ) -> Self {
        self.schema.config = schema.into_parts().0.block.clone();
        self.configure = Box::new(configure);
        self
    }

    /// Adds a resource type, named without the provider.
    #[must_use]
    pub fn resource(mut self, kind: &str, resource: impl Resource) -> Self {
        let managed = Managed::of(resource);
        self.schema.resources.insert(kind.into(), Arc::clone(&managed.schema));
        self.resources.insert(kind.into(), managed);
        self
    }

    /// Adds a data source, named without the provider.
    #[must_use]
    pub fn data(mut self, kind: &str, source: impl DataSource) -> Self {
        let (schema, _) = source.schema().into_parts();
        self.schema.data.insert(kind.into(), Arc::clone(&schema));
        self.data.insert(kind.into(), Looked { source: Arc::new(source), schema });
        self
    }

    /// Adds a type of ephemeral resources, named without the provider.
    #[must_use]
    pub fn ephemeral(mut self, kind: &str, ephemeral: impl Ephemeral) -> Self {
        let (schema, _) = ephemeral.schema().into_parts();
        let mut schema = (*schema).clone();
        // What is never kept is never replaced.
        schema.block.attributes.values_mut().for_each(|own| own.requires_replace = false);
        let schema = Arc::new(schema);
        self.schema.ephemeral.insert(kind.into(), Arc::clone(&schema));
        self.ephemeral.insert(kind.into(), Lent { ephemeral: Arc::new(ephemeral), schema });
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function(mut self, name: &str, function: Function) -> Self {
        self.schema.functions.insert(name.into(), function.schema.clone());
        self.functions.insert(name.into(), function);
        self
    }

    /// Takes the signal that running calls watch.
    #[must_use]
    pub fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// Returns the provider.
    #[must_use]
    pub fn build(self) -> BuiltProvider {
        BuiltProvider {
            schema: Arc::new(self.schema),
            resources: self.resources,
            data: self.data,
            ephemeral: self.ephemeral,
            functions: self.functions,
            configure: self.configure,
            stop: self.stop,
        }
    }
}

impl BuiltProvider {
    fn managed(&self, kind: &str) -> Result<&Managed, Failure> {
        self.resources.get(kind).ok_or_else(|| {
            missing(&self.schema.name, "resource", kind, self.resources.keys()).into()
        })
    }

    fn looked(&self, kind: &str) -> Result<&Looked, Failure> {
        self.data
            .get(kind)
            .ok_or_else(|| missing(&self.schema.name, "data source", kind, self.data.keys()).into())
    }

    fn lent(&self, kind: &str) -> Result<&Lent, Failure> {
        let known = self.ephemeral.keys();
        self.ephemeral
            .get(kind)
            .ok_or_else(|| missing(&self.schema.name, "ephemeral resource", kind, known).into())
    }

    async fn opened(&self, request: OpenRequest) -> Result<Opened, Failure> {
        let lent = self.lent(&request.kind)?;
        let block = &lent.schema.block;
        let config = with_defaults(block, &request.config);
        let (attributes, lease) = lent.ephemeral.open(config).await?;
        let result = complete(block, attributes.into())?.attributes.into_value();
        Ok(Opened { result, lease })
    }

    async fn renewed(&self, kind: &str, private: Vec<u8>) -> Result<Open, Failure> {
        self.lent(kind)?.ephemeral.renew(private).await
    }

    async fn closed(&self, kind: &str, private: Vec<u8>) -> Result<(), Failure> {
        self.lent(kind)?.ephemeral.close(private).await
    }

    fn check(&self, request: &ValidateRequest) -> Result<Vec<Problem>, Failure> {
        let (block, config);
        let mut problems;
        match request.mode {
            Mode::Managed => {
                let managed = self.managed(&request.kind)?;
                block = &managed.schema.block;
                config = with_defaults(block, &request.config);
                problems = misshapen(block, &request.config);
                if problems.is_empty() {
                    problems = guard(|| managed.resource.validate(&config))?;
                }
            }
            Mode::Data => {
                let looked = self.looked(&request.kind)?;
                block = &looked.schema.block;
                config = with_defaults(block, &request.config);
                problems = misshapen(block, &request.config);
                if problems.is_empty() {
                    problems = guard(|| looked.source.validate(&config))?;
                }
            }
            Mode::Ephemeral => {
                let lent = self.lent(&request.kind)?;
                block = &lent.schema.block;
                config = with_defaults(block, &request.config);
                problems = misshapen(block, &request.config);
                if problems.is_empty() {
                    problems = guard(|| lent.ephemeral.validate(&config))?;
                }
            }
        }
        Ok(problems)
    }

    async fn looked_at(&self, request: DataRequest) -> Result<Value, Failure> {
        let looked = self.looked(&request.kind)?;
        let block = &looked.schema.block;
        let attributes = looked.source.read(with_defaults(block, &request.config)).await?;
        complete(block, attributes.into()).map(|instance| instance.attributes.into_value())
    }
}

#[async_trait]
impl Provider for BuiltProvider {
    async fn schema(&self) -> Result<Arc<ProviderSchema>, Problem> {
        sound::provider(&self.schema)?;
        Ok(Arc::clone(&self.schema))
    }

    async fn configure(&self, config: Value) -> Vec<Problem> {
        let mut problems = misshapen(&self.schema.config, &config);
        if problems.is_empty() {
            let config = with_defaults(&self.schema.config, &config);
            match guard(|| (self.configure)(&config)) {
                Ok(Ok(())) => {}
                Ok(Err(problem)) => problems.push(problem),
                Err(failure) => problems.extend(failure.problems),
            }
        }
        problems
    }

    async fn validate(&self, request: ValidateRequest) -> Vec<Problem> {
        self.check(&request).unwrap_or_else(|failure| failure.problems)
    }

    async fn read(&self, request: ReadRequest) -> Response<ReadState> {
        let private = request.private.clone();
        answer(async { self.managed(&request.kind)?.seen(request).await }, move |seen| match seen {
            Some(instance) => (
                ReadState { private: instance.private, state: instance.attributes.into_value() },
                instance.warnings,
            ),
            None => (ReadState { state: Value::Null, private }, Vec::new()),
        })
        .await
    }

    async fn plan(&self, request: PlanRequest) -> Response<Planned> {
        let planned = async { self.managed(&request.kind)?.planned(request).await };
        answer(planned, |planned| (planned, Vec::new())).await
    }

    async fn apply(&self, request: ApplyRequest) -> Response<Applied> {
        if request.planned.is_null() {
            let deleted = async { self.managed(&request.kind)?.deleted(request).await };
            return answer(deleted, |()| (Applied::default(), Vec::new())).await;
        }
        answer(async { self.managed(&request.kind)?.applied(request).await }, applied).await
    }

    async fn read_data(&self, request: DataRequest) -> Response<Value> {
        answer(self.looked_at(request), |value| (value, Vec::new())).await
    }

    async fn import(&self, request: ImportRequest) -> Response<Imported> {
        answer(async { self.managed(&request.kind)?.imported(request).await }, imported).await
    }

    async fn upgrade(&self, kind: &str, version: u32, state: Value) -> Response<Value> {
        upgraded(self.managed(kind).and_then(|managed| managed.upgraded(version, &state)))
    }

    async fn upgrade_identity(&self, kind: &str, version: u32, identity: Value) -> Response<Value> {
        let managed = self.managed(kind);
        upgraded(managed.and_then(|managed| managed.identity_upgraded(version, &identity)))
    }

    async fn hand_over(&self, request: HandOverRequest) -> Response<HandedOver> {
        match json::write(None, &request.state) {
            Ok(json) => Response::ok(HandedOver {
                provider: Str::default(),
                kind: format!("{}_{}", self.schema.name, request.kind).into(),
                version: request.version,
                json,
                private: request.private,
            }),
            Err(error) => {
                Response::fail(Problem::error("the record cannot be written", error.to_string()))
            }
        }
    }

    async fn take_over(&self, kind: &str, record: HandedOver) -> Response<Imported> {
        answer(async { self.managed(kind)?.taken_over(record) }, imported).await
    }

    async fn open(&self, request: OpenRequest) -> Response<Opened> {
        answer(self.opened(request), |opened| (opened, Vec::new())).await
    }

    async fn renew(&self, kind: &str, private: Vec<u8>) -> Response<Open> {
        answer(self.renewed(kind, private), |lease| (lease, Vec::new())).await
    }

    async fn close(&self, kind: &str, private: Vec<u8>) -> Vec<Problem> {
        let closed = self.closed(kind, private);
        answer(closed, |()| (Value::Null, Vec::new())).await.problems
    }

    async fn call(&self, function: &str, arguments: Vec<Value>) -> Response<Value> {
        let Some(own) = self.functions.get(function) else {
            let known = self.functions.keys();
            return Response::fail(missing(&self.schema.name, "function", function, known));
        };
        match own.call(&arguments) {
            Ok(value) => Response::ok(value),
            Err(problem) => Response::fail(problem),
        }
    }

    async fn stop(&self) {
        self.stop.request();
    }
}

fn imported(instance: Instance) -> (Imported, Vec<Problem>) {
    let state = instance.attributes.into_value();
    (Imported { state, private: instance.private }, instance.warnings)
}

fn upgraded(upgraded: Result<Value, Failure>) -> Response<Value> {
    match upgraded {
        Ok(value) => Response::ok(value),
        Err(failure) => Response { answer: None, problems: failure.problems },
    }
}

fn missing<'a>(
    provider: &str,
    what: &str,
    kind: &str,
    known: impl Iterator<Item = &'a Str> + Clone,
) -> Problem {
    let names = || known.clone().map(Str::as_str);
    let detail = match nearest(kind, names()) {
        Some(near) => format!("Did you mean `{provider}.{near}`?"),
        None => format!("It offers {}.", names().collect::<Vec<_>>().join(", ")),
    };
    Problem::error(format!("`{provider}` has no {what} `{kind}`"), detail)
}
