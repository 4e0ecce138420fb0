//! `syncline output ENV [NAME]`.

use syncline_model::Value;

use crate::commands::environments::one_recorded;
use crate::exit::{Exit, Failure};
use crate::project::Records;
use crate::report::difference::inline;
use crate::report::json::{outputs, revealed};
use crate::session::Session;

/// Arguments of `output`.
#[derive(clap::Args, Clone, Debug)]
pub struct OutputArguments {
    /// The environment
    env: String,
    /// One output
    name: Option<String>,
    /// Print JSON; a secret that is named is shown (`output prod url --json`)
    #[arg(long)]
    json: bool,
    /// Print a named text as it is, a secret too (`output prod password --raw`)
    #[arg(long, requires = "name", conflicts_with = "json")]
    raw: bool,
}

pub(super) fn run(session: &Session, arguments: &OutputArguments) -> Result<Exit, Failure> {
    let root = crate::project::root(&session.folder)?;
    let records = Records::open(&root, &session.output)?;
    let environment =
        one_recorded(session, super::block_on(records.environments())?, &arguments.env)?;
    let state = super::block_on(records.state(&environment))?;
    let Some(name) = &arguments.name else {
        if arguments.json {
            session.output.line(&super::pretty(&outputs(&state.outputs)));
        } else if state.outputs.is_empty() {
            session
                .output
                .note("There are no outputs: none is declared, or nothing is applied yet.");
        } else {
            let outputs = state.outputs.iter().map(|(name, value)| (name.as_str(), value));
            session.output.data(&lines(outputs));
        }
        return Ok(Exit::Done);
    };
    let Some(output) = state.outputs.get(name.as_str()) else {
        let near = syncline_model::nearest(name, state.outputs.keys().map(|own| own.as_str()));
        let help = match near {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "Outputs are recorded by apply.".to_owned(),
        };
        return Err(Failure::new(format!("`{environment}` has no output `{name}`")).help(help));
    };
    if arguments.json {
        session.output.line(&super::pretty(&revealed(output)));
    } else if arguments.raw {
        match output.reveal() {
            Value::String(text) => session.output.data(text),
            Value::Bool(_) | Value::Number(_) | Value::Quantity(_) => {
                session.output.data(&output.reveal().to_string())
            }
            other @ (Value::Null
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Unknown(_)
            | Value::Secret(_)) => {
                return Err(Failure::new(format!("`{name}` is {}, not a text", other.kind()))
                    .help("Use --json in place of --raw."));
            }
        }
    } else {
        session.output.line(&inline(output));
    }
    Ok(Exit::Done)
}

/// Returns outputs as lines `name = value`, aligned.
pub(super) fn lines<'a>(outputs: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let outputs: Vec<(&str, &Value)> = outputs.collect();
    let width = outputs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    outputs.iter().map(|(name, value)| format!("{name:width$} = {}\n", inline(value))).collect()
}
