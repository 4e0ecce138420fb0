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
    let report = Diagnostic::error(CODE, format!("`{shown}{dots}` is not a number here: {reason}"))
        .label(span, "malformed number");
    if let Some(meant) = meant(text) {
        return report.help(format!("Did you mean `{meant}`?")).suggest(span, meant);
    }
    report.help(
        "Numbers are written `12`, `1_000`, `0xff`, `1.5` or `1.5e3`; quantities `1h30m` (w d h m \
             s ms us ns), `10GiB` (B KB MB GB TB PB, KiB MiB GiB TiB PiB) or `25%`.",
    )
}

/// Units as they are written elsewhere, in small letters, and what they are here.
const UNITS: [(&str, &str); 29] = [
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("week", "w"),
    ("weeks", "w"),
    ("k", "KB"),
    ("kb", "KB"),
    ("g", "GB"),
    ("gb", "GB"),
    ("mb", "MB"),
    ("tb", "TB"),
    ("ki", "KiB"),
    ("kib", "KiB"),
    ("mi", "MiB"),
    ("mib", "MiB"),
    ("gi", "GiB"),
    ("gib", "GiB"),
    ("ti", "TiB"),
];

/// Returns the unit that is meant by what is written in another language.
pub(crate) fn unit(written: &str) -> Option<&'static str> {
    let lower = written.to_ascii_lowercase();
    UNITS.iter().find(|(own, _)| *own == lower).map(|(_, ours)| *ours)
}

/// Returns the quantity that is meant: of `10Gi` it is `10GiB`.
fn meant(text: &str) -> Option<String> {
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, written) = text.split_at(end);
    Some(format!("{number}{}", unit(written)?))
}
