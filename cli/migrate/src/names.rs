//! Terraform's many namespaces to one.
//!
//! Takes a module and gives each of its variables, locals, resources, modules and outputs a name
//! of its own. Laws: what others see (variables, outputs) keeps its name before anything else does;
//! a resource is called by its label where only one has it, and by type and label otherwise; the
//! same module gets the same names every time.

#![expect(clippy::wildcard_enum_match_arm, reason = "every other kind stands for itself")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::Expression;
use syncline_model::{Mode, ResourceSchema};

use crate::Schemas;
use crate::expression::Scope;
use crate::remote::is_own_data;
use crate::source::{Found, Module};
use crate::text::{self, member};
use crate::types::Shape;

/// How instances of a resource or a module are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instances {
    /// There is one.
    One,
    /// There is one or none: `count = cond ? 1 : 0`.
    Maybe,
    /// By number: the count, as Terraform wrote it.
    Count,
    /// By key.
    Each,
}

/// What a resource or a module is called.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// How its instances are told apart.
    pub instances: Instances,
    /// The count where there is one.
    pub count: Option<Expression>,
    /// The schema of a resource, where it is known.
    pub schema: Option<Arc<ResourceSchema>>,
    /// The names of the module that a call is of, where it is known.
    pub callee: Option<Rc<Names>>,
}

/// What is given to a variable.
#[derive(Clone, Debug)]
pub struct Given {
    /// The value.
    pub value: Expression,
    /// What it is, as far as that can be seen.
    pub shape: Shape,
    /// It can be seen that it may be null.
    pub may_be_null: bool,
    /// The files of the project that it is the path of, where it is one.
    pub leads_to: Vec<String>,
}

/// The names of a module's members.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By the variable's name.
    pub variables: BTreeMap<String, String>,
    /// By the local's name.
    pub locals: BTreeMap<String, String>,
    /// By type and label.
    pub resources: BTreeMap<(String, String), Named>,
    /// By type and label.
    pub data: BTreeMap<(String, String), Named>,
    /// By type and label.
    pub ephemeral: BTreeMap<(String, String), Named>,
    /// By the call's name.
    pub modules: BTreeMap<String, Named>,
    /// By the output's name.
    pub outputs: BTreeMap<String, String>,
    /// The workspaces that are called something else than their environments, by the environment.
    pub workspaces: Rc<BTreeMap<String, String>>,
    /// Configurations of providers, by the provider's local name and the alias.
    pub aliases: BTreeMap<(String, String), String>,
    /// The types of variables, where there is one or the default has one.
    types: BTreeMap<String, Shape>,
    /// The variables that say no type.
    untyped: BTreeSet<String>,
    /// The variables that are null where nothing is given.
    nullable: BTreeSet<String>,
    /// Those that take no null, but their defaults in its place.
    refusing: BTreeSet<String>,
    /// What is given to them.
    given: BTreeMap<String, Vec<Given>>,
    /// What they are where nothing is given.
    initial: BTreeMap<String, Expression>,
    /// The plain defaults of the variables that take them in the place of null.
    defaults: BTreeMap<String, Expression>,
    /// What locals are.
    values: BTreeMap<String, Expression>,
    /// What was found out about locals; nothing while it is looked for.
    found: RefCell<BTreeMap<String, Option<Shape>>>,
    /// Whether locals may be null, as far as that was asked.
    nulls: RefCell<BTreeMap<String, bool>>,
    taken: BTreeSet<String>,
}

/// Tells whether a condition gives one or none; returns the condition and whether it is turned
/// round.
#[must_use]
pub fn condition(count: &Expression) -> Option<(&Expression, bool)> {
    let count = match count {
        Expression::Parenthesis(inner) => inner.inner(),
        other => other,
    };
    let conditional = count.as_conditional()?;
    let number =
        |expression: &Expression| expression.as_number().and_then(hcl_edit::Number::as_u64);
    match (number(&conditional.true_expr), number(&conditional.false_expr)) {
        (Some(1), Some(0)) => Some((&conditional.cond_expr, false)),
        (Some(0), Some(1)) => Some((&conditional.cond_expr, true)),
        _ => None,
    }
}

