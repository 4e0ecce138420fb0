//! What every member refers to, and whether that exists.
//!
//! The references of a member are computed once, where it is written; each environment that
//! inherits it uses them to order evaluation and to find circles.

use syncline_model::{Diagnostic, Span, Str};

use super::{LayerId, ModuleId, Project, SlotKind, Table};
use crate::diagnostics::{MOST, not_a_value, unknown_function, unknown_name};
use crate::syntax::ast::{
    self, AmendOp, Body, BodyEntryKind, Expr, ExprKind, MapEntry, MapKey, MemberKind, TargetStep,
};
use crate::syntax::visit;

/// A name that a member refers to: one that no variable of its own expression binds.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) name: Str,
    pub(crate) span: Span,
    /// The member behind the name, and behind an index: `url` in `web.url` and `web["a"].url`.
    pub(crate) next: Option<Str>,
    /// It is called, rather than used as a value.
    pub(crate) is_call: bool,
    /// It only orders (`@after`): it is no part of any value.
    pub(crate) orders_only: bool,
}

/// Fills every layer's references.
pub(super) fn collect(project: &mut Project) {
    for index in 0..project.layers.len() {
        let layer = project.ast(&project.layers[index]);
        let keys = if let ast::LayerKind::Environment { keys: Some(keys), .. } = &layer.kind {
            Some(&**keys)
        } else {
            None
        };
        let members = layer.members.iter();
        let references = members.map(|member| references_of_member(member, keys)).collect();
        project.layers[index].references = references;
    }
}

/// Reports every name of a layer that nothing declares.
pub(super) fn check(
    project: &Project,
    id: LayerId,
    table: &Table<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let module = project.layer(id).module;
    for reference in project.layer(id).references.iter().flatten() {
        if diagnostics.len() >= MOST {
            return;
        }
        let name = reference.name.as_str();
        match table.find(name) {
            // Only functions are called, and no member is one.
            _ if reference.is_call => {
                if !is_built_in(project, module, reference) {
                    diagnostics.push(unknown_function::bare(name, reference.span));
                }
            }
            Some(slot) if matches!(slot.kind, SlotKind::Provider { .. }) => {
                if !reference.orders_only {
                    diagnostics.push(not_a_value::provider(reference.span, name));
                }
            }
            Some(_) => {}
            None if is_built_in(project, module, reference) => {}
            // What is read of another environment is looked at when it is evaluated.
            None if project.find_environment(name).is_some() => {}
            None => diagnostics.push(unknown_name::diagnostic(project, id, reference, table)),
        }
    }
}

/// Tells whether the language itself knows the name.
fn is_built_in(project: &Project, module: ModuleId, reference: &Reference) -> bool {
    match reference.name.as_str() {
        "environment" | "std" | "super" => true,
        name if project.module(module).names.contains_key(name) => true,
        name if project.module(module).functions.contains_key(name) => true,
        name => crate::stdlib::prelude().get(name).is_some(),
    }
}

/// Returns what a function's body and defaults refer to, but for parameters.
pub(super) fn references_of_function(function: &ast::Function) -> Vec<Reference> {
    let mut walk =
        Walk { bound: Vec::new(), found: Vec::new(), orders_only: false, has_self: false };
    for param in &function.params {
        if let Some(default) = &param.default {
            walk.expr(default);
        }
        walk.bound.push(&param.name.name);
    }
    if let Some(body) = &function.body {
        walk.expr(body);
    }
    walk.found
}

/// Returns what a member refers to, in the order of places; `keys` are those of its environment.
fn references_of_member(member: &ast::Member, keys: Option<&ast::Keys>) -> Box<[Reference]> {
    let mut walk =
        Walk { bound: Vec::new(), found: Vec::new(), orders_only: false, has_self: false };
    if let Some(keys) = keys {
        walk.bind(keys);
    }
    match &member.kind {
        MemberKind::Param { default, .. } => {
            if let Some(default) = default {
                walk.expr(default);
            }
        }
        MemberKind::Let { value, .. } | MemberKind::Output { value, .. } => walk.expr(value),
        MemberKind::Resource(resource) => {
            walk.keyed(resource.keys.as_deref(), resource.condition.as_deref(), &resource.body);
        }
        MemberKind::Unit(unit) => {
            walk.keyed(unit.keys.as_deref(), unit.condition.as_deref(), &unit.body);
        }
        MemberKind::Provider { body, .. } => walk.body(body),
        MemberKind::Ensure { condition, message } => {
            walk.expr(condition);
            walk.expr(message);
        }
        MemberKind::Expect { condition, message } => {
            walk.expr(condition);
            if let Some(message) = message {
                walk.expr(message);
            }
        }
        MemberKind::Remove { target } | MemberKind::Forget { target } => walk.steps(&target.steps),
        MemberKind::Moved { from, to } => {
            walk.steps(&from.steps);
            walk.steps(&to.steps);
        }
        MemberKind::Adopt { target, id } => {
            walk.steps(&target.steps);
            walk.expr(id);
        }
        MemberKind::Amend(amend) => walk.amend(amend),
    }
    walk.found.into()
}

/// Tells whether an expression uses no name.
pub(crate) fn is_closed(expr: &Expr) -> bool {
    let mut walk =
        Walk { bound: Vec::new(), found: Vec::new(), orders_only: false, has_self: false };
    walk.expr(expr);
    walk.found.is_empty()
}

