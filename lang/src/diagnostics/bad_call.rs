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

use syncline_model::{Code, Diagnostic, FunctionType, Span, Type};

use crate::stdlib::Signature;
use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0309", summary: "a call does not fit its function" };

fn takes(name: &str, signature: &Signature) -> String {
    format!("It is `{name}{signature}`.")
}

/// Returns the report about an argument that the function does not take.
pub(crate) fn unexpected(function: &str, signature: &Signature, arg: &ast::Arg) -> Diagnostic {
    let (message, span) = match &arg.name {
        Some(name) => (format!("`{function}` has no parameter `{}`", name.name), name.span),
        None => (format!("`{function}` takes fewer arguments"), arg.value.span),
    };
    Diagnostic::error(CODE, message).label(span, "not taken").help(takes(function, signature))
}

/// Returns the report about too many arguments for a function that is an argument itself.
pub(crate) fn too_many(function: &str, signature: &Signature, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{function}` takes fewer arguments"))
        .label(span, "called with more")
        .help(takes(function, signature))
}

/// Returns the report about a lambda that takes another number of arguments than it gets.
pub(crate) fn lambda(lambda: &ast::Lambda, given: usize, span: Span) -> Diagnostic {
    let takes = lambda.params.len();
    Diagnostic::error(CODE, format!("this function takes {takes} arguments, and gets {given}"))
        .label(span, "called here")
        .label(lambda.body.span, "the function")
        .help("Give it as many arguments as it has parameters.")
}

/// Returns the report about a call of a parameter that is a function, with another number of arguments.
pub(crate) fn counted(name: &str, ty: &FunctionType, given: usize, span: Span) -> Diagnostic {
    let takes = ty.params.len();
    Diagnostic::error(CODE, format!("`{name}` takes {takes} arguments, and gets {given}"))
        .label(span, "called here")
        .help(format!("It is declared as `{}`.", Type::Function(ty.clone().into())))
}

/// Returns the report about a lambda with another number of parameters than will be given.
pub(crate) fn parameters(lambda: &ast::Lambda, wanted: usize, span: Span) -> Diagnostic {
    let takes = lambda.params.len();
    let form = match wanted {
        0 => "() => ...".to_owned(),
        1 => "x => ...".to_owned(),
        2 => "(x, y) => ...".to_owned(),
        more => format!("a function of {more} parameters"),
    };
    Diagnostic::error(
        CODE,
        format!("this function takes {takes} arguments, and would get {wanted}"),
    )
    .label(span, format!("needs {wanted}"))
    .help(format!("Write `{form}`."))
}

/// Returns the report about a value where a function is needed.
pub(crate) fn needs_function(param: &str, ty: &syncline_model::Type, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{param}` must be a function `{ty}`"))
        .label(span, "a value")
        .help("Write a function, `x => x + 1`, or the name of one.")
}

/// Returns the report about an argument by name, or spread, for a function without a name.
pub(crate) fn plain_only(name: &str, arg: &ast::Arg) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` takes its arguments by position"))
        .label(arg.value.span, "named or spread")
        .help("Give the arguments one by one.")
}

/// Returns the report about a parameter that gets no argument.
pub(crate) fn missing(
    function: &str,
    signature: &Signature,
    param: &str,
    span: Span,
) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{function}` needs `{param}`"))
        .label(span, format!("`{param}` is missing"))
        .help(takes(function, signature))
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
