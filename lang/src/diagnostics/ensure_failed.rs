//! E0401: an `ensure` does not hold.
//!
//! The project says that this must hold.
//!
//! ```sync
//! environment prod {
//!   param replicas: int = 20
//!   ensure replicas < 10 else "more than nine replicas need approval"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment prod {
//!   param replicas: int = 9
//!   ensure replicas < 10 else "more than nine replicas need approval"
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span, Str, Value};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0401", summary: "an `ensure` does not hold" };

/// Returns what stands behind `else`, as it is said: a text as it is, and nothing of a secret.
pub(super) fn said(message: &Value) -> String {
    if let Value::String(text) = message { text.to_string() } else { message.to_string() }
}

/// Returns the report about a condition, with the values that it looked at.
pub(crate) fn diagnostic(
    condition: Span,
    message: &Value,
    environment: &Str,
    values: &[(Str, Value)],
) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(CODE, format!("{} (in `{environment}`)", said(message)))
        .label(condition, "does not hold");
    if !values.is_empty() {
        let shown: Vec<String> =
            values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        diagnostic = diagnostic.note(format!("Here {}.", shown.join(", ")));
    }
    diagnostic.help("Change the values so that it holds, or the `ensure`.")
}
