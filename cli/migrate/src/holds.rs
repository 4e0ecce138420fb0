//! What is put together in `try` and `can`: the conditions under which it does not fail.
//!
//! Takes an expression and returns what has to hold so that its plain translation gives a value: that what its parts
//! lead to is there, is not null where an operator takes no null, and reads as what is wanted.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind is attempted as a whole")]

use hcl_edit::expr::{BinaryOperator, Expression, FuncCall};

use crate::expression::{Out, Scope};
use crate::functions;
use crate::tries::Attempt;
use crate::types::Shape;

/// What Terraform reads as a bool.
const BOOL: &str = "^(true|false|1|0)$";
/// What Terraform reads as a number, as Go does.
const NUMBER: &str = r"^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$";

impl Scope<'_> {
    /// Attempts what is put together by operators and conditions.
    pub(crate) fn composed(&self, whole: &Expression) -> Option<Attempt> {
        let holds = self.holding(whole)?;
        Some(under(&holds, self.expression(whole)))
    }

    /// Attempts the call of a function with arguments that may each be absent.
    pub(crate) fn composed_call(
        &self,
        call: &FuncCall,
        refuses: &dyn Fn(&Expression) -> bool,
    ) -> Option<Attempt> {
        let mut holds = Vec::new();
        for own in &call.args {
            if refuses(own) {
                self.holding_as(own, &Shape::Any, &mut holds)?;
            } else {
                holds.extend(self.holding(own)?);
            }
        }
        Some(under(&holds, self.call(call, &Shape::Any)))
    }

    /// Attempts a conversion to a bool, a number or a text.
    pub(crate) fn conversion(&self, name: &str, own: &Expression) -> Option<Attempt> {
        let attempt = self.attempt(own)?;
        let shape = self.shape(own);
        let pattern = match (name, &shape) {
            ("tobool", Shape::Bool)
            | ("tonumber", Shape::Number)
            | ("tostring", Shape::String | Shape::Number | Shape::Bool) => return Some(attempt),
            ("tobool", _) => BOOL,
            ("tonumber", _) => NUMBER,
            _ => return None,
        };
        let (holds, out) = match attempt {
            Attempt::Safe(out) => (None, out),
            Attempt::Where(holds, out) => (Some(holds), out),
            other => (None, other.or_null()),
        };
        let reads = format!("std.regex.matches({}, \"{pattern}\")", as_text(&out, &shape));
        let holds: Vec<String> = holds.into_iter().map(|own| own.tight()).chain([reads]).collect();
        let made = functions::call(name, &[out], false)?;
        Some(under(&holds, made))
    }

    /// Returns what has to hold so that an expression gives a value.
    fn holding(&self, expression: &Expression) -> Option<Vec<String>> {
        let mut all = Vec::new();
        match expression {
            Expression::Parenthesis(inner) => return self.holding(inner.inner()),
            Expression::Conditional(own) => {
                self.holding_as(&own.cond_expr, &Shape::Bool, &mut all)?;
                let (yes, no) = (self.holding(&own.true_expr)?, self.holding(&own.false_expr)?);
                let condition = self.converted(&own.cond_expr, &Shape::Bool);
                all.extend(match (yes.is_empty(), no.is_empty()) {
                    (true, true) => None,
                    (true, false) => {
                        Some(format!("({} || {})", condition.tight(), no.join(" && ")))
                    }
                    _ => {
                        let or_true = |own: &[String]| match own {
                            [] => "true".to_owned(),
                            own => own.join(" && "),
                        };
                        let (yes, no) = (or_true(&yes), or_true(&no));
                        Some(format!("(if {} then {yes} else {no})", condition.text))
                    }
                });
            }
            Expression::BinaryOp(own) => {
                let takes_null =
                    matches!(own.operator.value(), BinaryOperator::Eq | BinaryOperator::NotEq);
                let (_, want) = crate::expression::operator(*own.operator.value());
                for side in [&own.lhs_expr, &own.rhs_expr] {
                    if takes_null {
                        all.extend(self.holding(side)?);
                    } else {
                        self.holding_as(side, &want, &mut all)?;
                    }
                }
            }
            Expression::UnaryOp(own) => self.holding_as(&own.expr, &Shape::Any, &mut all)?,
            other => match self.attempt_alone(other)? {
                Attempt::Safe(_) => {}
                Attempt::Where(holds, _) => all.push(holds.tight()),
                Attempt::Key(map, key) => {
                    let map = Out { tight: !map.contains(' '), text: map }.tight();
                    all.push(format!("({key} in {map})"));
                }
                Attempt::Perhaps(out) => all.push(format!("({} != null)", out.tight())),
            },
        }
        all.dedup();
        Some(all)
    }

    /// Adds what has to hold so that an expression gives a value that is not null, and reads as one of a shape.
    fn holding_as(
        &self,
        expression: &Expression,
        want: &Shape,
        all: &mut Vec<String>,
    ) -> Option<()> {
        let shape = self.shape(expression);
        let may_be_null = shape == Shape::Any || self.may_be_null(expression);
        let (is_there, out) = match self.attempt(expression)? {
            Attempt::Safe(out) => (!may_be_null, out),
            Attempt::Where(holds, out) => {
                all.push(holds.tight());
                (!may_be_null, out)
            }
            other => (false, other.or_null()),
        };
        match (want, &shape) {
            (Shape::Bool | Shape::Number, Shape::String) => {
                let pattern = if *want == Shape::Bool { BOOL } else { NUMBER };
                let text = as_text(&out, &shape);
                all.push(format!("std.regex.matches({text}, \"{pattern}\")"));
            }
            _ if !is_there => all.push(format!("({} != null)", out.tight())),
            _ => {}
        }
        Some(())
    }
}

/// Returns an expression that is there where conditions hold.
fn under(holds: &[String], out: Out) -> Attempt {
    match holds {
        [] => Attempt::Safe(out),
        [only] => Attempt::Where(Out::loose(without_brackets(only)), out),
        all => Attempt::Where(Out::loose(all.join(" && ")), out),
    }
}

/// Returns a condition without the brackets around the whole of it.
fn without_brackets(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|own| own.strip_suffix(')')) else {
        return text;
    };
    let mut open = 0_usize;
    let closes_early = inner.bytes().any(|byte| {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => return true,
            b')' => open -= 1,
            _ => {}
        }
        false
    });
    if closes_early { text } else { inner }
}

/// Returns a value as a text, which is empty where there is none.
fn as_text(out: &Out, shape: &Shape) -> String {
    match shape {
        Shape::String => format!("{} ?? \"\"", out.tight()),
        _ => format!("std.terraform.tostring({}) ?? \"\"", out.text),
    }
}
