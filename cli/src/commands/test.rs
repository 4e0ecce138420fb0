//! `syncline test`.
//!
//! Runs the `test` blocks of `*_test.sync`. No provider is asked, no state is read, and inputs of
//! the machine do not count: the same sources give the same result everywhere.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;
use syncline_lang::Outcome;
use syncline_model::{Diagnostic, Sources};

use crate::exit::{Exit, Failure};
use crate::output::{Paint, Style};
use crate::progress::Lines;
use crate::project::Loaded;
use crate::session::Session;

/// Arguments of `test`.
#[derive(clap::Args, Clone, Debug)]
pub struct TestArguments {
    /// Only tests whose name contains this
    filter: Option<String>,
    /// Write the results as JUnit XML (`--junit results.xml`)
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print JSON lines: each test with what is wrong, and a summary (`--json`)
    #[arg(long)]
    json: bool,
}

/// A test that was run.
struct Ran {
    name: String,
    /// Its file and line.
    file: String,
    line: u32,
    outcome: Outcome,
}

impl Ran {
    fn has_passed(&self) -> bool {
        self.outcome.failures.is_empty()
    }
}

pub(super) fn run(session: &Session, arguments: &TestArguments) -> Result<Exit, Failure> {
    let session = &session.in_lines();
    let mut loaded = Loaded::load_with(session, true)?;
    // What is wrong with environments is for the tests to tell.
    let found = loaded.found();
    session.tell(&found, &loaded.sources)?;
    let filter = arguments.filter.as_deref().unwrap_or_default();
    let tests = loaded.project.tests().filter(|test| test.name.name.contains(filter));
    let ran: Vec<Ran> = tests
        .map(|test| {
            let place = loaded.sources.place(test.name.span, &"".into());
            let (file, line) =
                place.map_or_else(Default::default, |own| (own.file.to_string(), own.line));
            let outcome = syncline_lang::test(&loaded.project, test, &loaded.world);
            Ran { name: test.name.name.to_string(), file, line, outcome }
        })
        .collect();
    if ran.is_empty() {
        return Err(Failure::new("there is no test to run").help(
            "Tests are `test \"name\" { ... }` blocks in files whose names end with _test.sync.",
        ));
    }
    let failed = ran.iter().filter(|test| !test.has_passed()).count();
    if arguments.json {
        lines(session, &ran, &loaded.sources);
    } else {
        text(session, &ran, &loaded.sources);
    }
    if let Some(path) = &arguments.junit {
        let path = session.folder.join(path);
        std::fs::write(&path, junit(&ran, &loaded.sources)).map_err(|error| {
            Failure::new(format!("{} cannot be written: {error}", path.display()))
        })?;
    }
    Ok(if failed > 0 { Exit::Error } else { Exit::Done })
}

/// Prints each test with what is wrong, and how many there are of either kind.
fn text(session: &Session, ran: &[Ran], sources: &Sources) {
    for test in ran {
        session.output.line(&headline(test, session.output.data_paint));
        if !test.has_passed() {
            session.output.data(&rendered(session, &test.outcome.failures, sources));
        }
    }
    session.output.line(&counted(ran));
}

/// Returns what came of a test, and which one it is.
fn headline(test: &Ran, paint: Paint) -> String {
    let (word, style) =
        if test.has_passed() { ("ok  ", Style::Green) } else { ("FAIL", Style::Red) };
    let Ran { name, file, line, .. } = test;
    format!("{} {file}:{line} {name}", paint.apply(style, word))
}

fn counted(ran: &[Ran]) -> String {
    let passed = ran.iter().filter(|test| test.has_passed()).count();
    format!("{passed} passed, {} failed", ran.len() - passed)
}

/// Prints the same for programs, in the shape of Terraform's; people are told what is wrong beside it.
fn lines(session: &Session, ran: &[Ran], sources: &Sources) {
    let status = |passed: bool| if passed { "pass" } else { "fail" };
    let level = |passed: bool| if passed { "info" } else { "error" };
    for test in ran {
        let (own, passed) = (Lines::new(&session.output), test.has_passed());
        let own = own.of_test(&test.file, &test.name);
        let run = json!({
            "path": test.file,
            "run": test.name,
            "line": test.line,
            "progress": "complete",
            "status": status(passed),
            "expectations": test.outcome.expectations,
        });
        let message = format!("{}: {}", test.name, status(passed));
        own.line(level(passed), &message, "test_run", json!({ "test_run": run }));
        let failures = &test.outcome.failures;
        failures.iter().for_each(|failure| own.diagnostic(failure, sources));
        if !passed {
            session.output.note(&headline(test, session.output.notes_paint));
            let _it_is_a_failure_of_the_test = session.say(failures, sources);
        }
    }
    let passed = ran.iter().filter(|test| test.has_passed()).count();
    let all = passed == ran.len();
    let summary = json!({ "status": status(all), "passed": passed, "failed": ran.len() - passed });
    let summary = json!({ "test_summary": summary });
    Lines::new(&session.output).line(level(all), &counted(ran), "test_summary", summary);
}

fn rendered(session: &Session, failures: &[Diagnostic], sources: &Sources) -> String {
    let look =
        crate::report::diagnostics::Look { paint: session.output.data_paint, ..session.look() };
    crate::report::diagnostics::all(failures, sources, look)
}

/// Returns the results as JUnit XML: a suite for each file.
fn junit(ran: &[Ran], sources: &Sources) -> String {
    let failures = |ran: &[&Ran]| ran.iter().filter(|own| !own.has_passed()).count();
    let all: Vec<&Ran> = ran.iter().collect();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\">\n",
        ran.len(),
        failures(&all)
    );
    for own in all.chunk_by(|left, right| left.file == right.file) {
        let file = escaped(&own[0].file);
        let _ = writeln!(
            text,
            "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{}\">",
            own.len(),
            failures(own)
        );
        for test in own {
            let name = escaped(&test.name);
            let head = format!(
                "    <testcase name=\"{name}\" classname=\"{file}\" file=\"{file}\" line=\"{}\" \
                 assertions=\"{}\"",
                test.line, test.outcome.expectations
            );
            if test.has_passed() {
                let _ = writeln!(text, "{head}/>");
                continue;
            }
            let _ = writeln!(text, "{head}>");
            for failure in &test.outcome.failures {
                let place = failure.span().and_then(|span| sources.place(span, &"".into()));
                let mut body = place.map(|place| format!("{place}\n")).unwrap_or_default();
                for label in &failure.labels {
                    let _ = writeln!(body, "{}: {}", sources.text(label.span), label.text);
                }
                let _ = writeln!(
                    text,
                    "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                    failure.code.id,
                    escaped(&failure.message),
                    escaped(&body)
                );
            }
            text.push_str("    </testcase>\n");
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

/// Returns a text as XML takes it; what XML has no form for is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            own if own.is_control() => {}
            own => escaped.push(own),
        }
    }
    escaped
}