/// Tells whether an output of a module is its parameter of the same name.
#[must_use]
pub fn passes_through(module: &Module, output: Found<'_>) -> bool {
    if module.folder.is_empty() {
        return false;
    }
    let label = output.label(0);
    let own = output.value("value").map(|own| own.to_string().trim().to_owned());
    let is_same = own.is_some_and(|own| own.strip_prefix("var.") == Some(label));
    let is_secret =
        |found: Found<'_>| found.value("sensitive").is_some_and(|own| own.as_bool() == Some(true));
    let mut variables = module.blocks("variable").filter(|own| own.label(0) == label);
    is_same && variables.any(|own| is_secret(own) || !is_secret(output))
}

/// Tells whether an expression says the same wherever it stands.
fn is_plain(expression: &Expression) -> bool {
    let is_scalar =
        |own: &Expression| own.is_bool() || own.is_number() || matches!(own, Expression::String(_));
    is_scalar(expression)
        || expression.as_array().is_some_and(|all| all.iter().all(is_scalar))
        || expression.as_object().is_some_and(hcl_edit::expr::Object::is_empty)
}

fn instances(found: Found<'_>) -> (Instances, Option<Expression>) {
    if found.value("for_each").is_some() {
        return (Instances::Each, None);
    }
    match found.value("count") {
        Some(count) if condition(count).is_some() => (Instances::Maybe, Some(count.clone())),
        Some(count) => (Instances::Count, Some(count.clone())),
        None => (Instances::One, None),
    }
}

impl Names {
    /// Gives names to everything in a module.
    #[must_use]
    pub fn of(module: &Module) -> Self {
        let mut names = Self::default();
        // What runs the project gives variables by their names; what calls a module reads outputs in
        // expressions of all kinds, and gives variables in one place.
        if module.folder.is_empty() {
            names.variables(module);
            names.outputs(module);
        } else {
            names.outputs(module);
            names.variables(module);
        }
        for found in module.blocks("module") {
            let label = found.label(0);
            let name = names.take(&[member(label), format!("{}_module", member(label))]);
            let (instances, count) = instances(found);
            let named = Named { name, instances, count, schema: None, callee: None };
            names.modules.insert(label.to_owned(), named);
        }
        names.resources(module);
        for found in module.blocks("provider").filter(|_| module.folder.is_empty()) {
            let provider = text::provider(found.label(0));
            if let Some(alias) = found.text("alias").filter(|_| provider != "null") {
                let name = names.take(&[member(alias), member(&format!("{provider}_{alias}"))]);
                names.aliases.insert((provider, alias.to_owned()), name);
            }
        }
        for found in module.blocks("locals") {
            for attribute in found.block.body.attributes() {
                let label = attribute.key.as_str();
                let name = names.take(&[member(label), format!("local_{}", member(label))]);
                names.locals.insert(label.to_owned(), name);
                names.values.insert(label.to_owned(), attribute.value.clone());
            }
        }
        names
    }

    fn variables(&mut self, module: &Module) {
        for found in module.blocks("variable") {
            let label = found.label(0);
            let name = self.take(&[member(label), format!("{}_input", member(label))]);
            self.variables.insert(label.to_owned(), name);
            let shape = match (found.value("type"), found.value("default")) {
                (Some(ty), _) => Shape::read(ty, &|_| String::new()),
                (None, Some(Expression::Array(_))) => Shape::List(Box::new(Shape::Any)),
                (None, Some(Expression::Object(_))) => Shape::Map(Box::new(Shape::Any)),
                (None, Some(default)) => Shape::of_literal(default),
                (None, None) => Shape::Any,
            };
            self.types.insert(label.to_owned(), shape);
            if found.value("type").is_none() {
                self.untyped.insert(label.to_owned());
            }
            let default = found.value("default");
            if default.is_some_and(Expression::is_null) {
                self.nullable.insert(label.to_owned());
            }
            let refuses_null = found.value("nullable").and_then(Expression::as_bool) == Some(false);
            if refuses_null {
                self.refusing.insert(label.to_owned());
            }
            if let Some(default) = default {
                self.initial.insert(label.to_owned(), default.clone());
            }
            if let Some(default) = default.filter(|own| refuses_null && is_plain(own)) {
                self.defaults.insert(label.to_owned(), default.clone());
            }
        }
    }

    fn outputs(&mut self, module: &Module) {
        for found in module.blocks("output") {
            let label = found.label(0);
            // A parameter is read as an output is: it need not be said twice.
            let name = if passes_through(module, found) {
                member(label)
            } else {
                self.take(&[member(label), format!("{}_output", member(label))])
            };
            self.outputs.insert(label.to_owned(), name);
        }
    }

