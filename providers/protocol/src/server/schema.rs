//! Schemas: from the model's to the protocol's messages, with the shapes of their values beside.
//!
//! The opposite of `wire::schema`. Nested attributes are nested attributes here too, unless they
//! are blocks of the plugin protocol. What the language alone can tell (a text that is one of some,
//! a whole number) is checked by [`super::fitting`] when a value comes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use syncline_model::{
    Attribute, Block, FunctionParameter, FunctionSchema, Nesting, ProviderSchema, ResourceSchema,
    Step, Str,
};

use super::identity;
use crate::CodecError;
use crate::wire::proto::tfplugin6::get_provider_schema::Response;
use crate::wire::proto::tfplugin6::schema::{nested_block, object};
use crate::wire::proto::tfplugin6::{
    self as message, Function, ResourceIdentitySchema, Schema, ServerCapabilities, StringKind,
    function,
};
use crate::wire::shape::{Member, Shape};

/// What the server can do beside the calls that every provider has.
pub(super) const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: false,
};

/// A type of resource or data source, as it travels.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name without the provider's.
    pub(super) name: Str,
    pub(super) schema: Arc<ResourceSchema>,
    pub(super) shape: Shape,
    /// The shape of what identifies one; none where the type has no identity.
    pub(super) identity: Option<Shape>,
}

/// A schema, as it travels.
pub(super) struct Converted {
    pub(super) response: Response,
    pub(super) identities: BTreeMap<String, ResourceIdentitySchema>,
    pub(super) config: Shape,
    pub(super) resources: BTreeMap<String, Kind>,
    pub(super) data: BTreeMap<String, Kind>,
    pub(super) ephemeral: BTreeMap<String, Kind>,
}

/// Returns a provider's schema in the protocol's messages.
pub(super) fn convert(schema: &ProviderSchema) -> Result<Converted, CodecError> {
    let (provider, config) = block(&schema.config, &schema.description)?;
    let mut response = Response {
        provider: Some(Schema { version: 0, block: Some(provider) }),
        server_capabilities: Some(CAPABILITIES),
        ..Response::default()
    };
    let (resources, schemas) = types(&schema.name, &schema.resources)?;
    let identities = resources.iter();
    let identities =
        identities.filter_map(|(name, own)| Some((name.clone(), own.told()?))).collect();
    response.resource_schemas = schemas;
    let (data, schemas) = types(&schema.name, &schema.data)?;
    response.data_source_schemas = schemas;
    let (ephemeral, schemas) = types(&schema.name, &schema.ephemeral)?;
    response.ephemeral_resource_schemas = schemas;
    for (name, own) in &schema.functions {
        let converted = function(own).map_err(|error| error.under(Step::Key(name.clone())))?;
        response.functions.insert(name.to_string(), converted);
    }
    Ok(Converted { response, identities, config, resources, data, ephemeral })
}

type Types = (BTreeMap<String, Kind>, BTreeMap<String, Schema>);

fn types(provider: &str, all: &BTreeMap<Str, Arc<ResourceSchema>>) -> Result<Types, CodecError> {
    let mut types = Types::default();
    for (name, schema) in all {
        let (block, shape) = block(&schema.block, &schema.description)
            .map_err(|error| error.under(Step::Key(name.clone())))?;
        let full = format!("{provider}_{name}");
        let message = Schema { version: i64::from(schema.version), block: Some(block) };
        types.1.insert(full.clone(), message);
        let identity = schema.identity.as_ref().map(|own| identity::shape(own)).transpose()?;
        let (name, schema) = (name.clone(), Arc::clone(schema));
        types.0.insert(full, Kind { name, schema, shape, identity });
    }
    Ok(types)
}

