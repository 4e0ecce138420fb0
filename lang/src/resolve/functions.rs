//! The project's functions: their signatures, and what their bodies may refer to.
//!
//! A function sees its parameters and other functions, and nothing of any environment. Which function
//! refers to which is known from the text, since a function is never a value: so that none calls
//! itself, directly or through others, is decided here.

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Span, Str, Type, cycle};

use super::names::references_of_function;
use super::{ModuleId, Project, Reference};
use crate::diagnostics::{bad_function, duplicate_declaration, unknown_function, unknown_name};
use crate::stdlib::{ParamType, Signature};
use crate::syntax::ast::{self, ItemKind};

/// The index of a function in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FunctionId(pub(crate) u32);

/// A function of the project.
#[derive(Clone, Debug)]
pub(crate) struct OwnFunction {
    pub(crate) name: Str,
    pub(crate) module: ModuleId,
    pub(crate) signature: Signature,
    /// It cannot be called, and that has been reported.
    pub(crate) is_broken: bool,
    /// Its declaration could not be read, which is reported: what it takes is not known.
    pub(crate) is_unread: bool,
    file: usize,
    item: usize,
}

/// Collects the functions of all modules. Types have been resolved.
pub(super) fn collect(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let files = std::mem::take(&mut project.files);
    let mut places: FxHashMap<(ModuleId, Str), Span> = FxHashMap::default();
    for (file, tree) in files.iter().enumerate() {
        let module = project.module_of_folder(&tree.folder);
        for (item, declaration) in tree.items.iter().enumerate() {
            let ItemKind::Function(function) = &declaration.kind else { continue };
            let name = &function.name;
            if crate::stdlib::prelude().get(&name.name).is_some() {
                diagnostics.push(bad_function::taken(name));
                continue;
            }
            if let Some(first) = places.insert((module, name.name.clone()), name.span) {
                diagnostics.push(duplicate_declaration::function(name, first));
                continue;
            }
            let id = FunctionId(project.functions.len() as u32);
            let signature = signature(project, function, diagnostics);
            let is_broken = function.body.is_none();
            if is_broken {
                diagnostics.push(bad_function::no_body(name));
            }
            project.modules[module.0 as usize].functions.insert(name.name.clone(), id);
            let name = name.name.clone();
            let body = function.body.as_ref().map(|body| &body.kind);
            let is_unread = matches!(body, Some(ast::ExprKind::Error));
            let is_broken = is_broken || is_unread;
            let own = OwnFunction { name, module, signature, is_broken, is_unread, file, item };
            project.functions.push(own);
        }
    }
    project.files = files;
    check(project, diagnostics);
}

fn signature(
    project: &Project,
    function: &ast::Function,
    diagnostics: &mut Vec<Diagnostic>,
) -> Signature {
    let written =
        |ty: &ast::TypeExpr| project.member_types.get(&ty.span).cloned().unwrap_or(Type::Any);
    let last = function.params.len().saturating_sub(1);
    let mut params: Vec<ParamType> = Vec::with_capacity(function.params.len());
    for (at, param) in function.params.iter().enumerate() {
        let name = param.name.name.clone();
        if params.iter().any(|own| own.name == name) {
            diagnostics.push(bad_function::parameter_twice(&param.name));
        }
        if param.variadic && at != last {
            diagnostics.push(bad_function::variadic(&param.name));
        }
        let ty = written(&param.ty);
        let variadic = param.variadic && at == last;
        params.push(ParamType { name, ty, default: None, variadic });
    }
    let generics = function.generics.iter().map(|ident| ident.name.clone()).collect();
    let result = written(&function.result);
    Signature { generics, params, result }
}

/// Checks what bodies refer to, and that no function calls itself.
fn check(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let mut edges: Vec<Vec<(FunctionId, Span)>> = Vec::with_capacity(project.functions.len());
    for own in &project.functions {
        let function = project.function_ast(own);
        let mut calls = Vec::new();
        for reference in references_of_function(function) {
            match target(project, own.module, &reference) {
                Some(Target::Function(id)) => calls.push((id, reference.span)),
                Some(Target::Language) => {}
                None if reference.is_call => {
                    diagnostics.push(unknown_function::bare(&reference.name, reference.span));
                }
                None => {
                    let params = function.params.iter().map(|param| param.name.name.as_str());
                    diagnostics.push(unknown_name::in_function(
                        &reference,
                        &function.name.name,
                        params,
                    ));
                }
            }
        }
        edges.push(calls);
    }
    for id in recursive(project, &edges, diagnostics) {
        project.functions[id].is_broken = true;
    }
}

enum Target {
    Function(FunctionId),
    Language,
}

fn target(project: &Project, module: ModuleId, reference: &Reference) -> Option<Target> {
    let own = project.module(module);
    if let Some(id) = own.functions.get(&reference.name) {
        return Some(Target::Function(*id));
    }
    if let Some(folder) = project.folder_module(module, &reference.name) {
        let next = reference.next.as_ref();
        let found = next.and_then(|name| project.module(folder).functions.get(name));
        return Some(found.map_or(Target::Language, |id| Target::Function(*id)));
    }
    let name = reference.name.as_str();
    let known = name == "std"
        || own.names.contains_key(name)
        || crate::stdlib::prelude().get(name).is_some();
    known.then_some(Target::Language)
}

/// Reports every circle of calls once, and returns the functions in them.
fn recursive(
    project: &Project,
    edges: &[Vec<(FunctionId, Span)>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let mut state = vec![0_u8; edges.len()];
    let mut broken = Vec::new();
    for start in 0..edges.len() {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut stack: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, next)) = stack.last_mut() {
            let Some((target, _)) = edges[*at].get(*next) else {
                state[*at] = 2;
                stack.pop();
                continue;
            };
            *next += 1;
            let target = target.0 as usize;
            match state[target] {
                0 => {
                    state[target] = 1;
                    stack.push((target, 0));
                }
                1 => {
                    let from = stack.iter().position(|(own, _)| *own == target).unwrap_or(0);
                    let circle: Vec<(Str, Option<Span>)> = stack[from..]
                        .iter()
                        .map(|(own, next)| {
                            let place = edges[*own].get(next - 1).map(|(_, span)| *span);
                            (project.functions[*own].name.clone(), place)
                        })
                        .collect();
                    broken.extend(stack[from..].iter().map(|(own, _)| *own));
                    let mut report = cycle(bad_function::CODE, &circle);
                    let means = "functions call one another in a circle";
                    report.message = report.message.replace(bad_function::CODE.summary, means);
                    let report = report.help("A loop is a comprehension, or `std.lists.fold`.");
                    diagnostics.push(report);
                }
                _ => {}
            }
        }
    }
    broken
}

impl Project {
    pub(crate) fn function(&self, id: FunctionId) -> &OwnFunction {
        &self.functions[id.0 as usize]
    }

    /// Returns the `///` text above a function.
    pub(crate) fn function_doc(&self, own: &OwnFunction) -> Str {
        self.files[own.file].items[own.item].doc.clone()
    }

    pub(crate) fn function_ast(&self, own: &OwnFunction) -> &ast::Function {
        if let ItemKind::Function(function) = &self.files[own.file].items[own.item].kind {
            function
        } else {
            unreachable!("invariant: a function's item is a function")
        }
    }
}
