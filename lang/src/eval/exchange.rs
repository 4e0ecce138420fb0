//! What environments read of one another: `network.outputs.vpc_id`.
//!
//! An [`Exchange`] is shared by all evaluations of one run. What is read is typed by the other
//! environment's declaration, for which that environment is evaluated too, once. Its value is what
//! was recorded when it was applied ([`Export`]), which the caller knows; without that it is an
//! unknown that says whose apply it waits for.
//!
//! Laws:
//! * Environments that read one another in a circle are a diagnostic, with every reference of the
//!   circle, in the same order whichever of them is evaluated first.
//! * What is wrong with another environment is told where that one is evaluated, and not here.
//! * What the other environment keeps secret is secret here.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{
    Diagnostic, EnvironmentName, Found, Map, Origin, OutputRead, Path, Residual, Span, Str, Type,
    Unknown, Value,
};

use super::files::{Content, FileProblem};
use super::listing::FolderEntry;
use super::scope::{Failed, Scope};
use super::{Evaluated, Inputs, World, collect, inside};
use crate::diagnostics::{environment_circle, too_large, unknown_output};
use crate::ops::replace_unknown;
use crate::resolve::{Project, SlotKind};
use crate::syntax::ast::Ident;

/// What an environment is known to give to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// Who says so, as people know it: `run 37`, or `planned`.
    pub source: Str,
    /// The outputs; what is unknown in them waits for that environment's apply.
    pub values: BTreeMap<Str, Value>,
    /// They stand whatever the source says: a test says so.
    pub prevails: bool,
}

/// What listing a folder came to.
type Listing = Result<Arc<[FolderEntry]>, FileProblem>;

/// How many environments may be under evaluation within one another.
const MAX_CHAIN: usize = 32;

/// How many nested expressions an evaluation within another one counts for.
const COST: usize = 16;

/// What one environment's source offers to others, by name.
type Offer = BTreeMap<Str, Offered>;

/// An output, as the source has it.
#[derive(Debug)]
struct Offered {
    /// Absent when it cannot be evaluated, which is told elsewhere.
    value: Option<Value>,
    declared: Option<Type>,
    origin: Origin,
}

/// What all evaluations of a run share.
pub(crate) struct Exchange<'a> {
    pub(crate) project: &'a Project,
    pub(crate) inputs: &'a Inputs,
    pub(crate) world: &'a dyn World,
    /// The environments that are planned or applied together: of these the source counts.
    together: &'a [String],
    /// Which resources there are may wait for another environment's apply, or for a data source.
    pub(super) is_lenient: bool,
    /// The files that were read, each once.
    files: RefCell<FxHashMap<Str, Content>>,
    /// The folders that were listed, each once.
    folders: RefCell<FxHashMap<Str, Listing>>,
    offers: RefCell<FxHashMap<Str, Rc<Offer>>>,
    /// The environments under evaluation, each with the reference that leads to the next.
    path: RefCell<Vec<(Str, Option<Span>)>>,
    /// How deep expressions are nested where the innermost evaluation begins.
    pub(crate) nesting: Cell<usize>,
    found: RefCell<Vec<Diagnostic>>,
}

/// What an exchange on another thread starts with.
#[derive(Clone, Copy)]
pub(crate) struct Seed<'a> {
    project: &'a Project,
    inputs: &'a Inputs,
    world: &'a dyn World,
    together: &'a [String],
    is_lenient: bool,
    /// How deep expressions are nested already.
    nesting: usize,
}

impl<'a> Exchange<'a> {
    /// Returns an exchange that has read nothing yet.
    pub(crate) fn of(seed: Seed<'a>) -> Self {
        let Seed { project, inputs, world, together, is_lenient, nesting } = seed;
        let nesting = Cell::new(nesting);
        Self { together, is_lenient, nesting, ..Self::new(project, inputs, world) }
    }

