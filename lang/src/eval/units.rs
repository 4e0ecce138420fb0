//! Units: the instances of components inside an environment.
//!
//! The tables of an environment and of its units make a tree. Every instance of a unit is a
//! [`Frame`]: the values of one table's members, seen from inside. The environment is frame 0. A
//! member is evaluated once for each frame of its table, so that what one member of a unit needs
//! never waits for the whole unit.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{Address, Str, Value};

use super::SlotValue;
use super::notes::Dependencies;
use super::resource::{OpsByKey, decide, instance_keys, key_variables};
use super::scope::{Failed, Scope};
use crate::diagnostics::missing_instance;
use crate::resolve::{LayerId, Slot, SlotKind, Table};
use crate::syntax::ast;

/// How many steps of work a unit counts for.
const COST: usize = 200;

/// A table, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct TableNode<'p> {
    pub(crate) table: &'p Table<'p>,
    /// The environment or the component.
    pub(crate) layer: LayerId,
    /// The table around it, and the unit's slot in that.
    pub(crate) parent: Option<(usize, usize)>,
    /// The tables of its own units, by slot.
    pub(crate) children: FxHashMap<usize, usize>,
    /// The number of its first member, when the members of all tables are counted.
    pub(crate) first: usize,
    /// Its instances.
    pub(crate) frames: Vec<usize>,
}

/// The tables of an environment and its units, each before those inside of it.
#[derive(Clone, Debug)]
pub(crate) struct Tables<'p> {
    pub(crate) list: Vec<TableNode<'p>>,
    /// How many members all of them have.
    pub(crate) members: usize,
}

/// An instance of a unit, or the environment itself.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) table: usize,
    pub(crate) parent: Option<usize>,
    /// What the addresses of its resources begin with.
    pub(crate) prefix: Str,
    pub(crate) key: Option<Str>,
    /// The key variables that the unit's declaration sees.
    pub(crate) variables: Vec<(Str, Value)>,
    /// What the keys and the condition of the unit depend on.
    pub(crate) needs: Dependencies,
    /// What has been evaluated, by the member's place in the table.
    pub(crate) values: Vec<Option<(SlotValue, Dependencies)>>,
}

/// All instances of a unit.
#[derive(Debug)]
pub(crate) struct Units {
    pub(crate) name: Str,
    pub(crate) keyed: bool,
    /// The keys with the frames, in the order of keys as given.
    pub(crate) list: Vec<(Option<Str>, usize)>,
    index: FxHashMap<Str, usize>,
}

impl Units {
    fn add(&mut self, scope: &mut Scope<'_>, own: Frame) {
        let frame = scope.frames.len();
        if let Some(key) = &own.key {
            self.index.insert(key.clone(), frame);
        }
        self.list.push((own.key.clone(), frame));
        scope.tables.list[own.table].frames.push(frame);
        scope.frames_mut().push(own);
    }

    /// Returns the frame of a key.
    pub(crate) fn find(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }
}

impl<'p> Tables<'p> {
    pub(crate) fn new(layer: LayerId, root: &'p Table<'p>) -> Self {
        let mut tables = Self { list: Vec::new(), members: 0 };
        tables.add(root, layer, None);
        tables.list[0].frames.push(0);
        tables
    }

    fn add(
        &mut self,
        table: &'p Table<'p>,
        layer: LayerId,
        parent: Option<(usize, usize)>,
    ) -> usize {
        let own = self.list.len();
        let children = FxHashMap::default();
        let first = self.members;
        self.list.push(TableNode { table, layer, parent, children, first, frames: Vec::new() });
        self.members += table.slots.len();
        for (at, slot) in table.slots.values().enumerate() {
            if let (SlotKind::Unit { component, .. }, Some(inside)) = (slot.kind, &slot.inside) {
                let child = self.add(inside, component, Some((own, at)));
                self.list[own].children.insert(at, child);
            }
        }
        own
    }

    /// Returns the table of a member and its slot there, by its number.
    pub(crate) fn member(&self, number: usize) -> (usize, usize) {
        let table = self.list.partition_point(|node| node.first <= number) - 1;
        // Tables without members share their first number with the one behind them.
        (table, number - self.list[table].first)
    }

    /// Returns a member's name with those of the units around it.
    pub(crate) fn path(&self, number: usize) -> Str {
        let (mut table, slot) = self.member(number);
        let name = |table: usize, slot: usize| {
            self.list[table].table.slots.get_index(slot).map_or("", |(name, _)| *name)
        };
        let mut path = Str::from(name(table, slot));
        while let Some((outer, slot)) = self.list[table].parent {
            path = format!("{}.{path}", name(outer, slot)).into();
            table = outer;
        }
        path
    }
}

/// Makes the instances of a unit.
pub(super) fn evaluate<'p>(
    scope: &mut Scope<'p>,
    index: usize,
    slot: &'p Slot<'p>,
    unit: &ast::Unit,
) -> Result<Units, Failed> {
    let outer = scope.frame;
    let Some(child) = scope.tables.list[scope.frames[outer].table].children.get(&index).copied()
    else {
        return Err(Failed);
    };
    let keys = match &unit.keys {
        Some(keys) => instance_keys(scope, keys)?,
        None => vec![(None, Value::Null, Value::Null)],
    };
    let ops = slot.ops();
    let ops = scope.own(&ops)?;
    let ops = OpsByKey::new(scope, &ops)?;
    let mut units = Units {
        name: slot.name.name.clone(),
        keyed: unit.keys.is_some(),
        list: Vec::new(),
        index: FxHashMap::default(),
    };
    let mut known: Vec<Str> = Vec::new();
    scope.spend(keys.len().saturating_mul(COST), unit.name.span)?;
    for (key, first, second) in keys {
        known.extend(key.clone());
        let variables = match &unit.keys {
            Some(keys) => key_variables(keys, first, second).collect(),
            None => Vec::new(),
        };
        scope.locals.clone_from(&variables);
        if let Some(condition) = &unit.condition
            && !decide(scope, condition, &slot.name.name)?
        {
            continue;
        }
        if ops.of(key.as_ref()).is_none() {
            continue;
        }
        let prefix = Address::prefix(&scope.frames[outer].prefix, &units.name, key.as_deref());
        let needs = scope.notes.noted().into();
        let values = vec![None; scope.tables.list[child].table.slots.len()];
        let parent = Some(outer);
        let own = Frame { table: child, parent, prefix, key, variables, needs, values };
        units.add(scope, own);
    }
    if let Some((key, span)) = ops.missing(|key| known.contains(key)) {
        let keys = known.iter().map(Str::as_str);
        return scope.fail(missing_instance::unit(&units.name, key, span, keys));
    }
    Ok(units)
}

impl Scope<'_> {
    /// Returns a unit's outputs as a record.
    pub(crate) fn outputs(
        &mut self,
        frame: usize,
        span: syncline_model::Span,
    ) -> Result<Value, Failed> {
        let table = self.tables.list[self.frames[frame].table].table;
        let mut record = syncline_model::Map::new();
        for (name, slot) in &table.slots {
            if !matches!(slot.kind, SlotKind::Output { .. }) {
                continue;
            }
            match self.value_in(frame, name).cloned() {
                Some((SlotValue::Value { value, trail, .. }, dependencies)) => {
                    self.notes.depend_all(&dependencies, span);
                    self.notes.trace(&trail);
                    record.insert(slot.name.name.clone(), value);
                }
                _ => return Err(Failed),
            }
        }
        Ok(Value::Map(Arc::new(record)))
    }
}
