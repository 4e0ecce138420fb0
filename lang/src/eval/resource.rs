//! Resources and data sources: a declaration to its instances.

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use syncline_model::{
    Address, Attribute, Block, DesiredResource, Diagnostic, Edge, Lifecycle, Map, Mode, Nesting,
    Origins, Path, ProviderId, ResourceSchema, Span, Str, Type, Unknown, Value,
};

use super::amend::{Body, Target};
use super::expression::{elements, key_text};
use super::invariant::Invariants;
use super::layout::Layout;
use super::naming::Name;
use super::notes::Dependencies;
use super::scope::{Failed, Scope};
use super::side;
use crate::diagnostics::{
    bad_key, duplicate_key, missing_instance, not_known_yet, type_mismatch, unknown_provider,
    unknown_resource_type,
};
use crate::resolve::{Op, OpKind, Slot};
use crate::syntax::ast;

/// How many steps of work an instance counts for.
const COST: usize = 10;

/// A type of resource or data source, which thousands of them share.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) mode: Mode,
    provider: Str,
    kind: Str,
    /// The type as written.
    pub(crate) name: Str,
    pub(crate) schema: Arc<ResourceSchema>,
}

impl Class {
    /// Returns the type without the provider's name.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }
}

/// All instances of a resource or data source.
#[derive(Clone, Debug)]
pub(crate) struct Instances {
    pub(crate) keyed: bool,
    pub(crate) class: Arc<Class>,
    span: Span,
    pub(crate) list: Vec<Instance>,
    /// Where the instance of a key is, once somebody asks for one.
    index: OnceLock<Box<FxHashMap<Str, usize>>>,
}

/// One instance.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) key: Option<Str>,
    pub(crate) address: Address,
    config: Value,
    origins: Origins,
    depends_on: Dependencies,
    /// What annotations say; most resources have none.
    said: Option<Box<Said>>,
}

/// What annotations say of an instance.
#[derive(Clone, Debug)]
struct Said {
    after: Vec<Name>,
    replace_with: Vec<Name>,
    alias: Option<Str>,
    lifecycle: Lifecycle,
    health: Vec<Value>,
}

impl Instance {
    /// Returns what `@replace_with` names.
    pub(crate) fn replace_with(&self) -> &[Name] {
        self.said.as_ref().map_or(&[], |said| &said.replace_with)
    }

    /// Returns what `@after` names.
    pub(crate) fn after(&self) -> &[Name] {
        self.said.as_ref().map_or(&[], |said| &said.after)
    }
}

impl Instances {
    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        let index = self.index.get_or_init(|| {
            let keys = self.list.iter().enumerate();
            Box::new(keys.filter_map(|(at, own)| Some((own.key.clone()?, at))).collect())
        });
        index.get(key).copied()
    }

    /// Returns what a reference to an attribute means; `None` when the schema has none.
    pub(crate) fn reference(&self, at: usize, name: &str) -> Option<Value> {
        let attribute = self.class.schema.block.get(name)?;
        let instance = &self.list[at];
        let configured = instance.config.as_map().and_then(|config| config.get(name));
        let path = Path::attribute(name);
        Some(reference(attribute, configured, &instance.address, &path))
    }

    /// Returns who reads an instance, and what it is configured with.
    pub(crate) fn query(&self, at: usize) -> (ProviderId, &Value) {
        let instance = &self.list[at];
        let alias = instance.said.as_ref().and_then(|said| said.alias.clone());
        (ProviderId { name: self.class.provider.clone(), alias }, &instance.config)
    }

    /// Returns what a reference to the whole instance means.
    pub(crate) fn object(&self, at: usize) -> Value {
        let instance = &self.list[at];
        object(&self.class.schema.block, &instance.config, &instance.address, &Path::default())
    }

    /// Returns an instance as the planner takes it, without what `@after` and `@replace_with` name.
    pub(crate) fn desired(&self, instance: &Instance) -> DesiredResource {
        let Class { mode, provider, kind, .. } = &*self.class;
        let said = instance.said.as_deref();
        let alias = said.and_then(|said| said.alias.clone());
        DesiredResource {
            address: instance.address.clone(),
            mode: *mode,
            kind: kind.clone(),
            provider: ProviderId { name: provider.clone(), alias },
            config: instance.config.clone(),
            depends_on: instance.depends_on.to_vec(),
            lifecycle: said.map(|said| said.lifecycle.clone()).unwrap_or_default(),
            health: said.map(|said| said.health.clone()).unwrap_or_default(),
            span: self.span,
            origins: instance.origins.clone(),
        }
    }
}

fn object(block: &Block, config: &Value, address: &Address, path: &Path) -> Value {
    let config = config.as_map();
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let configured = config.and_then(|config| config.get(name));
        (name.clone(), reference(attribute, configured, address, &path.key(name.clone())))
    });
    Value::from(attributes.collect::<Map>())
}

