//! Bodies of resources and providers.
//!
//! Takes a body of HCL and, where it is known, the schema that it follows; returns its entries as
//! the language writes them. A block that the schema has at most once becomes a record, one that
//! it repeats a list of records; Terraform's conversions of literals are made where they stand.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other type and shape is handled alike")]

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body, Structure};
use hcl_edit::{Decorate as _, Span as _};
use syncline_model::{Attribute, Block, Nesting, Type};

use crate::comments;
use crate::expression::{Bound, Out, Scope};
use crate::names::Names;
use crate::text;
use crate::types::Shape;

/// Attributes and blocks that Terraform itself reads.
pub const META: &[&str] = &[
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "providers",
    "provisioner",
];

/// Where entries stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a body, where `name { ... }` changes a record.
    Body,
    /// In a record, where everything is `name = ...`.
    Record,
}

/// Returns the entries of a body, a line or more each.
#[must_use]
pub fn entries(
    scope: &Scope<'_>,
    body: &Body,
    schema: Option<&Block>,
    skip: &[&str],
) -> Vec<String> {
    inner(scope, body, schema, (skip, Place::Body))
}

fn inner(
    scope: &Scope<'_>,
    body: &Body,
    schema: Option<&Block>,
    (skip, place): (&[&str], Place),
) -> Vec<String> {
    let mut lines = vec![comments::lines(comments::raw(body.decor().prefix()))];
    let mut done = BTreeSet::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str();
                if skip.contains(&name) {
                    continue;
                }
                let known = schema.and_then(|own| own.get(name));
                let want = known.map_or(Shape::Any, |own| Shape::of(&own.ty));
                let value = value(scope, &attribute.value, &want);
                let line = if value == name && text::is_name(name) {
                    value
                } else {
                    format!("{} = {value}", text::key(name))
                };
                let line = comments::kept(scope.file.slice(attribute.value.span()), line);
                lines.push(comments::around(attribute.decor(), &line));
            }
            Structure::Block(block) => {
                let name = kind(block);
                if !skip.contains(&name) && done.insert(name) {
                    let known = schema.and_then(|own| own.get(name));
                    let line = nested(scope, body, (name, known), place);
                    lines.push(comments::around(block.decor(), &line));
                }
            }
        }
    }
    lines.push(comments::ending(body));
    lines.retain(|line| !line.is_empty());
    lines
}

/// Returns what a block is: that of `dynamic "x"` is `x`.
pub(crate) fn kind(block: &HclBlock) -> &str {
    match block.labels.first() {
        Some(label) if block.has_ident("dynamic") => label.as_str(),
        Some(_) | None => block.ident.as_str(),
    }
}

/// Returns all blocks of a name as one entry.
fn nested(
    scope: &Scope<'_>,
    body: &Body,
    (name, known): (&str, Option<&Attribute>),
    place: Place,
) -> String {
    let blocks: Vec<&HclBlock> = body.blocks().filter(|block| kind(block) == name).collect();
    let schema = known.and_then(|own| own.nested.as_deref());
    let element = known.and_then(|own| element(&own.ty));
    let inside = schema.map(|(_, block)| block).or(element.as_ref());
    let dynamic = blocks.iter().any(|block| block.has_ident("dynamic"));
    let once = match (schema.map(|(nesting, _)| *nesting), known) {
        (Some(Nesting::Single | Nesting::Group), _) => true,
        (Some(Nesting::List | Nesting::Set | Nesting::Map), _) => false,
        (None, Some(attribute)) => !matches!(attribute.ty.bare(), Type::List(_) | Type::Set(_)),
        (None, None) => blocks.len() == 1 && !dynamic,
    };
    let name = text::key(name);
    if once && !dynamic && blocks.len() == 1 {
        let lines = inner(scope, &blocks[0].body, inside, (&[], place));
        let equals = if place == Place::Record { " =" } else { "" };
        return format!("{name}{equals} {{\n{}\n}}", lines.join("\n"));
    }
    let mut items = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let item = if block.has_ident("dynamic") {
            repeated(scope, block, inside)
        } else {
            record(scope, &block.body, inside)
        };
        // What is said of the first one stands before them all.
        items.push(if at > 0 { comments::before(block.decor(), &item) } else { item });
    }
    if once {
        // At most one of the many is there.
        let list = list(&items);
        return format!("{name} = std.lists.first({list})");
    }
    format!("{name} = {}", list(&items))
}

/// Returns what the elements of an attribute have that is written as blocks.
fn element(ty: &Type) -> Option<Block> {
    match ty.bare() {
        Type::List(element) | Type::Set(element) => element_of(element),
        other => element_of(other),
    }
}

