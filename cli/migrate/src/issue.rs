//! What the reader of a migration has to know.

use std::cell::RefCell;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It was not translated: a line in the output fails `check` until it is mended.
    Missing,
    /// It was translated to something that is not quite the same, or left out on purpose.
    Note,
}

/// Something that was not translated as it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The file, relative to the project.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// How much it matters.
    pub kind: Kind,
    /// What it is: one sentence without a full stop.
    pub message: String,
}

/// The issues that were found so far.
#[derive(Debug, Default)]
pub struct Issues(RefCell<Vec<Issue>>);

impl Issues {
    /// Adds one.
    pub fn add(&self, issue: Issue) {
        let mut all = self.0.borrow_mut();
        if !all.contains(&issue) {
            all.push(issue);
        }
    }

    /// Returns what was found so far.
    #[must_use]
    pub fn list(&self) -> Vec<Issue> {
        self.0.borrow().clone()
    }

    /// Returns all, sorted by their places.
    #[must_use]
    pub fn take(&self) -> Vec<Issue> {
        let mut all = std::mem::take(&mut *self.0.borrow_mut());
        all.sort();
        all
    }
}

impl std::fmt::Display for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}
