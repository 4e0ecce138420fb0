//! A resolved project to what an environment desires.
//!
//! Takes a [`Project`], the name of an environment, its inputs and the world's schemas; returns an
//! [`Evaluated`] with every diagnostic found. It never sees recorded state and never asks a
//! provider: what a provider computes becomes an unknown that carries its residual.
//!
//! Laws:
//! * Members are evaluated in the order of their references, each once; a circle is a diagnostic
//!   with its whole path. So the stack's depth depends on one expression, never on the project.
//! * A member that failed has been reported; what refers to it fails in silence.
//! * Work is linear in the size of what is written and made.

mod abreast;
mod amend;
mod annotations;
mod call;
mod choice;
mod coerce;
mod conflict;
mod constants;
mod data;
mod ephemeral;
mod exchange;
mod explore;
mod expression;
mod files;
mod handovers;
mod health;
mod inputs;
mod invariant;
mod layout;
mod listing;
mod made;
mod naming;
mod notes;
mod offered;
mod order;
mod parts;
mod places;
mod resource;
mod scope;
mod side;
mod units;
mod view;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{
    Address, Desired, DesiredCheck, DesiredOutput, DesiredProvider, Diagnostic, EnvironmentName,
    Functions, Origin, Origins, Path, Problem, ProviderId, ProviderSchema, Str, Type, Value,
};

pub(crate) use self::abreast::each;
use self::amend::Target;
pub use self::data::DataQuery;
pub(crate) use self::exchange::Exchange;
pub use self::exchange::Export;
pub use self::files::FileProblem;
pub(crate) use self::files::TEMPLATE;
pub(crate) use self::health::ARGUMENTS as HEALTH_ARGUMENTS;
pub use self::inputs::{Input, InputValue, Inputs};
use self::layout::Layout;
pub use self::listing::FolderEntry;
pub(crate) use self::resource::Instances;
use self::scope::{Failed, Scope};
use self::units::Units;
use crate::diagnostics::{ensure_failed, operation_failed, unknown_environment, unknown_provider};
use crate::resolve::{Ensure, LayerId, Project, Slot, SlotKind, Table, has_sound_keys};
use crate::syntax::ast;

/// What the front end needs to know of the world.
pub trait World: Sync {
    /// Returns the schema of a provider, given by its local name.
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>>;

    /// Returns the local names of all providers that there are, sorted.
    fn providers(&self) -> Vec<Str>;

    /// Returns what a file of the project holds, given by its path below the project's folder.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn file(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        let _ = path;
        Err(FileProblem::Missing(None))
    }

    /// Returns what lies in a folder of the project, given by its path below the project's folder, which is
    /// itself the empty one; in any order.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn folder(&self, path: &str) -> Result<Arc<[FolderEntry]>, FileProblem> {
        let _ = path;
        Err(FileProblem::Missing(None))
    }

    /// Returns who calls the functions that providers offer; without, their results are not known.
    fn functions(&self) -> Option<&dyn Functions> {
        None
    }

    /// Reads a data source on which it hangs which resources there are; nothing where that waits until the
    /// environment is planned.
    fn read(&self, query: &DataQuery<'_>) -> Option<Result<Value, Problem>> {
        let _ = query;
        None
    }

    /// Returns the source address and version constraint that the project gives for a provider;
    /// both empty for a built-in one.
    fn source(&self, provider: &str) -> (Str, Str) {
        let _ = provider;
        (Str::new(), Str::new())
    }
}

/// An environment, evaluated.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// What it desires.
    pub desired: Desired,
    /// Its parameters, sorted by name.
    pub params: Vec<EvaluatedMember>,
    /// Its `let`s, sorted by name.
    pub lets: Vec<EvaluatedMember>,
}

/// A parameter or a `let` of an environment.
#[derive(Clone, Debug)]
pub struct EvaluatedMember {
    /// Its name.
    pub name: Str,
    /// Its value.
    pub value: Value,
    /// Its declared type; [`Type::Any`] where none is written.
    pub ty: Type,
    /// What set it, the oldest first: the last one won.
    pub origins: Vec<Origin>,
    /// What set its parts, where something was set inside it; nothing else.
    pub parts: Origins,
    /// The `///` text above it.
    pub doc: Str,
}

