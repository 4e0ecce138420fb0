//! Written types to types.
//!
//! Named types are resolved on demand, so their order never matters; one that contains itself is
//! reported and becomes `any`.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use syncline_model::{
    Diagnostic, Dimension, Field, FunctionType, Literal, RecordType, Refinement, Span, Str, Type,
};

use super::{ModuleId, Named, Project};
use crate::diagnostics::{bad_function, bad_type, duplicate_declaration, unknown_type};
use crate::syntax::ast::{self, TypeExpr, TypeExprKind};

/// Resolves every declared type, and the type of every member that has one.
pub(super) fn resolve(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let files = std::mem::take(&mut project.files);
    let mut resolver = Resolver {
        project,
        module: ModuleId(0),
        declared: FxHashMap::default(),
        done: FxHashMap::default(),
        under_way: Vec::new(),
        is_broken: false,
        broken_names: FxHashSet::default(),
        broken: FxHashSet::default(),
        generics: Vec::new(),
        conditions: Vec::new(),
        defaults: Vec::new(),
        diagnostics,
    };
    let items = |file| items_of(project, file);
    for (module, item) in files.iter().flat_map(items) {
        if let ast::ItemKind::Type { name, ty } = &item.kind
            && let Some((first, _)) =
                resolver.declared.insert((module, name.name.clone()), (name, ty))
        {
            resolver.diagnostics.push(duplicate_declaration::named_type(name, first.span));
        }
    }
    let mut names: Vec<(ModuleId, &ast::Ident)> =
        resolver.declared.iter().map(|((module, _), (name, _))| (*module, *name)).collect();
    names.sort_unstable_by_key(|(_, name)| name.span);
    for (module, name) in names {
        resolver.named(module, &name.name);
    }
    let mut member_types = FxHashMap::default();
    for (module, item) in files.iter().flat_map(items) {
        resolver.module = module;
        if let ast::ItemKind::Function(function) = &item.kind {
            resolver.function(function, &mut member_types);
        }
        let ast::ItemKind::Layer(layer) = &item.kind else { continue };
        for member in &layer.members {
            if let Some(ty) = written_type(member) {
                member_types.insert(ty.span, resolver.whole(ty));
            }
        }
    }
    let Resolver { done, conditions, defaults, broken, .. } = resolver;
    project.broken_types = broken;
    project.types = done;
    project.conditions = conditions;
    project.defaults = defaults;
    project.member_types = member_types;
    project.files = files;
}

