//! E0303: a parameter has no value.
//!
//! A parameter without a default must be given by every concrete environment, by `--set`, a
//! variable file or `SYNCLINE_VAR_name`.
//!
//! ```sync
//! abstract environment base {
//!   param domain: string
//! }
//! environment dev extends base {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! abstract environment base {
//!   param domain: string
//! }
//! environment dev extends base {
//!   domain = "dev.example"
//! }
//! ```

use syncline_model::{Code, Diagnostic, Str, Type};

use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0303", summary: "a parameter has no value" };

/// Returns the report about a parameter that an environment does not give.
pub(crate) fn diagnostic(name: &ast::Ident, ty: Option<&Type>, environment: &Str) -> Diagnostic {
    let name_text = &name.name;
    let secret = ty.is_some_and(Type::is_secret);
    let help = if secret {
        format!("Set SYNCLINE_VAR_{name_text} when you run it, so that it stands in no file.")
    } else {
        format!(
            "Write `{name_text} = ...` in `{environment}`, or run with `--set {name_text}=...`."
        )
    };
    Diagnostic::error(CODE, format!("`{environment}` gives no value for `{name_text}`"))
        .label(name.span, "declared without a default")
        .help(help)
}

/// Returns the report about a parameter of a component that a unit does not give.
pub(crate) fn of_unit(name: &ast::Ident, unit: &ast::Ident) -> Diagnostic {
    let param = &name.name;
    Diagnostic::error(CODE, format!("the unit `{}` gives no value for `{param}`", unit.name))
        .label(unit.span, "this unit")
        .label(name.span, "declared without a default")
        .help(format!("Write `{param} = ...` in the unit's body."))
}
