//! E0207: two overlays disagree.
//!
//! Overlays that an environment takes in with `with` are siblings: between them nobody wins. Where
//! two of them change the same thing differently, the environment has to say what it should be.
//!
//! ```sync
//! overlay cheap for base { replicas = 1 }
//! overlay safe for base { replicas = 3 }
//! environment prod extends base with cheap, safe {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! overlay cheap for base { replicas = 1 }
//! overlay safe for base { replicas = 3 }
//! environment prod extends base with cheap, safe {
//!   replicas = 3
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::resolve::{LayerId, Project};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0207", summary: "two overlays disagree" };

/// Returns the report about two siblings' changes of one thing in an environment.
pub(crate) fn diagnostic(
    project: &Project,
    environment: LayerId,
    name: &str,
    left: (LayerId, Span),
    right: (LayerId, Span),
) -> Diagnostic {
    let environment = &project.layer(environment).name;
    let names = [&project.layer(left.0).name, &project.layer(right.0).name];
    let message = format!(
        "`{}` and `{}` change `{name}` differently, and `{environment}` takes both in",
        names[0], names[1]
    );
    Diagnostic::error(CODE, message)
        .label(left.1, format!("`{}` changes it here", names[0]))
        .label(right.1, format!("`{}` changes it here", names[1]))
        .note("Between overlays of one environment nobody wins, so their order never matters.")
        .help(format!("Settle it in `{environment}`: set `{name}` there."))
}
