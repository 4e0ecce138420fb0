//! Calls whose counterpart depends on more than their arguments' text.
//!
//! Takes a call and returns the same in the language: by what its arguments are, where that decides; by the
//! table of [`functions`] otherwise.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind stands for itself")]

use std::collections::BTreeSet;

use hcl_edit::Span as _;
use hcl_edit::expr::{BinaryOperator, Expression, FuncCall, TraversalOperator, UnaryOperator};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_element, visit_expr};

use crate::expression::{Out, Scope};
use crate::functions;
use crate::names::Instances;
use crate::text;
use crate::types::{Shape, key_text};

impl Scope<'_> {
    pub(crate) fn call(&self, call: &FuncCall, want: &Shape) -> Out {
        let name = call.name.name.as_str();
        let namespace: Vec<&str> = call.name.namespace.iter().map(|part| part.as_str()).collect();
        if !namespace.is_empty() && namespace != ["core"] {
            return self.offered(call, &namespace);
        }
        let is_open = want.inner() == Shape::Any && !want.is_plain();
        let unified = self.unified(call).filter(|_| is_open);
        let want = unified.as_ref().unwrap_or(want);
        if name == "nonsensitive" {
            let message =
                "`nonsensitive` is left out: what comes of a secret stays one, also in outputs";
            self.note(call.span(), message);
        }
        let special = self.element_of(call).or_else(|| self.file_call(call));
        let special = special.or_else(|| self.place_call(call));
        let special = special.or_else(|| self.by_kind(call, want));
        if let Some(out) = special {
            return out;
        }
        let wanted = Self::wanted(name, want);
        let argument = |(at, own): (usize, &Expression)| {
            let want = wanted.get(at).or(wanted.last());
            match want {
                Some(want) if !call.args.expand_final() => self.converted(own, want),
                Some(_) | None => self.expression(own),
            }
        };
        let arguments: Vec<Out> = call.args.iter().enumerate().map(argument).collect();
        match functions::call(name, &arguments, call.args.expand_final()) {
            Some(out) => out,
            None if matches!(name, "try" | "can") => self.missing(call.span(), self.unasked(call)),
            None => self.missing(call.span(), format!("the function `{name}` has no counterpart")),
        }
    }

    /// Translates a call by what its arguments are.
    fn by_kind(&self, call: &FuncCall, want: &Shape) -> Option<Out> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        if call.args.expand_final() {
            return None;
        }
        match (call.name.name.as_str(), arguments.as_slice()) {
            ("tobool" | "tonumber" | "tostring", [own]) if own.is_null() => {
                Some(Out::tight_of("null"))
            }
            ("coalesce", all) if self.may_be_empty(all) => {
                let own = |own: &&Expression| self.converted(own, want).text;
                let arguments: Vec<String> = all.iter().map(own).collect();
                Some(Out::tight_of(format!("std.terraform.coalesce({})", arguments.join(", "))))
            }
            ("jsonencode", [own]) if has_signs(own) => {
                let own = self.text(own);
                Some(Out::tight_of(format!("std.terraform.jsonencode({own})")))
            }
            ("merge", all) => self.merged(all, want),
            ("try", all) => self.attempts(all, want),
            ("can", [own]) => self.possible(own),
            ("length", [list]) => self.number_of(list),
            ("one", [list]) => self.only(list),
            ("join", [_, list]) => {
                let only = self.only(list)?;
                Some(Out::loose(format!("{} ?? \"\"", only.tight())))
            }
            ("flatten", [list]) => Some(self.flattened(list, want)),
            ("format" | "formatlist", _) => self.formatting(call),
            ("tostring" | "tonumber", [own]) if self.may_be_null(own) => {
                let name = call.name.name.as_str();
                Some(Out::tight_of(format!("std.terraform.{name}({})", self.text(own))))
            }
            ("tobool", [own]) if self.shape(own) != Shape::Any => {
                Some(self.converted(own, &Shape::Bool))
            }
            ("sort", [list]) if self.shape(list).inner() == Shape::Any => {
                Some(Out::tight_of(format!("std.terraform.sort({})", self.text(list))))
            }
            ("base64gzip", [own]) => {
                self.note(
                    call.span(),
                    "`base64gzip` packs into other bytes than Terraform's: what it goes to changes once",
                );
                Some(Out::tight_of(format!("std.base64.gzip({})", self.text(own))))
            }
            // What starts at no home is what it is.
            ("pathexpand", [path]) if path.as_str().is_some_and(|own| !own.starts_with('~')) => {
                Some(self.expression(path))
            }
            ("toset", [list]) if is_sorted(list) => Some(self.converted(list, want)),
            ("tolist", [set]) if self.is_set(set) => {
                Some(Out::tight_of(format!("std.sets.to_list({})", self.converted(set, want).text)))
            }
            ("setproduct", all) => self.product(all),
            ("element", [list, at]) if may_be_negative(at) => Some(self.counted_back(list, at)),
            _ => None,
        }
    }

    /// Translates `element` with a number that counts from the end where it is negative.
    fn counted_back(&self, list: &Expression, at: &Expression) -> Out {
        let (list, at) = (self.expression(list), self.converted(at, &Shape::Number));
        if at.text == "-1" {
            return Out::tight_of(format!("std.lists.last({})", list.text));
        }
        let (count, list) = (format!("length({})", list.text), list.tight());
        Out::tight_of(format!("{list}[({} % {count} + {count}) % {count}]", at.tight()))
    }

    /// Tells whether one of what `coalesce` chooses among may be an empty text, which it skips.
    pub(crate) fn may_be_empty(&self, all: &[&Expression]) -> bool {
        let others = all.split_last().map_or(all, |(_, others)| others);
        others.iter().any(|own| match own.as_str() {
            Some(text) => text.is_empty(),
            None => matches!(self.shape(own), Shape::String | Shape::Any),
        })
    }

    /// Translates `setproduct`; more than two are multiplied one after the other.
    fn product(&self, all: &[&Expression]) -> Option<Out> {
        let [first, second, others @ ..] = all else { return None };
        let mut text = format!("std.lists.product({}, {})", self.text(first), self.text(second));
        for own in others {
            let own = self.text(own);
            let mut pair = self.free("pair");
            while text.contains(&pair) || own.contains(&pair) {
                pair.push('_');
            }
            text = format!(
                "[for {pair} in std.lists.product({text}, {own}): [...{pair}[0], {pair}[1]]]"
            );
        }
        let is_set = all.iter().any(|own| self.is_set(own));
        Some(Out::tight_of(if is_set { format!("std.sets.of({text})") } else { text }))
    }

    /// Translates `merge`: where arguments are written out, the others are spread into them.
    fn merged(&self, all: &[&Expression], want: &Shape) -> Option<Out> {
        // Null is an empty map.
        let all: Vec<&Expression> = all.iter().copied().filter(|own| !own.is_null()).collect();
        let map = |own: &Expression| {
            let map = self.converted(own, want);
            let or_none = || Out::loose(format!("{} ?? {{}}", map.tight()));
            if self.may_be_null(own) { or_none() } else { map }
        };
        if !all.iter().any(|own| own.is_object()) || has_twice(&all) {
            let maps: Vec<Out> = all.iter().map(|own| map(own)).collect();
            return match maps.as_slice() {
                [] => Some(Out::tight_of("{}")),
                [only] => Some(only.clone()),
                maps => functions::call("merge", maps, false),
            };
        }
        let mut entries = Vec::new();
        for own in &all {
            match own.as_object() {
                Some(object) => entries.extend(self.entries(object, want)),
                None => entries.push(format!("...{}", map(own).tight())),
            }
        }
        let lines = all.iter().any(|own| {
            let source = self.file.slice(own.span());
            source.contains('\n') || source.contains("/*")
        });
        let (open, between, close) = if lines { ("{\n", "\n", "\n}") } else { ("{ ", ", ", " }") };
        Some(Out::tight_of(format!("{open}{}{close}", entries.join(between))))
    }

    /// Translates `flatten`, which goes as deep as lists go; here each goes one step.
    fn flattened(&self, list: &Expression, want: &Shape) -> Out {
        if self.may_be_one(list) {
            let list = self.converted(list, &Shape::Any).text;
            return Out::tight_of(format!("std.terraform.flatten({list})"));
        }
        let mut parts = Vec::new();
        self.parts(list, want, &mut parts);
        let mut lists: Vec<String> = Vec::new();
        let mut items: Vec<String> = Vec::new();
        for part in parts {
            match part {
                Part::Item(text) => items.push(text),
                Part::List(text) => {
                    if !items.is_empty() {
                        lists.push(format!("[{}]", std::mem::take(&mut items).join(", ")));
                    }
                    lists.push(text);
                }
            }
        }
        if !items.is_empty() || lists.is_empty() {
            lists.push(format!("[{}]", items.join(", ")));
        }
        match lists.as_slice() {
            [only] => Out::tight_of(only.clone()),
            all => Out::tight_of(format!("std.lists.concat({})", all.join(", "))),
        }
    }

    /// Tells whether a list has one element that may be a list or none: `flatten([x])` is said of such.
    pub(crate) fn may_be_one(&self, list: &Expression) -> bool {
        list.as_array().filter(|own| own.len() == 1).and_then(|own| own.get(0)).is_some_and(
            |only| depth(only) == 0 && self.shape(only) == Shape::Any && self.is_value(only),
        )
    }

    /// Tells whether it is seen that something comes from a variable, a local or what is gone through: no attribute of a
    /// resource, and no output.
    pub(crate) fn is_value(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Parenthesis(inner) => self.is_value(inner.inner()),
            Expression::Variable(_) => true,
            Expression::Traversal(own) => own.expr.as_variable().is_some_and(|root| {
                let root = root.as_str();
                matches!(root, "var" | "local" | "each")
                    || self.bound.iter().any(|(own, _)| own == root)
            }),
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                let chooses = matches!(name, "coalesce" | "lookup" | "nonsensitive" | "try");
                chooses && call.args.get(0).is_some_and(|own| self.is_value(own))
            }
            _ => false,
        }
    }

    /// Takes apart what is flattened.
    fn parts(&self, list: &Expression, want: &Shape, parts: &mut Vec<Part>) {
        match list {
            Expression::Parenthesis(inner) => return self.parts(inner.inner(), want, parts),
            Expression::Array(array) => {
                for own in array {
                    if own.is_array() || !is_one(&self.shape(own)) {
                        self.parts(own, want, parts);
                    } else {
                        parts.push(Part::Item(self.converted(own, &want.inner()).text));
                    }
                }
                return;
            }
            _ => {}
        }
        let mut text = self.converted(list, &Shape::Any).text;
        // What is not known is taken for a list of lists where it is the whole argument.
        let mut shape = self.shape(list);
        let is_whole = parts.is_empty() && matches!(shape.inner(), Shape::Any);
        if is_whole && depth(list) < 2 {
            text = format!("std.lists.flatten({text})");
        }
        for _ in 1..depth(list) {
            text = format!("std.lists.flatten({text})");
            shape = shape.inner();
        }
        while shape.inner().items().is_some() {
            text = format!("std.lists.flatten({text})");
            shape = shape.inner();
        }
        parts.push(Part::List(text));
    }

    /// Translates the call of a function that a provider offers.
    fn offered(&self, call: &FuncCall, namespace: &[&str]) -> Out {
        let name = call.name.name.as_str();
        match namespace {
            ["provider", provider] if *provider != "terraform" => {
                let arguments: Vec<Out> =
                    call.args.iter().map(|own| self.expression(own)).collect();
                let arguments = functions::list(&arguments, call.args.expand_final());
                let provider = text::provider(provider);
                Out::tight_of(format!("{provider}::{name}({arguments})"))
            }
            _ => {
                let path = namespace.join("::");
                self.missing(
                    call.span(),
                    format!("the function `{path}::{name}` has no counterpart"),
                )
            }
        }
    }

    /// Translates `element(kind.name.*.id, n)` where the resource is counted: that is one of its
    /// instances; and `element(concat(kind.name.*.id, [d]), 0)` where it may be absent.
    fn element_of(&self, call: &FuncCall) -> Option<Out> {
        if call.name.name.as_str() != "element" {
            return None;
        }
        let (list, at) = (call.args.get(0)?, call.args.get(1)?);
        if at.as_number().and_then(hcl_edit::Number::as_u64) == Some(0)
            && let Some(first) = self.first_of(list)
        {
            return Some(first);
        }
        let traversal = list.as_traversal()?;
        let kind = traversal.expr.as_variable()?.as_str().to_owned();
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let [TraversalOperator::GetAttr(label), splat, rest @ ..] = operators.as_slice() else {
            return None;
        };
        let splat =
            matches!(splat, TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_));
        let named = self.names.resources.get(&(kind, label.as_str().to_owned()))?;
        let count =
            named.count.as_ref().filter(|_| splat && named.instances == Instances::Count)?;
        let (count, at) = (self.expression(count), self.expression(at));
        // As many as here: then the number is in range.
        let own = self.key.as_ref() == Some(&at.text) && self.count.as_ref() == Some(&count.text);
        let index = if own { at.text } else { format!("{} % {}", at.tight(), count.tight()) };
        Some(self.steps(Out::tight_of(format!("{}[{index}]", named.name)), rest))
    }

    /// Translates the first element of `concat(kind.name.*.id, [d])` where each may be absent.
    pub(crate) fn first_of(&self, list: &Expression) -> Option<Out> {
        let call = list.as_func_call().filter(|call| call.name.name.as_str() == "concat")?;
        let arguments: Vec<&Expression> = call.args.iter().collect();
        let (last, others) = arguments.split_last()?;
        let default = last.as_array().filter(|array| array.len() == 1)?.get(0)?;
        let mut parts = Vec::new();
        for own in others {
            parts.push(self.only(own)?.tight());
        }
        parts.push(self.expression(default).tight());
        (parts.len() > 1).then(|| Out::loose(parts.join(" ?? ")))
    }
}

