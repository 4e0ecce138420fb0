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

mod finals;
mod layers;
mod names;
mod table;
mod types;

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Span, Str, Type};

pub(crate) use names::Reference;
pub(crate) use table::{Op, OpKind, PathStep, Slot, SlotKind, Table};

use crate::syntax::ast;

/// The index of a layer (an environment or an overlay) in a project.
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
    by_name: FxHashMap<Str, LayerId>,
    pub(crate) types: FxHashMap<Str, Type>,
    /// The conditions of refined types, by [`syncline_model::Refinement::id`].
    pub(crate) conditions: Vec<ast::Expr>,
    /// The defaults of record fields, by the ids in [`syncline_model::RecordType::defaults`].
    pub(crate) defaults: Vec<ast::Expr>,
    /// Modules of the standard library under their local names.
    pub(crate) modules: FxHashMap<Str, Str>,
    /// The declared types of members, resolved once: by the type expression's span.
    pub(crate) member_types: FxHashMap<Span, Type>,
}

/// What is known of an environment before it is evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentInfo {
    /// Its name.
    pub name: Str,
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

    /// Returns every environment, in the order of files and in them of lines.
    pub fn environments(&self) -> impl Iterator<Item = EnvironmentInfo> {
        self.layers.iter().filter(|layer| !layer.is_overlay).map(|layer| {
            let name = |id: LayerId| self.layer(id).name.clone();
            EnvironmentInfo {
                name: layer.name.clone(),
                is_abstract: layer.is_abstract,
                extends: layer.parent.map(name),
                with: layer.mixins.iter().copied().map(name).collect(),
                span: self.ast(layer).name.span,
                doc: self.files[layer.file].items[layer.item].doc.clone(),
            }
        })
    }

    /// Returns the environment of that name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<EnvironmentInfo> {
        self.environments().find(|environment| environment.name == name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<LayerId> {
        self.by_name.get(name).copied()
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
    let mut project = Project { files, ..Project::default() };
    let mut diagnostics = Vec::new();
    layers::collect(&mut project, &mut diagnostics);
    types::resolve(&mut project, &mut diagnostics);
    names::collect(&mut project);
    for index in 0..project.layers.len() {
        let id = LayerId(index as u32);
        if project.is_cut(id) {
            continue;
        }
        let (table, found) = Table::check(&project, id);
        diagnostics.extend(found);
        finals::check(&project, &table, &mut diagnostics);
        names::check(&project, id, &table, &mut diagnostics);
    }
    crate::diagnostics::deduplicate(&mut diagnostics);
    (project, diagnostics)
}
