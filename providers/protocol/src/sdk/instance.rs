//! One thing that a provider manages, and what can go wrong with it.

use std::ops::{Deref, DerefMut};

use syncline_model::{Path, Problem};

use super::Attributes;

/// One thing that a provider manages, or plans to.
///
/// It reads as its attributes: `instance.string("path")`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instance {
    /// Its attributes.
    pub attributes: Attributes,
    /// The provider's own bytes, recorded beside the attributes and shown to no one.
    pub private: Vec<u8>,
    /// What identifies it beside its attributes; see [`super::Schema::identity`]. What is not set stays as it was.
    pub identity: Attributes,
    /// What there is to say though the call succeeds.
    pub warnings: Vec<Problem>,
}

impl Instance {
    /// Adds a warning about an attribute.
    pub fn warn(&mut self, name: &str, summary: impl Into<String>, detail: impl Into<String>) {
        self.warnings.push(Problem { is_error: false, ..invalid(name, summary, detail) });
    }
}

impl Deref for Instance {
    type Target = Attributes;

    fn deref(&self) -> &Attributes {
        &self.attributes
    }
}

impl DerefMut for Instance {
    fn deref_mut(&mut self) -> &mut Attributes {
        &mut self.attributes
    }
}

impl From<Attributes> for Instance {
    fn from(attributes: Attributes) -> Self {
        Self { attributes, ..Self::default() }
    }
}

/// A call that failed, and what was made until then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong; at least one is an error.
    pub problems: Vec<Problem>,
    /// What there is after the failure, to be recorded; `None` when nothing has changed.
    pub partial: Option<Box<Instance>>,
}

impl Failure {
    /// Returns a failure that leaves something behind.
    #[must_use]
    pub fn partial(instance: Instance, problem: Problem) -> Self {
        Self { problems: vec![problem], partial: Some(Box::new(instance)) }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem], partial: None }
    }
}

/// Returns an error about an attribute; the detail says why, and the way out.
#[must_use]
pub fn invalid(name: &str, summary: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::error(summary, detail).at(Path::attribute(name))
}
