//! Variables, locals, resources, modules and outputs as members.
//!
//! Takes the blocks of a module and returns a member each, with what was said of it in comments'
//! stead: descriptions become documentation, validations become conditions. A member with something
//! that has no counterpart is followed by a line that fails `check` and says what.

use hcl_edit::expr::Expression;
use hcl_edit::structure::Attribute;
use hcl_edit::{Decorate as _, Span as _};
use syncline_model::Mode;

use crate::Schemas;
use crate::body::{self, META};
use crate::comments;
use crate::conditions::{ensure, lifecycle, through};
use crate::expression::Scope;
use crate::handed::{Handed, reference};
use crate::issue::{Issues, Kind};
use crate::names::{Instances, Names, condition, passes_through};
use crate::provisioners;
use crate::remote;
use crate::source::{Found, Module};
use crate::text;
use crate::types::Shape;

/// What the members of a module are translated with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The module.
    pub module: &'a Module,
    /// Its names.
    pub names: &'a Names,
    /// What is known of providers.
    pub schemas: &'a dyn Schemas,
    /// The issues.
    pub issues: &'a Issues,
    /// What configurations of providers are called.
    pub handed: &'a Handed,
    /// The local name of a provider by Terraform's.
    pub provider: &'a dyn Fn(&str) -> String,
    /// The component that a module call is an instance of, with its alias.
    pub component: &'a dyn Fn(Found<'_>) -> Option<String>,
}

