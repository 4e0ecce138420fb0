//! Everything that is known of a project at one moment.
//!
//! Takes the sources, the inputs and the world's schemas; returns an [`Analysis`] with the resolved
//! project, its diagnostics and whatever of each environment could be evaluated. It never changes
//! afterwards, so it can be read from any thread while the next one is made.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use syncline_model::{
    Address, DesiredOutput, DesiredResource, Diagnostic, FileId, Mode, Origin, ResourceSchema,
    Sources, Span, Str, Type, Value,
};

use super::cursor::Cursor;
use crate::eval::{Evaluated, EvaluatedMember, Inputs, World};
use crate::resolve::{LayerId, ModuleId, Project};
use crate::syntax::ast::{self, Ident, MemberKind};

/// A world that several threads may ask.
pub type SharedWorld = Arc<dyn World + Send>;

/// Everything that is known of a project at one moment.
pub struct Analysis {
    /// The sources that were looked at.
    pub sources: Sources,
    /// What they declare.
    pub project: Project,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What could be made of each environment, in the order of declaration.
    pub environments: Vec<(Str, Evaluated)>,
    pub(super) world: SharedWorld,
    /// For each layer, what it declares itself: the index of the member.
    own: Vec<FxHashMap<Str, usize>>,
    /// The layers by the places of their names.
    layers: FxHashMap<Span, LayerId>,
}

impl std::fmt::Debug for Analysis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analysis")
            .field("diagnostics", &self.diagnostics.len())
            .finish_non_exhaustive()
    }
}

/// A member and the layer that declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) layer: LayerId,
    pub(super) member: usize,
}

/// What a member is in one environment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    /// A parameter or a `let`.
    Member(&'a EvaluatedMember),
    Output(&'a DesiredOutput),
    /// The instances of a resource.
    Resources(&'a [DesiredResource]),
}

impl<'a> Found<'a> {
    /// Returns the one value that there is.
    pub(super) const fn value(&self) -> Option<&'a Value> {
        match self {
            Self::Member(member) => Some(&member.value),
            Self::Output(output) => Some(&output.value),
            Self::Resources(_) => None,
        }
    }

    /// Returns what set the value, the oldest first.
    pub(super) fn origins(&self) -> &'a [Origin] {
        match self {
            Self::Member(member) => &member.origins,
            Self::Output(output) => std::slice::from_ref(&output.origin),
            Self::Resources(_) => &[],
        }
    }
}

impl Analysis {
    /// Analyses a project; `go_on` is asked now and then, and `None` returns when it says no.
    #[must_use]
    pub fn new(
        sources: Sources,
        inputs: &Inputs,
        world: SharedWorld,
        go_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let mut diagnostics = Vec::new();
        let mut files = Vec::new();
        for (id, source) in sources.iter() {
            let (mut file, found) = crate::syntax::parse(id, &source.text);
            file.folder = source.name.rsplit_once('/').map_or("", |(folder, _)| folder).into();
            files.push(file);
            diagnostics.extend(found);
            if !go_on() {
                return None;
            }
        }
        Self::of_files(sources, files, diagnostics, inputs, world, go_on)
    }

    /// Analyses what is parsed already; `diagnostics` are those of the syntax.
    #[must_use]
    pub fn of_files(
        sources: Sources,
        files: Vec<ast::File>,
        mut diagnostics: Vec<Diagnostic>,
        inputs: &Inputs,
        world: SharedWorld,
        go_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let (project, found) = crate::resolve(files);
        diagnostics.extend(found);
        if !go_on() {
            return None;
        }
        let mut environments = Vec::new();
        let found =
            crate::check::examine(&project, inputs, world.as_ref(), &mut |name, evaluated| {
                environments.push((name, evaluated));
                go_on()
            });
        if !go_on() {
            return None;
        }
        diagnostics.extend(found);
        crate::diagnostics::deduplicate(&mut diagnostics);
        let own = project.layers.iter().map(|layer| declared_by(project.ast(layer))).collect();
        let ids = (0..project.layers.len()).map(|at| LayerId(at as u32));
        let layers = ids.map(|id| (project.ast(project.layer(id)).name.span, id)).collect();
        Some(Self { sources, project, diagnostics, environments, world, own, layers })
    }

