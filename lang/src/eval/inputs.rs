//! Values from outside: `--set`, variable files, the environment of the process.
//!
//! An input stands above every overlay: it is as if the environment set the parameter last. The
//! text of an input is the value itself for a parameter of type string, and an expression without
//! names for any other; for one that may be null, too, `null` is null. JSON has no quantities: there
//! a string is the text of one, where the type wants one.
//!
//! Laws:
//! * Nothing that is given for a secret parameter is shown, in no message and no excerpt.
//! * A value that cannot be read is the only mistake: its parameter does not count as missing.

use std::collections::BTreeMap;

use syncline_model::{Diagnostic, FileId, Quantity, Span, Str, Type, Value};

use super::exchange::Export;
use super::scope::Scope;
use crate::diagnostics::bad_input;
use crate::resolve::SlotKind;

/// Values for the parameters of an environment.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The values; where a name comes twice the later one counts.
    pub values: Vec<Input>,
    /// What other environments are known to give, by their names.
    pub exports: BTreeMap<Str, Export>,
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
    /// A value, from a file that has types but no quantities.
    Json(Value),
}

/// An input, bound to its parameter.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// Absent when it could not be read, which has been reported.
    pub(crate) value: Option<Value>,
    pub(crate) source: Str,
    pub(crate) span: Span,
    /// It is written out in a file of values.
    pub(crate) is_written: bool,
}

/// Binds inputs to the parameters of a scope.
pub(super) fn bind(scope: &mut Scope<'_>, inputs: &Inputs) {
    for input in &inputs.values {
        let length = match &input.value {
            InputValue::Text(text) => text.len() as u32,
            InputValue::Value(_) | InputValue::Json(_) => 0,
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
        if let Some(final_span) = slot.member.final_mark() {
            scope.report(bad_input::is_final(input, span, final_span));
            continue;
        }
        let ty = scope.declared_type(slot).unwrap_or(Type::Any);
        let value = match &input.value {
            InputValue::Value(value) => Some(value.clone()),
            InputValue::Json(value) => Some(with_quantities(value, &ty)),
            InputValue::Text(text) => read(scope, text, &ty, input),
        };
        // Marked before it meets its type, so that no message quotes it.
        let value = if ty.is_secret() { value.map(Value::secret) } else { value };
        let source = input.source.clone();
        let is_written = !matches!(input.value, InputValue::Text(_));
        scope.inputs.insert(input.name.clone(), Bound { value, source, span, is_written });
    }
}

/// Returns a value of JSON with quantities for the strings that are the text of one, where its type
/// wants one.
fn with_quantities(value: &Value, ty: &Type) -> Value {
    let all = |items: &[Value], of: &Type| -> Vec<Value> {
        items.iter().map(|item| with_quantities(item, of)).collect()
    };
    match (ty, value) {
        (Type::Optional(inner) | Type::Secret(inner), _) => with_quantities(value, inner),
        (Type::Refined(refinement), _) => with_quantities(value, &refinement.base),
        (Type::Quantity(_), Value::String(text)) => match Quantity::parse(text) {
            Ok(Some(quantity)) => Value::Quantity(quantity.into()),
            Ok(None) | Err(_) => value.clone(),
        },
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            Value::list(all(items, element))
        }
        (Type::Map(element), Value::Map(map)) => {
            Value::map(map.iter().map(|(key, own)| (key.as_str(), with_quantities(own, element))))
        }
        (Type::Record(record), Value::Map(map)) => Value::map(map.iter().map(|(key, own)| {
            let field = record.get(key).map_or(&Type::Any, |field| &field.ty);
            (key.as_str(), with_quantities(own, field))
        })),
        _ => value.clone(),
    }
}

/// Reads an input's text by its parameter's type.
fn read(scope: &mut Scope<'_>, text: &Str, ty: &Type, input: &Input) -> Option<Value> {
    let as_text = if let Type::Union(literals) = ty.bare() {
        literals.iter().any(|literal| literal.to_value().as_str() == Some(text))
    } else {
        *ty.bare() == Type::String
    };
    if as_text && !(ty.is_nullable() && text == "null") {
        return Some(Value::String(text.clone()));
    }
    let (expr, diagnostics) = crate::syntax::parse_expression(input.file, text);
    let is_sound = diagnostics.is_empty();
    if is_sound && crate::resolve::is_closed(&expr) {
        scope.begin(scope.layer);
        let before = scope.diagnostics.borrow().len();
        let value = scope.expression(&expr).ok();
        if ty.holds_secret() {
            scope.diagnostics.borrow_mut()[before..].iter_mut().for_each(Diagnostic::conceal);
        }
        return value;
    }
    // A bare word is taken for a text, which is what people type for a value of any type; for
    // another type the text is what is wrong with it.
    if is_sound || ty.is_secret() || matches!(ty.bare(), Type::Any | Type::Union(_)) {
        return Some(Value::String(text.clone()));
    }
    for mut diagnostic in diagnostics {
        if ty.holds_secret() {
            diagnostic.conceal();
        } else if text.chars().count() <= 60 {
            diagnostic = diagnostic.note(format!("{} gives `{text}`.", input.source));
        }
        scope.report(diagnostic);
    }
    None
}