impl<'a> Context<'a> {
    /// Returns the scope of a block.
    #[must_use]
    pub fn scope(&self, found: Found<'a>) -> Scope<'a> {
        Scope::new(found.file, self.names, self.issues)
    }

    /// Returns a member, and behind it a line for each thing that is missing in it.
    pub fn guarded(&self, make: impl FnOnce() -> String) -> String {
        let before = self.issues.list();
        let mut member = make();
        for issue in self.issues.list() {
            if issue.kind == Kind::Missing && !before.contains(&issue) {
                let message = text::string(&format!("not translated: {issue}"));
                member.push_str(&format!("\nensure false else {message}"));
            }
        }
        member
    }

    /// Returns a member with its guards, or the block as one that is not translated.
    pub fn guarded_or(
        &self,
        found: Found<'a>,
        why: &str,
        make: impl FnOnce() -> Option<String>,
    ) -> String {
        let mut is_made = false;
        let text = self.guarded(|| {
            let made = make();
            is_made = made.is_some();
            made.unwrap_or_default()
        });
        if is_made { text } else { self.untranslated(found, why) }
    }

    /// Returns a block that is not translated at all: its text as a comment, and a line that fails.
    #[must_use]
    pub fn untranslated(&self, found: Found<'a>, why: &str) -> String {
        let original = text::comment(found.file.slice(found.block.span()));
        self.guarded(|| {
            let _null = self.scope(found).missing(found.block.span(), why);
            original.trim_end().to_owned()
        })
    }
}

/// Returns the type of a variable.
#[must_use]
pub fn shape(scope: &Scope<'_>, found: Found<'_>) -> Option<Shape> {
    let ty = found.value("type")?;
    let mut shape = Shape::read(ty, &|default| scope.text(default));
    let values = found.value("default").into_iter().chain(scope.names.given(found.label(0)));
    values.for_each(|own| shape.admit(own));
    Some(shape)
}

/// Returns the value that a variable file gives to a variable.
#[must_use]
pub fn given(
    context: Context<'_>,
    found: Found<'_>,
    (file, value): crate::environments::Given<'_>,
) -> String {
    let scope = Scope::new(file, context.names, context.issues);
    let own = Scope::new(found.file, context.names, context.issues);
    literal(&scope, value, shape(&own, found).as_ref())
}

/// Returns a variable as a parameter, with another default where one is given.
#[must_use]
pub fn variable(context: Context<'_>, found: Found<'_>, default: Option<String>) -> String {
    let scope = Scope::new(found.file, context.names, context.issues);
    let name = &context.names.variables[found.label(0)];
    let shape = shape(&scope, found);
    let own = found.value("default").map(|value| literal(&scope, value, shape.as_ref()));
    let value = default.or(own);
    let is_true =
        |name: &str| matches!(found.value(name), Some(Expression::Bool(own)) if *own.value());
    if is_true("ephemeral") {
        scope.note(
            found.block.span(),
            "a variable that is ephemeral becomes a secret parameter: what it flows into is sealed in the state",
        );
    }
    let secret = if is_true("sensitive") || is_true("ephemeral") { "secret " } else { "" };
    let is_null = value.as_deref() == Some("null") || scope.names.is_nullable(found.label(0));
    let is_any = is_null || scope.names.takes_others(found.label(0));
    let ty = match (&shape, &value) {
        (Some(Shape::Any), _) | (None, None) => ": any".to_owned(),
        (Some(shape), _) if is_null => format!(": {}?", shape.text()),
        (Some(shape), _) => format!(": {}", shape.text()),
        (None, Some(_)) if is_any => ": any".to_owned(),
        (None, Some(_)) => String::new(),
    };
    let doc = found.text("description").map(text::documentation).unwrap_or_default();
    let value = value.map_or(String::new(), |value| format!(" = {value}"));
    let mut member = format!("{doc}{secret}param {name}{ty}{value}");
    for block in found.block.body.get_blocks("validation") {
        let inner = Found { file: found.file, block };
        if let Some(condition) = inner.value("condition") {
            member.push('\n');
            member.push_str(&ensure(&scope, condition, inner.value("error_message")));
        }
    }
    member
}

/// Returns a value as a type has it.
#[must_use]
pub fn literal(scope: &Scope<'_>, value: &Expression, shape: Option<&Shape>) -> String {
    scope.converted(value, shape.unwrap_or(&Shape::Any)).text
}

/// Returns a variable with the default that a variable file gives to it, and what is said of that there.
#[must_use]
pub fn given_variable(
    context: Context<'_>,
    found: Found<'_>,
    value: Option<crate::environments::Given<'_>>,
) -> String {
    let default = value.map(|value| given(context, found, value));
    let member = variable(context, found, default);
    let attribute = value.and_then(|(file, _)| file.body.get_attribute(found.label(0)));
    match attribute {
        Some(attribute) => comments::around(attribute.decor(), &member),
        None => member,
    }
}

/// Returns the entries of a `locals` block, and what is said before and behind them all.
#[must_use]
pub fn locals<'a>(context: Context<'a>, found: Found<'a>) -> Vec<String> {
    let scope = context.scope(found);
    let body = &found.block.body;
    let one = |own: &'a Attribute| {
        let make = || {
            let name = &context.names.locals[own.key.as_str()];
            let line = format!("let {name} = {}", scope.text(&own.value));
            comments::kept(found.file.slice(own.value.span()), line)
        };
        comments::around(own.decor(), &context.guarded(make))
    };
    let first = comments::lines(comments::raw(body.decor().prefix()));
    let all = [first].into_iter().chain(body.attributes().map(one));
    all.chain([comments::ending(body)]).collect()
}

/// Returns an output.
#[must_use]
pub fn output(context: Context<'_>, found: Found<'_>) -> String {
    let scope = Scope::new(found.file, context.names, context.issues);
    let doc = found.text("description").map(text::documentation).unwrap_or_default();
    let name = &context.names.outputs[found.label(0)];
    let mut lines = Vec::new();
    if !passes_through(context.module, found) {
        let value = found.value("value").map_or("null".to_owned(), |value| scope.text(value));
        let secret = match found.value("sensitive") {
            Some(Expression::Bool(value)) if *value.value() => "secret ",
            Some(_) | None => "",
        };
        lines.push(format!("{doc}{secret}output {name} = {value}"));
    }
    for block in found.block.body.get_blocks("precondition") {
        let inner = Found { file: found.file, block };
        let condition = inner.value("condition");
        lines.extend(condition.map(|own| ensure(&scope, own, inner.value("error_message"))));
    }
    lines.join("\n")
}

