//! What an expression gives, as far as that can be seen.
//!
//! Takes an expression and returns its [`Shape`]; [`Shape::Any`] is what is not known. Terraform converts
//! values where they are used and goes through lists and maps alike; here both are said in the source, and
//! what has to be said depends on what there is.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind says nothing of its value")]

use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, FuncCall, Object, Traversal, TraversalOperator,
    UnaryOperator,
};
use hcl_edit::template::Element;
use syncline_model::Type;

use crate::expression::{Bound, Scope};
use crate::names::{Instances, Named};
use crate::types::{Optional, Shape, key_text};

impl Shape {
    /// Returns the shape of a type.
    #[must_use]
    pub fn of(ty: &Type) -> Self {
        match ty.bare() {
            Type::String => Self::String,
            Type::Number | Type::Int => Self::Number,
            Type::Bool => Self::Bool,
            Type::List(element) => Self::List(Box::new(Self::of(element))),
            Type::Set(element) => Self::Set(Box::new(Self::of(element))),
            Type::Map(value) => Self::Map(Box::new(Self::of(value))),
            Type::Record(record) => {
                let field = |(name, field): &(syncline_model::Str, syncline_model::Field)| {
                    (name.to_string(), Self::of(&field.ty), Optional::No)
                };
                Self::Record(record.fields.iter().map(field).collect())
            }
            _ => Self::Any,
        }
    }

    /// Returns what a text, a number or a bool is that is written out.
    #[must_use]
    pub const fn of_literal(expression: &Expression) -> Self {
        match expression {
            Expression::Bool(_) => Self::Bool,
            Expression::Number(_) => Self::Number,
            Expression::String(_) => Self::String,
            _ => Self::Any,
        }
    }

    /// Returns what elements, values or fields are, where that is one thing.
    #[must_use]
    pub fn inner(&self) -> Self {
        match self {
            Self::List(inner) | Self::Set(inner) | Self::Map(inner) => (**inner).clone(),
            Self::Record(fields) => {
                Self::all(fields.iter().map(|(_, shape, _)| shape.clone()).collect())
            }
            _ => Self::Any,
        }
    }

    /// Returns what is reached by a name.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        match self {
            Self::Record(fields) => fields
                .iter()
                .find(|(own, ..)| own == name)
                .map_or(Self::Any, |(_, shape, _)| shape.clone()),
            Self::Map(inner) => (**inner).clone(),
            _ => Self::Any,
        }
    }

    /// Tells whether a field may be left out, and is null then.
    pub(crate) fn may_lack(&self, name: &str) -> bool {
        let Self::Record(fields) = self else { return false };
        fields.iter().any(|(own, _, optional)| own == name && *optional == Optional::Yes(None))
    }

    /// Returns what the elements of a list or a set are.
    #[must_use]
    pub fn items(&self) -> Option<&Self> {
        match self {
            Self::List(inner) | Self::Set(inner) => Some(inner),
            _ => None,
        }
    }

    /// Tells whether one of its fields may be left out, and is null then.
    pub(crate) fn lacks(&self) -> bool {
        matches!(self, Self::Record(fields) if fields.iter().any(|(name, ..)| self.may_lack(name)))
    }

    /// Tells whether it is text, a number or a bool.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        matches!(self, Self::String | Self::Number | Self::Bool)
    }

    /// Tells whether it is known that something of another shape is of another kind: a list and a text, a number and a
    /// bool.
    #[must_use]
    pub fn is_another_kind(&self, other: &Self) -> bool {
        let kind = |own: &Self| match own {
            Self::Any => None,
            Self::String => Some(0),
            Self::Number => Some(1),
            Self::Bool => Some(2),
            Self::List(_) | Self::Set(_) => Some(3),
            Self::Map(_) | Self::Record(_) | Self::Unit(_) => Some(4),
        };
        kind(self).zip(kind(other)).is_some_and(|(own, other)| own != other)
    }

    /// Returns the one shape of some values.
    fn all(shapes: Vec<Self>) -> Self {
        let mut shapes = shapes.into_iter();
        let Some(first) = shapes.next() else { return Self::Any };
        shapes.fold(first, Self::or)
    }

    /// Returns what one of two values is.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            // Nothing tells nothing of what would be there.
            (Self::Record(none), other @ (Self::Map(_) | Self::Record(_)))
            | (other @ (Self::Map(_) | Self::Record(_)), Self::Record(none))
                if none.is_empty() =>
            {
                other
            }
            (Self::Set(left), Self::Set(right)) => Self::Set(Box::new(left.or(*right))),
            (Self::List(left) | Self::Set(left), Self::List(right) | Self::Set(right)) => {
                Self::List(Box::new(left.or(*right)))
            }
            (left @ (Self::Map(_) | Self::Record(_)), right @ (Self::Map(_) | Self::Record(_))) => {
                Self::Map(Box::new(left.inner().or(right.inner())))
            }
            _ => Self::Any,
        }
    }
}

