//! A schema of protocol 6 in the messages of protocol 5, which has no nested attributes.
//!
//! A nested attribute becomes a plain one of the type that its values have; what is said of the attributes within is
//! not told. All else is the same but for the numbers of an attribute's fields.

use std::collections::BTreeMap;

use crate::wire::proto::{tfplugin5 as five, tfplugin6 as six};
use crate::wire::shape::{Member, Shape};

/// Returns the answer in the messages of protocol 5.
pub(super) fn downgrade(
    response: six::get_provider_schema::Response,
) -> five::get_provider_schema::Response {
    let schemas = |map: BTreeMap<String, six::Schema>| {
        map.into_iter().map(|(name, one)| (name, schema(one))).collect()
    };
    five::get_provider_schema::Response {
        provider: response.provider.map(schema),
        resource_schemas: schemas(response.resource_schemas),
        data_source_schemas: schemas(response.data_source_schemas),
        functions: response.functions.into_iter().map(|(name, f)| (name, function(f))).collect(),
        ephemeral_resource_schemas: schemas(response.ephemeral_resource_schemas),
        server_capabilities: response.server_capabilities.map(|one| five::ServerCapabilities {
            plan_destroy: one.plan_destroy,
            get_provider_schema_optional: one.get_provider_schema_optional,
            move_resource_state: one.move_resource_state,
            generate_resource_config: one.generate_resource_config,
        }),
        ..five::get_provider_schema::Response::default()
    }
}

fn schema(schema: six::Schema) -> five::Schema {
    five::Schema { version: schema.version, block: schema.block.map(block) }
}

fn block(block: six::schema::Block) -> five::schema::Block {
    five::schema::Block {
        version: block.version,
        attributes: block.attributes.into_iter().map(attribute).collect(),
        block_types: block.block_types.into_iter().map(nested).collect(),
        description: block.description,
        description_kind: block.description_kind,
        deprecated: block.deprecated,
        deprecation_message: block.deprecation_message,
    }
}

fn attribute(attribute: six::schema::Attribute) -> five::schema::Attribute {
    let ty = match &attribute.nested_type {
        Some(_) => shape(&attribute).to_json().to_string().into_bytes().into(),
        None => attribute.r#type,
    };
    five::schema::Attribute {
        name: attribute.name,
        r#type: ty,
        description: attribute.description,
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        description_kind: attribute.description_kind,
        deprecated: attribute.deprecated,
        write_only: attribute.write_only,
        deprecation_message: attribute.deprecation_message,
    }
}

/// Returns the shape of an attribute's values. The types are our own, and are read back.
fn shape(attribute: &six::schema::Attribute) -> Shape {
    use six::schema::object::NestingMode;
    let Some(nested) = &attribute.nested_type else {
        return Shape::parse(&attribute.r#type).unwrap_or(Shape::Dynamic(None));
    };
    let members = nested.attributes.iter();
    let members = members.map(|own| Member::attribute(own.name.as_str(), shape(own)));
    let object = Shape::object(members.collect());
    match nested.nesting() {
        NestingMode::List => Shape::List(Box::new(object)),
        NestingMode::Set => Shape::Set(Box::new(object)),
        NestingMode::Map => Shape::Map(Box::new(object)),
        NestingMode::Single | NestingMode::Invalid => object,
    }
}

fn nested(nested: six::schema::NestedBlock) -> five::schema::NestedBlock {
    five::schema::NestedBlock {
        type_name: nested.type_name,
        block: nested.block.map(block),
        nesting: nested.nesting,
        min_items: nested.min_items,
        max_items: nested.max_items,
    }
}

fn function(function: six::Function) -> five::Function {
    five::Function {
        parameters: function.parameters.into_iter().map(parameter).collect(),
        variadic_parameter: function.variadic_parameter.map(parameter),
        r#return: function.r#return.map(|one| five::function::Return { r#type: one.r#type }),
        summary: function.summary,
        description: function.description,
        description_kind: function.description_kind,
        deprecation_message: function.deprecation_message,
    }
}

fn parameter(parameter: six::function::Parameter) -> five::function::Parameter {
    five::function::Parameter {
        name: parameter.name,
        r#type: parameter.r#type,
        allow_null_value: parameter.allow_null_value,
        allow_unknown_values: parameter.allow_unknown_values,
        description: parameter.description,
        description_kind: parameter.description_kind,
    }
}

/// Returns a problem in the messages of protocol 5.
pub(super) fn diagnostic(diagnostic: six::Diagnostic) -> five::Diagnostic {
    use five::attribute_path::step::Selector as Five;
    use six::attribute_path::step::Selector as Six;
    let step = |step: six::attribute_path::Step| five::attribute_path::Step {
        selector: step.selector.map(|selector| match selector {
            Six::AttributeName(name) => Five::AttributeName(name),
            Six::ElementKeyString(key) => Five::ElementKeyString(key),
            Six::ElementKeyInt(index) => Five::ElementKeyInt(index),
        }),
    };
    five::Diagnostic {
        severity: diagnostic.severity,
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: diagnostic
            .attribute
            .map(|path| five::AttributePath { steps: path.steps.into_iter().map(step).collect() }),
    }
}
