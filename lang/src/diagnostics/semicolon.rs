//! E0113: `;` separates nothing.
//!
//! Members end where their line does; several on one line are separated by `,`.
//!
//! ```sync
//! let a = 1; let b = 2
//! ```
//!
//! ```sync
//! let a = 1, let b = 2
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0113", summary: "`;` separates nothing" };

/// Returns the report about a `;`; `separator` is what stands there in its place.
#[must_use]
pub fn semicolon(span: Span, separator: &str) -> Diagnostic {
    Diagnostic::error(CODE, "there is no `;` in this language")
        .label(span, "remove it")
        .help(match separator {
            "," => "Members end where their line does; use `,` between several on one line.",
            _ => "What a file declares ends where its line does.",
        })
        .mend(span, separator)
}