impl Scope<'_> {
    /// Tells whether it can be seen that an expression may give null.
    #[must_use]
    pub fn may_be_null(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Null(_) => true,
            Expression::Parenthesis(inner) => self.may_be_null(inner.inner()),
            Expression::Conditional(own) => {
                self.may_be_null(&own.true_expr) || self.may_be_null(&own.false_expr)
            }
            Expression::FuncCall(call) => match call.name.name.as_str() {
                "lookup" => call.args.iter().last().is_some_and(|own| self.may_be_null(own)),
                "nonsensitive" | "sensitive" | "tobool" | "tonumber" | "tostring" | "try" => {
                    call.args.iter().any(|own| self.may_be_null(own))
                }
                "one" => true,
                _ => false,
            },
            Expression::Traversal(own) => {
                let Some(TraversalOperator::GetAttr(name)) =
                    own.operators.last().map(|operator| operator.value())
                else {
                    return false;
                };
                let is_variable = own.operators.len() == 1
                    && own.expr.as_variable().is_some_and(|root| root.as_str() == "var");
                if is_variable {
                    return self.names.is_nullable(name.as_str());
                }
                let is_local = own.operators.len() == 1
                    && own.expr.as_variable().is_some_and(|root| root.as_str() == "local");
                if is_local {
                    return self.names.may_be_null(name.as_str(), self);
                }
                let mut before = Traversal::new(own.expr.clone(), Vec::new());
                before.operators = own.operators[..own.operators.len() - 1].to_vec();
                let before = if before.operators.is_empty() { before.expr } else { before.into() };
                self.shape(&before).may_lack(name.as_str())
            }
            _ => false,
        }
    }

    /// Tells whether it can be seen that an expression gives a set.
    pub(crate) fn is_set(&self, expression: &Expression) -> bool {
        matches!(self.shape(expression), Shape::Set(_))
    }

    /// Returns what an expression gives.
    #[must_use]
    pub fn shape(&self, expression: &Expression) -> Shape {
        match expression {
            Expression::Bool(_) => Shape::Bool,
            Expression::Number(_) => Shape::Number,
            Expression::String(_) | Expression::HeredocTemplate(_) => Shape::String,
            Expression::StringTemplate(own) => match own.as_single_element() {
                Some(Element::Interpolation(only)) => self.shape(&only.expr),
                Some(_) | None => Shape::String,
            },
            Expression::Array(array) => {
                Shape::List(Box::new(Shape::all(array.iter().map(|own| self.shape(own)).collect())))
            }
            Expression::Object(object) => self.shape_of_object(object),
            Expression::Parenthesis(inner) => self.shape(inner.inner()),
            Expression::Variable(name) => self.shape_of_bound(name.as_str(), &[]),
            Expression::Conditional(own) if own.true_expr.is_null() => self.shape(&own.false_expr),
            Expression::Conditional(own) if own.false_expr.is_null() => self.shape(&own.true_expr),
            Expression::Conditional(own) => {
                let shapes = [self.shape(&own.true_expr), self.shape(&own.false_expr)];
                let unified = self.sides([&own.true_expr, &own.false_expr], &shapes);
                let [left, right] = shapes;
                unified.unwrap_or_else(|| left.or(right))
            }
            Expression::FuncCall(call) => self.shape_of_call(call),
            Expression::Traversal(traversal) => self.shape_of_traversal(traversal),
            Expression::UnaryOp(own) => match own.operator.value() {
                UnaryOperator::Neg => Shape::Number,
                UnaryOperator::Not => Shape::Bool,
            },
            Expression::BinaryOp(own) => match own.operator.value() {
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Mul
                | BinaryOperator::Div
                | BinaryOperator::Mod => Shape::Number,
                _ => Shape::Bool,
            },
            Expression::ForExpr(own) => self.shape_of_comprehension(own),
            _ => Shape::Any,
        }
    }

    fn shape_of_object(&self, object: &Object) -> Shape {
        let is_plain = |key: &hcl_edit::expr::ObjectKey| !key_text(key).is_empty();
        if !object.iter().all(|(key, _)| is_plain(key)) {
            let values = object.iter().map(|(_, value)| self.shape(value.expr())).collect();
            return Shape::Map(Box::new(Shape::all(values)));
        }
        let fields = object
            .iter()
            .map(|(key, value)| (key_text(key), self.shape(value.expr()), Optional::No));
        Shape::Record(fields.collect())
    }

    fn shape_of_comprehension(&self, own: &ForExpr) -> Shape {
        let names = [own.intro.key_var.as_ref(), Some(&own.intro.value_var)];
        let names: Vec<&str> = names.into_iter().flatten().map(|name| name.as_str()).collect();
        let (inside, _) = self.binding(&names, &self.shape(&own.intro.collection_expr));
        let value = Box::new(inside.shape(&own.value_expr));
        match (&own.key_expr, own.grouping) {
            (Some(_), true) => Shape::Map(Box::new(Shape::List(value))),
            (Some(_), false) => Shape::Map(value),
            (None, _) => Shape::List(value),
        }
    }

    fn shape_of_call(&self, call: &FuncCall) -> Shape {
        let argument = |at: usize| call.args.get(at).map_or(Shape::Any, |own| self.shape(own));
        let list = |inner: Shape| Shape::List(Box::new(inner));
        if let Some(unified) = self.unified(call) {
            return unified;
        }
        if !call.name.namespace.is_empty() {
            return Shape::Any;
        }
        match call.name.name.as_str() {
            "abs" | "ceil" | "floor" | "index" | "length" | "log" | "max" | "min" | "parseint"
            | "pow" | "signum" | "sum" | "timecmp" | "tonumber" => Shape::Number,
            "alltrue" | "anytrue" | "can" | "cidrcontains" | "contains" | "endswith"
            | "fileexists" | "startswith" | "strcontains" | "tobool" => Shape::Bool,
            "keys" | "split" | "compact" | "cidrsubnets" | "formatlist" => list(Shape::String),
            "fileset" => Shape::Set(Box::new(Shape::String)),
            "range" => list(Shape::Number),
            "concat" => Shape::all(call.args.iter().map(|own| self.shape(own)).collect()).list(),
            "coalescelist" => Shape::all(call.args.iter().map(|own| self.shape(own)).collect()),
            "distinct" | "reverse" | "slice" | "sort" | "tolist" => argument(0).list(),
            "setunion" | "setintersection" | "setsubtract" | "toset" => {
                Shape::Set(Box::new(argument(0).inner()))
            }
            "flatten" => list(argument(0).inner().items().cloned().unwrap_or(Shape::Any)),
            "chunklist" => list(argument(0).list()),
            "setproduct" if call.args.iter().any(|own| self.is_set(own)) => {
                Shape::Set(Box::new(list(Shape::Any)))
            }
            "setproduct" => list(list(Shape::Any)),
            "values" => list(argument(0).inner()),
            "element" | "one" => argument(0).inner(),
            "lookup" => argument(0).inner(),
            "merge" | "tomap" => {
                let all = Shape::all(call.args.iter().map(|own| self.shape(own)).collect());
                Shape::Map(Box::new(all.inner()))
            }
            "zipmap" => Shape::Map(Box::new(argument(1).inner())),
            "coalesce" | "try" => Shape::all(call.args.iter().map(|own| self.shape(own)).collect()),
            "nonsensitive" | "sensitive" => argument(0),
            "transpose" => Shape::Map(Box::new(list(Shape::String))),
            "csvdecode" => list(Shape::Map(Box::new(Shape::String))),
            "csvencode" | "jsondecode" | "yamldecode" | "regex" | "regexall" | "matchkeys" => {
                Shape::Any
            }
            name if crate::functions::is_known(name) => Shape::String,
            _ => Shape::Any,
        }
    }

    fn shape_of_traversal(&self, traversal: &Traversal) -> Shape {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let Expression::Variable(root) = &traversal.expr else {
            return steps(self.shape(&traversal.expr), &operators);
        };
        let name = |at: usize| match operators.get(at) {
            Some(TraversalOperator::GetAttr(name)) => name.as_str(),
            _ => "",
        };
        let rest = |used: usize| operators.get(used..).unwrap_or_default();
        if self.bound.iter().any(|(own, _)| own == root.as_str()) {
            return self.shape_of_bound(root.as_str(), &operators);
        }
        if let Some(plain) = self.without_word(traversal) {
            return self.shape_of_traversal(&plain);
        }
        let of = |kind: &str, label: &str| (kind.to_owned(), label.to_owned());
        match root.as_str() {
            "var" => steps(self.names.shape_of_variable(name(0)), rest(1)),
            "local" => steps(self.names.shape_of_local(name(0), self), rest(1)),
            "each" if name(0) == "key" => Shape::String,
            "each" => steps(self.each.clone(), rest(1)),
            "count" => Shape::Number,
            "path" | "terraform" => Shape::String,
            "module" => {
                let named = self.names.modules.get(name(0));
                let unit = Shape::Unit(name(0).to_owned());
                named.map_or(Shape::Any, |own| steps(many(own, unit), rest(1)))
            }
            "data" => {
                let named = self.names.data.get(&of(name(0), name(1)));
                named.map_or(Shape::Any, |own| steps(many(own, attributes(own)), rest(2)))
            }
            kind => {
                let named = self.names.resources.get(&of(kind, name(0)));
                named.map_or(Shape::Any, |own| steps(many(own, attributes(own)), rest(1)))
            }
        }
    }

    /// Returns the shape of what a comprehension or a dynamic block binds.
    fn shape_of_bound(&self, name: &str, operators: &[&TraversalOperator]) -> Shape {
        match self.bound.iter().rev().find(|(own, _)| own == name) {
            Some((_, Bound::Variable(_, shape))) => steps(shape.clone(), operators),
            Some((_, Bound::Iterator(_, _, shape))) => match operators {
                [TraversalOperator::GetAttr(own), ..] if own.as_str() == "key" => Shape::Any,
                [_, rest @ ..] => steps(shape.clone(), rest),
                [] => Shape::Any,
            },
            None => Shape::Any,
        }
    }
}