fn items_of<'f>(
    project: &Project,
    file: &'f ast::File,
) -> impl Iterator<Item = (ModuleId, &'f ast::Item)> + use<'f> {
    let module = project.module_of_folder(&file.folder);
    file.items.iter().map(move |item| (module, item))
}

/// Returns the type that a member's declaration writes down.
pub(crate) fn written_type(member: &ast::Member) -> Option<&TypeExpr> {
    match &member.kind {
        ast::MemberKind::Param { ty, .. }
        | ast::MemberKind::Let { ty, .. }
        | ast::MemberKind::Output { ty, .. } => ty.as_deref(),
        ast::MemberKind::Resource(_)
        | ast::MemberKind::Unit(_)
        | ast::MemberKind::Provider { .. }
        | ast::MemberKind::Ensure { .. }
        | ast::MemberKind::Remove { .. }
        | ast::MemberKind::Moved { .. }
        | ast::MemberKind::Forget { .. }
        | ast::MemberKind::Expect { .. }
        | ast::MemberKind::Adopt { .. }
        | ast::MemberKind::Amend(_) => None,
    }
}

struct Resolver<'a> {
    project: &'a Project,
    /// The module whose names are seen.
    module: ModuleId,
    declared: FxHashMap<(ModuleId, Str), (&'a ast::Ident, &'a TypeExpr)>,
    done: FxHashMap<(ModuleId, Str), Type>,
    under_way: Vec<(ModuleId, Str)>,
    /// Something is wrong with the type at hand.
    is_broken: bool,
    /// The named types with which something is wrong.
    broken_names: FxHashSet<(ModuleId, Str)>,
    /// The type expressions of members and parameters with which something is wrong.
    broken: FxHashSet<Span>,
    /// The type variables of the function whose types are resolved.
    generics: Vec<Str>,
    conditions: Vec<ast::Expr>,
    defaults: Vec<ast::Expr>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    /// Resolves the types of a function's parameters and of its result.
    fn function(&mut self, function: &ast::Function, into: &mut FxHashMap<Span, Type>) {
        self.generics = function.generics.iter().map(|ident| ident.name.clone()).collect();
        for param in &function.params {
            let ty = if let TypeExprKind::Function { params, result } = &param.ty.kind {
                let params = params.iter().map(|ty| self.resolve(ty)).collect();
                let result = self.resolve(result);
                Type::Function(Arc::new(FunctionType { params, result }))
            } else {
                self.whole(&param.ty)
            };
            into.insert(param.ty.span, ty);
        }
        into.insert(function.result.span, self.whole(&function.result));
        self.generics.clear();
    }

    /// Resolves a type expression that is no part of another one.
    fn whole(&mut self, ty: &TypeExpr) -> Type {
        self.is_broken = false;
        let resolved = self.resolve(ty);
        if self.is_broken {
            self.broken.insert(ty.span);
        }
        resolved
    }

    /// Returns what stands for a type with which something is wrong.
    fn unknown(&mut self) -> Type {
        self.is_broken = true;
        Type::Any
    }

    fn named(&mut self, module: ModuleId, name: &Str) -> Option<Type> {
        let name = &(module, name.clone());
        if let Some(ty) = self.done.get(name) {
            self.is_broken |= self.broken_names.contains(name);
            return Some(ty.clone());
        }
        let (ident, ty) = *self.declared.get(name)?;
        if self.under_way.contains(name) {
            self.diagnostics.push(bad_type::contains_itself(ident));
            return Some(self.unknown());
        }
        self.under_way.push(name.clone());
        let outer = std::mem::replace(&mut self.module, module);
        let around = std::mem::take(&mut self.is_broken);
        let resolved = self.resolve(ty);
        if self.is_broken {
            self.broken_names.insert(name.clone());
        }
        self.is_broken |= around;
        self.module = outer;
        self.under_way.pop();
        self.done.insert(name.clone(), resolved.clone());
        Some(resolved)
    }

    fn resolve(&mut self, ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeExprKind::Name(name) => self.name(name, ty),
            TypeExprKind::List(element) => Type::list(self.resolve(element)),
            TypeExprKind::Set(element) => Type::set(self.resolve(element)),
            TypeExprKind::Map(value) => Type::map(self.resolve(value)),
            TypeExprKind::Record(fields) => self.record(fields),
            TypeExprKind::Union(options) => self.union(options, ty),
            TypeExprKind::Literal(literal) => match literal_of(literal) {
                Some(literal) => Type::Union([literal].into()),
                None => {
                    self.diagnostics.push(bad_type::literal(ty.span));
                    self.unknown()
                }
            },
            TypeExprKind::Function { .. } => {
                self.diagnostics.push(bad_function::function_as_value(ty.span));
                self.unknown()
            }
            TypeExprKind::Optional(inner) => self.resolve(inner).optional(),
            TypeExprKind::Secret(inner) => self.resolve(inner).secret(),
            TypeExprKind::Refined(base, condition) => {
                let base = self.resolve(base);
                let id = self.conditions.len() as u32;
                self.conditions.push((**condition).clone());
                let text = crate::fmt::expression(condition).into();
                Type::Refined(Arc::new(Refinement { base, text, id }))
            }
            TypeExprKind::Error => self.unknown(),
        }
    }

    fn name(&mut self, name: &Str, ty: &TypeExpr) -> Type {
        if self.generics.contains(name) {
            return Type::Variable(name.clone());
        }
        match name.as_str() {
            "any" => return Type::Any,
            "bool" => return Type::Bool,
            "int" => return Type::Int,
            "number" => return Type::Number,
            "string" => return Type::String,
            "null" => return Type::Null,
            name => {
                if let Some(dimension) = Dimension::named(name) {
                    return Type::Quantity(dimension);
                }
            }
        }
        let found = match name.split_once('.') {
            Some((alias, name)) => self
                .project
                .folder_module(self.module, alias)
                .and_then(|module| self.named(module, &name.into())),
            None => self.named(self.module, name),
        };
        if let Some(resolved) = found {
            return resolved;
        }
        let known = if crate::near::is_over() { Vec::new() } else { self.known() };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.diagnostics.push(unknown_type::diagnostic(name, ty.span, &known));
        self.unknown()
    }

    /// Returns the names of all types that are seen, sorted.
    fn known(&self) -> Vec<String> {
        let aliases = &self.project.module(self.module).names;
        let own = |module: &ModuleId| *module == self.module;
        let mut known: Vec<String> = self
            .declared
            .keys()
            .flat_map(|(module, name)| {
                let folder = Named::Folder(*module);
                let aliases = aliases.iter().filter(move |(_, named)| **named == folder);
                let foreign = aliases.map(move |(alias, _)| format!("{alias}.{name}"));
                own(module).then(|| name.to_string()).into_iter().chain(foreign)
            })
            .collect();
        known.sort_unstable();
        known
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
                    return self.unknown();
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
            return self.unknown();
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
