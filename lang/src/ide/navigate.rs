//! Where a name is declared, changed and used.
//!
//! Takes an analysis of exactly the text that the editor shows: places are those of its sources.
//!
//! Law: a name in an overlay stands for what the layers below declare: `replicas` in `prod` is the
//! `replicas` of `base`. So go to definition leads to the declaration first, and then to every overlay
//! that changes it, in the order of files.

use syncline_model::{FileId, Span, Str};

use super::analysis::{Analysis, Declared};
use super::occurrence::{Occurrence, Owner, Role};
use super::reach::Reach;
use super::subject::Subject;
use super::walk::walk;
use crate::resolve::{FunctionId, LayerId, ModuleId};
use crate::syntax::ast::{Expr, ExprKind, ItemKind, MapEntry, MapKey, MemberKind};

/// A place in the source, with what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name itself.
    pub span: Span,
    /// The whole of what it declares or changes.
    pub whole: Span,
}

/// What a name stands for: the same thing wherever it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    Layer(LayerId),
    Type(ModuleId, Str),
    Module(ModuleId, Str),
    Function(ModuleId, Str),
    Member(Declared, Str),
    /// A field, by where it is declared: in a type, or in the record that a `let` is.
    Field(Span),
    /// A provider that the project names.
    Provider(Str),
    Local(Span),
}

/// Returns where the name at an offset is declared, and every overlay that changes it.
#[must_use]
pub fn definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Location> {
    if let Some(folder) = analysis.brought_in_at(file, offset) {
        return analysis.starts(folder);
    }
    let Some((entity, _)) = analysis.entity_at(file, offset) else { return Vec::new() };
    let mut found = Vec::new();
    let mut changes = Vec::new();
    analysis.each(&entity, &mut |occurrence| match occurrence.role {
        _ if matches!(entity, Entity::Field(_)) => {
            if entity == Entity::Field(occurrence.span) {
                found.push(analysis.location(occurrence.span));
            }
        }
        Role::LayerDeclared
        | Role::TypeDeclared
        | Role::ModuleDeclared
        | Role::FunctionDeclared
        | Role::ProviderDeclared
        | Role::Declared => {
            found.push(analysis.location(occurrence.span));
        }
        Role::Local(bound) if bound == occurrence.span => {
            found.push(Location { span: bound, whole: bound });
        }
        Role::Amended | Role::Part(_) => changes.push(analysis.location(occurrence.span)),
        Role::Layer
        | Role::Type
        | Role::TypeOf(_)
        | Role::Alias
        | Role::ModulePath
        | Role::Name
        | Role::Called
        | Role::Local(_)
        | Role::Access(..)
        | Role::ResourceType
        | Role::ProviderOfType
        | Role::Provider
        | Role::Offered
        | Role::Component(_)
        | Role::Attribute
        | Role::Shorthand
        | Role::Key
        | Role::Field
        | Role::Annotation
        | Role::Argument(_) => {}
    });
    found.extend(changes);
    found
}

/// Returns every place that names what the name at an offset stands for.
#[must_use]
pub fn references(
    analysis: &Analysis,
    file: FileId,
    offset: u32,
    with_declaration: bool,
) -> Vec<Span> {
    let Some((entity, _)) = analysis.entity_at(file, offset) else { return Vec::new() };
    let mut found = Vec::new();
    analysis.each(&entity, &mut |occurrence| {
        if with_declaration || !is_declaration(&occurrence) {
            found.push(occurrence.span);
        }
    });
    found
}

pub(super) fn is_declaration(occurrence: &Occurrence<'_>) -> bool {
    match occurrence.role {
        Role::LayerDeclared
        | Role::TypeDeclared
        | Role::ModuleDeclared
        | Role::FunctionDeclared
        | Role::ProviderDeclared
        | Role::Field
        | Role::Declared => true,
        Role::Local(bound) => bound == occurrence.span,
        Role::Layer
        | Role::Type
        | Role::TypeOf(_)
        | Role::Alias
        | Role::ModulePath
        | Role::Amended
        | Role::Name
        | Role::Called
        | Role::Access(..)
        | Role::ResourceType
        | Role::ProviderOfType
        | Role::Provider
        | Role::Offered
        | Role::Component(_)
        | Role::Part(_)
        | Role::Attribute
        | Role::Shorthand
        | Role::Key
        | Role::Annotation
        | Role::Argument(_) => false,
    }
}

impl Analysis {
    /// Finds what the name at an offset stands for, and the place of that name.
    pub(super) fn entity_at(&self, file: FileId, offset: u32) -> Option<(Entity, Span)> {
        let tree = self.tree(file)?;
        let mut found = None;
        walk(tree, &mut |occurrence| {
            if (occurrence.span.start..=occurrence.span.end).contains(&offset)
                && let Some(entity) = self.entity(&occurrence)
            {
                found = Some((entity, occurrence.span));
            }
        });
        found
    }

