//! `try` and `can`: what may be absent.
//!
//! Takes their arguments and returns an expression that does not fail: `?.`, `??` and `std.maps.get` in the
//! place of what would. Terraform catches every error; what can be caught here is what is asked for.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind may fail in ways of its own")]

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};
use hcl_edit::template::{Element, StringTemplate};

use crate::expression::{Bound, Out, Scope};
use crate::functions;
use crate::names::Instances;
use crate::types::Shape;

/// An attempt: an expression that is null where it would have failed.
pub(crate) enum Attempt {
    /// It never fails.
    Safe(Out),
    /// It is null where something is absent.
    Perhaps(Out),
    /// The value of a key of a map: the map, the key.
    Key(String, String),
    /// It does not fail where a condition holds.
    Where(Out, Out),
}

impl Attempt {
    /// Returns an expression that is null where it would have failed.
    pub(crate) fn or_null(self) -> Out {
        match self {
            Self::Safe(out) | Self::Perhaps(out) => out,
            Self::Key(map, key) => Out::tight_of(format!("std.maps.get({map}, {key})")),
            Self::Where(holds, out) => {
                Out::loose(format!("if {} then {} else null", holds.text, out.text))
            }
        }
    }

    /// Returns a condition under which something may be done with it, and what that may be done with.
    fn there(self) -> (Option<Out>, Out) {
        match self {
            Self::Safe(out) => (None, out),
            Self::Where(holds, out) => (Some(holds), out),
            other => {
                let out = other.or_null();
                (Some(Out::loose(format!("{} != null", out.tight()))), out)
            }
        }
    }

    /// Returns what a function makes of it.
    fn with(self, make: impl FnOnce(Out) -> Option<Out>) -> Option<Self> {
        let (holds, out) = self.there();
        let out = make(out)?;
        Some(holds.map_or_else(|| Self::Safe(out.clone()), |holds| Self::Where(holds, out.clone())))
    }
}

