//! Patterns of dates.
//!
//! Takes the pattern that `formatdate` has and returns that of `strftime`. Moments are in UTC here: where
//! Terraform writes the zone of the moment, that is written.

/// Letters of Terraform's patterns and of `strftime`.
const LETTERS: &[(&str, &str)] = &[
    ("YYYY", "%Y"),
    ("YY", "%y"),
    ("MMMM", "%B"),
    ("MMM", "%b"),
    ("MM", "%m"),
    ("M", "%-m"),
    ("DD", "%d"),
    ("D", "%-d"),
    ("EEEE", "%A"),
    ("EEE", "%a"),
    ("hh", "%H"),
    ("h", "%-H"),
    ("HH", "%I"),
    ("H", "%-I"),
    ("AA", "%p"),
    ("aa", "%P"),
    ("mm", "%M"),
    ("m", "%-M"),
    ("ss", "%S"),
    ("s", "%-S"),
    ("ZZZZZ", "+00:00"),
    ("ZZZZ", "+0000"),
    ("ZZZ", "UTC"),
    ("Z", "Z"),
];

/// Returns a pattern of `strftime`; nothing where a letter has no counterpart.
#[must_use]
pub fn strftime(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (inner, after) = quoted.split_once('\'')?;
            text.push_str(&if inner.is_empty() {
                "'".to_owned()
            } else {
                inner.replace('%', "%%")
            });
            rest = after;
            continue;
        }
        let length = rest.find(|letter| letter != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        rest = after;
        if first.is_ascii_alphabetic() {
            let (_, own) = LETTERS.iter().find(|(own, _)| *own == run)?;
            text.push_str(own);
        } else {
            text.push_str(&run.replace('%', "%%"));
        }
    }
    Some(text)
}
