//! Tests: what is expected of an environment.
//!
//! Takes a `test` block of a resolved project; evaluates the environment that it names with its
//! values for parameters, and returns what does not come out as expected. It asks no provider: what one
//! would compute is what `mocks` says, and is not known otherwise.
//!
//! Laws:
//! * A test is a function of the sources: it sees no state, no inputs and nothing of the machine.
//! * Every expectation of a test is looked at, whatever becomes of the others.
//! * A test whose environment has an error fails, unless it `fails` with that code.
//! * What is written twice, or stands for nothing, is a mistake of the test: nothing of it runs.

mod mocks;
mod world;

use syncline_model::{
    Address, DesiredResource, Diagnostic, Map, Mode, Number, Span, Str, Type, Value,
};

use self::mocks::{Mock, MockedValue};
use self::world::MockedWorld;
use crate::diagnostics::{
    bad_test, ensure_failed, expectation_failed, operation_failed, unknown_output,
};
use crate::eval::{Evaluated, Exchange, Export, Input, InputValue, Inputs, World, evaluate_with};
use crate::ops;
use crate::resolve::Project;
use crate::syntax::ast::{
    Amend, AmendOp, Expr, ExprKind, Ident, Layer, MapEntry, MapKey, MemberKind, UnaryOp,
};

/// How often mocked values are filled in: a value may wait for one that waits for another.
const ROUNDS: usize = 32;

/// What came of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many expectations it has.
    pub expectations: usize,
    /// What is not as expected; the test has passed when there is nothing.
    pub failures: Vec<Diagnostic>,
}

/// Runs a test.
#[must_use]
pub fn test(project: &Project, test: &Layer, world: &dyn World) -> Outcome {
    let (parts, mut failures) = Parts::of(test);
    failures.extend(named_twice(project, test));
    failures.extend(parts.mocks.iter().flat_map(|mock| mock.check(world)));
    let expectations = parts.expects.len() + usize::from(parts.fails.is_some());
    if let Some((environment, inputs)) = &parts.environment
        && failures.is_empty()
    {
        failures = parts.run(project, (environment, inputs), world);
    }
    Outcome { expectations, failures }
}

/// Returns a report when a test before this one in its file has the same name.
fn named_twice(project: &Project, test: &Layer) -> Option<Diagnostic> {
    let own = &test.name;
    let is_before = |other: &Span| other.file == own.span.file && other.start < own.span.start;
    let before =
        project.tests().find(|other| other.name.name == own.name && is_before(&other.name.span));
    before.map(|first| bad_test::named_twice(own, first.name.span))
}

/// The parts of a test.
#[derive(Default)]
struct Parts<'a> {
    environment: Option<(String, Inputs)>,
    /// Where the environment is named, with the names and values that it is given.
    named: Option<&'a Expr>,
    fails: Option<(&'a Str, Span)>,
    expects: Vec<(&'a Expr, Option<&'a Expr>)>,
    mocks: Vec<Mock<'a>>,
}

impl<'a> Parts<'a> {
    fn of(test: &'a Layer) -> (Self, Vec<Diagnostic>) {
        let mut parts = Self::default();
        let mut wrong = Vec::new();
        for member in &test.members {
            let done = if let MemberKind::Expect { condition, message } = &member.kind {
                parts.expects.push((condition, message.as_deref()));
                Ok(())
            } else if let MemberKind::Amend(amend) = &member.kind
                && amend.target.steps.is_empty()
            {
                parts.setting(amend, member.span)
            } else {
                Err(Box::new(bad_test::no_part(member.span)))
            };
            wrong.extend(done.err().map(|own| *own));
        }
        if wrong.is_empty() && parts.environment.is_none() {
            wrong.push(bad_test::no_environment(test.name.span));
        }
        if wrong.is_empty() && parts.expects.is_empty() && parts.fails.is_none() {
            wrong.push(bad_test::no_expectation(test.name.span));
        }
        (parts, wrong)
    }

    /// Reads `environment = ...`, `fails = ...` or `mocks { ... }`.
    fn setting(&mut self, amend: &'a Amend, span: Span) -> Result<(), Box<Diagnostic>> {
        match (amend.target.name.name.as_str(), &amend.op) {
            ("environment", AmendOp::Set(value)) => {
                if let Some(first) = self.named {
                    return Err(Box::new(bad_test::twice("`environment`", span, first.span)));
                }
                self.named = Some(value);
                self.environment = Some(environment(value)?);
            }
            ("fails", AmendOp::Set(value)) => {
                let ExprKind::String(code) = &value.kind else {
                    return wrong_value(value.span, "the code of a diagnostic");
                };
                if !crate::diagnostics::ALL.iter().any(|own| own.id == *code) {
                    return Err(Box::new(bad_test::no_code(value.span, code)));
                }
                if let Some((_, first)) = self.fails {
                    return Err(Box::new(bad_test::twice("`fails`", span, first)));
                }
                self.fails = Some((code, value.span));
            }
            ("mocks", AmendOp::Inside(body)) => mocks::read(body, &mut self.mocks)?,
            _ => return Err(Box::new(bad_test::no_part(span))),
        }
        Ok(())
    }

