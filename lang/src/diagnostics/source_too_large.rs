//! E0125: the source is too large.
//!
//! A file may have 64 MiB, and one declaration 8 MiB, so that no source can exhaust the machine.
//!
//! Split the file, or keep the data in a file of its own.

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code = Code { id: "E0125", summary: "the source is too large" };

/// Returns the report about a file or a declaration.
#[must_use]
pub fn source_too_large(span: Span, what: &str, limit: usize) -> Diagnostic {
    let mebibytes = limit >> 20;
    Diagnostic::error(CODE, format!("{what} is larger than {mebibytes} MiB"))
        .label(span, "too large")
        .help("Split it, or keep the data in a file of its own.")
}