    /// Returns the folder that the `use` at an offset brings in.
    fn brought_in_at(&self, file: FileId, offset: u32) -> Option<ModuleId> {
        let items = &self.tree(file)?.items;
        let here = items.iter().find(|item| (item.span.start..=item.span.end).contains(&offset))?;
        let ItemKind::Import { alias, .. } = &here.kind else { return None };
        self.project.folder_module(self.module_of(file), &alias.name)
    }

    /// Returns where the files of a folder start.
    fn starts(&self, folder: ModuleId) -> Vec<Location> {
        let trees = self.project.files().iter();
        let own = trees.filter(|tree| self.project.module_of_folder(&tree.folder) == folder);
        own.map(|tree| {
            let span = Span::new(tree.id, 0, 0);
            Location { span, whole: span }
        })
        .collect()
    }

    /// Tells whether the project names a provider.
    fn is_provider(&self, name: &str) -> bool {
        let mut named = false;
        for entry in self.project.settings() {
            if let MapEntry::Set { key: MapKey::Plain(key), value } = entry
                && key.name == "providers"
                && let ExprKind::Map(entries) = &value.kind
            {
                named |= entries.iter().any(|own| {
                    matches!(own, MapEntry::Set { key: MapKey::Plain(key), .. } if key.name == name)
                });
            }
        }
        named
    }

    /// Finds the layer whose members stand in a body, or behind a name.
    pub(super) fn layer_of(
        &self,
        occurrence: &Occurrence<'_>,
        owner: &Owner<'_>,
    ) -> Option<LayerId> {
        let component = |declared, name: &str| {
            let subject = self.of_member(declared, &name.into())?;
            if let Subject::Unit { component, .. } = subject { component } else { None }
        };
        match owner {
            Owner::Component(path) => {
                self.project.component(self.module_of(occurrence.span.file), path).ok()
            }
            Owner::Environment(name) => self.project.find_environment(name),
            Owner::Member(name) => {
                component(self.declared(self.layer(occurrence.layer?)?, name)?, name)
            }
            Owner::Inside(owner, name) => {
                component(self.declared(self.layer_of(occurrence, owner)?, name)?, name)
            }
            Owner::Mocks | Owner::Typed(_) | Owner::Element(_) => None,
        }
    }

    /// Finds what stands behind the dot of an expression.
    fn accessed(&self, occurrence: &Occurrence<'_>, reach: Reach) -> Option<Entity> {
        let name = Str::from(occurrence.name);
        match reach {
            Reach::Members(layer) => Some(Entity::Member(self.declared(layer, &name)?, name)),
            Reach::Folder(module) => self.function_of(module, name),
            Reach::Keyed(_) | Reach::Listed(_) | Reach::Environment(_) => None,
        }
    }

    fn function_of(&self, module: ModuleId, name: Str) -> Option<Entity> {
        let functions = &self.project.module(module).functions;
        functions.contains_key(&name).then_some(Entity::Function(module, name))
    }

    fn type_of_module(&self, module: ModuleId, name: Str) -> Option<Entity> {
        let key = (module, name);
        self.project.types.contains_key(&key).then_some(Entity::Type(key.0, key.1))
    }

    /// Finds the parameter that an argument of a call is named after.
    fn parameter(&self, module: ModuleId, callee: &Expr, name: &str) -> Option<Entity> {
        let own = |module, name| self.project.module(module).functions.get(name).copied();
        let id: FunctionId = if let ExprKind::Name(name) = &callee.kind {
            own(module, name)?
        } else if let ExprKind::Member { base, name, .. } = &callee.kind
            && let ExprKind::Name(alias) = &base.kind
        {
            own(self.project.folder_module(module, alias)?, &name.name)?
        } else {
            return None;
        };
        let function = self.project.function_ast(self.project.function(id));
        let param = function.params.iter().find(|param| param.name.name == name)?;
        Some(Entity::Local(param.name.span))
    }

    /// Returns the module of a file.
    pub(super) fn module_of(&self, file: FileId) -> ModuleId {
        let folder = self.tree(file).map_or("", |tree| tree.folder.as_str());
        self.project.module_of_folder(folder)
    }

    /// Finds who declares the member that a name in a layer stands for.
    pub(super) fn declared_for(&self, occurrence: &Occurrence<'_>) -> Option<Declared> {
        self.declared(self.layer(occurrence.layer?)?, occurrence.name)
    }

    /// The plain configuration of a provider is called as the provider is.
    fn member_or_provider(&self, declared: Declared, name: Str) -> Entity {
        let member = self.member(declared).map(|own| &own.kind);
        let is_plain = matches!(member, Some(MemberKind::Provider { alias: None, .. }));
        if is_plain && self.is_provider(&name) {
            Entity::Provider(name)
        } else {
            Entity::Member(declared, name)
        }
    }