/// A part of what is flattened.
enum Part {
    /// A list of what stands for itself.
    List(String),
    /// Something that stands for itself.
    Item(String),
}

/// Tells whether a key may come twice in maps that are written out: where it is computed that cannot be seen.
fn has_twice(all: &[&Expression]) -> bool {
    let objects = || all.iter().filter_map(|own| own.as_object());
    let keys = objects().flat_map(|own| own.iter().map(|(key, _)| key_text(key)));
    let (mut found, mut is_twice) = (BTreeSet::new(), false);
    for key in keys {
        is_twice |= key.is_empty() || !found.insert(key);
    }
    is_twice && objects().count() > 1
}

/// Tells whether a text in an expression has a sign that Terraform escapes in JSON.
fn has_signs(expression: &Expression) -> bool {
    struct Signs(bool);
    impl Visit for Signs {
        fn visit_expr(&mut self, own: &Expression) {
            self.0 |= own.as_str().is_some_and(|text| text.contains(['<', '>', '&']));
            visit_expr(self, own);
        }

        fn visit_element(&mut self, own: &Element) {
            self.0 |= own.as_literal().is_some_and(|text| text.contains(['<', '>', '&']));
            visit_element(self, own);
        }
    }
    let mut signs = Signs(false);
    signs.visit_expr(expression);
    signs.0
}

