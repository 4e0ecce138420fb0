//! Excerpts of source with labels, drawn by miette.

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, SourceCode, SourceSpan,
    SpanContents, ThemeCharacters, ThemeStyles,
};
use syncline_model::{Label, Severity, Source, Sources};

use super::Look;

/// The most bytes of whole lines that an excerpt shows; beyond, only a window around the label.
const WHOLE: usize = 2_000;
/// The most bytes that a label covers: a longer one is cut at its first line.
const LABEL: usize = 160;
/// How many bytes around a label are shown of a long line.
const WINDOW: usize = 60;

/// Returns the labels of one file with the lines that they are on.
pub(super) fn draw(labels: &[&Label], severity: Severity, sources: &Sources, look: Look) -> String {
    let Some(source) = labels.first().and_then(|first| sources.get(first.span.file)) else {
        return String::new();
    };
    let spans = labels.iter().enumerate().map(|(index, label)| {
        let (start, end) = clamp(source, label.span.start as usize, label.span.end as usize);
        let text = (!label.text.is_empty()).then(|| label.text.clone());
        let span = SourceSpan::from((start, end - start));
        if index == 0 {
            LabeledSpan::new_primary_with_span(text, span)
        } else {
            LabeledSpan::new_with_span(text, span)
        }
    });
    let excerpt = Excerpt { source: Indexed(source), labels: spans.collect(), severity };
    let mut drawn = String::new();
    let handler = GraphicalReportHandler::new_themed(theme(look))
        .with_width(look.width)
        .with_context_lines(1)
        .with_links(false)
        .tab_width(2)
        .without_cause_chain();
    if handler.render_report(&mut drawn, &excerpt).is_err() {
        return String::new();
    }
    // The first line is the message, which is told above all excerpts.
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    let lines = body.lines().map(|line| format!("{}\n", line.trim_end()));
    lines.collect()
}

fn theme(look: Look) -> GraphicalTheme {
    let characters =
        if look.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let styles = if look.paint.enabled { ThemeStyles::ansi() } else { ThemeStyles::none() };
    GraphicalTheme { characters, styles }
}

/// Returns a label's range, within the file and at character boundaries; one that covers much is
/// cut at the end of its first line.
fn clamp(source: &Source, start: usize, end: usize) -> (usize, usize) {
    let text = &*source.text;
    let start = floor(text, start.min(text.len()));
    let mut end = floor(text, end.clamp(start, text.len()));
    if end - start > LABEL {
        let line = text[start..end].find('\n').unwrap_or(end - start);
        end = floor(text, start + line.min(LABEL)).max(start);
    }
    (start, end)
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A source whose lines are found by its index, and of which long lines are shown in part.
struct Indexed<'a>(&'a Source);

struct Contents<'a> {
    data: &'a [u8],
    span: SourceSpan,
    line: usize,
    column: usize,
    line_count: usize,
    name: &'a str,
}

impl SourceCode for Indexed<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = &*self.0.text;
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let starts = self.0.line_starts();
        let line_of =
            |offset: usize| starts.partition_point(|at| *at as usize <= offset).max(1) - 1;
        let (first, last) = (line_of(start), line_of(end.saturating_sub(1).max(start)));
        let line_end = |line: usize| starts.get(line + 1).map_or(text.len(), |at| *at as usize);
        let from = starts[first.saturating_sub(before)] as usize;
        let to = line_end((last + after).min(starts.len() - 1));
        let (from, to) = if before == 0 && after == 0 {
            (start, end)
        } else if to - from <= WHOLE {
            (from, to)
        } else if span.len() > LABEL {
            // Two labels far apart on long lines: miette then shows one after the other.
            return Err(MietteError::OutOfBounds);
        } else {
            let from = floor(text, start.saturating_sub(WINDOW)).max(starts[first] as usize);
            (from, floor(text, (end + WINDOW).min(line_end(last))))
        };
        let line = line_of(from);
        let column = text[starts[line] as usize..from].chars().count();
        Ok(Box::new(Contents {
            data: &text.as_bytes()[from..to],
            span: SourceSpan::from((from, to - from)),
            line,
            column,
            line_count: line_of(to.saturating_sub(1).max(from)) - line + 1,
            name: &self.0.name,
        }))
    }
}

impl<'a> SpanContents<'a> for Contents<'a> {
    fn data(&self) -> &'a [u8] {
        self.data
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn line(&self) -> usize {
        self.line
    }

    fn column(&self) -> usize {
        self.column
    }

    fn line_count(&self) -> usize {
        self.line_count
    }

    fn name(&self) -> Option<&str> {
        Some(self.name)
    }
}

struct Excerpt<'a> {
    source: Indexed<'a>,
    labels: Vec<LabeledSpan>,
    severity: Severity,
}

impl miette::Diagnostic for Excerpt<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl std::error::Error for Excerpt<'_> {}

impl std::fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(".")
    }
}

impl std::fmt::Debug for Excerpt<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Excerpt")
    }
}
