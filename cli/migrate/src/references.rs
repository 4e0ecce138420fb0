//! References: names, and what is reached from them.
//!
//! Takes a traversal and returns the same in the language. A resource or a module with instances is a list in
//! Terraform where it is counted, and a map or something that may be absent here; an output is called what
//! its component calls it.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind stands for itself")]

use std::ops::Range;

use hcl_edit::expr::{BinaryOp, BinaryOperator, Expression, Traversal, TraversalOperator};
use hcl_edit::{Decorated, Ident, Span as _};

use crate::expression::{Bound, Out, Scope};
use crate::names::{Instances, Named};
use crate::shapes::split_splat;
use crate::text;
use crate::types::Shape;

/// Tells whether an operator is a splat.
const fn is_splat(operator: &TraversalOperator) -> bool {
    matches!(operator, TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_))
}

impl Scope<'_> {
    pub(crate) fn traversal(&self, traversal: &Traversal) -> Out {
        let plain = self.without_word(traversal);
        let traversal = plain.as_ref().unwrap_or(traversal);
        self.upgraded(traversal).unwrap_or_else(|| self.reference(traversal))
    }

    /// Translates a splat of what is no list: null is none, and anything else a list of one.
    fn upgraded(&self, traversal: &Traversal) -> Option<Out> {
        let all: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let at = all.iter().position(|own| is_splat(own))?;
        let mut before = Traversal::new(traversal.expr.clone(), Vec::new());
        before.operators = traversal.operators[..at].to_vec();
        let before = if at == 0 { before.expr } else { before.into() };
        let root = traversal.expr.as_variable().map(|root| root.as_str());
        let is_bound = root.is_some_and(|root| self.bound.iter().any(|(own, _)| own == root));
        let is_value = is_bound || matches!(root, None | Some("var" | "local" | "each"));
        match self.shape(&before) {
            Shape::List(_) | Shape::Set(_) | Shape::Unit(_) => return None,
            Shape::Any if is_value => {
                let list = format!("std.terraform.splat({})", self.text(&before));
                return Some(self.steps(Out::tight_of(list), &all[at..]));
            }
            Shape::Any => return None,
            // Instances by their keys.
            Shape::Map(_) if !is_value => return None,
            _ => {}
        }
        let own = self.expression(&before);
        let (inside, behind) = split_splat(all[at], &all[at + 1..]);
        let one = self.steps(own.clone(), inside).text;
        let list = if self.may_be_null(&before) || !is_value {
            Out::loose(format!("if {} == null then [] else [{one}]", own.tight()))
        } else {
            Out::tight_of(format!("[{one}]"))
        };
        Some(self.steps(list, behind))
    }

    /// Returns a reference that starts with `resource.` without it.
    pub(crate) fn without_word(&self, traversal: &Traversal) -> Option<Traversal> {
        traversal.expr.as_variable().filter(|root| root.as_str() == "resource")?;
        let is_bound = self.bound.iter().any(|(own, _)| own == "resource");
        let TraversalOperator::GetAttr(kind) = traversal.operators.first()?.value() else {
            return None;
        };
        let mut plain = traversal.clone();
        if let Expression::Variable(root) = &mut plain.expr {
            *root.value_mut() = kind.value().clone();
        }
        plain.operators.remove(0);
        Some(plain).filter(|_| !is_bound && !self.is_template)
    }

    fn reference(&self, traversal: &Traversal) -> Out {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let Expression::Variable(root) = &traversal.expr else {
            let is_first = matches!(
                operators.first(),
                Some(TraversalOperator::Index(at)) if at.as_number().and_then(hcl_edit::Number::as_u64) == Some(0)
            );
            return match self.first_of(&traversal.expr).filter(|_| is_first) {
                Some(first) => self.steps(first, &operators[1..]),
                None => self.steps(self.expression(&traversal.expr), &operators),
            };
        };
        let span = traversal.span();
        let first = attribute(&operators, 0);
        if let Some((_, bound)) = self.bound.iter().rev().find(|(own, _)| own == root.as_str()) {
            return self.bound(bound, first, &operators);
        }
        if self.is_template {
            return self.steps(Out::tight_of(root.as_str()), &operators);
        }
        let known = |name: Option<&String>| name.map(|name| Out::tight_of(name.clone()));
        let (base, used) = match root.as_str() {
            "var" => (known(self.names.variables.get(first)), 1),
            "local" => (known(self.names.locals.get(first)), 1),
            "each" if first == "key" => (known(self.key.as_ref()), 1),
            "each" => {
                let renamed = self.renamed(&self.each, &operators[1..]);
                let Some(value) = &self.value else {
                    return self.missing(span, format!("nothing is known of `each.{first}`"));
                };
                let operators: Vec<&TraversalOperator> = renamed.iter().collect();
                return self.steps(Out::tight_of(value.clone()), &operators);
            }
            "count" => (known(self.key.as_ref()).or_else(|| Some(Out::tight_of("0"))), 1),
            "self" => match &self.own {
                Some((name, true)) => return self.perhaps(name, &operators),
                own => (known(own.as_ref().map(|(name, _)| name)), 0),
            },
            "path" => (Some(self.place_of(first, span.clone())), 1),
            "terraform" if matches!(first, "workspace" | "env") => (Some(self.workspace()), 1),
            _ => {
                return match self.named(&operators, root.as_str()) {
                    Some((named, rest)) => {
                        let unit = Shape::Unit(first.to_owned());
                        let shape = if root.as_str() == "module" { unit } else { Shape::Any };
                        let rest = self.renamed(&shape, rest);
                        self.instances(named, &rest.iter().collect::<Vec<_>>())
                    }
                    None => self.missing(span, unknown(root.as_str(), &operators)),
                };
            }
        };
        match base {
            Some(base) => self.steps(base, &operators[used.min(operators.len())..]),
            None => self.missing(span, format!("nothing is known of `{root}.{first}`")),
        }
    }

    /// Returns what `path.` says.
    fn place_of(&self, which: &str, span: Option<Range<usize>>) -> Out {
        if which == "cwd" {
            self.placed(span);
        }
        Out::tight_of(text::string(self.folder(which)))
    }

    /// Returns the name of the workspace, which need not be that of the environment.
    fn workspace(&self) -> Out {
        let own = "environment.name";
        let arms = self.names.workspaces.iter().map(|(environment, workspace)| {
            format!("{} => {}, ", text::string(environment), text::string(workspace))
        });
        match arms.collect::<String>() {
            none if none.is_empty() => Out::tight_of(own),
            arms => Out::loose(format!("match {own} {{ {arms}_ => {own} }}")),
        }
    }

    /// Returns the resource, data source or module that a reference is to, and what stands behind it.
    pub(crate) fn named<'o, 'n>(
        &'n self,
        operators: &'o [&'o TraversalOperator],
        root: &str,
    ) -> Option<(&'n Named, &'o [&'o TraversalOperator])> {
        let (first, second) = (attribute(operators, 0), attribute(operators, 1));
        let of = (first.to_owned(), second.to_owned());
        let (named, used) = match root {
            "module" => (self.names.modules.get(first), 1),
            "data" => (self.names.data.get(&of), 2),
            "ephemeral" => (self.names.ephemeral.get(&of), 2),
            kind => (self.names.resources.get(&(kind.to_owned(), first.to_owned())), 1),
        };
        Some((named?, operators.get(used..).unwrap_or_default()))
    }

    /// Returns what stands behind an instance of a module, or its instances, with the output's name as its
    /// component has it.
    pub(crate) fn renamed(
        &self,
        shape: &Shape,
        operators: &[&TraversalOperator],
    ) -> Vec<TraversalOperator> {
        let mut all: Vec<TraversalOperator> = operators.iter().map(|own| (*own).clone()).collect();
        let Shape::Unit(label) = shape else { return all };
        let callee = self.names.modules.get(label).and_then(|named| named.callee.as_ref());
        let output = all.iter_mut().find_map(|own| match own {
            TraversalOperator::GetAttr(name) => Some(name),
            _ => None,
        });
        if let (Some(callee), Some(output)) = (callee, output)
            && let Some(name) = callee.outputs.get(output.as_str())
        {
            *output = Decorated::new(Ident::new(name.as_str()));
        }
        all
    }

    /// Translates a reference to what a comprehension or a dynamic block binds.
    fn bound(&self, bound: &Bound, first: &str, operators: &[&TraversalOperator]) -> Out {
        let (name, shape, rest) = match bound {
            Bound::Variable(name, shape) => (name, shape, operators),
            Bound::Iterator(key, _, _) if first == "key" => (key, &Shape::Any, &operators[1..]),
            Bound::Iterator(_, value, shape) => (value, shape, &operators[1..]),
        };
        let rest = self.renamed(shape, rest);
        self.steps(Out::tight_of(name.clone()), &rest.iter().collect::<Vec<_>>())
    }

    /// Translates a reference to a resource or a module with its instances.
    fn instances(&self, named: &Named, operators: &[&TraversalOperator]) -> Out {
        let name = &named.name;
        let (Some(first), rest) = (operators.first(), operators.get(1..).unwrap_or_default())
        else {
            return self.all(named);
        };
        let splat = is_splat(first);
        let (inside, behind) = if splat { split_splat(first, rest) } else { (rest, &[][..]) };
        let each = |head: &str, item: &str| {
            let each = self.steps(Out::tight_of(item), inside).text;
            self.steps(Out::tight_of(format!("[{head}: {each}]")), behind)
        };
        let item = self.free("item");
        match named.instances {
            Instances::One if splat => self.steps(Out::tight_of(format!("[{name}]")), operators),
            Instances::One | Instances::Each if !splat => {
                self.steps(Out::tight_of(name.clone()), operators)
            }
            Instances::One | Instances::Each => each(&format!("for _, {item} in {name}"), &item),
            Instances::Maybe if splat => {
                each(&format!("for {item} in [{name}] if {item} != null"), &item)
            }
            Instances::Maybe => match first {
                TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => {
                    self.perhaps(name, rest)
                }
                _ => self.steps(Out::tight_of(name.clone()), operators),
            },
            Instances::Count if splat => {
                // In the order of numbers: the keys of a map are sorted as texts.
                let (item, count) = (self.free("index"), self.count_of(named));
                each(&format!("for {item} in range({count})"), &format!("{name}[{item}]"))
            }
            Instances::Count => self.steps(Out::tight_of(name.clone()), operators),
        }
    }

    fn count_of(&self, named: &Named) -> String {
        named.count.as_ref().map_or("0".to_owned(), |own| self.text(own))
    }

    /// Returns all instances as Terraform has them.
    fn all(&self, named: &Named) -> Out {
        let name = &named.name;
        match named.instances {
            Instances::One | Instances::Each => Out::tight_of(name.clone()),
            Instances::Maybe => Out::loose(format!("if {name} == null then [] else [{name}]")),
            Instances::Count => {
                let (item, count) = (self.free("index"), self.count_of(named));
                Out::tight_of(format!("[for {item} in range({count}): {name}[{item}]]"))
            }
        }
    }

    /// Returns what is reached from something that may be absent.
    fn perhaps(&self, name: &str, rest: &[&TraversalOperator]) -> Out {
        let out = self.steps(Out::tight_of(name), rest);
        // What may be absent is asked for by `?.`.
        let text = match out.text.strip_prefix(&format!("{name}.")) {
            Some(behind) => format!("{name}?.{behind}"),
            None => match out.text.strip_prefix(&format!("{name}[")) {
                Some(behind) => format!("{name}?.[{behind}"),
                None => out.text,
            },
        };
        Out { text, tight: out.tight }
    }

    /// Translates `name.*.id` of something that is there once or not at all: the element, or null.
    pub(crate) fn only(&self, expression: &Expression) -> Option<Out> {
        if let Expression::Parenthesis(inner) = expression {
            return self.only(inner.inner());
        }
        let (named, rest) = self.maybe(expression)?;
        let rest: Vec<&TraversalOperator> = rest.iter().collect();
        let (splat, rest) = rest.split_first()?;
        let (inside, behind) = split_splat(splat, rest);
        let is_whole =
            is_splat(splat) && behind.is_empty() && !inside.iter().any(|own| is_splat(own));
        is_whole.then(|| self.perhaps(&named.name, inside))
    }

    /// Returns what a reference is to, where that is there once or not at all.
    fn maybe(&self, expression: &Expression) -> Option<(&Named, Vec<TraversalOperator>)> {
        let traversal = expression.as_traversal()?;
        let root = traversal.expr.as_variable()?;
        if self.bound.iter().any(|(own, _)| own == root.as_str()) {
            return None;
        }
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let (named, rest) = self.named(&operators, root.as_str())?;
        let unit = Shape::Unit(attribute(&operators, 0).to_owned());
        let shape = if root.as_str() == "module" { unit } else { Shape::Any };
        let rest = self.renamed(&shape, rest);
        (named.instances == Instances::Maybe).then_some((named, rest))
    }

    /// Translates `length(x) > 0` of something that is there once or not at all.
    pub(crate) fn presence(&self, own: &BinaryOp) -> Option<Out> {
        let call =
            own.lhs_expr.as_func_call().filter(|call| call.name.name.as_str() == "length")?;
        let number = own.rhs_expr.as_number()?.as_u64()?;
        let (named, rest) = self.maybe(call.args.get(0)?)?;
        let is_there = match (own.operator.value(), number) {
            (BinaryOperator::Greater | BinaryOperator::NotEq, 0)
            | (BinaryOperator::Eq | BinaryOperator::GreaterEq, 1) => "!=",
            (BinaryOperator::Eq | BinaryOperator::LessEq, 0) | (BinaryOperator::Less, 1) => "==",
            _ => return None,
        };
        let is_whole = rest.iter().all(is_splat);
        is_whole.then(|| Out::loose(format!("{} {is_there} null", named.name)))
    }

    /// Translates `length(x)` of a resource or a module with instances.
    pub(crate) fn number_of(&self, list: &Expression) -> Option<Out> {
        let traversal = list.as_traversal()?;
        let root = traversal.expr.as_variable()?;
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        if self.bound.iter().any(|(own, _)| own == root.as_str()) {
            return None;
        }
        let (named, rest) = self.named(&operators, root.as_str())?;
        // However long the way behind a splat is, there are as many.
        let is_whole = match rest {
            [] => true,
            [splat, rest @ ..] => {
                let (_, behind) = split_splat(splat, rest);
                is_splat(splat) && behind.is_empty()
            }
        };
        match named.instances {
            Instances::Count | Instances::Each if is_whole => {
                Some(Out::tight_of(format!("length({})", named.name)))
            }
            Instances::Maybe if is_whole => {
                Some(Out::loose(format!("if {} == null then 0 else 1", named.name)))
            }
            _ => None,
        }
    }

    /// Translates what stands behind a reference.
    pub(crate) fn steps(&self, base: Out, operators: &[&TraversalOperator]) -> Out {
        let mut text = if operators.is_empty() { return base } else { base.tight() };
        for (at, operator) in operators.iter().enumerate() {
            match operator {
                TraversalOperator::GetAttr(name) if text::is_name(name.as_str()) => {
                    text.push('.');
                    text.push_str(name.as_str());
                }
                TraversalOperator::GetAttr(name) => {
                    text.push_str(&format!("[{}]", text::string(name.as_str())));
                }
                TraversalOperator::Index(index) => {
                    text.push_str(&format!("[{}]", self.text(index)));
                }
                TraversalOperator::LegacyIndex(index) => {
                    text.push_str(&format!("[{}]", index.value()));
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let item = self.free("item");
                    let (inside, behind) = split_splat(operator, &operators[at + 1..]);
                    let each = self.steps(Out::tight_of(item.clone()), inside).text;
                    let list =
                        if each == item { text } else { format!("[for {item} in {text}: {each}]") };
                    return self.steps(Out::tight_of(list), behind);
                }
            }
        }
        Out::tight_of(text)
    }
}

/// Returns the name at a place behind a reference.
fn attribute<'o>(operators: &[&'o TraversalOperator], at: usize) -> &'o str {
    match operators.get(at) {
        Some(TraversalOperator::GetAttr(name)) => name.as_str(),
        _ => "",
    }
}

/// Returns what is said of a reference to nothing.
fn unknown(root: &str, operators: &[&TraversalOperator]) -> String {
    let (first, second) = (attribute(operators, 0), attribute(operators, 1));
    match root {
        "module" => format!("there is no module `{first}`"),
        "data" | "ephemeral" => format!("there is no `{root}.{first}.{second}`"),
        kind => format!("there is no resource `{kind}.{first}`"),
    }
}
