//! Items, members and bodies.

use super::document::Doc;
use super::printer::{Printer, joined};
use super::sequences::{BRACES, Brackets, Element, PARENS, Separator};
use crate::syntax::ast::{
    Amend, AmendOp, Body, BodyEntry, BodyEntryKind, Expr, ExprKind, File, Function, Ident, Item,
    ItemKind, Keys, Layer, LayerKind, Member, MemberKind, Param, Resource, Target, TargetStep,
    TypeExpr, Unit,
};

impl Printer<'_> {
    pub(super) fn file(&mut self, file: &File) -> Doc {
        let items = &file.items;
        self.elements(
            items.len(),
            |printer, index| printer.item_doc(&items[index]),
            Separator::Line,
            None,
        )
        .map_or_else(Doc::nothing, Doc::force)
    }

    fn item_doc(&mut self, item: &Item) -> Element {
        let doc = match &item.kind {
            ItemKind::Project { name, settings } => {
                let head = vec![self.word("project"), self.leaf(name.span), Doc::text(" ")];
                let brackets = Brackets { broken: true, ..BRACES };
                joined(vec![joined(head), self.map(brackets, settings)])
            }
            ItemKind::Use { path, alias } => self.use_item(path, alias),
            ItemKind::Import { path, alias } => {
                let mut docs = vec![self.word("use"), self.leaf(path.span)];
                if path.span != alias.span {
                    docs.push(self.spaced("as"));
                    docs.push(self.leaf(alias.span));
                }
                joined(docs)
            }
            ItemKind::Type { name, ty } => {
                let head = vec![self.word("type"), self.leaf(name.span), self.spaced("=")];
                joined(vec![joined(head), self.ty(ty)])
            }
            ItemKind::Layer(layer) => self.layer(layer),
            ItemKind::Function(function) => self.function(function),
        };
        doc.into()
    }

    fn use_item(&mut self, path: &[Ident], alias: &Ident) -> Doc {
        let mut docs = vec![self.word("use"), self.dotted(path)];
        if path.last().is_some_and(|last| last.span != alias.span) {
            docs.push(self.spaced("as"));
            docs.push(self.leaf(alias.span));
        }
        joined(docs)
    }

    fn dotted(&mut self, path: &[Ident]) -> Doc {
        let mut docs = Vec::new();
        for (index, part) in path.iter().enumerate() {
            if index > 0 {
                docs.push(self.token("."));
            }
            docs.push(self.leaf(part.span));
        }
        joined(docs)
    }

    fn layer(&mut self, layer: &Layer) -> Doc {
        let mut docs = Vec::new();
        match &layer.kind {
            LayerKind::Environment { is_abstract, keys, extends, with } => {
                if *is_abstract {
                    docs.push(self.word("abstract"));
                }
                docs.push(self.word("environment"));
                docs.push(self.leaf(layer.name.span));
                if let Some(keys) = keys {
                    docs.push(self.keys(keys));
                }
                if let Some(extends) = extends {
                    docs.push(self.spaced("extends"));
                    docs.push(self.leaf(extends.span));
                }
                for (index, mixin) in with.iter().enumerate() {
                    docs.push(if index == 0 { self.spaced("with") } else { self.word(",") });
                    docs.push(self.leaf(mixin.span));
                }
            }
            LayerKind::Overlay { target } => {
                docs.push(self.word("overlay"));
                docs.push(self.leaf(layer.name.span));
                docs.push(self.spaced("for"));
                docs.push(self.leaf(target.span));
            }
            LayerKind::Test => {
                docs.push(self.word("test"));
                docs.push(self.leaf(layer.name.span));
            }
            LayerKind::Component => {
                docs.push(self.word("component"));
                docs.push(self.leaf(layer.name.span));
            }
        }
        docs.push(Doc::text(" "));
        let brackets = Brackets { broken: true, ..BRACES };
        let members = &layer.members;
        docs.push(
            self.bracketed(brackets, members.len(), |printer, index| {
                printer.member(&members[index])
            }),
        );
        joined(docs)
    }

    fn function(&mut self, function: &Function) -> Doc {
        let mut docs = vec![self.word("fn"), self.leaf(function.name.span)];
        for (index, generic) in function.generics.iter().enumerate() {
            docs.push(if index == 0 { self.token("<") } else { self.word(",") });
            docs.push(self.leaf(generic.span));
        }
        if !function.generics.is_empty() {
            docs.push(self.token(">"));
        }
        let params = &function.params;
        docs.push(self.bracketed(PARENS, params.len(), |printer, index| {
            printer.parameter(&params[index]).into()
        }));
        docs.push(self.spaced("->"));
        docs.push(self.ty(&function.result));
        if let Some(body) = &function.body {
            docs.push(Doc::text(" "));
            docs.push(self.token("="));
            let hugs = matches!(
                body.kind,
                ExprKind::Call { .. }
                    | ExprKind::Match { .. }
                    | ExprKind::List(_)
                    | ExprKind::Map(_)
                    | ExprKind::ListFor(_)
                    | ExprKind::MapFor(_)
            );
            let body = self.expr(body);
            docs.push(if hugs {
                joined(vec![Doc::text(" "), body])
            } else {
                Doc::group(Doc::indent(joined(vec![Doc::line(), body])))
            });
        }
        joined(docs)
    }

    fn parameter(&mut self, param: &Param) -> Doc {
        let mut docs = Vec::new();
        if param.variadic {
            docs.push(self.token("..."));
        }
        docs.push(self.leaf(param.name.span));
        docs.push(self.word(":"));
        docs.push(self.ty(&param.ty));
        if let Some(default) = &param.default {
            docs.push(self.spaced("="));
            docs.push(self.expr(default));
        }
        joined(docs)
    }

    fn member(&mut self, member: &Member) -> Element {
        let mut docs = Vec::new();
        if member.is_final {
            docs.push(self.word("final"));
        }
        match &member.kind {
            MemberKind::Param { name, secret, ty, default } => {
                docs.extend(secret.then(|| self.word("secret")));
                self.typed("param", name, ty.as_deref(), default.as_deref(), &mut docs);
            }
            MemberKind::Let { name, ty, value } => {
                self.typed("let", name, ty.as_deref(), Some(value), &mut docs);
            }
            MemberKind::Output { name, secret, ty, value } => {
                docs.extend(secret.then(|| self.word("secret")));
                self.typed("output", name, ty.as_deref(), Some(value), &mut docs);
            }
            MemberKind::Resource(resource) => self.resource(resource, &mut docs),
            MemberKind::Unit(unit) => self.unit(unit, &mut docs),
            MemberKind::Provider { name, alias, body } => {
                docs.push(self.word("provider"));
                docs.push(self.leaf(name.span));
                if let Some(alias) = alias {
                    docs.push(self.spaced("as"));
                    docs.push(self.leaf(alias.span));
                }
                docs.push(Doc::text(" "));
                docs.push(self.body(body));
            }
            MemberKind::Ensure { condition, message } => {
                docs.push(self.ensure("ensure", condition, Some(message)));
            }
            MemberKind::Expect { condition, message } => {
                docs.push(self.ensure("expect", condition, message.as_deref()));
            }
            MemberKind::Remove { target } => {
                docs.push(self.word("remove"));
                docs.push(self.target(target));
            }
            MemberKind::Moved { from, to } => {
                docs.push(self.word("moved"));
                docs.push(self.target(from));
                docs.push(self.spaced("->"));
                docs.push(self.target(to));
            }
            MemberKind::Forget { target } => {
                docs.push(self.word("forget"));
                docs.push(self.target(target));
            }
            MemberKind::Adopt { target, id } => {
                docs.push(self.word("adopt"));
                docs.push(self.target(target));
                docs.push(self.spaced("="));
                docs.push(self.expr(id));
            }
            MemberKind::Amend(amend) => return self.amend(docs, amend),
        }
        joined(docs).into()
    }

    fn typed(
        &mut self,
        keyword: &str,
        name: &Ident,
        ty: Option<&TypeExpr>,
        value: Option<&Expr>,
        docs: &mut Vec<Doc>,
    ) {
        docs.push(self.word(keyword));
        docs.push(self.leaf(name.span));
        if let Some(ty) = ty {
            docs.push(self.word(":"));
            docs.push(self.ty(ty));
        }
        if let Some(value) = value {
            docs.push(self.spaced("="));
            docs.push(self.expr(value));
        }
    }

    fn resource(&mut self, resource: &Resource, docs: &mut Vec<Doc>) {
        docs.push(self.word(resource.mode.keyword()));
        docs.push(self.dotted(&resource.type_name));
        docs.push(Doc::text(" "));
        docs.push(self.leaf(resource.name.span));
        if let Some(keys) = &resource.keys {
            docs.push(self.keys(keys));
        }
        if let Some(condition) = &resource.condition {
            docs.push(self.spaced("if"));
            docs.push(self.expr(condition));
        }
        docs.push(Doc::text(" "));
        docs.push(self.body(&resource.body));
    }

    fn unit(&mut self, unit: &Unit, docs: &mut Vec<Doc>) {
        docs.push(self.word("unit"));
        docs.push(self.leaf(unit.name.span));
        if let Some(keys) = &unit.keys {
            docs.push(self.keys(keys));
        }
        if let Some(condition) = &unit.condition {
            docs.push(self.spaced("if"));
            docs.push(self.expr(condition));
        }
        docs.push(self.spaced("="));
        docs.push(self.dotted(&unit.component));
        if unit.body.span.is_some() {
            docs.push(Doc::text(" "));
            docs.push(self.body(&unit.body));
        }
    }

    fn keys(&mut self, keys: &Keys) -> Doc {
        let mut docs = vec![self.token("["), self.leaf(keys.key.span)];
        if let Some(value) = &keys.value {
            docs.push(self.word(","));
            docs.push(self.leaf(value.span));
        }
        docs.push(self.spaced("in"));
        docs.push(self.expr(&keys.source));
        docs.push(self.token("]"));
        joined(docs)
    }

    fn ensure(&mut self, keyword: &str, condition: &Expr, message: Option<&Expr>) -> Doc {
        let head = vec![self.word(keyword), self.expr(condition)];
        let Some(message) = message else { return joined(head) };
        let word = self.word("else");
        let rest = joined(vec![Doc::line(), word, self.expr(message)]);
        Doc::group(joined(vec![joined(head), Doc::indent(rest)]))
    }

    fn amend(&mut self, mut docs: Vec<Doc>, amend: &Amend) -> Element {
        docs.push(self.target(&amend.target));
        match &amend.op {
            AmendOp::Set(value) => self.assignment(docs, "=", value),
            AmendOp::Add(value) => self.assignment(docs, "+=", value),
            AmendOp::Inside(body) => {
                docs.push(Doc::text(" "));
                docs.push(self.body(body));
                joined(docs).into()
            }
        }
    }

    fn assignment(&mut self, head: Vec<Doc>, operator: &str, value: &Expr) -> Element {
        let operator = self.spaced(operator);
        let tail = joined(vec![operator, self.expr(value)]);
        Element { head: joined(head), tail: Some(tail), bare: false }
    }

    fn target(&mut self, target: &Target) -> Doc {
        let mut docs = vec![self.leaf(target.name.span)];
        for step in &target.steps {
            match step {
                TargetStep::Member(name) => {
                    docs.push(self.token("."));
                    docs.push(self.leaf(name.span));
                }
                TargetStep::Index { value: index, .. } => {
                    docs.push(self.token("["));
                    docs.push(self.expr(index));
                    docs.push(self.token("]"));
                }
            }
        }
        joined(docs)
    }

    fn body(&mut self, body: &Body) -> Doc {
        let entries = &body.entries;
        self.bracketed(BRACES, entries.len(), |printer, index| printer.body_entry(&entries[index]))
    }

    fn body_entry(&mut self, entry: &BodyEntry) -> Element {
        let mut docs = Vec::new();
        if entry.is_final {
            docs.push(self.word("final"));
        }
        match &entry.kind {
            BodyEntryKind::Annotation(annotation) => {
                docs.push(self.token("@"));
                docs.push(self.leaf(annotation.name.span));
                let at = self.place;
                if self.text.as_bytes().get(at) == Some(&b'(') {
                    docs.push(self.args(&annotation.args));
                }
                Element { head: joined(docs), tail: None, bare: true }
            }
            BodyEntryKind::Amend(amend) => self.amend(docs, amend),
            BodyEntryKind::Shorthand(name) => {
                docs.push(self.leaf(name.span));
                joined(docs).into()
            }
            BodyEntryKind::Remove(target) => {
                docs.push(self.word("remove"));
                docs.push(self.target(target));
                joined(docs).into()
            }
        }
    }
}
