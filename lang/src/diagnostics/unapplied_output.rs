//! W0234: an output that is read is not applied as the source has it.
//!
//! What an environment reads of another one is what was recorded when that one was applied. Where it
//! has never been, nothing is known yet; where its source has changed since, the value is the old one.
//!
//! ```console
//! $ syncline plan shop
//! ```
//!
//! Mend it:
//!
//! ```console
//! $ syncline plan network shop
//! ```

use syncline_model::{Code, Diagnostic, EnvironmentName, Found, OutputRead, Span};

/// What this is reported as.
pub const CODE: Code =
    Code { id: "W0234", summary: "an output that is read is not applied as the source has it" };

/// Returns what there is to say of what an environment reads, one report for each other environment.
#[must_use]
pub fn diagnostics<'r>(
    reader: &str,
    reads: impl Iterator<Item = &'r OutputRead> + Clone,
) -> Vec<Diagnostic> {
    let mut environments: Vec<&EnvironmentName> =
        reads.clone().map(|read| &read.environment).collect();
    environments.dedup();
    let all = environments.into_iter().flat_map(|environment| {
        let own = reads.clone().filter(move |read| read.environment == *environment);
        let old = own.clone().filter(|read| read.found == Found::Outdated);
        let missing = own.filter(|read| read.found == Found::Nothing);
        let help = format!("Take both, in this order: `syncline plan {environment} {reader}`.");
        let old = report(old, "the recorded value is used", |names| {
            format!("`{environment}` was applied with another {names} than its source has now")
        });
        let missing = report(missing, "not known yet", |names| {
            format!("`{environment}` has not been applied with {names}")
        });
        [old, missing].into_iter().flatten().map(move |report| report.help(help.clone()))
    });
    all.collect()
}

fn report<'r>(
    reads: impl Iterator<Item = &'r OutputRead>,
    label: &str,
    message: impl FnOnce(String) -> String,
) -> Option<Diagnostic> {
    let reads: Vec<&OutputRead> = reads.collect();
    if reads.is_empty() {
        return None;
    }
    let names: Vec<String> = reads.iter().map(|read| format!("`{}`", read.name)).collect();
    let mut spans: Vec<Span> = reads.iter().map(|read| read.span).collect();
    spans.sort_by_key(|span| (span.file, span.start));
    spans.dedup();
    let report = Diagnostic::warning(CODE, message(names.join(", ")));
    Some(spans.into_iter().take(3).fold(report, |report, span| report.label(span, label)))
}
