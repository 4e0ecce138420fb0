//! What providers say, and where they say it is.

use syncline_model::{Path, Problem, Step};

use super::proto::tfplugin6::attribute_path::step::Selector;
use super::proto::tfplugin6::{AttributePath, Diagnostic, diagnostic::Severity};

/// The most that is kept of one diagnostic's detail, in bytes.
const MAX_DETAIL: usize = 64 * 1024;

/// Returns what was said as problems.
pub(crate) fn problems(diagnostics: Vec<Diagnostic>) -> Vec<Problem> {
    diagnostics.into_iter().map(problem).collect()
}

fn problem(diagnostic: Diagnostic) -> Problem {
    // A severity that does not exist is taken for the worse one.
    let is_error = diagnostic.severity() != Severity::Warning;
    let Diagnostic { summary, detail, attribute, .. } = diagnostic;
    Problem {
        is_error,
        summary: if summary.trim().is_empty() {
            "the provider gave no reason".to_owned()
        } else {
            shortened(summary)
        },
        detail: shortened(detail),
        path: attribute.map(|path| read_path(&path)).unwrap_or_default(),
        is_in_doubt: false,
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > MAX_DETAIL {
        let end = (0..=MAX_DETAIL).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push_str(" […]");
    }
    text
}

/// Returns the path; one that goes into a set ends there.
pub(crate) fn read_path(path: &AttributePath) -> Path {
    let mut steps = Vec::with_capacity(path.steps.len());
    for step in &path.steps {
        steps.push(match &step.selector {
            Some(Selector::AttributeName(name) | Selector::ElementKeyString(name)) => {
                Step::Key(name.as_str().into())
            }
            Some(Selector::ElementKeyInt(index)) => match u32::try_from(*index) {
                Ok(index) => Step::Index(index),
                Err(_) => break,
            },
            None => break,
        });
    }
    steps.into()
}
