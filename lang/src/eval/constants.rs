//! What a loop computes once: the parts of its text that come to the same each time.
//!
//! A part that names no variable of the loop, nor one that is bound inside of it, is evaluated when it
//! is first wanted, and kept until the loop ends. So a branch that is never taken is never evaluated.
//!
//! Laws:
//! * Whether a part was kept never shows: what it depends on and what set it is noted each time, and
//!   what fails is not kept.
//! * The text of a function or of a lambda sees nothing that is kept around its call: it may be the
//!   text of the loop itself, with other arguments.

use std::sync::Arc;

use syncline_model::{Origin, Value};

use super::notes::Dependencies;
use super::parts::{names, names_itself};
use super::scope::{Failed, Scope};
use crate::syntax::ast::{Comprehension, Expr, ExprKind};
use crate::syntax::visit;

/// How often a loop goes round, at least, for its text to be looked through.
const FEWEST: usize = 8;

/// How many parts are kept at most: each expression is looked for among them.
const MOST: usize = 64;

/// The constant parts of the loops under way, the innermost last.
#[derive(Default)]
pub(crate) struct Constants(Vec<Constant>);

/// A constant part.
struct Constant {
    /// Which; the text of a loop stays where it is while that is under way.
    at: *const Expr,
    known: Option<Known>,
}

/// What a constant part comes to.
struct Known {
    value: Value,
    trail: Arc<[Origin]>,
    edges: Dependencies,
}

/// How a part behaves from one round to the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    Varies,
    /// It stays the same, and to keep it would save nothing.
    Plain,
    Constant,
}

impl Constants {
    /// Adds the constant parts of texts that are repeated together, in which names vary.
    pub(crate) fn add<'a>(
        &mut self,
        texts: impl Iterator<Item = &'a Expr> + Clone,
        names: &[&'a str],
    ) {
        let mut varying = names.to_vec();
        texts.clone().for_each(|text| bound(text, &mut varying));
        for text in texts {
            if self.look_through(text, &|name| varying.contains(&name)) == Behaviour::Constant {
                self.push(text);
            }
        }
    }

    /// Tells how an expression behaves, and adds the constant ones in it where it varies.
    fn look_through(&mut self, expr: &Expr, varies: &dyn Fn(&str) -> bool) -> Behaviour {
        if let ExprKind::Lambda(_) = &expr.kind {
            return if names(expr, varies) { Behaviour::Varies } else { Behaviour::Plain };
        }
        let mut found = Vec::new();
        visit::children(expr, &mut |part| found.push((part, self.look_through(part, varies))));
        // The name of what is called is never evaluated.
        let callee = usize::from(matches!(expr.kind, ExprKind::Call { .. }));
        if names_itself(expr, varies) || found.iter().any(|(_, own)| *own == Behaviour::Varies) {
            for (part, own) in &found[callee..] {
                if *own == Behaviour::Constant {
                    self.push(part);
                }
            }
            return Behaviour::Varies;
        }
        if found.is_empty() { Behaviour::Plain } else { Behaviour::Constant }
    }

    fn push(&mut self, expr: &Expr) {
        if self.0.len() < MOST {
            self.0.push(Constant { at: expr, known: None });
        }
    }

    fn find(&self, expr: &Expr) -> Option<usize> {
        self.0.iter().rposition(|own| std::ptr::eq(own.at, expr))
    }
}

/// Adds the names of all variables that are bound in an expression.
fn bound<'a>(expr: &'a Expr, names: &mut Vec<&'a str>) {
    if let ExprKind::ListFor(made) | ExprKind::MapFor(made) = &expr.kind {
        names.push(&made.first.name);
        names.extend(made.second.as_ref().map(|second| second.name.as_str()));
    } else if let ExprKind::Lambda(lambda) = &expr.kind {
        names.extend(lambda.params.iter().map(|param| param.name.as_str()));
    }
    visit::children(expr, &mut |part| bound(part, names));
}

impl Scope<'_> {
    /// Runs the rounds of a comprehension, so many, with its constant parts kept.
    pub(crate) fn rounds<T>(
        &mut self,
        made: &Comprehension,
        count: usize,
        rounds: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.constants.0.len();
        if count >= FEWEST && !self.explores {
            let variables: Vec<&str> =
                std::iter::once(&made.first).chain(&made.second).map(|own| &*own.name).collect();
            let texts = made.condition.iter().chain(&made.key).chain([&made.value]);
            self.constants.add(texts, &variables);
        }
        let done = rounds(self);
        self.constants.0.truncate(before);
        done
    }

    /// Runs a part in which only these constants are kept.
    pub(crate) fn keeping<T>(
        &mut self,
        constants: &mut Constants,
        part: impl FnOnce(&mut Self) -> T,
    ) -> T {
        std::mem::swap(&mut self.constants, constants);
        let done = part(self);
        std::mem::swap(&mut self.constants, constants);
        done
    }

    /// Evaluates an expression that may have parts, but for what is kept of it.
    pub(crate) fn kept(&mut self, expr: &Expr) -> Result<Value, Failed> {
        let Some(at) = self.constants.find(expr) else { return self.nested(expr) };
        if self.constants.0[at].known.is_none() {
            let ((value, edges), trail) =
                self.traced(|scope| scope.noting(|scope| scope.nested(expr)));
            self.notes.trace(&trail);
            let value = value?;
            self.constants.0[at].known = Some(Known { value: value.clone(), trail, edges });
            return Ok(value);
        }
        self.step(expr.span)?;
        let Some(known) = &self.constants.0[at].known else { return Err(Failed) };
        self.notes.depend_each(&known.edges);
        self.notes.trace(&known.trail);
        Ok(known.value.clone())
    }
}
