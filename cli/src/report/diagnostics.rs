//! Diagnostics as text: the message, the source that it is about, why, and the way out.
//!
//! The excerpts are drawn by miette over an indexed source of our own ([`excerpt`]), so that a
//! line of a megabyte and a file of many are fine; what miette has not (labels in several files)
//! becomes one excerpt a file. At most [`LIMIT`] are shown, errors first, and all are counted.

mod excerpt;

use syncline_lang::diagnostics::MOST;
use syncline_model::{Diagnostic, Label, Severity, Source, Sources};

use crate::output::{Paint, Style};

/// The most diagnostics that are shown.
pub const LIMIT: usize = 50;

/// How diagnostics are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether to emphasise.
    pub paint: Paint,
    /// Whether frames may be drawn with more than ASCII.
    pub unicode: bool,
    /// The width of the lines, in columns.
    pub width: usize,
    /// Warnings are only counted.
    pub compact_warnings: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { paint: Paint::default(), unicode: true, width: 100, compact_warnings: false }
    }
}

/// Returns all diagnostics as text, with a line that counts them; empty when there are none.
#[must_use]
pub fn all(diagnostics: &[Diagnostic], sources: &Sources, look: Look) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        diagnostics.iter().partition(|diagnostic| diagnostic.is_error());
    let mut text = String::new();
    let shown = if look.compact_warnings { 0 } else { warnings.len() };
    let both = errors.iter().chain(&warnings[..shown]);
    for diagnostic in both.take(LIMIT) {
        text.push_str(&one(diagnostic, sources, look));
        text.push('\n');
    }
    let total = errors.len() + shown;
    if total > LIMIT {
        text.push_str(&format!("The first {LIMIT} of {total} are shown.\n"));
    }
    text.push_str(&count(errors.len(), warnings.len(), look.paint));
    text.push('\n');
    text
}

fn count(errors: usize, warnings: usize, paint: Paint) -> String {
    let part = |count: usize, what: &str, style| {
        let plural = if count == 1 { "" } else { "s" };
        // A pass tells no more than so many.
        let least = if count >= MOST { "at least " } else { "" };
        (count > 0).then(|| paint.apply(style, &format!("{least}{count} {what}{plural}")))
    };
    let parts = [part(errors, "error", Style::Red), part(warnings, "warning", Style::Yellow)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Returns one diagnostic as text that ends with a newline.
#[must_use]
pub fn one(diagnostic: &Diagnostic, sources: &Sources, look: Look) -> String {
    let (word, style) = match diagnostic.severity {
        Severity::Error => ("error", Style::Red),
        Severity::Warning => ("warning", Style::Yellow),
    };
    let word = match diagnostic.code.id {
        "" => format!("{word}:"),
        id => format!("{word}[{id}]:"),
    };
    let mut text = paint_message(&word, &diagnostic.message, style, look);
    for labels in by_file(&diagnostic.labels) {
        match labels.first().and_then(|label| sources.get(label.span.file)) {
            Some(source) if source.from_outside => outside(&labels, source, look, &mut text),
            _ => text.push_str(&excerpt::draw(&labels, diagnostic.severity, sources, look)),
        }
    }
    for note in &diagnostic.notes {
        paragraph("note: ", note, look, &mut text);
    }
    if let Some(help) = &diagnostic.help {
        paragraph("help: ", help, look, &mut text);
    }
    for suggestion in &diagnostic.suggestions {
        if sources.get(suggestion.span.file).is_some_and(|source| source.from_outside) {
            continue;
        }
        let old = sources.text(suggestion.span);
        let one_line = |text: &str| text.chars().count() <= 60 && !text.contains('\n');
        if !one_line(old) || !one_line(&suggestion.replacement) {
            continue;
        }
        let mend = match (old, suggestion.replacement.as_str()) {
            ("", new) => format!("insert `{new}`"),
            (old, "") => format!("remove `{old}`"),
            (old, new) => format!("write `{new}` in place of `{old}`"),
        };
        // The help mostly says so already.
        let is_told = diagnostic
            .help
            .as_ref()
            .is_some_and(|help| help.contains(&format!("`{}`", suggestion.replacement)));
        if !is_told {
            paragraph("help: ", &mend, look, &mut text);
        }
    }
    text
}

/// Says where labels in a value from outside are. The value itself is not drawn: it, or what stands
/// beside it, may be secret.
fn outside(labels: &[&Label], source: &Source, look: Look, text: &mut String) {
    for label in labels {
        let mut place = source.name.to_string();
        if label.span.start < label.span.end {
            let (line, column) = source.line_column(label.span.start);
            place.push_str(&format!(":{line}:{column}"));
        }
        if !label.text.is_empty() {
            place.push_str(&format!(": {}", label.text));
        }
        paragraph("at: ", &place, look, text);
    }
}

fn paint_message(word: &str, message: &str, style: Style, look: Look) -> String {
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default();
    let mut text = format!(
        "{} {}\n",
        look.paint.apply(style, word),
        look.paint.apply(Style::Bold, &clip(first))
    );
    for line in lines {
        text.push_str(&format!("  {}\n", clip(line)));
    }
    text
}

/// Returns the labels of each file together, the primary label's file first.
fn by_file(labels: &[Label]) -> Vec<Vec<&Label>> {
    let mut files: Vec<Vec<&Label>> = Vec::new();
    for label in labels {
        let own = files
            .iter_mut()
            .find(|own| own.first().is_some_and(|first| first.span.file == label.span.file));
        match own {
            Some(own) => own.push(label),
            None => files.push(vec![label]),
        }
    }
    files
}

/// Adds a paragraph under a hanging lead, wrapped at the width.
fn paragraph(lead: &str, body: &str, look: Look, text: &mut String) {
    let indent = " ".repeat(2 + lead.len());
    let width = look.width.saturating_sub(indent.len()).max(20);
    let mut prefix = format!("  {}", look.paint.apply(Style::Cyan, lead));
    for line in body.lines() {
        for line in wrap(&clip(line), width) {
            text.push_str(&format!("{prefix}{line}\n"));
            prefix.clone_from(&indent);
        }
    }
}

/// Breaks a line at spaces. What is indented is kept: it is laid out already.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.starts_with(' ') || line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(last) = lines.last_mut() {
            if used > 0 {
                last.push(' ');
                used += 1;
            }
            last.push_str(word);
            used += length;
        }
    }
    lines
}

/// Cuts what no reader would read to its end, and takes control characters out.
fn clip(line: &str) -> String {
    const LONGEST: usize = 2_000;
    let clean = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    let mut kept: String = line.chars().take(LONGEST).map(clean).collect();
    if kept.len() < line.len() && line.chars().nth(LONGEST).is_some() {
        kept.push_str("...");
    }
    kept
}
