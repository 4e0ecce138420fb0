//! Types.

use super::document::Doc;
use super::printer::{Printer, joined};
use super::sequences::{BRACES, Element, PARENS};
use crate::syntax::ast::{RecordField, TypeExpr, TypeExprKind};

impl Printer<'_> {
    pub(super) fn ty(&mut self, ty: &TypeExpr) -> Doc {
        if let Some(before) = self.before(ty.span) {
            return joined(vec![before, self.ty(ty)]);
        }
        if !self.has_parens(ty) {
            return self.bare(ty);
        }
        let before = self.dropped_parens(ty);
        let inner = self.bare(ty);
        joined(vec![before, inner, self.behind(ty.span)])
    }

    /// Passes all parentheses that are a type's own, and prints the comments among them.
    fn dropped_parens(&mut self, ty: &TypeExpr) -> Doc {
        let content = match &ty.kind {
            TypeExprKind::Refined(inner, _) | TypeExprKind::Optional(inner) => inner.span.start,
            TypeExprKind::Union(members) => members.first().map_or(0, |first| first.span.start),
            // What follows one parenthesis is that of the parameters.
            TypeExprKind::Function { .. } => ty.span.start + 1,
            TypeExprKind::Name(_)
            | TypeExprKind::List(_)
            | TypeExprKind::Set(_)
            | TypeExprKind::Map(_)
            | TypeExprKind::Record(_)
            | TypeExprKind::Literal(_)
            | TypeExprKind::Secret(_)
            | TypeExprKind::Error => u32::MAX,
        };
        let mut docs = Vec::new();
        loop {
            let at = self.token_start(self.place);
            let is_own = at < content as usize && self.text[at..].starts_with('(');
            if !is_own {
                return joined(docs);
            }
            docs.push(self.dropped("("));
        }
    }

    /// Tells whether a type was written in parentheses of its own.
    fn has_parens(&self, ty: &TypeExpr) -> bool {
        if !self.slice(ty.span).starts_with('(') {
            return false;
        }
        match &ty.kind {
            TypeExprKind::Union(members) => {
                members.last().is_some_and(|last| last.span.end < ty.span.end)
            }
            TypeExprKind::Refined(_, condition) => condition.span.end < ty.span.end,
            TypeExprKind::Optional(_) => self.slice(ty.span).ends_with(')'),
            TypeExprKind::Name(_)
            | TypeExprKind::List(_)
            | TypeExprKind::Set(_)
            | TypeExprKind::Map(_)
            | TypeExprKind::Record(_)
            | TypeExprKind::Literal(_)
            | TypeExprKind::Secret(_)
            | TypeExprKind::Error => true,
            TypeExprKind::Function { result, .. } => result.span.end < ty.span.end,
        }
    }

    fn bare(&mut self, ty: &TypeExpr) -> Doc {
        match &ty.kind {
            TypeExprKind::Name(name) => self.type_name(ty, name),
            TypeExprKind::Error => self.leaf(ty.span),
            TypeExprKind::Literal(literal) => self.expr(literal),
            TypeExprKind::List(inner) => {
                let open = self.token("[");
                let inner = self.ty(inner);
                joined(vec![open, inner, self.token("]")])
            }
            TypeExprKind::Set(inner) => {
                let word = self.word("set");
                let open = self.token("[");
                let inner = self.ty(inner);
                joined(vec![word, open, inner, self.token("]")])
            }
            TypeExprKind::Function { params, result } => {
                let params = self.bracketed(PARENS, params.len(), |printer, index| {
                    printer.ty(&params[index]).into()
                });
                let arrow = self.spaced("->");
                joined(vec![params, arrow, self.ty(result)])
            }
            TypeExprKind::Map(inner) => {
                let open = self.token("{");
                let key = self.token("string");
                let colon = self.word(":");
                let inner = self.ty(inner);
                joined(vec![open, key, colon, inner, self.token("}")])
            }
            TypeExprKind::Record(fields) => {
                self.bracketed(BRACES, fields.len(), |printer, index| {
                    printer.record_field(&fields[index])
                })
            }
            TypeExprKind::Union(members) => self.union(members),
            TypeExprKind::Optional(inner) => {
                let inner = self.nested(inner, is_prefixed_or_wide(inner));
                joined(vec![inner, self.token("?")])
            }
            TypeExprKind::Secret(inner) => {
                let word = self.word("secret");
                joined(vec![word, self.nested(inner, is_wide(inner))])
            }
            TypeExprKind::Refined(inner, condition) => {
                let inner = self.ty(inner);
                let word = self.spaced("where");
                joined(vec![inner, word, self.expr(condition)])
            }
        }
    }

    /// Prints a name that may have been written in parentheses.
    fn type_name(&mut self, ty: &TypeExpr, name: &str) -> Doc {
        if self.slice(ty.span) == name {
            return self.leaf(ty.span);
        }
        self.token(name)
    }

    fn nested(&mut self, ty: &TypeExpr, in_parens: bool) -> Doc {
        if !in_parens {
            return self.ty(ty);
        }
        let open = self.token("(");
        let more = self.dropped_parens(ty);
        let inner = self.bare(ty);
        let close = self.token(")");
        joined(vec![open, more, inner, close, self.behind(ty.span)])
    }

    fn union(&mut self, members: &[TypeExpr]) -> Doc {
        let mut docs = Vec::new();
        let mut rest = Vec::new();
        for (index, member) in members.iter().enumerate() {
            if index == 0 {
                docs.push(self.nested(member, is_wide(member)));
                continue;
            }
            rest.push(Doc::line());
            rest.push(self.word("|"));
            rest.push(self.nested(member, is_wide(member)));
        }
        docs.push(Doc::indent(joined(rest)));
        Doc::group(joined(docs))
    }

    fn record_field(&mut self, field: &RecordField) -> Element {
        let mut docs = vec![self.leaf(field.name.span)];
        if field.optional {
            docs.push(self.token("?"));
        }
        docs.push(self.word(":"));
        docs.push(self.ty(&field.ty));
        if let Some(default) = &field.default {
            docs.push(self.spaced("="));
            docs.push(self.expr(default));
        }
        joined(docs).into()
    }
}

/// Tells whether a type has a `|` or a `where` of its own.
fn is_wide(ty: &TypeExpr) -> bool {
    matches!(
        ty.kind,
        TypeExprKind::Union(_) | TypeExprKind::Refined(..) | TypeExprKind::Function { .. }
    )
}

fn is_prefixed_or_wide(ty: &TypeExpr) -> bool {
    is_wide(ty) || matches!(ty.kind, TypeExprKind::Secret(_))
}
