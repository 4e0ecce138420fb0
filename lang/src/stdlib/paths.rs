//! `std.paths`: paths as text.

use syncline_model::Value;

use super::Entry;
use super::arguments::text;
use crate::ops::{OpError, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("clean", |args| Ok(clean(text(args, 0)?).into())),
    Entry::deep("join", join),
    Entry::deep("base", |args| Ok(base(text(args, 0)?).into())),
    Entry::deep("directory", |args| {
        let path = text(args, 0)?.trim_end_matches('/');
        Ok(match path.rsplit_once('/') {
            Some(("", _)) => "/".into(),
            Some((directory, _)) => clean(directory).into(),
            None if path.is_empty() && !text(args, 0)?.is_empty() => "/".into(),
            None => ".".into(),
        })
    }),
    Entry::deep("extension", |args| {
        let base = base(text(args, 0)?);
        let at = base.rfind('.').filter(|at| *at > 0);
        Ok(at.map_or("", |at| &base[at..]).into())
    }),
];

fn base(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').map_or(path, |(_, base)| base)
}

fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn join(parts: &[Value]) -> Result<Value, OpError> {
    let mut joined = String::new();
    for at in 0..parts.len() {
        let part = text(parts, at)?;
        check_text(joined.len() + part.len() + 1)?;
        if part.starts_with('/') {
            joined.clear();
        } else if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(part);
    }
    Ok(clean(&joined).into())
}
