//! Expressions where a value of a certain shape is wanted.
//!
//! Takes what an expression was translated to, and what is wanted where it stands; returns it with the
//! conversions that Terraform makes by itself, where what the expression gives is known.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other pair needs no conversion")]

use hcl_edit::expr::{Conditional, Expression};

use crate::expression::{Out, Scope};
use crate::text;
use crate::types::Shape;

impl Scope<'_> {
    /// Returns a translated expression as a value of a shape.
    pub(crate) fn coerced(&self, expression: &Expression, out: Out, want: &Shape) -> Out {
        if matches!(want, Shape::Any | Shape::Unit(_)) || out.text == "null" {
            return out;
        }
        let literal = literal(expression);
        // Null stays null.
        let made = |by: &str| {
            let by =
                if self.may_be_null(expression) { &format!("std.terraform.to{by}") } else { by };
            Out::tight_of(format!("{by}({})", out.text))
        };
        match (want, self.shape(expression)) {
            (Shape::String, Shape::Number | Shape::Bool) => match literal {
                Some(text) => Out::tight_of(text::string(&text)),
                None => made("string"),
            },
            (Shape::Number, Shape::String) => match literal {
                Some(text) if number(&text) => Out::tight_of(text),
                Some(_) => out,
                None => made("number"),
            },
            (Shape::Bool, Shape::String) => match literal {
                Some(text) if matches!(text.as_str(), "true" | "false") => Out::tight_of(text),
                Some(_) => out,
                None => Out::tight_of(format!("std.terraform.tobool({})", out.text)),
            },
            (Shape::List(want) | Shape::Set(want), Shape::List(own) | Shape::Set(own))
                if is_text_of(want, &own) =>
            {
                let item = self.free("item");
                Out::tight_of(format!("[for {item} in {}: string({item})]", out.text))
            }
            (Shape::Map(want), own @ (Shape::Map(_) | Shape::Record(_))) if texts(want, &own) => {
                let (key, value) = (self.free("key"), self.free("value"));
                let list = &out.text;
                let by = if own.lacks() { "std.terraform.tostring" } else { "string" };
                let text = format!("{{for {key}, {value} in {list}: {key} => {by}({value})}}");
                Out::tight_of(text)
            }
            _ => out,
        }
    }

    /// Returns what both sides of a conditional are wanted as: where one is a text, the other one is, too.
    pub(crate) fn common(&self, own: &Conditional, want: &Shape) -> Shape {
        if *want != Shape::Any {
            return want.clone();
        }
        let shapes = [self.shape(&own.true_expr), self.shape(&own.false_expr)];
        self.sides([&own.true_expr, &own.false_expr], &shapes).unwrap_or(Shape::Any)
    }

    /// Returns what a function takes, argument by argument, where it is wanted to give a value of a
    /// shape; what is not said holds for all arguments behind it, too.
    pub(crate) fn wanted(name: &str, want: &Shape) -> Vec<Shape> {
        match name {
            "merge" | "concat" | "compact" | "distinct" | "tolist" | "toset" | "tomap"
            | "coalesce" | "coalescelist" | "nonsensitive" | "sensitive" | "setunion"
            | "reverse" => {
                vec![want.clone()]
            }
            "sort" => vec![Shape::List(Box::new(Shape::String))],
            "flatten" => vec![Shape::List(Box::new(want.clone()))],
            "join" => vec![Shape::String, Shape::List(Box::new(Shape::String))],
            "base64encode" | "base64sha256" | "base64sha512" | "chomp" | "lower" | "md5"
            | "sha1" | "sha256" | "sha512" | "title" | "trim" | "trimprefix" | "trimspace"
            | "trimsuffix" | "upper" | "urlencode" | "replace" | "split" | "startswith"
            | "endswith" => vec![Shape::String],
            "substr" => vec![Shape::String, Shape::Number],
            "abs" | "ceil" | "floor" | "signum" | "max" | "min" | "pow" | "log" | "range" => {
                vec![Shape::Number]
            }
            "parseint" => vec![Shape::String, Shape::Number],
            "element" | "chunklist" | "slice" => vec![Shape::Any, Shape::Number],
            "indent" => vec![Shape::Number, Shape::String],
            "tobool" => vec![Shape::Bool],
            "cidrsubnet" | "cidrhost" => vec![Shape::String, Shape::Number],
            "sum" => vec![Shape::List(Box::new(Shape::Number))],
            _ => vec![Shape::Any],
        }
    }
}

/// Returns what a literal says.
fn literal(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Number(number) => Some(number.value().to_string()),
        Expression::Bool(value) => Some(value.value().to_string()),
        Expression::String(value) => Some(value.value().clone()),
        _ => None,
    }
}

fn number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}

/// Tells whether text is wanted where there are numbers or bools.
fn is_text_of(want: &Shape, own: &Shape) -> bool {
    *want == Shape::String && matches!(own, Shape::Number | Shape::Bool)
}

/// Tells whether the values of a map have to be made texts: all are plain, and one is none.
fn texts(want: &Shape, own: &Shape) -> bool {
    match own {
        Shape::Map(own) => is_text_of(want, own),
        Shape::Record(fields) => {
            fields.iter().all(|(_, own, _)| own.is_plain())
                && fields.iter().any(|(_, own, _)| is_text_of(want, own))
        }
        _ => false,
    }
}