/// What a configured attribute is, it will be; what the provider fills in is unknown.
fn reference(
    attribute: &Attribute,
    configured: Option<&Value>,
    address: &Address,
    path: &Path,
) -> Value {
    let configured = configured.filter(|value| !value.reveal().is_null());
    let value = match (configured, &attribute.nested) {
        _ if attribute.write_only => Value::Null,
        (Some(value), Some(nested)) if !value.is_unknown() && !value.is_secret() => {
            nested_reference(nested.0, &nested.1, value, address, path)
        }
        (Some(value), _) => value.clone(),
        (None, _) if attribute.computed || attribute.may_default => {
            Unknown::attribute(attribute.ty.clone(), address, path.clone())
        }
        (None, _) => Value::Null,
    };
    if attribute.sensitive { Value::secret(value) } else { value }
}

fn nested_reference(
    nesting: Nesting,
    block: &Block,
    value: &Value,
    address: &Address,
    path: &Path,
) -> Value {
    match (nesting, value) {
        (Nesting::Single | Nesting::Group, Value::Map(_)) => object(block, value, address, path),
        (Nesting::List, Value::List(items)) => Value::list(
            items
                .iter()
                .enumerate()
                .map(|(at, item)| object(block, item, address, &path.index(at))),
        ),
        (Nesting::Map, Value::Map(map)) => Value::map(map.iter().map(|(key, item)| {
            (key.clone(), object(block, item, address, &path.key(key.clone())))
        })),
        // The elements of a set have no path of their own.
        _ => value.clone(),
    }
}

/// Evaluates a resource's instances.
pub(super) fn evaluate<'p>(
    scope: &mut Scope<'_>,
    slot: &Slot<'p>,
    resource: &'p ast::Resource,
) -> Result<Instances, Failed> {
    let mut instances = Instances {
        keyed: resource.keys.is_some(),
        class: class(scope, resource)?,
        span: resource.name.span,
        list: Vec::new(),
        index: OnceLock::new(),
    };
    let keys = match &resource.keys {
        Some(keys) => instance_keys(scope, keys)?,
        None => vec![(None, Value::Null, Value::Null)],
    };
    scope.spend(keys.len().saturating_mul(COST), resource.name.span)?;
    let ops = slot.ops();
    let ops = scope.own(&ops)?;
    let ops = OpsByKey::new(scope, &ops)?;
    let class = Arc::clone(&instances.class);
    let work = Work { slot, resource, class: &class, ops: &ops };
    let mut list = Vec::new();
    let failed = side::evaluate(scope, &work, &keys, &mut list);
    instances.list = list;
    // A key whose instance failed, or is not there on a condition, is a key all the same.
    let known: FxHashSet<&Str> = match ops.named.is_empty() {
        true => FxHashSet::default(),
        false => keys.iter().filter_map(|(key, ..)| key.as_ref()).collect(),
    };
    if let Some((key, span)) = ops.missing(|key| known.contains(key)) {
        let keys = keys.iter().filter_map(|(key, ..)| key.as_deref());
        return scope.fail(missing_instance::of_keys(key, span, keys));
    }
    if failed { Err(Failed) } else { Ok(instances) }
}

/// What the instances of a resource are made of.
pub(super) struct Work<'a, 'p> {
    slot: &'a Slot<'p>,
    pub(super) resource: &'p ast::Resource,
    class: &'a Class,
    ops: &'a OpsByKey<'a, 'p>,
}

