//! `format` and `formatlist`.
//!
//! Takes a pattern and what is put in the place of its verbs; returns a text with `${}` where that says the same
//! of every value that there may be, and a call of `std.terraform.format` otherwise.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind is written by the function")]

use hcl_edit::expr::{BinaryOperator, Expression, FuncCall, Traversal, TraversalOperator};

use crate::expression::{Out, Scope};
use crate::functions;
use crate::types::Shape;

/// What is put in the place of a verb.
struct Value {
    out: Out,
    shape: Shape,
    /// It is known not to be negative.
    is_natural: bool,
}

impl Scope<'_> {
    /// Translates a call of one of both.
    pub(crate) fn formatting(&self, call: &FuncCall) -> Option<Out> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        let (pattern, rest) = arguments.split_first()?;
        match call.name.name.as_str() {
            "format" => {
                let values: Vec<Value> = rest.iter().map(|own| self.value(own)).collect();
                Some(format(&self.expression(pattern), &values))
            }
            // What may be a list or none is told apart when it is known.
            "formatlist" => Some(self.formatted(pattern, rest).unwrap_or_else(|| {
                let all: Vec<Out> = arguments.iter().map(|own| self.expression(own)).collect();
                Out::tight_of(format!("std.terraform.formatlist({})", functions::list(&all, false)))
            })),
            _ => None,
        }
    }

    fn value(&self, expression: &Expression) -> Value {
        Value {
            out: self.expression(expression),
            shape: self.shape(expression),
            is_natural: is_natural(expression),
        }
    }

    /// Translates `formatlist`, whose lists go side by side.
    fn formatted(&self, pattern: &Expression, lists: &[&Expression]) -> Option<Out> {
        let is_list = |own: &&&Expression| self.shape(own).items().is_some();
        let first = match lists {
            [only] => only,
            lists => lists.iter().find(is_list)?,
        };
        let (item, at) = (self.free("item"), self.free("at"));
        let mut values = Vec::new();
        for own in lists {
            let shape = self.shape(own);
            values.push(if own == first {
                let out = Out::tight_of(item.clone());
                Value { out, shape: shape.inner(), is_natural: false }
            } else if let Some(inner) = shape.items() {
                let out = Out::tight_of(format!("{}[{at}]", self.expression(own).tight()));
                Value { out, shape: inner.clone(), is_natural: false }
            } else if shape.is_plain() {
                self.value(own)
            } else {
                return None;
            });
        }
        let text = format(&self.expression(pattern), &values).text;
        let list = self.text(first);
        let head = if text.contains(&format!("[{at}]")) {
            format!("for {at}, {item} in {list}")
        } else {
            format!("for {item} in {list}")
        };
        Some(Out::tight_of(format!("[{head}: {text}]")))
    }
}

/// Tells whether it can be seen that a number is not negative.
pub(crate) fn is_natural(expression: &Expression) -> bool {
    let counts =
        |own: &Traversal| own.expr.as_variable().is_some_and(|own| own.as_str() == "count");
    let is_index = |own: &Traversal| matches!(own.operators.first().map(|own| own.value()), Some(TraversalOperator::GetAttr(name)) if name.as_str() == "index");
    match expression {
        Expression::Number(number) => number.as_f64().is_some_and(|own| own >= 0.0),
        Expression::Parenthesis(inner) => is_natural(inner.inner()),
        Expression::Traversal(own) => counts(own) && is_index(own),
        Expression::FuncCall(call) => call.name.name.as_str() == "length",
        Expression::BinaryOp(own) => {
            let keeps = matches!(own.operator.value(), BinaryOperator::Plus | BinaryOperator::Mul);
            keeps && is_natural(&own.lhs_expr) && is_natural(&own.rhs_expr)
        }
        _ => false,
    }
}

fn format(pattern: &Out, values: &[Value]) -> Out {
    written(&pattern.text, values).unwrap_or_else(|| {
        let mut all = vec![pattern.clone()];
        all.extend(values.iter().map(|own| own.out.clone()));
        Out::tight_of(format!("std.terraform.format({})", functions::list(&all, false)))
    })
}

/// Returns a pattern and its values as a text with `${}`.
fn written(pattern: &str, values: &[Value]) -> Option<Out> {
    let inner = pattern.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains("${") {
        return None;
    }
    let mut text = String::from("\"");
    let mut values = values.iter();
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let end = after.find(|c: char| c.is_ascii_alphabetic())?;
        text.push_str(&verb(&after[end..=end], &after[..end], values.next()?)?);
        rest = &after[end + 1..];
    }
    text.push_str(rest);
    text.push('"');
    values.next().is_none().then_some(Out { text, tight: true })
}

/// Returns what stands in the place of a verb.
fn verb(letter: &str, width: &str, value: &Value) -> Option<String> {
    let own = &value.out.text;
    match (letter, width, &value.shape) {
        ("s", "", _) | ("d", "", Shape::Number) | ("v", "", Shape::String | Shape::Bool) => {
            Some(format!("${{{own}}}"))
        }
        ("d", width, Shape::Number) if width.starts_with('0') && value.is_natural => {
            let width: usize = width.parse().ok()?;
            Some(format!("${{std.strings.pad_left(string({own}), {width}, \"0\")}}"))
        }
        ("s", width, Shape::String) => {
            let side = if width.starts_with('-') { "right" } else { "left" };
            let width: usize = width.trim_start_matches('-').parse().ok()?;
            Some(format!("${{std.strings.pad_{side}({own}, {width})}}"))
        }
        _ => None,
    }
}
