//! The protocol's calls, as the model's provider answers them.

use std::sync::Arc;

use prost_types::Timestamp;
use syncline_model::{
    ApplyRequest, DataRequest, HandedOver, ImportRequest, Mode, OpenRequest, PlanRequest, Problem,
    Provider, ProviderSchema, ReadRequest, ValidateRequest, Value,
};
use tonic::Status;

use super::convert::{self, diagnostics, dynamic, value};
use super::fitting::{misfit, misfits};
use super::identity;
use super::log::Log;
use super::schema::{self, CAPABILITIES, Converted, Kind};
use super::start::StartError;
use crate::sdk::Stop;
use crate::wire::proto::tfplugin5 as five;
use crate::wire::proto::tfplugin6::{
    FunctionError, apply_resource_change, call_function, close_ephemeral_resource,
    configure_provider, get_functions, get_metadata, get_provider_schema,
    get_resource_identity_schemas, import_resource_state, move_resource_state,
    open_ephemeral_resource, plan_resource_change, read_data_source, read_resource,
    renew_ephemeral_resource, stop_provider, upgrade_resource_state, validate_data_resource_config,
    validate_ephemeral_resource_config, validate_provider_config, validate_resource_config,
};
use crate::wire::schema::downgrade;
use crate::wire::shape::Shape;
use crate::wire::{json, recorded};

/// A provider with its schema as it travels.
pub(super) struct Server {
    pub(super) provider: Arc<dyn Provider>,
    schema: Arc<ProviderSchema>,
    converted: Converted,
    pub(super) end: Stop,
    pub(super) log: Log,
}

impl Server {
    pub(super) fn new(
        provider: Arc<dyn Provider>,
        schema: &Arc<ProviderSchema>,
        end: Stop,
        log: Log,
    ) -> Result<Self, StartError> {
        let converted = schema::convert(schema)?;
        Ok(Self { provider, schema: Arc::clone(schema), converted, end, log })
    }

    /// Asks for the end of running calls, and of the program after them.
    pub(super) async fn shut_down(&self) {
        self.provider.stop().await;
        self.end.request();
    }

    pub(super) fn resource(&self, name: &str) -> Result<&Kind, Status> {
        self.converted.resources.get(name).ok_or_else(|| unknown("resource", name))
    }

    fn ephemeral(&self, name: &str) -> Result<&Kind, Status> {
        self.converted.ephemeral.get(name).ok_or_else(|| unknown("ephemeral resource", name))
    }

    fn source(&self, name: &str) -> Result<&Kind, Status> {
        self.converted.data.get(name).ok_or_else(|| unknown("data source", name))
    }

