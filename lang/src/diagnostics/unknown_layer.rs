//! E0204: no environment or overlay has this name.
//!
//! `extends` and `for` name an environment, `with` names overlays.
//!
//! ```sync
//! environment dev extends bsae {}
//! abstract environment base {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment dev extends base {}
//! abstract environment base {}
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::{listed, nearest};
use crate::resolve::{LayerId, Project};
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0204", summary: "no environment or overlay has this name" };

/// Returns the report about a name behind `extends`, `with` or `for`; `overlay` tells which kind is
/// wanted, `found` is a layer of the other kind.
pub(crate) fn diagnostic(
    project: &Project,
    ident: &ast::Ident,
    overlay: bool,
    found: Option<LayerId>,
) -> Diagnostic {
    let (wanted, other) =
        if overlay { ("overlay", "environment") } else { ("environment", "overlay") };
    if found.is_some() {
        let help = if overlay {
            "Only overlays stand behind `with`; write `extends` to stand on an environment."
        } else {
            "Only environments can be extended; write `with` to use an overlay."
        };
        return Diagnostic::error(CODE, format!("`{}` is an {other}, no {wanted}", ident.name))
            .label(ident.span, format!("an {other}"))
            .help(help);
    }
    let diagnostic = Diagnostic::error(CODE, format!("no {wanted} is called `{}`", ident.name))
        .label(ident.span, "not found");
    let layers = project.layers.iter().filter(|layer| layer.is_overlay == overlay);
    let known = layers.map(|layer| layer.name.as_str());
    match nearest(&ident.name, known.clone()) {
        Some(near) => {
            diagnostic.help(format!("Did you mean `{near}`?")).suggest(ident.span, near.to_owned())
        }
        None if known.clone().next().is_none() => {
            diagnostic.help(format!("The project declares no {wanted}."))
        }
        None => diagnostic.help(format!("There are: {}.", listed(known))),
    }
}
