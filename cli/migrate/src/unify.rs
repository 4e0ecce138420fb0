//! What Terraform makes of values that have to be of one type.
//!
//! Takes the arguments of a function, or both sides of a conditional, and returns the shape that their elements
//! are wanted in: where one of them is a text, the others become texts, too.

use hcl_edit::expr::{Expression, FuncCall};

use crate::expression::Scope;
use crate::types::Shape;

impl Scope<'_> {
    /// Returns what the arguments of a call are made, where that is another thing than what they are.
    pub(crate) fn unified(&self, call: &FuncCall) -> Option<Shape> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        if call.args.expand_final() {
            return None;
        }
        match call.name.name.as_str() {
            "coalesce" => one(&self.shapes(&arguments)),
            "tolist" | "distinct" | "coalescelist" => {
                one(&self.elements(&arguments)).map(|own| Shape::List(Box::new(own)))
            }
            "toset" | "setunion" | "setintersection" | "setsubtract" => {
                one(&self.elements(&arguments)).map(|own| Shape::Set(Box::new(own)))
            }
            "tomap" => one(&self.elements(&arguments)).map(|own| Shape::Map(Box::new(own))),
            _ => None,
        }
    }

    /// Returns what both sides of a conditional are made, where that is another thing than what they are.
    pub(crate) fn sides(&self, all: [&Expression; 2], shapes: &[Shape; 2]) -> Option<Shape> {
        let element = || {
            let both = all.into_iter().zip(shapes);
            let elements: Vec<Shape> =
                both.flat_map(|(own, shape)| self.elements_of(own, shape)).collect();
            one(&elements).map(Box::new)
        };
        match shapes {
            [Shape::List(_), Shape::List(_)] => element().map(Shape::List),
            [Shape::Record(left), Shape::Record(right)] => {
                // Objects of the same attributes stay what they are.
                let is_same = left.iter().map(|own| &own.0).eq(right.iter().map(|own| &own.0));
                if is_same { None } else { element().map(Shape::Map) }
            }
            [Shape::Map(_), Shape::Map(_) | Shape::Record(_)]
            | [Shape::Record(_), Shape::Map(_)] => element().map(Shape::Map),
            shapes => one(shapes),
        }
    }

    fn shapes(&self, all: &[&Expression]) -> Vec<Shape> {
        all.iter().filter(|own| !own.is_null()).map(|own| self.shape(own)).collect()
    }

    /// Returns what the elements of collections are.
    fn elements(&self, all: &[&Expression]) -> Vec<Shape> {
        all.iter().flat_map(|own| self.elements_of(own, &self.shape(own))).collect()
    }

    fn elements_of(&self, collection: &Expression, shape: &Shape) -> Vec<Shape> {
        match (collection, shape) {
            (Expression::Parenthesis(inner), _) => self.elements_of(inner.inner(), shape),
            (Expression::Array(array), _) => array.iter().map(|own| self.shape(own)).collect(),
            (_, Shape::Record(fields)) => fields.iter().map(|own| own.1.clone()).collect(),
            _ => vec![shape.inner()],
        }
    }
}

/// Returns text where some values are and others are none.
fn one(shapes: &[Shape]) -> Option<Shape> {
    let is_text = |own: &Shape| *own == Shape::String;
    let is_mixed = shapes.iter().any(is_text) && !shapes.iter().all(is_text);
    (is_mixed && shapes.iter().all(Shape::is_plain)).then_some(Shape::String)
}
