//! Syntax trees to a project: who stands on whom, and what every name means.
//!
//! Takes the trees of all files and returns a [`Project`] with every diagnostic that needs no
//! provider: names that nothing declares, amendments of nothing, finals that are overridden,
//! inheritance that goes in circles. It evaluates nothing and looks up no schema.
//!
//! Laws of overlays (the whole rule, for environments and mixins alike):
//! * The *stages* of an environment are those of its parent, then its mixins as one stage of
//!   siblings, then itself. A later stage wins over an earlier one.
//! * Within a stage of siblings nobody wins: what two siblings change differently is a conflict,
//!   unless a later stage sets it anew.
//! * A keyword declares: its name must be new to every stage. A bare name amends: its name must
//!   have been declared by a stage below, or by the same body.

mod builder;
mod finals;
mod functions;
mod handovers;
mod layers;
mod modules;
mod names;
mod table;
mod twice;
mod types;

use rustc_hash::{FxHashMap, FxHashSet};
use syncline_model::{Address, Diagnostic, Span, Str, Type};

pub(crate) use functions::{FunctionId, OwnFunction};
pub(crate) use layers::has_sound_keys;
pub(crate) use modules::{Module, ModuleId, Named};
pub use modules::{below, imports};
pub(crate) use names::{Reference, is_closed};
pub(crate) use table::{Ensure, Op, OpKind, PathStep, Saying, Slot, SlotKind, Table};
pub(crate) use types::written_type;

use crate::syntax::ast;

/// The index of a layer (an environment, an overlay or a component) in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LayerId(pub(crate) u32);

/// A layer with what it stands on.
#[derive(Clone, Debug)]
pub(crate) struct LayerInfo {
    pub(crate) name: Str,
    pub(crate) parent: Option<LayerId>,
    pub(crate) mixins: Vec<LayerId>,
    pub(crate) is_overlay: bool,
    pub(crate) is_abstract: bool,
    /// A component counts as abstract: only units make it concrete.
    pub(crate) is_component: bool,
    /// The module whose names it sees.
    pub(crate) module: ModuleId,
    /// The keys of an environment that has some: there is one environment for each.
    pub(crate) keys: Option<Vec<Str>>,
    /// Something that it stands on does not exist: what it inherits cannot be told.
    pub(crate) is_cut: bool,
    /// The file and the item in it.
    file: usize,
    item: usize,
    /// What each member refers to, in the order of members.
    pub(crate) references: Vec<Box<[Reference]>>,
}

/// A project whose names are resolved.
#[derive(Debug, Default)]
pub struct Project {
    files: Vec<ast::File>,
    name: Option<Str>,
    settings: Vec<ast::MapEntry>,
    pub(crate) layers: Vec<LayerInfo>,
    /// The tests, by file and item.
    tests: Vec<(usize, usize)>,
    by_name: FxHashMap<Str, LayerId>,
    pub(crate) types: FxHashMap<(ModuleId, Str), Type>,
    /// The conditions of refined types, by [`syncline_model::Refinement::id`].
    pub(crate) conditions: Vec<ast::Expr>,
    /// The defaults of record fields, by the ids in [`syncline_model::RecordType::defaults`].
    pub(crate) defaults: Vec<ast::Expr>,
    /// The project's own folder, and those that it uses.
    pub(crate) modules: Vec<Module>,
    pub(crate) functions: Vec<OwnFunction>,
    /// The declared types of members and of functions' parameters, resolved once: by the type expression's span.
    pub(crate) member_types: FxHashMap<Span, Type>,
    /// Those type expressions with which something is wrong, which is reported: what they say is not known.
    pub(crate) broken_types: FxHashSet<Span>,
}

/// What is known of an environment before it is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentInfo {
    /// Its name; that of one of a keyed environment is `prod/eu-west-1`.
    pub name: Str,
    /// The name without the key.
    pub group: Str,
    /// Only others extend it.
    pub is_abstract: bool,
    /// What it extends.
    pub extends: Option<Str>,
    /// The overlays that it stands on.
    pub with: Vec<Str>,
    /// Where its name is declared.
    pub span: Span,
    /// The `///` text above it.
    pub doc: Str,
}

impl Project {
    /// Returns the project's name, when a `project` block gives one.
    #[must_use]
    pub const fn name(&self) -> Option<&Str> {
        self.name.as_ref()
    }

    /// Tells whether anything may read what an environment gives to others.
    pub(crate) fn reads_across(&self) -> bool {
        let members = self.layers.iter().flat_map(|layer| &layer.references);
        members.flatten().any(|reference| {
            let named = self.by_name.get(&reference.name);
            named.is_some_and(|id| !self.layer(*id).is_overlay)
        })
    }

    /// Returns the entries of the `project` block, as written.
    #[must_use]
    pub fn settings(&self) -> &[ast::MapEntry] {
        &self.settings
    }

    /// Returns the syntax trees, in the order in which they were given.
    #[must_use]
    pub fn files(&self) -> &[ast::File] {
        &self.files
    }

    /// Returns every test, in the order of files and in them of lines.
    pub fn tests(&self) -> impl Iterator<Item = &ast::Layer> {
        self.tests.iter().filter_map(|(file, item)| match &self.files[*file].items[*item].kind {
            ast::ItemKind::Layer(layer) => Some(layer),
            ast::ItemKind::Project { .. }
            | ast::ItemKind::Use { .. }
            | ast::ItemKind::Import { .. }
            | ast::ItemKind::Type { .. }
            | ast::ItemKind::Function(_) => None,
        })
    }

