//! E0230: a function cannot be what it says.
//!
//! A function computes an expression from its parameters. It never calls itself, directly or through
//! others, so that every evaluation ends; functions are arguments, but never values.
//!
//! ```sync
//! fn factorial(n: int) -> int = if n == 0 then 1 else n * factorial(n - 1)
//! ```
//!
//! Mend it:
//!
//! ```sync
//! fn factorial(n: int) -> int = std.lists.fold(range(1, n + 1), 1, (product, i) => product * i)
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::syntax::ast::Ident;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0230", summary: "a function cannot be what it says" };
/// Returns the report about a function without a body.
pub(crate) fn no_body(name: &Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` does not say what it computes", name.name))
        .label(name.span, "has no body")
        .help("Write an expression behind its type: `fn name(a: int) -> int = a + 1`.")
}

/// Returns the report about a function called as one of the language.
pub(crate) fn taken(name: &Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` is a function of the language", name.name))
        .label(name.span, "declared again")
        .help("Give it another name.")
}

/// Returns the report about a second parameter of a name.
pub(crate) fn parameter_twice(name: &Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("there are two parameters called `{}`", name.name))
        .label(name.span, "the second")
        .help("Give one of them another name.")
}

/// Returns the report about a variadic parameter that is not the last.
pub(crate) fn variadic(name: &Ident) -> Diagnostic {
    Diagnostic::error(CODE, "only the last parameter takes any number of arguments")
        .label(name.span, "others follow")
        .help("Move it to the end, or take a list.")
}

/// Returns the report about a function's type where values have types.
pub(crate) fn function_as_value(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "only a parameter of a function can be a function")
        .label(span, "no type of a value")
        .help("Call the function here, and give its result.")
}

/// Returns the report about a function inside of an environment.
pub(crate) fn misplaced(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "functions stand at the top of a file")
        .label(span, "inside of an environment")
        .help("Move it out of the braces; give it what it needs as parameters.")
}
