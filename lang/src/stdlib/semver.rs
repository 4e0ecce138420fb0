//! `std.semver`: semantic versions 2.0.0, and constraints on them.

use std::cmp::Ordering;

use syncline_model::{Number, Value};

use super::Entry;
use super::arguments::{excerpt, invalid, items, text};
use crate::ops::OpError;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("parse", |args| {
        let version = argument(args, 0)?;
        let [major, minor, patch] = version.numbers.clone().map(Value::from);
        let (pre, build) = (Value::from(version.pre), Value::from(version.build));
        let fields =
            [("major", major), ("minor", minor), ("patch", patch), ("pre", pre), ("build", build)];
        Ok(Value::map(fields))
    }),
    Entry::deep("compare", |args| {
        let order = argument(args, 0)?.compare(&argument(args, 1)?);
        Ok((order as i64).into())
    }),
    Entry::deep("matches", matches),
    Entry::deep("sort", |args| {
        let list = items(args, 0)?;
        let mut versions = Vec::with_capacity(list.len());
        for item in list {
            let text = item.as_str().unwrap_or_default();
            versions.push((read(text).ok_or_else(|| malformed(0, text))?, item.clone()));
        }
        versions.sort_by(|left, right| left.0.compare(&right.0));
        Ok(Value::list(versions.into_iter().map(|(_, item)| item)))
    }),
];

/// A version.
#[derive(Clone)]
struct Version<'t> {
    numbers: [Number; 3],
    /// How many of the numbers were written.
    written: usize,
    pre: &'t str,
    build: &'t str,
}

impl Version<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| compare_pre(self.pre, other.pre))
    }
}

fn argument(args: &[Value], at: usize) -> Result<Version<'_>, OpError> {
    let text = text(args, at)?;
    let version = read(text).filter(|version| version.written == 3);
    version.ok_or_else(|| malformed(at, text))
}

fn malformed(at: usize, text: &str) -> OpError {
    invalid(at, "the text is no semantic version")
        .detail(format!("{} is no semantic version", excerpt(text)))
        .help("Write `1.2.3`, perhaps with `-rc.1` or `+build` behind it.")
}

/// Reads a version with one to three numbers.
fn read(text: &str) -> Option<Version<'_>> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').unwrap_or((text, ""));
    let (core, pre) = text.split_once('-').unwrap_or((text, ""));
    let mut numbers = [Number::ZERO, Number::ZERO, Number::ZERO];
    let mut written = 0;
    for part in core.split('.') {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let place = numbers.get_mut(written).filter(|_| digits && part.len() <= 20)?;
        *place = Number::parse(part).ok()?;
        written += 1;
    }
    let fits =
        |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    (fits(pre) && fits(build)).then_some(Version { numbers, written, pre, build })
}

/// A version before its release is older than the release.
fn compare_pre(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let (left, right) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => (left, right),
        };
        let number = |part: &str| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| Number::parse(part).ok()).flatten()
        };
        let order = match (number(left), number(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn matches(args: &[Value]) -> Result<Value, OpError> {
    let version = argument(args, 0)?;
    let constraint = text(args, 1)?;
    let mut fits = true;
    let mut names_release = version.pre.is_empty();
    for part in constraint.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let length = part.find(|c: char| !matches!(c, '=' | '!' | '<' | '>' | '~' | '^'));
        let (operator, wanted) = part.split_at(length.unwrap_or(part.len()));
        let wanted = read(wanted).ok_or_else(|| malformed(1, part))?;
        names_release |= !wanted.pre.is_empty() && wanted.numbers == version.numbers;
        let order = version.compare(&wanted);
        fits &= match operator {
            "" | "=" | "==" => order == Ordering::Equal,
            "!=" => order != Ordering::Equal,
            ">" => order == Ordering::Greater,
            ">=" => order != Ordering::Less,
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            // `~> 1.4` keeps the first number, `~> 1.4.2` the first two; `^` up to the first not 0.
            "~>" => order != Ordering::Less && keeps(&version, &wanted, wanted.written.max(2) - 1),
            "^" => {
                let first = wanted.numbers.iter().position(|number| !number.is_zero());
                order != Ordering::Less && keeps(&version, &wanted, first.unwrap_or(2) + 1)
            }
            _ => return Err(malformed(1, part)),
        };
    }
    Ok((fits && names_release).into())
}

fn keeps(version: &Version<'_>, wanted: &Version<'_>, count: usize) -> bool {
    version.numbers[..count.min(3)] == wanted.numbers[..count.min(3)]
}
