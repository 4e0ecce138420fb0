//! Types.

use super::document::Doc;
use super::printer::{Printer, joined};
use super::sequences::{BRACES, Element};
use crate::syntax::ast::{RecordField, TypeExpr, TypeExprKind};

impl Printer<'_> {
    pub(super) fn ty(&mut self, ty: &TypeExpr) -> Doc {
        match &ty.kind {
            TypeExprKind::Name(name) => self.type_name(ty, name),
            TypeExprKind::Error => self.leaf(ty.span),
            TypeExprKind::Literal(literal) => self.expr(literal),
            TypeExprKind::List(inner) => {
                let open = self.token("[");
                let inner = self.ty(inner);
                joined(vec![open, inner, self.token("]")])
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
        while self.text.as_bytes().get(self.token_start(self.place)) == Some(&b'(') {
            self.token("(");
        }
        self.token(name)
    }

    fn nested(&mut self, ty: &TypeExpr, in_parens: bool) -> Doc {
        if !in_parens {
            return self.ty(ty);
        }
        let open = self.token("(");
        let inner = self.ty(ty);
        joined(vec![open, inner, self.token(")")])
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
    matches!(ty.kind, TypeExprKind::Union(_) | TypeExprKind::Refined(..))
}

fn is_prefixed_or_wide(ty: &TypeExpr) -> bool {
    is_wide(ty) || matches!(ty.kind, TypeExprKind::Secret(_))
}
