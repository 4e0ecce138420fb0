//! Members of environments and overlays.

use syncline_model::{Mode, Span};
use thin_vec::ThinVec;

use super::bodies::final_mark;
use super::{Builder, fitted, take, take_if};
use crate::syntax::ast::{Amend, Expr, Ident, Keys, Member, MemberKind, Resource, TypeExpr, Unit};
use crate::syntax::grammar::{Pair, Pairs, Rule};

impl Builder<'_> {
    /// Builds the member of the slice `start..end`, whose `///` text starts behind `after`.
    pub(in crate::syntax) fn member(&mut self, pair: Pair<'_>, after: usize, span: Span) -> Member {
        let doc = self.doc_of(after, span.start as usize);
        let mut pairs = pair.into_inner();
        let is_final = final_mark(&mut pairs);
        let pair = take(&mut pairs);
        let kind = self.member_kind(pair);
        Member { span, doc, is_final, kind }
    }

    fn member_kind(&mut self, pair: Pair<'_>) -> MemberKind {
        let rule = pair.as_rule();
        let mut pairs = pair.into_inner();
        match rule {
            Rule::param => {
                let secret = take_if(&mut pairs, Rule::secret_mark).is_some();
                let (name, ty) = self.typed_name(&mut pairs);
                let default = pairs.next().map(|pair| self.boxed(pair));
                MemberKind::Param { name, secret, ty, default }
            }
            Rule::binding => {
                let (name, ty) = self.typed_name(&mut pairs);
                MemberKind::Let { name, ty, value: self.boxed(take(&mut pairs)) }
            }
            Rule::output => {
                let secret = take_if(&mut pairs, Rule::secret_mark).is_some();
                let (name, ty) = self.typed_name(&mut pairs);
                MemberKind::Output { name, secret, ty, value: self.boxed(take(&mut pairs)) }
            }
            Rule::resource => self.resource(pairs, Mode::Managed),
            Rule::data => self.resource(pairs, Mode::Data),
            Rule::ephemeral => self.resource(pairs, Mode::Ephemeral),
            Rule::unit => MemberKind::Unit(Box::new(self.unit(pairs))),
            Rule::provider => {
                let name = self.ident(&take(&mut pairs));
                let alias =
                    take_if(&mut pairs, Rule::ident).map(|pair| Box::new(self.ident(&pair)));
                MemberKind::Provider { name, alias, body: Box::new(self.body(take(&mut pairs))) }
            }
            Rule::ensure => MemberKind::Ensure {
                condition: self.boxed(take(&mut pairs)),
                message: self.boxed(take(&mut pairs)),
            },
            Rule::expectation => MemberKind::Expect {
                condition: self.boxed(take(&mut pairs)),
                message: pairs.next().map(|pair| self.boxed(pair)),
            },
            Rule::removal => MemberKind::Remove { target: Box::new(self.target(take(&mut pairs))) },
            Rule::moved => MemberKind::Moved {
                from: Box::new(self.target(take(&mut pairs))),
                to: Box::new(self.target(take(&mut pairs))),
            },
            Rule::forget => MemberKind::Forget { target: Box::new(self.target(take(&mut pairs))) },
            Rule::adopt => MemberKind::Adopt {
                target: Box::new(self.target(take(&mut pairs))),
                id: self.boxed(take(&mut pairs)),
            },
            _ => {
                let target = self.target(take(&mut pairs));
                let (op, _) = self.change(&mut pairs);
                MemberKind::Amend(Box::new(Amend { target, op }))
            }
        }
    }

    fn boxed(&mut self, pair: Pair<'_>) -> Box<Expr> {
        Box::new(self.expr(pair))
    }

    fn typed_name(&mut self, pairs: &mut Pairs<'_>) -> (Ident, Option<Box<TypeExpr>>) {
        let name = self.ident(&take(pairs));
        let ty = take_if(pairs, Rule::r#type).map(|pair| Box::new(self.ty(pair)));
        (name, ty)
    }

    fn resource(&mut self, mut pairs: Pairs<'_>, mode: Mode) -> MemberKind {
        let type_name = self.path(take(&mut pairs));
        let name = self.ident(&take(&mut pairs));
        let keys = take_if(&mut pairs, Rule::keys).map(|pair| Box::new(self.keys(pair)));
        let condition = take_if(&mut pairs, Rule::condition)
            .map(|pair| Box::new(self.expr(take(&mut pair.into_inner()))));
        let body = self.body(take(&mut pairs));
        MemberKind::Resource(Box::new(Resource { mode, type_name, name, keys, condition, body }))
    }

    /// Builds a name with dots.
    fn path(&self, pair: Pair<'_>) -> ThinVec<Ident> {
        fitted(pair.into_inner().map(|pair| self.ident(&pair)).collect())
    }

    fn unit(&mut self, mut pairs: Pairs<'_>) -> Unit {
        let name = self.ident(&take(&mut pairs));
        let keys = take_if(&mut pairs, Rule::keys).map(|pair| Box::new(self.keys(pair)));
        let condition = take_if(&mut pairs, Rule::condition)
            .map(|pair| Box::new(self.expr(take(&mut pair.into_inner()))));
        let component = self.path(take(&mut pairs));
        let body = pairs.next().map(|pair| self.body(pair)).unwrap_or_default();
        Unit { name, keys, condition, component, body }
    }

    pub(super) fn keys(&mut self, pair: Pair<'_>) -> Keys {
        let mut pairs = pair.into_inner();
        let key = self.ident(&take(&mut pairs));
        let value = take_if(&mut pairs, Rule::ident).map(|pair| self.ident(&pair));
        Keys { key, value, source: self.expr(take(&mut pairs)) }
    }
}
