//! Values from outside: `--set`, variable files, the environment of the process.
//!
//! An input stands above every overlay: it is as if the environment set the parameter last. The
//! text of an input is the value itself for a parameter of type string, and an expression without
//! names for any other.

use syncline_model::{FileId, Span, Str, Type, Value};

use super::scope::Scope;
use crate::diagnostics::bad_input;
use crate::resolve::SlotKind;

/// Values for the parameters of an environment.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The values; where a name comes twice the later one counts.
    pub values: Vec<Input>,
}

/// A value for a parameter.
#[derive(Clone, Debug)]
pub struct Input {
    /// The parameter's name.
    pub name: Str,
    /// Its value.
    pub value: InputValue,
    /// Who gives it, as people know it: `--set`, `SYNCLINE_VAR_region`, `prod.vars.sync`.
    pub source: Str,
    /// The text as a source of its own, for messages that point into it.
    pub file: FileId,
    /// An input for which the environment has no parameter is an error when it was given by hand,
    /// and nothing when it was found.
    pub required: bool,
}

/// What an input gives.
#[derive(Clone, Debug)]
pub enum InputValue {
    /// Text, to be read by the parameter's type.
    Text(Str),
    /// A value, from a file that has types.
    Value(Value),
}

/// An input, bound to its parameter.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) value: Value,
    pub(crate) source: Str,
    pub(crate) span: Span,
}

/// Binds inputs to the parameters of a scope.
pub(super) fn bind(scope: &mut Scope<'_>, inputs: &Inputs) {
    for input in &inputs.values {
        let length = match &input.value {
            InputValue::Text(text) => text.len() as u32,
            InputValue::Value(_) => 0,
        };
        let span = Span::new(input.file, 0, length);
        let slot = scope.table().find(&input.name);
        let slot = match slot {
            Some(slot) if matches!(slot.kind, SlotKind::Param { .. }) => slot,
            _ => {
                if input.required {
                    let environment = &scope.project.layer(scope.layer).name;
                    let params = scope
                        .table()
                        .slots
                        .values()
                        .filter(|slot| matches!(slot.kind, SlotKind::Param { .. }));
                    let known: Vec<&str> = params.map(|slot| slot.name.name.as_str()).collect();
                    scope.report(bad_input::unknown(input, span, environment, &known));
                }
                continue;
            }
        };
        if let Some(final_span) = slot.member.is_final {
            scope.report(bad_input::is_final(input, span, final_span));
            continue;
        }
        let ty = scope.declared_type(slot).unwrap_or(Type::Any);
        let value = match &input.value {
            InputValue::Value(value) => Some(value.clone()),
            InputValue::Text(text) => read(scope, text, &ty, input.file),
        };
        if let Some(value) = value {
            let source = input.source.clone();
            scope.inputs.insert(input.name.clone(), Bound { value, source, span });
        }
    }
}

/// Reads an input's text by its parameter's type.
fn read(scope: &mut Scope<'_>, text: &Str, ty: &Type, file: FileId) -> Option<Value> {
    let as_text = if let Type::Union(literals) = ty.bare() {
        literals.iter().any(|literal| literal.to_value().as_str() == Some(text))
    } else {
        *ty.bare() == Type::String
    };
    if as_text && !(ty.is_nullable() && text == "null") {
        return Some(Value::String(text.clone()));
    }
    let (expr, diagnostics) = crate::syntax::parse_expression(file, text);
    if diagnostics.is_empty() {
        scope.begin(scope.layer);
        return scope.expression(&expr).ok();
    }
    // Bare words are what people type for a value of any type.
    if matches!(ty, Type::Any) || matches!(ty.bare(), Type::Union(_)) {
        return Some(Value::String(text.clone()));
    }
    diagnostics.into_iter().for_each(|diagnostic| scope.report(diagnostic));
    None
}