impl Work<'_, '_> {
    /// Evaluates instances one after another into `list`, and tells whether one failed.
    pub(super) fn each(
        &self,
        scope: &mut Scope<'_>,
        keys: &[Key],
        list: &mut Vec<Instance>,
    ) -> bool {
        let Self { slot, resource, ops, .. } = self;
        let block = &self.class.schema.block;
        let layout = Layout::new(scope, &ops.all, block);
        let mut shared = Invariants::new(&layout, resource.keys.as_deref());
        let mut failed = false;
        // Thousands of resources have one: what grows by itself has room for four.
        list.reserve_exact(keys.len());
        for (key, key_value, value) in keys {
            scope.locals.clear();
            if let Some(keys) = &resource.keys {
                let variables = key_variables(keys, key_value.clone(), value.clone());
                scope.locals.extend(variables);
            }
            if let Some(condition) = &resource.condition {
                match decide(scope, condition, &slot.name.name) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(Failed) => {
                        failed = true;
                        continue;
                    }
                }
            }
            let Some(own) = ops.of(key.as_ref()) else { continue };
            let last = list.last().map(|last| &last.origins);
            let apart =
                (!std::ptr::eq(own, &raw const *ops.all)).then(|| Layout::new(scope, own, block));
            let layout = apart.as_ref().unwrap_or(&layout);
            match self.instance(scope, key.clone(), last, (layout, shared.as_mut())) {
                Ok(instance) => list.push(instance),
                Err(Failed) => failed = true,
            }
        }
        failed
    }

    fn instance<'a, 'p>(
        &self,
        scope: &mut Scope<'_>,
        key: Option<Str>,
        last: Option<&Origins>,
        (layout, common): (&Layout<'a, 'p>, Option<&mut Invariants<'_, 'a, 'p>>),
    ) -> Result<Instance, Failed> {
        let Self { slot, class, .. } = *self;
        let name = &slot.name.name;
        let address = Address::inside(&scope.frames[scope.frame].prefix, name, key.as_deref());
        let shared = scope.notes.noted();
        let made = (class.mode == Mode::Managed).then_some(&address);
        let block = &class.schema.block;
        let target = Target { block, type_name: &class.name, address: made, before: last };
        let (body, own) = scope.apart(|scope| scope.body(slot, layout, &target, common));
        let Body {
            value, origins, lifecycle, after, replace_with, provider: alias, health, ..
        } = body?;
        let is_silent = after.is_empty() && replace_with.is_empty() && alias.is_none();
        let is_silent = is_silent && health.is_empty() && lifecycle == Lifecycle::default();
        let said = || Said { after, replace_with, alias, lifecycle, health };
        let said = (!is_silent).then(|| Box::new(said()));
        let depends_on = merge(&shared, own, &address);
        let origins = origins.finish();
        Ok(Instance { key, address, config: value, origins, depends_on, said })
    }
}

fn class(scope: &mut Scope<'_>, resource: &ast::Resource) -> Result<Arc<Class>, Failed> {
    let mode = resource.mode;
    let [provider, kind @ ..] = resource.type_name.as_slice() else { return Err(Failed) };
    let kind: Str = match kind {
        [kind] => kind.name.clone(),
        parts => parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".").into(),
    };
    let known = scope
        .classes
        .iter()
        .find(|own| own.mode == mode && own.kind == kind && own.provider == provider.name);
    if let Some(known) = known {
        return Ok(Arc::clone(known));
    }
    let Some(schema) = scope.world.schema(&provider.name) else {
        let report = without_provider(scope, resource, provider);
        return scope.fail(report);
    };
    match schema.get(mode, &kind) {
        Some(found) => {
            let name = format!("{}.{kind}", provider.name).into();
            let (provider, schema) = (provider.name.clone(), Arc::clone(found));
            let class = Arc::new(Class { mode, provider, kind, name, schema });
            scope.classes.push(Arc::clone(&class));
            Ok(class)
        }
        None => scope.fail(unknown_resource_type::diagnostic(resource, &kind, &schema)),
    }
}

/// Returns the report about a type whose provider there is not: perhaps it is written as its provider calls it, which is called
/// something else here.
fn without_provider(
    scope: &Scope<'_>,
    resource: &ast::Resource,
    provider: &ast::Ident,
) -> Diagnostic {
    let known = scope.world.providers();
    let parts: Vec<&str> = resource.type_name.iter().map(|part| part.name.as_str()).collect();
    let is_known = |name: &str| known.iter().any(|own| own == name);
    let full = parts.join("_");
    let written = known.iter().find_map(|name| {
        let schema = scope.world.schema(name)?;
        Some(format!("{name}.{}", schema.kind_of(resource.mode, &full)?))
    });
    let is_usual = full.split_once('_').is_some_and(|(name, _)| is_known(name));
    match written.filter(|_| !is_usual) {
        Some(written) => {
            let last = resource.type_name.last().map_or(provider.span, |last| last.span);
            let whole = (provider.span.to(last), written.as_str());
            unknown_provider::called_otherwise(&provider.name, provider.span, whole)
        }
        None => unknown_provider::diagnostic(&provider.name, provider.span, &known),
    }
}

/// The key of an instance, and what its variables stand for.
pub(super) type Key = (Option<Str>, Value, Value);

