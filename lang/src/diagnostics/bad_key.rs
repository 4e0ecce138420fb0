//! E0312: a key is no key.
//!
//! A key is a known string or whole number, and no secret, since addresses are shown.
//!
//! ```sync
//! let m = {for x in [true]: x => 1}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! let m = {for x in ["true"]: x => 1}
//! ```

use syncline_model::{Code, Diagnostic, Span, Value};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0312", summary: "a key is no key" };

/// Returns the report about a value that cannot be a key.
pub(crate) fn diagnostic(value: &Value, span: Span) -> Diagnostic {
    if value.has_secret() {
        return secret(span);
    }
    if value.is_unknown() {
        return super::not_known_yet::keys(value, span);
    }
    Diagnostic::error(
        CODE,
        format!("a key must be a string or a whole number, and this is {}", value.kind()),
    )
    .label(span, "no key")
    .help("Write `string(...)` around it, if its text is what you want.")
}

/// Returns the report about a key that is secret.
pub(crate) fn secret(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a secret cannot be a key")
        .label(span, "secret")
        .note("Keys become part of addresses, which plans and logs show.")
        .help("Use keys that tell nothing, and the secret in the values.")
}
