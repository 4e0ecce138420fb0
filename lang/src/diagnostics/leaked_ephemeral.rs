//! E0350: a value of an ephemeral resource would be recorded.
//!
//! What an ephemeral resource holds is there for one run and kept nowhere: it may go into attributes that are
//! write-only, configurations of providers, and other ephemeral resources. Attributes of resources, data sources and
//! outputs are recorded.
//!
//! ```sync
//! environment dev {
//!   ephemeral mem.token t { name = "db" }
//!   output token = t.value
//! }
//! ```
//!
//! ```sync
//! environment dev {
//!   ephemeral mem.token t { name = "db" }
//!   resource mem.vault v { name = "db", password = t.value }
//! }
//! ```

use syncline_model::{Address, Code, Diagnostic, Span};

/// What this is reported as.
pub const CODE: Code =
    Code { id: "E0350", summary: "a value of an ephemeral resource would be recorded" };

/// Returns the report; `what` is where the value leads.
pub(crate) fn diagnostic(what: &str, address: &Address, span: Span) -> Diagnostic {
    let message = format!("{what} would record a value of `{address}`, which is ephemeral");
    Diagnostic::error(CODE, message)
        .label(span, format!("made of `{address}`"))
        .note("What is ephemeral is there for one run; what is recorded stays.")
        .help(
            "Use it in an attribute that is write-only, in a provider's configuration, or in another ephemeral \
             resource; or declare a `resource` instead.",
        )
}
