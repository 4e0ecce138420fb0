//! E0223: the keys of an environment are not written out.
//!
//! Everybody who reads the project, and every command, must know which environments there are
//! without evaluating anything. So the keys are plain strings, or those of a map whose values use no
//! names; and what has keys is not extended further.
//!
//! ```sync
//! environment prod[region in regions] {}
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment prod[region in ["eu-west-1", "us-east-1"]] {}
//! ```

use syncline_model::{Code, Diagnostic, Span};

use crate::syntax::ast;

/// What this is reported as.
pub const CODE: Code =
    Code { id: "E0223", summary: "the keys of an environment are not written out" };

/// Returns the report about keys that would have to be computed.
pub(crate) fn computed(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "the keys of an environment must be written out")
        .label(span, "this is computed")
        .note("So every command knows which environments there are without evaluating anything.")
        .help("Write a list of strings, `[\"eu\", \"us\"]`, or a map with values, `{ eu = 3, us = 1 }`.")
}

/// Returns the report about a key that stands there twice.
pub(crate) fn twice(key: &str, span: Span) -> Diagnostic {
    Diagnostic::error(CODE, format!("the key `{key}` stands here twice"))
        .label(span, "again")
        .help("Take one of them out.")
}

/// Returns the report about an abstract environment with keys.
pub(crate) fn of_abstract(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "an abstract environment has no keys")
        .label(span, "keys")
        .help("Give keys to the environments that extend it.")
}

/// Returns the report about an environment that extends one with keys.
pub(crate) fn extended(target: &ast::Ident) -> Diagnostic {
    Diagnostic::error(CODE, format!("`{}` has keys, and cannot be extended", target.name))
        .label(target.span, "one environment for each key")
        .help("Move what both share to an abstract environment, and extend that.")
}