    pub(super) async fn metadata(
        &self,
        _: get_metadata::Request,
    ) -> Result<get_metadata::Response, Status> {
        let resources = self.converted.resources.keys();
        let data = self.converted.data.keys();
        let functions = self.schema.functions.keys();
        Ok(get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: resources
                .map(|name| get_metadata::ResourceMetadata { type_name: name.clone() })
                .collect(),
            data_sources: data
                .map(|name| get_metadata::DataSourceMetadata { type_name: name.clone() })
                .collect(),
            ephemeral_resources: self
                .converted
                .ephemeral
                .keys()
                .map(|name| get_metadata::EphemeralMetadata { type_name: name.clone() })
                .collect(),
            functions: functions
                .map(|name| get_metadata::FunctionMetadata { name: name.to_string() })
                .collect(),
            ..get_metadata::Response::default()
        })
    }

    pub(super) async fn provider_schema(
        &self,
        _: get_provider_schema::Request,
    ) -> Result<get_provider_schema::Response, Status> {
        Ok(self.converted.response.clone())
    }

    pub(super) async fn older_schema(
        &self,
        _: get_provider_schema::Request,
    ) -> Result<five::get_provider_schema::Response, Status> {
        Ok(downgrade(self.converted.response.clone()))
    }

    /// Validates the provider's configuration, and gives it back as it came, for version 5.
    pub(super) async fn prepare(
        &self,
        request: validate_provider_config::Request,
    ) -> Result<five::prepare_provider_config::Response, Status> {
        let prepared_config = request.config.clone();
        let diagnostics = self.validate_provider(request).await?.diagnostics;
        Ok(five::prepare_provider_config::Response { prepared_config, diagnostics })
    }

    pub(super) async fn identity_schemas(
        &self,
        _: get_resource_identity_schemas::Request,
    ) -> Result<get_resource_identity_schemas::Response, Status> {
        Ok(get_resource_identity_schemas::Response {
            identity_schemas: self.converted.identities.clone(),
            diagnostics: Vec::new(),
        })
    }

    pub(super) async fn functions(
        &self,
        _: get_functions::Request,
    ) -> Result<get_functions::Response, Status> {
        let functions = self.converted.response.functions.clone();
        Ok(get_functions::Response { functions, ..get_functions::Response::default() })
    }

    pub(super) async fn validate_provider(
        &self,
        request: validate_provider_config::Request,
    ) -> Result<validate_provider_config::Response, Status> {
        let shape = &self.converted.config;
        let problems = misfits(&self.schema.config, &value(shape, request.config)?);
        Ok(validate_provider_config::Response { diagnostics: diagnostics(shape, problems) })
    }

    pub(super) async fn configure(
        &self,
        request: configure_provider::Request,
    ) -> Result<configure_provider::Response, Status> {
        let shape = &self.converted.config;
        let config = value(shape, request.config)?;
        let problems = if config.is_known() {
            let config = if config.is_null() { Value::Map(Arc::default()) } else { config };
            self.provider.configure(config).await
        } else {
            let detail = "Create what it depends on first, by an apply of that alone.";
            vec![Problem::error("the provider's configuration is not known yet", detail)]
        };
        Ok(configure_provider::Response { diagnostics: diagnostics(shape, problems) })
    }

    async fn validate(&self, mode: Mode, kind: &Kind, config: Value) -> Vec<Problem> {
        let misfits = misfits(&kind.schema.block, &config);
        if !misfits.is_empty() {
            return misfits;
        }
        self.provider.validate(ValidateRequest { mode, kind: kind.name.clone(), config }).await
    }

    pub(super) async fn validate_resource(
        &self,
        request: validate_resource_config::Request,
    ) -> Result<validate_resource_config::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let config = value(&kind.shape, request.config)?;
        let problems = self.validate(Mode::Managed, kind, config).await;
        Ok(validate_resource_config::Response { diagnostics: diagnostics(&kind.shape, problems) })
    }

    pub(super) async fn validate_data(
        &self,
        request: validate_data_resource_config::Request,
    ) -> Result<validate_data_resource_config::Response, Status> {
        let kind = self.source(&request.type_name)?;
        let config = value(&kind.shape, request.config)?;
        let problems = self.validate(Mode::Data, kind, config).await;
        let diagnostics = diagnostics(&kind.shape, problems);
        Ok(validate_data_resource_config::Response { diagnostics })
    }

    pub(super) async fn validate_ephemeral(
        &self,
        request: validate_ephemeral_resource_config::Request,
    ) -> Result<validate_ephemeral_resource_config::Response, Status> {
        let kind = self.ephemeral(&request.type_name)?;
        let config = value(&kind.shape, request.config)?;
        let problems = self.validate(Mode::Ephemeral, kind, config).await;
        let diagnostics = diagnostics(&kind.shape, problems);
        Ok(validate_ephemeral_resource_config::Response { diagnostics })
    }

    pub(super) async fn open(
        &self,
        request: open_ephemeral_resource::Request,
    ) -> Result<open_ephemeral_resource::Response, Status> {
        let kind = self.ephemeral(&request.type_name)?;
        let config = value(&kind.shape, request.config)?;
        let answer = self.provider.open(OpenRequest { kind: kind.name.clone(), config }).await;
        let mut response = open_ephemeral_resource::Response {
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..open_ephemeral_resource::Response::default()
        };
        if let Some(opened) = answer.answer {
            response.result = dynamic(&kind.shape, &opened.result)?;
            response.renew_at = opened.lease.renew_at.map(timestamp);
            response.private = Some(opened.lease.private.into());
        }
        Ok(response)
    }

    pub(super) async fn renew(
        &self,
        request: renew_ephemeral_resource::Request,
    ) -> Result<renew_ephemeral_resource::Response, Status> {
        let kind = self.ephemeral(&request.type_name)?;
        let private = request.private.unwrap_or_default().to_vec();
        let answer = self.provider.renew(&kind.name, private).await;
        let lease = answer.answer.unwrap_or_default();
        Ok(renew_ephemeral_resource::Response {
            diagnostics: diagnostics(&kind.shape, answer.problems),
            renew_at: lease.renew_at.map(timestamp),
            private: Some(lease.private.into()),
        })
    }

    pub(super) async fn close(
        &self,
        request: close_ephemeral_resource::Request,
    ) -> Result<close_ephemeral_resource::Response, Status> {
        let kind = self.ephemeral(&request.type_name)?;
        let private = request.private.unwrap_or_default().to_vec();
        let problems = self.provider.close(&kind.name, private).await;
        let diagnostics = diagnostics(&kind.shape, problems);
        Ok(close_ephemeral_resource::Response { diagnostics })
    }

    pub(super) async fn upgrade(
        &self,
        request: upgrade_resource_state::Request,
    ) -> Result<upgrade_resource_state::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let raw = request.raw_state.unwrap_or_default().json;
        let mut response = upgrade_resource_state::Response::default();
        let version = u32::try_from(request.version).unwrap_or(u32::MAX);
        if version > kind.schema.version {
            let known = kind.schema.version;
            let detail = format!("It has version {version}, and this provider knows {known}.");
            let problem = Problem::error("the record is newer than the provider", detail);
            response.diagnostics = diagnostics(&kind.shape, vec![problem]);
            return Ok(response);
        }
        let state = if version == kind.schema.version {
            json::read(&kind.shape, &raw).ok()
        } else {
            recorded::read(&raw)
        };
        let Some(state) = state else {
            return Err(Status::invalid_argument("the recorded state cannot be read"));
        };
        let answer = self.provider.upgrade(&kind.name, version, state).await;
        if let Some(state) = &answer.answer {
            response.upgraded_state = dynamic(&kind.shape, state)?;
        }
        response.diagnostics = diagnostics(&kind.shape, answer.problems);
        Ok(response)
    }

    pub(super) async fn read(
        &self,
        request: read_resource::Request,
    ) -> Result<read_resource::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let state = value(&kind.shape, request.current_state)?;
        let private = kind.kept(&request.private, request.current_identity)?;
        let answer =
            self.provider.read(ReadRequest { kind: kind.name.clone(), state, private }).await;
        let mut response = read_resource::Response {
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..read_resource::Response::default()
        };
        if let Some(read) = answer.answer {
            response.new_state = dynamic(&kind.shape, &read.state)?;
            (response.private, response.new_identity) = kind.parted(&read.private)?;
        }
        Ok(response)
    }

    pub(super) async fn plan(
        &self,
        request: plan_resource_change::Request,
    ) -> Result<plan_resource_change::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let request = PlanRequest {
            kind: kind.name.clone(),
            prior: value(&kind.shape, request.prior_state)?,
            proposed: value(&kind.shape, request.proposed_new_state)?,
            config: value(&kind.shape, request.config)?,
            private: kind.kept(&request.prior_private, request.prior_identity)?,
        };
        let answer = self.provider.plan(request).await;
        let mut response = plan_resource_change::Response {
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..plan_resource_change::Response::default()
        };
        if let Some(planned) = answer.answer {
            response.planned_state = dynamic(&kind.shape, &planned.state)?;
            let paths = planned.requires_replace.iter();
            response.requires_replace =
                paths.map(|path| convert::path(&kind.shape, path)).collect();
            (response.planned_private, response.planned_identity) =
                kind.parted(&planned.private)?;
        }
        Ok(response)
    }

    pub(super) async fn apply(
        &self,
        request: apply_resource_change::Request,
    ) -> Result<apply_resource_change::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let prior = value(&kind.shape, request.prior_state)?;
        let request = ApplyRequest {
            kind: kind.name.clone(),
            prior: prior.clone(),
            planned: value(&kind.shape, request.planned_state)?,
            config: value(&kind.shape, request.config)?,
            private: kind.kept(&request.planned_private, request.planned_identity)?,
        };
        let before = request.private.clone();
        let answer = self.provider.apply(request).await;
        // Without an answer, what was there before is still there.
        let (state, private) =
            answer.answer.map_or((prior, before), |applied| (applied.state, applied.private));
        let (private, identity) = kind.parted(&private)?;
        Ok(apply_resource_change::Response {
            new_state: dynamic(&kind.shape, &state)?,
            private,
            new_identity: identity.filter(|_| !state.is_null()),
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..apply_resource_change::Response::default()
        })
    }

    pub(super) async fn import(
        &self,
        request: import_resource_state::Request,
    ) -> Result<import_resource_state::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let mut own = ImportRequest::by_id(kind.name.clone(), request.id.as_str());
        if let Some(given) = request.identity.and_then(|given| given.identity_data) {
            let Some(shape) = &kind.identity else {
                return Err(Status::invalid_argument("the type has no identity: give the id"));
            };
            own.identity = value(shape, Some(given))?;
        }
        let answer = self.provider.import(own).await;
        let mut response = import_resource_state::Response {
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..import_resource_state::Response::default()
        };
        if let Some(found) = answer.answer {
            let (private, identity) = kind.parted(&found.private)?;
            response.imported_resources.push(import_resource_state::ImportedResource {
                type_name: request.type_name,
                state: dynamic(&kind.shape, &found.state)?,
                private,
                identity,
            });
        }
        Ok(response)
    }

    pub(super) async fn take_over(
        &self,
        request: move_resource_state::Request,
    ) -> Result<move_resource_state::Response, Status> {
        let kind = self.resource(&request.target_type_name)?;
        let raw = request.source_state.unwrap_or_default().json;
        let json = String::from_utf8(raw.to_vec());
        let record = HandedOver {
            provider: request.source_provider_address.into(),
            kind: request.source_type_name.into(),
            version: u32::try_from(request.source_schema_version).unwrap_or(u32::MAX),
            json: json.map_err(|_| Status::invalid_argument("the record is no text"))?,
            private: identity::handed(
                &request.source_private,
                request.source_identity,
                request.source_identity_schema_version,
            ),
        };
        let answer = self.provider.take_over(&kind.name, record).await;
        let mut response = move_resource_state::Response {
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..move_resource_state::Response::default()
        };
        if let Some(taken) = answer.answer {
            response.target_state = dynamic(&kind.shape, &taken.state)?;
            (response.target_private, response.target_identity) = kind.parted(&taken.private)?;
        }
        Ok(response)
    }

    pub(super) async fn read_data(
        &self,
        request: read_data_source::Request,
    ) -> Result<read_data_source::Response, Status> {
        let kind = self.source(&request.type_name)?;
        let config = value(&kind.shape, request.config)?;
        let answer = self.provider.read_data(DataRequest { kind: kind.name.clone(), config }).await;
        let state = answer.answer.as_ref().map(|state| dynamic(&kind.shape, state)).transpose()?;
        Ok(read_data_source::Response {
            state: state.flatten(),
            diagnostics: diagnostics(&kind.shape, answer.problems),
            ..read_data_source::Response::default()
        })
    }

    pub(super) async fn call_function(
        &self,
        request: call_function::Request,
    ) -> Result<call_function::Response, Status> {
        let Some(function) = self.schema.functions.get(request.name.as_str()) else {
            return Err(unknown("function", &request.name));
        };
        let mut arguments = Vec::with_capacity(request.arguments.len());
        for (at, argument) in request.arguments.into_iter().enumerate() {
            let parameter = function.parameters.get(at).or(function.variadic.as_ref());
            let Some(parameter) = parameter else {
                return Err(Status::invalid_argument("there are too many arguments"));
            };
            let shape = shape(&parameter.ty)?;
            let argument = value(&shape, Some(argument))?;
            if let Some(problem) = misfit(&parameter.ty, &argument) {
                return Ok(failed(&problem, Some(at as i64)));
            }
            arguments.push(argument);
        }
        let answer = self.provider.call(&request.name, arguments).await;
        if let Some(problem) = answer.problems.iter().find(|problem| problem.is_error) {
            let at = problem.path.0.first().and_then(|step| match step {
                syncline_model::Step::Index(at) => Some(i64::from(*at)),
                syncline_model::Step::Key(_) => None,
            });
            return Ok(failed(problem, at));
        }
        let result = answer.answer.unwrap_or_default();
        let result = dynamic(&shape(&function.returns)?, &result)?;
        Ok(call_function::Response { result, error: None })
    }

    pub(super) async fn stop(
        &self,
        _: stop_provider::Request,
    ) -> Result<stop_provider::Response, Status> {
        self.provider.stop().await;
        Ok(stop_provider::Response::default())
    }
}

fn unknown(what: &str, name: &str) -> Status {
    Status::invalid_argument(format!("this provider has no {what} `{name}`"))
}

fn shape(ty: &syncline_model::Type) -> Result<Shape, Status> {
    Shape::of_schema(ty).map_err(|error| Status::internal(error.to_string()))
}

fn failed(problem: &Problem, at: Option<i64>) -> call_function::Response {
    let text = match problem.detail.as_str() {
        "" => problem.summary.clone(),
        detail => format!("{}\n{detail}", problem.summary),
    };
    let error = FunctionError { text, function_argument: at };
    call_function::Response { result: None, error: Some(error) }
}

/// Returns a time that is told in milliseconds.
fn timestamp(millis: u64) -> Timestamp {
    let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX);
    Timestamp { seconds, nanos: (millis % 1000) as i32 * 1_000_000 }
}