/// Returns a provider's configuration.
#[must_use]
pub fn provider(context: Context<'_>, found: Found<'_>) -> String {
    let alias = match found.text("alias") {
        Some(alias) => match context.handed.of_root(found.label(0), alias) {
            Some(alias) => format!(" as {alias}"),
            None => return String::new(),
        },
        None => String::new(),
    };
    configuration(context, found, &alias)
}

/// Returns a provider's configuration under an alias.
#[must_use]
pub fn configuration(context: Context<'_>, found: Found<'_>, alias: &str) -> String {
    let scope = Scope::new(found.file, context.names, context.issues);
    let name = (context.provider)(found.label(0));
    let schema = context.schemas.provider(&name);
    let schema = schema.as_ref().map(|own| &own.config);
    let lines = body::entries(&scope, &found.block.body, schema, &["alias", "version"]);
    format!("provider {name}{alias} {}", braces(&lines))
}

fn braces(lines: &[String]) -> String {
    if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{}\n}}", lines.join("\n")) }
}

/// Returns a managed or an ephemeral resource, or a data source.
#[must_use]
pub fn resource(context: Context<'_>, found: Found<'_>) -> String {
    let mode = Mode::of_keyword(found.block.ident.as_str()).unwrap_or(Mode::Managed);
    let (kind, label) = (found.label(0), found.label(1));
    let of = (kind.to_owned(), label.to_owned());
    let (word, named) = match mode {
        Mode::Managed => ("resource", &context.names.resources[&of]),
        Mode::Data => ("data", &context.names.data[&of]),
        Mode::Ephemeral => ("ephemeral", &context.names.ephemeral[&of]),
    };
    let mut scope = Scope::new(found.file, context.names, context.issues);
    let head = head(context, &mut scope, found, &named.instances);
    let through = through(&named.instances, &head);
    scope.own = Some(match (&named.instances, &scope.key) {
        (Instances::Count | Instances::Each, Some(key)) => {
            (format!("{}[{key}]", named.name), false)
        }
        (instances, _) => (named.name.clone(), *instances == Instances::Maybe),
    });
    let reference = found.value("provider").map(|own| provider_reference(context, &scope, own));
    let prefix = kind.split_once('_').map_or(kind, |(prefix, _)| prefix);
    let short = text::short(kind);
    let local = match &reference {
        Some((name, _)) => name.clone(),
        None => (context.provider)(prefix),
    };
    let schema = context.schemas.resource(&local, mode, short);
    let schema = schema.as_ref().map(|own| &own.block);
    let mut lines = Vec::new();
    if let Some((name, Some(alias))) = &reference {
        lines.push(format!("@provider({name}.{alias})"));
    }
    lines.extend(dependencies(&scope, found));
    let mut conditions = Vec::new();
    for block in found.block.body.get_blocks("lifecycle") {
        let inner = Found { file: found.file, block };
        lifecycle(&scope, (found, inner), &mut lines, &mut conditions, &through);
    }
    let advice = provisioners::advice(&scope, found, (&named.name, &head));
    lines.extend(advice.original);
    let config = remote::config(&scope, found);
    let skip: Vec<&str> =
        META.iter().copied().chain(config.is_some().then_some("config")).collect();
    lines.extend(body::entries(&scope, &found.block.body, schema, &skip));
    lines.extend(config);
    let member = format!("{word} {local}.{short} {}{head} {}", named.name, braces(&lines));
    [member].into_iter().chain(conditions).chain(advice.instead).collect::<Vec<_>>().join("\n")
}

