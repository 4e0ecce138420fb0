//! Calls: what is called, and which argument is for which parameter.
//!
//! A function whose body is Rust becomes an operation, which waits for what is unknown. One whose
//! body is an expression is that expression with its parameters bound: what is unknown in it becomes
//! residuals of its own operations, so that no plan ever holds a function.

use std::rc::Rc;
use std::sync::Arc;

use syncline_model::{FunctionType, Span, Str, Type, Value};

use super::coerce::Site;
use super::scope::{Failed, Scope};
use super::view::{Callee, Closure};
use crate::diagnostics::{
    bad_call, not_a_value, not_known_yet, operation_failed, type_mismatch, unknown_function,
};
use crate::ops::{self, Operation};
use crate::resolve::FunctionId;
use crate::stdlib::{Body, Signature, StdFunction};
use crate::syntax::ast::{Arg, Expr, ExprKind};

/// After how many steps a fold looks at what it has made.
const LOOK: usize = 2_000;

/// What an argument is.
enum Given {
    Value(Value),
    Function(Closure),
}

/// The arguments of a call.
struct Bound {
    /// One for each parameter but a variadic one.
    given: Vec<Option<Given>>,
    /// Those of a variadic one.
    rest: Vec<Value>,
    spans: Vec<Span>,
}

/// A named function, as a call sees it.
#[derive(Clone, Copy)]
pub(super) struct Called<'a> {
    pub(super) name: &'a str,
    pub(super) signature: &'a Signature,
}

impl<'p> Scope<'p> {
    /// Evaluates a call.
    pub(crate) fn call(
        &mut self,
        callee: &Expr,
        args: &[Arg],
        span: Span,
    ) -> Result<Value, Failed> {
        if let ExprKind::Name(name) = &callee.kind
            && let Some(closure) = self.local_function(name)
        {
            return self.call_argument(name, &closure, args, span);
        }
        if let ExprKind::Offered { provider, name } = &callee.kind {
            return self.call_offered(provider, name, args, span);
        }
        match self.callee(callee)? {
            Callee::Std(function) => {
                let called = Called { name: function.name, signature: &function.signature };
                let bound = self.bind_arguments(called, args, span)?;
                self.call_std(function, bound, span)
            }
            Callee::Own(id) => {
                let own = self.project.function(id);
                let called = Called { name: &own.name, signature: &own.signature };
                let bound = self.bind_arguments(called, args, span)?;
                self.call_own(id, bound, span)
            }
        }
    }