    /// Returns the names as they are seen from outside of a unit.
    #[must_use]
    pub(crate) fn behind(&self, unit: &str) -> Self {
        let far = |name: &mut String| *name = format!("{unit}.{name}");
        let mut names = self.clone();
        let plain = [&mut names.variables, &mut names.locals, &mut names.outputs];
        plain.into_iter().for_each(|all| all.values_mut().for_each(far));
        let named = [&mut names.resources, &mut names.data, &mut names.ephemeral];
        named.into_iter().for_each(|all| all.values_mut().for_each(|own| far(&mut own.name)));
        names.modules.values_mut().for_each(|own| far(&mut own.name));
        names
    }

    /// Notes the schemas of resources and data sources.
    pub fn learn(&mut self, module: &Module, schemas: &dyn Schemas) {
        for (mode, kind) in [(Mode::Managed, "resource"), (Mode::Data, "data")] {
            for found in module.blocks(kind) {
                let local = found.provider();
                let short = text::short(found.label(0));
                let schema = schemas.resource(&text::provider(&local), mode, short);
                let of = (found.label(0).to_owned(), found.label(1).to_owned());
                let all = if mode == Mode::Data { &mut self.data } else { &mut self.resources };
                if let Some(named) = all.get_mut(&of) {
                    named.schema = schema;
                }
            }
        }
    }

    /// Returns the type of a variable.
    #[must_use]
    pub fn shape_of_variable(&self, name: &str) -> Shape {
        self.types.get(name).cloned().unwrap_or(Shape::Any)
    }

    /// Notes what is given to the variables: Terraform takes null for any value.
    pub fn admit(&mut self, given: BTreeMap<String, Vec<Given>>) {
        for (variable, values) in &given {
            let may_be_null = values.iter().any(|own| own.may_be_null);
            if may_be_null && !self.refusing.contains(variable) {
                self.nullable.insert(variable.clone());
            }
            let Some(shape) = self.types.get_mut(variable) else { continue };
            values.iter().for_each(|own| shape.admit(&own.value));
            // Without a type it takes anything, whatever its default is.
            let is_other = |own: &Given| {
                let is_unlike = own.shape != *shape && shape.is_plain();
                !own.value.is_null() && (is_unlike || shape.is_another_kind(&own.shape))
            };
            if self.untyped.contains(variable) && values.iter().any(is_other) {
                *shape = Shape::Any;
            }
        }
        self.given = given;
    }

    /// Tells whether something else is given to a variable than its default is: a list where that is a text, a number
    /// where it is a bool.
    #[must_use]
    pub fn takes_others(&self, variable: &str) -> bool {
        let default = match self.initial.get(variable) {
            Some(Expression::Array(_)) => Shape::List(Box::new(Shape::Any)),
            Some(Expression::Object(_)) => Shape::Map(Box::new(Shape::Any)),
            own => own.map_or(Shape::Any, Shape::of_literal),
        };
        let mut given = self.given.get(variable).into_iter().flatten();
        given.any(|own| default.is_another_kind(&own.shape))
    }

    /// Tells whether it is seen that a variable is something else than what is wanted of it.
    #[must_use]
    pub fn is_given_others(&self, variable: &str, want: &Shape) -> bool {
        let initial = self.initial.get(variable).map_or(Shape::Any, Shape::of_literal);
        let mut given = self.given.get(variable).into_iter().flatten();
        want.is_another_kind(&initial) || given.any(|own| want.is_another_kind(&own.shape))
    }

    /// Tells whether all that a variable is seen to be is something else than what is wanted of it.
    #[must_use]
    pub(crate) fn is_never(&self, variable: &str, want: &Shape) -> bool {
        let initial = self.initial.get(variable).map(|own| match own {
            Expression::Array(_) => Shape::List(Box::new(Shape::Any)),
            Expression::Object(_) => Shape::Map(Box::new(Shape::Any)),
            other => Shape::of_literal(other),
        });
        let given = self.given.get(variable).into_iter().flatten();
        let mut all = initial.into_iter().chain(given.map(|own| own.shape.clone())).peekable();
        all.peek().is_some() && all.all(|own| want.is_another_kind(&own))
    }

    /// Returns what is given to a variable.
    pub fn given(&self, variable: &str) -> impl Iterator<Item = &Expression> {
        self.given.get(variable).into_iter().flatten().map(|own| &own.value)
    }

    /// Returns the files that are given to a variable, as paths.
    pub fn files(&self, variable: &str) -> impl Iterator<Item = &String> {
        self.given.get(variable).into_iter().flatten().flat_map(|own| &own.leads_to)
    }

