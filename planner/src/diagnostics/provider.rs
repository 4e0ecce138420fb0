//! Reports about what providers said and did.

use syncline_model::{Address, DesiredResource, Diagnostic, Path, Problem, Severity, Span};

use super::{
    BROKEN_PROMISE, INTERRUPTED, INVALID_PLAN, LOST, MISSING_KIND, MOVED, NEWER_SCHEMA, NOT_KNOWN,
    PROVIDER, STRANGER,
};
use crate::called::Stranger;
use crate::plan::Change;
use crate::promises::Breach;
use crate::providers::address;
use crate::record::Intent;

/// Who a report is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blame<'a> {
    /// The resource.
    pub(crate) address: &'a Address,
    /// Its declaration; none when it is not declared or the source is not at hand.
    pub(crate) desired: Option<&'a DesiredResource>,
}

impl Blame<'_> {
    /// Returns where an attribute is set, or the resource is declared.
    pub(crate) fn span(&self, path: &Path) -> Option<Span> {
        let desired = self.desired?;
        let set = (!path.0.is_empty()).then(|| desired.origins.winner(path)).flatten();
        Some(set.map_or(desired.span, |origin| origin.span))
    }
}

/// Returns what a provider said as a report.
pub(crate) fn problem(blame: Blame<'_>, doing: &str, problem: &Problem) -> Diagnostic {
    let summary = problem.summary.trim().trim_end_matches('.');
    let mut diagnostic =
        Diagnostic::error(PROVIDER, format!("cannot {doing} `{}`: {summary}", blame.address));
    diagnostic.severity = problem.severity();
    if diagnostic.severity == Severity::Warning {
        diagnostic.message = format!("`{}`: {summary}", blame.address);
    }
    if let Some(span) = blame.span(&problem.path) {
        diagnostic = diagnostic.label(span, "");
    } else if !problem.path.0.is_empty() {
        diagnostic = diagnostic.note(format!("The attribute is `{}`.", problem.path));
    }
    let detail = problem.detail.trim();
    if detail.is_empty() { diagnostic } else { diagnostic.note(detail) }
}

/// Returns what a provider said as a warning, errors too: they fail nothing.
pub(crate) fn warned(blame: Blame<'_>, doing: &str, said: &Problem) -> Diagnostic {
    let mut diagnostic = problem(blame, doing, said);
    diagnostic.severity = Severity::Warning;
    diagnostic
}

/// Returns the report about a type that no provider offers.
pub(crate) fn missing_kind(blame: Blame<'_>, type_name: &str) -> Diagnostic {
    let message = format!("`{}` is a `{type_name}`, which no provider offers", blame.address);
    let diagnostic = Diagnostic::error(MISSING_KIND, message).help(format!(
        "Bring the provider back, or let go of the resource: `syncline state forget {}`.",
        blame.address
    ));
    match blame.span(&Path::default()) {
        Some(span) => diagnostic.label(span, ""),
        None => diagnostic,
    }
}

/// Returns the report about a record of a newer schema.
pub(crate) fn newer_schema(address: &Address, recorded: u32, known: u32) -> Diagnostic {
    Diagnostic::error(
        NEWER_SCHEMA,
        format!(
            "`{address}` is recorded with schema version {recorded}, and the provider knows {known}"
        ),
    )
    .help("Use the version of the provider that wrote the record, or a later one.")
}

/// Returns the report about a provider that did something else than it planned.
pub(crate) fn broken_promise(blame: Blame<'_>, how: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        BROKEN_PROMISE,
        format!("the provider did not do what it planned for `{}`: {how}", blame.address),
    )
    .help("Plan again. If it happens again, it is a mistake in the provider: report it there.");
    match blame.span(&Path::default()) {
        Some(span) => diagnostic.label(span, ""),
        None => diagnostic,
    }
}

/// Returns the report about a plan that the configuration does not ask for.
pub(crate) fn invalid_plan(blame: Blame<'_>, breach: &Breach) -> Diagnostic {
    let (address, Breach { path, how }) = (blame.address, breach);
    let what = if path.0.is_empty() { "it".to_owned() } else { format!("`{path}`") };
    let diagnostic = Diagnostic::error(
        INVALID_PLAN,
        format!("the plan for `{address}` is not valid: {what} {how}"),
    )
    .help("This is a mistake in the provider: report it there.");
    match blame.span(path) {
        Some(span) => diagnostic.label(span, ""),
        None => diagnostic,
    }
}

