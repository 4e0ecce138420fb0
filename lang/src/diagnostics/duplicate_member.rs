//! E0202: a member is declared twice.
//!
//! A keyword declares something new, and the name is taken: in the same body, or by what the
//! environment stands on. To change something inherited, write its name without a keyword. The same
//! braces set nothing twice, and nothing as a whole that they also change in part: the order in which
//! members stand never matters.
//!
//! ```sync
//! abstract environment base {
//!   param replicas: int = 1
//! }
//! environment prod extends base {
//!   param replicas: int = 5
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

use syncline_model::{Code, Diagnostic, Span};

use crate::resolve::{LayerId, Project, Slot};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0202", summary: "a member is declared twice" };

/// Returns the report about a second declaration.
pub(crate) fn diagnostic(
    project: &Project,
    name: &ast::Ident,
    layer: LayerId,
    first: &Slot<'_>,
    first_layer: LayerId,
) -> Diagnostic {
    let owner = &project.layer(first_layer).name;
    let message = if layer == first_layer {
        format!("`{}` is declared twice in `{owner}`", name.name)
    } else {
        format!("`{}` is declared in `{owner}` already", name.name)
    };
    let diagnostic = Diagnostic::error(CODE, message)
        .label(name.span, "declared again")
        .label(first.name.span, "declared first");
    if layer == first_layer {
        return diagnostic.help("Give one of them another name, or take it out.");
    }
    let form = if first.kind.has_body() { "{ ... }" } else { "= ..." };
    diagnostic.help(format!(
        "To change what is inherited, write it without `{}`: `{} {form}`.",
        first.kind.keyword(),
        name.name
    ))
}

/// Returns the report about something that the same braces set twice.
pub(crate) fn set_twice(path: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{path}` is set twice in the same braces"))
        .label(span, "set again")
        .label(first, "set first")
        .help("Take one of them out.")
}

/// Returns the report about something that the same braces set and take out.
pub(crate) fn set_and_removed(path: &str, (set, removed): (Span, Span)) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{path}` is set and taken out in the same braces"))
        .label(removed, "taken out")
        .label(set, "set")
        .help("Keep one of the two.")
}

/// Returns the report about something that the same braces set, or take out, as a whole and change
/// in part: `whole` is its place, and whether it is taken out.
pub(crate) fn whole_and_part(path: &str, (whole, removes): (Span, bool), part: Span) -> Diagnostic {
    let (does, label) =
        if removes { ("taken out", "taken out") } else { ("set", "set as a whole") };
    Diagnostic::error(CODE, format!("`{path}` is {does} and changed in the same braces"))
        .label(whole, label)
        .label(part, "changed")
        .note("The order in which they stand decides nothing.")
        .help("Say it once: with all that it has, or by its parts.")
}
