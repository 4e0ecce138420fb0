//! E0109: a `:` stands in place of `=`.
//!
//! Keys and attributes get their values with `=`; a `:` introduces a type.
//!
//! ```sync
//! tags = { owner: "web" }
//! ```
//!
//! Write `=`:
//!
//! ```sync
//! tags = { owner = "web" }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0109", summary: "a `:` stands in place of `=`" };

/// Returns the report about a `:` behind the key or attribute `name`.
#[must_use]
pub fn colon_for_equals(span: Span, name: &str) -> Diagnostic {
    report(span, name).help(format!("Write `{name} = ...`.")).mend(span, " =")
}

/// Returns the report about a `:` behind the name that a member starts with: a declaration without
/// its keyword, or a change.
#[must_use]
pub fn behind_member(span: Span, name: &str) -> Diagnostic {
    report(span, name)
        .help(format!("Declare it with `param {name}: ...`, or change it with `{name} = ...`."))
        .suggest(span, " =")
}

fn report(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` gets its value with `=`, not with `:`"))
        .label(span, "write `=`")
}
