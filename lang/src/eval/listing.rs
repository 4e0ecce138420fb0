//! `std.files.list(folder, pattern)`: the files of a folder of the project whose paths match a pattern.
//!
//! Laws: paths are sorted, so that no file system's order shows; folders in which nothing can match are
//! not looked into; what is read counts as work.

use syncline_model::{Span, Str, Value};

use super::files::FileProblem;
use super::scope::{Failed, Scope};
use crate::diagnostics::unreadable_file;
use crate::stdlib::Glob;

/// Something that lies in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name, without the folder's.
    pub name: Str,
    /// It is a folder itself, and else a file.
    pub is_folder: bool,
}

/// How many steps of work an entry of a folder counts for.
const COST: usize = 20;

impl Scope<'_> {
    /// Lists the files that match; `spans` are the places of the folder and of the pattern.
    pub(super) fn list_files(
        &mut self,
        folder: Result<Str, Str>,
        pattern: &Value,
        spans: &[Span],
        span: Span,
    ) -> Result<Value, Failed> {
        let at = |index: usize| spans.get(index).copied().unwrap_or(span);
        let Some(pattern) = pattern.as_str() else {
            return self.fail(unreadable_file::no_path(pattern, at(1)));
        };
        let glob = match Glob::parse(pattern) {
            Ok(glob) => glob,
            Err(problem) => return self.fail(unreadable_file::no_pattern(problem, at(1))),
        };
        let root = match folder {
            Ok(root) => root,
            Err(path) => {
                return self.fail(unreadable_file::folder(&path, &FileProblem::Outside, at(0)));
            }
        };
        let mut found: Vec<Str> = Vec::new();
        let mut open = vec![(Str::new(), glob.start())];
        while let Some((inner, reached)) = open.pop() {
            let path = joined(&root, &inner);
            let entries = match self.exchange.folder(&path) {
                Ok(entries) => entries,
                Err(problem) => {
                    return self.fail(unreadable_file::folder(&path, &problem, at(0)));
                }
            };
            self.spend(1 + entries.len() * COST, span)?;
            for entry in entries.iter() {
                let reached = glob.enter(&reached, &entry.name);
                let path = joined(&inner, &entry.name);
                if !entry.is_folder && glob.matches(&reached) {
                    found.push(path);
                } else if entry.is_folder && glob.goes_on(&reached) {
                    open.push((path, reached));
                }
            }
        }
        found.sort_unstable();
        Ok(Value::list(found.into_iter().map(Value::String)))
    }
}

fn joined(folder: &Str, name: &Str) -> Str {
    if folder.is_empty() {
        name.clone()
    } else if name.is_empty() {
        folder.clone()
    } else {
        format!("{folder}/{name}").into()
    }
}
