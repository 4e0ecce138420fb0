//! Items of a file, and the headers of environments and overlays.

use syncline_model::Span;
use thin_vec::thin_vec;

use super::{Builder, take, take_if};
use crate::syntax::ast::{
    Arg, Expr, ExprKind, Function, Ident, ItemKind, Layer, LayerKind, MapEntry, MapKey, Param,
};
use crate::syntax::grammar::{Pair, Pairs, Rule};

impl Builder<'_> {
    /// Builds an item that is no layer.
    pub(in crate::syntax) fn item(&mut self, pair: Pair<'_>) -> ItemKind {
        let pair = take(&mut pair.into_inner());
        let rule = pair.as_rule();
        let mut pairs = pair.into_inner();
        match rule {
            Rule::use_item => self.use_item(pairs),
            Rule::type_item => {
                let name = self.ident(&take(&mut pairs));
                ItemKind::Type { name, ty: self.ty(take(&mut pairs)) }
            }
            Rule::project => {
                let name = take(&mut pairs);
                let name = self.key(name);
                let settings = take(&mut pairs).into_inner();
                let settings = settings.map(|pair| self.setting(pair)).collect();
                ItemKind::Project { name, settings }
            }
            _ => ItemKind::Function(self.function(pairs)),
        }
    }

    fn use_item(&mut self, pairs: Pairs<'_>) -> ItemKind {
        let mut path: Vec<Ident> = Vec::new();
        let mut alias = None;
        let mut folder = None;
        for pair in pairs {
            match pair.as_rule() {
                Rule::ident => path.push(self.ident(&pair)),
                Rule::plain => folder = Some(self.key(pair)),
                _ => alias = Some(self.ident(&take(&mut pair.into_inner()))),
            }
        }
        if let Some(path) = folder {
            let name = path.name.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let alias = alias.unwrap_or_else(|| Ident { name: name.into(), span: path.span });
            return ItemKind::Import { path, alias };
        }
        let last = path.last().cloned().expect("invariant: a path has a part");
        ItemKind::Use { path, alias: alias.unwrap_or(last) }
    }

    fn setting(&mut self, pair: Pair<'_>) -> MapEntry {
        let mut pairs = pair.into_inner();
        let key = take(&mut pairs);
        let key = self.key(key);
        let pair = take(&mut pairs);
        let value =
            if pair.as_rule() == Rule::kinded { self.kinded(pair) } else { self.expr(pair) };
        MapEntry::Set { key: MapKey::Plain(key), value }
    }

    /// Builds `name { ... }` as a call of the name with the record.
    fn kinded(&mut self, pair: Pair<'_>) -> Expr {
        let span = self.span(&pair);
        let mut pairs = pair.into_inner();
        let name = self.ident(&take(&mut pairs));
        let callee = Box::new(Expr { span: name.span, kind: ExprKind::Name(name.name) });
        let pair = take(&mut pairs);
        let value = self.map(self.wider(&pair, 1), pair);
        let height = self.height;
        let args = thin_vec![Arg { name: None, spread: false, value }];
        self.node(span, ExprKind::Call { callee, args }, height)
    }

    fn function(&mut self, mut pairs: Pairs<'_>) -> Function {
        let name = self.ident(&take(&mut pairs));
        let generics = take_if(&mut pairs, Rule::generics)
            .map(|pair| pair.into_inner().map(|pair| self.ident(&pair)).collect())
            .unwrap_or_default();
        let params = take(&mut pairs).into_inner().map(|pair| self.parameter(pair)).collect();
        let result = self.ty(take(&mut pairs));
        let body = pairs.next().map(|pair| self.expr(pair));
        Function { name, generics, params, result, body }
    }

    fn parameter(&mut self, pair: Pair<'_>) -> Param {
        let mut pairs = pair.into_inner();
        let variadic = take_if(&mut pairs, Rule::spread).is_some();
        let name = self.ident(&take(&mut pairs));
        let ty = self.ty(take(&mut pairs));
        let default = pairs.next().map(|pair| self.expr(pair));
        Param { name, ty, default, variadic }
    }

    /// Builds a layer without its members from its header.
    pub(in crate::syntax) fn layer(&mut self, pair: Pair<'_>) -> Layer {
        let pair = take(&mut pair.into_inner());
        let rule = pair.as_rule();
        let mut pairs = pair.into_inner();
        if rule == Rule::test {
            let name = self.key(take(&mut pairs));
            return Layer { name, kind: LayerKind::Test, is_cut: false, members: Vec::new() };
        }
        let is_abstract = take_if(&mut pairs, Rule::abstract_mark).is_some();
        let name = self.ident(&take(&mut pairs));
        if rule == Rule::component {
            return Layer { name, kind: LayerKind::Component, is_cut: false, members: Vec::new() };
        }
        if rule == Rule::overlay {
            let kind = LayerKind::Overlay { target: self.ident(&take(&mut pairs)) };
            return Layer { name, kind, is_cut: false, members: Vec::new() };
        }
        let keys = take_if(&mut pairs, Rule::keys).map(|pair| Box::new(self.keys(pair)));
        let extends = take_if(&mut pairs, Rule::extends)
            .map(|pair| self.ident(&take(&mut pair.into_inner())));
        let with = take_if(&mut pairs, Rule::with)
            .map(|pair| pair.into_inner().map(|pair| self.ident(&pair)).collect())
            .unwrap_or_default();
        Layer {
            name,
            kind: LayerKind::Environment { is_abstract, keys, extends, with },
            is_cut: false,
            members: Vec::new(),
        }
    }

    /// Builds a lone expression.
    pub(in crate::syntax) fn expression(&mut self, pair: Pair<'_>) -> Expr {
        self.expr(take(&mut pair.into_inner()))
    }

    /// Returns the span of `start..end` of the file.
    pub(in crate::syntax) fn place(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }
}
