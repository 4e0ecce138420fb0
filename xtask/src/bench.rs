//! `cargo xtask bench`: time and peak memory of whole processes on generated projects.
//!
//! Takes sizes and a filter; builds the release binary, generates projects in a temporary folder,
//! runs each command as a user would and prints one table: a row a measurement, a column a size,
//! the fitted exponent between 1,000 and 100,000, and the ratio to `tofu` where it is on the PATH.
//! It asserts nothing: numbers are for people to read.

mod editor;
mod languages;
mod measure;
mod project;
pub(crate) mod providers;
mod table;
mod tofu;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, cargo, complain, say};
pub(crate) use measure::{MEASURED, between};
use measure::{Measurement, measure};
use project::Shape;
use table::Table;

/// What the command line of `bench` asks for.
struct Options {
    sizes: Vec<usize>,
    filter: String,
}

/// Measures and prints.
///
/// # Errors
/// When something does not build, or a measured command fails.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    if let ["lang", rest @ ..] = arguments {
        return languages::run(rest);
    }
    if let ["providers", rest @ ..] = arguments {
        return providers::run(rest);
    }
    let options = parse(arguments)?;
    let binary = cargo::build_syncline(true)?;
    let folder = Folder::new()?;
    let mut table = Table::new(options.sizes.clone());

    if "version".contains(&options.filter) {
        table.add("version", 10, measure_best(5, || syncline(&binary, &folder.0, &["version"]))?);
    }
    if "log".contains(&options.filter) {
        let arguments = ["bench", "--quiet", "--package", "syncline-state", "--bench", "log"];
        cargo::succeed(&mut cargo::cargo(&arguments))?;
        if options.filter == "log" {
            return Ok(());
        }
    }
    for &size in &options.sizes {
        for shape in [Shape::Flat, Shape::Keyed] {
            let project = folder.0.join(format!("{}-{size}", shape.name()));
            project::generate(&project, shape, size)?;
            measure_project(
                &mut Run { table: &mut table, binary: &binary, options: &options },
                &project,
                shape,
                size,
            )?;
        }
        chain(&mut table, (&binary, &options), &folder.0, size)?;
        engine(&mut table, &options, size)?;
        tofu::measure_all(&mut table, &options.filter, &folder.0, size)?;
        complain(&format!("{size} resources are done"));
    }
    say(&table.to_string());
    Ok(())
}

fn parse(arguments: &[&str]) -> Result<Options, Failure> {
    let mut options = Options { sizes: vec![10, 1_000, 10_000, 100_000], filter: String::new() };
    let mut rest = arguments;
    loop {
        match rest {
            [] => return Ok(options),
            ["--quick", more @ ..] => {
                options.sizes = vec![10, 1_000];
                rest = more;
            }
            ["--size", size, more @ ..] => {
                let size = size.replace([',', '_'], "");
                options.sizes = vec![size.parse().map_err(|_| format!("`{size}` is no size"))?];
                rest = more;
            }
            ["--filter", word, more @ ..] => {
                options.filter = (*word).to_owned();
                rest = more;
            }
            [other, ..] => return Err(format!("`{other}` is no option of bench: see --help")),
        }
    }
}

/// What the measurements of one project share.
struct Run<'a> {
    table: &'a mut Table,
    binary: &'a Path,
    options: &'a Options,
}

impl Run<'_> {
    /// Measures a command, unless the filter leaves it out; the best of several for small sizes.
    fn row(
        &mut self,
        name: &str,
        size: usize,
        project: &Path,
        arguments: &[&str],
    ) -> Result<(), Failure> {
        if !name.contains(&self.options.filter) {
            return Ok(());
        }
        let times = if size <= 1_000 { 5 } else { 3 };
        let measurement = measure_best(times, || syncline(self.binary, project, arguments))?;
        self.table.add(name, size, measurement);
        Ok(())
    }
}

/// The commands, in an order in which each finds what it needs: a state is made by the apply.
fn measure_project(
    run: &mut Run<'_>,
    project: &Path,
    shape: Shape,
    size: usize,
) -> Result<(), Failure> {
    let name = |what: &str| format!("{} {what}", shape.name());
    if format!("lsp, {}", shape.name()).contains(&run.options.filter) {
        editor::measure_all(run.table, run.binary, project, (shape.name(), size))?;
    }
    run.row(&name("check"), size, project, &["check"])?;
    run.row(&name("first plan"), size, project, &["plan", "prod", "--concise"])?;
    if run.options.filter.starts_with("lsp") {
        return Ok(());
    }
    let apply = measure(&mut syncline(run.binary, project, &["apply", "prod", "--yes"]))?;
    if name("apply").contains(&run.options.filter) {
        run.table.add(&name("apply (random.id)"), size, apply);
    }
    run.row(
        &name("no-op plan, refresh none"),
        size,
        project,
        &["plan", "prod", "--refresh", "none"],
    )?;
    run.row(
        &name("no-op plan, refresh all"),
        size,
        project,
        &["plan", "prod", "--refresh", "all"],
    )?;
    run.row(&name("no-op plan as JSON"), size, project, &["plan", "prod", "--json"])?;
    project::change_one(project)?;
    run.row(&name("one-change plan"), size, project, &["plan", "prod", "--refresh", "none"])
}

/// What waits for what: an apply whose depth is a tenth of its size, and so are its syncs.
fn chain(
    table: &mut Table,
    (binary, options): (&Path, &Options),
    folder: &Path,
    size: usize,
) -> Result<(), Failure> {
    const NAME: &str = "chain apply (ten wide)";
    if !NAME.contains(&options.filter) || size > 10_000 {
        return Ok(());
    }
    let project = folder.join(format!("chain-{size}"));
    project::generate(&project, Shape::Chain, size)?;
    let apply = measure(&mut syncline(binary, &project, &["apply", "prod", "--yes"]))?;
    table.add(NAME, size, apply);
    Ok(())
}

/// The engine alone: plan and apply in one process with the in-memory provider and a durable log.
fn engine(table: &mut Table, options: &Options, size: usize) -> Result<(), Failure> {
    if !"engine".contains(&options.filter) {
        return Ok(());
    }
    let arguments = ["build", "--release", "--package", "syncline-tests", "--example", "engine"];
    cargo::succeed(&mut cargo::cargo(&arguments))?;
    let program = cargo::target_dir().join("release").join("examples").join("engine");
    let output = Command::new(&program)
        .arg(size.to_string())
        .output()
        .map_err(|error| format!("{} could not be started: {error}", program.display()))?;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut words = line.rsplitn(3, ' ');
        let (Some(bytes), Some(seconds), Some(name)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        if let (Ok(bytes), Ok(seconds)) = (bytes.parse(), seconds.parse()) {
            table.add(name, size, Measurement { seconds, bytes, own: 0 });
        }
    }
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("the engine alone failed: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// Returns the fastest of several runs.
fn measure_best(times: usize, prepare: impl Fn() -> Command) -> Result<Measurement, Failure> {
    let mut best: Option<Measurement> = None;
    for _ in 0..times {
        let found = measure(&mut prepare())?;
        if best.is_none_or(|best| found.seconds < best.seconds) {
            best = Some(found);
        }
    }
    best.ok_or_else(|| "nothing was measured".to_owned())
}

pub(crate) fn syncline(binary: &Path, project: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(project).env("NO_COLOR", "1");
    command
}

/// A temporary folder below the target folder, removed when dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Result<Self, Failure> {
        let path = cargo::target_dir().join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .map_err(|error| format!("{} could not be made: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _already_gone = std::fs::remove_dir_all(&self.0);
    }
}
