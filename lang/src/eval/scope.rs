//! What an expression sees while an environment is evaluated.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{Address, Diagnostic, Origin, OutputRead, Path, Span, Str, Type, Value};

use super::coerce::Site;
use super::constants::Constants;
use super::exchange::Exchange;
use super::notes::{Dependencies, Notes};
use super::resource::Class;
use super::units::{Frame, Tables};
use super::view::Calls;
use super::{SlotValue, World};
use crate::diagnostics::MOST;
use crate::resolve::{LayerId, ModuleId, Op, Project, Reference, Slot, SlotKind, Table};
use crate::syntax::ast;

/// Something failed, and has been reported.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

/// What an expression sees.
pub(crate) struct Scope<'p> {
    pub(crate) project: &'p Project,
    /// The environment.
    pub(crate) layer: LayerId,
    /// The key of a keyed environment.
    pub(crate) key: Option<Str>,
    /// What `environment` is, from when it is first asked.
    pub(crate) itself: OnceCell<Value>,
    pub(crate) world: &'p dyn World,
    pub(crate) exchange: &'p Exchange<'p>,
    /// What is read of other environments.
    pub(crate) reads: BTreeMap<(Str, Str), OutputRead>,
    /// The environment's table, and those of its units.
    pub(crate) tables: Tables<'p>,
    /// The environment, and the instances of its units, with what has been evaluated.
    pub(crate) frames: Arc<Vec<Frame>>,
    /// The frame whose names are seen.
    pub(crate) frame: usize,
    /// The layer in which the text under evaluation stands.
    pub(crate) writer: LayerId,
    /// Values from outside, by the name of their parameter.
    pub(crate) inputs: FxHashMap<Str, super::inputs::Bound>,
    /// Variables of enclosing comprehensions and keyed resources, the innermost last.
    pub(crate) locals: Vec<(Str, Value)>,
    /// The value without the amendment under evaluation; absent outside of amendments.
    pub(crate) beneath: Option<Value>,
    pub(crate) diagnostics: RefCell<Vec<Diagnostic>>,
    pub(crate) notes: Notes,
    /// Numbers for the variables of residual comprehensions.
    pub(crate) next_local: u32,
    /// Parameters without a value are taken as not known yet, rather than reported.
    pub(crate) rehearses: bool,
    /// What is looked at is secret: messages do not show it.
    pub(crate) conceals: bool,
    /// Names stand for unknowns of their types: see [`super::explore`].
    pub(crate) explores: bool,
    /// How many steps comprehensions and calls may still take.
    pub(crate) budget: usize,
    /// That has been spent, and is reported.
    pub(crate) exhausted: bool,
    /// How many comprehensions and calls are under way, whose steps are counted.
    pub(crate) looping: usize,
    /// The calls that are under way.
    pub(crate) calls: Calls,
    /// What the loops under way compute once.
    pub(crate) constants: Constants,
    /// The stage of each layer that the environment stands on; inputs stand above all.
    stages: FxHashMap<Str, u32>,
    /// The types of resources that there are; they are few.
    pub(crate) classes: Vec<Arc<Class>>,
    /// The paths of attributes that were set: thousands of resources share a few.
    paths: FxHashMap<Str, Path>,
    /// The text that is put together.
    pub(crate) text: String,
}

/// What a scope starts with.
pub(crate) struct Seed<'p> {
    layer: LayerId,
    key: Option<Str>,
    tables: Tables<'p>,
    frames: Arc<Vec<Frame>>,
    frame: usize,
    writer: LayerId,
    inputs: FxHashMap<Str, super::inputs::Bound>,
    next_local: u32,
    rehearses: bool,
    conceals: bool,
    budget: usize,
    stages: FxHashMap<Str, u32>,
    found: FxHashMap<Address, Span>,
    classes: Vec<Arc<Class>>,
}

impl<'p> Scope<'p> {
    pub(crate) fn new(exchange: &'p Exchange<'p>, layer: LayerId, table: &'p Table<'p>) -> Self {
        let project = exchange.project;
        let tables = Tables::new(layer, table);
        // A component says what all environments have in common: its stages are the lowest.
        let components = tables.list.iter().map(|node| (node.layer, 0));
        let layers = project.stages(layer).into_iter().zip(1..);
        let layers = layers.flat_map(|(ids, stage)| ids.into_iter().map(move |id| (id, stage)));
        let stages = components
            .chain(layers)
            .map(|(id, stage)| (project.layer(id).name.clone(), stage))
            .collect();
        Self::of(
            exchange,
            Seed {
                layer,
                key: None,
                tables,
                frames: Arc::new(vec![Frame::default()]),
                frame: 0,
                writer: layer,
                inputs: FxHashMap::default(),
                next_local: 0,
                rehearses: false,
                conceals: false,
                budget: super::expression::MAX_STEPS,
                stages,
                found: FxHashMap::default(),
                classes: Vec::new(),
            },
        )
    }

