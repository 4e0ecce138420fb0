//! E0203: there is nothing to change.
//!
//! A name without a keyword changes something inherited, and nothing of that name is. So a typo can
//! never create a new thing.
//!
//! ```sync
//! abstract environment base {
//!   param replicas: int = 1
//! }
//! environment prod extends base {
//!   replcias = 5
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! abstract environment base {
//!   param replicas: int = 1
//! }
//! environment prod extends base {
//!   replicas = 5
//! }
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::{listed, nearest};
use crate::resolve::{Project, Table};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0203", summary: "there is nothing to change" };

/// Returns the report about an amendment of nothing.
pub(crate) fn diagnostic(
    project: &Project,
    target: &ast::Ident,
    table: &Table<'_>,
    in_unit: bool,
) -> Diagnostic {
    let name = &target.name;
    let diagnostic = Diagnostic::error(CODE, format!("there is no `{name}` to change"))
        .label(
            target.span,
            if in_unit {
                "its component has no such member"
            } else {
                "nothing inherited has this name"
            },
        )
        .note(if in_unit {
            "The body of a unit sets and changes members of its component."
        } else {
            "A name without a keyword changes something inherited."
        });
    if let Some((by, span)) = table.removed.get(name.as_str()) {
        let by = &project.layer(*by).name;
        return diagnostic
            .label(*span, format!("`{by}` takes it out here"))
            .help("Keep it there, or do not change it here.");
    }
    match nearest(name, table.slots.keys().copied()) {
        Some(near) => diagnostic
            .help(format!("Did you mean `{near}`?"))
            .suggest(target.span, near.to_owned()),
        None if in_unit => {
            diagnostic.help(format!("There are: {}.", listed(table.slots.keys().copied())))
        }
        None if of_all(name).is_some() => diagnostic.help(of_all(name).unwrap_or_default()),
        None => diagnostic.help(format!(
            "To declare something new, start with a keyword: `let {name} = ...`, `param {name}: T`, \
             `resource TYPE {name} {{ ... }}`."
        )),
    }
}

/// Makes the report one about a `remove`.
pub(crate) fn to_remove(name: &str, mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.message = format!("there is no `{name}` to take out");
    diagnostic.notes.clear();
    if diagnostic.suggestions.is_empty() {
        diagnostic.help = Some("Take the `remove` out: nothing beneath declares it.".to_owned());
    }
    diagnostic
}

/// Returns how each of what other tools declare in one block is declared.
fn of_all(name: &str) -> Option<&'static str> {
    Some(match name {
        "locals" => "Declare each by itself: `let name = value`.",
        "variables" | "params" | "parameters" | "inputs" => {
            "Declare each by itself: `param name: string`."
        }
        "outputs" => "Declare each by itself: `output name = value`.",
        "resources" => "Declare each by itself: `resource TYPE name { ... }`.",
        _ => return None,
    })
}
