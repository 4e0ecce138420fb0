//! What a provider offers: the types of its configuration, resources and data sources.
//!
//! Follows the Terraform plugin protocol's schema, with nested blocks folded in as attributes (a
//! block that occurs at most once is a record, a repeated one a list, set or map of records).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Address, Field, Path, RecordType, Str, Type, Unknown, Value};

/// Everything a provider offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderSchema {
    /// What the provider is called: by the project where it comes from outside, and by itself where it is linked in.
    pub name: Str,
    /// The provider's version.
    pub version: Str,
    /// What the provider is for, one paragraph of Markdown.
    pub description: Str,
    /// Its configuration.
    pub config: Block,
    /// Its managed resources, by the type's name without the provider: `file`.
    pub resources: BTreeMap<Str, Arc<ResourceSchema>>,
    /// Its data sources, likewise.
    pub data: BTreeMap<Str, Arc<ResourceSchema>>,
    /// What it opens for a while, likewise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ephemeral: BTreeMap<Str, Arc<ResourceSchema>>,
    /// Its functions, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<Str, FunctionSchema>,
}

/// A function that a provider offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSchema {
    /// Its parameters, in order.
    pub parameters: Vec<FunctionParameter>,
    /// What any further arguments are.
    pub variadic: Option<FunctionParameter>,
    /// What it returns.
    pub returns: Type,
    /// What it does, one paragraph of Markdown.
    pub description: Str,
    /// What to use in its place, when it should not be used any more.
    pub deprecated: Option<Str>,
}

impl FunctionSchema {
    /// Returns the parameter that an argument is for.
    #[must_use]
    pub fn parameter(&self, argument: usize) -> Option<&FunctionParameter> {
        self.parameters.get(argument).or(self.variadic.as_ref())
    }
}

/// A parameter of a provider's function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionParameter {
    /// Its name.
    pub name: Str,
    /// Its type.
    pub ty: Type,
    /// What it is, one paragraph of Markdown.
    pub description: Str,
    /// Null may be given.
    pub nullable: bool,
    /// What is not known yet may be given; else the result is unknown too, and nothing is called.
    pub allows_unknown: bool,
}

/// The schema of a managed resource or a data source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceSchema {
    /// The type as its provider calls it, whatever the provider is called here: `aws_vpc`. Empty where it is the
    /// provider's own name and the type's, joined by `_`.
    #[serde(default, skip_serializing_if = "Str::is_empty")]
    pub resource_type: Str,
    /// The version of what is recorded; older records are upgraded by the provider.
    pub version: u32,
    /// What it is, one paragraph of Markdown.
    pub description: Str,
    /// Its attributes.
    pub block: Block,
    /// What identifies one in the world, beside its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Arc<IdentitySchema>>,
}

/// What identifies a resource in the world: attributes with a version of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySchema {
    /// The version of what is recorded; older ones are upgraded by the provider.
    pub version: u32,
    /// The attributes; those that are required are needed to find a resource.
    pub block: Block,
}

/// A set of attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The attributes by name; nested blocks are among them.
    pub attributes: BTreeMap<Str, Attribute>,
}

/// An attribute or a nested block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its type; for a nested block, the type that the block's mode and attributes imply.
    pub ty: Type,
    /// It must be configured.
    pub required: bool,
    /// It may be configured.
    pub optional: bool,
    /// The provider may set it where it is not configured.
    pub computed: bool,
    /// It may come to something where it is not configured, although it is not `computed`: providers on the older SDK
    /// take defaults of which their schemas say nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_default: bool,
    /// Its value is secret.
    pub sensitive: bool,
    /// It is sent to the provider and never recorded.
    pub write_only: bool,
    /// A change of it replaces the resource. A hint: the provider's answer decides.
    pub requires_replace: bool,
    /// What the provider takes where nothing is configured. A hint, for documentation.
    pub default: Option<Value>,
    /// What it is, one paragraph of Markdown.
    pub description: Str,
    /// What to use in its place, when it should not be used any more.
    pub deprecated: Option<Str>,
    /// For a nested block, how often it occurs and what is in it.
    pub nested: Option<Box<(Nesting, Block)>>,
    /// It is a block of the plugin protocol: where it is absent it is empty, and null only where it
    /// may occur at most once. Other nested attributes are null where they are absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_block: bool,
}

