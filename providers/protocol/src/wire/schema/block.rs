//! One block of a schema.

use std::collections::BTreeMap;

use syncline_model::{Attribute, Block, Field, Nesting, Str, Type};

use crate::wire::error::{CodecError, CodecErrorKind};
use crate::wire::proto::tfplugin6::Schema;
use crate::wire::proto::tfplugin6::schema::{self, nested_block, object};
use crate::wire::shape::{Member, Shape};

/// The deepest nesting of blocks that is read.
const MAX_DEPTH: usize = 60;

/// A block in the model's form, and the shape of its values.
#[derive(Debug)]
pub(super) struct Converted {
    pub(super) block: Block,
    pub(super) shape: Shape,
    pub(super) description: Str,
}

/// Returns a schema's block; an absent one has no attributes.
pub(super) fn schema(schema: Option<&Schema>) -> Result<Converted, CodecError> {
    let empty = schema::Block::default();
    let block = schema.and_then(|schema| schema.block.as_ref()).unwrap_or(&empty);
    convert(block, 0)
}

fn convert(block: &schema::Block, depth: usize) -> Result<Converted, CodecError> {
    if depth > MAX_DEPTH {
        return Err(CodecErrorKind::TooDeep.here());
    }
    let mut attributes = BTreeMap::new();
    let mut members = Vec::new();
    for attribute in &block.attributes {
        let under = |error: CodecError| error.under(super::step(&attribute.name));
        let (converted, shape) = convert_attribute(attribute, depth).map_err(under)?;
        members.push(Member::attribute(attribute.name.as_str(), shape));
        attributes.insert(Str::from(attribute.name.as_str()), converted);
    }
    for nested in &block.block_types {
        let under = |error: CodecError| error.under(super::step(&nested.type_name));
        let (converted, shape) = convert_block(nested, depth).map_err(under)?;
        members.push(Member {
            name: nested.type_name.as_str().into(),
            shape,
            is_block: true,
            is_group: nested.nesting() == nested_block::NestingMode::Group,
        });
        attributes.insert(Str::from(nested.type_name.as_str()), converted);
    }
    Ok(Converted {
        block: Block { attributes },
        shape: Shape::object(members),
        description: block.description.trim().into(),
    })
}

/// Returns an attribute, and the shape of its values.
pub(super) fn convert_attribute(
    attribute: &schema::Attribute,
    depth: usize,
) -> Result<(Attribute, Shape), CodecError> {
    let mut converted = Attribute {
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        description: attribute.description.trim().into(),
        deprecated: deprecated(attribute.deprecated, &attribute.deprecation_message),
        ..Attribute::default()
    };
    let Some(object) = &attribute.nested_type else {
        let shape = Shape::parse(&attribute.r#type)?;
        converted.ty = shape.to_type();
        return Ok((converted, shape));
    };
    let inner = schema::Block { attributes: object.attributes.clone(), ..schema::Block::default() };
    let inner = convert(&inner, depth + 1)?;
    let (nesting, shape) = match object.nesting() {
        object::NestingMode::Single => (Nesting::Single, inner.shape),
        object::NestingMode::List => (Nesting::List, Shape::List(Box::new(inner.shape))),
        object::NestingMode::Set => (Nesting::Set, Shape::Set(Box::new(inner.shape))),
        object::NestingMode::Map => (Nesting::Map, Shape::Map(Box::new(inner.shape))),
        object::NestingMode::Invalid => return Err(unknown_nesting()),
    };
    converted.ty = nested_type(nesting, &inner.block);
    converted.nested = Some(Box::new((nesting, inner.block)));
    Ok((converted, shape))
}

fn convert_block(
    nested: &schema::NestedBlock,
    depth: usize,
) -> Result<(Attribute, Shape), CodecError> {
    let empty = schema::Block::default();
    let block = nested.block.as_ref().unwrap_or(&empty);
    let inner = convert(block, depth + 1)?;
    let has_dynamic = contains_dynamic(&inner.shape);
    let open =
        |shape: Shape| if has_dynamic { Shape::Dynamic(Some(Box::new(shape))) } else { shape };
    let (nesting, shape) = match nested.nesting() {
        nested_block::NestingMode::Single => (Nesting::Single, inner.shape),
        nested_block::NestingMode::Group => (Nesting::Group, inner.shape),
        nested_block::NestingMode::List => {
            (Nesting::List, open(Shape::List(Box::new(inner.shape))))
        }
        nested_block::NestingMode::Map => (Nesting::Map, open(Shape::Map(Box::new(inner.shape)))),
        nested_block::NestingMode::Set => (Nesting::Set, Shape::Set(Box::new(inner.shape))),
        nested_block::NestingMode::Invalid => return Err(unknown_nesting()),
    };
    let required = nested.min_items > 0;
    let converted = Attribute {
        ty: nested_type(nesting, &inner.block),
        required,
        optional: !required,
        description: block.description.trim().into(),
        deprecated: deprecated(block.deprecated, &block.deprecation_message),
        nested: Some(Box::new((nesting, inner.block))),
        is_block: true,
        ..Attribute::default()
    };
    Ok((converted, shape))
}

fn unknown_nesting() -> CodecError {
    CodecErrorKind::Type("a nesting mode of a later protocol".to_owned()).here()
}

fn deprecated(deprecated: bool, message: &str) -> Option<Str> {
    match message.trim() {
        "" if deprecated => Some(Attribute::DEPRECATED.into()),
        "" => None,
        message => Some(message.into()),
    }
}

/// Returns the type of a nested block or attribute: what must be set is required, and what the
/// provider computes may be left out.
fn nested_type(nesting: Nesting, block: &Block) -> Type {
    let record = Type::record(block.attributes.iter().map(|(name, attribute)| {
        let ty = attribute.ty.clone();
        let ty = if attribute.required { ty } else { ty.optional() };
        (name.clone(), Field { ty, optional: !attribute.required })
    }));
    match nesting {
        Nesting::Single | Nesting::Group => record,
        Nesting::List => Type::list(record),
        Nesting::Set => Type::set(record),
        Nesting::Map => Type::map(record),
    }
}

fn contains_dynamic(shape: &Shape) -> bool {
    match shape {
        Shape::Dynamic(_) => true,
        Shape::String | Shape::Bool | Shape::Number => false,
        Shape::List(element) | Shape::Set(element) | Shape::Map(element) => {
            contains_dynamic(element)
        }
        Shape::Tuple(elements) => elements.iter().any(contains_dynamic),
        Shape::Object(members) => members.iter().any(|one| contains_dynamic(&one.shape)),
    }
}