    /// Returns a report for each output that is mocked and that its environment does not declare.
    fn unknown_outputs(&self, project: &Project) -> Vec<Diagnostic> {
        let mut unknown = Vec::new();
        for mock in &self.mocks {
            let Some(environment) = mock.type_name.strip_suffix(".outputs") else { continue };
            let Some(id) = project.find_environment(environment) else { continue };
            let declared = project.outputs_of(id);
            for MockedValue { name, .. } in &mock.values {
                if !declared.contains(&name.name.as_str()) {
                    let known = declared.iter().copied();
                    unknown.push(unknown_output::diagnostic(environment, name, known));
                }
            }
        }
        unknown
    }

    /// Returns the inputs with the outputs of other environments that `mocks` gives, and the names of
    /// all environments: what is not mocked is what their sources say.
    fn others(&self, project: &Project, inputs: &Inputs) -> (Inputs, Vec<String>) {
        let mut inputs = inputs.clone();
        for mock in &self.mocks {
            let Some(environment) = mock.type_name.strip_suffix(".outputs") else { continue };
            let keys = project.find_environment(environment);
            let keys = keys.and_then(|id| project.layer(id).keys.as_ref());
            // What is said of one of several environments comes before what is said of all.
            let instances: Vec<Str> = match keys {
                Some(keys) => {
                    keys.iter().map(|key| Address::instance(environment, key).into()).collect()
                }
                None => vec![environment.into()],
            };
            for instance in instances {
                let source = "mocked".into();
                let export = inputs.exports.entry(instance).or_insert_with(|| Export {
                    source,
                    prevails: true,
                    ..Export::default()
                });
                for MockedValue { name, value, .. } in &mock.values {
                    let known = export.values.entry(name.name.clone());
                    match keys {
                        Some(_) => drop(known.or_insert_with(|| value.clone())),
                        None => drop(known.insert_entry(value.clone())),
                    }
                }
            }
        }
        let all = project.environments().filter(|own| !own.is_abstract);
        let others = all.map(|own| own.name.to_string()).collect();
        (inputs, others)
    }

    fn run(
        &self,
        project: &Project,
        (environment, inputs): (&str, &Inputs),
        world: &dyn World,
    ) -> Vec<Diagnostic> {
        let mut exprs: Vec<(&Expr, Type)> =
            self.mocks.iter().flat_map(|mock| mock.typed(world)).collect();
        let mocked = exprs.len();
        for (condition, message) in &self.expects {
            exprs.push((condition, Type::Bool));
            exprs.extend(sides(condition).map(|side| (side, Type::Any)));
            exprs.extend(message.map(|message| (message, Type::String)));
        }
        let unknown = self.unknown_outputs(project);
        if !unknown.is_empty() {
            return unknown;
        }
        let (inputs, others) = self.others(project, inputs);
        let world = &MockedWorld { world, mocks: &self.mocks };
        let exchange = Exchange::new(project, &inputs, world).with(&others);
        let (found, wrong) = evaluate_with(&exchange, environment, &exprs, &resources);
        let errors = wrong.into_iter().filter(Diagnostic::is_error);
        let errors: Vec<Diagnostic> = errors.map(|own| self.placed(world::mockable(own))).collect();
        let expected = |own: &Diagnostic| self.fails.is_some_and(|(code, _)| own.code.id == *code);
        let Some((evaluated, values)) = found else {
            return errors.into_iter().filter(|own| !expected(own)).collect();
        };
        let mut failures: Vec<Diagnostic> = Vec::new();
        let mut failed_as_expected = errors.iter().any(expected);
        failures.extend(errors.into_iter().filter(|own| !expected(own)));
        if !failures.is_empty() {
            // Of an environment with mistakes nothing can be expected.
            return failures;
        }
        let mut values = values.into_iter();
        failures.extend(values.by_ref().take(mocked).filter_map(Result::err).flatten());
        failures.extend(self.mocks_of_nothing(&evaluated));
        let mocked = Mocked { parts: self, evaluated: &evaluated, world };
        for own in mocked.checks() {
            if expected(&own) {
                failed_as_expected = true;
            } else {
                failures.push(own);
            }
        }
        if let Some((code, span)) = self.fails
            && !failed_as_expected
        {
            failures.push(expectation_failed::succeeded(span, code));
        }
        for (condition, message) in &self.expects {
            let count = 1 + sides(condition).count() + usize::from(message.is_some());
            let own: Vec<_> = values.by_ref().take(count).collect();
            failures.extend(mocked.expectation(condition, message.is_some(), own));
        }
        failures
    }
}

