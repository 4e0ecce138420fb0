//! Written types to types.
//!
//! Named types are resolved on demand, so their order never matters; one that contains itself is
//! reported and becomes `any`.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Field, Literal, RecordType, Refinement, Str, Type};

use super::Project;
use crate::diagnostics::{bad_type, duplicate_declaration, unknown_type};
use crate::syntax::ast::{self, TypeExpr, TypeExprKind};

/// Resolves every declared type, and the type of every member that has one.
pub(super) fn resolve(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let files = std::mem::take(&mut project.files);
    let mut resolver = Resolver {
        declared: FxHashMap::default(),
        done: FxHashMap::default(),
        under_way: Vec::new(),
        conditions: Vec::new(),
        defaults: Vec::new(),
        diagnostics,
    };
    for item in files.iter().flat_map(|file| &file.items) {
        if let ast::ItemKind::Type { name, ty } = &item.kind
            && let Some((first, _)) = resolver.declared.insert(name.name.clone(), (name, ty))
        {
            resolver.diagnostics.push(duplicate_declaration::named_type(name, first.span));
        }
    }
    let mut names: Vec<&ast::Ident> = resolver.declared.values().map(|(name, _)| *name).collect();
    names.sort_unstable_by_key(|name| name.span);
    for name in names {
        resolver.named(&name.name);
    }
    let mut member_types = FxHashMap::default();
    for item in files.iter().flat_map(|file| &file.items) {
        let ast::ItemKind::Layer(layer) = &item.kind else { continue };
        for member in &layer.members {
            if let Some(ty) = written_type(member) {
                member_types.insert(ty.span, resolver.resolve(ty));
            }
        }
    }
    let Resolver { done, conditions, defaults, .. } = resolver;
    project.types = done;
    project.conditions = conditions;
    project.defaults = defaults;
    project.member_types = member_types;
    project.files = files;
}

/// Returns the type that a member's declaration writes down.
pub(crate) fn written_type(member: &ast::Member) -> Option<&TypeExpr> {
    match &member.kind {
        ast::MemberKind::Param { ty, .. }
        | ast::MemberKind::Let { ty, .. }
        | ast::MemberKind::Output { ty, .. } => ty.as_ref(),
        ast::MemberKind::Resource(_)
        | ast::MemberKind::Provider { .. }
        | ast::MemberKind::Ensure { .. }
        | ast::MemberKind::Remove { .. }
        | ast::MemberKind::Amend(_) => None,
    }
}

struct Resolver<'a> {
    declared: FxHashMap<Str, (&'a ast::Ident, &'a TypeExpr)>,
    done: FxHashMap<Str, Type>,
    under_way: Vec<Str>,
    conditions: Vec<ast::Expr>,
    defaults: Vec<ast::Expr>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn named(&mut self, name: &Str) -> Option<Type> {
        if let Some(ty) = self.done.get(name) {
            return Some(ty.clone());
        }
        let (ident, ty) = *self.declared.get(name)?;
        if self.under_way.contains(name) {
            self.diagnostics.push(bad_type::contains_itself(ident));
            return Some(Type::Any);
        }
        self.under_way.push(name.clone());
        let resolved = self.resolve(ty);
        self.under_way.pop();
        self.done.insert(name.clone(), resolved.clone());
        Some(resolved)
    }

    fn resolve(&mut self, ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeExprKind::Name(name) => self.name(name, ty),
            TypeExprKind::List(element) => Type::list(self.resolve(element)),
            TypeExprKind::Map(value) => Type::map(self.resolve(value)),
            TypeExprKind::Record(fields) => self.record(fields),
            TypeExprKind::Union(options) => self.union(options, ty),
            TypeExprKind::Literal(literal) => match literal_of(literal) {
                Some(literal) => Type::Union([literal].into()),
                None => {
                    self.diagnostics.push(bad_type::literal(ty.span));
                    Type::Any
                }
            },
            TypeExprKind::Optional(inner) => self.resolve(inner).optional(),
            TypeExprKind::Secret(inner) => self.resolve(inner).secret(),
            TypeExprKind::Refined(base, condition) => {
                let base = self.resolve(base);
                let id = self.conditions.len() as u32;
                self.conditions.push((**condition).clone());
                let text = crate::fmt::expression(condition).into();
                Type::Refined(Arc::new(Refinement { base, text, id }))
            }
            TypeExprKind::Error => Type::Any,
        }
    }

    fn name(&mut self, name: &Str, ty: &TypeExpr) -> Type {
        match name.as_str() {
            "any" => return Type::Any,
            "bool" => return Type::Bool,
            "int" => return Type::Int,
            "number" => return Type::Number,
            "string" => return Type::String,
            "null" => return Type::Null,
            _ => {}
        }
        if let Some(resolved) = self.named(name) {
            return resolved;
        }
        let mut known: Vec<&str> = self.declared.keys().map(Str::as_str).collect();
        known.sort_unstable();
        self.diagnostics.push(unknown_type::diagnostic(name, ty.span, &known));
        Type::Any
    }

    fn record(&mut self, fields: &[ast::RecordField]) -> Type {
        let mut record = RecordType::default();
        for field in fields {
            let name = field.name.name.clone();
            if record.fields.iter().any(|(own, _)| *own == name) {
                self.diagnostics.push(bad_type::field_twice(&field.name));
                continue;
            }
            let ty = self.resolve(&field.ty);
            let optional = field.optional || field.default.is_some();
            let ty = if field.optional && field.default.is_none() { ty.optional() } else { ty };
            if let Some(default) = &field.default {
                record.defaults.push((name.clone(), self.defaults.len() as u32));
                self.defaults.push(default.clone());
            }
            record.fields.push((name, Field { ty, optional }));
        }
        record.fields.sort_by(|left, right| left.0.cmp(&right.0));
        Type::Record(Arc::new(record))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only these types can be united")]
    fn union(&mut self, options: &[TypeExpr], whole: &TypeExpr) -> Type {
        let mut literals = Vec::new();
        let mut nullable = false;
        for option in options {
            match self.resolve(option) {
                Type::Union(own) => literals.extend(own.iter().cloned()),
                Type::Null => nullable = true,
                Type::Any => return Type::Any,
                _ => {
                    self.diagnostics.push(bad_type::union(option.span));
                    return Type::Any;
                }
            }
        }
        let mut seen = Vec::new();
        literals.retain(|literal| {
            let new = !seen.contains(literal);
            if new {
                seen.push(literal.clone());
            }
            new
        });
        if literals.is_empty() {
            self.diagnostics.push(bad_type::union(whole.span));
            return Type::Any;
        }
        let union = Type::Union(literals.into());
        if nullable { union.optional() } else { union }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only these expressions are literals")]
fn literal_of(expr: &ast::Expr) -> Option<Literal> {
    match &expr.kind {
        ast::ExprKind::String(text) => Some(Literal::String(text.clone())),
        ast::ExprKind::Bool(value) => Some(Literal::Bool(*value)),
        ast::ExprKind::Number(number) => number.as_i64().map(Literal::Int),
        ast::ExprKind::Unary { op: ast::UnaryOp::Negate, operand } => match literal_of(operand) {
            Some(Literal::Int(whole)) => Some(Literal::Int(-whole)),
            _ => None,
        },
        _ => None,
    }
}
