//! Terraform's `formatdate`: a moment in the zone that it is written in.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use syncline_model::Value;

use super::super::arguments::{excerpt, invalid, text};
use crate::ops::OpError;

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
    ("ZZZZZ", "%:z"),
    ("ZZZZ", "%z"),
];

pub(super) fn format(args: &[Value]) -> Result<Value, OpError> {
    let (pattern, written) = (text(args, 0)?, text(args, 1)?);
    let moment = || Some((written.parse::<Timestamp>().ok()?, offset(written)?));
    let (moment, offset) = moment().ok_or_else(|| {
        invalid(1, "the text is no RFC 3339 moment")
            .detail(format!("{} is no RFC 3339 moment", excerpt(written)))
    })?;
    let unfit = |why: String| {
        invalid(0, "the pattern is not understood")
            .detail(format!("the pattern {} is not understood: {why}", excerpt(pattern)))
    };
    let pattern = strftime(pattern, offset).map_err(unfit)?;
    let zoned = moment.to_zoned(TimeZone::fixed(offset));
    let formatted = jiff::fmt::strtime::format(pattern, &zoned);
    formatted.map(Value::from).map_err(|error| unfit(error.to_string()))
}

/// Returns the offset that a moment is written with.
fn offset(written: &str) -> Option<Offset> {
    if written.ends_with(['Z', 'z']) {
        return Some(Offset::UTC);
    }
    let (_, zone) = written.split_at_checked(written.len().checked_sub(6)?)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = 3600 * hours.parse::<i32>().ok()? + 60 * minutes.parse::<i32>().ok()?;
    Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).ok()
}

/// Returns a pattern of `strftime`.
fn strftime(pattern: &str, offset: Offset) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            rest = literal(quoted, &mut text).ok_or("a quote is not closed")?;
            continue;
        }
        let length = rest.find(|letter| letter != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        rest = after;
        if first.is_ascii_alphabetic() {
            let known = || LETTERS.iter().find(|(own, _)| *own == run).map(|(_, own)| *own);
            text.push_str(match run {
                "Z" if offset == Offset::UTC => "Z",
                "ZZZ" if offset == Offset::UTC => "UTC",
                "Z" => "%:z",
                "ZZZ" => "%z",
                _ => known().ok_or_else(|| format!("`{run}` stands for nothing"))?,
            });
        } else {
            text.push_str(&run.replace('%', "%%"));
        }
    }
    Ok(text)
}

/// Adds what stands between quotes, in which two are one; returns what is behind them.
fn literal<'t>(mut rest: &'t str, into: &mut String) -> Option<&'t str> {
    loop {
        let (inner, after) = rest.split_once('\'')?;
        into.push_str(&inner.replace('%', "%%"));
        match after.strip_prefix('\'') {
            Some(more) => {
                into.push('\'');
                rest = more;
            }
            None => return Some(after),
        }
    }
}
