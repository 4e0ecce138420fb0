//! What every command needs: the output, the folder, and how diagnostics are told.

use std::path::PathBuf;

use syncline_model::{Code, Diagnostic, Sources};

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output::Output;
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
}

impl Session {
    /// Returns the session of a command.
    #[must_use]
    pub fn new(global: Global, output: Output) -> Self {
        Self { output, folder: global.folder, compact_warnings: global.compact_warnings }
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

    /// Tells diagnostics and fails when one of them is an error.
    ///
    /// # Errors
    /// A failure that has been told.
    pub fn tell(&self, diagnostics: &[Diagnostic], sources: &Sources) -> Result<(), Failure> {
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
        self.output.prompt(&diagnostics::one(&diagnostic, &Sources::default(), self.look()));
    }
}
