//! Values, places and problems on their way over the wire.

use bytes::Bytes;
use syncline_model::{Path, Problem, Step, Value};
use tonic::Status;

use crate::wire::decode::decode;
use crate::wire::encode::{Extra, encode};
use crate::wire::json;
use crate::wire::proto::tfplugin6::attribute_path::step::Selector;
use crate::wire::proto::tfplugin6::{
    AttributePath, Diagnostic, DynamicValue, attribute_path, diagnostic::Severity,
};
use crate::wire::shape::Shape;

/// Returns a value that came; an absent one is null.
pub(super) fn value(shape: &Shape, value: Option<DynamicValue>) -> Result<Value, Status> {
    let Some(value) = value else { return Ok(Value::Null) };
    let read = match (value.msgpack.is_empty(), value.json.is_empty()) {
        (false, _) => decode(shape, &value.msgpack),
        (true, false) => json::read(shape, &value.json),
        (true, true) => Ok(Value::Null),
    };
    read.map_err(|error| Status::invalid_argument(format!("a value cannot be read: {error}")))
}

/// Returns a value that goes.
pub(super) fn dynamic(shape: &Shape, value: &Value) -> Result<Option<DynamicValue>, Status> {
    let msgpack = encode(shape, value, Extra::Refused)
        .map_err(|error| Status::internal(format!("an answer does not fit its type: {error}")))?;
    Ok(Some(DynamicValue { msgpack, json: Bytes::new() }))
}

/// Returns what is said, with its places in values of a shape.
pub(super) fn diagnostics(shape: &Shape, problems: Vec<Problem>) -> Vec<Diagnostic> {
    problems.into_iter().map(|problem| diagnostic(shape, problem)).collect()
}

fn diagnostic(shape: &Shape, problem: Problem) -> Diagnostic {
    let severity = if problem.is_error { Severity::Error } else { Severity::Warning };
    let attribute = (!problem.path.0.is_empty()).then(|| path(shape, &problem.path));
    Diagnostic {
        severity: severity.into(),
        summary: capitalised(&problem.summary),
        detail: problem.detail,
        attribute,
    }
}

/// Returns a headline as others write them.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Returns a path; one that goes into a set ends there.
pub(super) fn path(shape: &Shape, path: &Path) -> AttributePath {
    let mut at = Some(shape);
    let mut steps = Vec::with_capacity(path.0.len());
    for step in &path.0 {
        let is_map = matches!(at, Some(Shape::Map(_)));
        let selector = match step {
            _ if matches!(at, Some(Shape::Set(_))) => break,
            Step::Key(key) if is_map => Selector::ElementKeyString(key.to_string()),
            Step::Key(key) => Selector::AttributeName(key.to_string()),
            Step::Index(index) => Selector::ElementKeyInt(i64::from(*index)),
        };
        at = at.and_then(|shape| below(shape, step));
        steps.push(attribute_path::Step { selector: Some(selector) });
    }
    AttributePath { steps }
}

fn below<'a>(shape: &'a Shape, step: &Step) -> Option<&'a Shape> {
    match (shape, step) {
        (Shape::Object(members), Step::Key(key)) => {
            members.iter().find(|member| member.name == *key).map(|member| &member.shape)
        }
        (Shape::List(element) | Shape::Map(element), _) => Some(element),
        (Shape::Tuple(elements), Step::Index(index)) => elements.get(*index as usize),
        _ => None,
    }
}