    /// Returns what an exchange on another thread starts with.
    pub(crate) fn seed(&self, nesting: usize) -> Seed<'a> {
        let Self { project, inputs, world, together, is_lenient, .. } = *self;
        Seed { project, inputs, world, together, is_lenient, nesting }
    }

    pub(crate) fn new(project: &'a Project, inputs: &'a Inputs, world: &'a dyn World) -> Self {
        crate::near::restart();
        Self {
            project,
            inputs,
            world,
            together: &[],
            is_lenient: false,
            files: RefCell::default(),
            folders: RefCell::default(),
            offers: RefCell::default(),
            path: RefCell::default(),
            nesting: Cell::new(0),
            found: RefCell::default(),
        }
    }

    /// Takes environments for planned together.
    pub(crate) fn with(mut self, together: &'a [String]) -> Self {
        self.together = together;
        self
    }

    /// Lets keys and conditions wait for other environments and for data sources: what is only checked needs no apply,
    /// and no provider is asked.
    pub(crate) fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// Returns what a file of the project holds.
    pub(super) fn file(&self, path: &Str) -> Content {
        let mut files = self.files.borrow_mut();
        files.entry(path.clone()).or_insert_with(|| self.world.file(path)).clone()
    }

    /// Returns what lies in a folder of the project.
    pub(super) fn folder(&self, path: &Str) -> Listing {
        let mut folders = self.folders.borrow_mut();
        folders.entry(path.clone()).or_insert_with(|| self.world.folder(path)).clone()
    }

    /// Notes that an environment is under evaluation.
    pub(super) fn enter(&self, environment: &str) {
        self.path.borrow_mut().push((environment.into(), None));
    }

    /// Notes that the innermost evaluation has ended; at the outermost one's end what was found
    /// wrong between environments is handed out.
    pub(super) fn leave(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut path = self.path.borrow_mut();
        path.pop();
        if path.is_empty() {
            diagnostics.append(&mut self.found.borrow_mut());
        }
    }

    /// Keeps what an environment offers, which was evaluated for its own sake.
    pub(super) fn keep(&self, environment: &str, scope: &Scope<'_>, evaluated: &Evaluated) {
        if !self.offers.borrow().contains_key(environment) {
            let offer = offer(scope, evaluated);
            self.offers.borrow_mut().insert(environment.into(), Rc::new(offer));
        }
    }

    /// Returns what an environment offers.
    fn offer(&self, environment: &str, span: Span, nesting: usize) -> Result<Rc<Offer>, Failed> {
        if let Some(offer) = self.offers.borrow().get(environment) {
            return Ok(Rc::clone(offer));
        }
        if let Some(last) = self.path.borrow_mut().last_mut() {
            last.1 = Some(span);
        }
        let path = self.path.borrow();
        if let Some(at) = path.iter().position(|(own, _)| own == environment) {
            self.found.borrow_mut().push(environment_circle::diagnostic(&path[at..]));
            return Err(Failed);
        }
        if path.len() >= MAX_CHAIN {
            self.found.borrow_mut().push(too_large::chain(span, MAX_CHAIN));
            return Err(Failed);
        }
        drop(path);
        let outer = self.nesting.replace(nesting + COST);
        let (offer, _told_elsewhere) = inside(self, environment, |scope| {
            let evaluated = collect(scope);
            Some(offer(scope, &evaluated))
        });
        self.nesting.set(outer);
        let offer = Rc::new(offer.unwrap_or_default());
        self.offers.borrow_mut().insert(environment.into(), Rc::clone(&offer));
        Ok(offer)
    }
}

fn offer(scope: &Scope<'_>, evaluated: &Evaluated) -> Offer {
    let slots = scope.tables.list[0].table.slots.values();
    let outputs = slots.filter(|slot| matches!(slot.kind, SlotKind::Output { .. }));
    let all = &evaluated.desired.outputs;
    let of = |name: &Str| {
        let at = all.binary_search_by(|own| own.name.cmp(name)).ok()?;
        Some(&all[at])
    };
    outputs
        .map(|slot| {
            let found = of(&slot.name.name);
            let overlay = scope.project.layer(slot.layer).name.clone();
            let origin = match found {
                Some(output) => Origin::new(output.origin.overlay.clone(), output.origin.span),
                None => Origin::new(overlay, slot.member.span),
            };
            let offered = Offered {
                value: found.map(|output| output.value.clone()),
                declared: scope.declared_type(slot),
                origin,
            };
            (slot.name.name.clone(), offered)
        })
        .collect()
}

