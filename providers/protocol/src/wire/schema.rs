//! Schemas: from the protocol's messages to the model's, with the shapes of their values beside.
//!
//! Laws: both versions of the protocol come out the same; a type's name loses the prefix that all
//! types of the provider share; what cannot be read is an error that names it.

mod block;
mod older;

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_model::{
    Attribute, Block, FunctionParameter, FunctionSchema, IdentitySchema, ProviderSchema,
    ResourceSchema, Str,
};

use self::block::Converted;
use super::error::{CodecError, CodecErrorKind};
use super::proto::tfplugin6::get_provider_schema::Response;
use super::proto::tfplugin6::{self as message, function};
use super::shape::{Member, Shape};

#[cfg(feature = "server")]
pub(crate) use self::older::downgrade;
pub(crate) use self::older::upgrade;

/// Everything a provider offers, and how its values travel.
#[derive(Debug)]
pub(crate) struct WireSchema {
    /// What the language and the planner see.
    pub(crate) model: Arc<ProviderSchema>,
    /// The shape of its configuration.
    pub(crate) config: Shape,
    /// The shape of what is told about the module with each call; sent as null.
    pub(crate) meta: Option<Shape>,
    /// Its managed resources by the name without the provider.
    pub(crate) resources: BTreeMap<Str, Kind>,
    /// Its data sources, likewise.
    pub(crate) data: BTreeMap<Str, Kind>,
    /// What it opens for a while.
    pub(crate) ephemeral: BTreeMap<Str, Kind>,
    /// Its functions by name.
    pub(crate) functions: BTreeMap<Str, Signature>,
    /// A destruction is planned by it too.
    pub(crate) plans_destroy: bool,
    /// Each process can do without having been asked for the schema.
    pub(crate) schema_is_optional: bool,
}

impl WireSchema {
    /// Takes it that what may be configured comes to something where it is not.
    pub(crate) fn may_default(&mut self) {
        let model = Arc::make_mut(&mut self.model);
        for own in model.resources.values_mut().chain(model.data.values_mut()) {
            may_default(&mut Arc::make_mut(own).block);
        }
    }
}

fn may_default(block: &mut Block) {
    for attribute in block.attributes.values_mut() {
        attribute.may_default = attribute.optional && !attribute.computed && !attribute.is_block;
        if let Some(nested) = &mut attribute.nested {
            may_default(&mut nested.1);
        }
    }
}

/// A type of resource or data source.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Its name on the wire.
    pub(crate) name: String,
    /// The version of its recorded form.
    pub(crate) version: i64,
    /// The shape of its values.
    pub(crate) shape: Shape,
    /// What identifies one in the world.
    pub(crate) identity: Option<Identity>,
}

/// The type of what identifies a resource.
#[derive(Debug)]
pub(crate) struct Identity {
    /// What the language and the planner see.
    pub(crate) schema: Arc<IdentitySchema>,
    /// Its shape.
    pub(crate) shape: Shape,
}

/// A function's parameters and result.
#[derive(Debug)]
pub(crate) struct Signature {
    /// The shapes of its parameters.
    pub(crate) parameters: Vec<Shape>,
    /// The shape of any further argument.
    pub(crate) variadic: Option<Shape>,
    /// The shape of its result.
    pub(crate) returns: Shape,
}

/// What the provider is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// Its local name.
    pub(crate) local: &'a str,
    /// The last part of its source address; empty when there is none.
    pub(crate) source: &'a str,
    /// Its version; may be empty.
    pub(crate) version: &'a str,
}

/// What identifies resources, by type name on the wire.
pub(crate) type Identities = BTreeMap<String, message::ResourceIdentitySchema>;

/// Returns the schema of an answer.
pub(crate) fn convert(
    names: Names<'_>,
    response: Response,
    identities: &Identities,
) -> Result<WireSchema, CodecError> {
    let types = || {
        response
            .resource_schemas
            .keys()
            .chain(response.data_source_schemas.keys())
            .chain(response.ephemeral_resource_schemas.keys())
    };
    let prefix = prefix(names, types());
    let mut model = ProviderSchema {
        name: names.local.into(),
        version: names.version.into(),
        ..ProviderSchema::default()
    };
    let provider = block::schema(response.provider.as_ref())?;
    model.description = provider.description;
    model.config = provider.block;
    let (resource_schemas, resources) =
        convert_types(&prefix, &response.resource_schemas, identities)?;
    let (data_schemas, data) =
        convert_types(&prefix, &response.data_source_schemas, &Identities::new())?;
    (model.resources, model.data) = (resource_schemas, data_schemas);
    let (schemas, ephemeral) =
        convert_types(&prefix, &response.ephemeral_resource_schemas, &Identities::new())?;
    model.ephemeral = schemas;
    let mut functions = BTreeMap::new();
    for (name, function) in &response.functions {
        let (schema, signature) =
            convert_function(function).map_err(|error| error.under(step(name)))?;
        model.functions.insert(name.as_str().into(), schema);
        functions.insert(Str::from(name.as_str()), signature);
    }
    let capabilities = response.server_capabilities.unwrap_or_default();
    Ok(WireSchema {
        model: Arc::new(model),
        config: provider.shape,
        meta: response
            .provider_meta
            .as_ref()
            .map(|s| block::schema(Some(s)))
            .transpose()?
            .map(|c| c.shape),
        resources,
        data,
        ephemeral,
        functions,
        plans_destroy: capabilities.plan_destroy,
        schema_is_optional: capabilities.get_provider_schema_optional,
    })
}

