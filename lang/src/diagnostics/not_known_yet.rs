//! E0311: a key or a condition is known only after apply.
//!
//! Which resources there are must be known to plan them. Their attributes may wait for others;
//! their keys and conditions may not. A data source is read for them where all that it is configured with is known.
//! A `destroy` goes on: what is recorded can go all the same.
//!
//! ```sync
//! resource random.integer count { min = 1, max = 3 }
//! resource local.file f[i in range(count.result)] {
//!   path = "f${i}"
//! }
//! ```
//!
//! Mend it:
//!
//! ```sync
//! param count: int = 3
//! resource local.file f[i in range(count)] {
//!   path = "f${i}"
//! }
//! ```

use std::collections::BTreeSet;

use syncline_model::{Address, Code, Diagnostic, EnvironmentName, Problem, Span, Value};

/// What this is reported as.
pub const CODE: Code =
    Code { id: "E0311", summary: "a key or a condition is known only after apply" };

fn environments(value: &Value) -> BTreeSet<EnvironmentName> {
    let mut outputs = Vec::new();
    value.waits_for_outputs(&mut outputs);
    outputs.into_iter().map(|(environment, _)| environment).collect()
}

/// Returns the way out: what waits for other environments alone is known once those are applied.
fn way_out(value: &Value, otherwise: &str) -> String {
    let mut addresses = Vec::new();
    value.waits_for(&mut addresses);
    let environments = environments(value);
    if !addresses.is_empty() || environments.is_empty() {
        return otherwise.to_owned();
    }
    let names: Vec<String> = environments.iter().map(ToString::to_string).collect();
    format!("Apply first what it is read from: `syncline apply {}`.", names.join(" "))
}

fn waits(value: &Value) -> String {
    let mut addresses = Vec::new();
    value.waits_for(&mut addresses);
    addresses.sort();
    addresses.dedup();
    let environments = environments(value);
    let names = addresses.iter().map(|address| format!("`{address}`"));
    let applies = environments.iter().map(|own| format!("an apply of `{own}`"));
    let names: Vec<String> = names.chain(applies).collect();
    match names.as_slice() {
        [] => "an apply".to_owned(),
        names => names.join(" and "),
    }
}

/// Returns the report about a data source that cannot be read, on which it hangs which resources there are.
pub(crate) fn unread(address: &Address, problem: &Problem, span: Span) -> Diagnostic {
    let message = format!("`{address}` cannot be read: {}", problem.summary);
    let diagnostic = Diagnostic::error(CODE, message)
        .label(span, "which resources there are hangs on it")
        .help("Mend what the provider says, or take what is wanted of it from a `param`.");
    match problem.detail.trim() {
        "" => diagnostic,
        detail => diagnostic.note(detail),
    }
}

/// Returns the report about keys that are unknown.
pub(crate) fn keys(value: &Value, span: Span) -> Diagnostic {
    let waits = waits(value);
    Diagnostic::error(CODE, format!("the keys wait for {waits}"))
        .label(span, "known only after apply")
        .note("The plan must know which instances there are.")
        .help(way_out(value, "Take the keys from a `param` or a `let` that waits for nothing."))
}

/// Returns the report about a condition that is unknown.
pub(crate) fn condition(value: &Value, span: Span, name: &str) -> Diagnostic {
    let waits = waits(value);
    Diagnostic::error(CODE, format!("whether there is a `{name}` waits for {waits}"))
        .label(span, "known only after apply")
        .note("The plan must know which resources there are.")
        .help(way_out(value, "Decide it by a `param` or a `let` that waits for nothing."))
}

/// Returns the report about a list to fold that is unknown.
pub(crate) fn fold(value: &Value, span: Span) -> Diagnostic {
    let waits = waits(value);
    Diagnostic::error(CODE, format!("the list to fold waits for {waits}"))
        .label(span, "known only after apply")
        .note("How often the function is called depends on the list.")
        .help("Use `std.lists.map` and a function of the whole, such as `std.lists.sum`.")
}
