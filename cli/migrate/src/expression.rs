//! Expressions.
//!
//! Takes an expression of HCL and returns the same in the language. What has no counterpart becomes
//! `null`, and an issue that the member around it turns into a line that fails `check`.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind stands for itself")]

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator,
    UnaryOperator,
};
use hcl_edit::template::Element;

use crate::functions;
use crate::issue::{Issue, Issues, Kind};
use crate::names::{Instances, Named, Names};
use crate::source::File;
use crate::template::{self, unescaped};
use crate::text;

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
    /// How many instances there are, where they are counted.
    pub count: Option<String>,
    /// What `self` is.
    pub own: Option<String>,
    /// Names of comprehensions and iterators around: Terraform's to ours. An iterator of a dynamic
    /// block is reached by `.key` and `.value`.
    pub bound: Vec<(String, Bound)>,
}

/// A name that a comprehension or a dynamic block binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A variable.
    Variable(String),
    /// An iterator with its key and its value.
    Iterator(String, String),
}

impl<'a> Scope<'a> {
    /// Returns the scope of a member that is one.
    #[must_use]
    pub const fn new(file: &'a File, names: &'a Names, issues: &'a Issues) -> Self {
        let bound = Vec::new();
        Self { file, names, issues, key: None, value: None, count: None, own: None, bound }
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
        let (file, line) = (self.file.path.clone(), self.file.line(span));
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
        match expression {
            Expression::Null(_) => Out::tight_of("null"),
            Expression::Bool(value) => Out::tight_of(value.value().to_string()),
            Expression::Number(number) => Out::tight_of(number.value().to_string()),
            Expression::String(value) => Out::tight_of(text::string(&unescaped(value.value()))),
            Expression::Array(array) => {
                let items: Vec<String> = array.iter().map(|item| self.text(item)).collect();
                let lines = self.file.slice(array.span()).contains('\n');
                let (open, between, close) =
                    if lines { ("[\n", ",\n", "\n]") } else { ("[", ", ", "]") };
                if items.is_empty() {
                    return Out::tight_of("[]");
                }
                Out::tight_of(format!("{open}{}{close}", items.join(between)))
            }
            Expression::Object(object) => self.object(object),
            Expression::StringTemplate(own) => match own.as_single_element() {
                // `"${a}"` is `a`, whatever its type.
                Some(Element::Interpolation(only)) => self.expression(&only.expr),
                Some(_) | None => template::string(self, own),
            },
            Expression::HeredocTemplate(heredoc) => template::heredoc(self, heredoc),
            Expression::Parenthesis(inner) => {
                let inner = self.expression(inner.inner());
                Out::tight_of(if inner.tight { inner.text } else { format!("({})", inner.text) })
            }
            Expression::Variable(name) => self.variable(name.as_str(), name.span()),
            Expression::Conditional(own) => Out::loose(format!(
                "if {} then {} else {}",
                self.text(&own.cond_expr),
                self.text(&own.true_expr),
                self.text(&own.false_expr)
            )),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(own) => {
                let sign = match own.operator.value() {
                    UnaryOperator::Neg => "-",
                    UnaryOperator::Not => "!",
                };
                Out::loose(format!("{sign}{}", self.expression(&own.expr).tight()))
            }
            Expression::BinaryOp(own) => {
                let (left, right) = (&own.lhs_expr, &own.rhs_expr);
                let sign = operator(*own.operator.value());
                Out::loose(format!("{} {sign} {}", self.operand(left), self.operand(right)))
            }
            Expression::ForExpr(own) => self.comprehension(own),
        }
    }

    /// An operand that is an operation of its own is bracketed where the brackets were, and where
    /// a chain of comparisons would mean something else.
    fn operand(&self, expression: &Expression) -> String {
        let out = self.expression(expression);
        match expression {
            Expression::BinaryOp(own) if !compares(*own.operator.value()) => out.text,
            Expression::UnaryOp(_) => out.text,
            _ => out.tight(),
        }
    }

    /// Returns what `path.module` or `path.root` is.
    fn folder(&self, which: &str) -> &str {
        match self.file.path.rsplit_once('/') {
            Some((folder, _)) if which == "module" => folder,
            Some(_) | None => ".",
        }
    }

    fn variable(&self, name: &str, span: Option<std::ops::Range<usize>>) -> Out {
        match self.bound.iter().rev().find(|(own, _)| own == name) {
            Some((_, Bound::Variable(own))) => Out::tight_of(own.clone()),
            Some((_, Bound::Iterator(_, value))) => Out::tight_of(value.clone()),
            None => self.missing(span, format!("nothing is known of `{name}`")),
        }
    }

