//! Diagnostics as plain text, with the source beside the message.
//!
//! Takes diagnostics and the sources that they point into. The form is meant for expectations:
//! stable, without colour, with every label on its own line. Marks (`//~ E0201`) are left out of
//! the shown source.

use std::fmt::Write as _;

use syncline_model::{Diagnostic, Label, Severity, Sources};

/// What starts a mark in a source: the codes that are expected on its line.
pub(crate) const MARK: &str = "//~";

/// Returns all diagnostics, in the order given, an empty line between two.
#[must_use]
pub(crate) fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let parts: Vec<String> = diagnostics.iter().map(|one| diagnostic(one, sources)).collect();
    parts.join("\n")
}

fn diagnostic(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text = format!("{severity}[{}]: {}\n", diagnostic.code.id, diagnostic.message);
    let mut shown = None;
    for label in &diagnostic.labels {
        excerpt(label, sources, &mut shown, &mut text);
    }
    for note in &diagnostic.notes {
        let _infallible = writeln!(text, "  note: {}", note.replace('\n', "\n        "));
    }
    if let Some(help) = &diagnostic.help {
        let _infallible = writeln!(text, "  help: {}", help.replace('\n', "\n        "));
    }
    for suggestion in &diagnostic.suggestions {
        let outside = sources.get(suggestion.span.file).is_some_and(|source| source.from_outside);
        let old = if outside { "..." } else { sources.text(suggestion.span) };
        let _infallible = writeln!(text, "  mend: `{old}` -> `{}`", suggestion.replacement);
    }
    text
}

/// Writes where a label is, the line (unless it was shown just before), and what is marked in it.
fn excerpt(label: &Label, sources: &Sources, shown: &mut Option<(u32, u32)>, text: &mut String) {
    let span = label.span;
    let Some(source) = sources.get(span.file) else {
        let _infallible = writeln!(text, "  --> (no source) {}", label.text);
        return;
    };
    let (line, column) = source.line_column(span.start);
    if source.from_outside {
        // It may be secret, and is not shown.
        let _infallible = writeln!(text, "  --> {}:{line}:{column} {}", source.name, label.text);
        return;
    }
    let whole = source.text.lines().nth(line as usize - 1).unwrap_or("");
    let code = whole.split(MARK).next().unwrap_or("").trim_end();
    let code: String = code.chars().take(100).collect();
    if *shown != Some((span.file.0, line)) {
        let _infallible = writeln!(text, "  --> {}:{line}:{column}", source.name);
        let _infallible = writeln!(text, "   | {}", code.replace('\t', " "));
        *shown = Some((span.file.0, line));
    }
    let marked = source.text.get(span.start as usize..span.end as usize).unwrap_or("");
    let first = marked.lines().next().unwrap_or("");
    let width = first.chars().count().clamp(1, 100);
    let width = if marked.contains('\n') {
        code.chars().count().saturating_sub(column as usize - 1).clamp(1, width)
    } else {
        width
    };
    let blank = " ".repeat((column as usize - 1).min(100));
    let line = format!("   | {blank}{} {}", "^".repeat(width), label.text);
    let _infallible = writeln!(text, "{}", line.trim_end());
}

/// Returns every mark of the sources that no diagnostic answers, as `main.sync:3: E0201`.
#[must_use]
pub(crate) fn unanswered_marks(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<String> {
    let mut missing = Vec::new();
    for (id, source) in sources.iter() {
        for (index, line) in source.text.lines().enumerate() {
            let Some((_, codes)) = line.split_once(MARK) else { continue };
            for code in codes.split_whitespace() {
                let answered = diagnostics.iter().any(|diagnostic| {
                    diagnostic.code.id == code
                        && diagnostic.labels.iter().any(|label| {
                            label.span.file == id
                                && source.line_column(label.span.start).0 as usize == index + 1
                        })
                });
                if !answered {
                    missing.push(format!("{}:{}: {code}", source.name, index + 1));
                }
            }
        }
    }
    missing
}
