//! Expressions where a value of a certain shape is wanted.
//!
//! Takes what an expression was translated to, and what is wanted where it stands; returns it with the
//! conversions that Terraform makes by itself, where what the expression gives is known.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other pair needs no conversion")]

use hcl_edit::expr::{Conditional, Expression, Traversal, TraversalOperator};
use hcl_edit::{Decorated, Ident};

use crate::expression::{Out, Scope};
use crate::text;
use crate::types::{Optional, Shape};

impl Scope<'_> {
    /// Returns a translated expression as a value of a shape.
    pub(crate) fn coerced(&self, expression: &Expression, out: Out, want: &Shape) -> Out {
        if matches!(want, Shape::Any | Shape::Unit(_)) || out.text == "null" {
            return out;
        }
        let shape = self.shape(expression);
        match (want, &shape, literal(expression)) {
            (Shape::String, Shape::Number | Shape::Bool, Some(text)) => {
                Out::tight_of(text::string(&text))
            }
            (Shape::Number, Shape::String, Some(text)) if number(&text) => Out::tight_of(text),
            (Shape::Bool, Shape::String, Some(text))
                if matches!(text.as_str(), "true" | "false") =>
            {
                Out::tight_of(text)
            }
            (_, _, Some(_)) => out,
            // What is read from YAML has numbers and bools where texts are wanted.
            (Shape::Map(inner) | Shape::List(inner) | Shape::Set(inner), Shape::Any, None)
                if **inner == Shape::String
                    && self.is_value(expression)
                    && !self.is_variable(expression) =>
            {
                Out::tight_of(format!("std.terraform.texts({})", out.text))
            }
            (Shape::String | Shape::Number | Shape::Bool, Shape::Any, None)
                if self.is_dynamic(expression, want) =>
            {
                let by = match want {
                    Shape::String => "tostring",
                    Shape::Number => "tonumber",
                    _ => "tobool",
                };
                Out::tight_of(format!("std.terraform.{by}({})", out.text))
            }
            (want, shape, None) => {
                let may_be_null = self.may_be_null(expression);
                self.fitted(&out, (shape, want), may_be_null).unwrap_or(out)
            }
        }
    }

    /// Tells whether it is said of something that it may be anything: by the schema of a resource, or the type of a
    /// variable; or that a variable is given something else.
    fn is_dynamic(&self, expression: &Expression, want: &Shape) -> bool {
        let Some(own) = expression.as_traversal() else { return false };
        if self.is_variable(expression)
            && let Some(TraversalOperator::GetAttr(name)) =
                own.operators.first().map(|own| own.value())
        {
            return self.names.is_given_others(name.as_str(), want);
        }
        own.operators.iter().enumerate().any(|(at, operator)| {
            let TraversalOperator::GetAttr(name) = operator.value() else { return false };
            let mut before = Traversal::new(own.expr.clone(), Vec::new());
            before.operators = own.operators[..at].to_vec();
            let before = if at == 0 { before.expr } else { before.into() };
            let shape = self.shape(&before);
            shape.has(name.as_str()) && shape.member(name.as_str()) == Shape::Any
        })
    }

    /// Tells whether an expression is a variable as a whole: what is given to that is seen where it is given.
    fn is_variable(&self, expression: &Expression) -> bool {
        expression.as_traversal().is_some_and(|own| {
            own.operators.len() == 1
                && own.expr.as_variable().is_some_and(|own| own.as_str() == "var")
        })
    }

    /// Returns a value as another shape has it; nothing where it is that already.
    fn fitted(&self, own: &Out, (have, want): (&Shape, &Shape), may_be_null: bool) -> Option<Out> {
        // Null stays null.
        let made = |by: &str| {
            let by = if may_be_null { &format!("std.terraform.to{by}") } else { by };
            Some(Out::tight_of(format!("{by}({})", own.text)))
        };
        let whole = |text: String| {
            Some(if may_be_null {
                Out::loose(format!("if {} == null then null else {text}", own.tight()))
            } else {
                Out::tight_of(text)
            })
        };
        match (want, have) {
            (Shape::String, Shape::Number | Shape::Bool) => made("string"),
            (Shape::Number, Shape::String) => made("number"),
            (Shape::Bool, Shape::String) => {
                Some(Out::tight_of(format!("std.terraform.tobool({})", own.text)))
            }
            (Shape::List(want) | Shape::Set(want), Shape::List(have) | Shape::Set(have)) => {
                let item = self.free("item");
                let one = self.fitted(&Out::tight_of(item.clone()), (have, want), false)?;
                whole(format!("[for {item} in {}: {}]", own.text, one.text))
            }
            (Shape::Map(want), Shape::Map(_) | Shape::Record(_)) => {
                let (key, value) = (self.free("key"), self.free("value"));
                let item = Out::tight_of(value.clone());
                let all = if texts(want, have) { Shape::Number } else { have.inner() };
                let one = self.fitted(&item, (&all, want), have.lacks())?;
                let text = format!("{{for {key}, {value} in {}: {key} => {}}}", own.text, one.text);
                whole(text)
            }
            (Shape::Record(want), Shape::Record(_) | Shape::Unit(_)) => {
                self.narrowed(own, have, want).and_then(whole)
            }
            _ => None,
        }
    }

    /// Returns a record with the fields that are wanted and no others, which Terraform drops.
    fn narrowed(
        &self,
        own: &Out,
        have: &Shape,
        want: &[(String, Shape, Optional)],
    ) -> Option<String> {
        let is_name = own.text.chars().all(|own| own.is_alphanumeric() || "_.?[]\"".contains(own));
        let item = if is_name { own.clone() } else { Out::tight_of(self.free("item")) };
        let callee = match have {
            Shape::Unit(label) => Some(self.names.modules.get(label)?.callee.clone()?),
            _ => None,
        };
        let mut changes = callee.is_some();
        if let Shape::Record(fields) = have {
            changes = fields.iter().any(|(own, ..)| !want.iter().any(|(name, ..)| own == name));
        }
        let mut entries = Vec::new();
        for (name, want, _) in want {
            let field = match &callee {
                Some(callee) => callee.outputs.get(name),
                None => Some(name).filter(|name| have.has(name)),
            };
            let Some(field) = field else { continue };
            let value = self.steps(
                item.clone(),
                &[&TraversalOperator::GetAttr(Decorated::new(Ident::new(field.as_str())))],
            );
            let fitted = self.fitted(&value, (&have.member(name), want), have.may_lack(name));
            changes |= fitted.is_some();
            entries.push(format!("{} = {}", text::key(name), fitted.unwrap_or(value).text));
        }
        let record = format!("{{ {} }}", entries.join(", "));
        changes.then(|| {
            if is_name {
                record
            } else {
                format!("std.lists.first([for {} in [{}]: {record}])", item.text, own.text)
            }
        })
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
        Expression::Number(number) => Some(text::number(number)),
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