/// Returns the report about a step that a run does not start since it may have lost its
/// environment to another one.
pub(crate) fn lost(address: &Address) -> Diagnostic {
    Diagnostic::error(LOST, format!("`{address}` was left alone: the environment may be lost"))
        .note("The run could not renew its lease in time, so that another run may have it by now.")
        .help("Apply again.")
}

/// Returns the report about a resource that is not as it was when its change was planned.
pub(crate) fn moved(change: &Change, is_gone: bool, paths: &[&Path]) -> Diagnostic {
    let address = &change.address;
    let how = if is_gone { "is gone" } else { "was changed outside of Syncline" };
    let diagnostic = Diagnostic::error(MOVED, format!("`{address}` {how} since the plan was made"));
    let diagnostic = match paths {
        [] => diagnostic,
        paths => {
            let names: Vec<String> = paths.iter().take(4).map(|path| format!("`{path}`")).collect();
            diagnostic.note(format!("Other than planned with: {}.", names.join(", ")))
        }
    };
    let diagnostic = diagnostic
        .note("Nothing was done to it, since what would be done to it now was not reviewed.")
        .help("Plan again with `--refresh all` and review it.");
    super::declared(change, diagnostic)
}

/// Returns the warning about a create of which it is not known what came of it.
pub(crate) fn interrupted(blame: Blame<'_>, intent: &Intent) -> Diagnostic {
    let diagnostic = Diagnostic::warning(
        INTERRUPTED,
        format!(
            "a run was stopped while it made `{}`, and it is not known whether it did",
            blame.address
        ),
    )
    .note(format!("Look for {}. The plan makes a new one.", wanted(intent)));
    match blame.span(&Path::default()) {
        Some(span) => diagnostic.label(span, ""),
        None => diagnostic,
    }
}

/// Adds to what a provider said when it was asked what came of a create why nothing can be done
/// before it has told.
pub(crate) fn in_doubt(report: Diagnostic, blame: &Blame<'_>, intent: &Intent) -> Diagnostic {
    if report.severity == Severity::Warning {
        return report;
    }
    report
        .note("A run was stopped while it made it. To make it now might be to make it twice.")
        .help(format!(
            "Try again. If it can never be read, look for {}; if there is none, `syncline state \
             forget` lets go of `{}`.",
            wanted(intent),
            blame.address
        ))
}

/// Says what a person has to look for.
fn wanted(intent: &Intent) -> String {
    let known: Vec<String> = intent
        .planned
        .as_map()
        .into_iter()
        .flat_map(|map| map.iter())
        .filter(|(_, value)| value.is_known() && !value.is_null() && !value.has_secret())
        .take(4)
        .map(|(name, value)| format!("`{name} = {value}`"))
        .collect();
    let known = if known.is_empty() { "this configuration".to_owned() } else { known.join(", ") };
    format!("a `{}.{}` with {known}", intent.provider.name, intent.kind)
}

/// Returns the report about an identity that is not known when it is asked for.
pub(crate) fn unknown_identity(address: &Address, span: Span) -> Diagnostic {
    Diagnostic::error(NOT_KNOWN, format!("what identifies `{address}` is not known before apply"))
        .label(span, "adopted here")
        .help("Give an id that is known now: a string, or a value of the configuration.")
}

/// Returns the report about what a provider has made that the project does not name; `made` is not empty.
pub(crate) fn stranger(stranger: &Stranger, made: &[Blame<'_>]) -> Diagnostic {
    let Stranger { name, source, now } = stranger;
    let first = made.first().map(|blame| format!("`{}`", blame.address)).unwrap_or_default();
    let (who, were) = match made.len() - 1 {
        0 => (first, "was"),
        1 => (format!("{first} and another one"), "were"),
        more => (format!("{first} and {more} more"), "were"),
    };
    let how = match now {
        Some(now) => format!("and `{name}` is {now} now"),
        None => "which the project does not name".to_owned(),
    };
    let diagnostic = Diagnostic::error(STRANGER, format!("{who} {were} made by {source}, {how}"));
    let span = made.iter().find_map(|blame| blame.span(&Path::default()));
    let diagnostic = match span {
        Some(span) => diagnostic.label(span, "declared here"),
        None => diagnostic,
    };
    let bring = match now {
        // What is linked in has no other name.
        Some(_) if *source == address(name, "") => {
            "give the new one another name, until what the old one has made is destroyed"
        }
        Some(_) => "name it as well, under another name, until what it has made is destroyed",
        None => "name it in the project's `providers` until what it has made is destroyed",
    };
    diagnostic.help(format!(
        "If another provider takes its place and knows its records, write `replaces = \"{source}\"` beside the \
         `source` of that one. Else {bring} or, with `moved`, taken over; `forget` lets go of it."
    ))
}