/// Returns what stands behind a member's name: keys or a condition.
fn head(
    context: Context<'_>,
    scope: &mut Scope<'_>,
    found: Found<'_>,
    instances: &Instances,
) -> String {
    let (key, value) = (context.names.free("key"), context.names.free("value"));
    match (instances, found.value("count"), found.value("for_each")) {
        (Instances::Maybe, Some(count), _) => {
            scope.key = Some("0".to_owned());
            match condition(count) {
                Some((condition, true)) => {
                    format!(" if !{}", scope.expression(condition).tight())
                }
                Some((condition, false)) => format!(" if {}", scope.text(condition)),
                None => String::new(),
            }
        }
        (Instances::Count, Some(count), _) => {
            let count = scope.text(count);
            let index = context.names.free("index");
            scope.key = Some(index.clone());
            scope.count = Some(count.clone());
            format!("[{index} in range({count})]")
        }
        (Instances::Each, _, Some(each)) if scope.shape(each).items().is_some() => {
            let list = each
                .as_func_call()
                .filter(|call| call.name.name.as_str() == "toset")
                .and_then(|call| call.args.get(0))
                .filter(|inner| inner.is_array());
            let list = scope.text(list.unwrap_or(each));
            scope.key = Some(key.clone());
            scope.value = Some(key.clone());
            scope.each = Shape::String;
            format!("[{key} in {list}]")
        }
        (Instances::Each, _, Some(each)) => {
            let map = scope.text(each);
            scope.each = scope.shape(each).inner();
            scope.key = Some(key.clone());
            scope.value = Some(value.clone());
            format!("[{key}, {value} in {map}]")
        }
        _ => String::new(),
    }
}

/// Returns the local name and the alias that `aws.west` names.
fn provider_reference(
    context: Context<'_>,
    scope: &Scope<'_>,
    expression: &Expression,
) -> (String, Option<String>) {
    let Some((name, alias)) = reference(expression) else {
        let _null = scope.missing(expression.span(), "this names no provider");
        return (String::new(), None);
    };
    // What is inside of a component, the unit says.
    let alias = alias.filter(|_| context.module.folder.is_empty());
    let alias = alias.and_then(|alias| context.handed.of_root(&name, &alias));
    ((context.provider)(&name), alias)
}

/// Returns `@after(...)` for `depends_on`.
fn dependencies(scope: &Scope<'_>, found: Found<'_>) -> Option<String> {
    let list = found.value("depends_on")?.as_array()?;
    let names: Vec<String> = list.iter().map(|own| whole(scope, own)).collect();
    (!names.is_empty()).then(|| format!("@after({})", names.join(", ")))
}

/// Returns the name of a whole member, whatever its instances.
pub(crate) fn whole(scope: &Scope<'_>, expression: &Expression) -> String {
    let text = scope.text(expression);
    match text.split_once("null then [] else [") {
        Some((_, name)) => name.trim_end_matches(']').to_owned(),
        None => match text.strip_prefix("[for ") {
            Some(_) => text.rsplit_once(": ").map_or(text.clone(), |(_, each)| {
                each.split(['[', ']']).next().unwrap_or_default().to_owned()
            }),
            None => text,
        },
    }
}

/// Returns a module call as a unit.
#[must_use]
pub fn unit(context: Context<'_>, found: Found<'_>) -> Option<String> {
    let component = (context.component)(found)?;
    let named = &context.names.modules[found.label(0)];
    let mut scope = Scope::new(found.file, context.names, context.issues);
    let head = head(context, &mut scope, found, &named.instances);
    let mut lines = Vec::new();
    let (own, inside) = context.handed.said(&context.module.folder, (&named.name, found));
    lines.extend(own);
    lines.extend(dependencies(&scope, found));
    let skip = ["source", "version", "count", "for_each", "providers", "depends_on"];
    lines.extend(body::parameters(&scope, &found.block.body, named.callee.as_deref(), &skip));
    lines.extend(inside);
    Some(format!("unit {}{head} = {component} {}", named.name, braces(&lines)))
}

/// Returns the conditions of a `check` block.
#[must_use]
pub fn check(context: Context<'_>, found: Found<'_>) -> String {
    let scope = Scope::new(found.file, context.names, context.issues);
    let asserts = found.block.body.get_blocks("assert").filter_map(|block| {
        let inner = Found { file: found.file, block };
        inner.value("condition").map(|own| ensure(&scope, own, inner.value("error_message")))
    });
    asserts.collect::<Vec<_>>().join("\n")
}
