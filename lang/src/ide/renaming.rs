//! Renaming.
//!
//! Takes an analysis of exactly the text that the editor shows; returns the changes of a rename.
//!
//! Law: a rename changes every place or none, and nothing else. So it is tried first: where a name would
//! be taken, a place that names the old thing would be left, or a place would name another thing, it is
//! refused, with that place.

use std::sync::Arc;

use syncline_model::{Diagnostic, FileId, ProviderSchema, Sources, Span, Str};

use super::analysis::{Analysis, SharedWorld};
use super::navigate::{Entity, is_declaration};
use super::occurrence::{Occurrence, Role};
use crate::resolve::LayerId;
use crate::{FileProblem, FolderEntry, Inputs, World};

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
    if !is_declared {
        return Err("it is not declared in this project".to_owned());
    }
    analysis.try_out(&entity, &changes, name)?;
    Ok(changes)
}

/// The world in which a provider has another name.
struct Renamed {
    world: SharedWorld,
    old: Str,
    new: Str,
}

impl Renamed {
    /// Returns the name that the world knows; none of what is gone.
    fn known<'n>(&'n self, provider: &'n str) -> Option<&'n str> {
        match provider {
            own if own == self.new => Some(&self.old),
            own if own == self.old => None,
            other => Some(other),
        }
    }
}

impl World for Renamed {
    fn schema(&self, provider: &str) -> Option<Arc<ProviderSchema>> {
        self.world.schema(self.known(provider)?)
    }

    fn providers(&self) -> Vec<Str> {
        let one = |own: Str| if own == self.old { self.new.clone() } else { own };
        let mut all: Vec<Str> = self.world.providers().into_iter().map(one).collect();
        all.sort();
        all
    }

    fn file(&self, path: &str) -> Result<Arc<[u8]>, FileProblem> {
        self.world.file(path)
    }

    fn folder(&self, path: &str) -> Result<Arc<[FolderEntry]>, FileProblem> {
        self.world.folder(path)
    }

    fn source(&self, provider: &str) -> (Str, Str) {
        self.known(provider).map(|own| self.world.source(own)).unwrap_or_default()
    }
}

impl Analysis {
    /// Looks at the project as it would be.
    fn try_out(&self, entity: &Entity, changes: &[Rename], name: &str) -> Result<(), String> {
        let world: SharedWorld = match entity {
            Entity::Provider(old) => {
                let (old, new) = (old.clone(), name.into());
                Arc::new(Renamed { world: Arc::clone(&self.world), old, new })
            }
            Entity::Layer(_)
            | Entity::Type(..)
            | Entity::Module(..)
            | Entity::Function(..)
            | Entity::Member(..)
            | Entity::Field(_)
            | Entity::Local(_) => Arc::clone(&self.world),
        };
        let (after, places) =
            self.renamed_project(world, changes, name).ok_or("the project is not read")?;
        let named = |span: Span| after.shown_place(span, &"".into());
        let known: Vec<(&str, &str)> = self.diagnostics.iter().map(identity).collect();
        let errors = |all: &[Diagnostic]| all.iter().filter(|own| own.is_error()).count();
        if errors(&after.diagnostics) > errors(&self.diagnostics) {
            let mut new = after.diagnostics.iter().filter(|own| own.is_error());
            let new = new.find(|own| !known.contains(&identity(own)));
            let place = new.and_then(|own| own.labels.first()).map(|label| named(label.span));
            let what = new.map_or("", |own| own.message.as_str());
            return Err(format!("{}: {what}", place.unwrap_or_default()));
        }
        let Some(first) = places.first() else { return Ok(()) };
        let found = super::references(&after, first.file, first.start, true);
        match found.iter().find(|span| !places.contains(span)) {
            Some(other) => Err(format!("{}: `{name}` would be the same", named(*other))),
            None => match places.iter().find(|span| !found.contains(span)) {
                Some(lost) => Err(format!("{}: `{name}` is something else there", named(*lost))),
                None => Ok(()),
            },
        }
    }

    /// Returns the project with changes made, and where the new name stands in it.
    fn renamed_project(
        &self,
        world: SharedWorld,
        changes: &[Rename],
        name: &str,
    ) -> Option<(Self, Vec<Span>)> {
        let (mut sources, mut places) = (Sources::default(), Vec::new());
        for (id, source) in self.sources.iter() {
            let (mut text, mut rest) = (String::new(), 0);
            for change in changes.iter().filter(|change| change.span.file == id) {
                text.push_str(source.text.get(rest..change.span.start as usize)?);
                // The new name is the last of what stands there, or the first: `name = old`.
                let is_first =
                    change.text.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
                let before = if is_first { 0 } else { change.text.len() - name.len() };
                let start = (text.len() + before) as u32;
                places.push(Span::new(id, start, start + name.len() as u32));
                text.push_str(&change.text);
                rest = change.span.end as usize;
            }
            text.push_str(source.text.get(rest..)?);
            sources.add(source.name.clone(), text);
        }
        let after = Self::new(sources, &Inputs::default(), world, &|| true)?;
        Some((after, places))
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
        } else if is_alias && (self.is_behind_dot(span) || self.sources.text(span) != old) {
            // `use std.cidr` and `use "./service"` name the module and the alias at once.
            format!("{} as {name}", self.sources.text(span))
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
            Entity::Function(module, _)
                if self.project.module(*module).functions.contains_key(name) =>
            {
                taken("a function")
            }
            Entity::Provider(_) if self.world.providers().iter().any(|own| own == name) => {
                taken("a provider")
            }
            Entity::Layer(_)
            | Entity::Type(..)
            | Entity::Module(..)
            | Entity::Function(..)
            | Entity::Provider(_)
            | Entity::Field(_)
            | Entity::Local(_) => Ok(()),
        }
    }
}

/// Returns what tells one report from another, wherever it is.
fn identity(diagnostic: &Diagnostic) -> (&str, &str) {
    (diagnostic.code.id, diagnostic.message.as_str())
}