impl EvaluatedMember {
    /// Returns what set the part at a path, the oldest first: the part itself, or what it is in.
    #[must_use]
    pub fn chain(&self, path: &Path) -> Vec<&Origin> {
        let own: Vec<&Origin> = self.parts.chain(path).collect();
        if path.is_empty() || own.is_empty() { self.origins.iter().collect() } else { own }
    }
}

/// Evaluates an environment.
///
/// Where something failed the rest is still evaluated, so that all mistakes are reported at once;
/// the result is then absent.
#[must_use]
pub fn evaluate(
    project: &Project,
    environment: &str,
    inputs: &Inputs,
    world: &dyn World,
) -> (Option<Evaluated>, Vec<Diagnostic>) {
    whole(evaluate_partly(&Exchange::new(project, inputs, world), environment))
}

/// Evaluates several environments that are planned or applied together: what they read of one another
/// is what the sources say, as far as that is known.
#[must_use]
pub fn evaluate_all(
    project: &Project,
    environments: &[String],
    inputs: &Inputs,
    world: &dyn World,
) -> Vec<(Option<Evaluated>, Vec<Diagnostic>)> {
    let exchange = || Exchange::new(project, inputs, world).with(environments);
    let evaluate = |exchange: &Exchange<'_>, own: &str| whole(evaluate_partly(exchange, own));
    let mut all = Vec::with_capacity(environments.len());
    each(environments, &exchange(), &exchange, &evaluate, &mut |_, own| {
        all.push(own);
        true
    });
    all
}

/// Evaluates an environment; the result is absent only when there is no such environment, and has
/// what could be made of it when something failed.
pub(crate) fn evaluate_partly(
    exchange: &Exchange<'_>,
    environment: &str,
) -> (Option<Evaluated>, Vec<Diagnostic>) {
    inside(exchange, environment, |scope| {
        let evaluated = collect(scope);
        exchange.keep(environment, scope, &evaluated);
        if exchange.is_lenient {
            explore::explore(scope);
        }
        Some(evaluated)
    })
}

/// Leaves a result out that has an error beside it.
fn whole<T>((result, diagnostics): (Option<T>, Vec<Diagnostic>)) -> (Option<T>, Vec<Diagnostic>) {
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    (result.filter(|_| !failed), diagnostics)
}

/// Evaluates one expression as if it stood in an environment.
#[must_use]
pub fn evaluate_expression(
    project: &Project,
    environment: &str,
    inputs: &Inputs,
    world: &dyn World,
    expr: &ast::Expr,
) -> (Option<Value>, Vec<Diagnostic>) {
    whole(inside(&Exchange::new(project, inputs, world), environment, |scope| {
        let value = scope.expression(expr).ok()?;
        // Whoever prints the value walks all of it: shared parts must not blow it up.
        if let Err(error) = crate::ops::check_size(&value) {
            scope.report(operation_failed::diagnostic(&error, expr.span));
            return None;
        }
        Some(value)
    }))
}

/// An environment, with what expressions in its midst come to, each with its own mistakes.
pub(crate) type WithExpressions = (Evaluated, Vec<Result<Value, Vec<Diagnostic>>>);

/// Evaluates an environment and then expressions in its midst, each of a type, which also see what `locals`
/// names.
pub(crate) fn evaluate_with(
    exchange: &Exchange<'_>,
    environment: &str,
    exprs: &[(&ast::Expr, Type)],
    locals: &dyn Fn(&Evaluated) -> Vec<(Str, Value)>,
) -> (Option<WithExpressions>, Vec<Diagnostic>) {
    inside(exchange, environment, |scope| {
        let evaluated = collect(scope);
        let found = scope.diagnostics.take();
        let locals = locals(&evaluated);
        let values = exprs.iter().map(|(expr, ty)| {
            scope.begin(scope.layer);
            scope.locals.clone_from(&locals);
            let value = scope.typed(expr, ty);
            let own = scope.diagnostics.take();
            value.map_err(|Failed| own)
        });
        let values = values.collect();
        scope.diagnostics.replace(found);
        Some((evaluated, values))
    })
}