impl Parts<'_> {
    /// Gives a report about the environment as a whole, or a value for it, its place in the test.
    fn placed(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        let Some(named) = self.named else { return diagnostic };
        if diagnostic.labels.is_empty() {
            return diagnostic.label(named.span, "named here");
        }
        let args: &[_] = if let ExprKind::Call { args, .. } = &named.kind { args } else { &[] };
        let whole = Span::new(named.span.file, 0, 0);
        for label in diagnostic.labels.iter_mut().filter(|label| label.span == whole) {
            let given = args.iter().find(|arg| {
                let name = arg.name.as_ref().map(|name| format!("`{}`", name.name));
                name.is_some_and(|name| diagnostic.message.contains(&name))
            });
            label.span = given.map_or(named.span, |arg| arg.value.span);
        }
        diagnostic
    }

    /// Returns a report for each mock that stands for nothing in the environment.
    fn mocks_of_nothing(&self, evaluated: &Evaluated) -> Vec<Diagnostic> {
        let resources = &evaluated.desired.resources;
        let stands_for = |mock: &&Mock<'_>, own: &DesiredResource| {
            mock.type_name == own.type_name()
                && mock.resource.as_ref().is_none_or(|name| name == own.address.group())
        };
        let is_read = |mock: &Mock<'_>| {
            let other = mock.type_name.strip_suffix(".outputs");
            evaluated.desired.reads.iter().any(|read| {
                let name = &*read.environment.0;
                let group = name.split_once('/').map_or(name, |(group, _)| group);
                other.is_some_and(|other| other == name || other == group)
            })
        };
        let nothing = self
            .mocks
            .iter()
            .filter(|mock| !is_read(mock) && !resources.iter().any(|own| stands_for(mock, own)));
        nothing.map(|mock| bad_test::mocks_nothing(mock.span)).collect()
    }
}

/// Returns the sides of a comparison.
fn sides(condition: &Expr) -> impl Iterator<Item = &Expr> {
    let pair = if let ExprKind::Compare { first, rest } = &condition.kind
        && let [(_, second)] = rest.as_slice()
    {
        Some([&**first, second])
    } else {
        None
    };
    pair.into_iter().flatten()
}

/// An environment whose computed values are mocked.
struct Mocked<'a> {
    parts: &'a Parts<'a>,
    evaluated: &'a Evaluated,
    world: &'a dyn World,
}

impl Mocked<'_> {
    /// Returns every attribute of a resource, as far as it is known.
    fn attributes(&self, address: &Address) -> Option<Value> {
        let resource = self.evaluated.desired.get(address)?;
        let schema = self.world.schema(&resource.provider.name)?;
        let schema = schema.get(resource.mode, &resource.kind)?;
        let fitting = mocks::of(&self.parts.mocks, &resource.type_name(), address);
        Some(mocks::attributes(&fitting, schema, (address, &resource.config)))
    }

    fn filled(&self, value: Value) -> Result<Value, Box<Diagnostic>> {
        let mut value = value;
        for _ in 0..ROUNDS {
            if value.is_known() {
                break;
            }
            let lookup = |address: &_| self.attributes(address);
            let next = ops::resolve_with(&value, &lookup, self.world.functions())
                .map_err(|error| Box::new(operation_failed::without_place(&error)))?;
            if next == value {
                break;
            }
            value = next;
        }
        Ok(value)
    }

    /// Returns the `ensure`s that waited and do not hold.
    fn checks(&self) -> Vec<Diagnostic> {
        let mut failed = Vec::new();
        for check in &self.evaluated.desired.checks {
            match self.filled(check.condition.clone()) {
                Ok(value) if value.as_bool() == Some(false) => {
                    let name = &self.evaluated.desired.environment.0;
                    let message = self.filled(check.message.clone()).unwrap_or_default();
                    failed.push(ensure_failed::diagnostic(check.origin.span, &message, name, &[]));
                }
                Ok(_) => {}
                Err(diagnostic) => failed.push(*diagnostic),
            }
        }
        failed
    }

    /// Looks at one expectation; `values` are its own, those of its sides and its message's.
    fn expectation(
        &self,
        condition: &Expr,
        has_message: bool,
        mut values: Vec<Result<Value, Vec<Diagnostic>>>,
    ) -> Vec<Diagnostic> {
        let message = if has_message { values.pop() } else { None };
        let message = message.and_then(Result::ok).and_then(|value| self.filled(value).ok());
        let mut values = values.into_iter();
        let whole = match values.next() {
            Some(Ok(value)) => self.filled(value),
            Some(Err(found)) => return found,
            None => return Vec::new(),
        };
        let whole = match whole {
            Ok(value) => value,
            Err(diagnostic) => {
                return vec![diagnostic.label(condition.span, "while deciding this")];
            }
        };
        if whole.as_bool() == Some(true) {
            return Vec::new();
        }
        if whole.is_unknown() {
            let mut waits_for = Vec::new();
            whole.waits_for(&mut waits_for);
            return vec![expectation_failed::not_known(condition.span, &waits_for)];
        }
        let spans = sides(condition).map(|side| side.span);
        let shown = values.flatten().filter_map(|value| self.filled(value).ok());
        let shown: Vec<(Span, Value)> = spans.zip(shown).collect();
        vec![expectation_failed::diagnostic(condition.span, message.as_ref(), &shown)]
    }
}

