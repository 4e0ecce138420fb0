//! Expressions.
//!
//! Takes an expression of HCL and returns the same in the language. What has no counterpart becomes
//! `null`, and an issue that the member around it turns into a line that fails `check`.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind stands for itself")]

use hcl_edit::expr::{
    Array, BinaryOperator, Expression, ForExpr, Object, ObjectKey, ObjectValueTerminator,
    UnaryOperator,
};
use hcl_edit::template::Element;
use hcl_edit::{Decorate as _, Span as _};

use crate::comments::{self, Entries};
use crate::issue::{Issue, Issues, Kind};
use crate::names::Names;
use crate::source::File;
use crate::template::{self, unescaped};
use crate::text;
use crate::types::{Shape, key_text};

/// A translated expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// Its text.
    pub text: String,
    /// It can stand beside an operator, a dot or a bracket as it is.
    pub tight: bool,
}

impl Out {
    /// Returns an expression that holds together.
    #[must_use]
    pub fn tight_of(text: impl Into<String>) -> Self {
        Self { text: text.into(), tight: true }
    }

    /// Returns an expression that may have to be bracketed.
    #[must_use]
    pub fn loose(text: impl Into<String>) -> Self {
        Self { text: text.into(), tight: false }
    }

    /// Returns the text, bracketed where it has to be.
    #[must_use]
    pub fn tight(&self) -> String {
        if self.tight { self.text.clone() } else { format!("({})", self.text) }
    }
}

/// What names mean where an expression stands.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The file.
    pub file: &'a File,
    /// The module's names.
    pub names: &'a Names,
    /// The issues.
    pub issues: &'a Issues,
    /// What `each.key`, `each.value` and `count.index` are called.
    pub key: Option<String>,
    /// What `each.value` is called.
    pub value: Option<String>,
    /// What `each.value` is.
    pub each: Shape,
    /// How many instances there are, where they are counted.
    pub count: Option<String>,
    /// What `self` is, and whether it may be absent.
    pub own: Option<(String, bool)>,
    /// Names of comprehensions and iterators around: Terraform's to ours. An iterator of a dynamic
    /// block is reached by `.key` and `.value`.
    pub bound: Vec<(String, Bound)>,
    /// Names that nothing is known of are values that a template is given.
    pub is_template: bool,
}

/// A name that a comprehension or a dynamic block binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A variable, and what it is.
    Variable(String, Shape),
    /// An iterator with its key and its value, and what that is.
    Iterator(String, String, Shape),
}

impl<'a> Scope<'a> {
    /// Returns the scope of a member that is one.
    #[must_use]
    pub const fn new(file: &'a File, names: &'a Names, issues: &'a Issues) -> Self {
        Self {
            file,
            names,
            issues,
            key: None,
            value: None,
            each: Shape::Any,
            count: None,
            own: None,
            bound: Vec::new(),
            is_template: false,
        }
    }

    /// Reports something that is not translated; returns what stands in its place.
    pub fn missing(&self, span: Option<std::ops::Range<usize>>, message: impl Into<String>) -> Out {
        self.report(Kind::Missing, span, message);
        Out::tight_of("null")
    }

    /// Reports something that is translated to something a little different.
    pub fn note(&self, span: Option<std::ops::Range<usize>>, message: impl Into<String>) {
        self.report(Kind::Note, span, message);
    }

    fn report(&self, kind: Kind, span: Option<std::ops::Range<usize>>, message: impl Into<String>) {
        let (file, line) = self.file.place(span);
        self.issues.add(Issue { file, line, kind, message: message.into() });
    }

    /// Returns the text of an expression.
    #[must_use]
    pub fn text(&self, expression: &Expression) -> String {
        self.expression(expression).text
    }

    /// Translates an expression.
    #[must_use]
    pub fn expression(&self, expression: &Expression) -> Out {
        self.converted(expression, &Shape::Any)
    }

