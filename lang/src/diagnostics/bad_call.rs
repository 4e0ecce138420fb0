//! E0309: a call does not fit its function.
//!
//! A function takes the arguments of its signature, by position or by name.
//!
//! ```sync
//! output n = std.strings.upper()
//! ```
//!
//! Mend it:
//!
//! ```sync
//! output n = std.strings.upper("a")
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::stdlib::StdFunction;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0309", summary: "a call does not fit its function" };

fn takes(function: &StdFunction) -> String {
    format!("It is `{}{}`.", function.name, function.signature)
}

/// Returns the report about an argument that the function does not take.
pub(crate) fn unexpected(function: &StdFunction, arg: &ast::Arg) -> Diagnostic {
    let (message, span) = match &arg.name {
        Some(name) => (format!("`{}` has no parameter `{}`", function.name, name.name), name.span),
        None => (format!("`{}` takes fewer arguments", function.name), arg.value.span),
    };
    Diagnostic::error(CODE, message).label(span, "not taken").help(takes(function))
}

/// Returns the report about a parameter that gets no argument.
pub(crate) fn missing(function: &StdFunction, param: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` needs `{param}`", function.name))
        .label(span, format!("`{param}` is missing"))
        .help(takes(function))
}

/// Returns the report about a parameter that gets two arguments.
pub(crate) fn twice(arg: &ast::Arg, param: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{param}` is given twice"))
        .label(arg.value.span, "given again")
        .help("Take one of the two arguments out.")
}

/// Returns the report about a spread argument that cannot be spread.
pub(crate) fn spread(arg: &ast::Arg) -> Diagnostic {
    Diagnostic::error(CODE, "only a list can be spread, and only into `...` parameters")
        .label(arg.value.span, "spread here")
        .help("Give the arguments one by one.")
}
