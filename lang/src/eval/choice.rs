//! `match`: which arm is taken, and whether one always is.
//!
//! Laws:
//! * Every value that the subject's type has finds an arm: by a literal, or by `_`.
//! * Only the arm that is taken is evaluated, unless the subject is unknown: what is left is then a
//!   chain of conditionals, so that a plan knows nothing of `match`.

use syncline_model::{Span, Type, Value};

use super::scope::{Failed, Scope};
use super::view::Callee;
use crate::diagnostics::incomplete_match;
use crate::ops::Operation;
use crate::syntax::ast::{Expr, ExprKind, MatchArm};

impl Scope<'_> {
    /// Evaluates a `match`.
    pub(crate) fn choose(
        &mut self,
        subject: &Expr,
        arms: &[MatchArm],
        span: Span,
    ) -> Result<Value, Failed> {
        let value = self.expression(subject)?;
        let mut patterns = Vec::with_capacity(arms.len());
        for arm in arms {
            let mut own = Vec::with_capacity(arm.patterns.len());
            for pattern in &arm.patterns {
                own.push(self.expression(pattern)?);
            }
            patterns.push(own);
        }
        let ty = self.type_of_subject(subject, &value);
        if !self.is_broken(subject) {
            self.check_arms(ty.as_ref(), arms, &patterns, (subject.span, span))?;
        }
        if value.is_unknown() {
            return self.choose_later(&value, arms, &patterns, (subject.span, span));
        }
        let fits = |own: &Vec<Value>| own.is_empty() || own.contains(value.reveal());
        let Some(at) = patterns.iter().position(fits) else {
            return self.fail(incomplete_match::no_arm(&value, subject.span));
        };
        let taken = self.expression(&arms[at].value)?;
        Ok(if value.is_secret() { Value::secret(taken) } else { taken })
    }

    /// Makes the chain of conditionals that is left of a `match` on something unknown.
    fn choose_later(
        &mut self,
        value: &Value,
        arms: &[MatchArm],
        patterns: &[Vec<Value>],
        (subject, span): (Span, Span),
    ) -> Result<Value, Failed> {
        let mut made = Vec::with_capacity(arms.len());
        for arm in arms {
            made.push(self.expression(&arm.value)?);
        }
        let mut pairs = made.into_iter().zip(patterns).rev();
        // One arm is always taken: when no other is, the last one.
        let Some((mut left, _)) = pairs.next() else { return Err(Failed) };
        for (then, own) in pairs {
            let mut condition = Value::Bool(own.is_empty());
            for pattern in own {
                let operands = [value.clone(), pattern.clone()];
                let equal = self.operate(Operation::Equal, &operands, span, &[subject])?;
                condition = self.operate(Operation::Or, &[condition, equal], span, &[])?;
            }
            left = self.operate(Operation::If, &[condition, then, left], span, &[])?;
        }
        Ok(left)
    }

    fn check_arms(
        &self,
        ty: Option<&Type>,
        arms: &[MatchArm],
        patterns: &[Vec<Value>],
        (subject, span): (Span, Span),
    ) -> Result<(), Failed> {
        let takes_all = arms.iter().any(|arm| arm.patterns.is_empty());
        let Some(cases) = ty.and_then(cases) else {
            return match takes_all {
                true => Ok(()),
                false => self.fail(incomplete_match::open(ty, subject, span)),
            };
        };
        let missing: Vec<&Value> =
            cases.iter().filter(|case| !patterns.iter().any(|own| own.contains(case))).collect();
        let mut failed = false;
        for (arm, own) in arms.iter().zip(patterns) {
            for (expr, pattern) in arm.patterns.iter().zip(own) {
                if !cases.contains(pattern) {
                    self.report(incomplete_match::never(pattern, &missing, expr.span));
                    failed = true;
                }
            }
        }
        if !missing.is_empty() && !takes_all && !failed {
            return self.fail(incomplete_match::missing(&missing, subject, span));
        }
        if failed { Err(Failed) } else { Ok(()) }
    }

    /// Tells whether something is wrong with the type of what an expression starts with, which is
    /// reported.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is declared has a written type")]
    fn is_broken(&self, expr: &Expr) -> bool {
        let written = match &expr.kind {
            ExprKind::Paren(inner) => return self.is_broken(inner),
            ExprKind::Member { base, .. } | ExprKind::Index { base, .. } => {
                return self.is_broken(base);
            }
            ExprKind::Name(name) if self.local(name).is_some() => match self.calls.view.callee {
                Some(Callee::Own(id)) => {
                    let function = self.project.function_ast(self.project.function(id));
                    let param = function.params.iter().find(|param| param.name.name == *name);
                    param.map(|param| &param.ty)
                }
                Some(Callee::Std(_)) | None => None,
            },
            ExprKind::Name(name) => {
                self.table().find(name).and_then(|slot| crate::resolve::written_type(slot.member))
            }
            _ => None,
        };
        written.is_some_and(|ty| self.project.broken_types.contains(&ty.span))
    }

    /// Returns the type that the subject is declared with, as far as that can be told.
    fn type_of_subject(&self, subject: &Expr, value: &Value) -> Option<Type> {
        if let Value::Bool(_) = value.reveal() {
            return Some(Type::Bool);
        }
        self.written_type(subject).or_else(|| match value.reveal() {
            Value::Unknown(unknown) => Some(unknown.ty.clone()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Quantity(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Secret(_) => None,
        })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is declared has a written type")]
    fn written_type(&self, expr: &Expr) -> Option<Type> {
        match &expr.kind {
            ExprKind::Paren(inner) => self.written_type(inner),
            ExprKind::Name(name) if self.local(name).is_some() => {
                let signature = match self.calls.view.callee? {
                    Callee::Std(function) => &function.signature,
                    Callee::Own(id) => &self.project.function(id).signature,
                };
                signature.params.iter().find(|param| param.name == *name).map(|own| own.ty.clone())
            }
            ExprKind::Name(name) => self.declared_type(self.table().find(name)?),
            ExprKind::Member { base, name, optional } => {
                let base = self.written_type(base)?;
                let Type::Record(record) = base.bare() else { return None };
                let field = record.get(&name.name)?;
                let nullable = field.optional && !field.ty.is_nullable() || *optional;
                Some(if nullable { field.ty.clone().optional() } else { field.ty.clone() })
            }
            _ => None,
        }
    }
}

/// Returns every value of a type that has few.
fn cases(ty: &Type) -> Option<Vec<Value>> {
    match ty {
        Type::Null => Some(vec![Value::Null]),
        Type::Bool => Some(vec![Value::Bool(true), Value::Bool(false)]),
        Type::Union(literals) => {
            Some(literals.iter().map(syncline_model::Literal::to_value).collect())
        }
        Type::Optional(inner) => {
            let mut cases = cases(inner)?;
            cases.push(Value::Null);
            Some(cases)
        }
        Type::Secret(inner) => cases(inner),
        Type::Refined(refinement) => cases(&refinement.base),
        Type::Any
        | Type::Int
        | Type::Number
        | Type::String
        | Type::Quantity(_)
        | Type::List(_)
        | Type::Set(_)
        | Type::Map(_)
        | Type::Record(_)
        | Type::Function(_)
        | Type::Variable(_) => None,
    }
}