    /// Returns a scope that sees what the seed's scope sees.
    pub(crate) fn of(exchange: &'p Exchange<'p>, seed: Seed<'p>) -> Self {
        let Seed { layer, key, tables, frames, frame, writer, inputs, .. } = seed;
        let Seed { next_local, rehearses, conceals, budget, stages, found, classes, .. } = seed;
        Self {
            project: exchange.project,
            layer,
            key,
            itself: OnceCell::new(),
            world: exchange.world,
            exchange,
            reads: BTreeMap::new(),
            tables,
            frames,
            frame,
            writer,
            inputs,
            locals: Vec::new(),
            beneath: None,
            diagnostics: RefCell::new(Vec::new()),
            notes: Notes::of(found),
            next_local,
            rehearses,
            conceals,
            explores: false,
            budget,
            exhausted: false,
            looping: 0,
            calls: Calls::at(exchange.nesting.get()),
            constants: Constants::default(),
            stages,
            classes,
            paths: FxHashMap::default(),
            text: String::new(),
        }
    }

    /// Begins to evaluate a part of the text of a layer, and to note dependencies.
    pub(crate) fn begin(&mut self, writer: LayerId) {
        self.writer = writer;
        self.notes.begin();
        self.locals.clear();
        self.beneath = None;
    }

    /// Returns the dependencies noted since [`Self::begin`], sorted by address.
    pub(crate) fn finish(&mut self) -> Dependencies {
        self.notes.finish()
    }

    /// Runs a part with dependencies of its own, and returns them with its result; what was noted
    /// before is kept for after.
    pub(crate) fn apart<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> (T, Dependencies) {
        let outer = self.notes.put_aside();
        let result = part(self);
        (result, self.notes.resume(outer))
    }

    /// Runs a part, and returns what it has noted besides noting it.
    pub(crate) fn noting<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> (T, Dependencies) {
        let (result, edges) = self.apart(part);
        self.notes.depend_each(&edges);
        (result, edges)
    }

    /// Runs a part and returns what set the parameters and `let`s that it has used: what the
    /// highest stage set comes first, since that is what makes the environment differ.
    pub(crate) fn traced<T>(&mut self, part: impl FnOnce(&mut Self) -> T) -> (T, Arc<[Origin]>) {
        let outer = self.notes.open();
        let result = part(self);
        (result, self.notes.close(outer, &self.stages))
    }

    /// Returns the path of an attribute as one that all share.
    pub(crate) fn attribute_path(&mut self, name: &Str) -> Path {
        if let Some(known) = self.paths.get(name) {
            return known.clone();
        }
        let path = Path::attribute(name.clone());
        self.paths.insert(name.clone(), path.clone());
        path
    }

    /// Keeps a report, unless it is one of more errors than anybody reads.
    pub(crate) fn report(&self, diagnostic: Diagnostic) {
        let mut all = self.diagnostics.borrow_mut();
        let is_over = all.len() >= MOST && diagnostic.is_error();
        if !is_over || !all.iter().rev().any(Diagnostic::is_error) {
            all.push(self.relocate(diagnostic));
        }
    }

    pub(crate) fn fail<T>(&self, diagnostic: Diagnostic) -> Result<T, Failed> {
        self.report(diagnostic);
        Err(Failed)
    }

    /// Returns the frames, to be changed.
    pub(crate) fn frames_mut(&mut self) -> &mut Vec<Frame> {
        Arc::get_mut(&mut self.frames).expect("invariant: who evaluates beside this has ended")
    }

