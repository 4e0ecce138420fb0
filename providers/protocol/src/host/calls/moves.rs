//! Records that become ones of another type, and resources that are found by their attributes.

use bytes::Bytes;
use syncline_model::{HandOverRequest, HandedOver, Imported, Mode, Problem, Response, Str, Value};

use super::{Session, answered};
use crate::identity::{KeptIdentity, misshapen, unpack, without_identity};
use crate::wire::diagnostics::problems;
use crate::wire::encode::Extra;
use crate::wire::json;
use crate::wire::proto::tfplugin6::{RawState, ResourceIdentityData, move_resource_state};
use crate::wire::schema::Kind;

impl Session {
    /// Returns what identifies something as the type's identity; none where nothing is given.
    pub(super) fn identified(
        &self,
        call: &str,
        kind: &Kind,
        identity: &Value,
    ) -> Result<Option<ResourceIdentityData>, Problem> {
        if identity.is_null() {
            return Ok(None);
        }
        let Some(schema) = &kind.identity else { return Err(without_identity()) };
        if let Some(problem) = misshapen(&schema.schema, identity) {
            return Err(problem);
        }
        let identity_data = self.value(call, &schema.shape, identity, Extra::Refused)?;
        Ok(Some(ResourceIdentityData { identity_data }))
    }

    /// Brings an identity of an older version to the current one.
    pub(in crate::host) async fn upgrade_identity(
        &self,
        kind: &str,
        version: u32,
        identity: &Value,
    ) -> Result<Response<Value>, Problem> {
        const CALL: &str = "UpgradeResourceIdentity";
        let kind = self.kind(Mode::Managed, kind)?;
        let Some(own) = &kind.identity else { return Err(without_identity()) };
        let json = json::write(Some(&own.shape), identity)
            .map_err(|error| self.unaskable(CALL, &error.to_string()))?;
        let older = KeptIdentity { version: i64::from(version), json: json.as_bytes() };
        let upgraded = self.upgraded_identity(kind, older).await?;
        let data = upgraded.and_then(|upgraded| upgraded.identity_data);
        self.known_answer(CALL, &own.shape, data).map(Response::ok)
    }

    /// Returns a record as the provider of another type takes it over.
    pub(in crate::host) fn hand_over(
        &self,
        source: &Str,
        request: HandOverRequest,
    ) -> Result<Response<HandedOver>, Problem> {
        let kind = self.kind(Mode::Managed, &request.kind)?;
        let json = json::write(Some(&kind.shape), &request.state)
            .map_err(|error| self.unaskable("MoveResourceState", &error.to_string()))?;
        Ok(Response::ok(HandedOver {
            provider: source.clone(),
            kind: kind.name.as_str().into(),
            version: request.version,
            json,
            private: request.private,
        }))
    }

    /// Lets the provider make a record of another type one of its own.
    pub(in crate::host) async fn take_over(
        &self,
        kind: &str,
        record: HandedOver,
    ) -> Result<Response<Imported>, Problem> {
        const CALL: &str = "MoveResourceState";
        let kind = self.kind(Mode::Managed, kind)?;
        let kept = unpack(&record.private);
        let identity = kept
            .identity
            .map(|own| RawState { json: Bytes::copy_from_slice(own.json), ..RawState::default() });
        let message = move_resource_state::Request {
            source_provider_address: record.provider.to_string(),
            source_type_name: record.kind.to_string(),
            source_schema_version: i64::from(record.version),
            source_state: Some(RawState { json: record.json.into(), ..RawState::default() }),
            target_type_name: kind.name.clone(),
            source_private: Bytes::copy_from_slice(kept.private),
            source_identity: identity,
            source_identity_schema_version: kept.identity.map_or(0, |own| own.version),
        };
        let answer = self.process.call_optional(message, Some(self.limits.long)).await?;
        let Some(answer) = answer else {
            let summary = format!("`{}` takes over no records of `{}`", kind.name, record.kind);
            return Err(Problem::error(summary, "The provider does not know the call."));
        };
        Ok(answered(problems(answer.diagnostics), || {
            let state = self.known_answer(CALL, &kind.shape, answer.target_state)?;
            if state.is_null() {
                return Err(self.unreadable(CALL, "there is nothing in it"));
            }
            let identity = (answer.target_identity, &[][..]);
            let private = self.keep(CALL, kind, &answer.target_private, identity)?;
            Ok(Imported { state, private })
        }))
    }
}
