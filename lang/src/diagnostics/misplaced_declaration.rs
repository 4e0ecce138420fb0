//! E0221: a declaration stands in the wrong folder.
//!
//! The project block, environments and overlays stand in the project's own folder, where everybody
//! finds them. Other folders hold components, types and functions.
//!
//! ```text
//! service/web.sync: environment dev {}
//! ```
//!
//! Mend it:
//!
//! ```text
//! environments.sync: environment dev {}
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0221", summary: "a declaration stands in the wrong folder" };

/// Returns the report about what only the project's own folder may hold.
pub(crate) fn in_folder(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("{what} cannot stand in a module's folder"))
        .label(span, "declared here")
        .note("The project's own folder has the environments; other folders have components.")
        .help("Move it to the project's own folder, or make a `component` of it.")
}
