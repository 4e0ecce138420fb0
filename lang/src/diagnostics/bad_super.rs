//! E0216: `super` stands where nothing is beneath.
//!
//! `super` is the value that an amendment changes: there is none in a declaration.
//!
//! ```sync
//! environment dev {
//!   param replicas: int = super + 1
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment prod extends dev {
//!   replicas = super + 1
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0216", summary: "`super` stands where nothing is beneath" };

/// Returns the report about a `super`.
pub(crate) fn diagnostic(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "`super` has no value here")
        .label(span, "nothing is set beneath")
        .note("`super` is what the member or attribute would be without this overlay.")
        .help("Use it where an overlay changes something that one below sets.")
}
