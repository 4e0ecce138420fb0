//! Whether schemas are what every client takes.
//!
//! Takes what an author has declared; returns the first mistake in it. OpenTofu refuses such a schema with all that it
//! offers, or fails later in other words.

use syncline_model::{
    Attribute, Block, IdentitySchema, Literal, Nesting, Problem, ProviderSchema, ResourceSchema,
    Type, Value,
};

/// What stands in every resource of OpenTofu, whatever its type.
const RESERVED: [&str; 7] =
    ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// What stands in every configuration of a provider.
const OF_CONFIGURATIONS: [&str; 2] = ["alias", "version"];

/// Returns the first mistake in what a provider offers.
pub(super) fn provider(schema: &ProviderSchema) -> Result<(), Problem> {
    let name = &schema.name;
    let tell = |what: &str, how: String| {
        Problem::error("the schema of the provider is wrong", format!("{what}: {how}."))
    };
    named(name).map_err(|how| tell("Its name", how))?;
    block(&schema.config, &OF_CONFIGURATIONS).map_err(|how| tell("Its configuration", how))?;
    for (word, all) in
        [("resource", &schema.resources), ("data", &schema.data), ("ephemeral", &schema.ephemeral)]
    {
        for (kind, own) in all {
            let sound = named(kind).and_then(|()| resource(own));
            sound.map_err(|how| tell(&format!("{word} `{name}.{kind}`"), how))?;
        }
    }
    for function in schema.functions.keys() {
        named(function).map_err(|how| tell(&format!("function `{function}`"), how))?;
    }
    Ok(())
}

/// Returns the first mistake in a type.
pub(super) fn resource(schema: &ResourceSchema) -> Result<(), String> {
    block(&schema.block, &RESERVED)?;
    schema.identity.as_deref().map_or(Ok(()), identity)
}

fn block(block: &Block, reserved: &[&str]) -> Result<(), String> {
    for (name, own) in &block.attributes {
        named(name)?;
        if reserved.contains(&name.as_str()) {
            return Err(format!("`{name}` means something else to OpenTofu"));
        }
        attribute(own).map_err(|how| format!("`{name}` {how}"))?;
        if let Some((nesting, inner)) = own.nested.as_deref() {
            self::block(inner, &[]).map_err(|how| format!("in `{name}`: {how}"))?;
            let mut inside = inner.attributes.values();
            if *nesting == Nesting::Set && inside.any(|own| own.computed && own.default.is_none()) {
                return Err(format!("`{name}` is a set, and something in its records is computed"));
            }
        }
    }
    Ok(())
}

fn attribute(own: &Attribute) -> Result<(), String> {
    if own.required && own.default.is_some() {
        return Err("is required, and has a default".to_owned());
    }
    if own.required && (own.computed || own.optional) {
        return Err("is required and computed: it can only be one of both".to_owned());
    }
    if !own.is_configurable() && !own.computed {
        return Err("is neither required, nor optional, nor computed".to_owned());
    }
    if own.write_only && (own.computed || !own.is_configurable()) {
        return Err("is write-only, and computed or with a default".to_owned());
    }
    if holds_open_set(&own.ty) {
        return Err("has a set of anything, which OpenTofu does not take".to_owned());
    }
    match &own.default {
        Some(default) if !fits(&own.ty, default) => {
            Err(format!("is {}, and its default is {}", own.ty, default.reveal().kind()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Tells whether a value is of a type.
fn fits(ty: &Type, value: &Value) -> bool {
    let all = |items: &[Value], element: &Type| items.iter().all(|own| fits(element, own));
    match (ty.bare(), value.reveal()) {
        (Type::Any, _)
        | (_, Value::Null)
        | (Type::String, Value::String(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_)) => true,
        (Type::Int, number @ Value::Number(_)) => number.as_i64().is_some(),
        (Type::Union(options), own) => options.iter().map(Literal::to_value).any(|one| one == *own),
        (Type::List(element), Value::List(items)) => all(items, element),
        (Type::Set(element), Value::Set(items)) => all(items, element),
        (Type::Map(element), Value::Map(entries)) => entries.values().all(|own| fits(element, own)),
        (Type::Record(record), own @ Value::Map(_)) => {
            record.fields.iter().all(|(name, field)| fits(&field.ty, own.attribute(name)))
        }
        _ => false,
    }
}

/// Checks that a name is one everywhere.
fn named(name: &str) -> Result<(), String> {
    let legal = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '_');
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.chars().all(legal) {
        return Err(format!("`{name}` is no name of small letters, digits and underscores"));
    }
    Ok(())
}

/// Tells whether there is a set in a type whose elements may be anything.
fn holds_open_set(ty: &Type) -> bool {
    let is_set = matches!(ty.bare(), Type::Set(_));
    is_set && is_open(ty) || parts(ty).into_iter().any(holds_open_set)
}

/// Tells whether something in a type may be anything.
fn is_open(ty: &Type) -> bool {
    matches!(ty.bare(), Type::Any) || parts(ty).into_iter().any(is_open)
}

/// Returns the types of what a value of a type is made of.
fn parts(ty: &Type) -> Vec<&Type> {
    if let Type::List(element) | Type::Set(element) | Type::Map(element) = ty.bare() {
        return vec![element];
    }
    let Type::Record(record) = ty.bare() else { return Vec::new() };
    record.fields.iter().map(|(_, field)| &field.ty).collect()
}

/// Checks that an identity is of types that the protocol allows there.
fn identity(identity: &IdentitySchema) -> Result<(), String> {
    let is_plain = |ty: &Type| matches!(ty, Type::String | Type::Bool | Type::Number | Type::Int);
    for (name, attribute) in &identity.block.attributes {
        named(name)?;
        let element = if let Type::List(element) = &attribute.ty { element } else { &attribute.ty };
        if !is_plain(element) {
            return Err(format!("the identity's `{name}` is neither plain nor a list of what is"));
        }
    }
    Ok(())
}
