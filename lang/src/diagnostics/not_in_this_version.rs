//! E0121: this version does not have it.
//!
//! The language reserves some annotations for later versions.
//!
//! ```sync
//! environment dev {
//!   resource local.file page {
//!     @health(http = "/")
//!     path = "page.html"
//!   }
//! }
//! ```
//!
//! Take it out.

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0121", summary: "this version does not have it" };

/// Returns the report about a form of a later version; `what` is its name in the plural.
#[must_use]
pub fn not_in_this_version(span: Span, what: &str, help: &str) -> Diagnostic {
    let report = Diagnostic::error(CODE, format!("this version has no {what} yet"))
        .label(span, "not in this version");
    if help.is_empty() { report } else { report.help(help) }
}
