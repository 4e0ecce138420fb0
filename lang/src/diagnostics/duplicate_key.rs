//! E0313: a key comes twice.
//!
//! A map has each key once; `+=` adds keys that are not there yet, so that nothing is overridden by
//! accident.
//!
//! ```sync
//! tags += { owner = "web" }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! tags.owner = "web"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0313", summary: "a key comes twice" };

/// Returns the report about a key that a literal has twice.
pub(crate) fn diagnostic(key: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the key `{key}` comes twice"))
        .label(span, "again")
        .label(first, "first")
        .help("Take one of them out.")
}

/// Returns the report about a key that a comprehension or a list of keys makes twice.
pub(crate) fn made_twice(key: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the key `{key}` is made twice"))
        .label(span, "these are not all different")
        .help("Make the keys different, or go through `std.lists.distinct(...)`.")
}

/// Returns the report about a key that `+=` adds and that is there already.
pub(crate) fn added(key: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the key `{key}` is there already"))
        .label(span, "adds it again")
        .note("`+=` only adds, so that nothing is overridden by accident.")
        .help(format!("To replace it, set it by its path: `{name}.{key} = ...`."))
}
