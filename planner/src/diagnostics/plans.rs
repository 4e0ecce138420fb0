//! Reports about what was asked for.

use syncline_model::{Address, Diagnostic, Path, Place, Span, Str, Value, cycle, nearest};

use super::{
    ADOPTED_TO_GO, CHECK_FAILED, DEPENDENCY_CYCLE, NOT_KNOWN, PROTECTED, SAME, UNHEALTHY,
    UNKNOWN_ADDRESS,
};
use crate::health::{Probe, Unhealthy};
use crate::plan::Change;

/// Returns the report about a circle: each entry needs the next, the last one the first.
pub(crate) fn dependency_cycle(edges: &[(Str, Option<Span>)]) -> Diagnostic {
    cycle(DEPENDENCY_CYCLE, edges)
}

/// Returns the report about an address that a flag names and nothing has.
pub(crate) fn unknown_address<'a>(
    flag: &str,
    address: &Address,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("`--{flag} {address}` names no resource of this environment");
    let diagnostic = Diagnostic::error(UNKNOWN_ADDRESS, message);
    match nearest(address.as_str(), known) {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")),
        None => diagnostic.help("`syncline state list` and `syncline plan` show the addresses."),
    }
}

/// Where a protection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protection {
    /// The declaration has it.
    Declared(Span),
    /// The record has it, and nothing is declared.
    Recorded,
    /// The record has it, and the declaration does not have it any more.
    Lifted(Span),
}

/// Returns the report about a protected resource, and what would be done to it.
pub(crate) fn protected(address: &Address, replaced: bool, why: Protection) -> Diagnostic {
    let verb = if replaced { "destroy and replace" } else { "destroy" };
    let message = format!("the plan would {verb} `{address}`, which is protected");
    let diagnostic = Diagnostic::error(PROTECTED, message);
    let help = "If that is wanted, remove `@protect` and apply that first; otherwise undo the \
                change, or leave the resource out with `--exclude`.";
    match why {
        Protection::Declared(span) => diagnostic.help(help).label(span, "declared here"),
        Protection::Recorded => diagnostic
            .help(help)
            .note("The source does not declare it any more; its record has the protection."),
        Protection::Lifted(span) => diagnostic
            .help("If that is wanted, apply first, so that the record follows the source.")
            .note("The source does not protect it any more, but its record still does.")
            .label(span, "declared here"),
    }
}

/// What becomes of a thing under its other address.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Same {
    /// It is destroyed.
    Destroyed,
    /// It stays as it is.
    Recorded,
    /// It is made there, too.
    Made,
}

/// Returns the warning about a change that makes what has another address already; `names` are the attributes
/// that identify it.
pub(crate) fn same(
    change: &Change,
    (other, what): (&Address, Same),
    names: &[&str],
    span: Option<Span>,
) -> Diagnostic {
    let (address, kind) = (&change.address, change.type_name());
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let both = format!("Both have the same {}, which identifies a `{kind}`.", names.join(", "));
    let message = match what {
        Same::Destroyed => {
            format!("`{address}` makes anew what is destroyed as `{other}`")
        }
        Same::Recorded | Same::Made => format!("`{address}` is the same `{kind}` as `{other}`"),
    };
    let diagnostic = Diagnostic::warning(SAME, message).note(both);
    let diagnostic = match span {
        Some(span) => diagnostic.label(span, "this one"),
        None => diagnostic,
    };
    match what {
        Same::Destroyed => diagnostic.help(kept(other, address)),
        Same::Recorded | Same::Made => diagnostic
            .note("Each of the two overwrites the other, and to destroy one destroys both.")
            .help("Give one of them another value there, or take one out."),
    }
}

/// Returns the warning about something that is adopted and replaced at once; `paths` are what cannot be changed.
pub(crate) fn adopted_to_go(address: &Address, paths: &[Path], span: Span) -> Diagnostic {
    let message = format!("`{address}` is adopted, and would be destroyed and made anew at once");
    let diagnostic = Diagnostic::warning(ADOPTED_TO_GO, message).label(span, "adopted here");
    let names: Vec<String> = paths.iter().take(4).map(|path| format!("`{path}`")).collect();
    let diagnostic = match names.as_slice() {
        [] => diagnostic,
        names => diagnostic.note(format!(
            "What exists has another {}, which cannot be changed.",
            names.join(", ")
        )),
    };
    diagnostic.help(
        "To keep it, configure what it has, or leave that out of the comparison with `@ignore`; `@protect` makes \
         sure that it is kept.",
    )
}

/// Says how to keep what was renamed. What is in a unit with keys reads like a key with a dot: of that only the
/// addresses are told.
fn kept(old: &Address, new: &Address) -> String {
    let is_plain = |own: &Address| own.key().is_none_or(|key| !key.contains('.'));
    if is_plain(old) && is_plain(new) {
        let (old, new) = (old.to_source(), new.to_source());
        return format!("To keep it under its new name, write `moved {old} -> {new}`.");
    }
    "To keep it under its new name, say `moved` of both.".to_owned()
}

/// Returns the report about an `ensure` that does not hold.
pub(crate) fn check_failed(message: &Value, place: Option<&Place>) -> Diagnostic {
    let text = match message.as_str() {
        Some(text) if !message.is_secret() => text.to_owned(),
        _ => CHECK_FAILED.summary.to_owned(),
    };
    let diagnostic = Diagnostic::error(CHECK_FAILED, text);
    match place {
        Some(place) => diagnostic.note(format!("The `ensure` is at {place}.")),
        None => diagnostic,
    }
}

/// Returns the report about something that waits for what is not going to be known.
pub(crate) fn not_known(what: &str, waits_for: &[Address]) -> Diagnostic {
    let diagnostic = Diagnostic::error(NOT_KNOWN, format!("{what} is not known"));
    if waits_for.is_empty() {
        return diagnostic;
    }
    let names: Vec<String> = waits_for.iter().map(|address| format!("`{address}`")).collect();
    diagnostic.note(format!("It waits for {}.", names.join(", ")))
}

/// Returns the report about a resource whose health was not seen in time; `seen` is the last answer without
/// secrets.
pub(crate) fn unhealthy(
    change: &Change,
    probe: &Probe,
    seen: &str,
    unhealthy: &Unhealthy,
) -> Diagnostic {
    let message = format!("`{}` is not healthy: {seen}", change.address);
    let tries = match unhealthy.tries {
        1 => "once".to_owned(),
        tries => format!("{tries} times"),
    };
    let asked = format!("It was asked {tries} within {:?}.", probe.within);
    let diagnostic = Diagnostic::error(UNHEALTHY, message)
        .note(asked)
        .note("It is recorded as it was made, and what depends on it was not started.")
        .help("See why it does not answer, or give it more time, as in `@health(..., within = 10m)`. The next apply asks again.");
    declared(change, diagnostic)
}

/// Returns the report about a look that cannot be taken.
pub(crate) fn no_probe(change: &Change) -> Diagnostic {
    let message = format!("what `@health` of `{}` says cannot be asked", change.address);
    let help = "It takes `http`, `tcp` or `command` with a text of its own; one of them was computed to be null.";
    declared(change, Diagnostic::error(UNHEALTHY, message).help(help))
}

/// Returns a report with the place where a change's resource is declared, where it is.
pub(crate) fn declared(change: &Change, diagnostic: Diagnostic) -> Diagnostic {
    match &change.declared {
        Some(place) => diagnostic.note(format!("It is declared at {place}.")),
        None => diagnostic,
    }
}