/// What expectations see of what is planned: `resources`, a map from address to type.
fn resources(evaluated: &Evaluated) -> Vec<(Str, Value)> {
    let managed = evaluated.desired.resources.iter().filter(|own| own.mode == Mode::Managed);
    let entries = managed.map(|own| (own.address.as_str(), Value::from(own.type_name())));
    vec![("resources".into(), Value::map(entries))]
}

/// Reads `prod`, `prod["eu"]`, `prod(replicas = 3)`.
fn environment(expr: &Expr) -> Result<(String, Inputs), Box<Diagnostic>> {
    let wanted = "an environment: `prod`, `prod(replicas = 3)`";
    let mut inputs = Inputs::default();
    let callee = if let ExprKind::Call { callee, args } = &expr.kind {
        for (at, arg) in args.iter().enumerate() {
            let Some(name) = &arg.name else { return wrong_value(arg.value.span, wanted) };
            let is_same = |own: &&Ident| own.name == name.name;
            if let Some(first) =
                args[..at].iter().filter_map(|own| own.name.as_deref()).find(is_same)
            {
                let what = format!("`{}`", name.name);
                return Err(Box::new(bad_test::twice(&what, name.span, first.span)));
            }
            let value =
                literal(&arg.value).or_else(|at| wrong_value(at, "a value that is written out"))?;
            inputs.values.push(Input {
                name: name.name.clone(),
                value: InputValue::Value(value),
                source: "the test".into(),
                file: name.span.file,
                required: true,
            });
        }
        callee
    } else {
        expr
    };
    if let ExprKind::Name(name) = &callee.kind {
        return Ok((name.to_string(), inputs));
    }
    if let ExprKind::Index { base, index, .. } = &callee.kind
        && let (ExprKind::Name(name), ExprKind::String(key)) = (&base.kind, &index.kind)
    {
        return Ok((Address::instance(name, key).to_string(), inputs));
    }
    wrong_value(callee.span, wanted)
}

fn wrong_value<T>(span: Span, wanted: &str) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(bad_test::no_value(span, wanted)))
}

/// Returns the value of an expression that is one, written out.
///
/// # Errors
/// The place of what is none.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these forms are values")]
pub fn literal(expr: &Expr) -> Result<Value, Span> {
    match &expr.kind {
        ExprKind::Null => Ok(Value::Null),
        ExprKind::Bool(flag) => Ok(Value::Bool(*flag)),
        ExprKind::Number(number) => Ok(Value::Number(number.clone())),
        ExprKind::Quantity(quantity) => Ok(Value::Quantity(quantity.clone())),
        ExprKind::String(text) => Ok(Value::String(text.clone())),
        ExprKind::Paren(inner) => literal(inner),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => match literal(operand)? {
            Value::Number(number) => {
                Number::parse(&format!("-{number}")).map(Value::Number).map_err(|_| expr.span)
            }
            _ => Err(expr.span),
        },
        ExprKind::List(items) => {
            let items = items
                .iter()
                .map(|item| if item.spread { Err(item.value.span) } else { literal(&item.value) });
            Ok(Value::list(items.collect::<Result<Vec<_>, _>>()?))
        }
        ExprKind::Map(entries) => {
            let mut map = Map::new();
            for entry in entries {
                let MapEntry::Set { key: MapKey::Plain(key), value } = entry else {
                    return Err(entry.span());
                };
                map.insert(key.name.clone(), literal(value)?);
            }
            Ok(Value::from(map))
        }
        _ => Err(expr.span),
    }
}
