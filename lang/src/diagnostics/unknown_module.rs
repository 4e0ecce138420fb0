//! E0214: there is no such module.
//!
//! `use std.NAME` brings in a module of the standard library.
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

use syncline_model::{Code, Diagnostic, nearest};

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
