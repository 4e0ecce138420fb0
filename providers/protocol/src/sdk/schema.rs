//! Schemas, written down as one expression.
//!
//! Takes attributes one by one, returns a [`ResourceSchema`] and what the SDK needs beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use syncline_model::{Attribute, Block, IdentitySchema, Nesting, ResourceSchema, Str, Type, Value};

use super::nested;

/// The attributes of a resource, a data source or a provider's configuration.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    version: u32,
    description: Str,
    attributes: BTreeMap<Str, Attribute>,
    stable: BTreeSet<Str>,
    identity: IdentitySchema,
}

impl Schema {
    /// Returns a schema of version 0 without attributes; the description is Markdown.
    #[must_use]
    pub fn new(description: &str) -> Self {
        Self { description: description.into(), ..Self::default() }
    }

    /// Returns a schema of version 0 with attributes.
    #[must_use]
    pub fn of<'a>(
        description: &str,
        attributes: impl IntoIterator<Item = (&'a str, AttributeBuilder)>,
    ) -> Self {
        let start = Self::new(description);
        attributes.into_iter().fold(start, |schema, (name, own)| schema.attribute(name, own))
    }

    /// Sets the version; records of an older one go through [`super::Resource::upgrade`].
    #[must_use]
    pub const fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, attribute: AttributeBuilder) -> Self {
        if attribute.stable {
            self.stable.insert(name.into());
        }
        let inner = attribute.inside.iter().map(|own| format!("{name}.{own}").into());
        self.stable.extend(inner);
        if attribute.identifies {
            let own = &attribute.attribute;
            let (ty, description) = (own.ty.clone(), own.description.clone());
            let own = Attribute { ty, description, required: true, ..Attribute::default() };
            self.identity.block.attributes.insert(name.into(), own);
        }
        self.attributes.insert(name.into(), attribute.attribute);
        self
    }

    /// Adds an attribute to what identifies the resource. What is required is needed to import one by its identity,
    /// all else may be given. One that the resource has too is the resource's own; any other is told by the author
    /// ([`super::Instance::identity`]).
    #[must_use]
    pub fn identity(mut self, name: &str, attribute: AttributeBuilder) -> Self {
        self.identity.block.attributes.insert(name.into(), attribute.attribute);
        self
    }

    /// Sets the version of the identity; older ones go through [`super::Resource::upgrade_identity`].
    #[must_use]
    pub const fn identity_version(mut self, version: u32) -> Self {
        self.identity.version = version;
        self
    }

    /// Adds the attributes of another schema.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.attributes.extend(other.attributes);
        self.stable.extend(other.stable);
        self.identity.block.attributes.extend(other.identity.block.attributes);
        self
    }

    /// Tells whether there is an attribute of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    pub(crate) fn into_parts(self) -> (Arc<ResourceSchema>, BTreeSet<Str>) {
        let block = Block { attributes: self.attributes };
        let identity = (!self.identity.block.attributes.is_empty()).then(|| self.identity.into());
        let (version, description) = (self.version, self.description);
        let schema =
            ResourceSchema { resource_type: Str::new(), version, description, block, identity };
        (Arc::new(schema), self.stable)
    }
}

/// An attribute that is being described; optional until it is said to be something else.
#[derive(Clone, Debug)]
pub struct AttributeBuilder {
    attribute: Attribute,
    stable: bool,
    identifies: bool,
    /// The stable attributes of the records in it.
    inside: BTreeSet<Str>,
}

impl AttributeBuilder {
    fn new(ty: Type) -> Self {
        let attribute = Attribute { ty, optional: true, ..Attribute::default() };
        Self { attribute, stable: false, identifies: false, inside: BTreeSet::new() }
    }

    fn of_records(nesting: Nesting, schema: Schema) -> Self {
        let block = Block { attributes: schema.attributes };
        let mut own = Self::new(nested::type_of(nesting, &block));
        own.attribute.description = schema.description;
        own.attribute.nested = Some(Box::new((nesting, block)));
        own.inside = schema.stable;
        own
    }

