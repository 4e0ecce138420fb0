//! The runner: a case's sections in order, each run's text against its expectation.
//!
//! Takes a case file; returns nothing when all is as expected, else what differs. With
//! `UPDATE_EXPECT=1` it rewrites the file in place of failing. It knows no stage's functions: those
//! are in `front` and `back`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::back::Back;
use crate::case::{Case, Section};
use crate::front::{self, Outcome};

/// The folders of the suite: each is a stage, and what a case of it runs unless it says otherwise.
pub const STAGES: &[&str] =
    &["parse", "fmt", "resolve", "check", "diagnostics", "eval", "test", "plan", "apply"];

/// Returns every case file, sorted.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(suite: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for stage in STAGES {
        for entry in std::fs::read_dir(suite.join(stage))? {
            found.push(entry?.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Runs a case file.
///
/// # Errors
/// What differs, for people to read.
pub fn run_file(path: &Path, update: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let case = Case::parse(&text)?;
    let stage = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let (found, problems) = run(&case, stage.unwrap_or_default());
    let written = found.to_string();
    if update && written != text {
        std::fs::write(path, &written).map_err(|error| error.to_string())?;
    }
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    if written != text && !update {
        return Err(difference(&text, &written));
    }
    Ok(())
}

/// Runs a case and returns it with what was found as its expectations, and what no rewriting mends.
#[must_use]
pub fn run(case: &Case, stage: &str) -> (Case, Vec<String>) {
    let mut runner = Runner { stage: stage.to_owned(), ..Runner::default() };
    let mut found = Case { title: case.title.clone(), sections: Vec::new() };
    let mut problems = Vec::new();
    let mut sections = case.sections.iter().peekable();
    if case.title.is_empty() {
        problems.push("a case starts with a line that says what it shows".to_owned());
    }
    while let Some(section) = sections.next() {
        let ran = match section {
            Section::File { name, text } => {
                runner.write(name, text);
                found.sections.push(section.clone());
                continue;
            }
            Section::World { text } => {
                problems.extend(runner.back.tamper(text).err());
                found.sections.push(section.clone());
                continue;
            }
            Section::Run { command } => {
                found.sections.push(section.clone());
                let outcome = runner.run(command);
                if !matches!(sections.peek(), Some(Section::Expect { .. })) {
                    // A run that only prepares the next one must succeed.
                    if outcome.failed {
                        problems.push(format!("the run {command:?} failed:\n{}", outcome.text));
                    }
                    continue;
                }
                let _expect = sections.next();
                outcome
            }
            Section::Expect { .. } => runner.run(&[stage.to_owned()]),
        };
        for mark in ran.unanswered {
            problems.push(format!("{mark} is marked, but no diagnostic has a label there"));
        }
        // Lines that start with `=== ` would be read as sections.
        found.sections.push(Section::Expect { text: ran.text });
    }
    (found, problems)
}

/// The state of a case that runs.
#[derive(Default)]
struct Runner {
    stage: String,
    texts: BTreeMap<String, String>,
    back: Back,
}

impl Runner {
    fn write(&mut self, name: &str, text: &str) {
        if text.is_empty() && self.stage != "parse" && self.texts.contains_key(name) {
            self.texts.remove(name);
        } else {
            self.texts.insert(name.to_owned(), text.to_owned());
        }
    }

    fn run(&mut self, command: &[String]) -> Outcome {
        let (verb, arguments) =
            command.split_first().map_or(("", command), |(v, a)| (v.as_str(), a));
        match verb {
            "parse" => front::check_parse(&self.texts),
            "fmt" => front::check_format(&self.texts),
            "resolve" => front::check_resolve(&self.texts),
            "check" | "diagnostics" => front::check_check(&self.texts, arguments),
            "eval" => front::check_eval(&self.texts, arguments),
            "test" => front::check_test(&self.texts),
            "plan" | "json" | "markdown" | "apply" | "destroy" | "state" | "history" | "drift" => {
                self.back.check(verb, &self.texts, arguments)
            }
            other => Outcome {
                text: format!("`{other}` is no stage\n"),
                failed: true,
                ..Outcome::default()
            },
        }
    }
}

/// Returns the lines that differ, in the form of a diff.
fn difference(expected: &str, found: &str) -> String {
    let diff = similar::TextDiff::from_lines(expected, found);
    let unified = diff.unified_diff().context_radius(3).header("expected", "found").to_string();
    format!("{unified}\nUPDATE_EXPECT=1 rewrites the case")
}