/// How often a nested block occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nesting {
    /// At most once: a record or null.
    Single,
    /// Always once, its attributes null where unset.
    Group,
    /// Any number in order.
    List,
    /// Any number without order.
    Set,
    /// Any number, each with a key.
    Map,
}

impl Default for Attribute {
    fn default() -> Self {
        Self {
            ty: Type::Any,
            required: false,
            optional: false,
            computed: false,
            may_default: false,
            sensitive: false,
            write_only: false,
            requires_replace: false,
            default: None,
            description: Str::new(),
            deprecated: None,
            nested: None,
            is_block: false,
        }
    }
}

impl Attribute {
    /// What is said of an attribute that should not be used any more, where its schema does not say what to use in its
    /// place. The provider itself knows more when it is asked.
    pub const DEPRECATED: &str = "it should not be used any more";

    /// Returns the type of a reference to the attribute: secret where it is sensitive, and
    /// optional where it may be absent.
    #[must_use]
    pub fn reference_type(&self) -> Type {
        let ty = if self.required || self.computed {
            self.ty.clone()
        } else {
            self.ty.clone().optional()
        };
        if self.sensitive { ty.secret() } else { ty }
    }

    /// Returns what the attribute will be of a resource that is not there yet: unknown, and secret where it is sensitive.
    #[must_use]
    pub fn unknown(&self, address: &Address, path: Path) -> Value {
        let unknown = Unknown::attribute(self.ty.clone(), address, path);
        if self.sensitive { Value::secret(unknown) } else { unknown }
    }

    /// Tells whether the configuration may set it.
    #[must_use]
    pub const fn is_configurable(&self) -> bool {
        self.required || self.optional
    }
}

impl Block {
    /// Returns the attribute of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    /// Returns the record type of a configuration: only what may be configured.
    #[must_use]
    pub fn config_type(&self) -> Type {
        let fields = self.attributes.iter().filter(|(_, attribute)| attribute.is_configurable());
        Type::Record(Arc::new(RecordType {
            fields: fields
                .map(|(name, attribute)| {
                    let ty = attribute.ty.clone();
                    let ty = if attribute.required { ty } else { ty.optional() };
                    (name.clone(), Field { ty, optional: !attribute.required })
                })
                .collect(),
            ..RecordType::default()
        }))
    }

    /// Returns the record type of a reference to the whole resource.
    #[must_use]
    pub fn reference_type(&self) -> Type {
        Type::Record(Arc::new(RecordType {
            fields: self
                .attributes
                .iter()
                .map(|(name, attribute)| {
                    (name.clone(), Field { ty: attribute.reference_type(), optional: false })
                })
                .collect(),
            ..RecordType::default()
        }))
    }
}

impl ProviderSchema {
    /// Returns the types of a mode.
    #[must_use]
    pub const fn types(&self, mode: crate::Mode) -> &BTreeMap<Str, Arc<ResourceSchema>> {
        match mode {
            crate::Mode::Managed => &self.resources,
            crate::Mode::Data => &self.data,
            crate::Mode::Ephemeral => &self.ephemeral,
        }
    }

    /// Returns the schema of a type, given without the provider's name.
    #[must_use]
    pub fn get(&self, mode: crate::Mode, kind: &str) -> Option<&Arc<ResourceSchema>> {
        self.types(mode).get(kind)
    }

    /// Returns the type, without the provider's name, that the provider calls so: `vpc` for `aws_vpc`.
    #[must_use]
    pub fn kind_of(&self, mode: crate::Mode, resource_type: &str) -> Option<&Str> {
        self.types(mode).keys().find(|kind| *self.resource_type(mode, kind) == *resource_type)
    }

    /// Returns a type, given without the provider's name, as the provider calls it: `aws_vpc`.
    #[must_use]
    pub fn resource_type(&self, mode: crate::Mode, kind: &str) -> Str {
        match self.get(mode, kind) {
            Some(schema) if !schema.resource_type.is_empty() => schema.resource_type.clone(),
            Some(_) | None => Str::from(format!("{}_{kind}", self.name)),
        }
    }
}
