//! The parts of an expression.
//!
//! Gives the expressions that stand directly in another one, in the order of the source, and tells
//! whether something is anywhere in it. It binds no names: whoever needs to know which variable is
//! seen where has a walk of its own, and asks here for all that binds nothing.

use super::ast::{Expr, ExprKind, MapEntry, MapKey, Part};

/// Gives every expression that stands directly in this one; patterns of a `match` too.
pub(crate) fn children<'a>(expr: &'a Expr, each: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Quantity(_)
        | ExprKind::String(_)
        | ExprKind::Name(_)
        | ExprKind::Offered { .. }
        | ExprKind::Error => {}
        ExprKind::Template(parts) => {
            for part in parts {
                if let Part::Expr(expr) = part {
                    each(expr);
                }
            }
        }
        ExprKind::Member { base, .. } => each(base),
        ExprKind::Index { base, index, .. } => {
            [base, index].into_iter().for_each(|part| each(part))
        }
        ExprKind::Call { callee, args } => {
            each(callee);
            args.iter().for_each(|arg| each(&arg.value));
        }
        ExprKind::Unary { operand, .. } => each(operand),
        ExprKind::Binary { operands, .. } => {
            [&operands.left, &operands.right].into_iter().for_each(&mut *each);
        }
        ExprKind::Compare { first, rest } => {
            each(first);
            rest.iter().for_each(|(_, operand)| each(operand));
        }
        ExprKind::If(choice) => {
            [&choice.condition, &choice.then, &choice.otherwise].into_iter().for_each(each);
        }
        ExprKind::Match { subject, arms } => {
            each(subject);
            for arm in arms {
                arm.patterns.iter().for_each(&mut *each);
                each(&arm.value);
            }
        }
        ExprKind::Lambda(lambda) => each(&lambda.body),
        ExprKind::List(items) => items.iter().for_each(|item| each(&item.value)),
        ExprKind::Map(entries) => entries.iter().for_each(|own| entry(own, each)),
        ExprKind::ListFor(made) | ExprKind::MapFor(made) => {
            each(&made.source);
            let parts = [made.condition.as_ref(), made.key.as_ref(), Some(&made.value)];
            parts.into_iter().flatten().for_each(each);
        }
        ExprKind::Paren(inner) => each(inner),
    }
}

fn entry<'a>(entry: &'a MapEntry, each: &mut dyn FnMut(&'a Expr)) {
    match entry {
        MapEntry::Set { key, value } => {
            if let MapKey::Computed(key) = key {
                each(key);
            }
            each(value);
        }
        MapEntry::Shorthand(_) => {}
        MapEntry::Spread(value) => each(value),
    }
}

/// Tells whether something holds for an expression or for one anywhere in it.
pub(crate) fn any(expr: &Expr, holds: &mut dyn FnMut(&Expr) -> bool) -> bool {
    if holds(expr) {
        return true;
    }
    let mut found = false;
    children(expr, &mut |part| found = found || any(part, holds));
    found
}
