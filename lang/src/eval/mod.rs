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

mod amend;
mod coerce;
mod conflict;
mod expression;
mod inputs;
mod order;
mod parts;
mod places;
mod resource;
mod scope;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{
    Desired, DesiredCheck, DesiredOutput, DesiredProvider, DesiredResource, Diagnostic, Edge,
    EnvironmentName, Origin, Origins, ProviderId, ProviderSchema, Str, Type, Value,
};

pub use self::inputs::{Input, InputValue, Inputs};
use self::resource::Instance;
pub(crate) use self::resource::Instances;
use self::scope::{Failed, Scope};
use crate::diagnostics::{bad_annotation, ensure_failed, unknown_environment, unknown_provider};
use crate::resolve::{LayerId, Project, Slot, SlotKind, Table};
use crate::syntax::ast;

/// What the front end needs to know of the world.
pub trait World {
    /// Returns the schema of a provider, given by its local name.
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>>;

    /// Returns the local names of all providers that there are, sorted.
    fn providers(&self) -> Vec<Str>;

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
    /// The `///` text above it.
    pub doc: Str,
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
    inside(project, environment, inputs, world, |scope| Some(collect(scope)))
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
    inside(project, environment, inputs, world, |scope| scope.expression(expr).ok())
}

/// Evaluates an environment's members and then something in their midst; what that gives is absent
/// when an error was found.
fn inside<T>(
    project: &Project,
    environment: &str,
    inputs: &Inputs,
    world: &dyn World,
    then: impl FnOnce(&mut Scope<'_>) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic>) {
    let id = match concrete(project, environment) {
        Ok(id) => id,
        Err(diagnostic) => return (None, vec![*diagnostic]),
    };
    let table = Table::build(project, id);
    let mut scope = Scope::new(project, id, &table, world);
    inputs::bind(&mut scope, inputs);
    evaluate_members(&mut scope);
    let result = then(&mut scope);
    let mut diagnostics = scope.diagnostics.into_inner();
    crate::diagnostics::deduplicate(&mut diagnostics);
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    (result.filter(|_| !failed), diagnostics)
}

/// Evaluates a layer that is not concrete, with a value that is not known for each parameter that
/// nobody gives, and returns what is wrong.
pub(crate) fn rehearse(project: &Project, layer: LayerId, world: &dyn World) -> Vec<Diagnostic> {
    let table = Table::build(project, layer);
    let mut scope = Scope::new(project, layer, &table, world);
    scope.rehearses = true;
    evaluate_members(&mut scope);
    ensures(&mut scope);
    scope.diagnostics.into_inner()
}

/// Finds an environment that can be evaluated.
fn concrete(project: &Project, name: &str) -> Result<LayerId, Box<Diagnostic>> {
    match project.find(name) {
        Some(id) if project.layer(id).is_abstract => {
            Err(Box::new(unknown_environment::is_abstract(project, name)))
        }
        Some(id) if !project.layer(id).is_overlay => Ok(id),
        _ => Err(Box::new(unknown_environment::named(project, name))),
    }
}

/// The value of a slot.
#[derive(Clone, Debug)]
pub(crate) enum SlotValue {
    /// A parameter, a `let` or an output.
    Value {
        value: Value,
        origins: Vec<Origin>,
        /// What set it, and what set what it was computed with.
        trail: Arc<[Origin]>,
    },
    /// The instances of a resource or data source.
    Instances(Arc<Instances>),
    /// A provider's configuration.
    Provider { value: Value, origins: Origins },
    /// It failed, and that has been reported.
    Failed,
}

fn evaluate_members(scope: &mut Scope<'_>) {
    let order = order::order(scope);
    for index in order {
        let Some((name, slot)) = scope.table.slots.get_index(index) else { continue };
        scope.begin();
        let value = match slot.kind {
            SlotKind::Param { .. } | SlotKind::Let { .. } | SlotKind::Output { .. } => {
                scope.member(slot).map(|(value, origins)| {
                    let trail = trail(&origins);
                    SlotValue::Value { value, origins, trail }
                })
            }
            SlotKind::Resource(resource) => resource::evaluate(scope, slot, resource)
                .map(|instances| SlotValue::Instances(Arc::new(instances))),
            SlotKind::Provider { name, .. } => provider(scope, slot, name),
        };
        let dependencies = scope.finish();
        scope.values.insert(name, (value.unwrap_or(SlotValue::Failed), dependencies));
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
    let ops: Vec<_> = slot.ops.iter().collect();
    let body = scope.body(slot, &ops, &schema.config, &name.name)?;
    Ok(SlotValue::Provider { value: body.value, origins: body.origins })
}

fn collect(scope: &mut Scope<'_>) -> Evaluated {
    let environment = EnvironmentName(scope.project.layer(scope.layer).name.clone());
    let checks = ensures(scope);
    let mut evaluated = Evaluated {
        desired: Desired {
            environment,
            resources: Vec::new(),
            providers: Vec::new(),
            outputs: Vec::new(),
            checks,
        },
        params: Vec::new(),
        lets: Vec::new(),
    };
    let mut providers: FxHashMap<ProviderId, DesiredProvider> = FxHashMap::default();
    for (name, slot) in &scope.table.slots {
        match scope.values.get(name).map(|(value, _)| value) {
            Some(SlotValue::Value { value, origins, .. }) => {
                collect_value(scope, &mut evaluated, slot, value.clone(), origins.clone());
            }
            Some(SlotValue::Instances(instances)) => {
                let desired = instances.list.iter().zip(instances.desired());
                let desired = desired.map(|(instance, desired)| ordered(scope, instance, desired));
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
            Some(SlotValue::Failed) | None => {}
        }
    }
    let desired = &mut evaluated.desired;
    desired.resources.sort_by(|left, right| left.address.cmp(&right.address));
    for resource in &desired.resources {
        if !providers.contains_key(&resource.provider) {
            let id = resource.provider.clone();
            providers.insert(id.clone(), undeclared(scope, id));
        }
    }
    desired.providers = providers.into_values().collect();
    desired.providers.sort_by(|left, right| left.id.cmp(&right.id));
    desired.outputs.sort_by(|left, right| left.name.cmp(&right.name));
    evaluated.params.sort_by(|left, right| left.name.cmp(&right.name));
    evaluated.lets.sort_by(|left, right| left.name.cmp(&right.name));
    evaluated
}

/// Adds to what a resource depends on what `@after` names and what its provider is set up with.
fn ordered(
    scope: &Scope<'_>,
    instance: &Instance,
    mut desired: DesiredResource,
) -> DesiredResource {
    for (name, key, span) in &instance.after {
        let is_resource =
            scope.table.find(name).is_some_and(|slot| matches!(slot.kind, SlotKind::Resource(_)));
        if !is_resource {
            scope.report(bad_annotation::after(*span));
        }
        for to in scope.addresses(name, key.as_ref()) {
            desired.depends_on.push(Edge { to, span: *span });
        }
    }
    // Before its provider is set up nothing can be done to it.
    if let Some((SlotValue::Provider { .. }, needs)) =
        scope.values.get(desired.provider.name.as_str())
    {
        desired.depends_on.extend(needs.iter().cloned());
    }
    desired.depends_on.sort_by(|left, right| left.to.cmp(&right.to));
    desired.depends_on.dedup_by(|later, earlier| later.to == earlier.to);
    desired
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
    origins: Vec<Origin>,
) {
    let ty = scope.declared_type(slot).unwrap_or_else(|| crate::ops::type_of(&value));
    let name = slot.name.name.clone();
    let doc = slot.member.doc.clone();
    if matches!(slot.kind, SlotKind::Output { .. }) {
        let overlay = scope.project.layer(slot.layer).name.clone();
        let declared = Origin::new(overlay, slot.member.span);
        let origin = origins.last().cloned().unwrap_or(declared);
        evaluated.desired.outputs.push(DesiredOutput { name, value, ty, doc, origin });
        return;
    }
    let member = EvaluatedMember { name, value, ty, origins, doc };
    if matches!(slot.kind, SlotKind::Param { .. }) {
        evaluated.params.push(member);
    } else {
        evaluated.lets.push(member);
    }
}

/// Decides every `ensure` that can be decided, and returns the others.
fn ensures(scope: &mut Scope<'_>) -> Vec<DesiredCheck> {
    let mut waiting = Vec::new();
    let table = scope.table;
    for ensure in &table.ensures {
        scope.begin();
        let Ok(condition) = scope.typed(ensure.condition, &Type::Bool) else { continue };
        let holds = condition.as_bool();
        if holds == Some(true) {
            continue;
        }
        let Ok(message) = scope.typed(ensure.message, &Type::String) else { continue };
        let overlay = scope.project.layer(ensure.layer).name.clone();
        let origin = Origin::new(overlay, ensure.member.span);
        if holds.is_none() {
            waiting.push(DesiredCheck { condition, message, origin });
        } else {
            let environment = &scope.project.layer(scope.layer).name;
            let shown = scope.shown_references(ensure.references);
            scope.report(ensure_failed::diagnostic(
                ensure.condition.span,
                &message,
                environment,
                &shown,
            ));
        }
    }
    waiting
}
