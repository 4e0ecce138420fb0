//! Modules: folders of files, and what `use` brings in.
//!
//! All files of a folder make one module, whatever their order. The project's own folder is module
//! 0; others are there because somebody uses them. Names of types and components belong to their
//! module; `use "./folder" as name` makes those of another one known as `name.Thing`.

use rustc_hash::FxHashMap;
use syncline_model::{Diagnostic, Span, Str};

use super::{FunctionId, LayerId, Project};
use crate::diagnostics::{duplicate_declaration, unknown_module};
use crate::syntax::ast::{self, ItemKind};

/// The index of a module in a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ModuleId(pub(crate) u32);

/// A module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Module {
    /// Its folder below the project's own; empty for that one.
    pub(crate) folder: Str,
    /// What `use` makes known, by local name.
    pub(crate) names: FxHashMap<Str, Named>,
    /// Its functions, by name.
    pub(crate) functions: FxHashMap<Str, FunctionId>,
    /// Its components, by name.
    pub(crate) components: FxHashMap<Str, LayerId>,
}

/// What a local name of a `use` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A module of the standard library.
    Std(Str),
    /// A folder's module.
    Folder(ModuleId),
    /// A module that there is not, which is reported: what refers to it is not wrong too.
    Unknown,
}

/// Returns the folders that a file uses, below the project's own, with the place of each path.
///
/// A path that leads out of the project is left out: resolving reports it.
#[must_use]
pub fn imports(file: &ast::File) -> Vec<(Str, Span)> {
    let imports = file.items.iter().filter_map(|item| {
        if let ItemKind::Import { path, .. } = &item.kind { Some(path) } else { None }
    });
    imports.filter_map(|path| Some((folder_of(&file.folder, &path.name)?, path.span))).collect()
}

/// Returns the folder that a path leads to from another; `None` when it leads out of the project
/// or is no relative path.
fn folder_of(from: &str, path: &str) -> Option<Str> {
    let is_relative = path.starts_with("./") || path.starts_with("../");
    if is_relative && !path.contains('\\') { below(from, path) } else { None }
}

/// Returns where a path leads to from a folder, both with `/`; `None` when that is out of the project.
#[must_use]
pub fn below(folder: &str, path: &str) -> Option<Str> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/").into())
}

