//! Mends that can be applied: code actions from suggestions.

use syncline_model::{Diagnostic, FileId, Span, Suggestion};

use super::analysis::Analysis;

/// A mend of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it does.
    pub title: String,
    /// What it mends.
    pub diagnostic: Diagnostic,
    /// What it changes.
    pub changes: Vec<Suggestion>,
}

/// Returns the mends of what is wrong in a part of a file.
#[must_use]
pub fn actions(analysis: &Analysis, file: FileId, part: Span) -> Vec<Action> {
    let meets = |span: Span| span.file == file && span.start <= part.end && part.start <= span.end;
    let wrong = analysis.diagnostics.iter().filter(|own| own.span().is_some_and(meets));
    wrong
        .filter(|diagnostic| !diagnostic.suggestions.is_empty())
        .map(|diagnostic| Action {
            title: title(analysis, diagnostic),
            diagnostic: diagnostic.clone(),
            changes: diagnostic.suggestions.clone(),
        })
        .collect()
}

fn title(analysis: &Analysis, diagnostic: &Diagnostic) -> String {
    if let [only] = diagnostic.suggestions.as_slice() {
        let old = analysis.sources.text(only.span).trim();
        let new = only.replacement.trim();
        let short = |text: &str| text.len() <= 40 && !text.contains('\n');
        if short(old) && short(new) {
            return match (old.is_empty(), new.is_empty()) {
                (false, true) => format!("Remove `{old}`"),
                (true, _) => format!("Insert `{new}`"),
                (false, false) => format!("Replace `{old}` by `{new}`"),
            };
        }
    }
    diagnostic.help.clone().unwrap_or_else(|| diagnostic.message.clone())
}
