//! Terraform's `formatdate` and `timeadd`: a moment in the zone that it is written in.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
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
    let (pattern, (moment, offset)) = (text(args, 0)?, moment(args, 1)?);
    let unfit = |why: String| {
        invalid(0, "the pattern is not understood")
            .detail(format!("the pattern {} is not understood: {why}", excerpt(pattern)))
    };
    let pattern = strftime(pattern, offset).map_err(unfit)?;
    let formatted = jiff::fmt::strtime::format(pattern, &zoned(moment, offset));
    formatted.map(Value::from).map_err(|error| unfit(error.to_string()))
}

pub(super) fn add(args: &[Value]) -> Result<Value, OpError> {
    let ((moment, offset), duration) = (moment(args, 0)?, text(args, 1)?);
    let nanoseconds = nanoseconds(duration).ok_or_else(|| {
        invalid(1, "the text is no duration")
            .detail(format!("{} is no duration", excerpt(duration)))
            .help("Write it with units: `1h30m`, `-1.5h`, `250ms`. They are `h`, `m`, `s`, `ms`, `us` and `ns`.")
    })?;
    let later = moment.as_nanosecond() + i128::from(nanoseconds);
    let later = Timestamp::from_nanosecond(later)
        .map_err(|_| invalid(1, "the moment is out of the years -9999 to 9999"))?;
    let zone = if offset == Offset::UTC { "Z" } else { "%:z" };
    let formatted = zoned(later, offset).strftime(&format!("%Y-%m-%dT%H:%M:%S{zone}")).to_string();
    Ok(formatted.into())
}

fn zoned(moment: Timestamp, offset: Offset) -> Zoned {
    moment.to_zoned(TimeZone::fixed(offset))
}

/// Returns an argument that is a moment, and the offset that it is written with.
fn moment(args: &[Value], at: usize) -> Result<(Timestamp, Offset), OpError> {
    let written = text(args, at)?;
    let moment = || Some((written.parse::<Timestamp>().ok()?, offset(written)?));
    moment().ok_or_else(|| {
        invalid(at, "the text is no RFC 3339 moment")
            .detail(format!("{} is no RFC 3339 moment", excerpt(written)))
    })
}

/// Units of Go's durations in nanoseconds; one that another one starts with is behind it.
const UNITS: &[(&str, i128)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration as Go does: a sign, then numbers with units in any order.
fn nanoseconds(written: &str) -> Option<i64> {
    let unsigned = written.strip_prefix(['-', '+']).unwrap_or(written);
    if unsigned.is_empty() {
        return None;
    }
    let mut rest = if unsigned == "0" { "" } else { unsigned };
    let mut sum = 0_i128;
    while !rest.is_empty() {
        let end = rest.find(|own: char| !own.is_ascii_digit() && own != '.')?;
        let (number, behind) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (unit, size) = UNITS.iter().find(|(unit, _)| behind.starts_with(unit))?;
        rest = &behind[unit.len()..];
        let whole = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
        sum += i128::from(whole) * size + part(fraction, *size)?;
    }
    i64::try_from(if written.starts_with('-') { -sum } else { sum }).ok()
}

/// Returns a fraction of a unit in whole nanoseconds; digits that cannot matter are left out.
fn part(fraction: &str, size: i128) -> Option<i128> {
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = &fraction[..fraction.len().min(18)];
    let scale = 10_i128.pow(digits.len() as u32);
    Some(if digits.is_empty() { 0 } else { digits.parse::<i128>().ok()? * size / scale })
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
        if let Some(after) = rest.strip_prefix("''") {
            text.push('\'');
            rest = after;
            continue;
        }
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
