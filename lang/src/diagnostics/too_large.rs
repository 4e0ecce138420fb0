//! E0315: a value is too large.
//!
//! Work is bounded, so that no source can exhaust a machine.
//!
//! ```sync
//! let all = [for i in range(100000000): i]
//! ```
//!
//! Mend it:
//!
//! ```sync
//! let all = [for i in range(1000): i]
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0315", summary: "a value is too large" };

/// Returns the report about an evaluation that takes too many steps.
pub(crate) fn work(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, format!("this takes more than {limit} steps"))
        .label(span, "too much work")
        .help("Split it up, or make fewer elements.")
}

/// Returns the report about components of components that are too many when each is counted.
pub(crate) fn units(span: Span, limit: u32) -> Diagnostic {
    Diagnostic::error(CODE, format!("there are more than {limit} units in one another"))
        .label(span, "too many with this one")
        .note("A unit counts wherever it stands: of two units with two units each there are four inside.")
        .help("Take apart what stands in one another, or make a keyed unit of many: it counts once.")
}

/// Returns the report about environments that read one another's outputs in a long chain.
pub(crate) fn chain(span: Span, limit: usize) -> Diagnostic {
    let message = format!("environments read one another's outputs more than {limit} deep");
    Diagnostic::error(CODE, message)
        .label(span, "too deep")
        .help("Read the value where it is made, rather than hand it on.")
}

/// Returns the report about expressions and calls that nest too deeply.
pub(crate) fn nesting(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::error(CODE, format!("calls and expressions nest more than {limit} levels deep"))
        .label(span, "too deep")
        .help("Let fewer functions call one another.")
}
