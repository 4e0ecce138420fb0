//! E0117: a block is written in another language's way.
//!
//! Types and names of resources are not quoted, and stand in one order: keyword, type, name.
//!
//! ```sync
//! resource "aws_s3_bucket" "assets" {
//! }
//! ```
//!
//! ```sync
//! resource aws.s3_bucket assets {
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code =
    Code { id: "E0117", summary: "a block is written in another language's way" };

/// Returns the report about quoted words before a `{`; `mended` is the line in this language.
#[must_use]
pub fn foreign_block(span: Span, mended: &str) -> Diagnostic {
    Diagnostic::error(CODE, "types and names of blocks are not quoted")
        .label(span, "quoted")
        .help(format!("Write `{mended}`."))
}
