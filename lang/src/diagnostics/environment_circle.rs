//! E0232: environments read one another's outputs in a circle.
//!
//! What an environment reads of another one is made first. Every reference of the circle is shown,
//! and the one that is likeliest to be cut.
//!
//! ```sync
//! environment network {
//!   output zone = shop.outputs.zone
//! }
//! environment shop {
//!   output zone = "eu-west-1a"
//!   output net = network.outputs.zone
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! environment network {
//!   output zone = "eu-west-1a"
//! }
//! environment shop {
//!   output zone = network.outputs.zone
//!   output net = network.outputs.zone
//! }
//! ```

use syncline_model::{Code, Diagnostic, Span, Str, cycle};

/// What this is reported as.
pub const CODE: Code =
    Code { id: "E0232", summary: "environments read one another's outputs in a circle" };

/// Returns the report about environments, each with the reference that leads to the next.
pub(crate) fn diagnostic(circle: &[(Str, Option<Span>)]) -> Diagnostic {
    // It says the same wherever the evaluation came into it.
    let first = circle.iter().enumerate().min_by_key(|(_, (name, _))| name.clone());
    let at = first.map_or(0, |(at, _)| at);
    let turned: Vec<_> = circle[at..].iter().chain(&circle[..at]).cloned().collect();
    cycle(CODE, &turned)
}
