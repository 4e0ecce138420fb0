//! A running provider with its schema: how values go there and come back.

use std::sync::Arc;

use bytes::Bytes;
use syncline_model::{Mode, Problem, Str, Value, nearest};

use crate::host::failure::CallError;
use crate::host::options::Limits;
use crate::host::process::Process;
use crate::identity::{KeptIdentity, pack, unpack};
use crate::wire::CodecErrorKind;
use crate::wire::decode::decode;
use crate::wire::diagnostics;
use crate::wire::encode::{Extra, encode};
use crate::wire::json;
use crate::wire::proto::tfplugin6::{
    DynamicValue, RawState, ResourceIdentityData, upgrade_resource_identity,
};
use crate::wire::schema::{Kind, WireSchema};
use crate::wire::shape::Shape;

/// A running provider with its schema.
#[derive(Clone)]
pub(in crate::host) struct Session {
    pub(in crate::host) process: Arc<Process>,
    pub(in crate::host) schema: Arc<WireSchema>,
    pub(in crate::host) limits: Limits,
}

impl Session {
    pub(super) fn kind(&self, mode: Mode, kind: &str) -> Result<&Kind, Problem> {
        let (kinds, what) = match mode {
            Mode::Managed => (&self.schema.resources, "resource"),
            Mode::Data => (&self.schema.data, "data source"),
            Mode::Ephemeral => (&self.schema.ephemeral, "ephemeral resource"),
        };
        kinds.get(kind).ok_or_else(|| {
            let name = &self.schema.model.name;
            let detail = match nearest(kind, kinds.keys().map(Str::as_str)) {
                Some(near) => format!("Did you mean `{name}.{near}`?"),
                None => String::new(),
            };
            Problem::error(format!("`{name}` has no {what} `{kind}`"), detail)
        })
    }

    /// Returns a value for the provider.
    pub(super) fn value(
        &self,
        call: &str,
        shape: &Shape,
        value: &Value,
        extra: Extra,
    ) -> Result<Option<DynamicValue>, Problem> {
        let msgpack = encode(shape, value, extra).map_err(|error| {
            let path = error.path.clone();
            self.process.problem(&CallError::Question(error.to_string()), call).at(path)
        })?;
        Ok(Some(DynamicValue { msgpack, json: Bytes::new() }))
    }

    /// Returns what is told about the module with each call: nothing, where it may be told.
    pub(super) fn meta(&self, call: &str) -> Result<Option<DynamicValue>, Problem> {
        match &self.schema.meta {
            Some(shape) => self.value(call, shape, &Value::Null, Extra::Refused),
            None => Ok(None),
        }
    }

    /// Returns a value of the provider's answer.
    pub(super) fn answer(
        &self,
        call: &str,
        shape: &Shape,
        value: Option<DynamicValue>,
    ) -> Result<Value, Problem> {
        let Some(value) = value else { return Ok(Value::Null) };
        let decoded = match (value.msgpack.is_empty(), value.json.is_empty()) {
            (false, _) => decode(shape, &value.msgpack),
            (true, false) => json::read(shape, &value.json),
            (true, true) => Ok(Value::Null),
        };
        decoded.map_err(|error| self.unreadable(call, &error.to_string()))
    }

    /// Returns a value of the provider's answer in which nothing may be unknown.
    pub(super) fn known_answer(
        &self,
        call: &str,
        shape: &Shape,
        value: Option<DynamicValue>,
    ) -> Result<Value, Problem> {
        let value = self.answer(call, shape, value)?;
        if value.is_known() {
            return Ok(value);
        }
        let unknown = value.as_map().and_then(|map| map.iter().find(|(_, one)| !one.is_known()));
        let name = unknown.map(|(name, _)| format!("`{name}`: ")).unwrap_or_default();
        Err(self.unreadable(call, &format!("{name}{}", CodecErrorKind::Unknown)))
    }

    pub(super) fn unreadable(&self, call: &str, why: &str) -> Problem {
        self.process.problem(&CallError::Answer(why.to_owned()), call)
    }

    /// Returns the problem of a question that cannot be put.
    pub(super) fn unaskable(&self, call: &str, why: &str) -> Problem {
        self.process.problem(&CallError::Question(why.to_owned()), call)
    }

    /// Returns the provider's own bytes and what identifies the resource.
    pub(super) async fn kept(
        &self,
        call: &str,
        kind: &Kind,
        bytes: &[u8],
    ) -> Result<(Bytes, Option<ResourceIdentityData>), Problem> {
        let kept = unpack(bytes);
        let own = Bytes::copy_from_slice(kept.private);
        let (Some(identity), Some(schema)) = (kept.identity, &kind.identity) else {
            return Ok((own, None));
        };
        if identity.version != i64::from(schema.schema.version) {
            return Ok((own, self.upgraded_identity(kind, identity).await?));
        }
        let value = json::read(&schema.shape, identity.json)
            .map_err(|error| self.unaskable(call, &error.to_string()))?;
        let data = self.value(call, &schema.shape, &value, Extra::Refused)?;
        Ok((own, Some(ResourceIdentityData { identity_data: data })))
    }

    /// Returns an identity of an older version as one of the current.
    pub(super) async fn upgraded_identity(
        &self,
        kind: &Kind,
        identity: KeptIdentity<'_>,
    ) -> Result<Option<ResourceIdentityData>, Problem> {
        let request = upgrade_resource_identity::Request {
            type_name: kind.name.clone(),
            version: identity.version,
            raw_identity: Some(RawState {
                json: Bytes::copy_from_slice(identity.json),
                ..RawState::default()
            }),
        };
        let answer = self.process.call(request, Some(self.limits.short)).await?;
        let said = diagnostics::problems(answer.diagnostics);
        match said.into_iter().find(|problem| problem.is_error) {
            Some(problem) => Err(problem),
            None => Ok(answer.upgraded_identity),
        }
    }

    /// Returns what is to be recorded for the provider. Where an answer has no identity, the one
    /// that was known stays.
    pub(super) fn keep(
        &self,
        call: &str,
        kind: &Kind,
        own: &[u8],
        (identity, known): (Option<ResourceIdentityData>, &[u8]),
    ) -> Result<Vec<u8>, Problem> {
        let data = identity.and_then(|identity| identity.identity_data);
        let (Some(schema), Some(data)) = (&kind.identity, data) else {
            return Ok(pack(own, unpack(known).identity));
        };
        let value = self.answer(call, &schema.shape, Some(data))?;
        // One that is not known yet comes with the answer to the apply.
        if value.is_null() || !value.is_known() {
            return Ok(pack(own, None));
        }
        let json = json::write(Some(&schema.shape), &value)
            .map_err(|error| self.unreadable(call, &error.to_string()))?;
        let version = i64::from(schema.schema.version);
        let identity = KeptIdentity { version, json: json.as_bytes() };
        Ok(pack(own, Some(identity)))
    }
}
