//! Bodies: entries, annotations, and the targets of changes.

use syncline_model::Span;
use thin_vec::ThinVec;

use super::{Builder, fitted, take, take_if};
use crate::diagnostics::expected_assignment;
use crate::syntax::ast::{
    Amend, AmendOp, Annotation, Body, BodyEntry, BodyEntryKind, Expr, ExprKind, Target, TargetStep,
};
use crate::syntax::grammar::{Pair, Pairs, Rule};

impl Builder<'_> {
    pub(super) fn body(&mut self, pair: Pair<'_>) -> Body {
        let span = self.wider(&pair, 1);
        let mut after = span.start as usize + 1;
        let mut entries = ThinVec::new();
        for pair in pair.into_inner() {
            let is_annotation = pair.as_rule() == Rule::annotation;
            let start = self.wider(&pair, u32::from(is_annotation)).start as usize;
            let doc = self.doc_of(after, start);
            let mut entry =
                if is_annotation { self.annotation(pair) } else { self.body_entry(pair) };
            entry.doc = doc;
            after = entry.span.end as usize;
            entries.push(entry);
        }
        Body { entries: fitted(entries), span: Some(span) }
    }

    fn annotation(&mut self, pair: Pair<'_>) -> BodyEntry {
        let span = self.wider(&pair, 1);
        let mut pairs = pair.into_inner();
        let name = self.ident(&take(&mut pairs));
        let args = pairs.next().map(|pair| self.args(pair)).unwrap_or_default();
        let kind = BodyEntryKind::Annotation(Annotation { name, args });
        BodyEntry { span, doc: None, is_final: false, kind }
    }

    fn body_entry(&mut self, pair: Pair<'_>) -> BodyEntry {
        let start = self.span(&pair);
        let mut pairs = pair.into_inner();
        let is_final = final_mark(&mut pairs);
        let removes = take_if(&mut pairs, Rule::remove_mark).is_some();
        let target = self.target(take(&mut pairs));
        let target_span = target.span();
        let (kind, end) = if removes {
            (BodyEntryKind::Remove(target), target_span)
        } else if pairs.peek().is_none() {
            (self.body_shorthand(target), target_span)
        } else {
            let (op, end) = self.change(&mut pairs);
            (BodyEntryKind::Amend(Amend { target, op }), end)
        };
        let span = Span::new(start.file, start.start, end.end);
        BodyEntry { span, doc: None, is_final, kind }
    }

    fn body_shorthand(&mut self, target: Target) -> BodyEntryKind {
        if target.steps.is_empty() && !self.is_quoted(target.name.span) {
            return BodyEntryKind::Shorthand(target.name);
        }
        let span = target.span();
        self.missing_value(span);
        let op = AmendOp::Set(Expr { span, kind: ExprKind::Error });
        BodyEntryKind::Amend(Amend { target, op })
    }

    /// Tells whether a name was written in quotes.
    pub(super) fn is_quoted(&self, span: Span) -> bool {
        self.text.as_bytes().get(span.start as usize) == Some(&b'"')
    }

    /// Reports that what stands at `span` has no value.
    pub(super) fn missing_value(&mut self, span: Span) {
        let name = self.text.get(span.start as usize..span.end as usize).unwrap_or("");
        let behind = Span::new(span.file, span.end, span.end);
        let found = "the end of the entry";
        let report = expected_assignment::expected_assignment(behind, name, found, false);
        self.diagnostics.push(report);
    }

    /// Builds what follows a target, and says where it ends.
    pub(super) fn change(&mut self, pairs: &mut Pairs<'_>) -> (AmendOp, Span) {
        let pair = take(pairs);
        match pair.as_rule() {
            Rule::add => {
                let value = self.expr(take(pairs));
                let span = value.span;
                (AmendOp::Add(Box::new(value)), span)
            }
            Rule::body => {
                let span = self.wider(&pair, 1);
                (AmendOp::Inside(self.body(pair)), span)
            }
            _ => {
                let value = self.expr(pair);
                let span = value.span;
                (AmendOp::Set(value), span)
            }
        }
    }

    pub(super) fn target(&mut self, pair: Pair<'_>) -> Target {
        let mut pairs = pair.into_inner();
        let name = self.key(take(&mut pairs));
        let steps: ThinVec<TargetStep> = pairs
            .map(|pair| {
                if pair.as_rule() == Rule::index {
                    let span = self.wider(&pair, 1);
                    TargetStep::Index { value: self.expr(take(&mut pair.into_inner())), span }
                } else {
                    TargetStep::Member(self.key(pair))
                }
            })
            .collect();
        Target { name, steps: fitted(steps) }
    }
}

/// Takes the mark of `final`, if there is one.
pub(super) fn final_mark(pairs: &mut Pairs<'_>) -> bool {
    take_if(pairs, Rule::final_mark).is_some()
}
