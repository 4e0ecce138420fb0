//! What no value of this environment leads to: branches that are not taken, bodies of loops over
//! nothing, functions that nobody calls.
//!
//! Takes a scope whose members have been evaluated, and goes once more through every expression that
//! has a branch, a loop or a lambda: now each name stands for an unknown of its type, so that every
//! branch is looked at. Returns nothing, and reports what is certain to be wrong by its types alone.
//!
//! Laws:
//! * What holds for some value of the types is never reported.
//! * What evaluation reported is not reported again, and what failed there stays silent here.
//! * An expression is gone through once for each environment that has it, however many instances it
//!   makes; those without a branch are not gone through.

use std::sync::Arc;

use syncline_model::{Diagnostic, Field, RecordType, Residual, Str, Type, Unknown, Value};

use super::SlotValue;
use super::coerce::Site;
use super::scope::{Failed, Scope};
use super::view::Closure;
use crate::diagnostics::{
    bad_call, incomplete_match, not_a_value, operation_failed, type_mismatch, unknown_attribute,
    unknown_function, unknown_member,
};
use crate::ops::type_of;
use crate::resolve::{FunctionId, Op, OpKind, PathStep, Slot, SlotKind};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::syntax::visit;

/// What types alone can tell.
const BY_TYPE: [syncline_model::Code; 8] = [
    type_mismatch::CODE,
    unknown_attribute::CODE,
    bad_call::CODE,
    unknown_function::CODE,
    unknown_member::CODE,
    incomplete_match::CODE,
    operation_failed::CODE,
    not_a_value::CODE,
];

/// Returns a value that is not known, of a type.
pub(super) fn unknown(ty: Type) -> Value {
    // Whether it is null is not known either.
    let ty = if ty == Type::Null { Type::Any } else { ty };
    let secret = ty.is_secret();
    let value = Value::Unknown(Arc::new(Unknown { ty, residual: Residual::Provider }));
    if secret { Value::secret(value) } else { value }
}

/// Reports what is wrong with what was not evaluated.
pub(super) fn explore(scope: &mut Scope<'_>) {
    let found = scope.diagnostics.take();
    scope.explores = true;
    let mut forgot = false;
    for table in 0..scope.tables.list.len() {
        let Some(frame) = scope.tables.list[table].frames.first().copied() else { continue };
        let slots = &scope.tables.list[table].table.slots;
        for slot in slots.values() {
            for op in winners(&slot.ops()) {
                let Some(expr) = op.kind.expr() else { continue };
                if !branches(expr) {
                    continue;
                }
                if !std::mem::replace(&mut forgot, true) {
                    forget(scope);
                }
                scope.frame = frame;
                let _reported = operation(scope, slot, op, expr);
            }
        }
        for ensure in &scope.tables.list[table].table.ensures {
            // The message is only made where the condition does not hold.
            let parts = [(ensure.condition, Type::Bool), (ensure.message, Type::String)];
            for (expr, ty) in parts {
                let is_message = ty == Type::String;
                if !branches(expr) && (!is_message || matches!(expr.kind, ExprKind::String(_))) {
                    continue;
                }
                if !std::mem::replace(&mut forgot, true) {
                    forget(scope);
                }
                scope.frame = frame;
                scope.begin(ensure.layer);
                let _reported = scope.expression(expr).map(|_| outcomes(scope, expr, &ty, None));
            }
        }
    }
    scope.frame = 0;
    for at in 0..scope.project.functions.len() {
        let _reported = function(scope, FunctionId(at as u32));
    }
    scope.explores = false;
    let mut explored = scope.diagnostics.replace(found);
    explored.retain(|own| BY_TYPE.contains(&own.code));
    let mut found = scope.diagnostics.borrow_mut();
    // The branch at fault says more than the whole of which it is a part.
    explored.sort_by_key(|own| own.span().map(|span| (span.file, span.start)));
    found.retain(|whole| !has_part(whole, &explored));
    found.extend(explored);
}

