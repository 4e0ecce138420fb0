//! What is wrong, where, why, and the way out.
//!
//! A [`Diagnostic`] is plain data that knows nothing of terminals; the command line renders it.
//! Every user mistake becomes one, with a stable [`Code`]; stages collect them and go on.

use crate::{Span, Str};

/// A stable diagnostic code with its constant summary, such as `E0201`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `E` for errors or `W` for warnings, then four digits.
    pub id: &'static str,
    /// What is wrong, in a few words, without the particulars.
    pub summary: &'static str,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The command fails.
    Error,
    /// The command goes on.
    Warning,
}

/// A marked piece of source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
}

/// A mend that a tool may apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// By what.
    pub replacement: String,
    /// It is what was meant beyond doubt, so that a tool may apply it without asking; else it is a
    /// guess, such as the nearest name.
    pub certain: bool,
}

/// One message for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, with the particulars, in one sentence without a full stop.
    pub message: String,
    /// The places, the primary one first. Empty when no source is to blame.
    pub labels: Vec<Label>,
    /// Why it is wrong: full sentences, one an entry.
    pub notes: Vec<String>,
    /// The way out: full sentences.
    pub help: Option<String>,
    /// Mends that are certain enough to be offered; they belong together.
    pub suggestions: Vec<Suggestion>,
}

impl Diagnostic {
    /// Returns an error without labels.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            suggestions: Vec::new(),
        }
    }

    /// Returns a warning without labels.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds a label; the first one added is the primary one.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Sets the way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Takes out whatever may quote the source: the code, its summary and the places are left.
    pub fn conceal(&mut self) {
        self.code.summary.clone_into(&mut self.message);
        self.notes = vec!["The text is not shown, since it may hold a secret.".to_owned()];
        self.help = None;
        self.suggestions.clear();
        for label in &mut self.labels {
            label.text.clear();
        }
    }

    /// Adds a mend that is a guess: it is offered, and applied only when someone says so.
    #[must_use]
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.suggestions.push(Suggestion { span, replacement: replacement.into(), certain: false });
        self
    }

    /// Adds a mend that is beyond doubt: `syncline fix` applies it.
    #[must_use]
    pub fn mend(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.suggestions.push(Suggestion { span, replacement: replacement.into(), certain: true });
        self
    }

    /// Makes guesses of its mends.
    pub fn doubt(&mut self) {
        self.suggestions.iter_mut().for_each(|own| own.certain = false);
    }

    /// Tells whether there are mends and all of them are beyond doubt.
    #[must_use]
    pub fn is_mendable(&self) -> bool {
        !self.suggestions.is_empty() && self.suggestions.iter().all(|own| own.certain)
    }

    /// Returns the primary place.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// Tells whether the command must fail.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Returns the candidate nearest to `name` by edit distance, for "did you mean".
///
/// Nothing returns when even the nearest needs more edits than a third of the name's length
/// (at least one, at most three), so that a guess is never far-fetched.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_counted(name, candidates, &mut 0)
}

/// Returns what [`nearest`] does, and adds to `work` how much was done for it: about 10 nanoseconds each.
#[must_use]
pub fn nearest_counted<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    work: &mut usize,
) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).clamp(1, 3);
    let mut letters = Vec::new();
    fold(name, &mut letters);
    let wanted = letters_of(&letters);
    let (mut own, mut rows) = (Vec::new(), Vec::new());
    let mut found: Option<(usize, &str)> = None;
    for candidate in candidates {
        *work += 1;
        let is_ascii = candidate.is_ascii();
        let length = if is_ascii { candidate.len().min(LONGEST) } else { letters.len() };
        if candidate == name
            || candidate.len().abs_diff(name.len()) > limit * 4
            || length.abs_diff(letters.len()) > limit
        {
            continue;
        }
        // Each letter that only one of them has takes an edit.
        let most = found.map_or(limit, |(edits, _)| edits);
        let set = if is_ascii { letters_of_ascii(candidate) } else { u64::MAX };
        if (wanted & !set).count_ones() as usize > most
            || is_ascii && (set & !wanted).count_ones() as usize > most
        {
            continue;
        }
        fold(candidate, &mut own);
        let Some(edits) = distance((&letters, &own), most, &mut rows, work) else { continue };
        if found.is_none_or(|best| (edits, candidate) < best) {
            found = Some((edits, candidate));
        }
    }
    found.map(|(_, candidate)| candidate)
}

/// How many letters of a text count.
const LONGEST: usize = 64;

/// Puts the letters of which distances are made into `into`: letter case counts for nothing, nor does the
/// end of a very long text.
fn fold(text: &str, into: &mut Vec<char>) {
    into.clear();
    if text.is_ascii() {
        into.extend(text.bytes().take(LONGEST).map(|byte| char::from(byte.to_ascii_lowercase())));
    } else {
        into.extend(text.to_lowercase().chars().take(LONGEST));
    }
}

/// Returns a set of 64 kinds of letters: what is not in it is not among the letters.
fn letters_of(letters: &[char]) -> u64 {
    letters.iter().fold(0, |set, letter| set | 1 << (u32::from(*letter) % 64))
}

/// The same for the letters that [`fold`] makes of a text of ASCII.
fn letters_of_ascii(text: &str) -> u64 {
    let letters = text.bytes().take(LONGEST);
    letters.fold(0, |set, letter| set | 1 << (letter.to_ascii_lowercase() % 64))
}