/// Tells whether something is taken away in a number, or it is negative as it stands.
fn may_be_negative(number: &Expression) -> bool {
    match number {
        Expression::Parenthesis(inner) => may_be_negative(inner.inner()),
        Expression::Number(own) => text::number(own).starts_with('-'),
        Expression::UnaryOp(own) => *own.operator.value() == UnaryOperator::Neg,
        Expression::BinaryOp(own) => {
            *own.operator.value() == BinaryOperator::Minus
                || may_be_negative(&own.lhs_expr)
                || may_be_negative(&own.rhs_expr)
        }
        _ => false,
    }
}

/// Tells whether something is known to be no list.
const fn is_one(shape: &Shape) -> bool {
    !matches!(shape, Shape::Any | Shape::List(_) | Shape::Set(_))
}

/// Returns how many lists are in one another, as far as they are written out.
fn depth(list: &Expression) -> usize {
    if let Some(array) = list.as_array() {
        return 1 + array.iter().map(depth).max().unwrap_or_default();
    }
    match (list.as_for_expr(), list.as_parenthesis()) {
        (Some(own), _) if own.key_expr.is_none() => 1 + depth(&own.value_expr),
        (_, Some(inner)) => depth(inner.inner()),
        _ => 0,
    }
}

/// Tells whether a list is written out, sorted and without anything twice: a set of the same.
fn is_sorted(list: &Expression) -> bool {
    let texts = list.as_array().map(|all| all.iter().map(Expression::as_str).collect::<Vec<_>>());
    texts.is_some_and(|all| {
        all.iter().all(Option::is_some) && all.windows(2).all(|pair| pair[0] < pair[1])
    })
}
