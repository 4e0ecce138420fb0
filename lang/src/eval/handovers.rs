//! `moved`, `forget` and `adopt`: from what the source says to addresses.

use syncline_model::{Address, Handover, HandoverKind, Str, Type, Value};

use super::coerce::Site;
use super::expression::key_text;
use super::scope::{Failed, Scope};
use crate::diagnostics::{bad_handover, bad_key};
use crate::resolve::Saying;
use crate::syntax::ast::{Expr, MemberKind, Target, TargetStep};

/// Returns what the environment and its units say, the environment first.
pub(super) fn collect(scope: &mut Scope<'_>) -> Vec<Handover> {
    let mut handovers = Vec::new();
    for frame in 0..scope.frames.len() {
        scope.frame = frame;
        for saying in &scope.table().handovers {
            scope.begin(saying.layer);
            handovers.extend(handover(scope, saying).ok().flatten());
        }
    }
    scope.frame = 0;
    handovers
}

fn handover(scope: &mut Scope<'_>, saying: &Saying<'_>) -> Result<Option<Handover>, Failed> {
    let (target, kind) = match &saying.member.kind {
        MemberKind::Moved { from, to } => {
            (&**from, HandoverKind::Moved { to: address(scope, to)? })
        }
        MemberKind::Forget { target } => (&**target, HandoverKind::Forget),
        MemberKind::Adopt { target, id } => {
            (&**target, HandoverKind::Adopt { id: identity(scope, id)? })
        }
        MemberKind::Param { .. }
        | MemberKind::Let { .. }
        | MemberKind::Resource(_)
        | MemberKind::Unit(_)
        | MemberKind::Provider { .. }
        | MemberKind::Output { .. }
        | MemberKind::Ensure { .. }
        | MemberKind::Expect { .. }
        | MemberKind::Remove { .. }
        | MemberKind::Amend(_) => return Ok(None),
    };
    let address = address(scope, target)?;
    Ok(Some(Handover { kind, address, span: saying.member.span }))
}

/// Returns what identifies something: a text, or a map of the attributes that do.
fn identity(scope: &mut Scope<'_>, id: &Expr) -> Result<Value, Failed> {
    let value = scope.expression(id)?;
    if value.has_secret() {
        return scope.fail(bad_handover::secret_id(id.span));
    }
    let is_map = if let Value::Unknown(unknown) = &value {
        matches!(unknown.ty.bare(), Type::Record(_) | Type::Map(_))
    } else {
        value.as_map().is_some()
    };
    if is_map {
        return Ok(value);
    }
    scope.fit_at(value, &Type::String, &Site::new(id.span, Some(id), None))
}

/// Returns the address that a target means, be something there or not.
fn address(scope: &mut Scope<'_>, target: &Target) -> Result<Address, Failed> {
    let mut prefix = scope.frames[scope.frame].prefix.clone();
    let mut name = target.name.name.clone();
    let mut key: Option<Str> = None;
    for step in &target.steps {
        match step {
            TargetStep::Index { value: index, .. } => {
                let value = scope.expression(index)?;
                match key_text(&value).filter(|_| key.is_none()) {
                    Some(text) => key = Some(text),
                    None => return scope.fail(bad_key::diagnostic(&value, index.span)),
                }
            }
            TargetStep::Member(member) => {
                prefix = Address::prefix(&prefix, &name, key.take().as_deref());
                name = member.name.clone();
            }
        }
    }
    Ok(Address::inside(&prefix, &name, key.as_deref()))
}