/// Tells whether one of the reports, which are sorted by their places, is about a part of what another is
/// about.
fn has_part(whole: &Diagnostic, explored: &[Diagnostic]) -> bool {
    let Some(span) = whole.span() else { return false };
    let place = |own: &Diagnostic| own.span().map(|span| (span.file, span.start));
    let first = explored.partition_point(|own| place(own) < Some((span.file, span.start)));
    let inside = explored[first..].iter();
    let mut inside = inside.take_while(|own| place(own) <= Some((span.file, span.end)));
    inside.any(|part| is_part(part, whole))
}

/// Tells whether a report is about a part of what another one is about.
fn is_part(part: &Diagnostic, whole: &Diagnostic) -> bool {
    part.code == whole.code
        && part.span().zip(whole.span()).is_some_and(|(part, whole)| {
            part != whole
                && part.file == whole.file
                && whole.start <= part.start
                && part.end <= whole.end
        })
}

/// Returns the type of a value whose type nobody has written down: another one may have other members.
pub(super) fn inferred(value: &Value) -> Type {
    if let Value::Unknown(unknown) = value { unknown.ty.clone() } else { opened(&type_of(value)) }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only these types have others in them")]
fn opened(ty: &Type) -> Type {
    match ty {
        Type::Record(record) => {
            let fields = record.fields.iter().map(|(name, field)| {
                let ty = opened(&field.ty);
                (name.clone(), Field { ty, optional: field.optional })
            });
            let fields = fields.collect();
            Type::Record(Arc::new(RecordType { fields, open: true, ..(**record).clone() }))
        }
        Type::Secret(inner) => opened(inner).secret(),
        other => other.with_elements(opened),
    }
}

/// Takes every value for an unknown of its type.
fn forget(scope: &mut Scope<'_>) {
    for frame in 0..scope.frames.len() {
        scope.frame = frame;
        for (at, slot) in scope.table().slots.values().enumerate() {
            let declared = scope.declared_type(slot);
            if let Some((SlotValue::Value { value, .. }, _)) =
                &mut scope.frames_mut()[frame].values[at]
            {
                *value = unknown(declared.unwrap_or_else(|| inferred(value)));
            }
        }
    }
}

/// Returns the ops of a slot that no later one makes irrelevant.
fn winners<'a, 'p>(ops: &'a [Op<'p>]) -> impl Iterator<Item = &'a Op<'p>> {
    ops.iter().enumerate().filter_map(|(at, op)| {
        let replaced = |later: &Op<'_>| {
            later.stage > op.stage
                && matches!(later.kind, OpKind::Set(_) | OpKind::SetName(_) | OpKind::Remove)
                && later.path.len() <= op.path.len()
                && later.path.iter().zip(&op.path).all(|(left, right)| match (left, right) {
                    (PathStep::Name(left), PathStep::Name(right)) => left.name == right.name,
                    // Whether computed keys are the same is not known here.
                    (PathStep::Index(_), _) | (_, PathStep::Index(_)) => true,
                })
        };
        (!ops[at + 1..].iter().any(replaced)).then_some(op)
    })
}

/// Tells whether evaluating an expression may leave a part of it out.
fn branches(expr: &Expr) -> bool {
    visit::any(expr, &mut |part| {
        matches!(
            part.kind,
            ExprKind::If(_)
                | ExprKind::Match { .. }
                | ExprKind::ListFor(_)
                | ExprKind::MapFor(_)
                | ExprKind::Lambda(_)
                | ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce, .. }
        )
    })
}

