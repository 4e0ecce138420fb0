//! `cargo xtask order`: which functions a run needs, so that the linker puts them side by side.
//!
//! Takes the release build, runs plans and applies under a tracer, writes `cli/order.ld`. A kernel maps a
//! program's file in pieces of 16 pages around each function that runs: where the few thousand functions of a
//! run lie among all others, nearly the whole file becomes resident, and is read from the disk at a cold start.

mod assembly;
mod pattern;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod trace;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[path = "order/untraced.rs"]
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object as _, ObjectSymbol as _, SymbolKind};

use crate::bench::{Folder, providers::Project, syncline};
use crate::{Failure, cargo, complain, providers, say};

/// What is run: with external providers, the same after something was changed, with a warning, and with our own providers.
const WITH_PROVIDERS: [&[&str]; 4] = [
    &["plan", "prod"],
    &["apply", "prod", "--yes"],
    &["plan", "prod", "--refresh", "all"],
    &["plan", "prod", "--refresh", "none"],
];
const AFTER_A_CHANGE: [&[&str]; 3] =
    [&["check"], &["plan", "prod", "--concise"], &["apply", "prod", "--yes"]];
const WITH_A_WARNING: [&[&str]; 2] = [&["plan", "prod"], &["plan", "prod", "--refresh", "none"]];
const WITH_OWN: [&[&str]; 2] = [&["apply", "dev", "--yes"], &["plan", "dev"]];

/// So many resources: as many as are parsed and evaluated on several cores.
const SIZE: usize = 1_000;

/// Traces, and writes the linker script.
///
/// # Errors
/// When something does not build, a traced command fails, or the script cannot be written.
pub(crate) fn write() -> Result<(), Failure> {
    let binary = match std::env::var_os("SYNCLINE_BIN") {
        Some(named) => PathBuf::from(named),
        None => cargo::build_syncline(true)?,
    };
    let mut used = Used { functions: functions(&binary)?, places: BTreeSet::new(), groups: vec![] };
    let folder = Folder::new()?;
    let programs = providers::build();
    let project = Project::new(&folder.0, &programs, SIZE)?;
    let settings = mirror(&folder.0, &programs)?;
    let in_project = |used: &mut Used, arguments: &[&str]| {
        let mut command = syncline(&binary, project.folder(), arguments);
        command.env("SYNCLINE_CONFIG_FILE", &settings);
        used.by(&arguments.join(" "), &command)
    };
    WITH_PROVIDERS.iter().try_for_each(|arguments| in_project(&mut used, arguments))?;
    project.change_one()?;
    AFTER_A_CHANGE.iter().try_for_each(|arguments| in_project(&mut used, arguments))?;
    for arguments in WITH_A_WARNING {
        let name = format!("{}, warned", arguments.join(" "));
        used.by(&name, &project.command(&binary, arguments))?;
    }
    let quickstart = folder.0.join("quickstart");
    let from = cargo::root().join("examples/quickstart");
    cargo::succeed(Command::new("cp").arg("-r").arg(from).arg(&quickstart))?;
    for arguments in WITH_OWN {
        let name = format!("{} -C examples/quickstart", arguments.join(" "));
        used.by(&name, &syncline(&binary, &quickstart, arguments))?;
    }
    say(&used.told());
    let path = cargo::root().join("cli/order.ld");
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let assembly = assembly::of(&used.names())?;
    std::fs::write(&path, script(&used, &assembly, &before))
        .map_err(|error| format!("{} could not be written: {error}", path.display()))
}

/// A program's functions by their address in its file: all names, and the size in bytes.
type Functions = BTreeMap<u64, (Vec<String>, u64)>;

/// The functions that ran.
struct Used {
    functions: Functions,
    places: BTreeSet<u64>,
    /// The name of each command, and patterns for what it ran that none before it had.
    groups: Vec<(String, BTreeSet<String>)>,
}

impl Used {
    /// Adds what a command runs.
    fn by(&mut self, name: &str, command: &Command) -> Result<(), Failure> {
        let ran = trace::run(command, &self.functions.keys().copied().collect())?;
        let news: BTreeSet<u64> = ran.difference(&self.places).copied().collect();
        complain(&format!("{name}: {} functions, {} of them new", ran.len(), news.len()));
        let names = news.iter().filter_map(|place| self.functions.get(place));
        let patterns = names.flat_map(|(names, _)| names.iter().map(|name| pattern::of(name)));
        self.groups.push((name.to_owned(), patterns.collect()));
        self.places.extend(news);
        Ok(())
    }

    /// Returns the names of what ran.
    fn names(&self) -> BTreeSet<&str> {
        let functions = self.places.iter().filter_map(|place| self.functions.get(place));
        functions.flat_map(|(names, _)| names.iter().map(String::as_str)).collect()
    }

