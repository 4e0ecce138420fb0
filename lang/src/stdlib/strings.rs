//! `std.strings`. Positions and lengths count characters (Unicode scalar values), never bytes.

use std::collections::BTreeSet;

use syncline_model::{Str, Value};

use super::Entry;
use super::arguments::{any, count, excerpt, invalid, items, optional_count, text};
use crate::ops::{OpError, check_items, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("upper", |args| Ok(text(args, 0)?.to_uppercase().into())),
    Entry::deep("lower", |args| Ok(text(args, 0)?.to_lowercase().into())),
    Entry::deep("title", title),
    Entry::deep("trim", trim),
    Entry::deep("trim_prefix", |args| {
        let whole = text(args, 0)?;
        Ok(whole.strip_prefix(text(args, 1)?).unwrap_or(whole).into())
    }),
    Entry::deep("trim_suffix", |args| {
        let whole = text(args, 0)?;
        Ok(whole.strip_suffix(text(args, 1)?).unwrap_or(whole).into())
    }),
    Entry::deep("split", split),
    Entry::deep("join", join),
    Entry::deep("lines", |args| {
        check_items(text(args, 0)?.lines().count())?;
        Ok(Value::list(text(args, 0)?.lines().map(Value::from)))
    }),
    Entry::deep("characters", characters),
    Entry::deep("replace", replace),
    Entry::deep("starts_with", |args| Ok(text(args, 0)?.starts_with(text(args, 1)?).into())),
    Entry::deep("ends_with", |args| Ok(text(args, 0)?.ends_with(text(args, 1)?).into())),
    Entry::deep("contains", |args| Ok(text(args, 0)?.contains(text(args, 1)?).into())),
    Entry::deep("length", |args| Ok((text(args, 0)?.chars().count() as i64).into())),
    Entry::deep("substring", substring),
    Entry::deep("pad_left", |args| {
        let padding = padding(args)?;
        Ok((padding + text(args, 0)?).into())
    }),
    Entry::deep("pad_right", |args| {
        let padding = padding(args)?;
        Ok((text(args, 0)?.to_owned() + &padding).into())
    }),
    Entry::deep("repeat", repeat),
    Entry::deep("indent", indent),
    Entry::deep("reverse", |args| Ok(text(args, 0)?.chars().rev().collect::<String>().into())),
];

fn trim(args: &[Value]) -> Result<Value, OpError> {
    let whole = text(args, 0)?;
    if any(args, 1).is_null() {
        return Ok(whole.trim().into());
    }
    let characters: BTreeSet<char> = text(args, 1)?.chars().collect();
    Ok(whole.trim_matches(|own| characters.contains(&own)).into())
}

fn title(args: &[Value]) -> Result<Value, OpError> {
    // An apostrophe is part of a word: `it's`.
    let is_inside = |letter: char| letter.is_alphanumeric() || matches!(letter, '\'' | '\u{2019}');
    Ok(titled(text(args, 0)?, is_inside).into())
}

/// Raises the first letter of each word, as told by which characters a word goes on behind.
pub(super) fn titled(text: &str, is_inside: impl Fn(char) -> bool) -> String {
    let mut titled = String::new();
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            titled.push(letter);
        } else {
            // No word starts with two capital letters: `ß` stays.
            let mut upper = letter.to_uppercase();
            titled.push(upper.next().filter(|_| upper.len() == 0).unwrap_or(letter));
        }
        inside = is_inside(letter);
    }
    titled
}

fn split(args: &[Value]) -> Result<Value, OpError> {
    let (whole, separator) = (text(args, 0)?, text(args, 1)?);
    if separator.is_empty() {
        return Err(invalid(1, "the separator is empty")
            .help("The characters of a text: `std.strings.characters(text)`."));
    }
    check_items(whole.matches(separator).count() + 1)?;
    Ok(Value::list(whole.split(separator).map(Value::from)))
}

fn join(args: &[Value]) -> Result<Value, OpError> {
    let (parts, separator) = (items(args, 0)?, text(args, 1)?);
    let mut joined = Str::new();
    for (at, part) in parts.iter().enumerate() {
        let Value::String(part) = part else {
            return Err(OpError::mismatch(0, "a list of strings", part));
        };
        check_text(joined.len() + separator.len() + part.len())?;
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
    }
    Ok(joined.into())
}

fn characters(args: &[Value]) -> Result<Value, OpError> {
    let whole = text(args, 0)?;
    check_items(whole.chars().count())?;
    let mut buffer = [0; 4];
    Ok(Value::list(
        whole.chars().map(|character| Value::from(&*character.encode_utf8(&mut buffer))),
    ))
}

fn replace(args: &[Value]) -> Result<Value, OpError> {
    let (whole, search, replacement) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    if search.is_empty() {
        return Err(invalid(1, "the text to search for is empty"));
    }
    if replacement.len() > search.len() {
        let growth = replacement.len() - search.len();
        let count = whole.matches(search).count();
        check_text(whole.len().saturating_add(count.saturating_mul(growth)))?;
    }
    Ok(whole.replace(search, replacement).into())
}

fn substring(args: &[Value]) -> Result<Value, OpError> {
    let (whole, start) = (text(args, 0)?, count(args, 1)?);
    let taken = match optional_count(args, 2)? {
        Some(end) => end.saturating_sub(start),
        None => usize::MAX,
    };
    Ok(whole.chars().skip(start).take(taken).collect::<String>().into())
}

/// Returns what brings the text to the width.
fn padding(args: &[Value]) -> Result<String, OpError> {
    let (whole, width, fill) = (text(args, 0)?, count(args, 1)?, text(args, 2)?);
    let mut characters = fill.chars();
    let (Some(fill), None) = (characters.next(), characters.next()) else {
        return Err(invalid(2, "the text to fill with must be one character").detail(format!(
            "the text to fill with must be one character, not {}",
            excerpt(fill)
        )));
    };
    let missing = width.saturating_sub(whole.chars().count());
    check_text(missing.saturating_mul(fill.len_utf8()).saturating_add(whole.len()))?;
    Ok(std::iter::repeat_n(fill, missing).collect())
}

fn repeat(args: &[Value]) -> Result<Value, OpError> {
    let (whole, times) = (text(args, 0)?, count(args, 1)?);
    check_text(whole.len().saturating_mul(times))?;
    // Nothing repeated is nothing, however often.
    Ok(if whole.is_empty() { "".into() } else { whole.repeat(times).into() })
}

fn indent(args: &[Value]) -> Result<Value, OpError> {
    let (whole, spaces) = (text(args, 0)?, count(args, 1)?);
    let lines = whole.split('\n').count();
    check_text(lines.saturating_mul(spaces).saturating_add(whole.len()))
        .map_err(|error| error.at(1))?;
    let margin = " ".repeat(spaces);
    let mut result = String::new();
    for line in whole.split_inclusive('\n') {
        // A line without content stays without trailing spaces.
        if !line.trim_end_matches(['\n', '\r']).is_empty() {
            result.push_str(&margin);
        }
        result.push_str(line);
    }
    Ok(result.into())
}
