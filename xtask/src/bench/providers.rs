//! `cargo xtask bench providers`: the same external providers' programs under Syncline and OpenTofu.
//!
//! Takes sizes; builds `null` and `random` with Go, generates the same resources in both languages,
//! and runs first plan, apply and no-op plans of one right after the other's. Prints a table with
//! wall times, the peak memory of the engine process alone, what of it is its own (no page of a program file), and ratios. The binary is the release build,
//! or what `SYNCLINE_BIN` names; OpenTofu is what `SYNCLINE_TOFU` names, or `tofu` on the path.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::{Measurement, measure};
use super::{Folder, syncline};
use crate::{Failure, cargo, complain, providers, say};

/// What is measured: its name, Syncline's arguments and OpenTofu's.
const ROWS: [(&str, &[&str], &[&str]); 4] = [
    ("first plan", &["plan", "prod", "--concise"], &["plan", "-input=false", "-out=first"]),
    ("apply", &["apply", "prod", "--yes"], &["apply", "-auto-approve", "-input=false"]),
    ("no-op plan, all read", &["plan", "prod", "--refresh", "all"], &["plan", "-input=false"]),
    (
        "no-op plan, none read",
        &["plan", "prod", "--refresh", "none"],
        &["plan", "-input=false", "-refresh=false"],
    ),
];

/// Measures and prints.
///
/// # Errors
/// When something does not build, or a measured command fails.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let sizes = match arguments {
        [] => vec![1_000, 10_000],
        ["--size", size] => {
            vec![size.replace([',', '_'], "").parse().map_err(|_| format!("`{size}` is no size"))?]
        }
        _ => return Err("bench providers takes --size and nothing else".to_owned()),
    };
    let binary = match std::env::var_os("SYNCLINE_BIN") {
        Some(named) => PathBuf::from(named),
        None => cargo::build_syncline(true)?,
    };
    let programs = providers::build();
    let folder = Folder::new()?;
    let tofu = std::env::var_os("SYNCLINE_TOFU").map_or_else(|| "tofu".into(), PathBuf::from);
    let has_tofu = Command::new(&tofu).arg("version").output().is_ok();
    if !has_tofu {
        complain("no `tofu` is on the path or named by SYNCLINE_TOFU: its column is left out");
    }
    let mut table = String::from(
        "| resources | | OpenTofu | Syncline | times faster | share of memory | share of own memory |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for size in sizes {
        let project = Project::new(&folder.0, &programs, size)?;
        for (name, ours, theirs) in ROWS {
            let their_run = has_tofu.then(|| project.tofu(&tofu, theirs)).transpose()?;
            let our_run = project.syncline(&binary, ours)?;
            table += &row(size, name, their_run, our_run);
        }
        complain(&format!("{size} resources are done"));
    }
    say(&table);
    Ok(())
}

fn row(size: usize, name: &str, theirs: Option<Measurement>, ours: Measurement) -> String {
    let shown = |one: Measurement| {
        let mebi = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        format!("{:.2} s, {:.0} MiB, {:.0} own", one.seconds, mebi(one.bytes), mebi(one.own))
    };
    let (theirs, ratios) = match theirs {
        Some(theirs) => {
            let share = |ours: u64, theirs: u64| ours as f64 / theirs as f64;
            let ratios = format!(
                "{:.1} | {:.2} | {:.2}",
                theirs.seconds / ours.seconds,
                share(ours.bytes, theirs.bytes),
                share(ours.own, theirs.own)
            );
            (shown(theirs), ratios)
        }
        None => (String::new(), " | | ".to_owned()),
    };
    format!("| {size} | {name} | {theirs} | {} | {ratios} |\n", shown(ours))
}

/// The same resources in both languages, in folders of their own.
pub(crate) struct Project {
    ours: PathBuf,
    theirs: PathBuf,
    settings: PathBuf,
}

impl Project {
    /// Writes both below the folder: so many resources of the providers whose programs stand in `programs`.
    ///
    /// # Errors
    /// When something cannot be written.
    pub(crate) fn new(folder: &Path, programs: &Path, size: usize) -> Result<Self, Failure> {
        let own = |name: &str| folder.join(format!("{name}-{size}"));
        let project = Self { ours: own("ours"), theirs: own("theirs"), settings: own("settings") };
        let (ours, theirs) = sources(size);
        let programs = programs.display();
        let settings = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"example.com/bench/null\" = \
             \"{programs}\"\n    \"example.com/bench/random\" = \"{programs}\"\n  }}\n}}\n"
        );
        let sources = ["null", "random"]
            .map(|name| format!("    {name} = {{ source = \"example.com/bench/{name}\" }}\n"))
            .concat();
        let manifest = format!("project \"bench\" {{\n  providers = {{\n{sources}  }}\n}}\n");
        let required = format!("terraform {{\n  required_providers {{\n{sources}  }}\n}}\n");
        write(&project.settings, &settings)?;
        write(&project.ours.join("project.sync"), &manifest)?;
        write(&project.ours.join("main.sync"), &ours)?;
        write(&project.theirs.join("main.tf"), &(required + &theirs))?;
        Ok(project)
    }

    /// Returns the folder of Syncline's text.
    pub(crate) fn folder(&self) -> &Path {
        &self.ours
    }

    /// Changes an attribute of one resource there, which replaces it.
    ///
    /// # Errors
    /// When the text cannot be read or written.
    pub(crate) fn change_one(&self) -> Result<(), Failure> {
        let path = self.ours.join("main.sync");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{} could not be read: {error}", path.display()))?;
        write(&path, &text.replacen("byte_length = 4", "byte_length = 5", 1))
    }

    /// Returns a command of Syncline's there, with the providers as overrides, of which it warns.
    pub(crate) fn command(&self, binary: &Path, arguments: &[&str]) -> Command {
        let mut command = syncline(binary, &self.ours, arguments);
        command.env("SYNCLINE_CONFIG_FILE", &self.settings);
        command
    }

    fn syncline(&self, binary: &Path, arguments: &[&str]) -> Result<Measurement, Failure> {
        measure(&mut self.command(binary, arguments))
    }

    fn tofu(&self, tofu: &Path, arguments: &[&str]) -> Result<Measurement, Failure> {
        let mut command = Command::new(tofu);
        command
            .args(arguments)
            .current_dir(&self.theirs)
            .env("TF_CLI_CONFIG_FILE", &self.settings)
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        measure(&mut command)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    path.parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{} could not be written: {error}", path.display()))
}

/// Returns Syncline's and OpenTofu's text: one half random ids, the other half what hangs on them.
fn sources(size: usize) -> (String, String) {
    let (mut ours, mut theirs) = (String::from("environment prod {\n"), String::new());
    for index in 0..size / 2 {
        let _infallible = writeln!(
            ours,
            "  resource random.id r{index} {{ byte_length = 4 }}\n  \
             resource null.resource n{index} {{ triggers = {{ of = r{index}.hex }} }}"
        );
        let _infallible = writeln!(
            theirs,
            "resource \"random_id\" \"r{index}\" {{\n  byte_length = 4\n}}\n\
             resource \"null_resource\" \"n{index}\" {{\n  triggers = {{ of = \
             random_id.r{index}.hex }}\n}}"
        );
    }
    (ours + "}\n", theirs)
}
