//! E0218: no environment has this name.
//!
//! A command names an environment that the project does not declare, or an abstract one.
//!
//! ```console
//! $ syncline plan stagign
//! ```
//!
//! Mend it:
//!
//! ```console
//! $ syncline plan staging
//! ```

use syncline_model::{Code, Diagnostic};

use crate::near::nearest;
use crate::resolve::Project;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0218", summary: "no environment has this name" };

/// Returns the report about the name of an environment.
#[must_use]
pub fn named(project: &Project, name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(CODE, format!("no environment is called `{name}`"));
    let environments: Vec<_> = project.environments().collect();
    let names = || environments.iter().filter(|own| !own.is_abstract).map(|own| own.name.as_str());
    match nearest(name, names()) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = names().collect();
            diagnostic.help(format!("There are: {}.", names.join(", ")))
        }
    }
}

/// Returns the report about an abstract environment that should be planned.
#[must_use]
pub fn is_abstract(project: &Project, name: &str) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::error(CODE, format!("`{name}` is abstract: it is there to be extended"));
    if let Some(environment) = project.environment(name) {
        diagnostic = diagnostic.label(environment.span, "declared abstract");
    }
    diagnostic.help("Name an environment that extends it.")
}