    /// Returns what a scope on another thread starts with, so that it sees the same.
    pub(crate) fn seed(&self) -> Seed<'p> {
        Seed {
            layer: self.layer,
            key: self.key.clone(),
            tables: self.tables.clone(),
            frames: Arc::clone(&self.frames),
            frame: self.frame,
            writer: self.writer,
            inputs: self.inputs.clone(),
            next_local: self.next_local,
            rehearses: self.rehearses,
            conceals: self.conceals,
            budget: self.budget,
            stages: self.stages.clone(),
            found: self.notes.dependencies().clone(),
            classes: self.classes.clone(),
        }
    }

    /// Returns the members that are seen.
    pub(crate) fn table(&self) -> &'p Table<'p> {
        self.tables.list[self.frames[self.frame].table].table
    }

    /// Returns what has been evaluated of the members that are seen.
    pub(crate) fn value(&self, name: &str) -> Option<&(SlotValue, Dependencies)> {
        self.value_in(self.frame, name)
    }

    /// Returns what has been evaluated of a member of a frame.
    pub(crate) fn value_in(&self, frame: usize, name: &str) -> Option<&(SlotValue, Dependencies)> {
        let at = self.slot_at(frame, name)?;
        self.frames[frame].values.get(at)?.as_ref()
    }

    /// Returns the place of a frame's member in its table.
    pub(crate) fn slot_at(&self, frame: usize, name: &str) -> Option<usize> {
        self.tables.list[self.frames[frame].table].table.slots.get_index_of(name)
    }

    /// Returns the module whose names are seen.
    pub(crate) fn module(&self) -> ModuleId {
        self.project.layer(self.tables.list[self.frames[self.frame].table].layer).module
    }

    /// Returns the frame that is `level` units further out.
    pub(crate) fn around(&self, level: u16) -> usize {
        let mut frame = self.frame;
        for _ in 0..level {
            frame = self.frames[frame].parent.unwrap_or(frame);
        }
        frame
    }

    /// Evaluates what an op says with the names that are seen where it is written.
    pub(crate) fn written<T>(&mut self, op: &Op<'_>, part: impl FnOnce(&mut Self) -> T) -> T {
        let outer_writer = std::mem::replace(&mut self.writer, op.layer);
        let result = if op.level == 0 && op.sees_keys {
            part(self)
        } else {
            let variables = match op.level.checked_sub(1) {
                Some(level) if op.sees_keys => self.frames[self.around(level)].variables.clone(),
                _ => Vec::new(),
            };
            let frame = self.around(op.level);
            let outer_frame = std::mem::replace(&mut self.frame, frame);
            let outer_locals = std::mem::replace(&mut self.locals, variables);
            let result = part(self);
            self.locals = outer_locals;
            self.frame = outer_frame;
            result
        };
        self.writer = outer_writer;
        result
    }

    /// Returns those ops of a slot that are for the instance of the units around it.
    pub(crate) fn own<'a, 's>(&mut self, all: &'a [Op<'s>]) -> Result<Vec<&'a Op<'s>>, Failed> {
        let mut ops = Vec::with_capacity(all.len());
        for op in all {
            let mut applies = true;
            for selector in &op.selectors {
                let value = self.written(op, |scope| scope.expression(selector.key))?;
                let key = &self.frames[self.around(selector.up)].key;
                applies &= super::expression::key_text(&value) == *key;
            }
            if applies {
                ops.push(op);
            }
        }
        Ok(ops)
    }

    /// Returns the type that a member's declaration writes down, secret where it says so.
    pub(crate) fn declared_type(&self, slot: &Slot<'_>) -> Option<Type> {
        let (written, secret) = match slot.kind {
            SlotKind::Param { secret, ty } | SlotKind::Output { secret, ty } => (ty, secret),
            SlotKind::Let { ty } => (ty, false),
            SlotKind::Resource(_) | SlotKind::Unit { .. } | SlotKind::Provider { .. } => {
                (None, false)
            }
        };
        let ty = written.and_then(|ty| self.project.member_types.get(&ty.span)).cloned();
        if secret { Some(ty.unwrap_or(Type::Any).secret()) } else { ty }
    }

    /// Returns the values of the parameters that a condition refers to, for its message.
    pub(crate) fn shown_references(&self, references: &[Reference]) -> Vec<(Str, Value)> {
        let mut shown: Vec<(Str, Value)> = Vec::new();
        for reference in references {
            if let Some((SlotValue::Value { value, .. }, _)) = self.value(&reference.name)
                && !shown.iter().any(|(name, _)| *name == reference.name)
            {
                shown.push((reference.name.clone(), value.clone()));
            }
        }
        shown
    }

    /// Returns a fresh number for a residual's variable.
    pub(crate) const fn fresh_local(&mut self) -> u32 {
        self.next_local += 1;
        self.next_local
    }

    /// Evaluates an expression and fits it to a type.
    pub(crate) fn typed(&mut self, expr: &ast::Expr, ty: &Type) -> Result<Value, Failed> {
        let value = self.expression(expr)?;
        self.fit_at(value, ty, &Site::new(expr.span, Some(expr), None))
    }
}
