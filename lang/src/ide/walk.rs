//! Every name in a file, with what it is there.
//!
//! Takes a syntax tree and gives each name, in no order, with its place, the layer around it and
//! its role. It looks nothing up: who declares a name is for [`super::analysis`] to say. This is the one
//! place of `ide` that goes through the whole tree.

use std::rc::Rc;

use syncline_model::Span;

use super::occurrence::{Bound, Locals, Nth, Occurrence, Owner, Role, Source, local};

use crate::syntax::ast::{
    self, Amend, AmendOp, Body, BodyEntryKind, Expr, ExprKind, ItemKind, LayerKind, MapEntry,
    MapKey, MemberKind, Target, TargetStep, TypeExpr, TypeExprKind,
};
use crate::syntax::visit;

/// Gives every name in a file.
pub(super) fn walk<'a>(file: &'a ast::File, found: &mut dyn FnMut(Occurrence<'a>)) {
    let mut walk = Walk { found, layer: None, locals: None };
    for item in &file.items {
        walk.item(item);
    }
}

struct Walk<'a, 'f> {
    found: &'f mut dyn FnMut(Occurrence<'a>),
    layer: Option<&'a ast::Layer>,
    locals: Locals<'a>,
}

impl<'a> Walk<'a, '_> {
    fn emit(&mut self, name: &'a str, span: Span, role: Role<'a>) {
        (self.found)(Occurrence { span, name, layer: self.layer, role });
    }

    fn ident(&mut self, ident: &'a ast::Ident, role: Role<'a>) {
        self.emit(&ident.name, ident.span, role);
    }

    fn item(&mut self, item: &'a ast::Item) {
        match &item.kind {
            ItemKind::Project { settings, .. } => self.settings(settings),
            ItemKind::Use { path, alias } => {
                for part in path {
                    self.ident(part, Role::ModulePath);
                }
                self.ident(alias, Role::ModuleDeclared);
            }
            ItemKind::Import { alias, .. } => self.ident(alias, Role::ModuleDeclared),
            ItemKind::Type { name, ty } => {
                self.ident(name, Role::TypeDeclared);
                self.ty(ty);
            }
            ItemKind::Layer(layer) => self.layer(layer),
            ItemKind::Function(function) => {
                self.ident(&function.name, Role::FunctionDeclared);
                for param in &function.params {
                    self.bind(&param.name, None, Some(&param.ty));
                    self.ty(&param.ty);
                    let owner = || Some(Owner::Typed(&param.ty));
                    param.default.iter().for_each(|value| self.value(value, owner()));
                }
                self.ty(&function.result);
                let owner = || Some(Owner::Typed(&function.result));
                function.body.iter().for_each(|body| self.value(body, owner()));
                self.locals = None;
            }
        }
    }

    fn layer(&mut self, layer: &'a ast::Layer) {
        self.layer = Some(layer);
        if !self.is_test() {
            self.ident(&layer.name, Role::LayerDeclared);
        }
        self.layer = None;
        match &layer.kind {
            LayerKind::Environment { extends, with, keys, .. } => {
                keys.iter().for_each(|keys| self.keys(keys));
                for name in extends.iter().chain(with) {
                    self.ident(name, Role::Layer);
                }
            }
            LayerKind::Overlay { target } => self.ident(target, Role::Layer),
            LayerKind::Component | LayerKind::Test => {}
        }
        let keys = self.locals.take();
        self.layer = Some(layer);
        for member in &layer.members {
            self.locals.clone_from(&keys);
            self.member(member);
        }
        self.locals = None;
        self.layer = None;
    }

    fn member(&mut self, member: &'a ast::Member) {
        match &member.kind {
            MemberKind::Param { name, ty, default, .. } => {
                self.ident(name, Role::Declared);
                ty.iter().for_each(|ty| self.ty(ty));
                let owner = || Some(Owner::Member(&name.name));
                default.iter().for_each(|value| self.value(value, owner()));
            }
            MemberKind::Let { name, ty, value } | MemberKind::Output { name, ty, value, .. } => {
                self.ident(name, Role::Declared);
                ty.iter().for_each(|ty| self.ty(ty));
                self.value(value, Some(Owner::Member(&name.name)));
            }
            MemberKind::Resource(resource) => self.resource(resource),
            MemberKind::Unit(unit) => self.unit(unit),
            MemberKind::Moved { from, to } => {
                self.target(from, Role::Amended);
                self.target(to, Role::Amended);
            }
            MemberKind::Forget { target } => self.target(target, Role::Amended),
            MemberKind::Adopt { target, id } => {
                self.target(target, Role::Amended);
                self.expr(id);
            }
            MemberKind::Provider { name, alias, body } => {
                self.ident(name, Role::Provider);
                alias.iter().for_each(|alias| self.ident(alias, Role::Declared));
                self.body(body, None);
            }
            MemberKind::Ensure { condition, message } => {
                self.expr(condition);
                self.expr(message);
            }
            MemberKind::Expect { condition, message } => {
                self.expr(condition);
                message.iter().for_each(|message| self.expr(message));
            }
            MemberKind::Remove { target } => self.target(target, Role::Amended),
            MemberKind::Amend(amend) => self.amend(amend, Role::Amended),
        }
    }

    fn resource(&mut self, resource: &'a ast::Resource) {
        for (at, part) in resource.type_name.iter().enumerate() {
            self.ident(part, if at == 0 { Role::ProviderOfType } else { Role::ResourceType });
        }
        self.ident(&resource.name, Role::Declared);
        resource.keys.iter().for_each(|keys| self.keys(keys));
        resource.condition.iter().for_each(|condition| self.expr(condition));
        self.body(&resource.body, None);
    }

    fn unit(&mut self, unit: &'a ast::Unit) {
        for part in &unit.component {
            self.ident(part, Role::Component(&unit.component));
        }
        self.ident(&unit.name, Role::Declared);
        unit.keys.iter().for_each(|keys| self.keys(keys));
        unit.condition.iter().for_each(|condition| self.expr(condition));
        self.body(&unit.body, Some(Owner::Component(&unit.component)));
    }

    fn bind(
        &mut self,
        ident: &'a ast::Ident,
        source: Option<Source<'a>>,
        ty: Option<&'a TypeExpr>,
    ) {
        self.ident(ident, Role::Local(ident.span));
        let outer = self.locals.take();
        let bound = Bound { name: &ident.name, span: ident.span, source, ty, outer };
        self.locals = Some(Rc::new(bound));
    }

    fn keys(&mut self, keys: &'a ast::Keys) {
        self.go_through(&keys.source, &keys.key, keys.value.as_ref());
    }

    /// Binds the variables of what goes through a list or a map.
    fn go_through(
        &mut self,
        source: &'a Expr,
        first: &'a ast::Ident,
        second: Option<&'a ast::Ident>,
    ) {
        self.expr(source);
        let locals = self.locals.clone();
        let source = |nth| Some(Source { expr: source, locals: locals.clone(), nth });
        self.bind(first, source(if second.is_some() { Nth::First } else { Nth::Only }), None);
        second.iter().for_each(|second| self.bind(second, source(Nth::Second), None));
    }

    fn body(&mut self, body: &'a Body, owner: Option<Owner<'a>>) {
        let role = owner.map_or(Role::Attribute, Role::Part);
        let is_part = matches!(role, Role::Part(_));
        for entry in &body.entries {
            match &entry.kind {
                BodyEntryKind::Annotation(annotation) => {
                    self.ident(&annotation.name, Role::Annotation);
                    // Only these name members; the others take paths and words.
                    if ["after", "replace_with", "protect", "timeout", "health"]
                        .contains(&annotation.name.name.as_str())
                    {
                        annotation.args.iter().for_each(|arg| self.expr(&arg.value));
                    }
                    // Behind the provider's name stands that of one of its configurations.
                    if let ("provider", [arg]) =
                        (annotation.name.name.as_str(), annotation.args.as_slice())
                        && let ExprKind::Member { base, name, .. } = &arg.value.kind
                    {
                        if let ExprKind::Name(provider) = &base.kind {
                            self.emit(provider, base.span, Role::Provider);
                        }
                        self.ident(name, Role::Name);
                    }
                }
                BodyEntryKind::Amend(amend) => self.amend(amend, role.clone()),
                BodyEntryKind::Shorthand(name) => {
                    if is_part {
                        self.ident(name, role.clone());
                    }
                    self.shorthand(name);
                }
                BodyEntryKind::Remove(target) => self.target(target, role.clone()),
            }
        }
    }

    fn shorthand(&mut self, name: &'a ast::Ident) {
        match self.local(&name.name) {
            Some(bound) => self.ident(name, Role::Local(bound)),
            None => self.ident(name, Role::Shorthand),
        }
    }

    fn amend(&mut self, amend: &'a Amend, role: Role<'a>) {
        let name = amend.target.name.name.as_str();
        match (&role, &amend.op) {
            (Role::Amended, AmendOp::Set(value)) if self.is_test() && name == "environment" => {
                self.ident(&amend.target.name, Role::Key);
                return self.tested(value);
            }
            (Role::Amended, AmendOp::Inside(body)) if self.is_test() && name == "mocks" => {
                self.ident(&amend.target.name, Role::Key);
                return self.body(body, Some(Owner::Mocks));
            }
            (Role::Part(Owner::Mocks), AmendOp::Inside(body)) if is_outputs(&amend.target) => {
                self.ident(&amend.target.name, Role::Layer);
                return self.body(body, Some(Owner::Environment(name)));
            }
            _ => {}
        }
        let inside = self.target_of(&amend.target, role);
        match &amend.op {
            AmendOp::Set(value) => self.value(value, inside),
            AmendOp::Add(value) => self.value(value, inside),
            AmendOp::Inside(body) => self.body(body, inside),
        }
    }

    /// What a test is about: `dev`, `prod["eu"]`, `dev(replicas = 2)`.
    fn tested(&mut self, value: &'a Expr) {
        if let ExprKind::Name(name) = &value.kind {
            self.emit(name, value.span, Role::Layer);
        } else if let ExprKind::Index { base, .. } = &value.kind {
            self.tested(base);
        } else if let ExprKind::Call { callee, args } = &value.kind {
            self.tested(callee);
            let environment = super::navigate::root(callee);
            for arg in args {
                if let (Some(name), Some(environment)) = (&arg.name, environment) {
                    self.ident(name, Role::Part(Owner::Environment(environment)));
                }
                self.expr(&arg.value);
            }
        }
    }

    fn is_test(&self) -> bool {
        self.layer.is_some_and(|layer| matches!(layer.kind, LayerKind::Test))
    }

    fn target(&mut self, target: &'a Target, role: Role<'a>) {
        self.target_of(target, role);
    }

    /// Returns whose body stands behind a target, where it may be that of a unit.
    fn target_of(&mut self, target: &'a Target, role: Role<'a>) -> Option<Owner<'a>> {
        let name = &target.name;
        self.ident(name, role.clone());
        let mut inside = if let Role::Part(owner) = role {
            Some(Owner::Inside(Rc::new(owner), &name.name))
        } else {
            matches!(role, Role::Amended).then_some(Owner::Member(&name.name))
        };
        for step in &target.steps {
            match step {
                TargetStep::Member(name) => {
                    self.ident(name, inside.clone().map_or(Role::Key, Role::Part));
                    inside = inside.map(|owner| Owner::Inside(Rc::new(owner), &name.name));
                }
                TargetStep::Index { value: index, .. } => self.expr(index),
            }
        }
        inside
    }

    fn ty(&mut self, ty: &'a TypeExpr) {
        match &ty.kind {
            TypeExprKind::Name(name) => self.type_name(name, ty.span),
            TypeExprKind::List(inner)
            | TypeExprKind::Map(inner)
            | TypeExprKind::Set(inner)
            | TypeExprKind::Optional(inner)
            | TypeExprKind::Secret(inner) => self.ty(inner),
            TypeExprKind::Refined(inner, condition) => {
                self.ty(inner);
                self.expr(condition);
            }
            TypeExprKind::Record(fields) => {
                for field in fields {
                    self.ident(&field.name, Role::Field);
                    self.ty(&field.ty);
                    let owner = || Some(Owner::Typed(&field.ty));
                    field.default.iter().for_each(|value| self.value(value, owner()));
                }
            }
            TypeExprKind::Function { params, result } => {
                params.iter().for_each(|param| self.ty(param));
                self.ty(result);
            }
            TypeExprKind::Union(options) => options.iter().for_each(|option| self.ty(option)),
            TypeExprKind::Literal(_) | TypeExprKind::Error => {}
        }
    }

    /// `Tier`, or `service.Tier` of another module.
    fn type_name(&mut self, name: &'a str, span: Span) {
        let Some((alias, own)) = name.split_once('.') else {
            return self.emit(name, span, Role::Type);
        };
        let (start, end) = (span.start, span.end);
        self.emit(alias, Span::new(span.file, start, start + alias.len() as u32), Role::Alias);
        self.emit(own, Span::new(span.file, end - own.len() as u32, end), Role::TypeOf(alias));
    }

    fn local(&self, name: &str) -> Option<Span> {
        local(&self.locals, name).map(|bound| bound.span)
    }

    fn name(&mut self, name: &'a str, span: Span, role: Role<'a>) {
        match self.local(name) {
            Some(bound) => self.emit(name, span, Role::Local(bound)),
            None => self.emit(name, span, role),
        }
    }

    /// A value whose parts are known by what it is of: the keys of a record are fields.
    fn value(&mut self, expr: &'a Expr, owner: Option<Owner<'a>>) {
        let Some(owner) = owner else { return self.expr(expr) };
        let element = || Some(Owner::Element(Rc::new(owner.clone())));
        if let ExprKind::Map(entries) = &expr.kind {
            self.entries(entries, Some(&owner));
        } else if let ExprKind::Paren(inner) = &expr.kind {
            self.value(inner, Some(owner));
        } else if let ExprKind::If(choice) = &expr.kind {
            self.expr(&choice.condition);
            self.value(&choice.then, Some(owner.clone()));
            self.value(&choice.otherwise, Some(owner));
        } else if let ExprKind::List(items) = &expr.kind {
            for item in items {
                let owner = if item.spread { Some(owner.clone()) } else { element() };
                self.value(&item.value, owner);
            }
        } else if let ExprKind::ListFor(made) | ExprKind::MapFor(made) = &expr.kind {
            self.comprehension(made, element());
        } else {
            self.expr(expr);
        }
    }

    /// What the project says of itself.
    fn settings(&mut self, settings: &'a [ast::MapEntry]) {
        for entry in settings {
            if let MapEntry::Set { key: MapKey::Plain(key), value } = entry
                && key.name == "providers"
                && let ExprKind::Map(providers) = &value.kind
            {
                self.ident(key, Role::Key);
                for entry in providers {
                    if let MapEntry::Set { key: MapKey::Plain(name), value } = entry {
                        self.ident(name, Role::ProviderDeclared);
                        self.expr(value);
                    }
                }
            } else {
                self.entries(std::slice::from_ref(entry), None);
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span, Role::Name),
            ExprKind::Offered { provider, name } => {
                self.ident(provider, Role::Provider);
                self.ident(name, Role::Offered);
            }
            ExprKind::Member { base, name, .. } => {
                self.expr(base);
                self.ident(name, Role::Access(base, self.locals.clone()));
            }
            ExprKind::Index { base, index, .. } => {
                self.expr(base);
                self.expr(index);
                self.quoted_output(base, index);
            }
            ExprKind::Call { callee, args } => self.call(callee, args),
            ExprKind::Lambda(lambda) => {
                let outer = self.locals.clone();
                lambda.params.iter().for_each(|param| self.bind(param, None, None));
                self.expr(&lambda.body);
                self.locals = outer;
            }
            ExprKind::Map(entries) => self.entries(entries, None),
            ExprKind::ListFor(made) | ExprKind::MapFor(made) => self.comprehension(made, None),
            // These name nothing and bind nothing themselves.
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(_)
            | ExprKind::String(_)
            | ExprKind::Template(_)
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Compare { .. }
            | ExprKind::If(_)
            | ExprKind::Match { .. }
            | ExprKind::List(_)
            | ExprKind::Paren(_)
            | ExprKind::Error => visit::children(expr, &mut |part| self.expr(part)),
        }
    }

    /// `network.outputs["id"]` names what `network.outputs.id` does.
    fn quoted_output(&mut self, base: &'a Expr, index: &'a Expr) {
        if let (ExprKind::Member { name, .. }, ExprKind::String(text)) = (&base.kind, &index.kind)
            && name.name == "outputs"
            && (index.span.end - index.span.start) as usize == text.len() + 2
        {
            let span = Span::new(index.span.file, index.span.start + 1, index.span.end - 1);
            self.emit(text, span, Role::Access(base, self.locals.clone()));
        }
    }

    fn call(&mut self, callee: &'a Expr, args: &'a [ast::Arg]) {
        if let ExprKind::Name(name) = &callee.kind {
            self.name(name, callee.span, Role::Called);
        } else {
            self.expr(callee);
        }
        for arg in args {
            arg.name.iter().for_each(|name| self.ident(name, Role::Argument(callee)));
            self.expr(&arg.value);
        }
    }

    /// The entries of a map or a record, perhaps one of which it is known what it is of.
    fn entries(&mut self, entries: &'a [ast::MapEntry], owner: Option<&Owner<'a>>) {
        for entry in entries {
            match entry {
                MapEntry::Set { key: MapKey::Plain(key), value } => {
                    self.ident(key, owner.cloned().map_or(Role::Key, Role::Part));
                    let inside = owner.cloned().map(|own| Owner::Inside(Rc::new(own), &key.name));
                    self.value(value, inside);
                }
                MapEntry::Set { key: MapKey::Computed(key), value } => {
                    self.expr(key);
                    self.value(value, owner.cloned().map(|own| Owner::Element(Rc::new(own))));
                }
                MapEntry::Shorthand(name) => {
                    if let Some(owner) = owner {
                        self.ident(name, Role::Part(owner.clone()));
                    }
                    self.shorthand(name);
                }
                MapEntry::Spread(value) => self.value(value, owner.cloned()),
            }
        }
    }

    fn comprehension(&mut self, made: &'a ast::Comprehension, owner: Option<Owner<'a>>) {
        let outer = self.locals.clone();
        self.go_through(&made.source, &made.first, made.second.as_ref());
        for part in [&made.condition, &made.key].into_iter().flatten() {
            self.expr(part);
        }
        self.value(&made.value, owner);
        self.locals = outer;
    }
}

/// `network.outputs`, `regional["eu"].outputs`: whose values are mocked.
fn is_outputs(target: &Target) -> bool {
    matches!(&target.steps[..],
        [TargetStep::Member(step)] | [TargetStep::Index { .. }, TargetStep::Member(step)]
            if step.name == "outputs")
}
