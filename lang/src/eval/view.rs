//! What a function's body sees: its parameters, and for a lambda what is seen where it is written.
//!
//! Laws:
//! * A function sees its parameters and other functions, and no member: it is pure.
//! * A lambda is only ever an argument, so that what it sees is still on the stack when it is called:
//!   it keeps places there, and copies nothing.
//! * A lambda's own parameters are never functions, and no function calls itself, directly or through
//!   others (resolving sees to that): so every call ends.

use std::rc::Rc;
use std::sync::Arc;

use syncline_model::{Diagnostic, FileId, FunctionType, Span, Str, Value};

use super::constants::Constants;
use super::files::TEMPLATE;
use super::scope::{Failed, Scope};
use crate::diagnostics::{bad_call, too_large};
use crate::resolve::{FunctionId, ModuleId};
use crate::stdlib::StdFunction;
use crate::syntax::ast::{Expr, Lambda};

/// How many expressions may be under evaluation within one another.
const MAX_NESTING: usize = 600;

/// What the text under evaluation sees of the stack of variables.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Where its own variables start.
    base: usize,
    /// Where its own functions start.
    functions: usize,
    /// What is seen where the lambda under evaluation is written.
    link: Option<Rc<Link>>,
    /// The module whose names are seen; that of the layer in a member's text.
    pub(crate) module: Option<ModuleId>,
    /// It is text of a member, or of a lambda in one.
    pub(crate) sees_members: bool,
    /// Whose body it is.
    pub(crate) callee: Option<Callee>,
}

impl Default for View {
    fn default() -> Self {
        Self { base: 0, functions: 0, link: None, module: None, sees_members: true, callee: None }
    }
}

/// What is seen where a lambda is written.
#[derive(Debug)]
pub(crate) struct Link {
    view: View,
    /// Where the variables and functions end that are seen.
    end: usize,
    functions_end: usize,
    beneath: Option<Value>,
}

/// A function as an argument.
#[derive(Clone, Debug)]
pub(crate) enum Closure {
    Lambda(Arc<Lambda>, Rc<Link>),
    Named(Callee),
    /// One whose result the parameter's type says something of; behind it the place of the argument.
    Typed(Rc<Closure>, Arc<FunctionType>, Span),
    /// Any function of the type: that of a parameter where nobody calls the function that has it.
    Any(Arc<FunctionType>),
}

/// A function with a name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Callee {
    /// Of the standard library.
    Std(&'static StdFunction),
    /// Of the project.
    Own(FunctionId),
}

/// What calls are under way, and what they may still do.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) view: View,
    /// The functions that are arguments of the calls under way.
    functions: Vec<(Str, Closure)>,
    /// The places of the calls under way.
    sites: Vec<Span>,
    /// The templates that are being filled in.
    pub(crate) templates: Vec<Str>,
    /// How many expressions are under evaluation within one another.
    nesting: usize,
}

impl Calls {
    /// Returns what calls are under way where expressions are nested so deep already.
    pub(crate) fn at(nesting: usize) -> Self {
        Self { nesting, ..Self::default() }
    }

    /// Returns how many expressions are under evaluation within one another.
    pub(crate) const fn nesting(&self) -> usize {
        self.nesting
    }
}

