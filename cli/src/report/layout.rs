//! Rows with a place at their end, laid out in columns.
//!
//! Takes rows of already composed text; returns lines in which every place starts at one column,
//! so that a reader's eye can go down it. Widths are counted in characters.

use syncline_model::Place;

use crate::output::{Paint, Style};

/// One row of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The text's pieces, each with its emphasis.
    pub pieces: Vec<(Style, String)>,
    /// What stands at the end, such as `environments.sync:31 (staging)`.
    pub place: String,
}

impl Row {
    /// Returns a row of one piece.
    #[must_use]
    pub fn new(style: Style, text: impl Into<String>) -> Self {
        Self { pieces: vec![(style, text.into())], place: String::new() }
    }

    /// Adds a piece.
    #[must_use]
    pub fn piece(mut self, style: Style, text: impl Into<String>) -> Self {
        self.pieces.push((style, text.into()));
        self
    }

    /// Sets what stands at the end.
    #[must_use]
    pub fn at(mut self, place: String) -> Self {
        self.place = place;
        self
    }

    fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| text.chars().count()).sum()
    }
}

/// The most columns to the right of which no place is moved: a longer row has its own after it.
const FURTHEST: usize = 72;

/// Writes rows as lines, the places in one column.
pub fn write(rows: &[Row], paint: Paint, into: &mut String) {
    let column = rows
        .iter()
        .filter(|row| !row.place.is_empty())
        .map(Row::width)
        .filter(|width| *width <= FURTHEST)
        .max()
        .unwrap_or(0)
        + 3;
    for row in rows {
        let start = into.len();
        for (style, text) in &row.pieces {
            into.push_str(&paint.apply(*style, text));
        }
        if !row.place.is_empty() {
            let gap = column.saturating_sub(row.width()).max(2);
            into.push_str(&" ".repeat(gap));
            into.push_str(&paint.apply(Style::Dim, &row.place));
        }
        let kept = into.trim_end_matches(' ').len().max(start);
        into.truncate(kept);
        into.push('\n');
    }
}

/// Returns the place that decided and, behind it, where the first of the values stands that it was
/// computed with; `explain` and the JSON report have them all.
#[must_use]
pub fn places(places: &[Place]) -> String {
    let shown: Vec<String> = places.iter().take(2).map(place).collect();
    shown.join(" <- ")
}

/// Returns a place; that of a value from outside of the source is its name alone.
fn place(place: &Place) -> String {
    let is_outside = place.file.starts_with("--set ") || place.file.starts_with("SYNCLINE_VAR_");
    if is_outside { place.file.to_string() } else { place.to_string() }
}
