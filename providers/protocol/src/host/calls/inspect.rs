//! Calls that change nothing: configuration, validation, reading.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use syncline_model::{
    DataRequest, Mode, Problem, ReadRequest, ReadState, Response, ValidateRequest, Value,
};

use super::{CAPABILITIES, Session, answered, is_failed};
use crate::wire::diagnostics::problems;
use crate::wire::encode::Extra;
use crate::wire::json;
use crate::wire::proto::tfplugin6::{
    RawState, configure_provider, read_data_source, read_resource, upgrade_resource_state,
    validate_data_resource_config, validate_ephemeral_resource_config, validate_provider_config,
    validate_resource_config,
};

/// The version of Terraform that providers are told: some ask for a recent one.
const TERRAFORM: &str = "1.9.0";

impl Session {
    pub(in crate::host) async fn configure(&self, config: &Value) -> Result<Vec<Problem>, Problem> {
        const CALL: &str = "ConfigureProvider";
        let value = self.value(CALL, &self.schema.config, config, Extra::Refused)?;
        let message = validate_provider_config::Request { config: value.clone() };
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        let mut said = problems(answer.diagnostics);
        if is_failed(&said) {
            return Ok(said);
        }
        let message = configure_provider::Request {
            terraform_version: TERRAFORM.to_owned(),
            config: value,
            client_capabilities: Some(CAPABILITIES),
        };
        self.process.configured.store(true, Ordering::Release);
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        said.extend(problems(answer.diagnostics));
        Ok(said)
    }

    pub(in crate::host) async fn validate(
        &self,
        request: ValidateRequest,
    ) -> Result<Vec<Problem>, Problem> {
        const CALL: &str = "ValidateResourceConfig";
        let kind = self.kind(request.mode, &request.kind)?;
        let config = self.value(CALL, &kind.shape, &request.config, Extra::Refused)?;
        let (type_name, limit) = (kind.name.clone(), Some(self.limits.short));
        let said = match request.mode {
            Mode::Managed => {
                let client_capabilities = Some(CAPABILITIES);
                let message =
                    validate_resource_config::Request { type_name, config, client_capabilities };
                self.process.call(message, limit).await?.diagnostics
            }
            Mode::Data => {
                let message = validate_data_resource_config::Request { type_name, config };
                self.process.call(message, limit).await?.diagnostics
            }
            Mode::Ephemeral => {
                let message = validate_ephemeral_resource_config::Request { type_name, config };
                self.process.call(message, limit).await?.diagnostics
            }
        };
        Ok(problems(said))
    }

    pub(in crate::host) async fn read(
        &self,
        request: ReadRequest,
    ) -> Result<Response<ReadState>, Problem> {
        const CALL: &str = "ReadResource";
        let kind = self.kind(Mode::Managed, &request.kind)?;
        let (own, identity) = self.kept(CALL, kind, &request.private).await?;
        let message = read_resource::Request {
            type_name: kind.name.clone(),
            current_state: self.value(CALL, &kind.shape, &request.state, Extra::Dropped)?,
            private: own,
            provider_meta: self.meta(CALL)?,
            client_capabilities: Some(CAPABILITIES),
            current_identity: identity,
        };
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        let mut said = problems(answer.diagnostics);
        said.extend(self.deferred(CALL, answer.deferred));
        Ok(answered(said, || {
            let state = self.known_answer(CALL, &kind.shape, answer.new_state)?;
            let identity = (answer.new_identity, request.private.as_slice());
            let private = self.keep(CALL, kind, &answer.private, identity)?;
            Ok(ReadState { state, private })
        }))
    }

    pub(in crate::host) async fn read_data(
        &self,
        request: DataRequest,
    ) -> Result<Response<Value>, Problem> {
        const CALL: &str = "ReadDataSource";
        let kind = self.kind(Mode::Data, &request.kind)?;
        let message = read_data_source::Request {
            type_name: kind.name.clone(),
            config: self.value(CALL, &kind.shape, &request.config, Extra::Refused)?,
            provider_meta: self.meta(CALL)?,
            client_capabilities: Some(CAPABILITIES),
        };
        let answer = self.process.call(message, Some(self.limits.long)).await?;
        let mut said = problems(answer.diagnostics);
        said.extend(self.deferred(CALL, answer.deferred));
        Ok(answered(said, || {
            let value = self.known_answer(CALL, &kind.shape, answer.state)?;
            if value.is_null() {
                return Err(self.unreadable(CALL, "there is nothing in it"));
            }
            Ok(value)
        }))
    }

    pub(in crate::host) async fn upgrade(
        &self,
        kind: &str,
        version: u32,
        state: &Value,
    ) -> Result<Response<Value>, Problem> {
        const CALL: &str = "UpgradeResourceState";
        let kind = self.kind(Mode::Managed, kind)?;
        if i64::from(version) > kind.version {
            return Ok(Response::fail(Problem::error(
                "the record is newer than the provider",
                format!("It has version {version}, and the provider knows {}.", kind.version),
            )));
        }
        // Of the same version, what the type does not have is not shown to the provider; an older
        // record is, as only the provider knows what it was.
        let conformed;
        let state = if i64::from(version) == kind.version {
            conformed = super::extra::conformed(&kind.shape, state);
            &conformed
        } else {
            state
        };
        let json = json::write(Some(&kind.shape), state)
            .map_err(|error| self.unaskable(CALL, &error.to_string()))?;
        let message = upgrade_resource_state::Request {
            type_name: kind.name.clone(),
            version: i64::from(version),
            raw_state: Some(RawState { json: Bytes::from(json), ..RawState::default() }),
        };
        let answer = self.process.call(message, Some(self.limits.short)).await?;
        Ok(answered(problems(answer.diagnostics), || {
            self.known_answer(CALL, &kind.shape, answer.upgraded_state)
        }))
    }
}