    fn object(&self, object: &Object) -> Out {
        let entries: Vec<String> = object
            .iter()
            .map(|(key, value)| format!("{} = {}", self.key(key), self.text(value.expr())))
            .collect();
        if entries.is_empty() {
            return Out::tight_of("{}");
        }
        let lines = self.file.slice(object.span()).contains('\n');
        Out::tight_of(if lines {
            format!("{{\n{}\n}}", entries.join("\n"))
        } else {
            format!("{{ {} }}", entries.join(", "))
        })
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

    fn call(&self, call: &FuncCall) -> Out {
        let name = call.name.name.as_str();
        let namespace: Vec<&str> = call.name.namespace.iter().map(|part| part.as_str()).collect();
        if !namespace.is_empty() && namespace != ["core"] {
            return self.offered(call, &namespace);
        }
        if let Some(out) = self.element_of(call).or_else(|| self.file_call(call)) {
            return out;
        }
        let arguments: Vec<Out> = call.args.iter().map(|own| self.expression(own)).collect();
        if let ("coalesce", true) = (name, arguments.len() > 1) {
            self.note(call.span(), "`coalesce` skips empty texts too, and `??` only null");
        }
        match functions::call(name, &arguments, call.args.expand_final()) {
            Some(out) => out,
            None => self.missing(call.span(), format!("the function `{name}` has no counterpart")),
        }
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
    /// instances.
    fn element_of(&self, call: &FuncCall) -> Option<Out> {
        let (list, at) = (call.args.get(0)?, call.args.get(1)?);
        let traversal = list.as_traversal().filter(|_| call.name.name.as_str() == "element")?;
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

    /// Returns a scope in which names are bound, and what stands behind `for`.
    #[must_use]
    pub fn binding(&self, names: &[&str]) -> (Self, String) {
        let mut inside = self.clone();
        let mut ours = Vec::new();
        for name in names {
            let own = text::member(name);
            inside.bound.push(((*name).to_owned(), Bound::Variable(own.clone())));
            ours.push(own);
        }
        (inside, ours.join(", "))
    }

    fn comprehension(&self, own: &ForExpr) -> Out {
        let names = [own.intro.key_var.as_ref(), Some(&own.intro.value_var)];
        let names: Vec<&str> = names.into_iter().flatten().map(|name| name.as_str()).collect();
        let (inside, names) = self.binding(&names);
        let list = self.text(&own.intro.collection_expr);
        let condition = own
            .cond
            .as_ref()
            .map_or(String::new(), |own| format!(" if {}", inside.text(&own.expr)));
        if own.grouping {
            let message = "a comprehension that groups (`...`) has no counterpart";
            return self.missing(own.span(), message);
        }
        let value = inside.text(&own.value_expr);
        Out::tight_of(match &own.key_expr {
            Some(key) => {
                format!("{{for {names} in {list}{condition}: {} => {value}}}", inside.text(key))
            }
            None => format!("[for {names} in {list}{condition}: {value}]"),
        })
    }

    fn traversal(&self, traversal: &Traversal) -> Out {
        let operators: Vec<&TraversalOperator> =
            traversal.operators.iter().map(|operator| operator.value()).collect();
        let attribute = |at: usize| match operators.get(at) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        let Expression::Variable(root) = &traversal.expr else {
            let base = self.expression(&traversal.expr);
            return self.steps(base, &operators);
        };
        let span = traversal.span();
        let first = attribute(0).unwrap_or_default();
        if let Some((_, bound)) = self.bound.iter().rev().find(|(own, _)| own == root.as_str()) {
            return self.bound(bound, first, &operators);
        }
        let known = |name: Option<&String>| name.map(|name| Out::tight_of(name.clone()));
        let (base, used) = match root.as_str() {
            "var" => (known(self.names.variables.get(first)), 1),
            "local" => (known(self.names.locals.get(first)), 1),
            "each" if first == "key" => (known(self.key.as_ref()), 1),
            "each" => (known(self.value.as_ref()), 1),
            "count" => (known(self.key.as_ref()).or_else(|| Some(Out::tight_of("0"))), 1),
            "self" => (known(self.own.as_ref()), 0),
            "path" => (Some(Out::tight_of(text::string(self.folder(first)))), 1),
            "terraform" if matches!(first, "workspace" | "env") => {
                (Some(Out::tight_of("environment.name")), 1)
            }
            "module" => {
                return match self.names.modules.get(first) {
                    Some(named) => self.instances(named, &operators[1..]),
                    None => self.missing(span, format!("there is no module `{first}`")),
                };
            }
            "data" | "ephemeral" => {
                let label = attribute(1).unwrap_or_default();
                let is_data = root.as_str() == "data";
                let all = if is_data { &self.names.data } else { &self.names.ephemeral };
                return match all.get(&(first.to_owned(), label.to_owned())) {
                    Some(named) => self.instances(named, &operators[2..]),
                    None => self.missing(span, format!("there is no `{root}.{first}.{label}`")),
                };
            }
            kind => {
                return match self.names.resources.get(&(kind.to_owned(), first.to_owned())) {
                    Some(named) => self.instances(named, &operators[1..]),
                    None => self.missing(span, format!("there is no resource `{kind}.{first}`")),
                };
            }
        };
        match base {
            Some(base) => self.steps(base, &operators[used.min(operators.len())..]),
            None => self.missing(span, format!("nothing is known of `{root}.{first}`")),
        }
    }

    /// Translates a reference to what a comprehension or a dynamic block binds.
    fn bound(&self, bound: &Bound, first: &str, operators: &[&TraversalOperator]) -> Out {
        match bound {
            Bound::Variable(name) => self.steps(Out::tight_of(name.clone()), operators),
            Bound::Iterator(key, value) => {
                let own = if first == "key" { key } else { value };
                self.steps(Out::tight_of(own.clone()), &operators[1..])
            }
        }
    }

    /// Translates a reference to a resource or a module with its instances.
    fn instances(&self, named: &Named, operators: &[&TraversalOperator]) -> Out {
        let name = &named.name;
        let first = operators.first().copied();
        let rest = operators.get(1..).unwrap_or_default();
        let splat = matches!(
            first,
            Some(TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_))
        );
        match named.instances {
            Instances::One if splat => self.steps(Out::tight_of(format!("[{name}]")), operators),
            Instances::One | Instances::Each if !splat => {
                self.steps(Out::tight_of(name.clone()), operators)
            }
            Instances::One | Instances::Each => {
                let item = self.names.free("item");
                let each = self.steps(Out::tight_of(item.clone()), rest).text;
                Out::tight_of(format!("[for _, {item} in {name}: {each}]"))
            }
            Instances::Maybe => match first {
                Some(TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_)) => {
                    let out = self.steps(Out::tight_of(name.clone()), rest);
                    // What may be absent is asked for by `?.`.
                    let text = out.text.replacen(&format!("{name}."), &format!("{name}?."), 1);
                    Out { text, ..out }
                }
                Some(_) if splat => {
                    let item = self.names.free("item");
                    let each = self.steps(Out::tight_of(item.clone()), rest).text;
                    Out::tight_of(format!("[for {item} in [{name}] if {item} != null: {each}]"))
                }
                Some(_) => self.steps(Out::tight_of(name.clone()), operators),
                None => Out::loose(format!("if {name} == null then [] else [{name}]")),
            },
            Instances::Count => {
                if !splat && first.is_some() {
                    return self.steps(Out::tight_of(name.clone()), operators);
                }
                // In the order of numbers: the keys of a map are sorted as texts.
                let count = named.count.as_ref().map_or("0".to_owned(), |own| self.text(own));
                let item = self.names.free("index");
                let base = Out::tight_of(format!("{name}[{item}]"));
                let each = self.steps(base, rest).text;
                Out::tight_of(format!("[for {item} in range({count}): {each}]"))
            }
        }
    }

    /// Translates what stands behind a reference.
    fn steps(&self, base: Out, operators: &[&TraversalOperator]) -> Out {
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
                    let item = self.names.free("item");
                    let each = self.steps(Out::tight_of(item.clone()), &operators[at + 1..]).text;
                    if each == item {
                        return Out::tight_of(text);
                    }
                    return Out::tight_of(format!("[for {item} in {text}: {each}]"));
                }
            }
        }
        Out::tight_of(text)
    }
}

const fn operator(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Eq => "==",
        BinaryOperator::NotEq => "!=",
        BinaryOperator::LessEq => "<=",
        BinaryOperator::GreaterEq => ">=",
        BinaryOperator::Less => "<",
        BinaryOperator::Greater => ">",
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Mul => "*",
        BinaryOperator::Div => "/",
        BinaryOperator::Mod => "%",
        BinaryOperator::And => "&&",
        BinaryOperator::Or => "||",
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
