//! What one text sets twice.
//!
//! Takes the members of a layer and reports every name that is set again in the same braces: of two
//! values in one place nobody can tell which is meant. Setting something again in another overlay is
//! the whole point of overlays, and no concern of this. It is linear in the number of entries.

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Span};

use crate::diagnostics::duplicate_member;
use crate::syntax::ast::{
    Amend, AmendOp, Body, BodyEntryKind, ExprKind, Layer, MemberKind, Target, TargetStep,
};

/// Reports what the members of a layer set twice.
pub(super) fn check(layer: &Layer, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    for member in &layer.members {
        match &member.kind {
            MemberKind::Amend(amend) => {
                seen.amend(amend, diagnostics);
            }
            MemberKind::Resource(resource) => body(&resource.body, diagnostics),
            MemberKind::Unit(unit) => body(&unit.body, diagnostics),
            MemberKind::Provider { body: inside, .. } => body(inside, diagnostics),
            MemberKind::Param { .. }
            | MemberKind::Let { .. }
            | MemberKind::Output { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Adopt { .. } => {}
        }
    }
}

fn body(body: &Body, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = Seen::default();
    for entry in &body.entries {
        match &entry.kind {
            BodyEntryKind::Amend(amend) => seen.amend(amend, diagnostics),
            BodyEntryKind::Shorthand(name) => {
                seen.set(vec![&name.name], name.span, diagnostics);
            }
            BodyEntryKind::Annotation(_) | BodyEntryKind::Remove(_) => {}
        }
    }
}

/// What is set so far in one pair of braces, by path.
#[derive(Default)]
struct Seen<'a>(FxHashMap<Vec<&'a str>, Span>);

impl<'a> Seen<'a> {
    fn amend(&mut self, amend: &'a Amend, diagnostics: &mut Vec<Diagnostic>) {
        match &amend.op {
            AmendOp::Set(_) => {
                if let Some(path) = path_of(&amend.target) {
                    self.set(path, amend.target.span, diagnostics);
                }
            }
            AmendOp::Inside(inside) => body(inside, diagnostics),
            // What is added comes together.
            AmendOp::Add(_) => {}
        }
    }

    fn set(&mut self, path: Vec<&'a str>, span: Span, diagnostics: &mut Vec<Diagnostic>) {
        if let Some(first) = self.0.get(&path) {
            diagnostics.push(duplicate_member::set_twice(&path.join("."), span, *first));
        } else {
            self.0.insert(path, span);
        }
    }
}

/// Returns the names of a target; `None` where a key in it is computed.
fn path_of(target: &Target) -> Option<Vec<&str>> {
    let mut path = vec![target.name.name.as_str()];
    for step in &target.steps {
        path.push(match step {
            TargetStep::Member(name) => name.name.as_str(),
            TargetStep::Index(index) => {
                if let ExprKind::String(key) = &index.kind {
                    key.as_str()
                } else {
                    return None;
                }
            }
        });
    }
    Some(path)
}