    /// It must be configured.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.attribute.required = true;
        self.attribute.optional = false;
        self
    }

    /// The provider tells it, and it cannot be configured.
    #[must_use]
    pub const fn computed(mut self) -> Self {
        self.attribute.computed = true;
        self.attribute.optional = false;
        self
    }

    /// It may be configured, and where it is not the provider tells it.
    #[must_use]
    pub const fn optional_computed(mut self) -> Self {
        self.attribute.computed = true;
        self
    }

    /// What it is where it is not configured.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.attribute.computed = true;
        self.attribute.default = Some(value.into());
        self
    }

    /// Its value is secret.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.attribute.sensitive = true;
        self
    }

    /// It is sent to the provider and never recorded.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.attribute.write_only = true;
        self
    }

    /// A change of it replaces the resource.
    #[must_use]
    pub const fn requires_replace(mut self) -> Self {
        self.attribute.requires_replace = true;
        self
    }

    /// It is computed and stays the same when the resource is updated.
    #[must_use]
    pub const fn stable(mut self) -> Self {
        self.stable = true;
        self
    }

    /// It is part of what identifies the resource in the world, and needed to import one by that.
    #[must_use]
    pub const fn identifies(mut self) -> Self {
        self.identifies = true;
        self
    }

    /// It should not be used any more, and what should be instead.
    #[must_use]
    pub fn deprecated(mut self, instead: &str) -> Self {
        self.attribute.deprecated = Some(instead.into());
        self
    }

    /// What it is: full sentences of Markdown.
    #[must_use]
    pub fn describe(mut self, description: &str) -> Self {
        self.attribute.description = description.into();
        self
    }
}

/// Attributes by type.
pub mod attribute {
    use super::{AttributeBuilder, Nesting, Schema, Type};

    /// Returns a text.
    #[must_use]
    pub fn string() -> AttributeBuilder {
        of(Type::String)
    }

    /// Returns a text that is one of some.
    #[must_use]
    pub fn one_of(options: &[&str]) -> AttributeBuilder {
        of(Type::one_of(options.iter().copied()))
    }

    /// Returns a whole number.
    #[must_use]
    pub fn integer() -> AttributeBuilder {
        of(Type::Int)
    }

    /// Returns a number.
    #[must_use]
    pub fn number() -> AttributeBuilder {
        of(Type::Number)
    }

    /// Returns a truth value.
    #[must_use]
    pub fn boolean() -> AttributeBuilder {
        of(Type::Bool)
    }

    /// Returns a list of texts.
    #[must_use]
    pub fn strings() -> AttributeBuilder {
        of(Type::list(Type::String))
    }

    /// Returns a map of texts.
    #[must_use]
    pub fn string_map() -> AttributeBuilder {
        of(Type::map(Type::String))
    }

    /// Returns a record with attributes of its own, each of which is required, computed, sensitive and so on by itself.
    #[must_use]
    pub fn record(schema: Schema) -> AttributeBuilder {
        AttributeBuilder::of_records(Nesting::Single, schema)
    }

    /// Returns a list of records with attributes of their own.
    #[must_use]
    pub fn records(schema: Schema) -> AttributeBuilder {
        AttributeBuilder::of_records(Nesting::List, schema)
    }

    /// Returns a set of records with attributes of their own, none of which the provider tells.
    #[must_use]
    pub fn record_set(schema: Schema) -> AttributeBuilder {
        AttributeBuilder::of_records(Nesting::Set, schema)
    }

    /// Returns a map of records with attributes of their own.
    #[must_use]
    pub fn record_map(schema: Schema) -> AttributeBuilder {
        AttributeBuilder::of_records(Nesting::Map, schema)
    }

    /// Returns an attribute of any other type.
    #[must_use]
    pub fn of(ty: Type) -> AttributeBuilder {
        AttributeBuilder::new(ty)
    }
}
