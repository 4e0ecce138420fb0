//! E0206: a final is changed.
//!
//! What is `final` holds for everything that stands on it.
//!
//! ```sync
//! abstract environment base {
//!   final param owner = "platform"
//! }
//! environment dev extends base {
//!   owner = "me"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! abstract environment base {
//!   param owner = "platform"
//! }
//! environment dev extends base {
//!   owner = "me"
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::resolve::{LayerId, Project};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0206", summary: "a final is changed" };

/// Returns the report about a change of what is final: who made it final and where, and who
/// changes it and where.
pub(crate) fn diagnostic(
    project: &Project,
    name: &str,
    made: (LayerId, Span),
    changed: (LayerId, Span),
) -> Diagnostic {
    let owner = &project.layer(made.0).name;
    let changer = &project.layer(changed.0).name;
    Diagnostic::error(CODE, format!("`{name}` is final in `{owner}`, and `{changer}` changes it"))
        .label(changed.1, "changed here")
        .label(made.1, format!("made final by `{owner}`"))
        .help(format!("Take the change out of `{changer}`, or the `final` out of `{owner}`."))
}
