//! Types as written.

use syncline_model::Span;
use thin_vec::ThinVec;

use super::{Builder, fitted, take, take_if};
use crate::diagnostics::{expected_type, nested_too_deeply};
use crate::syntax::ast::{Expr, ExprKind, RecordField, TypeExpr, TypeExprKind, UnaryOp};
use crate::syntax::grammar::{Pair, Rule};

/// How many `secret`, `?` and `where` one type may have.
const MAX_MARKS: usize = 16;

impl Builder<'_> {
    pub(super) fn ty(&mut self, pair: Pair<'_>) -> TypeExpr {
        let span = self.span(&pair);
        let mut terms = ThinVec::new();
        let mut refinements = Vec::new();
        for pair in pair.into_inner() {
            match pair.as_rule() {
                Rule::type_term => terms.push(self.type_term(pair)),
                _ => refinements.push(self.expr(take(&mut pair.into_inner()))),
            }
        }
        if refinements.len() > MAX_MARKS {
            return self.overloaded(span);
        }
        let mut ty = match (terms.len(), terms.pop()) {
            (1, Some(term)) => term,
            (_, last) => {
                terms.extend(last);
                let start = terms.first().map_or(span, |term| term.span);
                let end = terms.last().map_or(span, |term| term.span);
                TypeExpr { span: start.to(end), kind: TypeExprKind::Union(fitted(terms)) }
            }
        };
        for condition in refinements {
            let span = ty.span.to(condition.span);
            let kind = TypeExprKind::Refined(Box::new(ty), Box::new(condition));
            ty = TypeExpr { span, kind };
        }
        ty
    }

    fn overloaded(&mut self, span: Span) -> TypeExpr {
        self.diagnostics.push(nested_too_deeply::brackets(span, MAX_MARKS));
        TypeExpr { span, kind: TypeExprKind::Error }
    }

    fn type_term(&mut self, pair: Pair<'_>) -> TypeExpr {
        let span = self.span(&pair);
        let pairs = pair.into_inner();
        if pairs.clone().count() > MAX_MARKS {
            return self.overloaded(span);
        }
        let mut secrets = Vec::new();
        let mut negative = None;
        let mut ty = None;
        for pair in pairs {
            let place = self.span(&pair);
            match pair.as_rule() {
                Rule::secret_type => secrets.push(place),
                Rule::negate => negative = Some(self.wider(&pair, 1)),
                Rule::optional_mark => {
                    ty = ty.map(|inner: TypeExpr| TypeExpr {
                        span: inner.span.to(place),
                        kind: TypeExprKind::Optional(Box::new(inner)),
                    });
                }
                _ => ty = Some(self.type_primary(pair, negative)),
            }
        }
        let mut ty = ty.expect("invariant: the grammar puts a type here");
        for place in secrets.into_iter().rev() {
            let span = place.to(ty.span);
            ty = TypeExpr { span, kind: TypeExprKind::Secret(Box::new(ty)) };
        }
        ty
    }

    fn type_primary(&mut self, pair: Pair<'_>, negative: Option<Span>) -> TypeExpr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::type_name => match pair.as_str() {
                word @ ("true" | "false") => {
                    let kind = ExprKind::Bool(word == "true");
                    TypeExprKind::Literal(Box::new(Expr { span, kind }))
                }
                name => TypeExprKind::Name(name.into()),
            },
            Rule::number => {
                let number = self.number(&pair);
                let literal = self.negated(number, negative);
                return TypeExpr {
                    span: literal.span,
                    kind: TypeExprKind::Literal(Box::new(literal)),
                };
            }
            Rule::template => {
                let literal = self.template(pair);
                self.literal_text(literal)
            }
            Rule::list_type => TypeExprKind::List(Box::new(self.ty(take(&mut pair.into_inner())))),
            Rule::set_type => TypeExprKind::Set(Box::new(self.ty(take(&mut pair.into_inner())))),
            Rule::record_type => self.record_type(pair),
            Rule::paren_type => self.paren_type(span, pair),
            _ => TypeExprKind::Literal(Box::new(self.plain(&pair))),
        };
        TypeExpr { span, kind }
    }

    /// Builds a type in parentheses, or that of a function.
    fn paren_type(&mut self, span: Span, pair: Pair<'_>) -> TypeExprKind {
        let mut types = ThinVec::new();
        let mut has_result = false;
        for pair in pair.into_inner() {
            if pair.as_rule() == Rule::arrow {
                has_result = true;
            } else {
                types.push(self.ty(pair));
            }
        }
        match (types.len(), types.pop()) {
            (_, Some(result)) if has_result => {
                TypeExprKind::Function { params: types, result: Box::new(result) }
            }
            (1, Some(inner)) => inner.kind,
            _ => {
                let report = expected_type::expected_type(span, "", "a list of types");
                self.diagnostics.push(report);
                TypeExprKind::Error
            }
        }
    }

    fn negated(&mut self, number: Expr, negative: Option<Span>) -> Expr {
        match negative {
            Some(place) => {
                let span = place.to(number.span);
                let kind = ExprKind::Unary { op: UnaryOp::Negate, operand: Box::new(number) };
                self.node(span, kind, 1)
            }
            None => number,
        }
    }

    fn literal_text(&mut self, literal: Expr) -> TypeExprKind {
        if matches!(literal.kind, ExprKind::String(_)) {
            return TypeExprKind::Literal(Box::new(literal));
        }
        let report = expected_type::expected_type(literal.span, "", "a string with `${}`");
        self.diagnostics.push(report);
        TypeExprKind::Error
    }

    fn record_type(&mut self, pair: Pair<'_>) -> TypeExprKind {
        let mut after = self.span(&pair).start as usize + 1;
        let mut fields = ThinVec::new();
        for pair in pair.into_inner() {
            let start = self.span(&pair).start as usize;
            let doc = self.doc(after, start);
            after = self.span(&pair).end as usize;
            let mut pairs = pair.into_inner();
            let name_pair = take(&mut pairs);
            let name = self.key(name_pair);
            let optional = take_if(&mut pairs, Rule::optional_mark).is_some();
            let ty = self.ty(take(&mut pairs));
            let default = pairs.next().map(|pair| self.expr(pair));
            fields.push(RecordField { name, optional, ty, default, doc });
        }
        let is_map = matches!(
            fields.as_slice(),
            [field] if field.name.name == "string" && !field.optional && field.default.is_none()
                && !self.is_quoted(field.name.span)
        );
        match fields.pop() {
            Some(field) if is_map => TypeExprKind::Map(Box::new(field.ty)),
            last => {
                fields.extend(last);
                TypeExprKind::Record(fitted(fields))
            }
        }
    }
}
