//! A schema of protocol 5 in the messages of protocol 6. They differ in the numbers of an
//! attribute's fields and in nothing else.

use crate::wire::proto::{tfplugin5 as five, tfplugin6 as six};

/// Returns the answer in the messages of protocol 6.
pub(crate) fn upgrade(
    response: five::get_provider_schema::Response,
) -> six::get_provider_schema::Response {
    let schemas = |map: std::collections::BTreeMap<String, five::Schema>| {
        map.into_iter().map(|(name, one)| (name, schema(one))).collect()
    };
    six::get_provider_schema::Response {
        provider: response.provider.map(schema),
        resource_schemas: schemas(response.resource_schemas),
        data_source_schemas: schemas(response.data_source_schemas),
        functions: response.functions.into_iter().map(|(name, f)| (name, function(f))).collect(),
        ephemeral_resource_schemas: schemas(response.ephemeral_resource_schemas),
        diagnostics: response.diagnostics.into_iter().map(diagnostic).collect(),
        provider_meta: response.provider_meta.map(schema),
        server_capabilities: response.server_capabilities.map(|one| six::ServerCapabilities {
            plan_destroy: one.plan_destroy,
            get_provider_schema_optional: one.get_provider_schema_optional,
            move_resource_state: one.move_resource_state,
            generate_resource_config: one.generate_resource_config,
        }),
        ..six::get_provider_schema::Response::default()
    }
}

fn schema(schema: five::Schema) -> six::Schema {
    six::Schema { version: schema.version, block: schema.block.map(block) }
}

fn block(block: five::schema::Block) -> six::schema::Block {
    six::schema::Block {
        version: block.version,
        attributes: block.attributes.into_iter().map(attribute).collect(),
        block_types: block.block_types.into_iter().map(nested).collect(),
        description: block.description,
        description_kind: block.description_kind,
        deprecated: block.deprecated,
        deprecation_message: block.deprecation_message,
    }
}

fn attribute(attribute: five::schema::Attribute) -> six::schema::Attribute {
    six::schema::Attribute {
        name: attribute.name,
        r#type: attribute.r#type,
        nested_type: None,
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

fn nested(nested: five::schema::NestedBlock) -> six::schema::NestedBlock {
    six::schema::NestedBlock {
        type_name: nested.type_name,
        block: nested.block.map(block),
        nesting: nested.nesting,
        min_items: nested.min_items,
        max_items: nested.max_items,
    }
}

fn diagnostic(diagnostic: five::Diagnostic) -> six::Diagnostic {
    use five::attribute_path::step::Selector as Five;
    use six::attribute_path::step::Selector as Six;
    let step = |step: five::attribute_path::Step| six::attribute_path::Step {
        selector: step.selector.map(|selector| match selector {
            Five::AttributeName(name) => Six::AttributeName(name),
            Five::ElementKeyString(key) => Six::ElementKeyString(key),
            Five::ElementKeyInt(index) => Six::ElementKeyInt(index),
        }),
    };
    six::Diagnostic {
        severity: diagnostic.severity,
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: diagnostic
            .attribute
            .map(|path| six::AttributePath { steps: path.steps.into_iter().map(step).collect() }),
    }
}

fn function(function: five::Function) -> six::Function {
    six::Function {
        parameters: function.parameters.into_iter().map(parameter).collect(),
        variadic_parameter: function.variadic_parameter.map(parameter),
        r#return: function.r#return.map(|one| six::function::Return { r#type: one.r#type }),
        summary: function.summary,
        description: function.description,
        description_kind: function.description_kind,
        deprecation_message: function.deprecation_message,
    }
}

fn parameter(parameter: five::function::Parameter) -> six::function::Parameter {
    six::function::Parameter {
        name: parameter.name,
        r#type: parameter.r#type,
        allow_null_value: parameter.allow_null_value,
        allow_unknown_values: parameter.allow_unknown_values,
        description: parameter.description,
        description_kind: parameter.description_kind,
    }
}