impl Scope<'_> {
    /// Translates `try`.
    pub(crate) fn attempts(&self, all: &[&Expression], want: &Shape) -> Option<Out> {
        let (last, others) = all.split_last()?;
        let mut out = self.converted(last, want);
        let mut is_default = true;
        for own in others.iter().rev().filter(|own| !self.is_hopeless(own)) {
            out = match self.attempt(own)? {
                Attempt::Safe(_) => self.converted(own, want),
                Attempt::Where(holds, own) => {
                    Out::loose(format!("if {} then {} else {}", holds.text, own.text, out.text))
                }
                other if is_default && out.text == "null" => other.or_null(),
                Attempt::Key(map, key) if want.is_plain() == self.shape(own).is_plain() => {
                    Out::tight_of(format!("std.maps.get({map}, {key}, {})", out.text))
                }
                other => Out::loose(format!("{} ?? {}", other.or_null().tight(), out.tight())),
            };
            is_default = false;
        }
        Some(out)
    }

    /// Tells whether an expression fails whatever is given: what is decoded is no text.
    fn is_hopeless(&self, expression: &Expression) -> bool {
        let variable = || {
            let call = expression.as_func_call()?;
            let decodes = matches!(call.name.name.as_str(), "jsondecode" | "yamldecode");
            let own = call.args.get(0).filter(|_| decodes)?.as_traversal()?;
            let is_variable = own.expr.as_variable().is_some_and(|root| root.as_str() == "var");
            let [only] = own.operators.as_slice() else { return None };
            let TraversalOperator::GetAttr(name) = only.value() else { return None };
            is_variable.then(|| name.to_string())
        };
        variable().is_some_and(|name| self.names.is_never(&name, &Shape::String))
    }

    /// Returns why a call of `try` or `can` is not translated.
    pub(crate) fn unasked(&self, call: &FuncCall) -> String {
        let failing = call.args.iter().find(|own| self.attempt(own).is_none());
        let whole = failing.map_or("it", |own| self.file.slice(own.span()));
        let line = whole.lines().next().unwrap_or_default();
        format!("whether `{line}` fails cannot be asked for")
    }

    /// Translates `can`.
    pub(crate) fn possible(&self, expression: &Expression) -> Option<Out> {
        if self.is_hopeless(expression) {
            return Some(Out::tight_of("false"));
        }
        if let Some(call) = expression.as_func_call() {
            let first = call.args.get(0)?;
            let checked = match call.name.name.as_str() {
                "cidrhost" | "cidrnetmask" | "cidrsubnet" | "cidrsubnets"
                    if self.is_text(first) =>
                {
                    Some(format!("std.cidr.is_valid({})", self.text(first)))
                }
                "regex" => {
                    let text = self.text(call.args.get(1)?);
                    Some(format!("std.regex.matches({text}, {})", self.text(first)))
                }
                "tonumber" => {
                    let text = self.text(first);
                    // As Go reads numbers.
                    let pattern = r"^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$";
                    Some(format!("std.regex.matches({text}, \"{pattern}\")"))
                }
                _ => None,
            };
            if let Some(checked) = checked {
                return Some(Out::tight_of(checked));
            }
        }
        Some(match self.attempt(expression)? {
            Attempt::Safe(_) => Out::tight_of("true"),
            Attempt::Perhaps(out) => Out::loose(format!("{} != null", out.tight())),
            Attempt::Key(map, key) if map.contains(' ') => Out::loose(format!("{key} in ({map})")),
            Attempt::Key(map, key) => Out::loose(format!("{key} in {map}")),
            Attempt::Where(holds, _) => holds,
        })
    }

    /// Attempts an expression, put together or not.
    pub(crate) fn attempt(&self, expression: &Expression) -> Option<Attempt> {
        match expression {
            Expression::Conditional(_) | Expression::BinaryOp(_) | Expression::UnaryOp(_) => {
                self.composed(expression)
            }
            other => self.attempt_alone(other),
        }
    }

    pub(crate) fn attempt_alone(&self, expression: &Expression) -> Option<Attempt> {
        match expression {
            Expression::Parenthesis(inner) => self.attempt(inner.inner()),
            Expression::Traversal(own) => self.reached(own),
            Expression::FuncCall(call) => self.called(call),
            Expression::StringTemplate(own) => match own.as_single_element() {
                Some(Element::Interpolation(only)) => self.attempt(&only.expr),
                Some(_) | None => self.filled(own, expression),
            },
            Expression::Array(array) if array.len() == 1 => match self.attempt(array.get(0)?)? {
                // What is there may be null.
                Attempt::Key(map, key) => {
                    let map = Out { tight: !map.contains(' '), text: map }.tight();
                    let holds = Out::loose(format!("{key} in {map}"));
                    Some(Attempt::Where(holds, Out::tight_of(format!("[{map}[{key}]]"))))
                }
                other => other.with(|out| Some(Out::tight_of(format!("[{}]", out.text)))),
            },
            Expression::ForExpr(own) => {
                let list = &own.intro.collection_expr;
                let over = |list: Out| Some(self.comprehension_over(own, &list.text, &Shape::Any));
                match self.attempt(list)? {
                    // A value that is null cannot be gone through.
                    Attempt::Safe(out) if !list.is_array() && !list.is_object() => {
                        Attempt::Perhaps(out).with(over)
                    }
                    other => other.with(over),
                }
            }
            other => self.is_safe(other).then(|| Attempt::Safe(self.expression(other))),
        }
    }

    /// Translates a text with values in it, which fails where one of them is null.
    fn filled(&self, template: &StringTemplate, whole: &Expression) -> Option<Attempt> {
        let mut holds = Vec::new();
        for element in template.iter() {
            let Element::Interpolation(own) = element else {
                element.as_literal()?;
                continue;
            };
            let Attempt::Safe(out) = self.attempt(&own.expr)? else { return None };
            if !self.shape(&own.expr).is_plain() {
                return None;
            }
            if self.may_be_null(&own.expr) {
                holds.push(format!("{} != null", out.tight()));
            }
        }
        let out = self.expression(whole);
        Some(if holds.is_empty() {
            Attempt::Safe(out)
        } else {
            Attempt::Where(Out::loose(holds.join(" && ")), out)
        })
    }

    /// Tells whether an expression never fails.
    fn is_safe(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::String(_)
            | Expression::Variable(_) => true,
            Expression::Array(array) => array.iter().all(|own| self.is_safe(own)),
            Expression::Object(object) => object.iter().all(|(_, own)| self.is_safe(own.expr())),
            Expression::Parenthesis(inner) => self.is_safe(inner.inner()),
            Expression::Traversal(own) => matches!(self.reached(own), Some(Attempt::Safe(_))),
            Expression::Conditional(own) => [&own.cond_expr, &own.true_expr, &own.false_expr]
                .iter()
                .all(|own| self.is_safe(own)),
            Expression::BinaryOp(own) => self.is_safe(&own.lhs_expr) && self.is_safe(&own.rhs_expr),
            Expression::UnaryOp(own) => self.is_safe(&own.expr),
            Expression::FuncCall(call) => matches!(self.called(call), Some(Attempt::Safe(_))),
            Expression::StringTemplate(_) => {
                matches!(self.attempt(expression), Some(Attempt::Safe(_)))
            }
            _ => false,
        }
    }

    /// Tells whether an expression is known to be a text.
    fn is_text(&self, expression: &Expression) -> bool {
        self.shape(expression) == Shape::String
    }

    fn called(&self, call: &FuncCall) -> Option<Attempt> {
        let name = call.name.name.as_str();
        if call.args.expand_final() {
            return None;
        }
        let first = call.args.get(0)?;
        match (name, call.args.get(1)) {
            ("regex", Some(text)) if !first.as_str()?.contains('(') => {
                let (pattern, text) = (self.text(first), self.text(text));
                Some(Attempt::Perhaps(Out::tight_of(format!("std.regex.find({text}, {pattern})"))))
            }
            ("lookup", Some(key)) if call.args.len() == 2 && self.is_safe(first) => {
                Some(Attempt::Key(self.text(first), self.text(key)))
            }
            ("one", None) if self.only(first).is_some() => self.only(first).map(Attempt::Perhaps),
            ("one", None) => {
                let (holds, list) = self.attempt(first)?.there();
                let one = Out::tight_of(format!("std.lists.first({})", list.text));
                Some(match holds {
                    Some(holds) => Attempt::Perhaps(Attempt::Where(holds, one).or_null()),
                    None => Attempt::Perhaps(one),
                })
            }
            ("element", Some(at)) => {
                let at = at.as_number()?.as_u64()?;
                let list = self.is_safe(first).then(|| self.text(first))?;
                Some(Attempt::Perhaps(nth(&list, at)))
            }
            ("nonsensitive" | "sensitive", None) => self.attempt(first),
            ("tobool" | "tonumber", None) => self.conversion(name, first),
            ("file" | "filebase64", None) => {
                let exists = self.is_safe(first).then(|| self.beside("fileexists", call))??;
                Some(Attempt::Where(exists, self.call(call, &Shape::Any)))
            }
            // What is there is taken for what it should be.
            ("yamldecode" | "jsondecode", None) => match first.as_func_call() {
                Some(inner) if inner.name.name.as_str() == "file" => {
                    self.attempt(first)?.with(|own| functions::call(name, &[own], false))
                }
                Some(_) | None => None,
            },
            ("try" | "coalescelist" | "coalesce", _) => self.chosen(call),
            ("cidrhost" | "cidrnetmask" | "cidrsubnet", _) => {
                let rest = call.args.iter().skip(1).all(|own| self.is_safe(own));
                let text = rest.then(|| self.attempt(first))??.or_null();
                let holds = format!("std.cidr.is_valid({} ?? \"\")", text.tight());
                Some(Attempt::Where(Out::tight_of(holds), self.call(call, &Shape::Any)))
            }
            _ => self.total(call),
        }
    }

    /// Translates the call of a function that chooses among its arguments.
    fn chosen(&self, call: &FuncCall) -> Option<Attempt> {
        match call.name.name.as_str() {
            "try" => {
                let all: Vec<&Expression> = call.args.iter().collect();
                let out = self.attempts(&all, &Shape::Any)?;
                let may_be_null = all.last().is_some_and(|own| self.may_be_null(own));
                Some(if may_be_null { Attempt::Perhaps(out) } else { Attempt::Safe(out) })
            }
            "coalescelist" => {
                let is_safe = call.args.iter().all(|own| self.is_safe(own));
                let out = is_safe.then(|| self.call(call, &Shape::Any))?;
                let some = |own: &Expression| format!("length({}) > 0", self.text(own));
                let some: Vec<String> = call.args.iter().map(some).collect();
                Some(Attempt::Where(Out::loose(some.join(" || ")), out))
            }
            _ => {
                let parts: Option<Vec<String>> = call
                    .args
                    .iter()
                    .map(|own| Some(self.attempt(own)?.or_null().tight()))
                    .collect();
                let all: Vec<&Expression> = call.args.iter().collect();
                Some(Attempt::Perhaps(if self.may_be_empty(&all) {
                    let parts = parts?.join(", ");
                    Out::tight_of(format!("std.terraform.coalesce({parts})"))
                } else {
                    Out::loose(parts?.join(" ?? "))
                }))
            }
        }
    }

    /// Translates the call of a function that gives something for all arguments that there are.
    fn total(&self, call: &FuncCall) -> Option<Attempt> {
        const TOTAL: &[&str] = &[
            "compact",
            "concat",
            "contains",
            "distinct",
            "flatten",
            "format",
            "join",
            "jsonencode",
            "keys",
            "length",
            "lower",
            "merge",
            "replace",
            "reverse",
            "sort",
            "split",
            "title",
            "tolist",
            "tomap",
            "toset",
            "tostring",
            "trim",
            "trimprefix",
            "trimspace",
            "trimsuffix",
            "upper",
            "values",
        ];
        let name = call.name.name.as_str();
        if !TOTAL.contains(&name) {
            return None;
        }
        // These take null, and all others refuse it.
        const NULLABLE: &[&str] = &["format", "jsonencode", "merge", "tostring"];
        let refuses = |own: &Expression| !NULLABLE.contains(&name) && self.may_be_null(own);
        let unsafe_at: Vec<usize> = call
            .args
            .iter()
            .enumerate()
            .filter_map(|(at, own)| (!self.is_safe(own) || refuses(own)).then_some(at))
            .collect();
        match unsafe_at.as_slice() {
            [] => Some(Attempt::Safe(self.call(call, &Shape::Any))),
            [at] => self.attempt_of(call.args.get(*at)?, &refuses)?.with(|own| {
                let mut arguments: Vec<Out> =
                    call.args.iter().map(|own| self.expression(own)).collect();
                arguments[*at] = own;
                if name == "flatten" && call.args.get(0).is_some_and(|own| self.may_be_one(own)) {
                    return Some(Out::tight_of(format!(
                        "std.terraform.flatten({})",
                        arguments[0].text
                    )));
                }
                functions::call(name, &arguments, false)
            }),
            _ => self.composed_call(call, &refuses),
        }
    }

    /// Attempts an argument, which is not taken where it is null.
    fn attempt_of(
        &self,
        argument: &Expression,
        refuses: &dyn Fn(&Expression) -> bool,
    ) -> Option<Attempt> {
        Some(match self.attempt(argument)? {
            Attempt::Safe(out) if refuses(argument) => Attempt::Perhaps(out),
            other => other,
        })
    }

    /// Returns what a reference leads to, step by step.
    fn reached(&self, traversal: &Traversal) -> Option<Attempt> {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let Some(root) = traversal.expr.as_variable() else {
            let base = self.attempt(&traversal.expr)?;
            return self.walk(base, self.shape(&traversal.expr), &operators);
        };
        let root = root.as_str();
        let bound = self.bound.iter().rev().find(|(own, _)| own == root).map(|(_, own)| own);
        let is_bound = bound.is_some() || self.is_template;
        let used = match root {
            // `key` or `value` says what of an iterator it is.
            _ if matches!(bound, Some(Bound::Iterator(..))) => 1,
            _ if is_bound => 0,
            "var" | "local" | "each" | "count" | "path" | "terraform" => 1,
            "self" => 0,
            "data" | "ephemeral" => 2,
            _ => 1,
        };
        let part = |until: usize| {
            let mut part = Traversal::new(traversal.expr.clone(), Vec::new());
            part.operators = traversal.operators[..until].to_vec();
            if part.operators.is_empty() { traversal.expr.clone() } else { part.into() }
        };
        let used = used.min(operators.len());
        let head = part(used);
        let is_plain =
            is_bound || matches!(root, "var" | "local" | "each" | "self" | "count" | "path");
        let mut at = used;
        let is_null = !is_bound && operators.len() > used && self.may_be_null(&head);
        let head_out = self.expression(&head);
        let mut so_far = if is_null { Attempt::Perhaps(head_out) } else { Attempt::Safe(head_out) };
        if !is_plain {
            // The attributes of a resource are all there, and so are the outputs of a module.
            let mut until = used;
            while until < operators.len() && until < used + 2 {
                let is_name = matches!(operators[until], TraversalOperator::GetAttr(_));
                until += 1;
                if is_name {
                    break;
                }
            }
            let whole = self.expression(&part(until));
            at = until;
            so_far = if whole.text.contains("?.") || whole.text == "null" {
                Attempt::Perhaps(whole)
            } else {
                self.keyed(&head, (&operators, used..until)).unwrap_or(Attempt::Safe(whole))
            };
        }
        self.walk(so_far, self.shape(&part(at)), &operators[at..])
    }

    /// Goes on from what was reached.
    fn walk(
        &self,
        mut so_far: Attempt,
        mut shape: Shape,
        operators: &[&TraversalOperator],
    ) -> Option<Attempt> {
        let mut is_null = false;
        for operator in operators {
            if is_null {
                so_far = Attempt::Perhaps(so_far.or_null());
            }
            let lacks = |name: &str| shape.may_lack(name);
            is_null = matches!(operator, TraversalOperator::GetAttr(name) if lacks(name.as_str()));
            so_far = self.step(so_far, operator, &shape)?;
            shape = crate::shapes::steps(shape, &[operator]);
        }
        Some(so_far)
    }

    /// Returns an instance by its key, which may not be there, and what is reached from it.
    fn keyed(
        &self,
        head: &Expression,
        (operators, range): (&[&TraversalOperator], Range<usize>),
    ) -> Option<Attempt> {
        let root = head.as_traversal()?.expr.as_variable()?.as_str();
        let (named, _) = self.named(operators, root)?;
        let behind = operators.get(range)?;
        let TraversalOperator::Index(key) = behind.first()? else { return None };
        let key = match (&named.instances, key) {
            (Instances::Each, _) => self.text(key),
            // What is counted has its numbers as keys.
            (Instances::Count, Expression::Number(own)) => {
                format!("\"{}\"", crate::text::number(own))
            }
            (Instances::Count, _) => format!("string({})", self.text(key)),
            (Instances::One | Instances::Maybe, _) => return None,
        };
        let map = named.name.clone();
        let shape = match operators.first() {
            Some(TraversalOperator::GetAttr(own)) if root == "module" => {
                Shape::Unit(own.as_str().to_owned())
            }
            _ => Shape::Any,
        };
        let rest = self.renamed(&shape, &behind[1..]);
        if rest.is_empty() {
            return Some(Attempt::Key(map, key));
        }
        let behind = self.steps(Out::tight_of("it"), &rest.iter().collect::<Vec<_>>()).text;
        let behind = behind.strip_prefix("it.")?;
        Some(Attempt::Perhaps(Out::tight_of(format!("std.maps.get({map}, {key})?.{behind}"))))
    }

    fn step(&self, base: Attempt, operator: &TraversalOperator, shape: &Shape) -> Option<Attempt> {
        if let TraversalOperator::GetAttr(name) = operator
            && shape.has(name.as_str())
        {
            return Some(field(base, name.as_str(), shape.may_lack(name.as_str())));
        }
        let (base, is_safe) = match base {
            Attempt::Safe(out) => (out, true),
            other => (other.or_null(), false),
        };
        let map = || {
            if is_safe { base.text.clone() } else { format!("{} ?? {{}}", base.tight()) }
        };
        Some(match operator {
            TraversalOperator::GetAttr(name) => {
                Attempt::Key(map(), crate::text::string(name.as_str()))
            }
            TraversalOperator::Index(at) => match (at.as_number(), shape) {
                (Some(at), _) => Attempt::Perhaps(nth_of(&base, is_safe, at.as_u64()?)),
                (None, Shape::List(_) | Shape::Set(_)) if is_safe && self.is_safe(at) => {
                    let (list, at) = (base.tight(), self.expression(at));
                    let holds = Out::loose(format!("{} < length({})", at.tight(), base.text));
                    Attempt::Where(holds, Out::tight_of(format!("{list}[{}]", at.text)))
                }
                (None, Shape::List(_) | Shape::Set(_)) => return None,
                (None, _) => Attempt::Key(map(), self.text(at)),
            },
            TraversalOperator::LegacyIndex(at) => {
                Attempt::Perhaps(nth_of(&base, is_safe, *at.value()))
            }
            _ => return None,
        })
    }
}

