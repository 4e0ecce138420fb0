//! The same workload through OpenTofu, where there is a `tofu` on the PATH.
//!
//! `terraform_data` is built into it, so that nothing is downloaded and what is measured is the
//! engine.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::measure::measure;
use super::table::Table;
use crate::{Failure, complain};

/// The largest size that is worth the wait.
const LARGEST: usize = 10_000;

/// Measures plan, apply and no-op plan, or says that it cannot.
///
/// # Errors
/// When `tofu` is there and fails.
pub(crate) fn measure_all(
    table: &mut Table,
    filter: &str,
    folder: &Path,
    size: usize,
) -> Result<(), Failure> {
    if !"tofu".contains(filter) || size > LARGEST {
        return Ok(());
    }
    let found = Command::new("tofu").arg("version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        if size == 10 {
            complain("no `tofu` is on the PATH: its ratio is left out");
        }
        return Ok(());
    }
    let project = folder.join(format!("tofu-{size}"));
    std::fs::create_dir_all(&project)
        .and_then(|()| std::fs::write(project.join("main.tf"), source(size)))
        .map_err(|error| format!("{} could not be written: {error}", project.display()))?;
    let tofu = |arguments: &[&str]| {
        let mut command = Command::new("tofu");
        command.args(arguments).current_dir(&project).env("TF_IN_AUTOMATION", "1");
        command
    };
    measure(&mut tofu(&["init", "-input=false"]))?;
    table.add("tofu first plan", size, measure(&mut tofu(&["plan", "-input=false"]))?);
    table.add("tofu apply", size, measure(&mut tofu(&["apply", "-auto-approve", "-input=false"]))?);
    let again = measure(&mut tofu(&["plan", "-refresh=false", "-input=false"]))?;
    table.add("tofu no-op plan, refresh none", size, again);
    Ok(())
}

fn source(size: usize) -> String {
    let mut text = String::from("locals {\n  owner = \"platform\"\n}\n");
    for index in 0..size {
        let of = match index {
            0 => "\"none\"".to_owned(),
            _ => format!("terraform_data.r{}.id", index / 10),
        };
        let _infallible = writeln!(
            text,
            "resource \"terraform_data\" \"r{index}\" {{\n  input = {{ owner = local.owner, name = \"r{index}\", of = {of} }}\n}}"
        );
    }
    text
}
