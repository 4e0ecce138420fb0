//! E0702: a test's expectation does not hold.
//!
//! The condition behind `expect` is false in the environment that the test names, or could not be
//! computed. Both sides of a comparison are shown.
//!
//! ```sync
//! test "prod is large" {
//!   environment = prod
//!   expect replicas > 300
//! }
//! ```
//!
//! Mend it: change the environment, or what is expected of it.

use syncline_model::{Address, Code, Diagnostic, Span, Value};

use super::ensure_failed::said;

/// What this is reported as.
pub const CODE: Code = Code { id: "E0702", summary: "a test's expectation does not hold" };

/// Returns the report about a condition that is false; `sides` are those of a comparison.
pub(crate) fn diagnostic(
    span: Span,
    message: Option<&Value>,
    sides: &[(Span, Value)],
) -> Diagnostic {
    let text = message.map_or_else(|| "the expectation does not hold".to_owned(), said);
    let mut diagnostic = Diagnostic::error(CODE, text).label(span, "false");
    for (span, value) in sides {
        diagnostic = diagnostic.label(*span, value.to_string());
    }
    diagnostic
}

/// Returns the report about a condition that waits for what nothing gives.
pub(crate) fn not_known(span: Span, waits_for: &[Address]) -> Diagnostic {
    let names: Vec<String> = waits_for.iter().map(|address| format!("`{address}`")).collect();
    Diagnostic::error(CODE, "the expectation cannot be decided")
        .label(span, format!("waits for {}", names.join(", ")))
        .help("Give the value in `mocks`: `mocks { random.id { hex = \"c0ffee\" } }`.")
}

/// Returns the report about an environment that has no mistake where one is expected.
pub(crate) fn succeeded(span: Span, code: &str) -> Diagnostic {
    Diagnostic::error(CODE, format!("the environment should fail with {code}, and does not"))
        .label(span, "expected here")
}
