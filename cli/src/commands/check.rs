//! `syncline check`.

use serde_json::json;
use syncline_lang::Evaluated;
use syncline_model::Diagnostic;
use syncline_planner::Dependencies;

use crate::arguments::InputArguments;
use crate::commands::environments::several;
use crate::commands::planning::read;
use crate::exit::{Exit, Failure};
use crate::progress::Lines;
use crate::project::{Inputs, Loaded};
use crate::session::Session;

/// Arguments of `check`.
#[derive(clap::Args, Clone, Debug)]
pub struct CheckArguments {
    #[command(flatten)]
    inputs: InputArguments,
    /// Print JSON lines: the diagnostics, and a summary (`--json`)
    #[arg(long)]
    json: bool,
}

/// What there is to check, by its names and counts.
#[derive(Default)]
struct Checked {
    /// The environments that can be planned.
    environments: Vec<String>,
    /// How many resources they have together; none where something is wrong.
    resources: Option<usize>,
    /// The environments of which only a plan knows the resources: nobody is asked for their keys.
    open: Vec<String>,
}

pub(super) fn run(session: &Session, arguments: &CheckArguments) -> Result<Exit, Failure> {
    let session = &session.in_lines();
    let (mut loaded, inputs) = read(session, &arguments.inputs)?;
    let (checked, found) = match inputs {
        Some(inputs) => check(session, &mut loaded, &inputs)?,
        None => (Checked::default(), loaded.found()),
    };
    let told = session.tell(&found, &loaded.sources);
    if arguments.json {
        checked.lines(&Lines::new(&session.output), &found);
    } else if told.is_ok() {
        session.output.line(&checked.text());
    }
    told.map(|()| Exit::Done)
}

/// Returns what there is and what is wrong with it.
fn check(
    session: &Session,
    loaded: &mut Loaded,
    inputs: &Inputs,
) -> Result<(Checked, Vec<Diagnostic>), Failure> {
    loaded.world.reads = false;
    loaded.diagnostics.extend(syncline_lang::check(&loaded.project, inputs, &loaded.world));
    let mut found = loaded.found();
    let environments = several(session, loaded, Vec::new(), &[])?;
    if found.iter().any(Diagnostic::is_error) {
        return Ok((Checked { environments, ..Checked::default() }, found));
    }
    let all = syncline_lang::evaluate_all(&loaded.project, &environments, inputs, &loaded.world);
    // What is put in order by annotations and by configurations of providers goes in circles that no value shows.
    let circles = |own: &Evaluated| Dependencies::of(&own.desired).err();
    let circles = all.iter().filter_map(|(own, _)| own.as_ref().and_then(circles));
    loaded.diagnostics = circles.flatten().collect();
    found.extend(loaded.found());
    let count = |own: &Evaluated| own.desired.resources.len();
    let resources = all.iter().flat_map(|(own, _)| own.as_ref().map(count)).sum();
    let open = environments.iter().zip(&all).filter(|(_, (own, _))| own.is_none());
    let open = open.map(|(name, _)| name.clone()).collect();
    Ok((Checked { environments, resources: Some(resources), open }, found))
}

impl Checked {
    /// Says what there is.
    fn text(&self) -> String {
        let resources = plural(self.resources.unwrap_or_default(), "resource");
        let resources = match self.open.len() {
            0 => resources,
            open if open == self.environments.len() => {
                "resources that only a plan knows".to_owned()
            }
            open => format!("{resources} and those of {open} that only a plan knows"),
        };
        format!("{}, {resources}: ok", plural(self.environments.len(), "environment"))
    }

    /// Says the same to programs, with what was found.
    fn lines(&self, lines: &Lines, found: &[Diagnostic]) {
        let errors = found.iter().filter(|own| own.is_error()).count();
        let warnings = found.len() - errors;
        let (level, message) = match errors {
            0 => ("info", self.text()),
            _ => ("error", format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))),
        };
        let summary = json!({
            "valid": errors == 0,
            "errors": errors,
            "warnings": warnings,
            "environments": self.environments,
            "resources": self.resources,
            "open": self.open,
        });
        lines.line(level, &message, "check_summary", json!({ "check_summary": summary }));
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
