//! What a provider offers, as Markdown.
//!
//! Takes a schema and returns its reference: the configuration, each resource and each data source
//! with its arguments, what it computes, and its nested blocks. Pure; the same schema gives the
//! same text.

use std::fmt::Write as _;

use syncline_lang::stdlib::Signature;
use syncline_model::{
    Attribute, Block, FunctionSchema, IdentitySchema, Nesting, ProviderSchema, ResourceSchema,
};

/// Returns the whole reference of a provider.
#[must_use]
pub fn provider(schema: &ProviderSchema) -> String {
    let mut text = String::new();
    let version = if schema.version.is_empty() { "" } else { " " };
    let _ = writeln!(text, "# {}{version}{}\n", schema.name, schema.version);
    paragraph(&mut text, &schema.description);
    if !schema.config.attributes.is_empty() {
        let _ = writeln!(
            text,
            "## Configuration\n\n```sync\nprovider {} {{ ... }}\n```\n",
            schema.name
        );
        block(&mut text, &schema.config, "");
    }
    for (what, types) in
        [("resource", &schema.resources), ("data", &schema.data), ("ephemeral", &schema.ephemeral)]
    {
        for (kind, own) in types {
            let _ = writeln!(text, "## {what} {}.{kind}\n", schema.name);
            resource(&mut text, what, &format!("{}.{kind}", schema.name), own);
        }
    }
    for (name, own) in &schema.functions {
        function(&mut text, &format!("{}::{name}", schema.name), own);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn function(text: &mut String, name: &str, function: &FunctionSchema) {
    let _ = writeln!(text, "## function {name}\n");
    paragraph(text, &function.description);
    let signature = Signature::from(function);
    let _ = writeln!(text, "```sync\n{name}{signature}\n```\n");
    for parameter in function.parameters.iter().chain(&function.variadic) {
        let mark = if parameter.allows_unknown { " (may be unknown)" } else { "" };
        let _ = write!(text, "- `{}`: `{}`{mark}", parameter.name, parameter.ty);
        let description = parameter.description.trim();
        let gap = if description.is_empty() { "" } else { ". " };
        let _ = writeln!(text, "{gap}{description}");
    }
    if let Some(deprecated) = &function.deprecated {
        let _ = writeln!(text, "\nDeprecated: {deprecated}");
    }
    text.push('\n');
}

fn resource(text: &mut String, what: &str, kind: &str, schema: &ResourceSchema) {
    paragraph(text, &schema.description);
    let attributes = &schema.block.attributes;
    let required: Vec<&str> =
        attributes.iter().filter(|(_, own)| own.required).map(|(name, _)| name.as_str()).collect();
    let _ = writeln!(text, "```sync\n{what} {kind} name {{");
    for name in required {
        let _ = writeln!(text, "  {name} = ...");
    }
    text.push_str("}\n```\n\n");
    block(text, &schema.block, "");
    if let Some(own) = &schema.identity {
        identity(text, own);
    }
}

/// Writes by what an existing resource is found.
fn identity(text: &mut String, identity: &IdentitySchema) {
    let attributes = &identity.block.attributes;
    let needed = attributes.iter().filter(|(_, own)| own.required);
    let needed: Vec<String> = needed.map(|(name, _)| format!("{name} = ...")).collect();
    let _ =
        writeln!(text, "### Identity\n\n```sync\nadopt name = {{ {} }}\n```\n", needed.join(", "));
    for (name, own) in attributes {
        attribute(text, name, own);
    }
    text.push('\n');
}

/// Writes the attributes of a block, and after them those of the blocks in it.
fn block(text: &mut String, block: &Block, path: &str) {
    let (given, computed): (Vec<_>, Vec<_>) =
        block.attributes.iter().partition(|(_, own)| own.is_configurable());
    for (heading, attributes) in [("Arguments", given), ("Computed", computed)] {
        if attributes.is_empty() {
            continue;
        }
        let of = if path.is_empty() { String::new() } else { format!(" of `{path}`") };
        let _ = writeln!(text, "### {heading}{of}\n");
        let mut ordered = attributes;
        ordered.sort_by_key(|(name, own)| (!own.required, (*name).clone()));
        for (name, own) in ordered {
            attribute(text, name, own);
        }
        text.push('\n');
    }
    for (name, own) in &block.attributes {
        if let Some(nested) = &own.nested {
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            self::block(text, &nested.1, &path);
        }
    }
}

fn attribute(text: &mut String, name: &str, attribute: &Attribute) {
    let ty = match &attribute.nested {
        Some(nested) => match nested.0 {
            Nesting::Single | Nesting::Group => "block".to_owned(),
            Nesting::List => "list of blocks".to_owned(),
            Nesting::Set => "set of blocks".to_owned(),
            Nesting::Map => "map of blocks".to_owned(),
        },
        None => format!("`{}`", attribute.ty),
    };
    let marks = [
        (attribute.required, "required"),
        (attribute.is_configurable() && attribute.computed, "computed where it is not set"),
        (attribute.sensitive, "secret"),
        (attribute.write_only, "never recorded"),
        (attribute.requires_replace, "a change replaces the resource"),
    ];
    let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
    let _ = write!(text, "- `{name}`: {ty}");
    if !marks.is_empty() {
        let _ = write!(text, " ({})", marks.join(", "));
    }
    if let Some(default) = &attribute.default {
        let _ = write!(text, ", default `{default}`");
    }
    let mut lines = attribute.description.trim().lines();
    if let Some(first) = lines.next() {
        let _ = write!(text, ". {first}");
    }
    text.push('\n');
    for line in lines {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
    if let Some(deprecated) = &attribute.deprecated {
        let _ = writeln!(text, "  Deprecated: {deprecated}");
    }
}

fn paragraph(text: &mut String, description: &str) {
    let description = description.trim();
    if !description.is_empty() {
        let _ = writeln!(text, "{description}\n");
    }
}
