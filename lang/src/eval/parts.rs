//! Parts of values by path, and what an amendment's expression asks of them.

use std::sync::Arc;

use syncline_model::{Path, Step, Value};

use crate::syntax::ast::{Expr, ExprKind, MapEntry};
use crate::syntax::visit;

/// Tells whether an expression uses `super`.
pub(crate) fn uses_super(expr: &Expr) -> bool {
    names(expr, &|name| name == "super")
}

/// Tells whether a name that is wanted stands anywhere in an expression.
pub(crate) fn names(expr: &Expr, wanted: &dyn Fn(&str) -> bool) -> bool {
    visit::any(expr, &mut |part| names_itself(part, wanted))
}

/// Tells whether an expression names something that is wanted, apart from what its parts name.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these forms name something")]
pub(crate) fn names_itself(expr: &Expr, wanted: &dyn Fn(&str) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => wanted(name),
        ExprKind::Map(entries) => entries
            .iter()
            .any(|entry| matches!(entry, MapEntry::Shorthand(name) if wanted(&name.name))),
        _ => false,
    }
}

/// Reads `a.b["c"][0]` as a path.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these forms are paths")]
pub(crate) fn path_of(expr: &Expr) -> Option<Path> {
    match &expr.kind {
        ExprKind::Name(name) => Some(Path::attribute(name.clone())),
        ExprKind::String(name) => Some(Path::attribute(name.clone())),
        ExprKind::Member { base, name, optional: false } => {
            Some(path_of(base)?.key(name.name.clone()))
        }
        ExprKind::Index { base, index, optional: false } => {
            if let ExprKind::String(key) = &index.kind {
                return Some(path_of(base)?.key(key.clone()));
            }
            let ExprKind::Number(number) = &index.kind else { return None };
            Some(path_of(base)?.index(usize::try_from(number.as_i64()?).ok()?))
        }
        _ => None,
    }
}

/// Sets the part at a path, making the maps on the way. Errs with the number of steps that led to
/// something that has no parts.
pub(crate) fn put_at(whole: &mut Value, path: &[Step], value: Value) -> Result<(), usize> {
    let Some((step, rest)) = path.split_first() else {
        *whole = value;
        return Ok(());
    };
    match (&mut *whole, step) {
        (Value::Null, Step::Key(key)) => {
            let mut inner = Value::Null;
            put_at(&mut inner, rest, value).map_err(|at| at + 1)?;
            *whole = Value::map([(key.clone(), inner)]);
            Ok(())
        }
        (Value::Map(map), Step::Key(key)) => {
            let map = Arc::make_mut(map);
            let mut inner = map.get_mut(key).map(std::mem::take).unwrap_or_default();
            let result = put_at(&mut inner, rest, value).map_err(|at| at + 1);
            map.insert(key.clone(), inner);
            result
        }
        (Value::List(items), Step::Index(index)) if (*index as usize) < items.len() => {
            let mut list = items.to_vec();
            let result = put_at(&mut list[*index as usize], rest, value).map_err(|at| at + 1);
            *whole = Value::list(list);
            result
        }
        (Value::Secret(_), _) => {
            let mut inner = whole.reveal().clone();
            let result = put_at(&mut inner, path, value);
            *whole = Value::secret(inner);
            result
        }
        _ => Err(0),
    }
}

/// Takes out the part at a path and returns it; nothing when it is not there.
pub(crate) fn remove_at(whole: &mut Option<Value>, path: &[Step]) -> Option<Value> {
    if path.is_empty() { whole.take() } else { remove_inside(whole.as_mut()?, path) }
}

fn remove_inside(whole: &mut Value, path: &[Step]) -> Option<Value> {
    let (step, rest) = path.split_first()?;
    match (&mut *whole, step) {
        (Value::Map(map), Step::Key(key)) => {
            let map = Arc::make_mut(map);
            if rest.is_empty() { map.remove(key) } else { remove_inside(map.get_mut(key)?, rest) }
        }
        (Value::List(items), Step::Index(index)) => {
            let index = usize::try_from(*index).ok().filter(|index| *index < items.len())?;
            let mut list = items.to_vec();
            let taken = match rest {
                [] => Some(list.remove(index)),
                rest => remove_inside(&mut list[index], rest),
            };
            *items = list.into();
            taken
        }
        (Value::Secret(_), _) => {
            let mut inner = whole.reveal().clone();
            let taken = if inner.is_secret() { None } else { remove_inside(&mut inner, path) };
            *whole = Value::secret(inner);
            taken
        }
        _ => None,
    }
}
