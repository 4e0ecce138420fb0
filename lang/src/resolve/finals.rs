//! `final`: what no stage above may change.

use syncline_model::{Diagnostic, Str};

use super::table::path_text;
use super::{Op, OpKind, PathStep, Project, Slot, Table};
use crate::diagnostics::final_overridden;
use crate::syntax::ast;

/// Reports every op that changes what a stage below made final.
pub(super) fn check(project: &Project, table: &Table<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for slot in table.slots.values() {
        if let Some(inside) = &slot.inside {
            check(project, inside, diagnostics);
        }
        // Declarations without amendments cannot break a final: the common case costs nothing.
        if slot.references.len() > 1 {
            check_slot(project, slot, diagnostics);
        }
    }
}

fn check_slot(project: &Project, slot: &Slot<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let ops = slot.ops();
    for (at, op) in ops.iter().enumerate() {
        if matches!(op.kind, OpKind::Annotation(_)) {
            continue;
        }
        let whole =
            slot.member.final_mark().filter(|_| op.layer != slot.layer && op.stage >= slot.stage);
        let broken = match whole {
            Some(span) => Some((slot.layer, span)),
            None => ops[..at]
                .iter()
                .filter(|earlier| earlier.layer != op.layer && overlap(earlier, op))
                .find_map(|earlier| Some((earlier.layer, earlier.is_final?))),
        };
        if let Some((layer, span)) = broken {
            let mut name = slot.name.name.to_string();
            if !op.path.is_empty() {
                name.push('.');
                name.push_str(&path_text(&op.path));
            }
            let over = (op.layer, op.span);
            diagnostics.push(final_overridden::diagnostic(project, &name, (layer, span), over));
        }
    }
}

/// Tells whether two ops may touch the same part of a value.
pub(crate) fn overlap(left: &Op<'_>, right: &Op<'_>) -> bool {
    left.path.iter().zip(&right.path).all(|pair| match pair {
        (PathStep::Name(left), PathStep::Name(right)) => left.name == right.name,
        (PathStep::Name(name), PathStep::Index(index))
        | (PathStep::Index(index), PathStep::Name(name)) => {
            constant(index).is_none_or(|key| *key == name.name)
        }
        (PathStep::Index(left), PathStep::Index(right)) => {
            constant(left).zip(constant(right)).is_none_or(|(left, right)| left == right)
        }
    })
}

fn constant(index: &ast::Expr) -> Option<&Str> {
    if let ast::ExprKind::String(text) = &index.kind { Some(text) } else { None }
}