    /// Calls a parameter that is a function.
    fn call_argument(
        &mut self,
        name: &str,
        closure: &Closure,
        args: &[Arg],
        span: Span,
    ) -> Result<Value, Failed> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            if arg.name.is_some() || arg.spread {
                return self.fail(bad_call::plain_only(name, arg));
            }
            values.push(self.expression(&arg.value)?);
        }
        if let Closure::Any(function) | Closure::Typed(_, function, _) = closure
            && function.params.len() != values.len()
        {
            return self.fail(bad_call::counted(name, function, values.len(), span));
        }
        self.apply_closure(closure, values, span)
    }

    fn apply_closure(
        &mut self,
        closure: &Closure,
        values: Vec<Value>,
        span: Span,
    ) -> Result<Value, Failed> {
        match closure {
            Closure::Lambda(lambda, link) => self.call_lambda(lambda, link, values, span),
            Closure::Typed(own, function, place) => {
                let values = self.fit_all(values, function, span)?;
                let value = self.apply_closure(own, values, span)?;
                match says_something(&function.result) {
                    true => self.fit(value, &function.result, *place, None),
                    false => Ok(value),
                }
            }
            Closure::Any(function) => {
                self.fit_all(values, function, span)?;
                Ok(super::explore::unknown(function.result.clone()))
            }
            Closure::Named(callee) => {
                let project = self.project;
                let called = match callee {
                    Callee::Std(function) => {
                        Called { name: function.name, signature: &function.signature }
                    }
                    Callee::Own(id) => {
                        let own = project.function(*id);
                        Called { name: &own.name, signature: &own.signature }
                    }
                };
                let bound = self.bind_values(called, values, span)?;
                match callee {
                    Callee::Std(function) => self.call_std(function, bound, span),
                    Callee::Own(id) => self.call_own(*id, bound, span),
                }
            }
        }
    }

    /// Fits the arguments of a function that is an argument itself.
    fn fit_all(
        &mut self,
        values: Vec<Value>,
        function: &FunctionType,
        span: Span,
    ) -> Result<Vec<Value>, Failed> {
        if !function.params.iter().any(says_something) {
            return Ok(values);
        }
        let pairs = values.into_iter().zip(&function.params);
        pairs.map(|(value, ty)| self.fit(value, ty, span, None)).collect()
    }

    /// Finds for each argument its parameter.
    fn bind_arguments(
        &mut self,
        called: Called<'_>,
        args: &[Arg],
        span: Span,
    ) -> Result<Bound, Failed> {
        let params = &called.signature.params;
        let mut bound = Bound {
            given: params.iter().map(|_| None).collect(),
            rest: Vec::new(),
            spans: vec![span; params.len()],
        };
        let mut next = 0;
        for arg in args {
            let at = match &arg.name {
                Some(name) => params.iter().position(|param| param.name == name.name),
                None => Some(next.min(params.len().saturating_sub(1))).filter(|_| {
                    next < params.len() || params.last().is_some_and(|param| param.variadic)
                }),
            };
            let Some((at, param)) = at.and_then(|at| Some((at, params.get(at)?))) else {
                return self.fail(bad_call::unexpected(called.name, called.signature, arg));
            };
            if arg.name.is_none() {
                next += 1;
            }
            let given = self.argument(arg, &param.ty, &param.name)?;
            if param.variadic {
                let Given::Value(value) = given else {
                    return self.fail(not_a_value::function(arg.value.span));
                };
                let values = self.spread(arg, value)?;
                for value in values {
                    let value = self.fit(value, &param.ty, arg.value.span, Some(&param.name))?;
                    bound.rest.push(value);
                }
                continue;
            }
            if arg.spread {
                return self.fail(bad_call::spread(arg));
            }
            if bound.given[at].is_some() {
                return self.fail(bad_call::twice(arg, &param.name));
            }
            bound.spans[at] = arg.value.span;
            bound.given[at] = Some(match given {
                Given::Value(value) => {
                    let (span, expr) = (arg.value.span, Some(&arg.value));
                    let site = Site::new(span, expr, Some(&param.name));
                    Given::Value(self.fit_at(value, &param.ty, &site)?)
                }
                Given::Function(closure) => Given::Function(closure),
            });
        }
        Ok(bound)
    }

    /// Binds the arguments of a function that takes nothing but values, and no defaults: an operand for each,
    /// with its place.
    pub(super) fn plain_operands(
        &mut self,
        called: Called<'_>,
        args: &[Arg],
        span: Span,
    ) -> Result<(Vec<Value>, Vec<Span>), Failed> {
        let bound = self.bind_arguments(called, args, span)?;
        let mut operands = Vec::with_capacity(bound.given.len() + bound.rest.len());
        let params = &called.signature.params;
        for (given, param) in bound.given.into_iter().zip(params).filter(|(_, own)| !own.variadic) {
            match given {
                Some(Given::Value(value)) => operands.push(value),
                Some(Given::Function(_)) => return Err(Failed),
                None => {
                    let report =
                        bad_call::missing(called.name, called.signature, &param.name, span);
                    return self.fail(report);
                }
            }
        }
        operands.extend(bound.rest);
        // Those of a variadic parameter stand one after another, unless one is spread.
        let mut spans = bound.spans;
        let fixed = params.iter().filter(|param| !param.variadic).count();
        spans.truncate(fixed);
        let rest = args.iter().filter(|arg| arg.name.is_none()).skip(fixed);
        spans.extend(rest.map(|arg| arg.value.span));
        Ok((operands, spans))
    }

    /// The same for arguments that are values already, in the order of parameters.
    fn bind_values(
        &mut self,
        called: Called<'_>,
        values: Vec<Value>,
        span: Span,
    ) -> Result<Bound, Failed> {
        let params = &called.signature.params;
        let mut bound = Bound {
            given: params.iter().map(|_| None).collect(),
            rest: Vec::new(),
            spans: vec![span; params.len()],
        };
        for (at, value) in values.into_iter().enumerate() {
            let Some(param) = called.signature.param(at) else {
                return self.fail(bad_call::too_many(called.name, called.signature, span));
            };
            let value = self.fit(value, &param.ty, span, Some(&param.name))?;
            if param.variadic {
                bound.rest.push(value);
            } else {
                bound.given[at] = Some(Given::Value(value));
            }
        }
        Ok(bound)
    }

    /// Evaluates an argument, which only for a parameter of a function's type is a function.
    fn argument(&mut self, arg: &Arg, ty: &Type, param: &str) -> Result<Given, Failed> {
        let Type::Function(function) = ty.bare() else {
            return self.expression(&arg.value).map(Given::Value);
        };
        let found = match function_name(&arg.value) {
            Some(_) if matches!(arg.value.kind, ExprKind::Lambda(_)) => None,
            Some(name) => self.local_function(name),
            None => None,
        };
        let closure = match (&arg.value.kind, found) {
            (_, Some(closure)) => closure,
            (ExprKind::Lambda(lambda), None) => {
                if lambda.params.len() != function.params.len() {
                    let wanted = function.params.len();
                    return self.fail(bad_call::parameters(lambda, wanted, arg.value.span));
                }
                self.close(lambda)
            }
            (ExprKind::Name(_) | ExprKind::Member { .. }, None) => {
                Closure::Named(self.callee(&arg.value)?)
            }
            _ => return self.fail(bad_call::needs_function(param, ty, arg.value.span)),
        };
        let closure = if function.params.iter().chain([&function.result]).any(says_something) {
            let place = if let ExprKind::Lambda(lambda) = &arg.value.kind {
                lambda.body.span
            } else {
                arg.value.span
            };
            Closure::Typed(Rc::new(closure), Arc::clone(function), place)
        } else {
            closure
        };
        Ok(Given::Function(closure))
    }

    fn call_std(
        &mut self,
        function: &'static StdFunction,
        bound: Bound,
        span: Span,
    ) -> Result<Value, Failed> {
        let body = match &function.body {
            Body::Native(_) => None,
            Body::Written(written) => Some(written),
        };
        if let Some(written) = body {
            return self.call_written(Callee::Std(function), written, bound, span);
        }
        if let [Some(Given::Value(list)), Some(Given::Value(first)), Some(Given::Function(with))] =
            bound.given.as_slice()
        {
            return self.fold_list(list, first.clone(), with, span);
        }
        let params = &function.signature.params;
        let mut operands = Vec::with_capacity(bound.given.len() + bound.rest.len());
        for (given, param) in bound.given.into_iter().zip(params).filter(|(_, own)| !own.variadic) {
            match given {
                Some(Given::Value(value)) => operands.push(value),
                Some(Given::Function(_)) => return Err(Failed),
                None => match &param.default {
                    Some(value) => operands.push(value.clone()),
                    None => {
                        let signature = &function.signature;
                        let report = bad_call::missing(function.name, signature, &param.name, span);
                        return self.fail(report);
                    }
                },
            }
        }
        operands.extend(bound.rest);
        if function.module == "files" {
            return self.call_files(function, &operands, &bound.spans, span);
        }
        self.operate(Operation::Call(function.full_name()), &operands, span, &bound.spans)
    }

    /// `std.lists.fold`, the one loop that no expression of the language makes.
    fn fold_list(
        &mut self,
        list: &Value,
        first: Value,
        with: &Closure,
        span: Span,
    ) -> Result<Value, Failed> {
        let Some(items) = list.as_items() else {
            return match list.is_unknown() {
                true => self.fail(not_known_yet::fold(list, span)),
                false => self.fail(type_mismatch::not_iterable(list, span)),
            };
        };
        let mut made = first;
        let mut looked = self.budget;
        for item in items {
            self.spend(1, span)?;
            made = self.apply_closure(with, vec![made, item.clone()], span)?;
            // Each step may nest it one level deeper: what nobody can walk must not come to be.
            if looked - self.budget > LOOK {
                match ops::parts(&made) {
                    Ok(parts) => self.spend(parts / 8, span)?,
                    Err(error) => return self.fail(operation_failed::diagnostic(&error, span)),
                }
                looked = self.budget;
            }
        }
        Ok(if list.is_secret() { Value::secret(made) } else { made })
    }

    fn call_own(&mut self, id: FunctionId, bound: Bound, span: Span) -> Result<Value, Failed> {
        let project = self.project;
        let own = project.function(id);
        // What it lacks, or that it calls itself, was reported there.
        if own.is_broken {
            return Err(Failed);
        }
        let written = project.function_ast(own);
        self.call_written(Callee::Own(id), written, bound, span)
    }

    /// Evaluates a body that is an expression.
    fn call_written(
        &mut self,
        callee: Callee,
        function: &crate::syntax::ast::Function,
        bound: Bound,
        span: Span,
    ) -> Result<Value, Failed> {
        let project = self.project;
        let (signature, name) = match callee {
            Callee::Std(function) => (&function.signature, function.name),
            Callee::Own(id) => {
                let own = project.function(id);
                (&own.signature, own.name.as_str())
            }
        };
        let Some(body) = &function.body else { return Err(Failed) };
        let spans = bound.spans;
        let mut rest = Some(bound.rest);
        let given = bound.given;
        let value = self.call_body(body, callee, span, |scope| {
            for (at, given) in given.into_iter().enumerate() {
                let param = &signature.params[at];
                let value = match given {
                    Some(Given::Value(value)) => value,
                    Some(Given::Function(closure)) => {
                        scope.bind_function(&param.name, closure);
                        continue;
                    }
                    None if param.variadic => Value::list(rest.take().unwrap_or_default()),
                    None => match &function.params[at].default {
                        Some(default) => scope.typed(default, &param.ty)?,
                        None => {
                            let report = bad_call::missing(name, signature, &param.name, spans[at]);
                            return scope.fail(report);
                        }
                    },
                };
                scope.locals.push((param.name.clone(), value));
            }
            Ok(())
        })?;
        match callee {
            Callee::Std(_) => Ok(value),
            Callee::Own(_) => self.fit_result(value, &signature.result, body, name, span),
        }
    }

    fn fit_result(
        &mut self,
        value: Value,
        ty: &Type,
        body: &Expr,
        name: &str,
        site: Span,
    ) -> Result<Value, Failed> {
        let before = self.diagnostics.borrow().len();
        let what = format!("{name}(...)");
        let fitted = self.fit_at(value, ty, &Site::new(body.span, Some(body), Some(&what)));
        for diagnostic in &mut self.diagnostics.borrow_mut()[before..] {
            diagnostic
                .labels
                .push(syncline_model::Label { span: site, text: "called here".to_owned() });
        }
        fitted
    }

    /// Finds the function that an expression names.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these forms name functions")]
    pub(crate) fn callee(&self, callee: &Expr) -> Result<Callee, Failed> {
        let module_id = self.calls.view.module.unwrap_or_else(|| self.module());
        let (module, name) = match &callee.kind {
            ExprKind::Name(name) => {
                if let Some(own) = self.own_function(module_id, name) {
                    return self.readable(own);
                }
                return match crate::stdlib::prelude().get(name) {
                    Some(function) => Ok(Callee::Std(function)),
                    None if self.local(name).is_some() => {
                        self.fail(unknown_function::no_function(callee.span))
                    }
                    None => self.fail(unknown_function::bare(name, callee.span)),
                };
            }
            ExprKind::Member { base, name, .. } => match &base.kind {
                ExprKind::Name(alias) => {
                    if let Some(folder) = self.project.folder_module(module_id, alias) {
                        return match self.project.module(folder).functions.get(&name.name) {
                            Some(own) => self.readable(*own),
                            None => {
                                let known = &self.project.module(folder).functions;
                                self.fail(unknown_function::of_folder(alias, name, known.keys()))
                            }
                        };
                    }
                    if self.project.is_unknown_module(module_id, alias) {
                        return Err(Failed);
                    }
                    let module = self.project.standard_module(module_id, alias);
                    if module.is_none() {
                        self.no_module(alias, base.span, &name.name)?;
                    }
                    (module, name)
                }
                ExprKind::Member { base: root, name: module, .. } if matches!(&root.kind, ExprKind::Name(root) if root == "std") => {
                    (Some(&module.name), name)
                }
                _ => (None, name),
            },
            ExprKind::Error => return Err(Failed),
            _ => return self.fail(unknown_function::no_function(callee.span)),
        };
        let Some(module) = module.and_then(|module| crate::stdlib::module(module)) else {
            return self.fail(unknown_function::module(callee));
        };
        match module.get(&name.name) {
            Some(function) => Ok(Callee::Std(function)),
            None => self.fail(unknown_function::member(module, name)),
        }
    }

    /// Of a function that could not be read nothing more is told.
    fn readable(&self, id: FunctionId) -> Result<Callee, Failed> {
        if self.project.function(id).is_unread { Err(Failed) } else { Ok(Callee::Own(id)) }
    }

    /// Returns the arguments that one is.
    fn spread(&mut self, arg: &Arg, value: Value) -> Result<Vec<Value>, Failed> {
        match (arg.spread, value.as_items()) {
            (true, Some(items)) => Ok(items.to_vec()),
            // A list that only has a type stands for one of a single element.
            (true, None) => match element(&value).filter(|_| self.explores || self.rehearses) {
                Some(one) => Ok(vec![one]),
                None => self.fail(bad_call::spread(arg)),
            },
            (false, _) => Ok(vec![value]),
        }
    }

    fn own_function(&self, module: crate::resolve::ModuleId, name: &Str) -> Option<FunctionId> {
        // The standard library sees its own names alone.
        if self.calls.view.module.is_none() && !self.calls.view.sees_members {
            return None;
        }
        self.project.module(module).functions.get(name).copied()
    }
}

/// Tells whether not every value is of the type.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other types ask for something")]
fn says_something(ty: &Type) -> bool {
    match ty {
        Type::Any | Type::Variable(_) => false,
        // What is no list at all is found where it is used as one.
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => {
            says_something(inner)
        }
        _ => true,
    }
}

fn function_name(expr: &Expr) -> Option<&str> {
    if let ExprKind::Name(name) = &expr.kind { Some(name) } else { None }
}

/// Returns an element of a list that only has a type.
fn element(list: &Value) -> Option<Value> {
    let Value::Unknown(unknown) = list else { return None };
    let ty = unknown.ty.bare();
    if let Type::List(element) | Type::Set(element) = ty {
        return Some(super::explore::unknown((**element).clone()));
    }
    (*ty == Type::Any).then(|| super::explore::unknown(Type::Any))
}
