//! `std.csv`: RFC 4180, with any one character between fields.

use rustc_hash::FxHashSet;
use syncline_model::{Str, Value};

use super::Entry;
use super::arguments::{excerpt, invalid, items, text};
use super::json::unreadable;
use crate::ops::{OpError, check_items, check_text};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("rows", |args| {
        let rows = read(args)?.into_iter();
        Ok(Value::list(rows.map(|row| Value::list(row.into_iter().map(Value::from)))))
    }),
    Entry::deep("decode", decode),
    Entry::deep("encode", encode),
];

fn separator(args: &[Value], at: usize) -> Result<char, OpError> {
    let text = text(args, at)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) if one != '"' && one != '\n' && one != '\r' => Ok(one),
        _ => Err(invalid(at, "the separator must be one character")
            .detail(format!("the separator must be one character, not {}", excerpt(text)))),
    }
}

/// Reads all rows; an empty line is none, and a byte order mark is no part of the text.
fn read(args: &[Value]) -> Result<Vec<Vec<String>>, OpError> {
    let (text, separator) = (text(args, 0)?, separator(args, 1)?);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut was_quoted = false;
    let mut line = 1;
    let mut fields = 0;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '"' && field.is_empty() && !was_quoted {
            was_quoted = true;
            let start = line;
            loop {
                match rest.next() {
                    Some('"') if rest.peek() == Some(&'"') => {
                        rest.next();
                        field.push('"');
                    }
                    Some('"') => break,
                    Some(other) => {
                        line += usize::from(other == '\n');
                        field.push(other);
                    }
                    None => return Err(unreadable("CSV", start, 1, "a quote is not closed")),
                }
            }
        } else if character == separator {
            row.push(std::mem::take(&mut field));
            was_quoted = false;
            fields += 1;
            check_items(fields)?;
        } else if character == '\n' || character == '\r' && rest.peek() == Some(&'\n') {
            if character == '\r' {
                rest.next();
            }
            line += 1;
            if !(row.is_empty() && field.is_empty() && !was_quoted) {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
                check_items(rows.len())?;
            }
            was_quoted = false;
        } else if was_quoted {
            return Err(unreadable("CSV", line, 1, "text stands behind a closing quote"));
        } else {
            field.push(character);
        }
    }
    if !(row.is_empty() && field.is_empty() && !was_quoted) {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

fn decode(args: &[Value]) -> Result<Value, OpError> {
    let mut rows = read(args)?.into_iter();
    let Some(names) = rows.next() else { return Ok(Value::list([])) };
    let names: Vec<Str> = names.into_iter().map(Str::from).collect();
    let mut seen = FxHashSet::default();
    if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
        let problem = format!("the first row has the column `{twice}` twice");
        return Err(unreadable("CSV", 1, 1, &problem));
    }
    let mut made = Vec::new();
    for (at, row) in rows.enumerate() {
        if row.len() != names.len() {
            let problem = format!("it has {} fields, and the first row {}", row.len(), names.len());
            return Err(unreadable("CSV", at + 2, 1, &problem));
        }
        let fields = row.into_iter().map(Value::from);
        made.push(Value::map(names.iter().cloned().zip(fields)));
    }
    Ok(Value::list(made))
}

fn encode(args: &[Value]) -> Result<Value, OpError> {
    let separator = separator(args, 1)?;
    let mut made = String::new();
    for row in items(args, 0)? {
        let row = row.as_items().unwrap_or_default();
        for (at, field) in row.iter().enumerate() {
            let text = field.as_str().unwrap_or_default();
            if at > 0 {
                made.push(separator);
            }
            // An empty line is no row, so a field that is all of one has to show.
            let quotes =
                text.contains([separator, '"', '\n', '\r']) || text.is_empty() && row.len() == 1;
            if quotes {
                made.push('"');
                made.push_str(&text.replace('"', "\"\""));
                made.push('"');
            } else {
                made.push_str(text);
            }
            check_text(made.len())?;
        }
        made.push('\n');
    }
    Ok(made.into())
}