/// Evaluates an environment's members and then something in their midst.
fn inside<T>(
    exchange: &Exchange<'_>,
    environment: &str,
    then: impl FnOnce(&mut Scope<'_>) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic>) {
    let project = exchange.project;
    let (id, key) = match concrete(project, environment) {
        Ok(found) => found,
        Err(diagnostic) => return (None, vec![*diagnostic]),
    };
    let table = Table::build(project, id);
    let mut scope = Scope::new(exchange, id, &table);
    exchange.enter(environment);
    bind_key(&mut scope, key);
    inputs::bind(&mut scope, exchange.inputs);
    evaluate_members(&mut scope);
    scope.begin(id);
    let result = then(&mut scope);
    let mut diagnostics = scope.diagnostics.into_inner();
    exchange.leave(&mut diagnostics);
    crate::diagnostics::deduplicate(&mut diagnostics);
    (result, diagnostics)
}

/// Evaluates a layer that is not concrete, with a value that is not known for each parameter that
/// nobody gives, and returns what is wrong.
pub(crate) fn rehearse(exchange: &Exchange<'_>, layer: LayerId) -> Vec<Diagnostic> {
    let table = Table::build(exchange.project, layer);
    let mut scope = Scope::new(exchange, layer, &table);
    exchange.enter(&exchange.project.layer(layer).name);
    scope.rehearses = true;
    evaluate_members(&mut scope);
    ensures(&mut scope);
    explore::explore(&mut scope);
    let mut diagnostics = scope.diagnostics.into_inner();
    exchange.leave(&mut diagnostics);
    diagnostics
}

/// Finds an environment that can be evaluated.
fn concrete(project: &Project, name: &str) -> Result<(LayerId, Option<Str>), Box<Diagnostic>> {
    match project.find_instance(name) {
        Some((id, _)) if project.layer(id).is_abstract => {
            Err(Box::new(unknown_environment::is_abstract(project, name)))
        }
        Some((id, key)) if !project.layer(id).is_overlay => Ok((id, key)),
        _ => Err(Box::new(unknown_environment::named(project, name))),
    }
}

/// Binds the key variables of one of a keyed environment.
fn bind_key(scope: &mut Scope<'_>, key: Option<Str>) {
    let project = scope.project;
    let layer = project.ast(project.layer(scope.layer));
    if let (Some(key), ast::LayerKind::Environment { keys: Some(keys), .. }) = (&key, &layer.kind) {
        scope.begin(scope.layer);
        let own = if has_sound_keys(layer) {
            let all = resource::instance_keys(scope, keys).unwrap_or_default();
            all.into_iter().find(|(own, ..)| own.as_ref() == Some(key))
        } else {
            // What is wrong with them is reported, and nothing that would only follow from that.
            let any = || explore::unknown(Type::Any);
            Some((Some(key.clone()), any(), any()))
        };
        if let Some((_, first, second)) = own {
            scope.frames_mut()[0].variables =
                resource::key_variables(keys, first, second).collect();
        }
    }
    scope.key = key;
    // The keys themselves were evaluated without one.
    scope.itself.take();
}

/// The value of a slot.
#[derive(Clone, Debug)]
pub(crate) enum SlotValue {
    /// A parameter, a `let` or an output.
    Value {
        value: Value,
        origins: Vec<Origin>,
        parts: Origins,
        /// What set it, and what set what it was computed with.
        trail: Arc<[Origin]>,
    },
    /// The instances of a resource or data source.
    Instances(Arc<Instances>),
    /// The instances of a unit.
    Units(Arc<Units>),
    /// A provider's configuration.
    Provider { value: Value, origins: Origins },
    /// It failed, and that has been reported.
    Failed,
}

fn evaluate_members(scope: &mut Scope<'_>) {
    let count = scope.table().slots.len();
    let _busy = side::Busy::one();
    scope.frames_mut()[0].values.resize(count, None);
    for number in order::order(scope) {
        let (table, at) = scope.tables.member(number);
        let node = &scope.tables.list[table];
        let Some((_, slot)) = node.table.slots.get_index(at) else { continue };
        for instance in 0..node.frames.len() {
            scope.frame = scope.tables.list[table].frames[instance];
            scope.begin(slot.layer);
            let needs = Arc::clone(&scope.frames[scope.frame].needs);
            scope.notes.depend_all(&needs, slot.name.span);
            // Once the steps have run out, that has been reported.
            let value = (!scope.exhausted).then(|| evaluate_slot(scope, at, slot).ok()).flatten();
            let value = value.filter(|_| !slot.is_disputed).unwrap_or(SlotValue::Failed);
            let dependencies = scope.finish();
            let frame = scope.frame;
            scope.frames_mut()[frame].values[at] = Some((value, dependencies));
        }
    }
    scope.frame = 0;
}

fn evaluate_slot<'p>(
    scope: &mut Scope<'p>,
    at: usize,
    slot: &'p Slot<'p>,
) -> Result<SlotValue, Failed> {
    match slot.kind {
        SlotKind::Param { .. } | SlotKind::Let { .. } | SlotKind::Output { .. } => {
            scope.member(slot).map(|(value, origins, parts)| {
                let trail = trail(&origins);
                SlotValue::Value { value, origins, parts, trail }
            })
        }
        SlotKind::Resource(resource) => resource::evaluate(scope, slot, resource)
            .map(|instances| SlotValue::Instances(Arc::new(instances))),
        SlotKind::Unit { unit, .. } => {
            units::evaluate(scope, at, slot, unit).map(|units| SlotValue::Units(Arc::new(units)))
        }
        SlotKind::Provider { name, .. } => provider(scope, slot, name),
    }
}