impl Shape {
    /// Returns a list of what a list, a set or a map holds.
    fn list(self) -> Self {
        Self::List(Box::new(self.inner()))
    }
}

/// Returns the attributes of a resource.
fn attributes(named: &Named) -> Shape {
    let Some(schema) = &named.schema else { return Shape::Any };
    let fields = schema.block.attributes.iter();
    let fields = fields.map(|(name, own)| (name.to_string(), Shape::of(&own.ty), Optional::No));
    Shape::Record(fields.collect())
}

/// Returns a resource or a module with its instances.
fn many(named: &Named, one: Shape) -> Shape {
    match named.instances {
        Instances::One => one,
        Instances::Maybe | Instances::Count => Shape::List(Box::new(one)),
        Instances::Each => Shape::Map(Box::new(one)),
    }
}

/// Returns what is reached from a value.
pub(crate) fn steps(mut shape: Shape, operators: &[&TraversalOperator]) -> Shape {
    for (at, operator) in operators.iter().enumerate() {
        shape = match operator {
            TraversalOperator::GetAttr(name) => shape.member(name.as_str()),
            TraversalOperator::Index(Expression::String(name)) => shape.member(name.value()),
            TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => shape.inner(),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                let one = match shape {
                    Shape::List(inner) | Shape::Set(inner) => *inner,
                    other => other,
                };
                let (inside, behind) = split_splat(operator, &operators[at + 1..]);
                return steps(Shape::List(Box::new(steps(one, inside))), behind);
            }
        };
    }
    shape
}

/// Splits what stands behind a splat: what holds for each element, and what for the list. `a.*.b[0]` is the
/// first of many, and `a[*].b[0]` the first of each.
#[must_use]
pub fn split_splat<'o>(
    splat: &TraversalOperator,
    rest: &'o [&'o TraversalOperator],
) -> (&'o [&'o TraversalOperator], &'o [&'o TraversalOperator]) {
    if matches!(splat, TraversalOperator::FullSplat(_)) {
        return (rest, &[]);
    }
    let is_name = |own: &&TraversalOperator| matches!(own, TraversalOperator::GetAttr(_));
    rest.split_at(rest.iter().position(|own| !is_name(own)).unwrap_or(rest.len()))
}
