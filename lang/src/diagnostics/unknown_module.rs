//! E0214: there is no such module.
//!
//! `use std.NAME` brings in a module of the standard library, and `use "./folder"` the files of a
//! folder below the project's own.
//!
//! ```sync
//! use std.string
//! ```
//!
//! Mend it:
//!
//! ```sync
//! use std.strings
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::nearest;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0214", summary: "there is no such module" };

/// Returns the report about the path of a `use`.
pub(crate) fn diagnostic(path: &[ast::Ident]) -> Diagnostic {
    let written: Vec<&str> = path.iter().map(|part| part.name.as_str()).collect();
    let mut diagnostic =
        Diagnostic::error(CODE, format!("there is no module `{}`", written.join(".")));
    let Some(last) = path.last() else { return diagnostic };
    diagnostic = diagnostic.label(last.span, "not found");
    let names: Vec<&str> = crate::stdlib::module_names().collect();
    match nearest(&last.name, names.iter().copied()) {
        Some(near) => {
            diagnostic.help(format!("Did you mean `std.{near}`?")).suggest(last.span, near)
        }
        None => diagnostic.help(format!("There are: std.{}.", names.join(", std."))),
    }
}

/// Returns the report about a path that leads to no folder of the project.
pub(crate) fn bad_path(path: &ast::Ident) -> Diagnostic {
    let diagnostic = Diagnostic::error(CODE, format!("`{}` leads to no module", path.name))
        .label(path.span, "not inside the project");
    if path.name.starts_with('.') || path.name.starts_with('/') {
        return diagnostic
            .note("A module is a folder below the project's own.")
            .help("Write the path from this file's folder: `use \"./service\"`.");
    }
    let near = format!("\"./{}\"", path.name);
    diagnostic.help(format!("Did you mean `use {near}`?")).suggest(path.span, near)
}

/// Returns the report about a folder without sources.
pub(crate) fn no_folder(path: &ast::Ident, folder: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("there is no module `{}`", path.name))
        .label(path.span, "not found")
        .help(format!("Put a `.sync` file into the folder `{folder}` of the project."))
}