impl Scope<'_> {
    /// Returns the value of the innermost variable of that name.
    pub(crate) fn local(&self, name: &str) -> Option<&Value> {
        let view = &self.calls.view;
        let own = find(&self.locals[view.base..], name);
        own.or_else(|| self.outer_local(view.link.as_deref(), name)).or_else(|| {
            let sees_keys = view.sees_members && self.writer == self.layer;
            find(&self.frames[0].variables, name).filter(|_| sees_keys)
        })
    }

    /// Returns the value of the innermost variable of that name around the lambda under evaluation.
    fn outer_local(&self, mut link: Option<&Link>, name: &str) -> Option<&Value> {
        while let Some(around) = link {
            if let Some(value) = find(&self.locals[around.view.base..around.end], name) {
                return Some(value);
            }
            link = around.view.link.as_deref();
        }
        None
    }

    /// Returns the function that a parameter of that name is.
    pub(crate) fn local_function(&self, name: &str) -> Option<Closure> {
        let view = &self.calls.view;
        let mut range = view.functions..self.calls.functions.len();
        let mut link = view.link.as_deref();
        loop {
            let functions = &self.calls.functions[range];
            if let Some((_, closure)) = functions.iter().rev().find(|(own, _)| own == name) {
                return Some(closure.clone());
            }
            let next = link?;
            range = next.view.functions..next.functions_end;
            link = next.view.link.as_deref();
        }
    }

    /// Returns a lambda with what it sees.
    pub(crate) fn close(&self, lambda: &Arc<Lambda>) -> Closure {
        let link = Link {
            view: self.calls.view.clone(),
            end: self.locals.len(),
            functions_end: self.calls.functions.len(),
            beneath: self.beneath.clone(),
        };
        Closure::Lambda(Arc::clone(lambda), Rc::new(link))
    }

    /// Calls a lambda.
    pub(crate) fn call_lambda(
        &mut self,
        lambda: &Lambda,
        link: &Rc<Link>,
        args: Vec<Value>,
        span: Span,
    ) -> Result<Value, Failed> {
        if args.len() != lambda.params.len() {
            return self.fail(bad_call::lambda(lambda, args.len(), span));
        }
        let view = View {
            base: self.locals.len(),
            functions: self.calls.functions.len(),
            link: Some(Rc::clone(link)),
            ..link.view.clone()
        };
        let beneath = link.beneath.clone();
        self.inside(view, beneath, None, |scope| {
            let params = lambda.params.iter().map(|param| param.name.clone());
            scope.locals.extend(params.zip(args));
            scope.expression(&lambda.body)
        })
    }

    /// Evaluates a named function's body, with its parameters bound by `bind`.
    pub(crate) fn call_body(
        &mut self,
        body: &Expr,
        callee: Callee,
        span: Span,
        bind: impl FnOnce(&mut Self) -> Result<(), Failed>,
    ) -> Result<Value, Failed> {
        let module = match callee {
            Callee::Std(_) => None,
            Callee::Own(id) => Some(self.project.function(id).module),
        };
        let view = View {
            base: self.locals.len(),
            functions: self.calls.functions.len(),
            link: None,
            module,
            sees_members: false,
            callee: Some(callee),
        };
        self.inside(view, None, Some(span), |scope| {
            bind(scope)?;
            scope.expression(body)
        })
    }

    /// Evaluates the body of a function of the project though nobody calls it; `bind` binds its
    /// parameters.
    pub(crate) fn inside_function(
        &mut self,
        body: &Expr,
        id: FunctionId,
        site: Span,
        bind: impl FnOnce(&mut Self) -> Result<(), Failed>,
    ) -> Result<Value, Failed> {
        self.call_body(body, Callee::Own(id), site, bind)
    }

    fn inside(
        &mut self,
        view: View,
        beneath: Option<Value>,
        site: Option<Span>,
        part: impl FnOnce(&mut Self) -> Result<Value, Failed>,
    ) -> Result<Value, Failed> {
        let (locals, functions) = (self.locals.len(), self.calls.functions.len());
        let outer_view = std::mem::replace(&mut self.calls.view, view);
        let outer_beneath = std::mem::replace(&mut self.beneath, beneath);
        self.calls.sites.extend(site);
        self.looping += 1;
        let result = self.keeping(&mut Constants::default(), part);
        self.looping -= 1;
        if site.is_some() {
            self.calls.sites.pop();
        }
        self.beneath = outer_beneath;
        self.calls.view = outer_view;
        self.locals.truncate(locals);
        self.calls.functions.truncate(functions);
        result
    }

    /// Binds a parameter that is a function.
    pub(crate) fn bind_function(&mut self, name: &Str, closure: Closure) {
        self.calls.functions.push((name.clone(), closure));
    }

    /// Enters an expression: bounds how deep they nest, and in loops and calls how many there are.
    pub(crate) fn enter(&mut self, span: Span) -> Result<(), Failed> {
        if self.calls.nesting >= MAX_NESTING {
            return self.fail(too_large::nesting(span, MAX_NESTING));
        }
        self.step(span)?;
        self.calls.nesting += 1;
        Ok(())
    }

    /// Counts an expression, in loops and calls.
    pub(crate) fn step(&mut self, span: Span) -> Result<(), Failed> {
        if self.looping > 0 { self.spend(1, span) } else { Ok(()) }
    }

    /// Leaves what was entered.
    pub(crate) const fn leave(&mut self) {
        self.calls.nesting -= 1;
    }

    /// Takes steps from what the evaluation may still do.
    pub(crate) fn spend(&mut self, steps: usize, span: Span) -> Result<(), Failed> {
        match self.budget.checked_sub(steps) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            // It is told once: what else would have been done is not known.
            None if self.exhausted => Err(Failed),
            None => {
                self.exhausted = true;
                self.fail(too_large::work(span, super::expression::MAX_STEPS))
            }
        }
    }

    /// Returns the place in the project's text of what is called at a place, which may be in the text
    /// of the standard library.
    pub(crate) fn written_at(&self, span: Span) -> Span {
        let is_own = |span: &Span| span.file != FileId(u32::MAX);
        let mut sites = self.calls.sites.iter().rev().copied();
        if is_own(&span) { span } else { sites.find(is_own).unwrap_or(span) }
    }

    /// Moves a report from the text of the standard library, which nobody sees, to the call; one
    /// from a function of the project gets the place of the call.
    pub(crate) fn relocate(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        let of_std = |span: Span| span.file == FileId(u32::MAX);
        let is_shown = |site: &Span| !of_std(*site) && site.file != TEMPLATE;
        let Some(site) = self.calls.sites.iter().rev().copied().find(is_shown) else {
            return diagnostic;
        };
        let Some(place) = diagnostic.span() else { return diagnostic };
        if of_std(place) {
            diagnostic.labels.retain(|label| !of_std(label.span));
            diagnostic.suggestions.retain(|suggestion| !of_std(suggestion.span));
            diagnostic.labels.insert(0, syncline_model::Label { span: site, text: String::new() });
        } else if !self.calls.view.sees_members && place != site && !self.explores {
            diagnostic = diagnostic.label(site, "called here");
        }
        diagnostic
    }
}

/// Returns the value of the last variable of that name.
fn find<'a>(variables: &'a [(Str, Value)], name: &str) -> Option<&'a Value> {
    variables.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
}
