//! `moved`, `forget` and `adopt`: from what the source says to addresses.

use syncline_model::{Address, Handover, HandoverKind, Str, Type, Value};

use super::coerce::Site;
use super::expression::key_text;
use super::scope::{Failed, Scope};
use crate::diagnostics::{bad_handover, bad_key};
use crate::resolve::Saying;
use crate::syntax::ast::{Expr, Ident, MemberKind, Target, TargetStep};

/// Returns what the environment and its units say, the environment first.
pub(super) fn collect(scope: &mut Scope<'_>) -> Vec<Handover> {
    let mut handovers = Vec::new();
    for frame in 0..scope.frames.len() {
        scope.frame = frame;
        for saying in &scope.table().handovers {
            scope.begin(saying.layer);
            handovers.extend(handover(scope, saying).unwrap_or_default());
        }
    }
    scope.frame = 0;
    handovers
}

fn handover(scope: &mut Scope<'_>, saying: &Saying<'_>) -> Result<Vec<Handover>, Failed> {
    let span = saying.member.span;
    let (target, kind) = match &saying.member.kind {
        MemberKind::Moved { from, to } => {
            (&**from, HandoverKind::Moved { to: address(scope, to)? })
        }
        MemberKind::Forget { target } => (&**target, HandoverKind::Forget),
        MemberKind::Adopt { target, id } => {
            let made = adopted(scope, target, id)?.into_iter().map(|(address, id)| Handover {
                kind: HandoverKind::Adopt { id },
                address,
                span,
            });
            return Ok(made.collect());
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
        | MemberKind::Amend(_) => return Ok(Vec::new()),
    };
    let address = address(scope, target)?;
    Ok(vec![Handover { kind, address, span }])
}

/// What a name of a target is, and what is adopted behind it.
struct Way {
    prefix: Str,
    value: Value,
}

/// Returns the addresses that an `adopt` names, each with what identifies it: where instances have no key in the target,
/// the value is a map that has something for each key.
fn adopted(
    scope: &mut Scope<'_>,
    target: &Target,
    id: &Expr,
) -> Result<Vec<(Address, Value)>, Failed> {
    let value = scope.expression(id)?;
    if value.has_secret() {
        return scope.fail(bad_handover::secret_id(id.span));
    }
    let mut ways = vec![Way { prefix: scope.frames[scope.frame].prefix.clone(), value }];
    let mut table = Some(scope.table());
    let mut name = &target.name;
    let mut steps = target.steps.iter().peekable();
    loop {
        let key = match steps.next_if(|step| matches!(step, TargetStep::Index { .. })) {
            Some(TargetStep::Index { value: index, .. }) => Some(key_of(scope, index)?),
            Some(TargetStep::Member(_)) | None => None,
        };
        let slot = table.and_then(|table| table.find(&name.name));
        let is_keyed = key.is_none() && slot.is_some_and(|slot| slot.kind.is_keyed());
        let keyed = if is_keyed {
            by_key(scope, ways, (name, id))?
        } else {
            ways.into_iter().map(|way| (key.clone(), way)).collect()
        };
        match steps.next() {
            Some(TargetStep::Member(next)) => {
                let inside = |(key, way): (Option<Str>, Way)| Way {
                    prefix: Address::prefix(&way.prefix, &name.name, key.as_deref()),
                    value: way.value,
                };
                ways = keyed.into_iter().map(inside).collect();
                table = slot.and_then(|slot| slot.inside.as_deref());
                name = next;
            }
            Some(TargetStep::Index { value: index, .. }) => {
                let value = scope.expression(index)?;
                return scope.fail(bad_key::diagnostic(&value, index.span));
            }
            None => return last(scope, &name.name, keyed, id),
        }
    }
}

/// Returns the addresses of resources with what identifies them.
fn last(
    scope: &mut Scope<'_>,
    name: &str,
    keyed: Vec<(Option<Str>, Way)>,
    id: &Expr,
) -> Result<Vec<(Address, Value)>, Failed> {
    let one = |(key, way): (Option<Str>, Way)| {
        let address = Address::inside(&way.prefix, name, key.as_deref());
        Ok((address, identity(scope, way.value, id)?))
    };
    keyed.into_iter().map(one).collect()
}

/// Goes to each instance of what is keyed, by the keys of a map.
fn by_key(
    scope: &mut Scope<'_>,
    ways: Vec<Way>,
    (name, id): (&Ident, &Expr),
) -> Result<Vec<(Option<Str>, Way)>, Failed> {
    let mut found = Vec::new();
    for Way { prefix, value } in ways {
        let Some(entries) = value.as_map() else {
            return scope.fail(bad_handover::no_keys(name, id.span));
        };
        let own = entries.iter().map(|(key, value)| {
            (Some(key.clone()), Way { prefix: prefix.clone(), value: value.clone() })
        });
        found.extend(own);
    }
    Ok(found)
}

/// Returns what identifies something: a text, or a map of the attributes that do.
fn identity(scope: &mut Scope<'_>, value: Value, id: &Expr) -> Result<Value, Failed> {
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

/// Returns the key that an index of a target is.
fn key_of(scope: &mut Scope<'_>, index: &Expr) -> Result<Str, Failed> {
    let value = scope.expression(index)?;
    match key_text(&value) {
        Some(text) => Ok(text),
        None => scope.fail(bad_key::diagnostic(&value, index.span)),
    }
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
