//! What one text sets twice.
//!
//! Takes the members of a layer and reports every name that is set again in the same braces, be it
//! by another path to it, and whatever is set as a whole where a part of it is changed too: of two
//! changes in one place nobody can tell which is meant to come last. Setting something again in
//! another overlay is the whole point of overlays, and no concern of this. It is linear in the
//! number of entries and the length of their paths.

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Span};

use crate::diagnostics::duplicate_member;
use crate::syntax::ast::{
    AmendOp, Body, BodyEntryKind, ExprKind, Layer, MemberKind, Target, TargetStep,
};

/// Reports what the members of a layer set twice.
pub(super) fn check(layer: &Layer, diagnostics: &mut Vec<Diagnostic>) {
    let mut changes = Changes { diagnostics, path: Vec::new() };
    let mut seen = Seen::default();
    for member in &layer.members {
        match &member.kind {
            MemberKind::Amend(amend) => changes.change(&mut seen, &amend.target, &amend.op),
            // What is taken out of the layer itself is no longer there to be changed behind it, which is
            // reported there.
            MemberKind::Remove { target }
                if target.steps.is_empty()
                    && !seen.parts.contains_key(target.name.name.as_str()) => {}
            MemberKind::Remove { target } => changes.remove(&mut seen, target),
            MemberKind::Resource(resource) => changes.body(&mut Seen::default(), &resource.body),
            MemberKind::Unit(unit) => changes.body(&mut Seen::default(), &unit.body),
            MemberKind::Provider { body, .. } => changes.body(&mut Seen::default(), body),
            MemberKind::Param { .. }
            | MemberKind::Let { .. }
            | MemberKind::Output { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Adopt { .. } => {}
        }
    }
}

/// What is changed so far of something, and of what is in it.
#[derive(Default)]
struct Seen<'a> {
    whole: Option<Whole>,
    /// The first change of it or of a part.
    first: Option<Span>,
    parts: FxHashMap<&'a str, Seen<'a>>,
}

/// A change that leaves nothing of what was there before.
#[derive(Clone, Copy)]
struct Whole {
    span: Span,
    removes: bool,
}

/// What is being read.
struct Changes<'d, 'a> {
    diagnostics: &'d mut Vec<Diagnostic>,
    /// The way to the braces at hand, from those that are checked.
    path: Vec<&'a str>,
}

impl<'a> Changes<'_, 'a> {
    fn body(&mut self, seen: &mut Seen<'a>, body: &'a Body) {
        for entry in &body.entries {
            match &entry.kind {
                BodyEntryKind::Amend(amend) => self.change(seen, &amend.target, &amend.op),
                BodyEntryKind::Remove(target) => self.remove(seen, target),
                BodyEntryKind::Shorthand(name) => {
                    self.at(seen, &[&name.name], name.span, |changes, seen| {
                        changes.set(seen, Whole { span: name.span, removes: false });
                    });
                }
                BodyEntryKind::Annotation(_) => {}
            }
        }
    }

    fn change(&mut self, seen: &mut Seen<'a>, target: &'a Target, op: &'a AmendOp) {
        let Some(path) = path_of(target) else {
            // Which one it is shows only when it is evaluated.
            if let AmendOp::Inside(body) = op {
                self.body(&mut Seen::default(), body);
            }
            return;
        };
        let span = target.span();
        self.at(seen, &path, span, |changes, seen| match op {
            AmendOp::Set(_) => changes.set(seen, Whole { span, removes: false }),
            AmendOp::Inside(body) if seen.whole.is_none() => changes.body(seen, body),
            // What is added comes together.
            AmendOp::Inside(_) | AmendOp::Add(_) => changes.change_part(seen, span),
        });
    }

    fn remove(&mut self, seen: &mut Seen<'a>, target: &'a Target) {
        if let Some(path) = path_of(target) {
            self.at(seen, &path, target.span(), |changes, seen| {
                changes.set(seen, Whole { span: target.span(), removes: true });
            });
        }
    }

    /// Goes along a path to what it leads to, unless something on it is set as a whole.
    fn at(
        &mut self,
        seen: &mut Seen<'a>,
        path: &[&'a str],
        span: Span,
        then: impl FnOnce(&mut Self, &mut Seen<'a>),
    ) {
        let depth = self.path.len();
        let mut seen = seen;
        for name in path {
            if seen.whole.is_some() {
                break;
            }
            seen.first.get_or_insert(span);
            seen = seen.parts.entry(name).or_default();
            self.path.push(name);
        }
        if self.path.len() < depth + path.len() {
            self.change_part(seen, span);
        } else {
            then(self, seen);
            seen.first.get_or_insert(span);
        }
        self.path.truncate(depth);
    }

    /// Something is set or taken out as a whole.
    fn set(&mut self, seen: &mut Seen<'a>, new: Whole) {
        let path = self.path.join(".");
        match (seen.whole, seen.first) {
            (Some(old), _) if old.removes && new.removes => {}
            (Some(old), _) if old.removes != new.removes => {
                let (set, removed) = if new.removes { (old, new) } else { (new, old) };
                let spans = (set.span, removed.span);
                self.diagnostics.push(duplicate_member::set_and_removed(&path, spans));
            }
            (Some(old), _) => {
                self.diagnostics.push(duplicate_member::set_twice(&path, new.span, old.span));
            }
            (None, Some(part)) => {
                let kept = (new.span, new.removes);
                self.diagnostics.push(duplicate_member::whole_and_part(&path, kept, part));
            }
            (None, None) => {}
        }
        seen.whole.get_or_insert(new);
    }

    /// Something is changed of what may be set as a whole.
    fn change_part(&mut self, seen: &mut Seen<'a>, span: Span) {
        if let Some(whole) = seen.whole {
            let path = self.path.join(".");
            let kept = (whole.span, whole.removes);
            self.diagnostics.push(duplicate_member::whole_and_part(&path, kept, span));
        }
    }
}

/// Returns the names of a target; `None` where a key in it is computed.
fn path_of(target: &Target) -> Option<Vec<&str>> {
    let mut path = vec![target.name.name.as_str()];
    for step in &target.steps {
        path.push(match step {
            TargetStep::Member(name) => name.name.as_str(),
            TargetStep::Index { value: index, .. } => {
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