/// Evaluates the keys of a resource or a unit.
pub(super) fn instance_keys(scope: &mut Scope<'_>, keys: &ast::Keys) -> Result<Vec<Key>, Failed> {
    let source = scope.expression(&keys.source)?;
    let span = keys.source.span;
    let source = scope.settled(source, span)?;
    if source.is_secret() {
        return scope.fail(bad_key::secret(span));
    }
    let Some(pairs) = elements(&source, true) else {
        return match source.is_unknown() {
            true if scope.may_wait(&source) => Err(Failed),
            true => scope.fail(not_known_yet::keys(&source, span)),
            false => scope.fail(type_mismatch::not_iterable(&source, span)),
        };
    };
    let is_map = matches!(source, Value::Map(_));
    let mut seen: FxHashSet<Str> = FxHashSet::default();
    seen.reserve(pairs.len());
    let mut made = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let named = if is_map { &key } else { &value };
        let Some(text) = key_text(named) else {
            return match named.is_unknown() {
                true if scope.may_wait(named) => Err(Failed),
                true => scope.fail(not_known_yet::keys(named, span)),
                false => scope.fail(bad_key::diagnostic(named, span)),
            };
        };
        if !seen.insert(text.clone()) {
            return scope.fail(duplicate_key::made_twice(&text, span));
        }
        // A list gives its element to one variable, and index and element to two.
        let first = if is_map || keys.value.is_some() { key } else { value.clone() };
        made.push((Some(text), first, value));
    }
    Ok(made)
}

/// Returns the variables of keys, bound.
pub(super) fn key_variables(
    keys: &ast::Keys,
    first: Value,
    second: Value,
) -> impl Iterator<Item = (Str, Value)> {
    let second = keys.value.as_ref().map(|name| (name.name.clone(), second));
    std::iter::once((keys.key.name.clone(), first)).chain(second)
}

/// Decides whether a resource or a unit is there.
pub(super) fn decide(
    scope: &mut Scope<'_>,
    condition: &ast::Expr,
    name: &str,
) -> Result<bool, Failed> {
    let value = scope.typed(condition, &Type::Bool)?;
    let value = scope.settled(value, condition.span)?;
    match value.as_bool() {
        Some(holds) => Ok(holds),
        None if scope.may_wait(&value) => Ok(true),
        None => scope.fail(not_known_yet::condition(&value, condition.span, name)),
    }
}

/// Joins what all instances depend on with what one does.
fn merge(shared: &[Edge], own: Dependencies, address: &Address) -> Dependencies {
    if shared.is_empty() && own.iter().all(|edge| edge.to != *address) {
        return own;
    }
    let mut edges: Vec<Edge> = own.iter().chain(shared).cloned().collect();
    edges.sort_by(|left, right| left.to.cmp(&right.to));
    edges.dedup_by(|later, earlier| later.to == earlier.to);
    edges.retain(|edge| edge.to != *address);
    edges.into()
}

/// The ops of a slot, by the instance that they are for.
pub(super) struct OpsByKey<'a, 'p> {
    all: Vec<&'a Op<'p>>,
    /// For each key that has ops of its own: those and the common ones, in stage order.
    keyed: FxHashMap<Str, Vec<&'a Op<'p>>>,
    /// Every key that is named, with the op that names it.
    named: Vec<(Str, &'a Op<'p>)>,
}

impl<'a, 'p> OpsByKey<'a, 'p> {
    pub(super) fn new(scope: &mut Scope<'_>, ops: &[&'a Op<'p>]) -> Result<Self, Failed> {
        let mut positions: FxHashMap<Str, Vec<usize>> = FxHashMap::default();
        let mut named = Vec::new();
        let mut common = Vec::new();
        for (at, op) in ops.iter().copied().enumerate() {
            let Some(key) = op.key else {
                common.push(at);
                continue;
            };
            let value = scope.written(op, |scope| scope.expression(key))?;
            let Some(text) = key_text(&value) else {
                return scope.fail(bad_key::diagnostic(&value, key.span));
            };
            if !positions.contains_key(&text) {
                named.push((text.clone(), op));
            }
            positions.entry(text).or_default().push(at);
        }
        let op_at = |at: &usize| ops[*at];
        let keyed = positions
            .into_iter()
            .map(|(key, mut own)| {
                own.extend(&common);
                own.sort_unstable();
                (key, own.iter().map(op_at).collect())
            })
            .collect();
        Ok(Self { all: common.iter().map(op_at).collect(), keyed, named })
    }

    /// Returns the ops of an instance; `None` when it is taken out.
    pub(super) fn of(&self, key: Option<&Str>) -> Option<&[&'a Op<'p>]> {
        let own = key.and_then(|key| self.keyed.get(key)).unwrap_or(&self.all);
        let removed = own.iter().any(|op| matches!(op.kind, OpKind::Remove) && op.path.is_empty());
        (!removed).then_some(own)
    }

    /// Returns a key that is amended but does not exist, with the place that names it.
    pub(super) fn missing(&self, exists: impl Fn(&Str) -> bool) -> Option<(&Str, Span)> {
        let missing = |(key, _): &&(Str, &Op<'p>)| self.of(Some(key)).is_some() && !exists(key);
        let (key, op) = self.named.iter().find(missing)?;
        Some((key, op.key.map_or(op.span, |key| key.span)))
    }
}