impl Scope<'_> {
    /// Returns an output of another environment.
    pub(crate) fn output_of(
        &mut self,
        environment: &Str,
        name: &Ident,
        span: Span,
    ) -> Result<Value, Failed> {
        let offer = self.exchange.offer(environment, span, self.calls.nesting())?;
        let Some(offered) = offer.get(&name.name) else {
            // What it inherits cannot be told, which is reported.
            let found = self.project.find_instance(environment);
            if found.is_some_and(|(id, _)| self.project.is_cut(id)) {
                return Err(Failed);
            }
            let known = offer.keys().map(Str::as_str);
            return self.fail(unknown_output::diagnostic(environment, name, known));
        };
        Ok(self.taken(environment, &name.name, offered, span))
    }

    /// Returns all outputs of another environment.
    pub(crate) fn outputs_of(&mut self, environment: &Str, span: Span) -> Result<Value, Failed> {
        let offer = self.exchange.offer(environment, span, self.calls.nesting())?;
        let outputs = offer.iter();
        let outputs =
            outputs.map(|(name, own)| (name.clone(), self.taken(environment, name, own, span)));
        Ok(outputs.collect::<Map>().into())
    }

    /// Takes an output: its value where one is recorded that fits, else what waits for it.
    fn taken(&mut self, environment: &Str, name: &Str, offered: &Offered, span: Span) -> Value {
        let inferred = || offered.value.as_ref().map_or(Type::Any, crate::ops::type_of);
        // `secret output` without a type says nothing of the type.
        let declared = offered.declared.as_ref().filter(|ty| *ty.bare() != Type::Any);
        let ty = declared.cloned().unwrap_or_else(inferred);
        let owner = EnvironmentName(environment.clone());
        let export = self.exchange.inputs.exports.get(environment);
        let recorded = export.and_then(|export| export.values.get(name));
        let recorded = recorded.and_then(|value| {
            let declared = declared.unwrap_or(&Type::Any);
            self.fits(far(value, (&owner, name)), declared, span)
        });
        let together = self.exchange.together.iter().any(|own| own == environment);
        let planned = offered.value.as_ref().filter(|own| {
            let differs = || own.is_known() && Some(*own) != recorded.as_ref();
            let prevails = export.is_some_and(|export| export.prevails);
            together && (recorded.is_none() || !prevails && differs())
        });
        let is_planned = planned.is_some();
        let planned = planned.map(|own| far(own, (&owner, name)));
        let recorded = planned.or(recorded);
        let found = match (&recorded, &offered.value) {
            (None, _) => Found::Nothing,
            (Some(value), _) if value.is_unknown() => Found::Nothing,
            (Some(value), Some(own)) if own.is_known() && own.reveal() != value.reveal() => {
                Found::Outdated
            }
            (Some(_), _) => Found::Known,
        };
        let by = match export {
            _ if is_planned => format!("{environment}, planned"),
            Some(export) if recorded.is_some() => format!("{environment}, {}", export.source),
            _ => environment.to_string(),
        };
        let source = self.notes.source(&[Origin::new(by.into(), offered.origin.span)]);
        self.notes.trace(&source);
        let read = OutputRead { environment: owner.clone(), name: name.clone(), span, found };
        self.reads.entry((environment.clone(), name.clone())).or_insert(read);
        let secret = offered.declared.as_ref().is_some_and(Type::is_secret);
        let secret = secret || offered.value.as_ref().is_some_and(Value::is_secret);
        let value = recorded.unwrap_or_else(|| waiting(ty, (&owner, name), &Path::default()));
        if secret { Value::secret(value) } else { value }
    }

    /// Tells whether a key or a condition may be unknown here.
    pub(crate) fn may_wait(&self, value: &Value) -> bool {
        let (mut addresses, mut outputs) = (Vec::new(), Vec::new());
        value.waits_for(&mut addresses);
        value.waits_for_outputs(&mut outputs);
        let for_others = addresses.is_empty() && !outputs.is_empty();
        self.rehearses || self.exchange.is_lenient && (for_others || self.waits_for_data(value))
    }

    /// Fits a value to a type, without a word where it does not.
    fn fits(&mut self, value: Value, ty: &Type, span: Span) -> Option<Value> {
        let before = self.diagnostics.borrow().len();
        let fitted = self.fit(value, ty, span, None).ok();
        self.diagnostics.borrow_mut().truncate(before);
        fitted
    }
}

fn waiting(ty: Type, (environment, name): (&EnvironmentName, &Str), path: &Path) -> Value {
    let (environment, name) = (environment.clone(), name.clone());
    let residual = Residual::Output { environment, name, path: path.clone() };
    Value::Unknown(Arc::new(Unknown { ty, residual }))
}

/// Returns a value as another environment sees it: what is unknown in it waits for this one's apply.
fn far(value: &Value, output: (&EnvironmentName, &Str)) -> Value {
    replace_unknown(value, &Path::default(), &|unknown, path| {
        waiting(unknown.ty.clone(), output, path)
    })
}
