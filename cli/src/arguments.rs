//! The command line's grammar.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser};

use crate::commands::Command;

/// Declarative infrastructure: environments as overlays, plans with provenance.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "syncline",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 error; 2 there are changes (plan --detailed-exitcode) or drift; 3 the \
                  plan is stale or another run holds the environment; 4 refused by a protection; 130 \
                  interrupted.\n\nFor example: syncline new site && syncline -C site apply dev"
)]
pub struct Arguments {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The folder to work in; the project is looked for there and above (`-C examples/quickstart`)
    #[arg(
        short = 'C',
        global = true,
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true
    )]
    pub folder: PathBuf,
    /// Print without colours, as with `NO_COLOR=1` (`--no-color`)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Only count warnings (`--compact-warnings`)
    #[arg(long, global = true)]
    pub compact_warnings: bool,
    /// The command has `--json`.
    #[arg(skip)]
    pub json: bool,
}

impl Arguments {
    /// Reads the arguments of the process.
    ///
    /// # Errors
    /// What is wrong with them, or what was asked for in their place, such as `--help`.
    pub fn read() -> Result<Self, clap::Error> {
        let mut grammar = Self::command();
        let matches = grammar.try_get_matches_from_mut(std::env::args_os())?;
        let json = wants_json(&matches);
        let read = Self::from_arg_matches(&matches);
        let mut read = read.map_err(|error| error.format(&mut grammar))?;
        read.global.json = json;
        Ok(read)
    }
}

/// Tells whether a command, or one of its own commands, was given `--json`.
fn wants_json(matches: &ArgMatches) -> bool {
    let own = matches.try_get_one::<bool>("json").ok().flatten();
    own.copied().unwrap_or_default()
        || matches.subcommand().is_some_and(|(_, matches)| wants_json(matches))
}

/// Where the values of parameters come from.
#[derive(Args, Clone, Debug, Default)]
pub struct InputArguments {
    /// Sets a parameter, above every overlay (`--set replicas=3`)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Reads parameters from a file: JSON, or lines `name = value` (`--vars prod.vars.json`)
    #[arg(long = "vars", value_name = "FILE")]
    pub vars: Vec<PathBuf>,
}

impl InputArguments {
    /// Tells whether there are any.
    #[must_use]
    pub const fn are_given(&self) -> bool {
        !self.set.is_empty() || !self.vars.is_empty()
    }
}

/// Returns a time such as `30s`, `5m` or `500ms`.
///
/// # Errors
/// When the text is none.
pub fn duration(text: &str) -> Result<std::time::Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 =
        number.parse().map_err(|_| "a time is a number and a unit, such as `30s`".to_owned())?;
    let millis = match unit {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("`{unit}` is no unit of time: there are ms, s, m and h")),
    };
    number
        .checked_mul(millis)
        .map(std::time::Duration::from_millis)
        .ok_or_else(|| "that is longer than anyone will wait".to_owned())
}

/// Returns how many calls may be under way at once.
///
/// # Errors
/// When it is no whole number, or none could start.
pub fn parallelism(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "it is a whole number from 1 up".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_is_sound() {
        super::Arguments::command().debug_assert();
    }

    #[test]
    fn every_flag_has_help_with_an_example() {
        fn check(command: &clap::Command, missing: &mut Vec<String>) {
            for argument in command.get_arguments().filter(|own| !own.is_positional()) {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                if !matches!(argument.get_id().as_str(), "help" | "version") && !help.contains("(`")
                {
                    missing.push(format!("{} {}", command.get_name(), argument.get_id()));
                }
            }
            command.get_subcommands().for_each(|own| check(own, missing));
        }
        let mut missing = Vec::new();
        let mut grammar = super::Arguments::command();
        grammar.build();
        check(&grammar, &mut missing);
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn times_have_units() {
        assert_eq!(super::duration("1500ms"), Ok(std::time::Duration::from_millis(1500)));
        assert_eq!(super::duration("2m"), Ok(std::time::Duration::from_secs(120)));
        assert!(super::duration("2y").is_err() && super::duration("").is_err());
    }
}
