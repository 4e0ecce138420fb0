//! E0116: nothing is declared here.
//!
//! A file holds `project`, `use`, `type`, `fn`, `environment`, `overlay` and `component`; the body of the
//! last three holds declarations such as `param` and changes such as `name = value`.
//!
//! ```sync
//! enviroment dev {
//! }
//! ```
//!
//! ```sync
//! environment dev {
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0116", summary: "nothing is declared here" };

/// Where a declaration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the top of a file.
    File,
    /// In an environment or overlay.
    Layer,
}

/// Returns the report about a word that declares nothing; `near` is the keyword that was meant.
#[must_use]
pub fn unknown_declaration(span: Span, word: &str, near: Option<&str>, place: Place) -> Diagnostic {
    let report = Diagnostic::error(CODE, format!("`{word}` is not a kind of declaration"))
        .label(span, "unknown kind of declaration");
    match (near, place) {
        (Some(near), _) => report.help(format!("Did you mean `{near}`?")).suggest(span, near),
        (None, Place::File) => report.help(
            "A file holds `project`, `use`, `type`, `fn`, `environment`, `overlay` and `component` \
             declarations.",
        ),
        (None, Place::Layer) => report.help(
            "Declare with `param`, `let`, `resource`, `unit`, `data`, `provider`, `output` or `ensure`; \
             change something inherited with `name = value` or `name { ... }`.",
        ),
    }
}

/// Returns the report about a member that stands outside of every environment.
#[must_use]
pub fn member_outside(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{word}` stands outside of every environment"))
        .label(span, "only environments and overlays hold this")
        .help("Move it into the body of an `environment` or an `overlay`.")
}

/// Returns the report about an item that stands inside of an environment or overlay.
#[must_use]
pub fn item_inside(span: Span, word: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{word}` stands inside of an environment or overlay"))
        .label(span, "only a file holds this")
        .help("Move it out of the braces, to the top of the file.")
}