/// Returns what set a member, and behind it what set what it was computed with.
fn trail(origins: &[Origin]) -> Arc<[Origin]> {
    let Some(winner) = origins.last() else { return Arc::default() };
    let own = Origin::new(winner.overlay.clone(), winner.span);
    std::iter::once(own).chain(winner.from.iter().cloned()).collect()
}

fn provider(
    scope: &mut Scope<'_>,
    slot: &Slot<'_>,
    name: &ast::Ident,
) -> Result<SlotValue, Failed> {
    let Some(schema) = scope.world.schema(&name.name) else {
        let known = scope.world.providers();
        return scope.fail(unknown_provider::diagnostic(&name.name, name.span, &known));
    };
    let ops = slot.ops();
    let ops: Vec<_> = ops.iter().collect();
    let target =
        Target { block: &schema.config, type_name: &name.name, address: None, before: None };
    let layout = Layout::new(scope, &ops, target.block);
    let body = scope.body(slot, &layout, &target, None)?;
    Ok(SlotValue::Provider { value: body.value, origins: body.origins.finish() })
}

fn collect(scope: &mut Scope<'_>) -> Evaluated {
    let group = &scope.project.layer(scope.layer).name;
    let environment = match &scope.key {
        Some(key) => Address::instance(group, key).into(),
        None => group.clone(),
    };
    let environment = EnvironmentName(environment);
    let checks = ensures(scope);
    let handovers = handovers::collect(scope);
    scope.frame = 0;
    let mut evaluated = Evaluated {
        desired: Desired {
            environment,
            resources: Vec::new(),
            providers: Vec::new(),
            outputs: Vec::new(),
            checks,
            handovers,
            reads: Vec::new(),
        },
        params: Vec::new(),
        lets: Vec::new(),
    };
    let mut providers: FxHashMap<ProviderId, DesiredProvider> = FxHashMap::default();
    for frame in 0..scope.frames.len() {
        scope.frame = frame;
        collect_frame(scope, &mut evaluated, &mut providers);
    }
    scope.frame = 0;
    let desired = &mut evaluated.desired;
    desired.reads = scope.reads.values().cloned().collect();
    // By keys beside them: to sort what is large itself takes as much room again.
    desired.resources.sort_by_cached_key(|resource| resource.address.clone());
    let mut before = None;
    for resource in &desired.resources {
        if before.replace(&resource.provider) != Some(&resource.provider)
            && !providers.contains_key(&resource.provider)
        {
            let id = resource.provider.clone();
            providers.insert(id.clone(), undeclared(scope, id));
        }
    }
    desired.providers = providers.into_values().collect();
    desired.providers.sort_by(|left, right| left.id.cmp(&right.id));
    desired.outputs.sort_by(|left, right| left.name.cmp(&right.name));
    ephemeral::check(scope, desired);
    evaluated.params.sort_by(|left, right| left.name.cmp(&right.name));
    evaluated.lets.sort_by(|left, right| left.name.cmp(&right.name));
    evaluated
}

