//! E0212: this form does not fit what it changes.
//!
//! A parameter, `let` or output is set or added to; a resource or a provider is changed inside.
//!
//! ```sync
//! environment prod extends base {
//!   bucket = { versioning = true }
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment prod extends base {
//!   bucket { versioning = true }
//! }
//! ```

use syncline_model::{Code, Diagnostic, Path, Span, Value};

use crate::resolve::Slot;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0212", summary: "this form does not fit what it changes" };

/// Returns the report about a resource that is set like a value.
pub(crate) fn needs_body(target: &ast::Target, slot: &Slot<'_>) -> Diagnostic {
    let name = &target.name.name;
    let keyword = slot.kind.keyword();
    Diagnostic::error(CODE, format!("`{name}` is a {keyword}, and cannot be set as a whole"))
        .label(target.span(), "set here")
        .label(slot.name.span, format!("a {keyword}"))
        .help(format!("Change what is in it: `{name} {{ attribute = ... }}`."))
}

/// Returns the report about an entry of a body that names no attribute.
pub(crate) fn needs_name(slot: &Slot<'_>, span: Span) -> Diagnostic {
    let keyword = slot.kind.keyword();
    Diagnostic::error(CODE, format!("this changes no attribute of `{}`", slot.name.name))
        .label(span, format!("a {keyword}'s attributes have names"))
        .help(format!("Write `{}.attribute = ...`, with the attribute's name.", slot.name.name))
}

/// Returns the report about a unit that is set like a value.
pub(crate) fn whole_unit(target: &ast::Target, name: &ast::Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` is a unit, and cannot be set as a whole", name.name))
        .label(target.span(), "set here")
        .label(name.span, "a unit")
        .help(format!("Change what is in it: `{} {{ member = ... }}`.", name.name))
}

/// Returns the report about a name alone in a unit's body that is no value.
pub(crate) fn sets_whole(name: &ast::Ident, slot: &Slot<'_>) -> Diagnostic {
    let keyword = slot.kind.keyword();
    Diagnostic::error(CODE, format!("`{}` is a {keyword}, and cannot be set as a whole", name.name))
        .label(name.span, "set here")
        .label(slot.name.span, format!("a {keyword}"))
        .help(format!("Change what is in it: `{} {{ attribute = ... }}`.", name.name))
}

/// Returns the report about a part of something that has no parts.
pub(crate) fn no_inside(name: &str, path: &Path, span: Span) -> Diagnostic {
    let whole = if path.0.is_empty() { name.to_owned() } else { format!("{name}.{path}") };
    Diagnostic::error(CODE, format!("`{whole}` has no such part to change"))
        .label(span, "changed here")
        .note("Only maps and records have parts that can be set, and lists those that are there.")
        .help(format!("Set `{whole}` as a whole."))
}

/// Returns the report about a removal of nothing.
pub(crate) fn nothing_to_remove(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("there is nothing to remove from `{name}`"))
        .label(span, "removed here")
        .help("Take the `remove` out, or name something that an overlay below sets.")
}

/// Returns the report about `+=` on something that is no collection.
pub(crate) fn adds_to_no_collection(name: &str, old: &Value, span: Span) -> Diagnostic {
    let kind = old.reveal().kind();
    Diagnostic::error(CODE, format!("`+=` adds to a map, a list or a set, and `{name}` is {kind}"))
        .label(span, "added here")
        .help(format!("Compute it from what it is without this overlay: `{name} = super + ...`."))
}