    /// Translates an expression where a value of a shape is wanted, with the conversions that Terraform
    /// makes by itself.
    #[must_use]
    pub fn converted(&self, expression: &Expression, want: &Shape) -> Out {
        let out = match expression {
            Expression::Null(_) => return Out::tight_of("null"),
            Expression::Bool(value) => Out::tight_of(value.value().to_string()),
            Expression::Number(number) => Out::tight_of(text::number(number)),
            Expression::String(value) => Out::tight_of(text::string(&unescaped(value.value()))),
            Expression::Array(array) => return self.array(array, want),
            Expression::Object(object) => return self.object(object, want),
            Expression::StringTemplate(own) => match own.as_single_element() {
                // `"${a}"` is `a`, whatever its type.
                Some(Element::Interpolation(only)) => return self.converted(&only.expr, want),
                Some(_) | None => template::string(self, own),
            },
            Expression::HeredocTemplate(heredoc) => template::heredoc(self, heredoc),
            Expression::Parenthesis(inner) => {
                let inner = self.converted(inner.inner(), want);
                return Out::tight_of(if inner.tight {
                    inner.text
                } else {
                    format!("({})", inner.text)
                });
            }
            Expression::Variable(name) => self.variable(name.as_str(), name.span()),
            Expression::Conditional(own) => {
                let want = self.common(own, want);
                return Out::loose(format!(
                    "if {} then {} else {}",
                    self.converted(&own.cond_expr, &Shape::Bool).text,
                    self.converted(&own.true_expr, &want).text,
                    self.converted(&own.false_expr, &want).text
                ));
            }
            Expression::FuncCall(call) => self.call(call, want),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(own) => {
                let (sign, want) = match own.operator.value() {
                    UnaryOperator::Neg => ("-", Shape::Number),
                    UnaryOperator::Not => ("!", Shape::Bool),
                };
                Out::loose(format!("{sign}{}", self.converted(&own.expr, &want).tight()))
            }
            Expression::BinaryOp(own) => {
                let (left, right) = (&own.lhs_expr, &own.rhs_expr);
                if let Some(out) = self.presence(own) {
                    return out;
                }
                let (sign, want) = operator(*own.operator.value());
                let (first, second) = (self.operand(left, &want), self.operand(right, &want));
                // Of texts these would make something else.
                let is_open = want == Shape::Number
                    && [left, right].into_iter().all(|own| self.shape(own) == Shape::Any);
                let first = if is_open { format!("number({first})") } else { first };
                Out::loose(format!("{first} {sign} {second}"))
            }
            Expression::ForExpr(own) => return self.comprehension(own, want),
        };
        self.coerced(expression, out, want)
    }

    fn array(&self, array: &Array, want: &Shape) -> Out {
        let element = want.inner();
        if array.is_empty() {
            return Out::tight_of("[]");
        }
        let mut items = Entries::default();
        for own in array {
            let (before, after) = (own.decor().prefix(), own.decor().suffix());
            let text = self.converted(own, &element).text;
            items.add(comments::raw(before), text, comments::raw(after));
        }
        items.end(array.trailing());
        let lines = items.has_comments() || self.file.slice(array.span()).contains('\n');
        Out::tight_of(if lines {
            format!("[\n{}\n]", items.lines(",").join("\n"))
        } else {
            format!("[{}]", items.row())
        })
    }

    /// An operand that is an operation of its own is bracketed where the brackets were, and where
    /// a chain of comparisons would mean something else.
    fn operand(&self, expression: &Expression, want: &Shape) -> String {
        let out = self.converted(expression, want);
        match expression {
            Expression::BinaryOp(own) if !compares(*own.operator.value()) => out.text,
            Expression::UnaryOp(_) => out.text,
            _ => out.tight(),
        }
    }

    /// Returns what `path.module`, `path.root` or `path.cwd` is.
    pub(crate) fn folder(&self, which: &str) -> &str {
        match self.file.path.rsplit_once('/') {
            Some((folder, _)) if which == "module" => folder,
            Some(_) | None if which == "cwd" && !self.file.others.place.is_empty() => {
                &self.file.others.place
            }
            Some(_) | None => ".",
        }
    }

    fn variable(&self, name: &str, span: Option<std::ops::Range<usize>>) -> Out {
        match self.bound.iter().rev().find(|(own, _)| own == name) {
            Some((_, Bound::Variable(own, _))) => Out::tight_of(own.clone()),
            Some((_, Bound::Iterator(_, value, _))) => Out::tight_of(value.clone()),
            None if self.is_template => Out::tight_of(name),
            None => self.missing(span, format!("nothing is known of `{name}`")),
        }
    }

    fn object(&self, object: &Object, want: &Shape) -> Out {
        let entries = self.entries(object, want);
        if entries.is_empty() {
            return Out::tight_of("{}");
        }
        let source = self.file.slice(object.span());
        Out::tight_of(if source.contains('\n') || source.contains("/*") {
            format!("{{\n{}\n}}", entries.join("\n"))
        } else {
            format!("{{ {} }}", entries.join(", "))
        })
    }

    /// Returns the entries of an object, with their comments: a line or more each.
    pub(crate) fn entries(&self, object: &Object, want: &Shape) -> Vec<String> {
        let mut entries = Entries::default();
        // A line that ends with an entry is over before what comes next.
        let mut ended = "";
        for (key, value) in object.iter() {
            let own = value.expr();
            // What a type does not have is dropped.
            if matches!(want, Shape::Record(_)) && !want.has(&key_text(key)) {
                continue;
            }
            let text = self.converted(own, &want.member(&key_text(key))).text;
            let line = format!("{} = {text}", self.key(key));
            let (before, after) = (key.decor().prefix(), own.decor().suffix());
            entries.add(&format!("{ended}{}", comments::raw(before)), line, comments::raw(after));
            let is_line = value.terminator() == ObjectValueTerminator::Newline;
            ended = if is_line { "\n" } else { "" };
        }
        let trailing: &str = object.trailing();
        entries.end(&format!("{ended}{trailing}"));
        entries.lines("")
    }

    fn key(&self, key: &ObjectKey) -> String {
        match key {
            ObjectKey::Ident(name) => text::key(name.as_str()),
            ObjectKey::Expression(Expression::Variable(name)) => text::key(name.as_str()),
            ObjectKey::Expression(own) => match own.as_str() {
                Some(plain) => text::key(&unescaped(plain)),
                None => format!("[{}]", self.text(own)),
            },
        }
    }

