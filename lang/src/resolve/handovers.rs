//! `moved`, `forget` and `adopt`: whether what they name is declared, or is no longer.

use syncline_model::Diagnostic;

use super::{LayerId, SlotKind, Table};
use crate::diagnostics::bad_handover;
use crate::syntax::ast::{ExprKind, MemberKind, Target};

/// Reports what a layer's own handovers say wrongly.
pub(super) fn check(id: LayerId, table: &Table<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for saying in table.handovers.iter().filter(|saying| saying.layer == id) {
        match &saying.member.kind {
            MemberKind::Moved { from, to } => {
                if from.name.name != to.name.name {
                    diagnostics.extend(must_be_gone(table, from, "moved"));
                }
                diagnostics.extend(must_be_there(table, to));
            }
            MemberKind::Forget { target } => {
                diagnostics.extend(must_be_gone(table, target, "forget"));
            }
            MemberKind::Adopt { target, .. } => diagnostics.extend(must_be_there(table, target)),
            MemberKind::Param { .. }
            | MemberKind::Let { .. }
            | MemberKind::Resource(_)
            | MemberKind::Unit(_)
            | MemberKind::Provider { .. }
            | MemberKind::Output { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Amend(_) => {}
        }
    }
}

/// Instances and members of units may be gone while what they are of is declared.
fn must_be_gone(table: &Table<'_>, target: &Target, keyword: &str) -> Option<Diagnostic> {
    let slot = table.find(&target.name.name).filter(|_| target.steps.is_empty())?;
    Some(bad_handover::still_declared(&target.name, slot.name.span, keyword))
}

fn must_be_there(table: &Table<'_>, target: &Target) -> Option<Diagnostic> {
    match table.find(&target.name.name) {
        None => Some(bad_handover::undeclared(&target.name, table)),
        Some(slot) if matches!(slot.kind, SlotKind::Resource(_) | SlotKind::Unit { .. }) => None,
        // What could not be read may be a resource.
        Some(slot) if matches!(slot.member.value().map(|own| &own.kind), Some(ExprKind::Error)) => {
            None
        }
        Some(slot) => Some(bad_handover::no_resource(&target.name, slot.kind.keyword())),
    }
}