impl Shape {
    /// Tells whether a record has a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        matches!(self, Self::Record(fields) if fields.iter().any(|(own, ..)| own == name))
    }
}

/// Returns a field that a record has; one that may be null is there all the same.
fn field(base: Attempt, name: &str, may_be_null: bool) -> Attempt {
    match base {
        Attempt::Safe(base) => Attempt::Safe(Out::tight_of(format!("{}.{name}", base.tight()))),
        base if may_be_null => {
            let (holds, base) = base.there();
            let out = Out::tight_of(format!("{}.{name}", base.tight()));
            holds.map_or_else(
                || Attempt::Safe(out.clone()),
                |holds| Attempt::Where(holds, out.clone()),
            )
        }
        base => Attempt::Perhaps(Out::tight_of(format!("{}?.{name}", base.or_null().tight()))),
    }
}

fn nth_of(list: &Out, is_safe: bool, at: u64) -> Out {
    let list = if is_safe { list.text.clone() } else { format!("{} ?? []", list.tight()) };
    nth(&list, at)
}

/// Returns an element of a list, or null.
fn nth(list: &str, at: u64) -> Out {
    Out::tight_of(match at {
        0 => format!("std.lists.first({list})"),
        at => format!("std.lists.first(std.lists.slice({list}, {at}))"),
    })
}