/// Collects the members of the environment or of a unit.
fn collect_frame(
    scope: &Scope<'_>,
    evaluated: &mut Evaluated,
    providers: &mut FxHashMap<ProviderId, DesiredProvider>,
) {
    evaluated.desired.resources.reserve(scope.table().slots.len());
    for (name, slot) in &scope.table().slots {
        match scope.value(name).map(|(value, _)| value) {
            Some(SlotValue::Value { value, origins, parts, .. }) => {
                let whence = (origins.clone(), parts.clone());
                collect_value(scope, evaluated, slot, value.clone(), whence);
            }
            Some(SlotValue::Instances(instances)) => {
                // What is large is made where it stays: the sort of all finds these in order.
                let mut list: Vec<_> = instances.list.iter().collect();
                list.sort_by(|left, right| left.address.cmp(&right.address));
                let desired = list
                    .into_iter()
                    .map(|instance| naming::ordered(scope, instance, instances.desired(instance)));
                evaluated.desired.resources.extend(desired);
            }
            Some(SlotValue::Provider { value, origins }) => {
                if let SlotKind::Provider { name, alias } = slot.kind {
                    let alias = alias.map(|alias| alias.name.clone());
                    let id = ProviderId { name: name.name.clone(), alias };
                    let mut provider = undeclared(scope, id.clone());
                    provider.config = value.clone();
                    provider.span = Some(slot.member.span);
                    provider.origins.clone_from(origins);
                    providers.insert(id, provider);
                }
            }
            Some(SlotValue::Units(_) | SlotValue::Failed) | None => {}
        }
    }
}

fn undeclared(scope: &Scope<'_>, id: ProviderId) -> DesiredProvider {
    let (source, version) = scope.world.source(&id.name);
    DesiredProvider {
        id,
        source,
        version,
        config: Value::map::<Str>([]),
        span: None,
        origins: Origins::default(),
    }
}

fn collect_value(
    scope: &Scope<'_>,
    evaluated: &mut Evaluated,
    slot: &Slot<'_>,
    value: Value,
    (origins, parts): (Vec<Origin>, Origins),
) {
    // `secret output` without a type says nothing of the type.
    let declared = scope
        .declared_type(slot)
        .filter(|ty| *ty.bare() != Type::Any || !matches!(slot.kind, SlotKind::Output { .. }));
    let ty = declared.unwrap_or_else(|| crate::ops::type_of(&value));
    let prefix = &scope.frames[scope.frame].prefix;
    let name = if prefix.is_empty() {
        slot.name.name.clone()
    } else {
        format!("{prefix}{}", slot.name.name).into()
    };
    let doc = slot.member.doc();
    if prefix.is_empty() && matches!(slot.kind, SlotKind::Output { .. }) {
        let overlay = scope.project.layer(slot.layer).name.clone();
        let declared = Origin::new(overlay, slot.member.span);
        let origin = origins.last().cloned().unwrap_or(declared);
        evaluated.desired.outputs.push(DesiredOutput { name, value, ty, doc, origin });
        return;
    }
    let member = EvaluatedMember { name, value, ty, origins, parts, doc };
    if matches!(slot.kind, SlotKind::Param { .. }) {
        evaluated.params.push(member);
    } else {
        evaluated.lets.push(member);
    }
}

/// Decides every `ensure` that can be decided, and returns the others.
fn ensures(scope: &mut Scope<'_>) -> Vec<DesiredCheck> {
    let mut waiting = Vec::new();
    for frame in 0..scope.frames.len() {
        scope.frame = frame;
        for ensure in &scope.table().ensures {
            scope.begin(ensure.layer);
            waiting.extend(decide_ensure(scope, ensure).ok().flatten());
        }
    }
    scope.frame = 0;
    waiting
}

/// Decides one `ensure`, and returns it when that must wait.
fn decide_ensure(
    scope: &mut Scope<'_>,
    ensure: &Ensure<'_>,
) -> Result<Option<DesiredCheck>, Failed> {
    let condition = scope.typed(ensure.condition, &Type::Bool)?;
    let holds = condition.as_bool();
    if holds == Some(true) {
        return Ok(None);
    }
    let message = scope.typed(ensure.message, &Type::String)?;
    let overlay = scope.project.layer(ensure.layer).name.clone();
    let origin = Origin::new(overlay, ensure.member.span);
    if holds.is_none() {
        return Ok(Some(DesiredCheck { condition, message, origin }));
    }
    let environment = &scope.project.layer(scope.layer).name;
    let owner: Str = match scope.frames[scope.frame].prefix.strip_suffix('.') {
        Some(unit) => format!("{environment}:{unit}").into(),
        None => environment.clone(),
    };
    let shown = scope.shown_references(ensure.references);
    scope.report(ensure_failed::diagnostic(ensure.condition.span, &message, &owner, &shown));
    Ok(None)
}