    /// Returns patterns for what no command ran.
    fn others(&self) -> BTreeSet<String> {
        let others = self.functions.iter().filter(|(place, _)| !self.places.contains(place));
        others.flat_map(|(_, (names, _))| names.iter().map(|name| pattern::of(name))).collect()
    }

    fn told(&self) -> String {
        let kibi = |bytes: u64| bytes >> 10;
        let used = self.places.iter().filter_map(|place| self.functions.get(place));
        format!(
            "{} of {} functions run, {} of {} KiB",
            self.places.len(),
            self.functions.len(),
            kibi(used.map(|(_, size)| size).sum()),
            kibi(self.functions.values().map(|(_, size)| size).sum()),
        )
    }
}

/// Reads the functions of a program.
fn functions(binary: &Path) -> Result<Functions, Failure> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", binary.display());
    let bytes = std::fs::read(binary).map_err(|error| told(&error))?;
    let file = object::File::parse(&*bytes).map_err(|error| told(&error))?;
    let mut functions = Functions::new();
    for symbol in file.symbols() {
        let defined = symbol.is_definition() && symbol.kind() == SymbolKind::Text;
        if let (true, 1.., Ok(name)) = (defined, symbol.size(), symbol.name()) {
            let function = functions.entry(symbol.address()).or_default();
            function.0.push(name.to_owned());
            function.1 = function.1.max(symbol.size());
        }
    }
    if functions.is_empty() {
        return Err(told(&"it has no symbols"));
    }
    Ok(functions)
}

/// Puts the providers where they are installed from, and returns the settings that say so.
fn mirror(folder: &Path, programs: &Path) -> Result<PathBuf, Failure> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mirror = folder.join("mirror");
    for name in ["null", "random"] {
        let program = format!("terraform-provider-{name}");
        let place = mirror.join(format!("example.com/bench/{name}/1.0.0/linux_amd64"));
        std::fs::create_dir_all(&place).map_err(told)?;
        std::fs::copy(programs.join(&program), place.join(&program)).map_err(told)?;
    }
    let settings = folder.join("mirrored.tfrc");
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        mirror.display()
    );
    std::fs::write(&settings, text).map_err(told)?;
    Ok(settings)
}

/// Returns the linker script: these sections in a section of their own, before all other code; first what the
/// first command runs, then what the second one runs besides, and so on; then what was traced before and not now: what
/// a small change makes a part of its caller, another one makes a function again. To begin anew, remove the
/// file. Constants stand by the crate they are of: those of crates that run before all others.
fn script(used: &Used, assembly: &BTreeSet<String>, before: &str) -> String {
    let mut script = String::from(
        "/* Written by `cargo xtask order`: the functions that plans and applies run, side by side. */\n\
         SECTIONS {\n  .text.used : {\n",
    );
    let others = used.others();
    let mut told = BTreeSet::new();
    let mut group = |name: &str, patterns: &mut dyn Iterator<Item = String>| {
        let news: Vec<String> = patterns.filter(|one| told.insert(one.clone())).collect();
        if !news.is_empty() {
            script += &format!("    /* {name} */\n    *(\n{}\n    )\n", news.join("\n"));
        }
    };
    for (name, patterns) in &used.groups {
        group(name, &mut patterns.iter().map(|own| pattern::shortened(own, &others)));
    }
    let known = before.lines().filter(|line| line.starts_with(".text."));
    group("before", &mut known.map(str::to_owned));
    let patterns = used.groups.iter().flat_map(|(_, patterns)| patterns);
    let crates: BTreeSet<&str> = patterns.flat_map(|own| pattern::crates(own)).collect();
    // What a compiler takes for cold has another prefix, whether or not it runs: vectors that grow are of it.
    let of_crates = |sections: &str| -> String {
        crates.iter().map(|own| format!("    *[.:]{own}-*.rcgu.o({sections})\n")).collect()
    };
    let known = before.lines().map(str::trim).filter(|line| line.ends_with(".o(.text)"));
    let assembly: BTreeSet<&str> = known.chain(assembly.iter().map(String::as_str)).collect();
    script += "    /* written by hand, a section for each file */\n";
    script.extend(assembly.iter().map(|own| format!("    {own}\n")));
    script += "    /* taken for cold */\n";
    script += &of_crates(".text.unlikely.*");
    script += "  }\n}\nINSERT BEFORE .text;\n\nSECTIONS {\n  .rodata.used : {\n";
    script += &of_crates(".rodata .rodata.*");
    script + "  }\n}\nINSERT BEFORE .rodata;\n"
}