/// Types in the model's form, and as they travel.
type Types = (BTreeMap<Str, Arc<ResourceSchema>>, BTreeMap<Str, Kind>);

fn convert_types(
    prefix: &str,
    schemas: &BTreeMap<String, message::Schema>,
    identities: &Identities,
) -> Result<Types, CodecError> {
    let mut types = Types::default();
    for (name, schema) in schemas {
        let converted = block::schema(Some(schema)).map_err(|error| error.under(step(name)))?;
        let identity = identities.get(name).map(identity).transpose()?;
        let kind = unprefixed(prefix, name, schemas);
        let mut model = resource(name, schema.version, &converted);
        model.identity = identity.as_ref().map(|identity| Arc::clone(&identity.schema));
        types.0.insert(kind.clone(), Arc::new(model));
        let (name, version, shape) = (name.clone(), schema.version, converted.shape);
        types.1.insert(kind, Kind { name, version, shape, identity });
    }
    Ok(types)
}

fn step(name: &str) -> syncline_model::Step {
    syncline_model::Step::Key(name.into())
}

fn resource(name: &str, version: i64, converted: &Converted) -> ResourceSchema {
    ResourceSchema {
        resource_type: name.into(),
        version: u32::try_from(version).unwrap_or(0),
        description: converted.description.clone(),
        block: converted.block.clone(),
        identity: None,
    }
}

/// Returns the part of the types' names that stands for the provider: their common first word, or
/// the provider's own name.
fn prefix<'a>(names: Names<'_>, types: impl Iterator<Item = &'a String>) -> String {
    let mut words = types.map(|name| name.split('_').next().unwrap_or(name));
    let own = if names.source.is_empty() { names.local } else { names.source };
    let common = words.next().filter(|first| words.all(|word| word == *first));
    format!("{}_", common.unwrap_or(own))
}

/// Returns a type's name without the provider's. Where that would be another type's, or nothing,
/// it stays as it is.
fn unprefixed<T>(prefix: &str, name: &str, all: &BTreeMap<String, T>) -> Str {
    match name.strip_prefix(prefix) {
        Some(rest) if !rest.is_empty() && !all.contains_key(rest) => rest.into(),
        _ => name.into(),
    }
}

fn identity(schema: &message::ResourceIdentitySchema) -> Result<Identity, CodecError> {
    let (mut members, mut block) = (Vec::new(), Block::default());
    for own in &schema.identity_attributes {
        let shape = Shape::parse(&own.r#type).map_err(|error| error.under(step(&own.name)))?;
        let attribute = Attribute {
            ty: shape.to_type(),
            required: own.required_for_import,
            optional: own.optional_for_import,
            description: own.description.trim().into(),
            ..Attribute::default()
        };
        block.attributes.insert(own.name.as_str().into(), attribute);
        members.push(Member::attribute(own.name.as_str(), shape));
    }
    let version = u32::try_from(schema.version).unwrap_or(0);
    let schema = Arc::new(IdentitySchema { version, block });
    Ok(Identity { schema, shape: Shape::object(members) })
}

fn convert_function(
    function: &message::Function,
) -> Result<(FunctionSchema, Signature), CodecError> {
    let shape = |parameter: &function::Parameter| Shape::parse(&parameter.r#type);
    let parameters =
        function.parameters.iter().map(shape).collect::<Result<Vec<_>, CodecError>>()?;
    let variadic = function.variadic_parameter.as_ref().map(shape).transpose()?;
    let Some(returns) = &function.r#return else {
        return Err(CodecErrorKind::Missing("return".to_owned()).here());
    };
    let returns = Shape::parse(&returns.r#type)?;
    let text =
        if function.description.is_empty() { &function.summary } else { &function.description };
    let schema = FunctionSchema {
        parameters: function
            .parameters
            .iter()
            .zip(&parameters)
            .map(|(one, shape)| parameter(one, shape))
            .collect(),
        variadic: function
            .variadic_parameter
            .as_ref()
            .zip(variadic.as_ref())
            .map(|(one, shape)| parameter(one, shape)),
        returns: returns.to_type(),
        description: text.trim().into(),
        deprecated: Some(function.deprecation_message.trim())
            .filter(|text| !text.is_empty())
            .map(Str::from),
    };
    Ok((schema, Signature { parameters, variadic, returns }))
}

fn parameter(parameter: &function::Parameter, shape: &Shape) -> FunctionParameter {
    let ty = shape.to_type();
    FunctionParameter {
        name: parameter.name.as_str().into(),
        ty: if parameter.allow_null_value { ty.optional() } else { ty },
        description: parameter.description.trim().into(),
        nullable: parameter.allow_null_value,
        allows_unknown: parameter.allow_unknown_values,
    }
}