fn operation<'p>(
    scope: &mut Scope<'p>,
    slot: &Slot<'p>,
    op: &Op<'p>,
    expr: &Expr,
) -> Result<(), Failed> {
    scope.begin(slot.layer);
    let keys = match slot.kind {
        SlotKind::Resource(resource) => resource.keys.as_deref(),
        SlotKind::Unit { unit, .. } => unit.keys.as_deref(),
        SlotKind::Param { .. }
        | SlotKind::Let { .. }
        | SlotKind::Output { .. }
        | SlotKind::Provider { .. } => None,
    };
    if let Some(keys) = keys {
        let any = || unknown(Type::Any);
        scope.locals = super::resource::key_variables(keys, any(), any()).collect();
    }
    scope.beneath = Some(unknown(Type::Any));
    let wanted = wanted(scope, slot, op);
    scope.written(op, |scope| {
        let _value = scope.expression(expr)?;
        match &wanted {
            Some((ty, what)) => outcomes(scope, expr, ty, Some(what)),
            None => Ok(()),
        }
    })
}

/// Returns the type that what an op sets must have, and what it is called.
fn wanted(scope: &Scope<'_>, slot: &Slot<'_>, op: &Op<'_>) -> Option<(Type, Str)> {
    if !matches!(op.kind, OpKind::Set(_)) {
        return None;
    }
    match (op.path.as_slice(), &slot.kind) {
        ([], SlotKind::Param { .. } | SlotKind::Let { .. } | SlotKind::Output { .. }) => {
            Some((scope.declared_type(slot)?, slot.name.name.clone()))
        }
        ([PathStep::Name(name)], SlotKind::Resource(_)) => {
            let (SlotValue::Instances(instances), _) = scope.value(&slot.name.name)? else {
                return None;
            };
            let attribute = instances.class.schema.block.get(&name.name)?;
            // A null attribute is one that was left out.
            Some((attribute.ty.clone().optional(), name.name.clone()))
        }
        _ => None,
    }
}

/// Fits everything that an expression may come to.
fn outcomes(
    scope: &mut Scope<'_>,
    expr: &Expr,
    ty: &Type,
    what: Option<&str>,
) -> Result<(), Failed> {
    if let ExprKind::Paren(inner) = &expr.kind {
        return outcomes(scope, inner, ty, what);
    }
    if let ExprKind::If(choice) = &expr.kind {
        let then = outcomes(scope, &choice.then, ty, what);
        return then.and(outcomes(scope, &choice.otherwise, ty, what));
    }
    if let ExprKind::Match { arms, .. } = &expr.kind {
        let each = arms.iter().map(|arm| outcomes(scope, &arm.value, ty, what));
        return each.fold(Ok(()), Result::and);
    }
    // What is wrong inside has been reported with the whole.
    let before = scope.diagnostics.borrow().len();
    let value = scope.expression(expr);
    scope.diagnostics.borrow_mut().truncate(before);
    let site = Site::new(expr.span, Some(expr), what);
    scope.fit_at(value?, ty, &site).map(drop)
}

/// Goes through the body of a function of the project.
fn function(scope: &mut Scope<'_>, id: FunctionId) -> Result<(), Failed> {
    let own = scope.project.function(id);
    if own.is_broken {
        return Ok(());
    }
    let mut params: Vec<(Str, Value)> = Vec::new();
    let mut functions: Vec<(&Str, Closure)> = Vec::new();
    for param in &own.signature.params {
        if let Type::Function(function) = param.ty.bare() {
            functions.push((&param.name, Closure::Any(Arc::clone(function))));
            continue;
        }
        let ty = if param.variadic { Type::list(param.ty.clone()) } else { param.ty.clone() };
        params.push((param.name.clone(), unknown(ty)));
    }
    let written = scope.project.function_ast(own);
    let Some(body) = &written.body else { return Ok(()) };
    scope.begin(scope.layer);
    let what = format!("{}(...)", own.name);
    scope
        .inside_function(body, id, written.name.span, |scope| {
            scope.locals.extend(params);
            functions.into_iter().for_each(|(name, own)| scope.bind_function(name, own));
            let _reported = outcomes(scope, body, &own.signature.result, Some(&what));
            Ok(())
        })
        .map(drop)
}
