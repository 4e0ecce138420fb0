//! What the in-memory provider offers: one of each kind of attribute.

use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_model::{
    Attribute, Block, Field, IdentitySchema, Nesting, ProviderSchema, ResourceSchema, Str, Type,
    Value,
};

/// Returns the provider's schema, under a local name; its types are called the same everywhere.
#[must_use]
pub fn schema(name: &str) -> Arc<ProviderSchema> {
    let mut schema = offered(name);
    let types = [&mut schema.resources, &mut schema.data, &mut schema.ephemeral];
    for (kind, own) in types.into_iter().flatten() {
        Arc::make_mut(own).resource_type = format!("mem_{kind}").into();
    }
    Arc::new(schema)
}

fn offered(name: &str) -> ProviderSchema {
    ProviderSchema {
        name: name.into(),
        version: "1.0.0".into(),
        description: "Keeps things in memory, for tests.".into(),
        config: block([
            ("region", optional(Type::String, "Where things are kept.")),
            ("token", Attribute { sensitive: true, ..optional(Type::String, "Who may.") }),
        ]),
        resources: BTreeMap::from([
            ("thing".into(), resource("Something of every kind.", thing())),
            ("group".into(), resource("Some members.", group())),
            ("spot".into(), spot()),
            ("vault".into(), resource("Keeps a password that nobody sees.", vault())),
        ]),
        data: BTreeMap::from([("lookup".into(), resource("Finds a thing by its name.", lookup()))]),
        ephemeral: BTreeMap::from([("token".into(), resource("Opens a door.", token()))]),
        functions: super::functions::schemas(),
    }
}

fn resource(description: &str, block: Block) -> Arc<ResourceSchema> {
    Arc::new(ResourceSchema {
        version: 1,
        description: description.into(),
        block,
        ..ResourceSchema::default()
    })
}

fn block<const N: usize>(attributes: [(&str, Attribute); N]) -> Block {
    let attributes = attributes.into_iter().map(|(name, one)| (Str::from(name), one)).collect();
    Block { attributes }
}

fn required(ty: Type, description: &str) -> Attribute {
    Attribute { ty, required: true, description: description.into(), ..Attribute::default() }
}

fn optional(ty: Type, description: &str) -> Attribute {
    Attribute { ty, optional: true, description: description.into(), ..Attribute::default() }
}

fn computed(ty: Type, description: &str) -> Attribute {
    Attribute { ty, computed: true, description: description.into(), ..Attribute::default() }
}

fn thing() -> Block {
    block([
        ("name", required(Type::String, "Its name.")),
        ("size", optional(Type::Int, "How large it is, at most 1000.")),
        ("weight", optional(Type::Number, "How heavy it is.")),
        ("enabled", optional(Type::Bool, "Whether it runs.")),
        ("tags", optional(Type::map(Type::String), "Labels.")),
        ("ports", optional(Type::set(Type::Int), "Where it listens.")),
        ("members", optional(Type::list(Type::String), "What belongs to it.")),
        ("tier", optional(Type::one_of(["free", "gold"]), "What is paid for it.")),
        (
            "zone",
            Attribute {
                requires_replace: true,
                ..optional(Type::String, "Where it is; it cannot move.")
            },
        ),
        ("type", optional(Type::String, "An attribute with the name of a keyword.")),
        ("extra", optional(Type::Any, "Anything.")),
        (
            "password",
            Attribute { sensitive: true, ..optional(Type::String, "What nobody should see.") },
        ),
        (
            "color",
            Attribute {
                deprecated: Some("Use `tags`.".into()),
                default: Some(Value::from("grey")),
                ..optional(Type::String, "Its colour.")
            },
        ),
        ("disk", disk()),
        ("fail_on", optional(Type::list(Type::String), "The calls that fail.")),
        ("endpoint", Attribute { optional: true, ..computed(Type::String, "Where it answers.") }),
        ("id", computed(Type::String, "What identifies it.")),
        ("arn", computed(Type::String, "What identifies it everywhere.")),
    ])
}

/// A nested block that may be repeated.
fn disk() -> Attribute {
    let inner = block([
        ("size", required(Type::Int, "In gigabytes.")),
        ("label", optional(Type::String, "Its name.")),
    ]);
    let ty = Type::list(inner.config_type());
    Attribute {
        nested: Some(Box::new((Nesting::List, inner))),
        is_block: true,
        ..optional(ty, "A disk.")
    }
}

fn group() -> Block {
    let limits = Type::record([
        ("low".into(), Field { ty: Type::Int, optional: false }),
        ("high".into(), Field { ty: Type::Int.optional(), optional: true }),
    ]);
    block([
        ("name", required(Type::String, "Its name.")),
        ("members", required(Type::list(Type::String), "The ids of its members.")),
        ("kind", optional(Type::String, "Its kind; it cannot change.")),
        ("limits", optional(limits, "How many members it may have.")),
        ("id", computed(Type::String, "What identifies it.")),
        ("arn", computed(Type::String, "What identifies it everywhere.")),
        ("endpoint", computed(Type::String, "Where it answers.")),
    ])
}

/// What its name identifies, as an address does.
fn spot() -> Arc<ResourceSchema> {
    let name = Attribute { requires_replace: true, ..required(Type::String, "Where it is.") };
    let own = block([
        ("name", name.clone()),
        ("size", optional(Type::Int, "How large it is.")),
        ("of", optional(Type::String, "The id of what answers here as long as this is there.")),
        ("id", computed(Type::String, "What identifies it.")),
        ("arn", computed(Type::String, "What identifies it everywhere.")),
        ("endpoint", computed(Type::String, "Where it answers.")),
    ]);
    let identity = IdentitySchema { version: 0, block: block([("name", name)]) };
    let description = "A place that one can have.".into();
    let identity = Some(Arc::new(identity));
    Arc::new(ResourceSchema {
        version: 1,
        description,
        block: own,
        identity,
        ..ResourceSchema::default()
    })
}

fn vault() -> Block {
    block([
        ("name", required(Type::String, "Its name.")),
        ("password", Attribute { write_only: true, ..optional(Type::String, "What opens it.") }),
        ("id", computed(Type::String, "What identifies it.")),
        ("arn", computed(Type::String, "What identifies it everywhere.")),
        ("endpoint", computed(Type::String, "Where it answers.")),
    ])
}

fn token() -> Block {
    block([
        ("name", required(Type::String, "What it opens.")),
        ("value", Attribute { sensitive: true, ..computed(Type::String, "The token.") }),
    ])
}

fn lookup() -> Block {
    block([
        ("name", required(Type::String, "The name to look for.")),
        ("id", computed(Type::String.optional(), "Its id, if there is such a thing.")),
        ("size", computed(Type::Int.optional(), "Its size, if it has one.")),
        ("found", computed(Type::Bool, "Whether there is such a thing.")),
    ])
}