/// Makes the modules of all files, and returns the one of each file.
pub(super) fn collect(
    project: &mut Project,
    files: &[ast::File],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<ModuleId> {
    let mut by_folder: FxHashMap<Str, ModuleId> = FxHashMap::default();
    by_folder.insert(Str::new(), ModuleId(0));
    project.modules = vec![Module::default()];
    let mut of_file = Vec::with_capacity(files.len());
    for file in files {
        let next = ModuleId(project.modules.len() as u32);
        let id = *by_folder.entry(file.folder.clone()).or_insert(next);
        if id == next {
            project.modules.push(Module { folder: file.folder.clone(), ..Module::default() });
        }
        of_file.push(id);
    }
    let mut places: FxHashMap<(ModuleId, Str), Span> = FxHashMap::default();
    for (file, id) in files.iter().zip(&of_file) {
        for item in &file.items {
            let (named, alias) = match &item.kind {
                ItemKind::Use { path, alias } => (standard(path), alias),
                ItemKind::Import { path, alias } => (folder(&file.folder, path, &by_folder), alias),
                ItemKind::Project { .. }
                | ItemKind::Type { .. }
                | ItemKind::Layer(_)
                | ItemKind::Function(_) => continue,
            };
            match named {
                Ok(named) => {
                    let names = &mut project.modules[id.0 as usize].names;
                    // The files of a folder share their names, and may say the same twice.
                    if names.get(&alias.name).is_some_and(|first| *first != named) {
                        let first = places[&(*id, alias.name.clone())];
                        diagnostics.push(duplicate_declaration::local_name(alias, first));
                        continue;
                    }
                    places.entry((*id, alias.name.clone())).or_insert(alias.span);
                    names.insert(alias.name.clone(), named);
                }
                Err(diagnostic) => {
                    diagnostics.push(*diagnostic);
                    let names = &mut project.modules[id.0 as usize].names;
                    names.entry(alias.name.clone()).or_insert(Named::Unknown);
                    places.entry((*id, alias.name.clone())).or_insert(alias.span);
                }
            }
        }
    }
    of_file
}

fn standard(path: &[ast::Ident]) -> Result<Named, Box<Diagnostic>> {
    match path {
        [root, module] if root.name == "std" && crate::stdlib::module(&module.name).is_some() => {
            Ok(Named::Std(module.name.clone()))
        }
        _ => Err(Box::new(unknown_module::diagnostic(path))),
    }
}

fn folder(
    from: &str,
    path: &ast::Ident,
    by_folder: &FxHashMap<Str, ModuleId>,
) -> Result<Named, Box<Diagnostic>> {
    let Some(folder) = folder_of(from, &path.name) else {
        return Err(Box::new(unknown_module::bad_path(path)));
    };
    match by_folder.get(&folder) {
        Some(id) => Ok(Named::Folder(*id)),
        None => Err(Box::new(unknown_module::no_folder(path, &folder))),
    }
}

impl Project {
    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// Returns the module of a folder; the project's own for one without a module.
    pub(crate) fn module_of_folder(&self, folder: &str) -> ModuleId {
        let at = self.modules.iter().position(|module| module.folder == folder);
        ModuleId(at.unwrap_or_default() as u32)
    }

    /// Returns the module of the standard library that a local name stands for.
    pub(crate) fn standard_module(&self, module: ModuleId, name: &str) -> Option<&Str> {
        match self.module(module).names.get(name)? {
            Named::Std(name) => Some(name),
            Named::Folder(_) | Named::Unknown => None,
        }
    }

    /// Returns the folder's module that a local name stands for.
    pub(crate) fn folder_module(&self, module: ModuleId, name: &str) -> Option<ModuleId> {
        match self.module(module).names.get(name)? {
            Named::Folder(id) => Some(*id),
            Named::Std(_) | Named::Unknown => None,
        }
    }

    /// Tells whether a local name stands for a module that there is not, which is reported.
    pub(crate) fn is_unknown_module(&self, module: ModuleId, name: &str) -> bool {
        self.module(module).names.get(name) == Some(&Named::Unknown)
    }

    /// Finds a component by its path as seen from a module.
    ///
    /// # Errors
    /// The paths of all components that are seen from there, when there is none of that path.
    pub(crate) fn component(
        &self,
        module: ModuleId,
        path: &[ast::Ident],
    ) -> Result<LayerId, Vec<String>> {
        let found = match path {
            [name] => self.module(module).components.get(&name.name),
            [alias, name] => self
                .folder_module(module, &alias.name)
                .and_then(|module| self.module(module).components.get(&name.name)),
            _ => None,
        };
        found.copied().ok_or_else(|| match crate::near::is_over() {
            true => Vec::new(),
            false => self.known_components(module),
        })
    }

    fn known_components(&self, module: ModuleId) -> Vec<String> {
        let own = self.module(module);
        let mut known: Vec<String> = own.components.keys().map(ToString::to_string).collect();
        known.extend(own.names.iter().flat_map(|(alias, named)| {
            let id = if let Named::Folder(id) = named { Some(*id) } else { None };
            let components = id.into_iter().flat_map(|id| self.module(id).components.keys());
            components.map(move |name| format!("{alias}.{name}"))
        }));
        known.sort_unstable();
        known
    }
}

#[cfg(test)]
mod tests {
    use super::folder_of;

    #[test]
    fn paths_lead_below_the_project() {
        let cases = [
            ("", "./service", Some("service")),
            ("teams/a", "../b/", Some("teams/b")),
            ("a", "..", None),
            ("a", "../", Some("")),
            ("", "../out", None),
            ("", "service", None),
            ("", "/service", None),
            ("a", "./../../b", None),
        ];
        for (from, path, expected) in cases {
            assert_eq!(folder_of(from, path).as_deref(), expected, "{from} {path}");
        }
    }
}
