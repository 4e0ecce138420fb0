//! What somebody types who knows Terraform, and what it is called here.
//!
//! Takes what clap did not know; returns the way out, where there is one.

use clap::error::{ContextKind, ContextValue};

/// Commands and flags of Terraform and OpenTofu.
const HABITS: [(&str, &str); 12] = [
    (
        "init",
        "There is no `init`: the first command that needs a provider installs it; `syncline new` writes a project.",
    ),
    ("validate", "`syncline check` finds what is wrong in all environments."),
    (
        "import",
        "Write `adopt NAME = \"ID\"` beside the resource; `syncline state import` takes over a state of Terraform's.",
    ),
    ("taint", "`syncline apply ENV --replace ADDRESS` makes a resource anew."),
    ("refresh", "Each plan reads what is there; `syncline drift` tells what has changed."),
    (
        "show",
        "`syncline state show ENV:ADDRESS` prints a resource, `syncline plan ENV` what is to be done.",
    ),
    (
        "workspace",
        "An environment is declared in the source: `environment dev extends base { ... }`.",
    ),
    ("--auto-approve", "`--yes` does not ask."),
    ("--refresh-only", "`syncline drift` tells what has changed, and changes nothing."),
    ("--var", "`--set NAME=VALUE` sets a parameter."),
    ("--var-file", "`--vars FILE` reads parameters from a file."),
    ("-a", "`--yes` does not ask; long flags have two dashes."),
];

/// Returns what there is in the place of what is not known.
pub(crate) fn instead(error: &clap::Error) -> Option<&'static str> {
    let given = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let given = given.into_iter().find_map(|kind| error.get(kind))?;
    let ContextValue::String(given) = given else { return None };
    HABITS.iter().find(|(habit, _)| habit == given).map(|(_, instead)| *instead)
}
