//! E0114: an escape is unknown.
//!
//! In strings `\` starts one of `\n`, `\t`, `\r`, `\"`, `\\`, `\$` and `\u{...}`, where one to six
//! hexadecimal digits name a Unicode character.
//!
//! ```sync
//! let pattern = "\d+"
//! ```
//!
//! Write a backslash as two:
//!
//! ```sync
//! let pattern = "\\d+"
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0114", summary: "an escape is unknown" };

/// Returns the report about an escape, given with its backslash.
#[must_use]
pub fn invalid_escape(span: Span, escape: &str) -> Diagnostic {
    let report = Diagnostic::error(CODE, format!("`{escape}` is not an escape"))
        .label(span, "unknown escape");
    if escape.starts_with("\\u") {
        return report.help("Write a Unicode character as `\\u{1F600}`: one to six hex digits.");
    }
    report
        .help("The escapes are `\\n`, `\\t`, `\\r`, `\\\"`, `\\\\`, `\\$` and `\\u{...}`; a backslash is written `\\\\`.")
        .mend(span, format!("\\{escape}"))
}
