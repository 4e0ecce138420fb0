//! E0701: a test is not written as one.
//!
//! A test names one environment, with values for its parameters if it needs some, and what it
//! expects. `mocks` gives values to what providers would compute, and `fails` is the code of an
//! error that is expected. Values are written out: a test computes nothing.
//!
//! ```sync
//! test "prod is large" {
//!   expect replicas > 3
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! test "prod is large" {
//!   environment = prod
//!   expect replicas > 3
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::syntax::ast::Ident;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0701", summary: "a test is not written as one" };

/// Returns the report about a test that names no environment.
pub(crate) fn no_environment(name: Span) -> Diagnostic {
    Diagnostic::error(CODE, "the test names no environment")
        .label(name, "of which environment?")
        .help("Write `environment = prod`, or `environment = prod(replicas = 3)`.")
}

/// Returns the report about a test that expects nothing.
pub(crate) fn no_expectation(name: Span) -> Diagnostic {
    Diagnostic::error(CODE, "the test expects nothing")
        .label(name, "it could not fail")
        .help("Write `expect` and a condition, or `fails` and the code of a diagnostic.")
}

/// Returns the report about something that is no part of a test.
pub(crate) fn no_part(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this is no part of a test").label(span, "not known here").help(
        "A test has `environment = ...`, `mocks { ... }`, `fails = \"...\"` and `expect` lines.",
    )
}

/// Returns the report about a value that is not written out, or not of the form that is wanted.
pub(crate) fn no_value(span: Span, wanted: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("expected {wanted}")).label(span, "something else is here")
}

/// Returns the report about something that is there twice.
pub(crate) fn twice(what: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("{what} is there twice"))
        .label(span, "again")
        .label(first, "first")
        .help("Take one of them out.")
}

/// Returns the report about a test with the name of one before it.
pub(crate) fn named_twice(name: &Ident, first: Span) -> Diagnostic {
    twice(&format!("the test \"{}\"", name.name), name.span, first)
        .help("Give one of them another name.")
}

/// Returns the report about a mock of an attribute that no provider sets.
pub(crate) fn not_computed(span: Span, name: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{name}` of `{type_name}` is configured, and not computed"))
        .label(span, "no provider sets this")
        .help("A test sees what the source says. Give another value to a parameter: `environment = dev(size = 3)`.")
}

/// Returns the report about an `expect` outside of a test.
pub(crate) fn outside(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "only a test can expect something")
        .label(span, "this stands in no test")
        .help("Write `ensure cond else \"message\"` for what must hold whenever it is planned.")
}

/// Returns the report about an expected code that no diagnostic has.
pub(crate) fn no_code(span: Span, code: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("no diagnostic has the code `{code}`"))
        .label(span, "not found")
        .help("The code stands in brackets before a message, as in `error[E0401]`.")
}

/// Returns the report about a mock of something that the environment does not have.
pub(crate) fn mocks_nothing(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "this mocks nothing that the environment has")
        .label(span, "no resource of this type and name")
        .help(
            "Write the type of a resource or data source, and behind it a name if one is meant; or outputs \
             that it reads: `network.outputs`.",
        )
}
