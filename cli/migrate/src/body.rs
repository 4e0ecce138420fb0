//! Bodies of resources and providers.
//!
//! Takes a body of HCL and, where it is known, the schema that it follows; returns its entries as
//! the language writes them. A block that the schema has at most once becomes a record, one that
//! it repeats a list of records; Terraform's conversions of literals are made where they stand.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind of expression is no number")]

use std::collections::BTreeSet;

use hcl_edit::Span as _;
use hcl_edit::expr::{BinaryOperator, Expression};
use hcl_edit::structure::{Block as HclBlock, Body, Structure};
use syncline_model::{Attribute, Block, Nesting, Type};

use crate::expression::{Bound, Scope};
use crate::text;

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
    let mut lines = Vec::new();
    let mut done = BTreeSet::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str();
                if skip.contains(&name) {
                    continue;
                }
                let ty = schema.and_then(|own| own.get(name)).map(|own| &own.ty);
                let value = converted(scope, &attribute.value, ty);
                lines.push(if value == name && text::is_name(name) {
                    value
                } else {
                    format!("{} = {value}", text::key(name))
                });
            }
            Structure::Block(block) => {
                let name = kind(block);
                if !skip.contains(&name) && done.insert(name) {
                    let known = schema.and_then(|own| own.get(name));
                    lines.push(nested(scope, body, (name, known), place));
                }
            }
        }
    }
    lines
}

/// Returns what a block is: that of `dynamic "x"` is `x`.
fn kind(block: &HclBlock) -> &str {
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
    let inside = schema.map(|(_, block)| block);
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
    for block in &blocks {
        items.push(if block.has_ident("dynamic") {
            repeated(scope, block, inside)
        } else {
            record(scope, &block.body, inside)
        });
    }
    if once {
        // At most one of the many is there.
        let list = list(&items);
        return format!("{name} = std.lists.first({list})");
    }
    format!("{name} = {}", list(&items))
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
    let own = scope.names.free(&text::member(iterator));
    let key = format!("{own}_key");
    let mut inside = scope.clone();
    inside.bound.push((iterator.to_owned(), Bound::Iterator(key.clone(), own.clone())));
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
    let names = if uses_key { format!("{key}, {own}") } else { own };
    let names = if uses_key || !is_map(value("for_each")) { names } else { format!("_, {names}") };
    format!("...[for {names} in {source}: {content}]")
}

fn is_map(source: Option<&Expression>) -> bool {
    match source {
        Some(Expression::Object(_)) => true,
        Some(Expression::ForExpr(own)) => own.key_expr.is_some(),
        Some(_) | None => false,
    }
}

/// Returns an expression with the conversions that Terraform makes for a type.
#[must_use]
pub fn converted(scope: &Scope<'_>, expression: &Expression, ty: Option<&Type>) -> String {
    let Some(ty) = ty.map(Type::bare) else { return scope.text(expression) };
    match (ty, expression) {
        (Type::String, Expression::Number(number)) => text::string(&number.value().to_string()),
        (Type::String, Expression::Bool(value)) => text::string(&value.value().to_string()),
        (Type::String, own) if is_number(own) => format!("string({})", scope.text(own)),
        (Type::Number | Type::Int, Expression::String(value)) if number(value.value()) => {
            value.value().clone()
        }
        (Type::Bool, Expression::String(value))
            if matches!(value.value().as_str(), "true" | "false") =>
        {
            value.value().clone()
        }
        (Type::List(element) | Type::Set(element), Expression::Array(array)) => {
            let items: Vec<String> =
                array.iter().map(|item| converted(scope, item, Some(element))).collect();
            let lines = scope.file.slice(array.span()).contains('\n');
            let (open, between, close) =
                if lines { ("[\n", ",\n", "\n]") } else { ("[", ", ", "]") };
            format!("{open}{}{close}", items.join(between))
        }
        (Type::Map(value), Expression::Object(object)) if literals(object) => {
            let entries: Vec<String> = object
                .iter()
                .map(|(key, own)| {
                    let name = text::key(&crate::types::key_text(key));
                    format!("{name} = {}", converted(scope, own.expr(), Some(value)))
                })
                .collect();
            if entries.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{\n{}\n}}", entries.join("\n"))
            }
        }
        _ => scope.text(expression),
    }
}

/// Tells whether every key of an object is plain.
fn literals(object: &hcl_edit::expr::Object) -> bool {
    object
        .iter()
        .all(|(key, _)| key.is_ident() || key.as_expr().is_some_and(|own| own.as_str().is_some()))
}

fn number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}

/// Tells whether an expression is a number for certain, where Terraform would make a text of it.
fn is_number(expression: &Expression) -> bool {
    match expression {
        Expression::Parenthesis(inner) => is_number(inner.inner()),
        Expression::FuncCall(call) => matches!(
            call.name.name.as_str(),
            "length" | "floor" | "ceil" | "min" | "max" | "abs" | "sum" | "pow" | "tonumber"
        ),
        Expression::Traversal(own) => {
            own.expr.as_variable().is_some_and(|name| name.as_str() == "count")
        }
        Expression::BinaryOp(own) => matches!(
            own.operator.value(),
            BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Mul
                | BinaryOperator::Div
        ),
        _ => false,
    }
}
