//! E0219: there is no such component.
//!
//! A unit is made of a component of its own module, or of a folder that `use` brings in.
//!
//! ```sync
//! component Web {
//!   param image: string
//! }
//! environment dev {
//!   unit shop = Wep { image = "shop:1" }
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! component Web {
//!   param image: string
//! }
//! environment dev {
//!   unit shop = Web { image = "shop:1" }
//! }
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::{listed, nearest};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0219", summary: "there is no such component" };

/// Returns the report about a unit's component, with the paths of those that are seen from there.
pub(crate) fn diagnostic(path: &[ast::Ident], known: &[String]) -> Diagnostic {
    let written: Vec<&str> = path.iter().map(|part| part.name.as_str()).collect();
    let written = written.join(".");
    let diagnostic = Diagnostic::error(CODE, format!("there is no component `{written}`"));
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return diagnostic };
    let span = first.span.to(last.span);
    let diagnostic = diagnostic.label(span, "not found");
    match nearest(&written, known.iter().map(String::as_str)) {
        Some(near) => {
            diagnostic.help(format!("Did you mean `{near}`?")).suggest(span, near.to_owned())
        }
        None if known.is_empty() => diagnostic.help(format!(
            "Declare it: `component {} {{ ... }}`, or bring its folder in: `use \"./folder\"`.",
            last.name
        )),
        None => {
            diagnostic.help(format!("There are: {}.", listed(known.iter().map(String::as_str))))
        }
    }
}