fn element_of(ty: &Type) -> Option<Block> {
    let Type::Record(record) = ty.bare() else { return None };
    let attribute = |(name, field): &(syncline_model::Str, syncline_model::Field)| {
        (name.clone(), Attribute { ty: field.ty.clone(), ..Attribute::default() })
    };
    Some(Block { attributes: record.fields.iter().map(attribute).collect() })
}

/// Returns records and comprehensions of records as one list.
fn list(items: &[String]) -> String {
    if let [only] = items
        && let Some(comprehension) = only.strip_prefix("...")
    {
        return comprehension.to_owned();
    }
    format!("[{}]", items.join(", "))
}

fn record(scope: &Scope<'_>, body: &Body, schema: Option<&Block>) -> String {
    let lines = inner(scope, body, schema, (&[], Place::Record));
    if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n}}", lines.join("\n")) }
}

/// Returns a `dynamic` block as a comprehension that is spread.
fn repeated(scope: &Scope<'_>, block: &HclBlock, schema: Option<&Block>) -> String {
    let body = &block.body;
    let value = |name: &str| body.get_attribute(name).map(|attribute| &attribute.value);
    let label = kind(block);
    let iterator = match value("iterator") {
        Some(Expression::Variable(name)) => name.as_str(),
        Some(_) | None => label,
    };
    let own = scope.free(&text::member(iterator));
    let mut inside = scope.clone();
    let through = value("for_each").map_or(Shape::Any, |source| scope.shape(source));
    // The elements of a set are their own keys.
    let key = match through {
        Shape::Set(_) => own.clone(),
        _ => scope.free(&format!("{own}_key")),
    };
    let bound = Bound::Iterator(key.clone(), own.clone(), through.inner());
    inside.bound.push((iterator.to_owned(), bound));
    let content = match body.get_blocks("content").next() {
        Some(content) => record(&inside, &content.body, schema),
        None => "{}".to_owned(),
    };
    let Some(source) = value("for_each") else {
        return format!(
            "...{}",
            scope.missing(block.span(), "a dynamic block needs `for_each`").text
        );
    };
    let source = scope.text(source);
    // The key is named only where it is used.
    let uses_key =
        content.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == key);
    let names = match through {
        Shape::Set(_) => own,
        _ if uses_key => format!("{key}, {own}"),
        Shape::List(_) => own,
        _ => format!("_, {own}"),
    };
    format!("...[for {names} in {source}: {content}]")
}

/// Returns the value of an attribute. A record of plain keys stands on lines of its own.
fn value(scope: &Scope<'_>, expression: &Expression, want: &Shape) -> String {
    if let (Expression::Object(object), Shape::Map(_)) = (expression, want)
        && !object.is_empty()
    {
        return format!("{{\n{}\n}}", scope.entries(object, want).join("\n"));
    }
    scope.data_file(expression);
    // What takes anything keeps what it is given: a set stays one.
    if *want == Shape::Any && scope.is_set(expression) {
        let list = scope.text(expression);
        return if list.starts_with('[') { format!("std.sets.of({list})") } else { list };
    }
    scope.converted(expression, want).text
}

/// Returns the entries of a unit's body: parameters by the names that the component gives them.
#[must_use]
pub fn parameters(
    scope: &Scope<'_>,
    body: &Body,
    callee: Option<&Names>,
    skip: &[&str],
) -> Vec<String> {
    let entry = |attribute: &hcl_edit::structure::Attribute| {
        let label = attribute.key.as_str();
        let name = callee.and_then(|own| own.variables.get(label)).map_or(label, String::as_str);
        let want = callee.map_or(Shape::Any, |own| own.shape_of_variable(label));
        let mut value = scope.converted(&attribute.value, &want);
        // A variable that takes no null takes its default.
        if let Some(default) = callee.and_then(|own| own.default_for_null(label))
            && scope.may_be_null(&attribute.value)
        {
            let default = scope.converted(default, &want).tight();
            value = Out::loose(format!("{} ?? {default}", value.tight()));
        }
        let value = value.text;
        let line = if value == name && text::is_name(name) {
            value
        } else {
            format!("{} = {value}", text::key(name))
        };
        let line = comments::kept(scope.file.slice(attribute.value.span()), line);
        comments::around(attribute.decor(), &line)
    };
    body.attributes().filter(|own| !skip.contains(&own.key.as_str())).map(entry).collect()
}

/// Returns the names of everything that a body configures.
#[must_use]
pub fn written(body: &Body) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for structure in body.iter() {
        let name = match structure {
            Structure::Attribute(attribute) => attribute.key.as_str(),
            Structure::Block(block) => kind(block),
        };
        if !META.contains(&name) && !names.iter().any(|own| own == name) {
            names.push(name.to_owned());
        }
    }
    names
}