    /// Returns the file of that name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<FileId> {
        self.sources.iter().find(|(_, source)| source.name == name).map(|(id, _)| id)
    }

    pub(super) fn tree(&self, file: FileId) -> Option<&ast::File> {
        self.project.files().iter().find(|tree| tree.id == file)
    }

    /// Returns the layers that one stands on and itself, the lowest first.
    pub(super) fn line(&self, layer: LayerId) -> Vec<LayerId> {
        self.project.stages(layer).into_iter().flatten().collect()
    }

    /// Finds the layer whose members are seen in a declaration: for a test, its environment.
    pub(super) fn layer(&self, layer: &ast::Layer) -> Option<LayerId> {
        match &layer.kind {
            ast::LayerKind::Test => self.project.find_environment(tested(layer)?),
            ast::LayerKind::Environment { .. }
            | ast::LayerKind::Overlay { .. }
            | ast::LayerKind::Component => self.layers.get(&layer.name.span).copied(),
        }
    }

    /// Finds the layer that a cursor is in.
    pub(super) fn layer_around(&self, cursor: &Cursor<'_>) -> Option<LayerId> {
        let name = cursor.layer?;
        if cursor.item == Some("test") {
            return self.project.find_environment(name);
        }
        if cursor.item == Some("component") {
            let module = self.project.module(self.module_around(cursor));
            return module.components.get(name).copied();
        }
        self.project.find(name)
    }

    /// Returns the module of the file that a cursor is in.
    pub(super) fn module_around(&self, cursor: &Cursor<'_>) -> ModuleId {
        let folder = cursor.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.project.module_of_folder(folder)
    }

    /// Finds who declares a name that is used in a layer.
    pub(super) fn declared(&self, layer: LayerId, name: &str) -> Option<Declared> {
        self.line(layer).into_iter().find_map(|layer| {
            let member = *self.own[layer.0 as usize].get(name)?;
            Some(Declared { layer, member })
        })
    }

    /// Returns every member that a layer sees, in no order.
    pub(super) fn visible(&self, layer: LayerId) -> impl Iterator<Item = (&Str, Declared)> {
        self.line(layer).into_iter().flat_map(|layer| {
            let own = &self.own[layer.0 as usize];
            own.iter().map(move |(name, member)| (name, Declared { layer, member: *member }))
        })
    }

    pub(super) fn member(&self, declared: Declared) -> Option<&ast::Member> {
        self.project
            .ast(self.project.layer(declared.layer))
            .members
            .get(declared.member)
            .map(|own| &**own)
    }

    /// Returns what a member is in each environment that has it.
    pub(super) fn found(&self, declared: Declared, name: &str) -> Vec<(&Str, Found<'_>)> {
        let has = |environment: &Str| {
            let found = self.project.find_instance(environment);
            found.and_then(|(id, _)| self.declared(id, name)) == Some(declared)
        };
        let environments = self.environments.iter().filter(|(environment, _)| has(environment));
        environments
            .filter_map(|(environment, evaluated)| Some((environment, find(evaluated, name)?)))
            .collect()
    }

    /// Returns the type of a parameter, a `let` or an output: the written one, or that of a value.
    pub(super) fn type_of(&self, declared: Declared, name: &str) -> Option<Type> {
        let member = self.member(declared)?;
        if let Some(ty) = crate::resolve::written_type(member)
            && let Some(ty) = self.project.member_types.get(&ty.span)
        {
            return Some(ty.clone());
        }
        let found = self.found(declared, name);
        found.iter().find_map(|(_, found)| found.value()).map(crate::ops::type_of)
    }

    /// Returns the names of the providers whose types are used, each once, sorted.
    pub(super) fn used_providers(&self) -> Vec<Str> {
        let layers = self.project.layers.iter().map(|layer| self.project.ast(layer));
        let mut names: Vec<Str> = layers
            .flat_map(|layer| &layer.members)
            .filter_map(|member| {
                let MemberKind::Resource(resource) = &member.kind else { return None };
                resource.type_name.first().map(|own| own.name.clone())
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Returns the schema of a resource's or data source's type.
    pub(super) fn schema(&self, resource: &ast::Resource) -> Option<Arc<ResourceSchema>> {
        let (provider, kind) = resource.type_name.split_first()?;
        let kind: Vec<&str> = kind.iter().map(|part| part.name.as_str()).collect();
        self.schema_of(&provider.name, &kind.join("."), resource.mode)
    }

    /// Returns the schema of a type by its names.
    pub(super) fn schema_of(
        &self,
        provider: &str,
        kind: &str,
        mode: Mode,
    ) -> Option<Arc<ResourceSchema>> {
        self.world.schema(provider)?.get(mode, kind).cloned()
    }

    /// Returns where a place is, as people read it: `main.sync:12`.
    pub(super) fn shown_place(&self, span: Span, overlay: &Str) -> String {
        self.sources.place(span, overlay).map_or_else(String::new, |place| place.to_string())
    }
}

/// Returns the environment that a test is about.
fn tested(test: &ast::Layer) -> Option<&str> {
    test.members.iter().find_map(|member| {
        let MemberKind::Amend(amend) = &member.kind else { return None };
        let ast::AmendOp::Set(value) = &amend.op else { return None };
        let is_named = amend.target.name.name == "environment" && amend.target.steps.is_empty();
        let callee =
            if let ast::ExprKind::Call { callee, .. } = &value.kind { callee } else { value };
        is_named.then(|| super::navigate::root(callee)).flatten()
    })
}

/// Returns the name that a member declares.
pub(super) fn declares(member: &ast::Member) -> Option<&Ident> {
    match &member.kind {
        MemberKind::Param { name, .. }
        | MemberKind::Let { name, .. }
        | MemberKind::Output { name, .. } => Some(name),
        MemberKind::Resource(resource) => Some(&resource.name),
        MemberKind::Unit(unit) => Some(&unit.name),
        MemberKind::Provider { name, alias, .. } => Some(alias.as_deref().unwrap_or(name)),
        MemberKind::Ensure { .. }
        | MemberKind::Remove { .. }
        | MemberKind::Moved { .. }
        | MemberKind::Forget { .. }
        | MemberKind::Expect { .. }
        | MemberKind::Adopt { .. }
        | MemberKind::Amend(_) => None,
    }
}

fn declared_by(layer: &ast::Layer) -> FxHashMap<Str, usize> {
    let members = layer.members.iter().enumerate();
    members.filter_map(|(at, member)| Some((declares(member)?.name.clone(), at))).collect()
}

/// Finds a member in an evaluated environment.
fn find<'a>(evaluated: &'a Evaluated, name: &str) -> Option<Found<'a>> {
    for members in [&evaluated.params, &evaluated.lets] {
        if let Ok(at) = members.binary_search_by(|member| member.name.as_str().cmp(name)) {
            return Some(Found::Member(&members[at]));
        }
    }
    let outputs = &evaluated.desired.outputs;
    if let Ok(at) = outputs.binary_search_by(|output| output.name.as_str().cmp(name)) {
        return Some(Found::Output(&outputs[at]));
    }
    let resources = &evaluated.desired.resources;
    let single = Address::member(&name.into());
    let start = match resources.binary_search_by(|resource| resource.address.cmp(&single)) {
        Ok(at) => return Some(Found::Resources(&resources[at..=at])),
        Err(_) => {
            let prefix = format!("{name}/");
            resources.partition_point(|resource| resource.address.as_str() < prefix.as_str())
        }
    };
    let count = resources[start..].iter().take_while(|own| own.address.group() == name).count();
    (count > 0).then(|| Found::Resources(&resources[start..start + count]))
}