/// The optimal string alignment distance: insertions, deletions, substitutions and swaps of two
/// neighbours, each one edit; nothing where it is more than `most`. Only what is so near to the diagonal
/// is looked at. `rows` is room that is used again.
fn distance(
    (left, right): (&[char], &[char]),
    most: usize,
    rows: &mut Vec<u8>,
    work: &mut usize,
) -> Option<usize> {
    /// More than any distance.
    const FAR: u8 = 200;
    if left.len().abs_diff(right.len()) > most {
        return None;
    }
    let width = right.len() + 1;
    rows.clear();
    rows.resize(width * (left.len() + 1), FAR);
    for (column, first) in rows.iter_mut().enumerate().take(most.min(right.len()) + 1) {
        *first = column as u8;
    }
    let mut before = 0;
    for i in 1..=left.len() {
        let (above, row) = ((i - 1) * width, i * width);
        let mut least = FAR;
        if i <= most {
            rows[row] = i as u8;
            least = i as u8;
        }
        let columns = i.saturating_sub(most).max(1)..=(i + most).min(right.len());
        *work += 1 + columns.clone().count() / 4;
        for j in columns {
            let substitution = rows[above + j - 1] + u8::from(left[i - 1] != right[j - 1]);
            let mut best = substitution.min(rows[above + j] + 1).min(rows[row + j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[above - width + j - 2] + 1);
            }
            rows[row + j] = best;
            least = least.min(best);
        }
        // A swap goes over one row, and over two there is no way.
        if usize::from(least.min(before)) > most {
            return None;
        }
        before = least;
    }
    let edits = usize::from(rows[left.len() * width + right.len()]);
    (edits <= most).then_some(edits)
}

/// Returns what an error of the world says, and what the errors behind it add to that.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Returns the error for a cycle.
///
/// `edges` is the ordered path: each entry is who refers, and where, to the next entry's name; the
/// last one refers to the first. Every edge gets a label with its place, and the help names the
/// edge that was written last in the source, since the newest reference is the likeliest to have
/// closed the circle.
#[must_use]
pub fn cycle(code: Code, edges: &[(Str, Option<Span>)]) -> Diagnostic {
    let next = |index: usize| &edges[(index + 1) % edges.len()].0;
    let names: Vec<&str> = edges.iter().map(|(name, _)| name.as_str()).collect();
    let path = match (names.as_slice(), names.first()) {
        ([only], _) => format!("`{only}` refers to itself"),
        (_, Some(first)) => format!("`{}` -> `{first}`", names.join("` -> `")),
        (_, None) => String::new(),
    };
    let mut diagnostic = Diagnostic::error(code, format!("{}: {path}", code.summary));
    for (index, (name, span)) in edges.iter().enumerate() {
        if let Some(span) = span {
            let text = format!("{}. `{name}` needs `{}`", index + 1, next(index));
            diagnostic = diagnostic.label(*span, text);
        }
    }
    let cut = edges.iter().enumerate().filter_map(|(index, edge)| Some((edge.1?, index))).max();
    match cut {
        Some((_, index)) => diagnostic.help(format!(
            "Cut one edge; the likeliest is number {}, from `{}` to `{}`: move the shared value into \
             a `let` or a `param` that both can use.",
            index + 1,
            edges[index].0,
            next(index)
        )),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typos_and_no_strangers() {
        assert_eq!(nearest("replcias", ["replicas", "region"]), Some("replicas"));
        assert_eq!(nearest("regoin", ["replicas", "region"]), Some("region"));
        assert_eq!(nearest("zone", ["replicas", "region"]), None);
        assert_eq!(nearest("a", ["b"]), Some("b"));
        assert_eq!(nearest("bcd", ["bce", "abcd", "bdc"]), Some("abcd"));
        assert_eq!(nearest("STRASSE", ["straße", "strasse"]), Some("strasse"));
        assert_eq!(nearest("größe", ["groesse", "große"]), Some("große"));
    }

    /// The distance by its definition, over all of both texts.
    fn defined(left: &str, right: &str) -> usize {
        let letters = |text: &str| text.to_lowercase().chars().take(LONGEST).collect::<Vec<_>>();
        let (left, right) = (letters(left), letters(right));
        let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
        for i in 0..=left.len() {
            for j in 0..=right.len() {
                rows[i][j] = if i == 0 || j == 0 {
                    i.max(j)
                } else {
                    let differs = usize::from(left[i - 1] != right[j - 1]);
                    let plain = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    let best = plain.min(rows[i - 1][j - 1] + differs);
                    let swaps = i > 1
                        && j > 1
                        && left[i - 1] == right[j - 2]
                        && left[i - 2] == right[j - 1];
                    if swaps { best.min(rows[i - 2][j - 2] + 1) } else { best }
                };
            }
        }
        rows[left.len()][right.len()]
    }

    #[test]
    fn nearest_is_what_the_definition_says() {
        let mut state = 0x9e37_79b9_u64;
        let mut word = || {
            let mut next = || {
                // xorshift64
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            };
            let length = 1 + next() % 9;
            (0..length)
                .map(|_| ['a', 'B', 'b', 'c', 'ä'][(next() % 5) as usize])
                .collect::<String>()
        };
        for _ in 0..2_000 {
            let name = word();
            let all: Vec<String> = (0..8).map(|_| word()).collect();
            let limit = (name.chars().count() / 3).clamp(1, 3);
            let fits = |own: &&String| **own != name && own.len().abs_diff(name.len()) <= limit * 4;
            let near = all.iter().filter(fits).map(|own| (defined(&name, own), own.as_str()));
            let expected = near.filter(|(edits, _)| *edits <= limit).min().map(|(_, own)| own);
            assert_eq!(nearest(&name, all.iter().map(String::as_str)), expected, "{name} {all:?}");
        }
    }
}