    /// Returns every environment, in the order of files and in them of lines; one for each key of
    /// a keyed one.
    pub fn environments(&self) -> impl Iterator<Item = EnvironmentInfo> {
        let layers = self.layers.iter().filter(|layer| !layer.is_overlay && !layer.is_component);
        layers
            .flat_map(|layer| {
                let one = std::slice::from_ref(&layer.name);
                let keys = layer.keys.as_deref();
                keys.unwrap_or(one).iter().map(move |key| match keys {
                    Some(_) => (layer, Address::instance(&layer.name, key).into()),
                    None => (layer, layer.name.clone()),
                })
            })
            .map(|(layer, name): (&LayerInfo, Str)| {
                let group = layer.name.clone();
                let name_of = |id: LayerId| self.layer(id).name.clone();
                EnvironmentInfo {
                    name,
                    group,
                    is_abstract: layer.is_abstract,
                    extends: layer.parent.map(name_of),
                    with: layer.mixins.iter().copied().map(name_of).collect(),
                    span: self.ast(layer).name.span,
                    doc: self.files[layer.file].items[layer.item].doc.clone(),
                }
            })
    }

    /// Returns the `///` text above a layer.
    pub(crate) fn layer_doc(&self, id: LayerId) -> Str {
        let layer = self.layer(id);
        self.files[layer.file].items[layer.item].doc.clone()
    }

    /// Returns the environment of that name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<EnvironmentInfo> {
        self.environments().find(|environment| environment.name == name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<LayerId> {
        self.by_name.get(name).copied()
    }

    /// Finds an environment, abstract or not, with keys or without.
    pub(crate) fn find_environment(&self, name: &str) -> Option<LayerId> {
        let id = self.find(name)?;
        let layer = self.layer(id);
        (!layer.is_overlay && !layer.is_component).then_some(id)
    }

    /// Returns the names of the outputs that an environment declares or inherits.
    pub(crate) fn outputs_of(&self, id: LayerId) -> Vec<&str> {
        let layers = self.stages(id).into_iter().flatten();
        let members = layers.flat_map(|layer| &self.ast(self.layer(layer)).members);
        let outputs = members.filter_map(|member| {
            let ast::MemberKind::Output { name, .. } = &member.kind else { return None };
            Some(name.name.as_str())
        });
        outputs.collect()
    }

    /// Returns the environments that an environment may read outputs of, by all the names in it: at
    /// least those that it does read; of one with keys, all.
    #[must_use]
    pub fn may_read(&self, environment: &str) -> Vec<Str> {
        let Some((id, _)) = self.find_instance(environment) else { return Vec::new() };
        let layers = self.stages(id).into_iter().flatten();
        let references = layers.flat_map(|id| self.layer(id).references.iter().flatten());
        let others =
            references.filter_map(|own| Some(self.layer(self.find_environment(&own.name)?)));
        let mut names: Vec<Str> = others
            .filter(|layer| !layer.is_abstract)
            .flat_map(|layer| match &layer.keys {
                Some(keys) => {
                    keys.iter().map(|key| Address::instance(&layer.name, key).into()).collect()
                }
                None => vec![layer.name.clone()],
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Finds a layer, and for an environment with keys which of them, by the full name.
    pub(crate) fn find_instance(&self, name: &str) -> Option<(LayerId, Option<Str>)> {
        let (group, key) = match name.split_once('/') {
            Some((group, _)) => (group, Address::parse(name).ok()?.key()),
            None => (name, None),
        };
        let id = self.find(group)?;
        let fits = match (&self.layer(id).keys, &key) {
            (Some(keys), Some(key)) => keys.contains(key),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        fits.then_some((id, key))
    }

    pub(crate) fn layer(&self, id: LayerId) -> &LayerInfo {
        &self.layers[id.0 as usize]
    }

    pub(crate) fn ast(&self, layer: &LayerInfo) -> &ast::Layer {
        if let ast::ItemKind::Layer(layer) = &self.files[layer.file].items[layer.item].kind {
            layer
        } else {
            unreachable!("invariant: a layer's item is a layer")
        }
    }

    /// Tells whether something that a layer stands on does not exist, which has been reported: what
    /// else is wrong with it would only follow from that.
    pub(crate) fn is_cut(&self, id: LayerId) -> bool {
        self.stages(id).into_iter().flatten().any(|id| self.layer(id).is_cut)
    }

    /// Returns the stages of a layer, the lowest first; siblings share a stage. An overlay's are
    /// those of its target and itself.
    pub(crate) fn stages(&self, id: LayerId) -> Vec<Vec<LayerId>> {
        let mut line = vec![id];
        while let Some(parent) = self.layer(line[line.len() - 1]).parent {
            line.push(parent);
        }
        let mut stages = Vec::new();
        for id in line.into_iter().rev() {
            let mixins = &self.layer(id).mixins;
            if !mixins.is_empty() {
                stages.push(mixins.clone());
            }
            stages.push(vec![id]);
        }
        stages
    }
}

/// Resolves all files of a project.
#[must_use]
pub fn resolve(files: Vec<ast::File>) -> (Project, Vec<Diagnostic>) {
    crate::near::restart();
    let mut project = Project { files, ..Project::default() };
    let mut diagnostics = Vec::new();
    layers::collect(&mut project, &mut diagnostics);
    types::resolve(&mut project, &mut diagnostics);
    functions::collect(&mut project, &mut diagnostics);
    names::collect(&mut project);
    for index in 0..project.layers.len() {
        let id = LayerId(index as u32);
        twice::check(project.ast(project.layer(id)), &mut diagnostics);
        if project.is_cut(id) {
            continue;
        }
        let (table, found) = Table::check(&project, id);
        diagnostics.extend(found);
        finals::check(&project, &table, &mut diagnostics);
        names::check(&project, id, &table, &mut diagnostics);
        handovers::check(id, &table, &mut diagnostics);
    }
    crate::diagnostics::deduplicate(&mut diagnostics);
    (project, diagnostics)
}