/// Tells whether an expression is a name, perhaps with members and constant indices behind it.
fn is_path(expr: &Expr) -> bool {
    if let ExprKind::Member { base, .. } | ExprKind::Index { base, .. } = &expr.kind {
        is_path(base)
    } else {
        matches!(expr.kind, ExprKind::Name(_))
    }
}

struct Walk<'a> {
    bound: Vec<&'a Str>,
    found: Vec<Reference>,
    orders_only: bool,
    /// `self` is the resource around.
    has_self: bool,
}

impl<'a> Walk<'a> {
    /// A resource or a unit.
    fn keyed(&mut self, keys: Option<&'a ast::Keys>, condition: Option<&'a Expr>, body: &'a Body) {
        let depth = self.bound.len();
        if let Some(keys) = keys {
            self.expr(&keys.source);
            self.bind(keys);
        }
        if let Some(condition) = condition {
            self.expr(condition);
        }
        self.body(body);
        self.bound.truncate(depth);
    }

    fn bind(&mut self, keys: &'a ast::Keys) {
        self.bound.push(&keys.key.name);
        self.bound.extend(keys.value.as_ref().map(|value| &value.name));
    }

    fn body(&mut self, body: &'a Body) {
        for entry in &body.entries {
            match &entry.kind {
                BodyEntryKind::Annotation(annotation) => self.annotation(annotation),
                BodyEntryKind::Amend(amend) => self.amend(amend),
                BodyEntryKind::Shorthand(name) => self.name(&name.name, name.span, false),
                BodyEntryKind::Remove(target) => self.steps(&target.steps),
            }
        }
    }

    fn annotation(&mut self, annotation: &'a ast::Annotation) {
        let args = annotation.args.iter().map(|arg| &arg.value);
        match annotation.name.name.as_str() {
            "after" | "replace_with" => {
                self.orders_only = true;
                args.for_each(|value| self.expr(value));
                self.orders_only = false;
            }
            "protect" | "timeout" => args.for_each(|value| self.expr(value)),
            "health" => {
                self.has_self = true;
                args.for_each(|value| self.expr(value));
                self.has_self = false;
            }
            // The arguments of the others are paths and words.
            _ => {}
        }
    }

    fn amend(&mut self, amend: &'a ast::Amend) {
        self.steps(&amend.target.steps);
        match &amend.op {
            AmendOp::Set(value) => self.expr(value),
            AmendOp::Add(value) => self.expr(value),
            AmendOp::Inside(body) => self.body(body),
        }
    }

    fn steps(&mut self, steps: &'a [TargetStep]) {
        for step in steps {
            if let TargetStep::Index { value: index, .. } = step {
                self.expr(index);
            }
        }
    }

    fn name(&mut self, name: &'a Str, span: Span, is_call: bool) {
        let is_own = self.has_self && name == "self";
        if name != "super" && name != "it" && !is_own && !self.bound.contains(&name) {
            let orders_only = self.orders_only;
            let name = name.clone();
            self.found.push(Reference { name, span, next: None, is_call, orders_only });
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span, false),
            ExprKind::Member { base, name, .. } => {
                let before = self.found.len();
                self.expr(base);
                if self.found.len() == before + 1 && is_path(base) {
                    let reference = &mut self.found[before];
                    reference.next.get_or_insert_with(|| name.name.clone());
                }
            }
            ExprKind::Call { callee, args } => self.call(callee, args),
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::ListFor(comprehension) | ExprKind::MapFor(comprehension) => {
                self.comprehension(comprehension);
            }
            // These name nothing and bind nothing themselves.
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Quantity(_)
            | ExprKind::String(_)
            | ExprKind::Template(_)
            | ExprKind::Index { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Compare { .. }
            | ExprKind::If(_)
            | ExprKind::Match { .. }
            | ExprKind::List(_)
            | ExprKind::Offered { .. }
            | ExprKind::Paren(_)
            | ExprKind::Error => visit::children(expr, &mut |part| self.expr(part)),
        }
    }

    fn lambda(&mut self, lambda: &'a ast::Lambda) {
        let depth = self.bound.len();
        self.bound.extend(lambda.params.iter().map(|param| &param.name));
        self.expr(&lambda.body);
        self.bound.truncate(depth);
    }

    fn call(&mut self, callee: &'a Expr, args: &'a [ast::Arg]) {
        if let ExprKind::Name(name) = &callee.kind {
            self.name(name, callee.span, true);
        } else {
            self.expr(callee);
        }
        for arg in args {
            self.expr(&arg.value);
        }
    }

    fn map(&mut self, entries: &'a [ast::MapEntry]) {
        for entry in entries {
            match entry {
                MapEntry::Set { key, value } => {
                    if let MapKey::Computed(key) = key {
                        self.expr(key);
                    }
                    self.expr(value);
                }
                MapEntry::Shorthand(name) => self.name(&name.name, name.span, false),
                MapEntry::Spread(value) => self.expr(value),
            }
        }
    }

    fn comprehension(&mut self, comprehension: &'a ast::Comprehension) {
        self.expr(&comprehension.source);
        let depth = self.bound.len();
        self.bound.push(&comprehension.first.name);
        self.bound.extend(comprehension.second.as_ref().map(|second| &second.name));
        for part in [&comprehension.condition, &comprehension.key].into_iter().flatten() {
            self.expr(part);
        }
        self.expr(&comprehension.value);
        self.bound.truncate(depth);
    }
}
