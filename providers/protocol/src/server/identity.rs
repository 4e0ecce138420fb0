//! What identifies a resource, on its way over the wire.
//!
//! The protocol tells it beside a provider's own bytes; the model's provider keeps it with them ([`crate::identity`]).

use bytes::Bytes;
use syncline_model::{IdentitySchema, Problem, Step};
use tonic::Status;

use super::calls::Server;
use super::convert::{diagnostics, dynamic, value};
use super::schema::Kind;
use crate::CodecError;
use crate::identity::{KeptIdentity, pack, unpack};
use crate::wire::proto::tfplugin6::resource_identity_schema::IdentityAttribute;
use crate::wire::proto::tfplugin6::{
    RawState, ResourceIdentityData, ResourceIdentitySchema, upgrade_resource_identity,
};
use crate::wire::shape::{Member, Shape};
use crate::wire::{json, recorded};

/// Returns the shape of an identity.
pub(super) fn shape(schema: &IdentitySchema) -> Result<Shape, CodecError> {
    let members = schema.block.attributes.iter().map(|(name, attribute)| {
        let shape = Shape::of_schema(&attribute.ty);
        let shape = shape.map_err(|error| error.under(Step::Key(name.clone())))?;
        Ok(Member::attribute(name.clone(), shape))
    });
    Ok(Shape::object(members.collect::<Result<_, CodecError>>()?))
}

impl Kind {
    /// Returns the schema of its identity, as it is told; none where it has none.
    pub(super) fn told(&self) -> Option<ResourceIdentitySchema> {
        let (schema, Some(Shape::Object(members))) =
            (self.schema.identity.as_ref()?, &self.identity)
        else {
            return None;
        };
        let attribute = |member: &Member| {
            let own = schema.block.get(&member.name)?;
            Some(IdentityAttribute {
                name: member.name.to_string(),
                r#type: member.shape.to_json().to_string().into_bytes().into(),
                required_for_import: own.required,
                optional_for_import: !own.required,
                description: own.description.to_string(),
            })
        };
        Some(ResourceIdentitySchema {
            version: i64::from(schema.version),
            identity_attributes: members.iter().filter_map(attribute).collect(),
        })
    }

    /// Returns a provider's bytes with what identifies the resource beside them, where that is known.
    pub(super) fn kept(
        &self,
        private: &[u8],
        identity: Option<ResourceIdentityData>,
    ) -> Result<Vec<u8>, Status> {
        let (Some(schema), Some(shape)) = (&self.schema.identity, &self.identity) else {
            return Ok(private.to_vec());
        };
        let told = value(shape, identity.and_then(|own| own.identity_data))?;
        if told.is_null() || !told.is_known() {
            return Ok(private.to_vec());
        }
        let json = json::write(Some(shape), &told)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let version = i64::from(schema.version);
        Ok(pack(private, Some(KeptIdentity { version, json: json.as_bytes() })))
    }

    /// Returns a provider's bytes, and what identifies the resource, where that is known.
    pub(super) fn parted(
        &self,
        bytes: &[u8],
    ) -> Result<(Bytes, Option<ResourceIdentityData>), Status> {
        let kept = unpack(bytes);
        let private = Bytes::copy_from_slice(kept.private);
        let (Some(shape), Some(own)) = (&self.identity, kept.identity) else {
            return Ok((private, None));
        };
        let told = json::read(shape, own.json)
            .map_err(|error| Status::internal(format!("an identity does not fit: {error}")))?;
        Ok((private, Some(ResourceIdentityData { identity_data: dynamic(shape, &told)? })))
    }
}

impl Server {
    pub(super) async fn upgrade_identity(
        &self,
        request: upgrade_resource_identity::Request,
    ) -> Result<upgrade_resource_identity::Response, Status> {
        let kind = self.resource(&request.type_name)?;
        let (Some(schema), Some(shape)) = (&kind.schema.identity, &kind.identity) else {
            return Err(Status::invalid_argument("the type has no identity"));
        };
        let mut response = upgrade_resource_identity::Response::default();
        let version = u32::try_from(request.version).unwrap_or(u32::MAX);
        if version > schema.version {
            let detail =
                format!("It has version {version}, and this provider knows {}.", schema.version);
            let problem = Problem::error("the identity is newer than the provider", detail);
            response.diagnostics = diagnostics(shape, vec![problem]);
            return Ok(response);
        }
        let Some(identity) = recorded::read(&request.raw_identity.unwrap_or_default().json) else {
            return Err(Status::invalid_argument("the recorded identity cannot be read"));
        };
        let answer = self.provider.upgrade_identity(&kind.name, version, identity).await;
        if let Some(identity) = &answer.answer {
            let identity_data = dynamic(shape, identity)?;
            response.upgraded_identity = Some(ResourceIdentityData { identity_data });
        }
        response.diagnostics = diagnostics(shape, answer.problems);
        Ok(response)
    }
}

/// Returns the bytes of a record of another type, with what identifies it beside them.
pub(super) fn handed(private: &[u8], identity: Option<RawState>, version: i64) -> Vec<u8> {
    let json = identity.map(|own| own.json).filter(|json| !json.is_empty());
    pack(private, json.as_ref().map(|json| KeptIdentity { version, json }))
}
