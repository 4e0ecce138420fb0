//! E0217: a type is wrong.
//!
//! A union has literals only, a record names each field once, and no type contains itself.
//!
//! ```sync
//! type Size = "small" | string
//! ```
//!
//! Mend it:
//!
//! ```sync
//! type Size = "small" | "large"
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0217", summary: "a type is wrong" };

/// Returns the report about a member of a union that is no literal.
pub(crate) fn union(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a union has literals only")
        .label(span, "no literal")
        .help("Write strings, whole numbers, `true` or `false`, or the names of such unions.")
}

/// Returns the report about a literal that can be no type.
pub(crate) fn literal(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this literal cannot be a type")
        .label(span, "no literal type")
        .help("Write a string without `${}`, a whole number, `true` or `false`.")
}

/// Returns the report about a type that contains itself.
pub(crate) fn contains_itself(name: &ast::Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("the type `{}` contains itself", name.name))
        .label(name.span, "defined by itself")
        .help("Use `any` at the place where it would start again.")
}

/// Returns the report about a field that a record names twice.
pub(crate) fn field_twice(name: &ast::Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("the record has two fields called `{}`", name.name))
        .label(name.span, "named again")
        .help("Take one of them out.")
}