fn block(own: &Block, description: &str) -> Result<(message::schema::Block, Shape), CodecError> {
    let mut block = message::schema::Block {
        description: description.to_owned(),
        description_kind: StringKind::Markdown.into(),
        ..message::schema::Block::default()
    };
    let mut members = Vec::new();
    for (name, attribute) in &own.attributes {
        let under = |error: CodecError| error.under(Step::Key(name.clone()));
        let shape = match &attribute.nested {
            Some(nested) if attribute.is_block => {
                let (message, shape) = nested_block(name, attribute, nested).map_err(under)?;
                block.block_types.push(message);
                shape
            }
            Some(_) | None => {
                let (message, shape) = plain(name, attribute).map_err(under)?;
                block.attributes.push(message);
                shape
            }
        };
        let is_group = matches!(attribute.nested.as_deref(), Some((Nesting::Group, _)));
        let is_block = attribute.is_block;
        members.push(Member { name: name.clone(), shape, is_block, is_group });
    }
    Ok((block, Shape::object(members)))
}

fn plain(name: &str, own: &Attribute) -> Result<(message::schema::Attribute, Shape), CodecError> {
    let mut attribute = message::schema::Attribute {
        name: name.to_owned(),
        description: own.description.to_string(),
        description_kind: StringKind::Markdown.into(),
        required: own.required,
        optional: own.optional,
        computed: own.computed,
        sensitive: own.sensitive || own.ty.is_secret(),
        deprecated: own.deprecated.is_some(),
        deprecation_message: own.deprecated.as_deref().unwrap_or_default().to_owned(),
        write_only: own.write_only,
        ..message::schema::Attribute::default()
    };
    let Some((nesting, inner)) = own.nested.as_deref() else {
        let shape = Shape::of_schema(&own.ty)?;
        attribute.r#type = type_of(&shape);
        return Ok((attribute, shape));
    };
    let (inner, shape) = block(inner, "")?;
    let (mode, shape) = match nesting {
        Nesting::Single | Nesting::Group => (object::NestingMode::Single, shape),
        Nesting::List => (object::NestingMode::List, Shape::List(Box::new(shape))),
        Nesting::Set => (object::NestingMode::Set, Shape::Set(Box::new(shape))),
        Nesting::Map => (object::NestingMode::Map, Shape::Map(Box::new(shape))),
    };
    attribute.nested_type = Some(message::schema::Object {
        attributes: inner.attributes,
        nesting: mode.into(),
        ..message::schema::Object::default()
    });
    Ok((attribute, shape))
}

fn nested_block(
    name: &str,
    own: &Attribute,
    (nesting, inner): &(Nesting, Block),
) -> Result<(message::schema::NestedBlock, Shape), CodecError> {
    let (block, shape) = block(inner, &own.description)?;
    let (mode, shape) = match nesting {
        Nesting::Single => (nested_block::NestingMode::Single, shape),
        Nesting::Group => (nested_block::NestingMode::Group, shape),
        Nesting::List => (nested_block::NestingMode::List, Shape::List(Box::new(shape))),
        Nesting::Set => (nested_block::NestingMode::Set, Shape::Set(Box::new(shape))),
        Nesting::Map => (nested_block::NestingMode::Map, Shape::Map(Box::new(shape))),
    };
    let message = message::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block),
        nesting: mode.into(),
        min_items: i64::from(own.required),
        max_items: 0,
    };
    Ok((message, shape))
}

fn function(own: &FunctionSchema) -> Result<Function, CodecError> {
    let parameters = own.parameters.iter().map(parameter);
    Ok(Function {
        parameters: parameters.collect::<Result<_, CodecError>>()?,
        variadic_parameter: own.variadic.as_ref().map(parameter).transpose()?,
        r#return: Some(function::Return { r#type: type_of(&Shape::of_schema(&own.returns)?) }),
        summary: own.description.lines().next().unwrap_or_default().to_owned(),
        description: own.description.to_string(),
        description_kind: StringKind::Markdown.into(),
        deprecation_message: own.deprecated.as_deref().unwrap_or_default().to_owned(),
    })
}

fn parameter(own: &FunctionParameter) -> Result<function::Parameter, CodecError> {
    Ok(function::Parameter {
        name: own.name.to_string(),
        r#type: type_of(&Shape::of_schema(&own.ty)?),
        allow_null_value: own.nullable,
        allow_unknown_values: own.allows_unknown,
        description: own.description.to_string(),
        description_kind: StringKind::Markdown.into(),
    })
}

fn type_of(shape: &Shape) -> Bytes {
    shape.to_json().to_string().into_bytes().into()
}
