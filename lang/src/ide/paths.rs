//! Paths in texts: the folders that `use` brings in, and the files that `file` and `template` read.
//!
//! Takes what is typed of a path; returns what lies where it leads. What lies there the world says: nothing is read here.

use syncline_model::Str;

use super::analysis::Analysis;
use super::completion::{Completion, CompletionKind, Completions};
use super::cursor::Cursor;
use super::subject::Function;
use crate::resolve::{ModuleId, below};

/// Whose texts are paths.
const READERS: [&str; 2] = ["file", "template"];

/// Tells whether an argument of a function is a path.
pub(super) fn is_path(function: &Function, argument: usize) -> bool {
    argument == 0 && READERS.contains(&function.name.as_str())
}

/// Returns what may be typed next of a path: folders, and where one is read also files.
pub(super) fn complete(
    analysis: &Analysis,
    cursor: &Cursor<'_>,
    only_folders: bool,
) -> Completions {
    let typed = format!("{}{}", cursor.typed, cursor.prefix);
    let (before, last) = match typed.rfind('/') {
        Some(at) => typed.split_at(at + 1),
        None => ("", typed.as_str()),
    };
    let start = cursor.start + cursor.prefix.len() - last.len();
    let Some(folder) = folder(cursor.file, before) else { return Completions::default() };
    let entries = analysis.world.folder(&folder).unwrap_or_default();
    let mut names: Vec<(String, bool)> = entries
        .iter()
        .filter(|own| own.is_folder || !only_folders)
        .filter(|own| !own.name.starts_with('.'))
        .map(|own| (own.name.to_string(), own.is_folder))
        .collect();
    // What is brought in is seen from the file's folder, and says so.
    if only_folders && before.is_empty() {
        names.iter_mut().for_each(|(name, _)| *name = format!("./{name}"));
        if cursor.file.contains('/') {
            names.push(("..".to_owned(), true));
        }
    }
    names.sort();
    let is_wanted = |name: &str| {
        super::complete::fits(name.trim_start_matches("./"), last.trim_start_matches('.'))
    };
    let items = names.into_iter().filter(|(name, _)| is_wanted(name)).map(|(label, is_folder)| {
        let kind = if is_folder { CompletionKind::Module } else { CompletionKind::Literal };
        let detail = if is_folder { "folder" } else { "file" }.to_owned();
        Completion { label, kind, detail, documentation: String::new(), snippet: None, rank: 0 }
    });
    Completions { items: items.collect(), start, incomplete: false }
}

/// Returns the folder that a path leads to from the folder of a file; nothing where that is outside of the project.
fn folder(file: &str, path: &str) -> Option<Str> {
    let own = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    below(own, path)
}

impl Analysis {
    /// Describes the folder that a `use` brings in: what it offers.
    pub(super) fn folder_section(&self, module: ModuleId) -> String {
        let own = self.project.module(module);
        let head = format!("```sync\nuse \"./{}\"\n```", own.folder);
        let mut lines = Vec::new();
        let mut list = |what: &str, names: Vec<&Str>| {
            if !names.is_empty() {
                let mut names: Vec<String> = names.iter().map(|own| format!("`{own}`")).collect();
                names.sort();
                lines.push(format!("{what}: {}", names.join(", ")));
            }
        };
        list("Components", own.components.keys().collect());
        let types = self.project.types.keys().filter(|(of, _)| *of == module);
        list("Types", types.map(|(_, name)| name).collect());
        list("Functions", own.functions.keys().collect());
        if lines.is_empty() { head } else { format!("{head}\n\n{}", lines.join("\n\n")) }
    }

    /// Finds the folder of a `use` by what stands in its text.
    pub(super) fn brought_in(&self, cursor: &Cursor<'_>) -> Option<ModuleId> {
        let written = format!("{}{}", cursor.typed, cursor.word);
        let module = self.module_around(cursor);
        let files = self.project.files().iter();
        let own = files.filter(|tree| self.project.module_of_folder(&tree.folder) == module);
        let found = own.flat_map(|tree| &tree.items).find_map(|item| {
            if let crate::syntax::ast::ItemKind::Import { path, alias } = &item.kind
                && path.name.trim_matches('"').starts_with(&written)
            {
                Some(alias)
            } else {
                None
            }
        });
        self.project.folder_module(module, &found?.name)
    }
}
