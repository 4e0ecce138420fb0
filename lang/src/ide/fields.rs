//! Where the fields of records are declared.
//!
//! Takes a name behind a dot, in a record or in the body that changes one; returns the field that it is: the one that a
//! written type has, or the key of the record that a `let` without a type is. It follows what is written, and evaluates
//! nothing.

use syncline_model::{Span, Str};

use super::analysis::{Analysis, Declared};
use super::occurrence::{Locals, Nth, Occurrence, Owner, local};
use super::reach::From;
use crate::resolve::{ModuleId, written_type};
use crate::syntax::ast::{
    Expr, ExprKind, ItemKind, MapEntry, MapKey, MemberKind, TypeExpr, TypeExprKind,
};

/// How many names are followed.
const FUEL: u8 = 16;

/// What is written of a value.
#[derive(Clone, Copy, Debug)]
enum Written<'a> {
    /// Its type, and the module that the type is read in.
    Type(ModuleId, &'a TypeExpr),
    /// The value itself, and from where it is read.
    Value(From, &'a Expr),
}

impl Analysis {
    /// Returns the field that stands behind the dot of an expression.
    pub(super) fn accessed_field<'a>(
        &'a self,
        from: From,
        base: &'a Expr,
        (locals, name): (&Locals<'a>, &str),
    ) -> Option<Span> {
        let written = self.written(from, base, locals, FUEL)?;
        self.field(written, name, FUEL).map(|(span, _)| span)
    }

    /// Returns the field that a name in a record, or in a body that changes one, is.
    pub(super) fn owned_field<'a>(
        &'a self,
        occurrence: &Occurrence<'a>,
        owner: &Owner<'a>,
    ) -> Option<Span> {
        let written = self.written_of(occurrence, owner, FUEL)?;
        self.field(written, occurrence.name, FUEL).map(|(span, _)| span)
    }

    /// Returns what is written of what has the names of a body.
    fn written_of<'a>(
        &'a self,
        occurrence: &Occurrence<'a>,
        owner: &Owner<'a>,
        fuel: u8,
    ) -> Option<Written<'a>> {
        let fuel = fuel.checked_sub(1)?;
        match owner {
            Owner::Typed(ty) => Some(Written::Type(self.module_of(occurrence.span.file), ty)),
            Owner::Member(name) => {
                let layer = self.layer(occurrence.layer?)?;
                self.written_of_member(self.declared(layer, name)?, fuel)
            }
            Owner::Inside(outer, name) => {
                if let Some(layer) = self.layer_of(occurrence, outer) {
                    return self.written_of_member(self.declared(layer, name)?, fuel);
                }
                let outer = self.written_of(occurrence, outer, fuel)?;
                self.field(outer, name, fuel)?.1
            }
            Owner::Element(outer) => {
                self.element_of(self.written_of(occurrence, outer, fuel)?, fuel)
            }
            Owner::Component(_) | Owner::Environment(_) | Owner::Mocks => None,
        }
    }

    fn written_of_member(&self, declared: Declared, fuel: u8) -> Option<Written<'_>> {
        let member = self.member(declared)?;
        let from = self.within(declared.layer);
        if let Some(ty) = written_type(member) {
            return Some(Written::Type(from.module, ty));
        }
        match &member.kind {
            MemberKind::Let { value, .. } | MemberKind::Output { value, .. } => {
                self.written(from, value, &None, fuel)
            }
            MemberKind::Param { default: Some(value), .. } => {
                self.written(from, value, &None, fuel)
            }
            MemberKind::Param { .. }
            | MemberKind::Resource(_)
            | MemberKind::Unit(_)
            | MemberKind::Provider { .. }
            | MemberKind::Ensure { .. }
            | MemberKind::Expect { .. }
            | MemberKind::Remove { .. }
            | MemberKind::Moved { .. }
            | MemberKind::Forget { .. }
            | MemberKind::Adopt { .. }
            | MemberKind::Amend(_) => None,
        }
    }

    /// Returns what is written of an expression's value.
    fn written<'a>(
        &'a self,
        from: From,
        expr: &'a Expr,
        locals: &Locals<'a>,
        fuel: u8,
    ) -> Option<Written<'a>> {
        let fuel = fuel.checked_sub(1)?;
        let within = |expr| self.written(from, expr, locals, fuel);
        if let ExprKind::Name(name) = &expr.kind {
            if let Some(bound) = local(locals, name) {
                if let Some(ty) = bound.ty {
                    return Some(Written::Type(from.module, ty));
                }
                let source = bound.source.as_ref().filter(|own| own.nth != Nth::First)?;
                let through = self.written(from, source.expr, &source.locals, fuel)?;
                return self.element_of(through, fuel);
            }
            return self.written_of_member(self.declared(from.layer?, name)?, fuel);
        }
        if let ExprKind::Member { base, name, .. } = &expr.kind {
            if let Some(super::reach::Reach::Members(layer)) = self.reach(from, base, locals) {
                return self.written_of_member(self.declared(layer, &name.name)?, fuel);
            }
            return self.field(within(base)?, &name.name, fuel)?.1;
        }
        if let ExprKind::Index { base, .. } = &expr.kind {
            return self.element_of(within(base)?, fuel);
        }
        if let ExprKind::Paren(inner) = &expr.kind {
            return within(inner);
        }
        let is_record =
            matches!(expr.kind, ExprKind::Map(_) | ExprKind::List(_) | ExprKind::ListFor(_));
        is_record.then_some(Written::Value(from, expr))
    }

    /// Returns what is written of the elements of a list, a set or a map.
    fn element_of<'a>(&'a self, written: Written<'a>, fuel: u8) -> Option<Written<'a>> {
        match written {
            Written::Type(module, ty) => {
                let (module, ty) = self.bare_type(module, ty, fuel)?;
                if let TypeExprKind::List(inner)
                | TypeExprKind::Set(inner)
                | TypeExprKind::Map(inner) = &ty.kind
                {
                    Some(Written::Type(module, inner))
                } else {
                    None
                }
            }
            Written::Value(from, expr) => {
                if let ExprKind::List(items) = &expr.kind {
                    self.written(from, &items.first()?.value, &None, fuel)
                } else {
                    None
                }
            }
        }
    }

    /// Returns where a field is declared, and what is written of it.
    fn field<'a>(
        &'a self,
        written: Written<'a>,
        name: &str,
        fuel: u8,
    ) -> Option<(Span, Option<Written<'a>>)> {
        let fuel = fuel.checked_sub(1)?;
        match written {
            Written::Type(module, ty) => {
                let (module, ty) = self.bare_type(module, ty, fuel)?;
                let TypeExprKind::Record(fields) = &ty.kind else { return None };
                let field = fields.iter().find(|field| field.name.name == name)?;
                Some((field.name.span, Some(Written::Type(module, &field.ty))))
            }
            Written::Value(from, expr) => {
                let ExprKind::Map(entries) = &expr.kind else { return None };
                entries.iter().find_map(|entry| match entry {
                    MapEntry::Set { key: MapKey::Plain(key), value } if key.name == name => {
                        Some((key.span, self.written(from, value, &None, fuel)))
                    }
                    MapEntry::Shorthand(key) if key.name == name => Some((key.span, None)),
                    MapEntry::Set { .. } | MapEntry::Shorthand(_) | MapEntry::Spread(_) => None,
                })
            }
        }
    }

    /// Returns a type without what is said of it, and with its name looked up.
    fn bare_type<'a>(
        &'a self,
        module: ModuleId,
        ty: &'a TypeExpr,
        fuel: u8,
    ) -> Option<(ModuleId, &'a TypeExpr)> {
        let fuel = fuel.checked_sub(1)?;
        match &ty.kind {
            TypeExprKind::Optional(inner)
            | TypeExprKind::Secret(inner)
            | TypeExprKind::Refined(inner, _) => self.bare_type(module, inner, fuel),
            TypeExprKind::Name(name) => {
                let (module, name) = match name.split_once('.') {
                    Some((alias, own)) => (self.project.folder_module(module, alias)?, own),
                    None => (module, name.as_str()),
                };
                self.bare_type(module, self.type_named(module, name)?, fuel)
            }
            TypeExprKind::List(_)
            | TypeExprKind::Set(_)
            | TypeExprKind::Map(_)
            | TypeExprKind::Record(_)
            | TypeExprKind::Union(_)
            | TypeExprKind::Literal(_)
            | TypeExprKind::Function { .. }
            | TypeExprKind::Error => Some((module, ty)),
        }
    }

    /// Returns the declaration of a type.
    fn type_named(&self, module: ModuleId, name: &str) -> Option<&TypeExpr> {
        self.project.types.get(&(module, Str::from(name)))?;
        let files = self.project.files().iter();
        let own = files.filter(|tree| self.project.module_of_folder(&tree.folder) == module);
        own.flat_map(|tree| &tree.items).find_map(|item| match &item.kind {
            ItemKind::Type { name: declared, ty } if declared.name == name => Some(ty),
            ItemKind::Type { .. }
            | ItemKind::Project { .. }
            | ItemKind::Use { .. }
            | ItemKind::Import { .. }
            | ItemKind::Function(_)
            | ItemKind::Layer(_) => None,
        })
    }
}
