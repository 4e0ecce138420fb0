//! `std.regex`: matching in time linear in the text, by the size of the pattern.
//!
//! Patterns compile to a bounded number of states, and texts are bounded, so that the worst pattern on
//! the worst text takes well under a second.

use regex_lite::{Captures, Match, Regex, RegexBuilder};
use syncline_model::{Str, Value};

use super::Entry;
use super::arguments::{excerpt, invalid, text};
use crate::ops::{ErrorKind, OpError, check_items};

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 1000;
/// The largest compiled pattern, in bytes.
const MAX_PROGRAM: usize = 32 << 10;
/// The longest text, in bytes.
const MAX_TEXT: usize = 256 << 10;
/// How many bytes all searches of a call may start before: each match starts a search anew.
const MAX_AHEAD: usize = 48 << 20;

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("matches", |args| Ok(compile(args)?.is_match(subject(args)?).into())),
    Entry::deep("find", |args| {
        let found = compile(args)?.find(subject(args)?).map(|found| Value::from(found.as_str()));
        Ok(found.unwrap_or_default())
    }),
    Entry::deep("find_all", |args| {
        let (regex, text) = (compile(args)?, subject(args)?);
        let found = searches(&regex, text)?;
        Ok(Value::list(found.into_iter().map(|(start, end)| Value::from(&text[start..end]))))
    }),
    Entry::deep("groups", groups),
    Entry::deep("get", get),
    Entry::deep("get_all", |args| {
        let (regex, text) = (compile(args)?, subject(args)?);
        let count = searches(&regex, text)?.len();
        // Finding groups looks at a match a second time.
        check_items(count.saturating_mul(regex.captures_len()))?;
        let found = regex.captures_iter(text).map(|found| captured(&regex, &found));
        Ok(Value::list(found.collect::<Result<Vec<_>, _>>()?))
    }),
    Entry::deep("replace", |args| {
        let (regex, text) = (compile(args)?, subject(args)?);
        searches(&regex, text)?;
        let replacement = super::arguments::text(args, 2)?;
        check_groups(&regex, replacement)?;
        crate::ops::check_text(text.len().saturating_mul(replacement.len() + 1) / 8)?;
        Ok(regex.replace_all(text, replacement).into_owned().into())
    }),
    Entry::deep("split", |args| {
        let (regex, text) = (compile(args)?, subject(args)?);
        let mut parts = Vec::new();
        let mut last = 0;
        for (start, end) in searches(&regex, text)? {
            parts.push(Value::from(&text[last..start]));
            last = end;
        }
        parts.push(Value::from(&text[last..]));
        Ok(Value::list(parts))
    }),
    Entry::deep("escape", |args| Ok(regex_lite::escape(text(args, 0)?).into())),
];

fn compile(args: &[Value]) -> Result<Regex, OpError> {
    let pattern = text(args, 1)?;
    if pattern.len() > MAX_PATTERN {
        let message = format!("the pattern has more than {MAX_PATTERN} bytes");
        return Err(OpError::new(ErrorKind::TooLarge, message).at(1));
    }
    RegexBuilder::new(pattern).size_limit(MAX_PROGRAM).nest_limit(50).build().map_err(|error| {
        invalid(1, "the pattern is no regular expression")
            .detail(format!("the pattern is no regular expression: {error}"))
    })
}

/// Refuses a replacement with groups that the pattern does not have, which would be no text at all.
fn check_groups(regex: &Regex, replacement: &str) -> Result<(), OpError> {
    let has_it = |name: &str| match name.parse::<usize>() {
        Ok(number) => number < regex.captures_len(),
        Err(_) => regex.capture_names().flatten().any(|own| own == name),
    };
    let mut rest = replacement;
    while let Some((_, behind)) = rest.split_once('$') {
        let braced = behind.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = behind.find(|c| !is_word(c)).unwrap_or(behind.len());
        let (name, after) = match braced {
            Some((name, after)) => (name, after),
            None if behind.starts_with('$') => ("", &behind[1..]),
            None => behind.split_at(end),
        };
        rest = after;
        if !name.is_empty() && !has_it(name) {
            return Err(invalid(2, "the replacement names a group that the pattern does not have")
                .detail(format!("the pattern has no group `{name}`"))
                .help("A name goes on as far as it can: write `\\${1}x`. A `$` itself is `$$`."));
        }
    }
    Ok(())
}

fn subject(args: &[Value]) -> Result<&str, OpError> {
    let text = text(args, 0)?;
    if text.len() > MAX_TEXT {
        let message = format!("the text has more than {} KiB", MAX_TEXT >> 10);
        return Err(OpError::new(ErrorKind::TooLarge, message).at(0));
    }
    Ok(text)
}

/// Returns where every match is; each search may look at all that is left of the text.
fn searches(regex: &Regex, text: &str) -> Result<Vec<(usize, usize)>, OpError> {
    let mut ahead = 0_usize;
    let mut found = Vec::new();
    for one in regex.find_iter(text) {
        ahead += text.len() - one.start();
        if ahead > MAX_AHEAD {
            let message = "the text has too many matches to go through";
            return Err(OpError::new(ErrorKind::TooLarge, message).at(0));
        }
        found.push((one.start(), one.end()));
    }
    Ok(found)
}

fn get(args: &[Value]) -> Result<Value, OpError> {
    let regex = compile(args)?;
    match regex.captures(subject(args)?) {
        Some(found) => captured(&regex, &found),
        None => Err(invalid(0, "nothing in the text matches the pattern")
            .detail(format!("nothing in {} matches the pattern", excerpt(text(args, 0)?)))
            .help("Where that may be, ask `std.regex.find` or `groups`, which give null then.")),
    }
}

/// Returns a match, or its groups where the pattern has some.
fn captured(regex: &Regex, found: &Captures<'_>) -> Result<Value, OpError> {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let parts = found.iter().skip(1).map(part);
    if names.is_empty() {
        return Ok(part(found.get(0)));
    }
    let named: Option<Vec<&str>> = names.iter().copied().collect();
    match named {
        Some(names) => Ok(Value::map(names.into_iter().zip(parts))),
        None if names.iter().all(Option::is_none) => Ok(Value::list(parts)),
        None => Err(invalid(1, "some groups of the pattern have a name, and some have none")
            .help("Name all of them, `(?<name>...)`; `(?:...)` is no group.")),
    }
}

fn part(found: Option<Match<'_>>) -> Value {
    found.map_or(Value::Null, |found| Value::from(found.as_str()))
}

fn groups(args: &[Value]) -> Result<Value, OpError> {
    let regex = compile(args)?;
    let Some(captures) = regex.captures(subject(args)?) else { return Ok(Value::Null) };
    let mut entries: Vec<(Str, Value)> = Vec::new();
    for (at, name) in regex.capture_names().enumerate() {
        entries.push((at.to_string().into(), part(captures.get(at))));
        entries.extend(name.map(|name| (name.into(), part(captures.get(at)))));
    }
    Ok(Value::map(entries))
}