    /// Returns a name for something that is bound here: it hides no member, and nothing that is bound around.
    #[must_use]
    pub fn free(&self, wanted: &str) -> String {
        let is_own = |name: &str| {
            let around = self.bound.iter().any(|(_, bound)| match bound {
                Bound::Variable(own, _) => own == name,
                Bound::Iterator(key, value, _) => key == name || value == name,
            });
            around || [&self.key, &self.value].into_iter().flatten().any(|own| own == name)
        };
        // A template sees what it is given, and no member.
        let none = Names::default();
        let names = if self.is_template { &none } else { self.names };
        names.free_beside(wanted, &is_own)
    }

    /// Returns a scope in which names are bound, and what stands behind `for`. With one name Terraform goes
    /// through the values of a map, and the language through its keys.
    #[must_use]
    pub fn binding(&self, names: &[&str], through: &Shape) -> (Self, String) {
        let mut inside = self.clone();
        let mut ours = Vec::new();
        if names.len() == 1 && through.items().is_none() {
            ours.push("_".to_owned());
        }
        for (at, name) in names.iter().enumerate() {
            let own = inside.free(&text::member(name));
            let shape = match (at + 1 == names.len(), through) {
                (true, _) => through.inner(),
                (false, Shape::List(_)) => Shape::Number,
                (false, Shape::Set(inner)) => (**inner).clone(),
                (false, Shape::Map(_) | Shape::Record(_)) => Shape::String,
                (false, _) => Shape::Any,
            };
            inside.bound.push(((*name).to_owned(), Bound::Variable(own.clone(), shape)));
            ours.push(own);
        }
        (inside, ours.join(", "))
    }

    fn comprehension(&self, own: &ForExpr, want: &Shape) -> Out {
        self.comprehension_over(own, &self.text(&own.intro.collection_expr), want)
    }

    /// Translates a comprehension that goes through what was translated already.
    pub(crate) fn comprehension_over(&self, own: &ForExpr, list: &str, want: &Shape) -> Out {
        let through = &own.intro.collection_expr;
        let names = [own.intro.key_var.as_ref(), Some(&own.intro.value_var)];
        let names: Vec<&str> = names.into_iter().flatten().map(|name| name.as_str()).collect();
        let (inside, bound) = match names.as_slice() {
            // The elements of a set are their own keys.
            [key, value] if self.is_set(through) => {
                let (mut inside, bound) = self.binding(&[*value], &self.shape(through));
                if let Some((_, variable)) = inside.bound.last().cloned() {
                    inside.bound.push(((*key).to_owned(), variable));
                }
                (inside, bound)
            }
            names => self.binding(names, &self.shape(through)),
        };
        let condition = own.cond.as_ref().map_or(String::new(), |own| {
            format!(" if {}", inside.converted(&own.expr, &Shape::Bool).text)
        });
        let head = format!("for {bound} in {list}{condition}");
        match &own.key_expr {
            Some(key) if own.grouping => {
                let key = inside.converted(key, &Shape::String).text;
                let value = inside.converted(&own.value_expr, &want.inner().inner()).text;
                // Whole elements are told apart by what a function makes of them.
                let out = if value == bound && condition.is_empty() {
                    format!("std.lists.group_by({list}, {bound} => {key})")
                } else {
                    format!("std.lists.group_by_keys([{head}: {value}], [{head}: {key}])")
                };
                Out::tight_of(out)
            }
            Some(key) => {
                let key = inside.converted(key, &Shape::String).text;
                let value = inside.converted(&own.value_expr, &want.inner()).text;
                Out::tight_of(format!("{{{head}: {key} => {value}}}"))
            }
            None => {
                let value = inside.converted(&own.value_expr, &want.inner()).text;
                Out::tight_of(format!("[{head}: {value}]"))
            }
        }
    }
}

/// Returns an operator, and what Terraform makes of its operands.
pub(crate) const fn operator(operator: BinaryOperator) -> (&'static str, Shape) {
    match operator {
        BinaryOperator::Eq => ("==", Shape::Any),
        BinaryOperator::NotEq => ("!=", Shape::Any),
        BinaryOperator::LessEq => ("<=", Shape::Number),
        BinaryOperator::GreaterEq => (">=", Shape::Number),
        BinaryOperator::Less => ("<", Shape::Number),
        BinaryOperator::Greater => (">", Shape::Number),
        BinaryOperator::Plus => ("+", Shape::Number),
        BinaryOperator::Minus => ("-", Shape::Number),
        BinaryOperator::Mul => ("*", Shape::Number),
        BinaryOperator::Div => ("/", Shape::Number),
        BinaryOperator::Mod => ("%", Shape::Number),
        BinaryOperator::And => ("&&", Shape::Bool),
        BinaryOperator::Or => ("||", Shape::Bool),
    }
}

const fn compares(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::LessEq
            | BinaryOperator::GreaterEq
            | BinaryOperator::Less
            | BinaryOperator::Greater
    )
}
