//! What every command needs: the output, the folder, and how diagnostics are told.

use std::path::PathBuf;

use syncline_model::{Code, Diagnostic, EnvironmentName, Sources};

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::progress::Lines;
use crate::report::diagnostics::{self, Look};

/// What every command needs.
#[derive(Clone, Debug)]
pub struct Session {
    /// Where everything is said.
    pub output: Output,
    /// The folder that the command works in, as given.
    pub folder: PathBuf,
    /// Warnings are only counted.
    pub compact_warnings: bool,
    /// Programs read what is printed, and what went wrong as well.
    pub json: bool,
    /// With `--json` the command prints lines, each of which tells of something, and not a document that is whole.
    in_lines: bool,
    /// The environment that is worked on, where a command works on one after the other.
    environment: Option<EnvironmentName>,
}

impl Session {
    /// Returns the session of a command.
    #[must_use]
    pub fn new(global: Global, output: Output) -> Self {
        let Global { folder, compact_warnings, json, .. } = global;
        Self { output, folder, compact_warnings, json, in_lines: false, environment: None }
    }

    /// Returns the same for a command that prints lines with `--json`.
    #[must_use]
    pub fn in_lines(&self) -> Self {
        Self { in_lines: true, ..self.clone() }
    }

    /// Returns the same while one environment is worked on: what programs are told says of which.
    #[must_use]
    pub fn about(&self, environment: &EnvironmentName) -> Self {
        Self { environment: Some(environment.clone()), ..self.clone() }
    }

    /// Returns a writer of lines for programs.
    #[must_use]
    pub fn lines(&self) -> Lines {
        let lines = Lines::new(&self.output);
        match &self.environment {
            Some(environment) => lines.of(environment),
            None => lines,
        }
    }

    /// Returns how diagnostics are drawn.
    #[must_use]
    pub fn look(&self) -> Look {
        Look {
            paint: self.output.notes_paint,
            unicode: self.output.unicode,
            width: self.output.width,
            compact_warnings: self.compact_warnings,
        }
    }

    /// Tells diagnostics and fails when one of them is an error. With `--json` programs are told then, too: there is
    /// nothing else that they would get. Of warnings they are told where lines are what they read.
    ///
    /// # Errors
    /// A failure that has been told.
    pub fn tell(&self, diagnostics: &[Diagnostic], sources: &Sources) -> Result<(), Failure> {
        if self.json && (self.in_lines || diagnostics.iter().any(Diagnostic::is_error)) {
            let lines = self.lines();
            diagnostics.iter().for_each(|diagnostic| lines.diagnostic(diagnostic, sources));
        }
        self.say(diagnostics, sources)
    }

    /// Tells people diagnostics and fails when one of them is an error.
    ///
    /// # Errors
    /// A failure that has been told.
    pub fn say(&self, diagnostics: &[Diagnostic], sources: &Sources) -> Result<(), Failure> {
        let text = diagnostics::all(diagnostics, sources, self.look());
        if !text.is_empty() {
            self.output.prompt(&text);
        }
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Failure::told(Exit::Error));
        }
        Ok(())
    }

    /// Tells why a command failed.
    pub fn tell_failure(&self, failure: &Failure) {
        if failure.message.is_empty() {
            return;
        }
        let mut diagnostic =
            Diagnostic::error(Code { id: "", summary: "" }, failure.message.clone());
        diagnostic.notes.clone_from(&failure.notes);
        diagnostic.help.clone_from(&failure.help);
        let nowhere = Sources::default();
        if self.json {
            self.lines().diagnostic(&diagnostic, &nowhere);
        }
        self.output.prompt(&diagnostics::one(&diagnostic, &nowhere, self.look()));
    }

    /// Tells why a part of a command failed, and returns the failure as one that has been told.
    pub fn settle(&self, failure: &Failure) -> Failure {
        self.tell_failure(failure);
        Failure::told(failure.exit)
    }
}
