//! Where a name is declared, changed and used; renaming.
//!
//! Takes an analysis of exactly the text that the editor shows: places are those of its sources.
//!
//! Laws:
//! * A name in an overlay stands for what the layers below declare: `replicas` in `prod` is the
//!   `replicas` of `base`. So go to definition leads to the declaration first, and then to every
//!   overlay that changes it, in the order of files.
//! * A rename changes every place or none: a name that would be taken is refused.

use syncline_model::{FileId, Span, Str};

use super::analysis::{Analysis, Declared};
use super::subject::Subject;
use super::walk::{Occurrence, Owner, Role, walk};
use crate::resolve::{LayerId, ModuleId};
use crate::syntax::ast::{Expr, ExprKind, ItemKind};

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
enum Entity {
    Layer(LayerId),
    Type(ModuleId, Str),
    Module(ModuleId, Str),
    Member(Declared, Str),
    Local(Span),
}

/// Returns where the name at an offset is declared, and every overlay that changes it.
#[must_use]
pub fn definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Location> {
    let Some((entity, _)) = analysis.entity_at(file, offset) else { return Vec::new() };
    let mut found = Vec::new();
    let mut changes = Vec::new();
    analysis.each(&entity, &mut |occurrence| match occurrence.role {
        Role::LayerDeclared | Role::TypeDeclared | Role::ModuleDeclared | Role::Declared => {
            found.push(analysis.location(occurrence.span));
        }
        Role::Local(bound) if bound == occurrence.span => {
            found.push(Location { span: bound, whole: bound });
        }
        Role::Amended | Role::Part(_) => changes.push(analysis.location(occurrence.span)),
        Role::Layer
        | Role::Type
        | Role::ModulePath
        | Role::Name
        | Role::Called
        | Role::Local(_)
        | Role::Access(_)
        | Role::ResourceType
        | Role::Provider
        | Role::Offered
        | Role::Component(_)
        | Role::Attribute
        | Role::Shorthand
        | Role::Key
        | Role::Annotation
        | Role::Argument => {}
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

/// Returns the place of the name at an offset, when it can be renamed.
#[must_use]
pub fn renamable(analysis: &Analysis, file: FileId, offset: u32) -> Option<Span> {
    let (entity, span) = analysis.entity_at(file, offset)?;
    let mut is_declared = false;
    analysis.each(&entity, &mut |occurrence| is_declared |= is_declaration(&occurrence));
    is_declared.then_some(span)
}

/// One change of a rename.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// Returns the changes that give another name to what the name at an offset stands for.
///
/// # Errors
/// Why it cannot have that name, for people.
pub fn rename(
    analysis: &Analysis,
    file: FileId,
    offset: u32,
    name: &str,
) -> Result<Vec<Rename>, String> {
    let is_name = name.chars().all(super::tokens::is_word)
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !is_name {
        return Err(format!("`{name}` is no name: letters, digits and `_` make one"));
    }
    let Some((entity, _)) = analysis.entity_at(file, offset) else {
        return Err("there is nothing here that can be renamed".to_owned());
    };
    analysis.check_free(&entity, name)?;
    let mut changes = Vec::new();
    let mut is_declared = false;
    analysis.each(&entity, &mut |occurrence| {
        is_declared |= is_declaration(&occurrence);
        let text = analysis.renamed(&occurrence, name);
        changes.push(Rename { span: occurrence.span, text });
    });
    if is_declared { Ok(changes) } else { Err("it is not declared in this project".to_owned()) }
}

fn is_declaration(occurrence: &Occurrence<'_>) -> bool {
    match occurrence.role {
        Role::LayerDeclared | Role::TypeDeclared | Role::ModuleDeclared | Role::Declared => true,
        Role::Local(bound) => bound == occurrence.span,
        Role::Layer
        | Role::Type
        | Role::ModulePath
        | Role::Amended
        | Role::Name
        | Role::Called
        | Role::Access(_)
        | Role::ResourceType
        | Role::Provider
        | Role::Offered
        | Role::Component(_)
        | Role::Part(_)
        | Role::Attribute
        | Role::Shorthand
        | Role::Key
        | Role::Annotation
        | Role::Argument => false,
    }
}

impl Analysis {
    /// Finds what the name at an offset stands for, and the place of that name.
    fn entity_at(&self, file: FileId, offset: u32) -> Option<(Entity, Span)> {
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

    /// Finds the component of the unit that something belongs to.
    fn component_of(&self, occurrence: &Occurrence<'_>, owner: Owner<'_>) -> Option<LayerId> {
        match owner {
            Owner::Component(path) => {
                self.project.component(self.module_of(occurrence.span.file), path).ok()
            }
            Owner::Outputs(name) => self.project.find_environment(name),
            Owner::Member(name) => {
                let declared = self.declared(self.layer(occurrence.layer?)?, name)?;
                let subject = self.of_member(declared, &name.into())?;
                if let Subject::Unit { component, .. } = subject { component } else { None }
            }
        }
    }

    /// Finds the environment whose outputs a base is: `network.outputs`, `regional["eu"].outputs`.
    fn outputs_of(&self, occurrence: &Occurrence<'_>, base: &Expr) -> Option<LayerId> {
        let ExprKind::Member { base, name, .. } = &base.kind else { return None };
        let ExprKind::Name(environment) = &unit_of(base)?.kind else { return None };
        let layer = occurrence.layer.and_then(|layer| self.layer(layer));
        let is_hidden = layer.is_some_and(|layer| self.declared(layer, environment).is_some());
        let found = self.project.find_environment(environment);
        found.filter(|_| name.name == "outputs" && !is_hidden)
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

    fn entity(&self, occurrence: &Occurrence<'_>) -> Option<Entity> {
        let module = self.module_of(occurrence.span.file);
        let name = Str::from(occurrence.name);
        match occurrence.role {
            Role::LayerDeclared => self.layer(occurrence.layer?).map(Entity::Layer),
            Role::Layer => self.project.find(&name).map(Entity::Layer),
            Role::TypeDeclared | Role::Type => {
                let key = (module, name);
                self.project.types.contains_key(&key).then(|| Entity::Type(key.0, key.1))
            }
            Role::ModuleDeclared => Some(Entity::Module(module, name)),
            Role::Component(path) => match path.last() {
                Some(last) if last.span == occurrence.span => {
                    self.project.component(module, path).ok().map(Entity::Layer)
                }
                _ => Some(Entity::Module(module, name)),
            },
            Role::Part(owner) => {
                let component = self.component_of(occurrence, owner)?;
                let declared = self.declared(component, &name)?;
                Some(Entity::Member(declared, name))
            }
            Role::Access(base) => {
                if let Some(environment) = self.outputs_of(occurrence, base) {
                    let declared = self.declared(environment, &name)?;
                    return Some(Entity::Member(declared, name));
                }
                let owner = Owner::Member(root(unit_of(base)?)?);
                let component = self.component_of(occurrence, owner)?;
                let declared = self.declared(component, &name)?;
                Some(Entity::Member(declared, name))
            }
            Role::Declared
            | Role::Amended
            | Role::Name
            | Role::Called
            | Role::Shorthand
            | Role::Provider => {
                if let Some(declared) = self.declared_for(occurrence) {
                    return Some(Entity::Member(declared, name));
                }
                let names = &self.project.module(module).names;
                if names.contains_key(&name) {
                    return Some(Entity::Module(module, name));
                }
                // What an expression names beside its members is another environment.
                let is_expression = matches!(occurrence.role, Role::Name | Role::Shorthand);
                let environment = self.project.find_environment(&name)?;
                is_expression.then_some(Entity::Layer(environment))
            }
            Role::Local(bound) => Some(Entity::Local(bound)),
            Role::ModulePath
            | Role::Offered
            | Role::ResourceType
            | Role::Attribute
            | Role::Key
            | Role::Annotation
            | Role::Argument => None,
        }
    }

    /// Gives every place that names an entity, in the order of files and in them of places.
    fn each<'a>(&'a self, entity: &Entity, found: &mut dyn FnMut(Occurrence<'a>)) {
        let name = match entity {
            Entity::Layer(id) => Some(self.project.layer(*id).name.as_str()),
            Entity::Type(_, name) | Entity::Module(_, name) | Entity::Member(_, name) => {
                Some(name.as_str())
            }
            Entity::Local(_) => None,
        };
        for tree in self.project.files() {
            if matches!(entity, Entity::Local(bound) if bound.file != tree.id) {
                continue;
            }
            let mut own = Vec::new();
            walk(tree, &mut |occurrence| {
                if name.is_none_or(|name| name == occurrence.name)
                    && self.entity(&occurrence).as_ref() == Some(entity)
                {
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

    /// Returns what stands in place of a name that is renamed.
    fn renamed(&self, occurrence: &Occurrence<'_>, name: &str) -> String {
        let (old, span) = (occurrence.name, occurrence.span);
        let is_use = matches!(occurrence.role, Role::Local(bound) if bound != span);
        let is_alias = matches!(occurrence.role, Role::ModuleDeclared);
        if matches!(occurrence.role, Role::Shorthand) || is_use && self.is_shorthand(span) {
            // `{ replicas }` keeps the key that it had.
            format!("{old} = {name}")
        } else if matches!(occurrence.role, Role::Part(_)) && self.is_shorthand(span) {
            // In a unit's `{ replicas }` the name of the component's parameter changes alone.
            format!("{name} = {old}")
        } else if is_alias && self.is_behind_dot(span) {
            // `use std.cidr` names the module and the alias at once.
            format!("{old} as {name}")
        } else {
            name.to_owned()
        }
    }

    /// Tells whether a name stands alone in a body or a record, for itself.
    fn is_shorthand(&self, span: Span) -> bool {
        // `name = ...` and `name.part` go on behind the name; a name in an expression has something
        // before it. What is alone between separators is a shorthand.
        let Some(source) = self.sources.get(span.file) else { return false };
        let before = source.text[..span.start as usize].trim_end_matches([' ', '\t']);
        let after = source.text[span.end as usize..].trim_start_matches([' ', '\t', '\r']);
        let opens = before.ends_with(['{', ',', '\n']);
        let closes = after.is_empty() || after.starts_with(['}', ',', '\n', '/']);
        opens && closes && self.in_braces(span)
    }

    fn is_behind_dot(&self, span: Span) -> bool {
        let source = self.sources.get(span.file);
        source.is_some_and(|source| source.text[..span.start as usize].ends_with('.'))
    }

    /// Tells whether the innermost bracket around a place is a brace.
    fn in_braces(&self, span: Span) -> bool {
        let Some(source) = self.sources.get(span.file) else { return false };
        let buffer = super::cursor::Buffer { name: &source.name, text: &source.text };
        let cursor = super::cursor::Cursor::read(buffer, span.end as usize);
        cursor.is_some_and(|cursor| cursor.frame().open == "{")
    }

    fn check_free(&self, entity: &Entity, name: &str) -> Result<(), String> {
        let taken = |what: &str| Err(format!("{what} `{name}` is there already"));
        match entity {
            Entity::Layer(id) if self.project.layer(*id).is_component => {
                let module = self.project.module(self.project.layer(*id).module);
                if module.components.contains_key(name) { taken("a component") } else { Ok(()) }
            }
            Entity::Layer(_) if self.project.find(name).is_some() => {
                taken("an environment or overlay")
            }
            Entity::Type(module, _) if self.project.types.contains_key(&(*module, name.into())) => {
                taken("a type")
            }
            Entity::Module(module, _) if self.project.module(*module).names.contains_key(name) => {
                taken("a module")
            }
            Entity::Member(declared, _) => {
                // Every layer that sees the member must be free of the new name.
                for (at, layer) in self.project.layers.iter().enumerate() {
                    let id = LayerId(at as u32);
                    let sees = self.line(id).contains(&declared.layer);
                    if sees && self.declared(id, name).is_some() {
                        return Err(format!("`{name}` is there already in `{}`", layer.name));
                    }
                }
                Ok(())
            }
            Entity::Layer(_) | Entity::Type(..) | Entity::Module(..) | Entity::Local(_) => Ok(()),
        }
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

/// Returns the unit whose part stands behind a base: `web` of `web.url`, `each` of `each["a"].url`.
fn unit_of(base: &Expr) -> Option<&Expr> {
    let inner = if let ExprKind::Index { base, .. } = &base.kind { base } else { base };
    matches!(inner.kind, ExprKind::Name(_)).then_some(inner)
}