    /// Returns what a variable is where nothing is given.
    #[must_use]
    pub fn default_of(&self, variable: &str) -> Option<&Expression> {
        self.initial.get(variable)
    }

    /// Returns what a local is said to be.
    #[must_use]
    pub fn value_of_local(&self, name: &str) -> Option<&Expression> {
        self.values.get(name)
    }

    /// Returns what a variable takes in the place of null.
    #[must_use]
    pub fn default_for_null(&self, variable: &str) -> Option<&Expression> {
        self.defaults.get(variable)
    }

    /// Tells whether a variable is null where nothing is given.
    #[must_use]
    pub fn is_nullable(&self, variable: &str) -> bool {
        self.nullable.contains(variable)
    }

    /// Returns what a local is; what goes in a circle is anything.
    #[must_use]
    pub fn shape_of_local(&self, name: &str, scope: &Scope<'_>) -> Shape {
        if let Some(found) = self.found.borrow().get(name) {
            return found.clone().unwrap_or(Shape::Any);
        }
        let Some(value) = self.values.get(name) else { return Shape::Any };
        self.found.borrow_mut().insert(name.to_owned(), None);
        let shape = Scope::new(scope.file, self, scope.issues).shape(value);
        self.found.borrow_mut().insert(name.to_owned(), Some(shape.clone()));
        shape
    }

    /// Tells whether it can be seen that a local may be null; what goes in a circle is not.
    #[must_use]
    pub fn may_be_null(&self, name: &str, scope: &Scope<'_>) -> bool {
        if let Some(found) = self.nulls.borrow().get(name) {
            return *found;
        }
        let Some(value) = self.values.get(name) else { return false };
        self.nulls.borrow_mut().insert(name.to_owned(), false);
        let may_be = Scope::new(scope.file, self, scope.issues).may_be_null(value);
        self.nulls.borrow_mut().insert(name.to_owned(), may_be);
        may_be
    }

    fn resources(&mut self, module: &Module) {
        // Data of Terraform's own has no counterpart: what refers to it has none either.
        let known = |found: &Found<'_>| !is_own_data(*found);
        let all = || {
            let kinds = module.blocks("resource").chain(module.blocks("data"));
            kinds.chain(module.blocks("ephemeral")).filter(known)
        };
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for found in all() {
            *uses.entry(found.label(1)).or_default() += 1;
        }
        for found in all() {
            let (kind, label) = (found.label(0), found.label(1));
            let is_data = found.block.has_ident("data");
            let is_ephemeral = found.block.has_ident("ephemeral");
            let short = kind.split_once('_').map_or(kind, |(_, short)| short);
            let long = member(&format!("{short}_{label}"));
            let whole = member(&format!("{kind}_{label}"));
            let mut wanted = vec![long.clone(), whole.clone()];
            if uses[label] == 1 {
                wanted.insert(0, member(label));
            }
            if is_data {
                wanted.extend([format!("{long}_data"), format!("{whole}_data")]);
            }
            if is_ephemeral {
                wanted.extend([format!("{long}_ephemeral"), format!("{whole}_ephemeral")]);
            }
            let name = self.take(&wanted);
            let (instances, count) = instances(found);
            let named = Named { name, instances, count, schema: None, callee: None };
            let to = if is_data {
                &mut self.data
            } else if is_ephemeral {
                &mut self.ephemeral
            } else {
                &mut self.resources
            };
            to.insert((kind.to_owned(), label.to_owned()), named);
        }
    }

    /// Takes the first name that is free; behind all of them come numbers.
    pub(crate) fn take(&mut self, wanted: &[String]) -> String {
        let last = wanted.last().map_or("member", String::as_str);
        let numbered = (2..).map(|number| format!("{last}_{number}"));
        let name = wanted.iter().cloned().chain(numbered).find(|name| !self.taken.contains(name));
        let name = name.unwrap_or_default();
        self.taken.insert(name.clone());
        name
    }

    /// Returns a name that no member has.
    #[must_use]
    pub fn free(&self, wanted: &str) -> String {
        self.free_beside(wanted, &|_| false)
    }

    /// Returns a name that no member has, and nothing else either.
    pub(crate) fn free_beside(&self, wanted: &str, others: &dyn Fn(&str) -> bool) -> String {
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let mut all = std::iter::once(wanted.to_owned()).chain(numbered);
        all.find(|name| !self.taken.contains(name) && !others(name)).unwrap_or_default()
    }
}