    fn entity(&self, occurrence: &Occurrence<'_>) -> Option<Entity> {
        let module = self.module_of(occurrence.span.file);
        let name = Str::from(occurrence.name);
        match &occurrence.role {
            Role::LayerDeclared => self.layer(occurrence.layer?).map(Entity::Layer),
            Role::Layer => self.project.find(&name).map(Entity::Layer),
            Role::TypeDeclared | Role::Type => self.type_of_module(module, name),
            Role::TypeOf(alias) => {
                self.type_of_module(self.project.folder_module(module, alias)?, name)
            }
            Role::ModuleDeclared | Role::Alias => Some(Entity::Module(module, name)),
            Role::FunctionDeclared | Role::Called => self.function_of(module, name),
            Role::Component(path) => match path.last() {
                Some(last) if last.span == occurrence.span => {
                    self.project.component(module, path).ok().map(Entity::Layer)
                }
                _ => Some(Entity::Module(module, name)),
            },
            Role::Part(Owner::Mocks) => self.is_provider(&name).then_some(Entity::Provider(name)),
            Role::Part(owner) => match self.layer_of(occurrence, owner) {
                Some(layer) => Some(Entity::Member(self.declared(layer, &name)?, name)),
                None => self.owned_field(occurrence, owner).map(Entity::Field),
            },
            Role::Access(base, locals) => {
                let from = self.from(module, occurrence.layer);
                match self.reach(from, base, locals) {
                    Some(reach) => self.accessed(occurrence, reach),
                    None => self.accessed_field(from, base, (locals, &name)).map(Entity::Field),
                }
            }
            Role::Field => Some(Entity::Field(occurrence.span)),
            Role::ProviderDeclared => Some(Entity::Provider(name)),
            Role::ProviderOfType => self.is_provider(&name).then_some(Entity::Provider(name)),
            Role::Provider if self.is_provider(&name) => Some(Entity::Provider(name)),
            Role::Declared | Role::Amended | Role::Name | Role::Shorthand | Role::Provider => {
                if let Some(declared) = self.declared_for(occurrence) {
                    return Some(self.member_or_provider(declared, name));
                }
                // What an expression names beside its members is a function, a module or another
                // environment.
                let is_expression = matches!(occurrence.role, Role::Name | Role::Shorthand);
                if is_expression && let Some(function) = self.function_of(module, name.clone()) {
                    return Some(function);
                }
                if self.project.module(module).names.contains_key(&name) {
                    return Some(Entity::Module(module, name));
                }
                let environment = self.project.find_environment(&name)?;
                is_expression.then_some(Entity::Layer(environment))
            }
            Role::Local(bound) => Some(Entity::Local(*bound)),
            Role::Argument(callee) => self.parameter(module, callee, &name),
            Role::ModulePath
            | Role::Offered
            | Role::ResourceType
            | Role::Attribute
            | Role::Key
            | Role::Annotation => None,
        }
    }

    /// Gives every place that names an entity, in the order of files and in them of places.
    pub(super) fn each<'a>(&'a self, entity: &Entity, found: &mut dyn FnMut(Occurrence<'a>)) {
        let name = match entity {
            Entity::Layer(id) => self.project.layer(*id).name.as_str(),
            Entity::Type(_, name)
            | Entity::Module(_, name)
            | Entity::Function(_, name)
            | Entity::Provider(name)
            | Entity::Member(_, name) => name.as_str(),
            Entity::Local(bound) | Entity::Field(bound) => {
                self.sources.text(*bound).trim_matches('"')
            }
        };
        for tree in self.project.files() {
            let mut own = Vec::new();
            walk(tree, &mut |occurrence| {
                if name == occurrence.name && self.entity(&occurrence).as_ref() == Some(entity) {
                    own.push(occurrence);
                }
            });
            own.sort_by_key(|occurrence| occurrence.span.start);
            // A shorthand is two names in one place; the part of the component comes first.
            own.dedup_by_key(|occurrence| occurrence.span);
            own.into_iter().for_each(&mut *found);
        }
    }

    /// Returns a name's place with the whole of the declaration or amendment that starts with it.
    fn location(&self, span: Span) -> Location {
        let tree = self.tree(span.file);
        let items = tree.map(|tree| tree.items.as_slice()).unwrap_or_default();
        let holds = |whole: Span| whole.start <= span.start && span.end <= whole.end;
        let Some(item) = items.iter().find(|item| holds(item.span)) else {
            return Location { span, whole: span };
        };
        let ItemKind::Layer(layer) = &item.kind else {
            return Location { span, whole: item.span };
        };
        let member = layer.members.iter().find(|member| holds(member.span));
        Location { span, whole: member.map_or(item.span, |member| member.span) }
    }
}

/// Returns the name that an access chain starts with.
pub(super) fn root(expr: &Expr) -> Option<&str> {
    if let ExprKind::Name(name) = &expr.kind {
        Some(name)
    } else if let ExprKind::Member { base, .. } | ExprKind::Index { base, .. } = &expr.kind {
        root(base)
    } else {
        None
    }
}
