//! E0115: a number is malformed.
//!
//! Numbers are written `12`, `1_000`, `0xff`, `1.5` or `1.5e3`, with at most 400 digits and an
//! exponent of at most 400. Directly behind one may stand a unit: `30s`, `1h30m` (the larger unit
//! first), `10GiB`, `25%`.
//!
//! ```sync
//! let size = 12abc
//! ```
//!
//! ```sync
//! let size = 12
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0115", summary: "a number is malformed" };

/// Returns the report about a number; `reason` is a clause such as "it has a stray letter".
#[must_use]
pub fn invalid_number(span: Span, text: &str, reason: &str) -> Diagnostic {
    let shown: String = text.chars().take(24).collect();
    let dots = if shown.len() < text.len() { "..." } else { "" };
    Diagnostic::error(CODE, format!("`{shown}{dots}` is not a number here: {reason}"))
        .label(span, "malformed number")
        .help(
            "Numbers are written `12`, `1_000`, `0xff`, `1.5` or `1.5e3`; quantities `1h30m` (w d h m \
             s ms us ns), `10GiB` (B KB MB GB TB PB, KiB MiB GiB TiB PiB) or `25%`.",
        )
}
